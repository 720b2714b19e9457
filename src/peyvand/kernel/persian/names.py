"""Names as they are compared: without titles and legal forms, in whichever order and script they were written.

Nothing here is for showing: what comes out is folded text, made to be equal where two people meant the same name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from peyvand.kernel.persian.text import fold

# Stand before a name and say nothing of whose it is. «سید» does, but half of its holders write it and half do not.
HONORIFICS: Final = frozenset(
    fold(
        "آقای آقا خانم خانوم سرکار جناب دکتر مهندس استاد حاج حاجی حاجیه سید سیده مرحوم "
        "mr mrs ms miss dr eng prof engineer sir madam aghaye khanom mohandes doctor seyed seyyed"
    ).split()
)
# Kinds of business: before a company's name they are often left out.
COMPANY_KINDS: Final = frozenset(
    fold(
        "شرکت گروه بازرگانی صنایع صنعتی تولیدی موسسه هلدینگ کارخانه کارخانجات مجتمع پخش تجاری خدماتی تعاونی مهندسی "
        "مهندسین مشاور فناوری فن‌آوری دفتر فروشگاه سازمان توسعه company group holding trading industries industrial the"
    ).split()
)
LEGAL_FORMS: Final = tuple(
    fold(form)
    for form in (
        "سهامی خاص", "سهامی عام", "با مسئولیت محدود", "مسئولیت محدود", "مسولیت محدود", "تضامنی", "در حال تصفیه", "ایرانی",
        "private joint stock", "public joint stock", "joint stock", "limited", "ltd", "llc", "inc", "corp", "corporation",
        "co", "company", "gmbh", "pjsc", "pjs", "plc", "sa", "ag", "بمم", "س خ", "س ع",
    )
)  # fmt: skip
_SIGNS: Final = re.compile(r"[^\w\s]+|_")
_FORMS: Final = re.compile(rf"\b(?:{'|'.join(map(re.escape, LEGAL_FORMS))})\b")

# Letters that sound alike share a class; vowels and the semi-vowels و and ی are dropped, for Latin spellings of them differ.
_CLASSES: Final = {
    "b": "ب", "p": "پ", "t": "تط", "s": "ثسص", "j": "جژ", "c": "چ", "h": "حه", "x": "خ", "d": "د", "z": "ذزضظ", "r": "ر",
    "S": "ش", "q": "غق", "f": "ف", "k": "کc", "g": "گ", "l": "ل", "m": "م", "n": "ن", "": "ویاعءئؤaeiouwyv'",
}  # fmt: skip
_GROUPS: Final = {
    "kh": "x",
    "sh": "S",
    "ch": "c",
    "zh": "j",
    "gh": "q",
    "ph": "f",
    "th": "t",
    "ck": "k",
    "x": "ks",
}
_SOUNDS: Final = {letter: to for to, letters in _CLASSES.items() for letter in letters} | _GROUPS
_SOUND: Final = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_DOUBLED: Final = re.compile(r"(.)\1+")
_FIRST: Final = {"و": "v", "v": "v", "w": "v", "ی": "y", "y": "y"} | dict.fromkeys("اعآaeiou", "A")


@lru_cache(maxsize=65536)
def bare_name(text: str) -> str:
    """A person's name folded, without the titles before it: «جناب آقای دکتر عليرضا رضايي» is "علیرضا رضایی".

    A name that is nothing but titles is kept as it is.
    """
    parts = _SIGNS.sub(" ", fold(text)).split()
    start = 0
    while start < len(parts) and parts[start] in HONORIFICS:
        start += 1
    return " ".join(parts[start:] or parts)


@lru_cache(maxsize=65536)
def company_core(text: str) -> str:
    """A company's name folded, without its kind in front and its legal form: «شرکت پارس‌گستر (سهامی خاص)» is "پارس گستر".

    What would leave nothing is kept.
    """
    plain = " ".join(_SIGNS.sub(" ", fold(text)).split())
    parts = _FORMS.sub(" ", plain).split()
    start = 0
    while start < len(parts) and parts[start] in COMPANY_KINDS:
        start += 1
    return " ".join(parts[start:] or parts) or plain


@lru_cache(maxsize=65536)
def skeleton(text: str) -> str:
    """The consonants of a name, the same for its Persian and its Latin spelling: «شیرازی» and "Shirazi" are both "Srz".

    Spaces do not count, a vowel counts only at the beginning («علی» and "Ali" are "Al"), a final h is silent.
    """
    plain = _SIGNS.sub("", fold(text)).replace(" ", "")
    if not plain:
        return ""
    first = _FIRST.get(plain[0], "")
    rest = _SOUND.sub(lambda found: _SOUNDS[found[0]], plain[1:] if first else plain)
    return _DOUBLED.sub(r"\1", first + _DOUBLED.sub(r"\1", rest).removesuffix("h"))
