"""A paper in its language: every number, date and word as text, ready to be set. Nothing of it is ever read as markup."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from peyvand.kernel import money, numbers
from peyvand.kernel.invoicing import in_words
from peyvand.kernel.persian.calendar import format_date, parts
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.documents.paper import Paper, Party
from peyvand.operational.documents.sheet import Sheet
from peyvand.platform.fields.types import PaperNumber


def composed(paper: Paper | Sheet) -> dict[str, Any]:
    """What the sheet shows, as JSON of plain texts."""
    with translation.override(paper.language):
        own = _words(paper) if isinstance(paper, Sheet) else _composed(paper)
        return {
            "language": paper.language,
            "title": paper.title,
            "footer": paper.footer,
            "page": gettext("Page"),
            "of": gettext("of"),
            "is_persian": paper.language == "fa",
        } | own


def _words(sheet: Sheet) -> dict[str, Any]:
    digits = to_persian_digits if sheet.language == "fa" else str
    return {
        "stamp": "",
        "subject": sheet.subject,
        "sender": sheet.sender,
        "head": sheet.head,
        "parts": [
            {
                "title": part.title, "text": part.text, "columns": part.columns, "rows": part.rows,
                "figures": part.figures, "shares": part.shares,
                "points": [(f"{digits(str(n))}.", words) for n, words in enumerate(part.points, 1)],
            }
            for part in sheet.parts
        ],
        "signatures": sheet.signatures,
    }  # fmt: skip


def _composed(paper: Paper) -> dict[str, Any]:
    currency, unit = money.currency(paper.currency), paper.unit
    is_fa = paper.language == "fa"

    def figure(minor: int) -> str:
        decimals = None if currency == money.IRR else currency.exponent
        return numbers.format_number(money.major(minor, currency, unit), paper.language, decimals)

    digits = to_persian_digits if is_fa else str
    head = [
        (gettext("Number"), PaperNumber.written(paper.number, paper.language)),
        (gettext("Date"), _both(paper.day, paper.language)),
    ]
    if paper.until:
        head.append((paper.until_label, _both(paper.until, paper.language)))
    head += paper.facts
    sums = [(gettext("Sum"), figure(paper.gross))]
    if paper.discount:
        sums += [
            (gettext("Discounts"), figure(paper.discount)),
            (gettext("After discounts"), figure(paper.net)),
        ]
    sums.append((gettext("Tax"), figure(paper.tax)))
    return {
        "stamp": paper.stamp,
        "sender": paper.seller.name,
        "head": head,
        "parties": [
            {"title": gettext("Seller"), **_party(paper.seller, digits)},
            {"title": gettext("Buyer"), **_party(paper.buyer, digits)},
        ],
        "columns": [
            gettext("No."), gettext("Description"), gettext("Quantity"), gettext("Unit price"), gettext("Discount"),
            gettext("Tax"), gettext("Total"),
        ],
        "lines": [
            [
                digits(str(n)), line.description,
                f"{numbers.format_number(line.quantity, paper.language)} {line.unit}".strip(),
                figure(line.price), figure(line.discount), figure(line.tax), figure(line.total),
            ]
            for n, line in enumerate(paper.lines, 1)
        ],
        "unit": gettext("All amounts are in %(unit)s.") % {"unit": unit_name(paper)},
        "sums": sums,
        "total": [gettext("Payable"), figure(paper.total)],
        "words": [gettext("In words"), in_words(paper.total, currency, unit, paper.language)],
        "notes": [gettext("Notes"), paper.notes],
        "terms": [gettext("Terms"), paper.terms],
        "signed": list(paper.signed),
        "signatures": [gettext("Seller's stamp and signature"), gettext("Buyer's stamp and signature")],
    }  # fmt: skip


def _both(day: date, language: str) -> str:
    """The day in the reader's calendar, and in the other one beside it."""
    if language == "fa":
        return f"{format_date(day, 'fa')} \u2066({day.isoformat()})\u2069"
    year, month, number = parts(day, "jalali")
    return f"{format_date(day, 'en', 'long')} ({year:04}/{month:02}/{number:02})"


def _party(party: Party, digits: Any) -> dict[str, Any]:
    facts = (
        (gettext("National ID"), party.national_id), (gettext("Economic code"), party.economic_code),
        (gettext("Registration number"), party.registration_no), (gettext("Phone"), party.phone),
        (gettext("E-mail"), party.email), (gettext("Postal code"), party.postal_code),
        (gettext("Address"), party.address), (gettext("Contact"), party.person),
    )  # fmt: skip
    return {
        "name": party.name,
        "facts": [
            (label, value if label == gettext("E-mail") else digits(value)) for label, value in facts if value
        ],
    }


def unit_name(paper: Paper) -> str:
    """What the paper's amounts count in."""
    if paper.currency == "IRR":
        return gettext("toman") if paper.unit == "toman" else gettext("rial")
    return money.currency_name(paper.currency, paper.language)
