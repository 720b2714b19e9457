"""Persian text: digits, one normaliser for matching, one sort key, and the same two as SQL functions.

Each of `fold` and `sort_key` is Unicode NFKD followed by one table. The SQL is generated from the same
tables, so that Python and PostgreSQL agree on every string. NFKD takes accents and hamzas off their letters
and turns presentation forms (old PDFs, fonts) into plain letters, which keeps the tables short:
PostgreSQL's translate() scans its table once for every character.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase
from typing import Final
from unicodedata import category, normalize

ZWNJ: Final = "\u200c"

_ASCII_DIGITS: Final = "0123456789"
_PERSIAN_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_DIGITS: Final = "٠١٢٣٤٥٦٧٨٩"
_TO_ASCII: Final = str.maketrans(_PERSIAN_DIGITS + _ARABIC_DIGITS, _ASCII_DIGITS * 2)
_TO_PERSIAN: Final = str.maketrans(_ASCII_DIGITS + _ARABIC_DIGITS, _PERSIAN_DIGITS * 2)

# Letters that other keyboards give in place of the Persian ones. Hamza carriers are here without their hamza.
_LETTERS: Final = {
    "ي": "ی", "ى": "ی", "ك": "ک", "ڪ": "ک", "ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ٱ": "ا",
}  # fmt: skip
_SPACES: Final = "\t\n\v\f\r\x85\u2028\u2029"
_MARKS: Final = (
    "\u0640\u0670"  # tatweel, superscript alef
    + "".join(map(chr, range(0x064B, 0x0656)))  # harakat, madda, hamza above and below
    + "\u061c\u200b\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
    + "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u031b\u0323\u0326\u0327\u0328"
)
# Never part of a text; each holds a place for a moment inside the functions below.
_GAP: Final = "\x01"
_MADDA: Final = "\x02"
_ALEF_MADDA: Final = "\u0627\u0653"

_ALPHABET: Final = "اءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
# Stand first in the SQL tables, as themselves: translate() searches from the start, and would search it all
# for a character that is not there.
_FREQUENT: Final = " ایرنمدهتسبکلشوعفحaeinorlstmdhcu0123456789زقجخگطپصغچضژثظذpbgkyvwfzxjq"
# Sort codes stand between the ASCII digits and "a", so that Persian comes before Latin in one byte a letter.
_FIRST_CODE: Final = ord("9") + 1
_CODES: Final = "".join(chr(_FIRST_CODE + place) for place in range(len(_ALPHABET) + 1))


def _fold_table() -> dict[str, str]:
    table = dict(zip(_PERSIAN_DIGITS + _ARABIC_DIGITS, _ASCII_DIGITS * 2, strict=True)) | _LETTERS
    table |= dict.fromkeys(_SPACES + ZWNJ, " ")
    return table | dict.fromkeys(_MARKS + _GAP + _MADDA, "")


def _sort_table() -> dict[str, str]:
    code = dict(zip(_MADDA + _ALPHABET, _CODES, strict=True))
    table = {char: code.get(to, to) for char, to in _fold_table().items()} | code
    return table | {ZWNJ: ""} | {char: "" for char in _CODES if not char.isalpha()}


_FOLD: Final = _fold_table()
_SORT: Final = _sort_table()
_LOWER: Final = dict(zip(ascii_uppercase, ascii_lowercase, strict=True))
_FOLD_MAP: Final = str.maketrans(_LOWER | _FOLD)
_SORT_MAP: Final = str.maketrans(_LOWER | _SORT)


def to_ascii_digits(text: str) -> str:
    """The text with Persian and Arabic digits as 0-9."""
    return text.translate(_TO_ASCII)


def to_persian_digits(text: str) -> str:
    """The text with ASCII and Arabic digits as ۰-۹."""
    return text.translate(_TO_PERSIAN)


def fold(text: str) -> str:
    """The text as it is matched: one form of each letter and digit, no marks, ZWNJ as a space, single spaces.

    Equal to SQL `peyvand_fold`.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    folded = normalize("NFKD", text).translate(_FOLD_MAP)
    return " ".join([word for word in folded.split(" ") if word])


def compact(text: str) -> str:
    """`fold` without spaces: «علی‌رضا», «عليرضا» and «علی رضا» become one. Equal to SQL `peyvand_compact`."""
    return fold(text).replace(" ", "")


def sort_key(text: str) -> str:
    """A key whose code point order is the Persian alphabet's: digits, آ, ا … ی, then Latin; case is ignored.

    Equal to SQL `peyvand_sort`; compare it under collation "C".
    """
    return normalize("NFKD", text).replace(_ALEF_MADDA, _MADDA).translate(_SORT_MAP)


_TIDY_MAP: Final = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "\u00a0": " "}
    | dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\x00", "")
)
_STRAY_ZWNJ: Final = re.compile(rf"{ZWNJ}*([ \n]){ZWNJ}*|^{ZWNJ}+|{ZWNJ}+$|{ZWNJ}+(?={ZWNJ})")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_EMPTY_LINES: Final = re.compile(r" ?\n ?(?:\n ?)+")

# What a tidy text cannot have: nothing but Persian and ASCII letters, digits and signs, with single spaces inside, is common.
_UNTIDY: Final = re.compile(r"[^ -~ء-غف-قل-وپچژکگی۰-۹،؛؟٪٫٬«»]|  |^ | $")


def tidy(text: str) -> str:
    """The text as it is kept and shown: Persian ی and ک, single spaces, no stray or invisible marks.

    ZWNJ stays inside words; lines stay lines, with at most one empty line between them.
    """
    if not _UNTIDY.search(text):
        return text
    # Composed first, so that a ی that carries a hamza stays ئ; and again, for marks that became neighbours.
    text = normalize("NFC", normalize("NFC", text).replace("\r\n", "\n").translate(_TIDY_MAP))
    text = _STRAY_ZWNJ.sub(r"\1", _BLANKS.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", _BLANKS.sub(" ", text)).replace(" \n", "\n").replace("\n ", "\n").strip()


def ezafe(text: str) -> str:
    """A Persian word or phrase as it stands before what tells more of it: «معامله» becomes «معاملهٔ», «کالا» «کالای».

    A ه after ا or و is sounded (گروه, دستگاه) and takes nothing that is written, like every other consonant.
    """
    if text.endswith(("ا", "و")):
        return f"{text}ی"
    return f"{text}ٔ" if text.endswith("ه") and not text.endswith(("اه", "وه")) else text


def comma(language: str) -> str:
    """What stands between words one after the other, in a language ("fa", "en-GB")."""
    return "، " if language[:2] == "fa" else ", "


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order, without the punctuation around them; an e-mail stays one word."""
    bare = (_bare(word) for word in fold(text).split(" "))
    return tuple(word for word in bare if word)


def _bare(word: str) -> str:
    start, end = 0, len(word)
    while start < end and category(word[start])[0] in "PSZC":
        start += 1
    while end > start and category(word[end - 1])[0] in "PSZC":
        end -= 1
    return word[start:end]


def _literal(text: str) -> str:
    escaped = "".join(
        char if char.isascii() and char.isprintable() and char not in "'\\" else f"\\{ord(char):04X}"
        for char in text
    )
    return f"U&'{escaped}'"


def _translate(source: str, table: dict[str, str]) -> str:
    # What has no counterpart is deleted, so deletions stand last.
    # Only ASCII is lowered, which is the same in every locale.
    table = {char: table.get(char, char) for char in _FREQUENT} | table
    kept = {char: to for char, to in table.items() if to}
    dropped = "".join(char for char, to in table.items() if not to)
    chars = _literal("".join(kept) + dropped)
    return f'translate(lower({source} COLLATE "C"), {chars}, {_literal("".join(kept.values()))})'


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}(text) RETURNS text "
        f"LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE\nRETURN {body};\n"
    )


def _sql_functions() -> str:
    gap, madda = _literal(_GAP), _literal(_MADDA)
    folded = _translate("normalize($1, NFKD)", _FOLD)
    # Single spaces without a regular expression: mark every space, drop "mark space", drop the marks.
    single = f"replace(replace(replace({folded}, ' ', ' ' || {gap}), {gap} || ' ', ''), {gap}, '')"
    # lower() leaves the codes alone because it runs before the table that makes them.
    ordered = _translate(f"replace(normalize($1, NFKD), {_literal(_ALEF_MADDA)}, {madda})", _SORT)
    return (
        _function("peyvand_fold", f"btrim({single}, ' ')")
        + _function("peyvand_compact", f"replace({folded}, ' ', '')")
        + _function("peyvand_sort", ordered)
    )


SQL_FUNCTIONS: Final = _sql_functions()
"""`peyvand_fold`, `peyvand_compact` and `peyvand_sort`, to be run by a migration (PostgreSQL ≥ 14, UTF-8)."""


# Letters that are read from the right, and from the left; digits and signs go along with either.
_FROM_RIGHT: Final = re.compile(
    r"[\u05d0-\u05ea\u0620-\u064a\u0671-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb1d-\ufdfb\ufe70-\ufefc]"
)
_FROM_LEFT: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u058f]")


def apart(name: str, sentence: str) -> str:
    """A name as it stands within a sentence: kept to itself (Unicode's first-strong isolate) where it has letters that run
    against the sentence's, so that it turns round neither the words beside it nor their quotation marks. As it is elsewhere."""
    against = (
        _FROM_LEFT if _FROM_RIGHT.search(sentence) else _FROM_RIGHT if _FROM_LEFT.search(sentence) else None
    )
    return f"\u2068{name}\u2069" if against is not None and against.search(name) else name


def together(sentence: str) -> str:
    """A drawn sentence for programs and plain text: without the signs of ``apart``."""
    return sentence.replace("\u2068", "").replace("\u2069", "")
