"""Words that are about nothing: those that hold a sentence together, greet, count or name what every text of a trade is about.

Persian verbs that only carry other words («بدهند», «نیستند», «نداده») are made of their stems and endings, for each has dozens of forms.
"""

from __future__ import annotations

from typing import Final

from peyvand.kernel.persian.text import fold

_STEMS_PAST: Final = "بود شد کرد نمود داشت داد گرفت گذاشت گشت گفت رفت آمد اومد آورد رسید خواست تونست توانست ماند موند دید زد خورد افتاد برد"
_STEMS_NOW: Final = (
    "باش شو ش کن دار ده د گیر گذار گو رو ر آی یا آور رس خواه خوا توان تون مان مون بین زن خور افت بر هست نیست"
)
_ENDINGS_PAST: Final = ("", "م", "ی", "یم", "ید", "ین", "ند", "ن", "ه", "هام", "هایم", "هاید", "هاند", "هاست")
_ENDINGS_NOW: Final = ("", "م", "ی", "د", "ه", "یم", "ید", "ین", "ند", "ن")
_BEFORE: Final = ("", "ن", "می", "نمی", "ب", "بی", "نی", "نیا", "بیا")
_WORDS: Final = """
    این آن اون که را رو از به با برای تا هم نیز یا اگر اگه چون چرا چه چی هر همه هیچ دیگر دیگه دیگری باز هنوز فقط خیلی بسیار است
    می نمی های هایی ها ای ام اند ایم اید خود خودم خودش خودمان خودتان شما ما من او آنها اونها آنان ایشان ایشون تو وی مان تان شان مون تون شون
    سلام درود وقت بخیر احترام تشکر ممنون سپاس لطفا خواهش آقا آقای خانم جناب سرکار مهندس دکتر عزیز گرامی محترم
    روز روزه امروز دیروز فردا دیشب امشب صبح ظهر عصر شب هفته ماه سال ساعت دقیقه بار دفعه مرتبه تاریخ زمان موقع شنبه یکشنبه دوشنبه سه‌شنبه
    چهارشنبه پنجشنبه جمعه یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده بیست سی چهل پنجاه صد هزار میلیون میلیارد اول دوم سوم چند چندین
    بعد بعدا قبل قبلا پیش پس داخل روی زیر بالا بین میان کنار مورد موارد بابت طبق درباره درمورد نسبت توسط بدون بجز جز غیر مثل مانند همین
    همان همون چنین چنان اینکه آنکه بلکه زیرا ولی اما لیکن البته یعنی مگر شاید باید حتما احتمالا تقریبا کاملا اصلا واقعا متاسفانه متأسفانه
    کم کمی زیاد بیش بیشتر کمتر حدود حداقل حداکثر الان حالا اکنون فعلا آنجا اینجا کجا کدام کسی کسانی کسان افراد کس چیزی چیز طرف نفر عدد تعداد مقدار نوع
    سفارش سفارشم سفارشمان سفارشات خرید محصول محصولات کالا شرکت مشتری شماره تماس پیام پیگیری
    نظر نظرم نظرت نظرش نظرمان نظرتان نظرشان نظرمون نظرتون نظرشون
    the and you your yours for with that this these those was were are have has had having not but our ours they them their theirs from
    will would can could may might shall should must been being very just its about there here when what which who whom whose how why
    than then thus also too only even still yet again once ever never always often already now today yesterday tomorrow morning
    afternoon evening night day days week weeks month months year years hour hours minute minutes time times date monday tuesday
    wednesday thursday friday saturday sunday please hello hey dear regards thanks thank sincerely best kind mister miss
    one two three four five six seven eight nine ten eleven twelve twenty thirty fifty hundred thousand million first second third last
    into onto over under out off down upon between among during before after since until while because though although however
    therefore whether either neither both each every some any all most more less few many much several other others another such same
    own did does doing done don didn doesn isn wasn weren aren hasn haven won wouldn couldn shouldn get gets got getting give gives
    gave given make makes made take takes took taken come comes came put say says said tell told see seen saw let need needs needed want
    wants wanted she her hers him his himself herself itself myself yourself ourselves themselves anyone someone everyone nobody
    something anything everything nothing thing things way well back through per via like content contents
    order orders ordered product products item items company customer number contact message follow regarding
"""


def _forms() -> set[str]:
    """Every form of the verbs that carry other words."""
    found = set()
    for stems, endings in ((_STEMS_PAST, _ENDINGS_PAST), (_STEMS_NOW, _ENDINGS_NOW)):
        for stem in stems.split():
            found |= {f"{before}{stem}{ending}" for before in _BEFORE for ending in endings}
    return found


PLAIN: Final = frozenset(fold(" ".join((_WORDS, *sorted(_forms())))).split())
"""Folded, as tokens are."""
