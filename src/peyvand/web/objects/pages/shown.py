"""A value as it stands on a page: links lead somewhere, phones can be dialled, codes read from the left."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from peyvand.kernel import numbers
from peyvand.kernel.phone import show_phone
from peyvand.platform.fields.masks import Masked
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Compound, Day, Field, Instant, Link, LongText, Money, Ref
from peyvand.platform.objects.references import shown_title
from peyvand.platform.objects.spec import find_object
from peyvand.web.components.avatars import avatar
from peyvand.web.components.cells import mark, masked, unseen
from peyvand.web.components.icons import icon
from peyvand.web.components.inputs import money_text
from peyvand.web.components.rows import CONSENTS, EVERY, LABELS

EMPTY = mark_safe("")
_MENTION = re.compile(r"@\[([^\]\n]{1,200})\]\(user:\d+\)")


def shown(field: Field, value: Any, reader: Reader) -> SafeString:
    """The value of a field as HTML; empty for no value."""
    if value is None or value == "" or value == ():
        return EMPTY
    if isinstance(value, Masked):
        return masked(value)
    if isinstance(value, Ref):
        return _user(value, reader) if value.object == "user" else ref_link(value, reader)
    draw = _BY_WIDGET.get(field.widget)
    if draw is not None:
        return draw(field, value, reader)
    if isinstance(field, Choice):
        return _choice(field, value)
    if isinstance(field, LongText):
        return format_html("<bdi>{}</bdi>", mark_safe(prose(value).replace("\n", "<br>")))  # noqa: S308 its parts are escaped above
    if isinstance(field, Day | Instant):
        return escape(field.show(value, reader, "long"))
    return format_html("<bdi>{}</bdi>", field.show(value, reader))


def record_url(object_key: str, id: int, reader: Reader) -> str:
    """Where a record's page is; empty for what has none."""
    spec = find_object(object_key)
    return f"/w/{reader.workspace}/{spec.plural}/{id}/" if spec else ""


def ref_link(ref: Ref, reader: Reader) -> SafeString:
    """A record named in a sentence or a field."""
    if ref.is_unseen:
        return unseen()
    url = record_url(ref.object, ref.id, reader)
    spec = find_object(ref.object)
    title = shown_title(spec, ref.title) if spec else ref.title
    if not url:
        return escape(title)
    sign = mark(ref.mark) if ref.mark else EMPTY
    return format_html(
        '{}<a dir="auto" class="link" href="{}">{}</a>', sign, url, title or gettext("No name")
    )


def badge(text: Any, tone: str = "") -> SafeString:
    return format_html('<span class="bdg{}">{}</span>', f" {tone}" if tone else "", text)


def prose(text: str) -> SafeString:
    """Text of several lines with the people mentioned in it made bold."""
    # Escaping leaves the brackets of a mention as they are, and what is inside them is escaped already.
    return mark_safe(_MENTION.sub(r"<b>@\1</b>", escape(text)))  # noqa: S308 its parts are escaped above


def plain_prose(text: str) -> str:
    """The same text for a place of one line."""
    return _MENTION.sub(r"@\1", text)


def _choice(field: Choice, value: Any) -> SafeString:
    option = field.option(value)
    if option is None:
        return EMPTY
    return badge(option.label, option.tone) if option.tone else escape(option.label)


def _phone(field: Field, value: Any, reader: Reader) -> SafeString:
    return format_html('<a class="ltr num" href="tel:{}">{}</a>', value, show_phone(value, reader.language))


def _email(field: Field, value: Any, reader: Reader) -> SafeString:
    return format_html('<a class="ltr" href="mailto:{}">{}</a>', value, value)


def _url(field: Field, value: Any, reader: Reader) -> SafeString:
    bare = str(value).removeprefix("https://").removeprefix("http://").rstrip("/")
    return format_html(
        '<a class="link ltr" href="{}" target="_blank" rel="noopener noreferrer">{}</a>', value, bare
    )


def _code(field: Field, value: Any, reader: Reader) -> SafeString:
    return format_html('<span class="ltr num">{}</span>', field.show(value, reader))


def _points(field: Field, value: Any, reader: Reader) -> SafeString:
    one = _phone if getattr(field, "kind", "phone") == "phone" else _email
    return format_html_join("", '<span class="row g1 point">{}{}{}</span>', (
        (one(field, item["value"], reader), _consent(item), _label(item)) for item in value
    ))  # fmt: skip


def _label(item: Mapping[str, Any]) -> SafeString:
    label = item.get("label") or ""
    return (
        format_html('<span class="xs faint trunc">{}</span>', LABELS[label])
        if label in LABELS and label
        else EMPTY
    )


def _consent(item: Mapping[str, Any]) -> SafeString:
    consent = item.get("consent", "unknown")
    if consent == "unknown":
        return EMPTY
    tone, sign = ("tgood", "check") if consent == "granted" else ("twarn", "x")
    words = CONSENTS[consent]
    return format_html(
        '<span class="{}" title="{}">{}<span class="vh">{}</span></span>',
        tone,
        words,
        icon(sign, "i-sm"),
        words,
    )


def _addresses(field: Field, value: Any, reader: Reader) -> SafeString:
    return format_html_join("", "<div>{}</div>", ((field.show((item,), reader),) for item in value))


def _tags(field: Field, value: Any, reader: Reader) -> SafeString:
    return format_html_join(" ", "{}", ((badge(item["name"], item.get("tone") or ""),) for item in value))


def _lines(field: Field, value: Any, reader: Reader) -> SafeString:
    """Each product with its total, and beneath it what that is reckoned from; at the end their sum with its unit."""
    amounts = [item["amount"] for item in value if item.get("amount") is not None]
    total = (
        format_html(
            '<li class="sum"><span>{}</span><b class="num">{}</b></li>',
            gettext("Sum"), Money(key="sum", label="").show(sum(amounts), reader),
        )
        if amounts else EMPTY
    )  # fmt: skip
    return format_html(
        '<ul class="lines">{}{}</ul>',
        format_html_join("", "{}", ((_one_line(item, reader),) for item in value)),
        total,
    )


def _one_line(item: Mapping[str, Any], reader: Reader) -> SafeString:
    quantity = numbers.format_number(item["quantity"], reader.language)
    price = gettext("no price") if item["price"] is None else money_text(item["price"], reader)
    reckoned = gettext("%(quantity)s × %(price)s") % {"quantity": quantity, "price": price}
    if item["discount"]:
        off = numbers.format_percent(Decimal(str(item["discount"])) / 100, reader.language, 2)
        reckoned = gettext("%(reckoned)s, %(discount)s discount") % {"reckoned": reckoned, "discount": off}
    if every := item.get("every"):
        again = str(EVERY[every])
        if item.get("times"):
            often = numbers.format_number(item["times"], reader.language)
            again = gettext("%(every)s, %(n)s times") % {"every": again, "n": often}
        reckoned = f"{reckoned} · {again}"
    return format_html(
        '<li>{}<b class="num">{}</b><span class="of">{}</span></li>',
        ref_link(Ref("product", item["product"]["id"], item["product"]["title"]), reader),
        "" if item["amount"] is None else money_text(item["amount"], reader),
        reckoned,
    )


def _priced(field: Field, value: Any, reader: Reader) -> SafeString:
    """The lines of a paper: each before discount and tax, as the form and the customer's page have it, and beneath it what that
    is reckoned from; what comes off and upon it, the fields of the paper's sums say."""
    return format_html(
        '<p class="hint">{}</p><ul class="lines">{}</ul>', gettext("Before discount and tax"),
        format_html_join("", "{}", ((_priced_line(i, reader),) for i in value)),
    )  # fmt: skip


def _priced_line(item: Mapping[str, Any], reader: Reader) -> SafeString:
    number = numbers.format_number(item["quantity"], reader.language)
    quantity = f"{number} {item['unit']}" if item["unit"] else number
    parts = [
        gettext("%(quantity)s × %(price)s")
        % {"quantity": quantity, "price": money_text(item["price"], reader)}
    ]
    for rate, words in (
        (item["discount"], gettext("%(percent)s discount")), (item["tax"], gettext("%(percent)s tax")),
    ):  # fmt: skip
        if rate:
            percent = numbers.format_percent(Decimal(str(rate)) / 100, reader.language, 2)
            parts.append(words % {"percent": percent})
    if item.get("priced_by"):
        parts.append(gettext("from “%(list)s”") % {"list": item["priced_by"]})
    product = item["product"]
    named = (
        ref_link(Ref("product", product["id"], item["description"]), reader) if product
        else escape(item["description"])
    )  # fmt: skip
    return format_html(
        '<li><span>{}</span><b class="num">{}</b><span class="of">{}</span></li>',
        named, money_text(item["gross"], reader), reader.comma.join(parts),
    )  # fmt: skip


def _parts(field: Field, value: Any, reader: Reader) -> SafeString:
    """Each record that the items name, and beneath it what they say of it."""
    assert isinstance(field, Compound)
    who = field.item_fields[0]
    assert isinstance(who, Link)
    return format_html('<ul class="lines">{}</ul>', format_html_join("", '<li><span>{}</span><span class="of">{}</span></li>', (
        (ref_link(Ref(who.to, item[who.key]["id"], item[who.key]["title"]), reader), field.says(item, reader))
        for item in value
    )))  # fmt: skip


def _refs(field: Field, value: Any, reader: Reader) -> SafeString:
    refs = [
        v
        if isinstance(v, Ref)
        else Ref(
            getattr(field, "to", "person"),
            v["id"],
            v.get("title") or v.get("name") or "",
            is_unseen=bool(v.get("is_unseen")),
        )
        for v in value
    ]
    return format_html_join(reader.comma, "{}", ((ref_link(r, reader),) for r in refs))


def _user(value: Ref, reader: Reader) -> SafeString:
    return format_html(
        '<span class="row g2">{}{}</span>', avatar(value.title, "user", value.id), ref_link(value, reader)
    )


def _flag(field: Field, value: Any, reader: Reader) -> SafeString:
    return escape(gettext("Yes") if value else gettext("No"))


def _figure(field: Field, value: Any, reader: Reader) -> SafeString:
    return format_html('<bdi class="num">{}</bdi>', field.show(value, reader))


def _file(field: Field, value: Any, reader: Reader) -> SafeString:
    url = record_url(str(value.get("object", "")), int(value.get("record", 0)), reader)
    return format_html(
        '<a class="link" href="{}files/{}"><bdi>{}</bdi></a>', url, value["id"], field.show(value, reader)
    )


_BY_WIDGET: dict[str, Callable[[Field, Any, Reader], SafeString]] = {
    "phone": _phone,
    "email": _email,
    "url": _url,
    "code": _code,
    "file": _file,
    "points": _points,
    "addresses": _addresses,
    "tags": _tags,
    "lines": _lines,
    "priced": _priced,
    "parts": _parts,
    "links": _refs,
    "people": _refs,
    "checkbox": _flag,
    "money": _figure,
    "number": _figure,
    "percent": _figure,
}
