"""Controls that are rows: phones and mails, addresses, the lines of a deal. One row is one item of the value.

The names are ``phones-0-value``; ``phones-count`` holds the number that the next row gets and says that the form had
the control; ``phones-primary`` is the number of the chosen row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import numbers
from peyvand.kernel.errors import Problem
from peyvand.kernel.phone import show_phone
from peyvand.platform.fields.reader import Reader, drawn
from peyvand.platform.fields.types import Compound, Field, Link, Ref
from peyvand.platform.objects.spec import find_object
from peyvand.web.components.icons import icon

MOST = 50
EMPTY = mark_safe("")
Nested = Mapping[str, Sequence[Problem]]
Item = Mapping[str, Any]

LABELS = {
    "mobile": _("Mobile"),
    "work": _("Work"),
    "home": _("Home"),
    "fax": _("Fax"),
    "other": _("Other"),
    "": _("No label"),
}
CONSENTS = {"unknown": _("Use not asked"), "granted": _("May be used"), "refused": _("Closed by its holder")}
EVERY = {"": _("Once"), "month": _("Every month"), "quarter": _("Every quarter"), "year": _("Every year")}
PARTS = (
    ("province", _("Province")),
    ("city", _("City")),
    ("street", _("Street and number")),
    ("postal_code", _("Postal code")),
    ("country", _("Country")),
)


def error(text: str, id: str = "") -> SafeString:
    """A reason of refusal beneath its control."""
    return format_html(
        '<p class="err"{}>{}<span>{}</span></p>',
        format_html(' id="{}"', id) if id else EMPTY,
        icon("alert"),
        text,
    )


def control(field: Field) -> Callable[[Field, Any, str, Nested, Reader], SafeString] | None:
    """How a field of rows is drawn; None for a field that is one control."""
    return _ROWS.get(field.widget)


def read(name: str, post: QueryDict) -> list[dict[str, Any]]:
    """The rows that were sent, in their order on the page."""
    pattern = re.compile(re.escape(name) + r"-(\d{1,4})-(\w+)")
    items: dict[str, dict[str, Any]] = {}
    for key in post:
        if match := pattern.fullmatch(key):
            items.setdefault(match[1], {})[match[2]] = post[key]
    for number, item in items.items():
        item["primary"] = post.get(f"{name}-primary") == number
    return list(items.values())


def _points(field: Field, value: Any, name: str, problems: Nested, reader: Reader) -> SafeString:
    is_phone = getattr(field, "kind", "phone") == "phone"

    def row(n: str, item: Item, wrong: SafeString) -> SafeString:
        typed = str(item.get("value") or "")
        shown = show_phone(typed, reader.language) if is_phone and typed.startswith("+") else typed
        return format_html(
            '<div class="rep points"><input class="inp ltr" name="{0}-{1}-value" value="{2}" inputmode="{3}" autocomplete="off" aria-label="{4}"{5}>'
            '<select class="inp" name="{0}-{1}-label" aria-label="{6}">{7}</select>'
            '<select class="inp" name="{0}-{1}-consent" aria-label="{8}">{9}</select>{10}{11}{12}</div>',
            name, n, shown, "tel" if is_phone else "email", field.label, mark_safe(' aria-invalid="true"') if wrong else EMPTY,
            gettext("Label"), _options(LABELS, item.get("label") or ("mobile" if is_phone and n == "__n__" else "")),
            gettext("Use of this number or address"), _options(CONSENTS, item.get("consent") or "unknown"),
            _star(name, n, bool(item.get("primary"))), _remove(), wrong,
        )  # fmt: skip

    # A first empty row invites to type; it is passed over when it stays empty.
    return _repeat(field, name, value or ({"primary": True},), row, problems, reader, _add_word(field))


def _addresses(field: Field, value: Any, name: str, problems: Nested, reader: Reader) -> SafeString:
    def row(n: str, item: Item, wrong: SafeString) -> SafeString:
        boxes = format_html_join(
            "",
            '<input class="inp{}" name="{}-{}-{}" value="{}" autocomplete="off" aria-label="{}" placeholder="{}">',
            (
                (" full" if part == "street" else "", name, n, part, item.get(part) or "", label, label)
                for part, label in PARTS
            ),
        )
        return format_html(
            '<div class="rep wide"><div class="form two-col tight">{}<input type="hidden" name="{}-{}-label" value="{}"></div>'
            '<div class="row g1">{}{}</div>{}</div>',
            boxes, name, n, item.get("label") or "", _star(name, n, bool(item.get("primary"))), _remove(), wrong,
        )  # fmt: skip

    return _repeat(
        field, name, value or (), row, problems, reader, gettext("Add an address"), is_first_primary=True
    )


def _lines(field: Field, value: Any, name: str, problems: Nested, reader: Reader) -> SafeString:
    def row(n: str, item: Item, wrong: SafeString) -> SafeString:
        product = item.get("product")
        id, title = (
            (product.id, product.title)
            if isinstance(product, Ref)
            else (product or "", item.get("name") or item.get("title") or product or "")
        )
        if isinstance(product, Mapping):
            id, title = product.get("id") or "", product.get("title") or product.get("name") or ""
        return format_html(
            '<div class="rep lines"><pv-picker name="{0}-{1}-product" data-url="{2}" data-label="{3}" placeholder="{3}">'
            '<input type="hidden" name="{0}-{1}-product" value="{4}" data-label="{5}"></pv-picker>'
            '<input class="inp ltr" name="{0}-{1}-quantity" value="{6}" inputmode="decimal" aria-label="{7}" placeholder="{7}">'
            '<input class="inp ltr" name="{0}-{1}-price" value="{8}" inputmode="decimal" data-amount aria-label="{9}" placeholder="{9}">'
            '<input class="inp ltr" name="{0}-{1}-discount" value="{10}" inputmode="decimal" aria-label="{11}" placeholder="{11}">'
            '<output class="num">{14}</output>{12}{15}{13}</div>',
            name, n, f"/w/{reader.workspace}/{_plural('product')}/options?with=price", gettext("Product"), id, title,
            _number(item.get("quantity"), reader), gettext("Quantity"), _amount(item.get("price"), reader), gettext("Unit price"),
            _number(item.get("discount"), reader), _discount(reader), _remove(), wrong, _amount(item.get("amount"), reader),
            _repeats(name, n, item, reader),
        )  # fmt: skip

    words = (
        gettext("Product"),
        gettext("Quantity"),
        gettext("Unit price"),
        _discount(reader),
        gettext("After discount"),
    )
    heads = format_html(
        '<div class="rep lines heads hint" aria-hidden="true">{}</div>',
        format_html_join("", "<span>{}</span>", ((word,) for word in words)),
    )
    rows = _repeat(
        field,
        name,
        value or (),
        row,
        problems,
        reader,
        gettext("Add a product"),
        foot=_sums(value, reader, (gettext("Sum of the products"), "total", ("amount",))),
    )
    return format_html("{}{}", heads, rows)


def _priced(field: Field, value: Any, name: str, problems: Nested, reader: Reader) -> SafeString:
    """Lines of a paper: a product or words, and what is left empty follows from price lists and taxes."""
    words = (
        gettext("Product"), gettext("Quantity"), gettext("Unit price"), _discount(reader), _tax(reader),
        gettext("Before discount and tax"),
    )  # fmt: skip

    def row(n: str, item: Item, wrong: SafeString) -> SafeString:
        product = item.get("product")
        id, title = product or "", product or ""
        if isinstance(product, Mapping):
            id, title = product.get("id") or "", product.get("title") or ""
        tax = item.get("tax") if item.get("tax_by_hand", True) else None
        said = item.get("description") or ""
        boxes = format_html_join(
            "",
            '<input class="inp ltr" name="{}-{}-{}" value="{}" inputmode="decimal" aria-label="{}" placeholder="{}"{}>',
            (
                (name, n, "quantity", _number(item.get("quantity"), reader), words[1], words[1], EMPTY),
                (name, n, "price", _amount(item.get("price"), reader), words[2], gettext("by list"),
                 mark_safe(" data-amount")),
                (name, n, "discount", _number(item.get("discount") or None, reader), words[3], words[3], EMPTY),
                (name, n, "tax", _number(tax, reader), words[4],
                 _number(item.get("tax"), reader) or gettext("by product"),
                 EMPTY if item.get("tax") is None else format_html(' data-listed="{}"', _number(item["tax"], reader))),
            ),
        )  # fmt: skip
        return format_html(
            '<div class="rep lines priced"><pv-picker name="{0}-{1}-product" data-url="{2}" data-label="{3}" placeholder="{3}">'
            '<input type="hidden" name="{0}-{1}-product" value="{4}" data-label="{5}"></pv-picker>{6}<output class="num">{7}</output>{8}'
            '<input class="inp said" name="{0}-{1}-description" value="{9}" maxlength="500" autocomplete="off" aria-label="{10}" '
            'placeholder="{10}"><input type="hidden" name="{0}-{1}-unit" value="{11}">{12}</div>',
            name, n, f"/w/{reader.workspace}/{_plural('product')}/options", words[0], id, title, boxes,
            _amount(item.get("gross"), reader), _remove(), "" if said == title else said,
            gettext("Description, where it is not the product's name"), item.get("unit") or "", wrong,
        )  # fmt: skip

    heads = format_html(
        '<div class="rep lines priced heads hint" aria-hidden="true">{}</div>',
        format_html_join("", "<span>{}</span>", ((word,) for word in words)),
    )
    foot = _sums(
        value,
        reader,
        (gettext("Sum"), "gross", ("gross",)),
        (gettext("Discounts"), "reduced", ("discount_amount", "share")),
        (gettext("Tax"), "tax", ("tax_amount",)),
        (gettext("Total"), "total", ("total",)),
    )
    rows = _repeat(field, name, value or (), row, problems, reader, gettext("Add a line"), foot=foot)
    return format_html("{}{}", heads, rows)


def _parts(field: Field, value: Any, name: str, problems: Nested, reader: Reader) -> SafeString:
    """Items of a field that declares its parts: a picker for whom an item is about, and a control for each thing it says."""
    who, *rest = _fields_of(field)
    assert isinstance(who, Link)

    def row(n: str, item: Item, wrong: SafeString) -> SafeString:
        return format_html(
            '<div class="rep wide"><div class="form two-col tight">{}{}</div><div class="row g1">{}</div>{}</div>',
            _picker(who, item.get(who.key), f"{name}-{n}-{who.key}", reader),
            format_html_join("", "{}", ((_part(p, item.get(p.key), f"{name}-{n}-{p.key}", reader),) for p in rest)),
            _remove(), wrong,
        )  # fmt: skip

    add = gettext("Add to %(name)s") % {"name": field.label}
    return _repeat(field, name, value or (), row, problems, reader, add)


def _table(field: Field, value: Any, name: str, problems: Nested, reader: Reader) -> SafeString:
    """Items of a field that declares its parts, none of which stands for the others: a control for each."""

    def row(n: str, item: Item, wrong: SafeString) -> SafeString:
        boxes = (
            (p.label, _part(p, item.get(p.key), f"{name}-{n}-{p.key}", reader)) for p in _fields_of(field)
        )
        return format_html(
            '<div class="rep wide"><div class="form two-col tight">{}</div><div class="row g1">{}</div>{}</div>',
            format_html_join("", '<div class="stack g1"><span class="hint" aria-hidden="true">{}</span>{}</div>', boxes), _remove(), wrong,
        )  # fmt: skip

    return _repeat(field, name, value or (), row, problems, reader, gettext("Add one"))


def _picker(part: Link, value: Any, name: str, reader: Reader) -> SafeString:
    id, title = value or "", value or ""
    if isinstance(value, Mapping):
        id, title = value.get("id") or "", value.get("title") or ""
    return format_html(
        '<pv-picker name="{0}" data-url="{1}" data-label="{2}" placeholder="{2}"><input type="hidden" name="{0}" value="{3}" '
        'data-label="{4}"></pv-picker>',
        name, f"/w/{reader.workspace}/{_plural(part.to)}/options", part.label, id, title,
    )  # fmt: skip


def _fields_of(field: Field) -> tuple[Field, ...]:
    return field.item_fields if isinstance(field, Compound) else ()


def _part(part: Field, value: Any, name: str, reader: Reader) -> SafeString:
    if isinstance(part, Link):
        return _picker(part, value, name, reader)
    if options := getattr(part, "options", ()):
        words = {"": part.label} | {o.key: o.label for o in options}
        return format_html(
            '<select class="inp" name="{}" aria-label="{}">{}</select>',
            name,
            part.label,
            _options(words, value or ""),
        )
    is_number, is_money = part.widget in ("number", "percent"), part.widget == "money"
    shown = _amount(value, reader) if is_money else _number(value, reader) if is_number else value or ""
    return format_html(
        '<input class="inp{}" name="{}" value="{}" autocomplete="off" aria-label="{}" placeholder="{}"{}{}>',
        " ltr" if is_number or is_money else "", name, shown, part.label, part.label,
        mark_safe(' inputmode="decimal"') if is_number or is_money else EMPTY, mark_safe(" data-amount") if is_money else EMPTY,
    )  # fmt: skip


def _repeats(name: str, n: str, item: Item, reader: Reader) -> SafeString:
    """How often a line comes again, and how many times."""
    return format_html(
        '<div class="row g1 said"><select class="inp" name="{0}-{1}-every" aria-label="{2}">{3}</select>'
        '<input class="inp ltr" name="{0}-{1}-times" value="{4}" inputmode="numeric" aria-label="{5}" placeholder="{5}"></div>',
        name, n, gettext("Repeats"), _options(EVERY, str(item.get("every") or "")), _number(item.get("times"), reader),
        gettext("Times; empty: for good"),
    )  # fmt: skip


def _tax(reader: Reader) -> str:
    return gettext("Tax %(sign)s") % {"sign": "٪" if reader.is_persian else "%"}


def _discount(reader: Reader) -> str:
    return gettext("Discount %(sign)s") % {"sign": "٪" if reader.is_persian else "%"}


def _sums(value: Any, reader: Reader, *sums: tuple[str, str, tuple[str, ...]]) -> SafeString:
    """What the items come to: of each sum its label, what it is called in the browser, which reckons it anew while somebody
    types (islands/repeat.ts), and the keys that are added up for it."""
    from peyvand.web.components.inputs import money_unit

    items = [item for item in value or () if isinstance(item, Mapping)]

    def shown(keys: tuple[str, ...]) -> str:
        amounts = [item[key] for item in items for key in keys if isinstance(item.get(key), int)]
        return _amount(sum(amounts), reader) if amounts else ""

    return format_html(
        '<p class="lines-sum">{}<span class="cur">{}</span></p>',
        format_html_join(" ", '<span>{}</span> <output class="num{}" data-sum="{}">{}</output>', (
            (label, " strong" if name == "total" else "", name, shown(keys)) for label, name, keys in sums
        )),
        money_unit(reader),
    )  # fmt: skip


def _number(value: Any, reader: Reader) -> str:
    return "" if value is None else numbers.localize(str(value), reader.language)


def _amount(value: Any, reader: Reader) -> str:
    from peyvand.web.components.inputs import money_text

    return money_text(value, reader) if isinstance(value, int) else str(value or "")


def _plural(key: str) -> str:
    spec = find_object(key)
    return spec.plural if spec else key


def _repeat(
    field: Field, name: str, value: Any, row: Callable[[str, Item, SafeString], SafeString], problems: Nested, reader: Reader, add: str,
    *, is_first_primary: bool = False, foot: SafeString = EMPTY,
) -> SafeString:  # fmt: skip
    items = [
        i if isinstance(i, Mapping) else {"value": str(i)}
        for i in ([value] if isinstance(value, str) else value)
    ]
    drawn = [
        _marked(row(str(n), item, _wrong(name, n, problems)), name, n, problems)
        for n, item in enumerate(items)
    ]
    return format_html(
        '<pv-repeat data-max="{}" data-count="{}-count"><template>{}</template>{}'
        '<div class="row between"><button class="btn ghost s" type="button" data-add>{}<span>{}</span></button>{}</div>'
        '<input type="hidden" name="{}-count" value="{}"></pv-repeat>',
        MOST, name, row("__n__", {"primary": is_first_primary and not items}, EMPTY), format_html_join("", "{}", ((d,) for d in drawn)),
        icon("plus"), add, foot, name, len(drawn),
    )  # fmt: skip


def _marked(drawn: SafeString, name: str, n: int, problems: Nested) -> SafeString:
    """The row with each box that is wrong marked as such, and tied to the reason beneath it."""
    for key in [place.partition(".")[2] for place in problems if place.startswith(f"{n}.")]:
        box = f'name="{name}-{n}-{key}"'
        told = f'{box} aria-invalid="true" aria-describedby="{name}-{n}-wrong"'
        drawn = mark_safe(drawn.replace(box, told, 1))  # noqa: S308 what was put in is ours
    return drawn


def _wrong(name: str, n: int, problems: Nested) -> SafeString:
    found = [
        p for place, some in problems.items() if place == str(n) or place.startswith(f"{n}.") for p in some
    ]
    words = " ".join(drawn(p.message) for p in found)
    return error(words, f"{name}-{n}-wrong") if found else EMPTY


def _options(words: Mapping[str, Any], chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((k, mark_safe(" selected") if k == chosen else "", w) for k, w in words.items()),
    )


def _star(name: str, n: str, is_primary: bool) -> SafeString:
    return format_html(
        '<label class="btn ghost sq star"><input type="radio" name="{}-primary" value="{}" aria-label="{}"{}>{}</label>',
        name, n, gettext("Primary"), mark_safe(" checked") if is_primary else EMPTY, icon("star"),
    )  # fmt: skip


def _remove() -> SafeString:
    return format_html(
        '<button class="btn ghost sq" type="button" data-remove aria-label="{}">{}</button>',
        gettext("Remove"),
        icon("x"),
    )


def _add_word(field: Field) -> str:
    return gettext("Add a phone") if getattr(field, "kind", "phone") == "phone" else gettext("Add an e-mail")


_ROWS: dict[str, Callable[[Field, Any, str, Nested, Reader], SafeString]] = {
    "points": _points,
    "addresses": _addresses,
    "lines": _lines,
    "priced": _priced,
    "parts": _parts,
    "table": _table,
}
