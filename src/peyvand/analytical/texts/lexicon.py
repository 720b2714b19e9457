"""Words that tell how somebody feels, with what each adds: above 0 glad, below 0 cross.

An entry is a word or a few words, written in any way: it is looked for without spaces and half-spaces, so that «بی‌کیفیت», «بی کیفیت»
and «بیکیفیت» are one. What only sounds like a feeling («روز خوبی داشته باشید») stands here with 0.
"""

from __future__ import annotations

from typing import Final

from peyvand.kernel.persian.text import compact

_WEIGHED: Final[dict[float, str]] = {
    2.0: """
        عالی، فوق‌العاده، فوق العاده‌اید، بی‌نظیر، بینظیر، محشر، معرکه، خارق‌العاده، شگفت‌انگیز، بهترین، درجه یک، حرف نداشت،
        حرف ندارد، حرف نداره، سنگ تمام گذاشتید، سنگ تمام، کارتون درسته، کارتان درست است، دمتون گرم، دمت گرم، دم شما گرم،
        عاشقشم، عاشقش شدم، لذت بردم، لذت بردیم، بی‌نقص، بی‌عیب، خیلی راضی، کاملا راضی، ایول، گل کاشتید، ترکوندید،
        دستتون درد نکنه، دستتان درد نکند، دست مریزاد، خدا قوت، بهتر از این نمی‌شود، بهتر از این نمیشه، خدا خیرتون بده،
        خدا خیرتان بدهد، پیشنهاد می‌کنم، توصیه می‌کنم، حتما دوباره، باز هم می‌خریم، باز هم خرید می‌کنم،
        the best, excellent, amazing, awesome, outstanding, fantastic, wonderful, perfect, superb, brilliant, love it, loved it,
        loved, delighted, thrilled, highly recommend, great job, well done, flawless, exceeded our expectations,
        impressed, very happy
    """,
    1.0: """
        خوب، خوبه، خوشحال، خوشحالم، خوشحالیم، خوشحال شدیم، خوشم، راضی، راضیم، راضی‌ام، رضایت، خرسند، ممنون، ممنونم، ممنونیم،
        متشکر، متشکرم، متشکریم، سپاس، سپاسگزارم، سپاسگزاریم، سپاسگزار، مرسی، تشکر می‌کنم، تشکر می‌کنیم، قدردان، قدردانی، مفید،
        کاربردی، باکیفیت، کیفیت بالا، تمیز، مرتب، زیبا، قشنگ، شیک، دلچسب، دلنشین، خوشمزه، خوش طعم، خوش‌طعم، لذیذ، داغ،
        گرم و تازه، سروقت، به‌موقع، بموقع، سر موقع، سر وقت، خوش‌قول، خوش قول، خوش‌برخورد، خوش برخورد، خوش‌اخلاق، مودب، مؤدب،
        محترمانه، حرفه‌ای، منظم، زود رسید، پرسرعت، پشتیبانی قوی، پاسخگو، دلسوز، صادق، منصف، منصفانه، ارزان،
        مقرون به صرفه، به‌صرفه، ارزش خرید، می‌ارزد، می‌ارزه، سالم رسید، سالم، آسان، راحت، روان، بدون مشکل،
        بدون نقص، بی‌دردسر، مشکل حل شد، مشکلم حل شد، مشکل برطرف شد، مشکل رفع شد، حل شد، برطرف شد، رفع شد،
        پسندیدم، پسندیدیم، می‌پسندم، دوست دارم، دوست دارن، دوست داشتم، دوست داشتیم، دوست داشتن، چسبید، خوش گذشت، امیدوارکننده،
        دلگرم، اعتماد دارم، اعتماد داریم، قابل اعتماد، موافقم، موافقیم، پسند شد، مثل همیشه عالی، ترد، آبدار، پر ملات،
        پرملات، حجم خوب، جذاب، ظریف، خوشگل، ناز، عطر خوب، بسته‌بندی خوب، نظیر نداره، کم‌نظیر،
        good, happy, glad, pleased, satisfied, thanks, thank you, thank, grateful, appreciate, appreciated, helpful, useful,
        on time, friendly, polite, professional, reliable, clean, easy, smooth, nice, great, enjoy, enjoyed,
        like it, liked, works well, working well, thanked, resolved, solved, worth, affordable, fair price, recommend, trust,
        comfortable, fresh, delicious, tasty, responsive
    """,
    0.5: """
        مناسب، قیمت مناسب، سریع، دقیق، تازه، fast, quick
    """,
    0.3: """
        با تشکر، تشکر، با سپاس، بد نبود، بد نیست، بدک نبود، بدک نیست،
        not bad, no problem, no problems, no issue, no issues, fine, ok, okay
    """,
    0.0: """
        ممنون می‌شم، ممنون می‌شوم، ممنون میشویم، ممنون می‌شیم، ممنون خواهم شد، ممنون خواهیم شد، متشکر می‌شوم، متشکر می‌شم،
        سپاسگزار می‌شوم، سپاسگزار خواهم بود، سپاسگزار خواهیم بود، پیشاپیش ممنون، پیشاپیش متشکرم، روز خوش، وقت خوش،
        شب خوش، روز خوب، روز خوبی، خوب هستید، خوب هستین، حالتون خوبه، حال شما خوب، خوبید، خوبین، امیدوارم خوب، انشاالله خوب، خسته نباشید،
        خدا نگهدار، بهترین زمان، بهترین قیمت، کیفیت خوب می‌خواهم، دقیقه، چسبیده، خامه، خامه‌ای، شیک سفارش، گران‌قدر،
        گرانقدر، عالی‌قدر، جناب عالی، جنابعالی، سرکار عالی، آموزش عالی، شورای عالی، مدیر عالی، تازه وارد، تازه‌کار، به تازگی،
        به راحتی می‌توان، مناسب است برای، سالم‌سازی، گرم کن، بد قول نباشید، شرکت بهترین، خوب بود اگر، بهتر بود، بهتره،
        بهتر است،
        نورد سرد، نورد گرم، ورق سرد، موفق باشید، موفق و موید، آرزوی موفقیت، سلامت باشید، خوشحال می‌شوم، خوشحال می‌شم، خوشحال می‌شیم،
        خوشحال می‌شویم، خوشحال خواهم شد، خوشحال خواهیم شد، پوزش بابت تاخیر، پوزش از تاخیر، ببخشید دیر، معذرت بابت تاخیر، ثبت شکایت کجا،
        would love, all the best, issue an, issue the, issue invoice, to issue, you recommend, sorry for the delay, sorry for the late,
        good morning, good afternoon, good evening, good day, have a nice day, have a great day, best regards, kind regards,
        best wishes, thanks in advance, thank you in advance, would appreciate, would be grateful, would be great,
        would be nice, it would be good, would like, no longer, problem statement, best price, best time, hope you are well,
        good luck, as good as, goods, fast food
    """,
    -0.5: """
        متاسفانه، unfortunately
    """,
    -1.0: """
        بد، بدی، بدی بود، بده که، ضعیف، ضعف، متاسفم، متاسف شدم، ناراحت، ناراحتم، ناراحتیم، ناراحت شدیم، ناراحت‌کننده،
        دلخور، دلخورم، دلخوریم، گله، گلایه، گله‌مند، گله‌مندم، مشکل، مشکلات، ایراد، ایرادات، اشکال، خطا، نقص، ناقص، معیوب،
        کم بود، کسری، کسر داشت، کم‌فروشی، دیر، دیرکرد، تاخیر، تأخیر، معطل، معطلی، معطل شدیم، طول کشید، کندی، سرد، یخ،
        بیات، کهنه، شور، تلخ، بی‌مزه، بدمزه، بی‌نمک، بدطعم، بد طعم، بدبو، بوی بد، نپخته، سوخته، خشک، سفت، چرب،
        شل، آبکی، وارفته، گران، گرون، گرونه، گرانی، گرانه، قیمت بالا، نمی‌ارزد، نمی‌ارزه، ارزش نداره، ارزش نداشت، بی‌ارزش،
        شکسته، شکست، پاره، کثیف، نامرتب، کج، پوسیده، لک، خراش، خراب، خرابی، خرابه، اشتباه، اشتباهی، عوضی، مغایرت، مغایر،
        نادرست، غلط، فراموش کردید، فراموش شده، یادتون رفت، نیومد، نیامد، نیاوردید، نیاورد، نیاوردن، نیاوردند، نرسید، نرسیده،
        نفرستادید، نفرستادند، نفرستادین، ارسال نشد، ارسال نشده، ارسال نکردید، تحویل ندادید، تحویل نشد، تحویل نگرفتم،
        جواب نمی‌دهید، جواب نمیدید، جواب نمیدین، جواب ندادید، جواب نداد، جواب نمی‌دهد، جواب نمی‌ده، جواب نمی‌دهند، پاسخ ندادید،
        پاسخ نداد، پاسخ نمی‌دهید، پاسخ نمی‌دهند، پاسخ نمی‌دهد، پاسخگو نیستید، پاسخگو نیست، پیگیری نکردید، پیگیری نشد،
        رسیدگی نشد، رسیدگی نکردید، توجه نکردید، توجه نشد، بی‌توجه، بی‌توجهی، حل نشد، حل نشده، برطرف نشد، رفع نشد، کار نمی‌کند،
        کار نمیکنه، کار نمی‌کنه، کار نکرد، روشن نمی‌شود، روشن نمیشه، قطع شد، قطع می‌شود، هنوز نیامده، هنوز نرسیده، بدقول،
        بدقولی، خوش‌قول نبودید، بی‌نظم، بی‌نظمی، بی‌دقت، بی‌دقتی، بی‌کیفیت، کیفیت پایین، کم‌کیفیت، بدقواره، افت کیفیت،
        کیفیتش پایین، نامناسب، ناجور، نگران، نگرانم، نگرانی، پشیمان، پشیمون، پشیمانم، ناامید، نا امید، مایوس، سرخورده،
        خسته شدیم، خسته شدم، کلافه، کلافه شدم، اذیت، اذیت شدیم، دردسر، گرفتاری، زحمت بی‌فایده، بی‌فایده، الکی، بیهوده،
        دوست نداشتم، دوست نداشت، دوست ندارم، دوست نداشتیم، نپسندیدم، نمی‌پسندم، پیشنهاد نمی‌کنم، پیشنهاد نمیشه، توصیه نمی‌کنم،
        نخرید، سفارش ندید، سفارش ندهید، دیگه نمی‌خرم، دیگر نمی‌خریم، دیگه سفارش نمیدم، دیگه سفارش نمی‌دم، آخرین بارم، بار آخرم،
        آخرین بار، مرجوع، مرجوعی، برگشت بدم، برگردانم، پس بگیرید، پس بدهید، عودت، لغو، کنسل، کنسلش، فسخ، انصراف، منصرف، شکایت،
        شاکی، شاکیم، شاکی‌ام، اعتراض، معترض، بدتر، از دست دادیم، ضرر، ضرر کردیم، خسارت، زیان، کم گذاشتید، کمه، کوچیک بود،
        کوچک شده، حجمش کم، حجم کم، کم شده، چنگی به دل، حیف، جالب نبود،
        bad, poor, problem, problems, issue, issues, error, errors, bug, bugs, broken, broke, damaged, defective, faulty,
        wrong, missing, incorrect, late, delay, delayed, delays, slow, dirty, expensive, overpriced, disappointed,
        disappointing, unhappy, upset, annoyed, annoying, frustrated, frustrating, confusing, confused, complaint, complain,
        complaining, cancel, cancelled, canceled, refund, return it, sorry to say, regret, waste, unreliable,
        unprofessional, rude, unhelpful, ignored, no answer, no response, no reply, never arrived, never received, never came,
        does not work, do not work, not working, did not work, stopped working, failed, fails, failure, crash, crashes,
        still waiting, waiting for weeks, worried, concerned, difficult, unacceptable delay, not happy, not satisfied,
        not acceptable, switch to another, switching to, leaving you, worse, mistake, mistakes, unclear, lost trust,
        hate waiting
    """,
    -2.0: """
        افتضاح، افتضاحه، فاجعه، فاجعه بود، مزخرف، آشغال، آشغاله، چرت، گند، گندیده، فاسد، مسموم، مسمومیت، کپک، مو داشت، سوسک،
        حشره، وحشتناک، وحشتناکه، داغون، داغان، زباله، تهوع‌آور، حالم بهم خورد، حال به هم زن، بدترین، ناراضی، ناراضیم،
        ناراضی‌ام، ناراضی هستم، نارضایتی، عصبانی، عصبانیم، عصبانی‌ام، خشمگین، غیرقابل قبول، غیر قابل قبول، غیرقابل تحمل،
        غیر قابل خوردن، غیرقابل خوردن، قابل خوردن نبود، قابل استفاده نبود، غیرقابل استفاده، شرم‌آور، خجالت‌آور، توهین،
        توهین‌آمیز، بی‌احترامی، بی‌ادب، بی‌ادبانه، بی‌مسئولیت، بی‌شرف، کلاهبردار، کلاهبرداری، کلاه سرم، کلاه‌برداری، دزد، دزدی،
        دروغ، دروغگو، دروغ گفتید، فریب، تقلبی، قلابی، تقلب، دادگاه، پول‌مان را پس، پولم را پس، پولمو پس،
        پول ما را برگردانید، پولم را برگردانید، حیف پول، پول دور ریختن، دور ریختم، انداختم دور، ریختم دور، اصلا راضی نیستم،
        اصلا خوب نبود، هرگز دیگر، دیگه هیچ‌وقت، دیگر هرگز، قطع همکاری، همکاری را قطع، قرارداد را فسخ، به رقیب، سراغ رقیب،
        رقیب شما می‌رویم، اعصابم خرد، اعصاب خردکن، اعصابم خورد،
        terrible, horrible, awful, worst, disgusting, disgrace, disaster, useless, garbage, trash, rubbish, unacceptable,
        angry, furious, outraged, hate, hated, scam, fraud, cheated, liar, lied, lies, ridiculous, pathetic, nightmare,
        appalling, never again, money back, want a refund, sue, legal action, shame, insulting, terminate
    """,
}  # fmt: skip

_SIGNS: Final[dict[float, str]] = {
    2.0: "😍🥰🤩💯🏆",
    1.0: "😊🙂😀😃😄😁👍👌❤♥💙💚🌹🌷💐🎉👏😋⭐",
    -1.0: "🙁☹😕😞😔😟😒👎💔😢😭😩😫",
    -2.0: "😡😠🤬🤮🤢😤",
}

WORDS: Final[dict[str, float]] = {
    compact(entry): weight
    for weight, entries in _WEIGHED.items()
    for entry in entries.replace("،", ",").split(",")
    if entry.strip()
} | {sign: weight for weight, signs in _SIGNS.items() for sign in signs}


def _set(words: str) -> frozenset[str]:
    return frozenset(compact(word) for word in words.replace("،", ",").split(",") if word.strip())


# What turns the word before it: verbs that say "is not", "has not", "did not".
NOT_AFTER: Final = _set("""
        نیست، نیستم، نیستی، نیستیم، نیستید، نیستین، نیستند، نیستن، نیس، نبود، نبودم، نبودی، نبودیم، نبودید، نبودین، نبودند،
        نبودن، نبوده، نباشد، نباشه، نداشت، نداشتم، نداشتیم، نداشتید، نداشتند، نداشتن، نداشته، ندارد، ندارم، نداریم، ندارید،
        ندارند، ندارن، نداره، نشد، نشدم، نشدیم، نشده، نشود، نشه، نمی‌شود، نمیشه، نمیشم، نمی‌شوم، نکرد، نکردم، نکردیم، نکردید،
        نکردند، نکرده، نمی‌کنم، نمی‌کند، نمی‌کنند، نمی‌کنه، نمی، ندیدم، ندیدیم، نگرفتیم، نگرفتم، نیومد، نیامد، نرسید، نمیاد،
        نخواهد
    """)
# What turns the words after it.
NOT_BEFORE: Final = _set("""
    not, never, hardly, barely, without, cannot, neither, nor, nothing, no, بدون، عدم، هیچ
""")
# A verb that says yes ends the look-out for one that says no.
YES_AFTER: Final = _set("""
    بود، بودم، بودیم، بودند، بودن، بوده، است، هست، هستم، هستیم، هستند، هستن، شد، شدم، شدیم، شده، داشت، داشتم، داشتیم،
    دارد، دارم، داریم، داره، کرد، کردم، کردند، کردید
""")
MORE: Final = _set("""
    خیلی، بسیار، واقعا، واقعاً، کاملا، کاملاً، بی‌نهایت، بشدت، شدیدا، اصلا، اصلاً، حسابی، فوق‌العاده، خیلی‌خیلی، very,
    really, extremely, so, too, totally, absolutely, completely, highly
""")
LESS: Final = _set("""
    کمی، یکم، یه‌کم، قدری، اندکی، تقریبا، تا حدی، نسبتا، somewhat, slightly, bit, little, fairly
""")
BUT: Final = _set(
    """
        ولی، اما، لیکن، ولیکن، منتها، متاسفانه،
        but, however, although, though
    """
)
