"""Words that the generated people, companies and deals are named with: common Persian ones, with and without ZWNJ."""

from __future__ import annotations

from typing import Final

GIVEN: Final = tuple(
    "علی محمد حسین رضا مهدی امیر حمید سعید مجید بهرام کیوان شهرام فرهاد کاوه سیاوش آرش بابک پژمان ایمان هومن "
    "زهرا فاطمه مریم سارا نرگس لیلا شیرین مینا نازنین پریسا الهام سمیرا مهناز نگار یاسمن رویا ترانه شکوفه هانیه کتایون "
    "علی‌رضا محمدرضا امیرحسین علی‌اکبر محمدعلی غلام‌رضا حمیدرضا مهرداد فریدون نادر پروین ژاله گلناز آیدا ژیلا".split()
)
FAMILY_ROOTS: Final = tuple(
    "احمد محمد حسین کریم رحیم صادق موسو اکبر جعفر قاسم هاشم نجف شریف کاظم رستم بهرام نادر کیان یوسف ابراهیم "
    "مراد صالح طاهر امین سلطان میرزا حیدر عباس جمشید فرهاد یزدان مهر آذر فرخ روشن نیک پاک زرین شهباز توکل "
    "ملک سپهر کوه دریا بهار گل سرو شاه جهان خسرو داریوش اردشیر شاپور کاوه آرش تیمور منصور مظفر فتح نصرت".split()
)
FAMILY_ENDINGS: Final = (
    "ی",
    "یان",
    "پور",
    "زاده",
    "‌نژاد",
    "‌فر",
    "‌نیا",
    "یان‌فر",
    "ی‌نسب",
    "‌دوست",
    "‌منش",
    "‌تبار",
)
COMPANY_KINDS: Final = (
    "شرکت",
    "گروه صنعتی",
    "بازرگانی",
    "مهندسین مشاور",
    "تولیدی",
    "فن‌آوری",
    "پخش",
    "کارخانه",
)
COMPANY_ROOTS: Final = tuple(
    "پارس ایران البرز دماوند سپاهان آریا کاسپین زاگرس خزر مهر آفتاب سپید نور امید پیشرو پگاه رایان نوین ساحل کویر "
    "فولاد سیمان نفت کاشی لوله کابل ترانس خودرو قطعه‌سازی نساجی".split()
)
COMPANY_ENDINGS: Final = (
    "گستر",
    "سازان",
    "پویا",
    "تجارت",
    "صنعت",
    "کیش",
    "تدبیر",
    "آوران",
    "نگین",
    "شرق",
    "غرب",
    "جنوب",
)
CITIES: Final = tuple(
    "تهران مشهد اصفهان شیراز تبریز کرج اهواز قم کرمان یزد رشت همدان ارومیه بندرعباس کاشان".split()
)
JOBS: Final = (
    "مدیرعامل",
    "مدیر خرید",
    "کارشناس فنی",
    "مسئول دفتر",
    "حسابدار",
    "مدیر پروژه",
    "بازرس",
    "انباردار",
)
DEALS: Final = (
    "فروش کاشی نما",
    "تجهیز انبار",
    "قرارداد سالانهٔ پشتیبانی",
    "خرید رایانه",
    "بازسازی دفتر",
    "تأمین قطعه",
    "نوسازی خط تولید",
)
STAGES: Final = (
    "تماس نخست",
    "نیازسنجی",
    "بازدید",
    "برآورد",
    "پیشنهاد قیمت",
    "مذاکره",
    "بازنگری",
    "قرارداد",
    "برنده",
    "از دست رفته",
)
TAGS: Final = ("مهم", "نمایشگاه", "خوش‌حساب", "پیگیری ویژه", "همکار قدیمی")


# Long texts are made of the words of offices and trade, which are frequent, and of others made up of these.
FREQUENT: Final = tuple(
    dict.fromkeys(word for phrase in (*DEALS, *STAGES, *JOBS, *TAGS) for word in phrase.split())
)
SYLLABLES: Final = (
    "با", "دا", "سر", "مو", "نی", "را", "شا", "کو", "له", "تن", "ور", "گی", "زا", "هم", "پی", "فر", "چا", "خو", "جا", "آب",
)  # fmt: skip
VOCABULARY: Final = 20_000


def text_word(place: int) -> str:
    """The word at this place of the vocabulary, the frequent ones first; the same as the fill's SQL makes."""
    if place < len(FREQUENT):
        return FREQUENT[place]
    made = (SYLLABLES[place // 20**n % 20] for n in range(4 if place >= 8000 else 3))
    return "".join(made)
