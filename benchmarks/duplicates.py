"""How well and how fast duplicates are found: public linkage sets, and Persian people with slips whose truth is known.

python -m benchmarks.duplicates [--people 50000] [--data FOLDER_OF_FEBRL]
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks import names
from peyvand.kernel.errors import Invalid, msgid
from peyvand.kernel.persian.names import skeleton
from peyvand.kernel.persian.text import compact, to_persian_digits
from peyvand.kernel.phone import phone
from peyvand.operational.duplicates.matching import engine
from peyvand.operational.duplicates.matching.comparisons import Matching, code, text
from peyvand.operational.duplicates.matching.comparisons import names as compare_names
from peyvand.operational.duplicates.matching.people import PEOPLE, person_row

THRESHOLDS: Final = (0.5, 0.8, 0.9, 0.95, 0.99)
# The threshold that is judged, a new workspace's own, and what must be reached there: precision, recall.
JUDGED: Final = 0.8
AIMS: Final = {"febrl1": (0.995, 0.99), "febrl3": (0.995, 0.99), "Persian": (0.99, 0.95)}
SECONDS: Final = 20.0

_SAME, _CLOSE, _OTHER = msgid("the same"), msgid("one sign differs"), msgid("another")
FEBRL: Final = Matching(
    comparisons=(
        compare_names("given", "family", "whole"),
        code("birth", _SAME, _CLOSE, _OTHER),
        code("ident", _SAME, _CLOSE, _OTHER),
        text("street", _SAME, _CLOSE, _OTHER, u=0.001),
        text("place", _SAME, _CLOSE, _OTHER, u=0.003),
        text("suburb", _SAME, _CLOSE, _OTHER, u=0.003),
        code("postcode", _SAME, _CLOSE, _OTHER),
        text("number", _SAME, _CLOSE, _OTHER, u=0.01),
    ),
    blocks=(
        "family", "given", "birth", "ident", "street", "suburb || postcode", "family_sound || given_sound",
        "postcode || number", "place",
    ),
    certain=("l.ident = r.ident",),
    learn=("l.birth = r.birth", "l.ident = r.ident", "l.family = r.family and l.given = r.given"),
    columns=(
        "given", "family", "whole", "given_sound", "family_sound", "birth", "ident", "street", "place", "suburb", "postcode", "number",
    ),
    recall=0.8,
)  # fmt: skip

Row = dict[str, Any]
Truth = dict[int, str]


@dataclass(frozen=True)
class Measured:
    """One set: how many rows and true pairs, the seconds it took, and precision and recall by threshold."""

    name: str
    rows: int
    pairs: int
    seconds: float
    at: dict[float, tuple[float, float]]

    @property
    def is_met(self) -> bool:
        precision, recall = self.at[JUDGED]
        wanted = AIMS[self.name]
        return precision >= wanted[0] and recall >= wanted[1] and self.seconds < SECONDS


def measure(name: str, matching: Matching, rows: Sequence[Row], truth: Truth) -> Measured:
    """Find the duplicates among rows, from loading to the last pair, and compare them with the truth."""
    begun = time.monotonic()
    with duckdb.connect() as connection:
        engine.load(connection, matching, rows)
        found = [(m.left, m.right, m.probability) for m in engine.find(connection, matching, THRESHOLDS[0])]
    seconds = time.monotonic() - begun
    pairs = sum(n * (n - 1) // 2 for n in Counter(truth.values()).values())
    at = {}
    for threshold in THRESHOLDS:
        taken = [truth[left] == truth[right] for left, right, p in found if p >= threshold]
        at[threshold] = (sum(taken) / max(1, len(taken)), sum(taken) / max(1, pairs))
    return Measured(name, len(rows), pairs, round(seconds, 1), at)


def febrl(file: Path) -> tuple[list[Row], Truth]:
    """A Febrl set as rows and, by row, whom it is about."""
    rows, truth = [], {}
    with file.open(encoding="utf-8") as lines:
        for n, r in enumerate(csv.DictReader(lines, skipinitialspace=True)):
            given, family = compact(r["given_name"]), compact(r["surname"])
            truth[n] = r["rec_id"].split("-")[1]
            rows.append({
                "id": n, "given": given, "family": family, "whole": given + family, "given_sound": skeleton(given),
                "family_sound": skeleton(family), "birth": r["date_of_birth"], "ident": r["soc_sec_id"], "street": compact(r["address_1"]),
                "place": compact(r["address_2"]), "suburb": compact(r["suburb"]), "postcode": r["postcode"], "number": r["street_number"],
            })  # fmt: skip
    return rows, truth


# -- Persian people ----------------------------------------------------------------------------------------------------

_LATIN: Final = {
    "ا": "a", "آ": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh", "د": "d", "ذ": "z",
    "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f",
    "ق": "gh", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "و": "ou", "ه": "h", "ی": "i", "‌": "",
}  # fmt: skip
_VOWELS: Final = "aiou"
_NEIGHBOURS: Final = "ضصثقفغعهخحجچشسیبلاتنمکگظطزرذدپو"


def latin(name: str, chance: random.Random) -> str:
    """A Persian name as its holder might spell it in Latin: the short vowels, which are not written, are guessed."""
    out = ""
    for letter in name:
        sound = (
            _LATIN.get(letter, letter)
            if out
            else {"ی": "y", "و": "v"}.get(letter, _LATIN.get(letter, letter))
        )
        if out and sound and out[-1] not in _VOWELS and sound[0] not in _VOWELS and out[-1].isalpha():
            out += chance.choice("aaeo")
        out += sound
    return out.capitalize()


def _slip(word: str, chance: random.Random) -> str:
    """One slip of the finger: a letter too many, too few, another one, or two that changed places."""
    if len(word) < 3:
        return word
    at = chance.randrange(1, len(word) - 1)
    letter = chance.choice(
        _NEIGHBOURS if "\u0600" < word[at] < "\u06ff" else "0123456789" if word[at].isdigit() else "aeiorst"
    )
    return chance.choice((
        word[:at] + letter + word[at:], word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ))  # fmt: skip


def _national_id(chance: random.Random) -> str:
    digits = [chance.randrange(10) for _ in range(9)]
    rest = sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
    return "".join(map(str, [*digits, rest if rest < 2 else 11 - rest]))


def _someone(chance: random.Random, companies: Sequence[tuple[str, str, str]]) -> Row:
    given = chance.choice(names.GIVEN)
    family = chance.choice(names.FAMILY_ROOTS) + chance.choice(names.FAMILY_ENDINGS)
    company, line, city = chance.choice(companies)
    phones = [f"+989{chance.choice('01239')}{chance.randrange(10**8):08}"] if chance.random() < 0.9 else []
    if chance.random() < 0.15:
        phones.append(line)
    employed = chance.random() < 0.8
    mail = f"{latin(given, chance)[:6]}.{latin(family, chance)[:8]}{chance.randrange(400)}@{chance.choice(('gmail.com', 'yahoo.com', 'chmail.ir'))}"
    return {
        "given_name": given, "family_name": family, "phones": phones, "emails": [mail.lower()] if chance.random() < 0.6 else [],
        "national_id": _national_id(chance) if chance.random() < 0.35 else "",
        "birthday": date(1950, 1, 1) + timedelta(days=chance.randrange(20_000)) if chance.random() < 0.2 else None,
        "company": company if employed else "", "city": city if employed else chance.choice(names.CITIES) if chance.random() < 0.7 else "",
    }  # fmt: skip


def _written_otherwise(person: Row, chance: random.Random) -> Row:
    """The same person as somebody else typed them in: other letters and forms everywhere, and one to three slips or gaps."""
    copy = {**person, "phones": list(person["phones"]), "emails": list(person["emails"])}
    for key in ("given_name", "family_name", "company"):
        copy[key] = _typed(copy[key], chance)
    for place in sorted(chance.sample(range(len(_CHANGES)), chance.choice((1, 1, 1, 2, 2, 3)))):
        _CHANGES[place](copy, chance)
    if chance.random() < 0.2:
        copy["given_name"] = (
            f"{chance.choice(('آقای', 'خانم', 'دکتر', 'مهندس', 'جناب آقای'))} {copy['given_name']}"
        )
    if copy["company"] and chance.random() < 0.4:
        kind, _, rest = copy["company"].partition(" ")
        copy["company"] = chance.choice(
            (rest or kind, f"شرکت {rest or kind}", f"{copy['company']} (سهامی خاص)")
        )
    return copy


def _typed(text: str, chance: random.Random) -> str:
    if chance.random() < 0.3:
        text = text.replace("ی", "ي").replace("ک", "ك")
    if chance.random() < 0.4:
        text = text.replace("‌", chance.choice(("", " ")))
    return text


def _slip_in_name(person: Row, chance: random.Random) -> None:
    key = chance.choice(("given_name", "family_name"))
    person[key] = _slip(person[key], chance)


def _swap(person: Row, chance: random.Random) -> None:
    person["given_name"], person["family_name"] = person["family_name"], person["given_name"]


def _in_latin(person: Row, chance: random.Random) -> None:
    for key in ("given_name", "family_name"):
        person[key] = latin(person[key].replace("ي", "ی").replace("ك", "ک").replace(" ", ""), chance)


def _initial(person: Row, chance: random.Random) -> None:
    person["given_name"] = chance.choice(("", person["given_name"][:1]))


def _slip_in_phone(person: Row, chance: random.Random) -> None:
    if person["phones"]:
        number = person["phones"][0]
        at = chance.randrange(5, len(number))
        person["phones"][0] = number[:at] + chance.choice("0123456789") + number[at + 1 :]


def _slip_in_mail(person: Row, chance: random.Random) -> None:
    if person["emails"]:
        name, _, host = person["emails"][0].partition("@")
        person["emails"] = [f"{_slip(name, chance)}@{host}"]


def _other_phone(person: Row, chance: random.Random) -> None:
    person["phones"] = [f"+989{chance.choice('01239')}{chance.randrange(10**8):08}"]


def _drop(key: str, empty: Any) -> Any:
    def change(person: Row, chance: random.Random) -> None:
        person[key] = empty

    return change


_CHANGES: Final = (
    _slip_in_name, _slip_in_name, _initial, _swap, _in_latin, _slip_in_phone, _slip_in_mail, _other_phone,
    _drop("emails", []), _drop("city", ""), _drop("company", ""), _drop("national_id", ""), _drop("birthday", None),
)  # fmt: skip


def _dialled(number: str, chance: random.Random) -> str:
    """A number as people write it."""
    local = number.replace("+98", "0")
    return chance.choice((
        number, local, to_persian_digits(local), f"{local[:4]} {local[4:7]} {local[7:]}", f"0098{number[3:]}", f"{local[:4]}-{local[4:]}",
    ))  # fmt: skip


def persian(people: int, seed: int = 1405) -> tuple[list[Row], Truth]:
    """People of Iran, a fifth of them entered again once to three times, as raw values; and, by row, whom it is about."""
    chance = random.Random(seed)
    companies = [
        (
            f"{chance.choice(names.COMPANY_KINDS)} {chance.choice(names.COMPANY_ROOTS)} {chance.choice(names.COMPANY_ENDINGS)} {n % 97}",
            f"+982{chance.choice('123568')}{chance.randrange(10**8):08}".replace("+9822", "+9821").replace(
                "+9827", "+9821"
            ),
            chance.choice(names.CITIES),
        )
        for n in range(max(20, people // 12))
    ]
    raw: list[tuple[str, Row]] = []
    while len(raw) < people:
        whom = str(len(raw))
        someone = _someone(chance, companies)
        raw.append((whom, someone))
        if chance.random() < 0.15:
            again = chance.choice((1, 1, 1, 2, 3))
            raw += [(whom, _written_otherwise(someone, chance)) for _ in range(again)]
    raw = raw[:people]
    chance.shuffle(raw)
    rows = [
        {"id": n, **person, "phones": [_dialled(p, chance) for p in person["phones"]]}
        for n, (_, person) in enumerate(raw)
    ]
    return rows, {n: whom for n, (whom, _) in enumerate(raw)}


def entered(rows: Sequence[Row]) -> Iterator[Row]:
    """Raw people as the matcher sees them: numbers are kept in one form, as they are when a record is written."""
    for row in rows:
        phones = []
        for number in row["phones"]:
            try:
                phones.append(phone(number))
            except Invalid:
                phones.append(number)
        yield person_row(**{**row, "phones": phones})


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--people", type=int, default=50_000)
    reading.add_argument("--data", type=Path, help="the folder of febrl1.csv and febrl3.csv")
    asked = reading.parse_args()
    public = ("febrl1", "febrl3") if asked.data else ()
    done = [measure(name, FEBRL, *febrl(asked.data / f"{name}.csv")) for name in public]
    raw, truth = persian(asked.people)
    begun = time.monotonic()
    rows = list(entered(raw))
    made = time.monotonic() - begun
    measured = measure("Persian", PEOPLE, rows, truth)
    done.append(
        Measured(measured.name, measured.rows, measured.pairs, round(measured.seconds + made, 1), measured.at)
    )
    print(
        f"| set | rows | true pairs | seconds |{'|'.join(f' P · R at {t} ' for t in THRESHOLDS)}| aim at {JUDGED} |"
    )
    print(f"|{'---|' * (5 + len(THRESHOLDS))}")
    for m in done:
        figures = "|".join(f" {p:.4f} · {r:.4f} " for p, r in m.at.values())
        aim = "P ≥ {} · R ≥ {}".format(*AIMS[m.name])
        print(
            f"| {m.name} | {m.rows:,} | {m.pairs:,} | {m.seconds} |{figures}| {aim}: {'met' if m.is_met else 'missed'} |"
        )
    results = Path(__file__).parent / "results" / "duplicates.json"
    results.write_text(
        json.dumps([{**vars(m), "at": {str(t): v for t, v in m.at.items()}} for m in done], indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
