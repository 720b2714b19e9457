"""The control of every field type, and the way back: what the controls send, as the raw values that Field.parse reads.

``render_input`` takes a typed value (as rows carry it) or what was typed before and refused, so that nothing typed is
lost. Its addresses and names are a contract with ``read_inputs``: the name of a control is the field's key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from peyvand.kernel import money, numbers
from peyvand.kernel.errors import Problem
from peyvand.kernel.persian.calendar import format_date
from peyvand.platform.fields.choices import Awaited, Choices
from peyvand.platform.fields.reader import Reader, drawn
from peyvand.platform.fields.types import Choice, Compound, Field, Flag, Link, Option, Ref
from peyvand.platform.objects.references import shown_title
from peyvand.platform.objects.spec import find_object
from peyvand.web.components import rows
from peyvand.web.components.icons import icon

EMPTY = mark_safe("")
# More boxes than these stand in columns.
FEW: Final = 8
# widget: (inputmode, autocomplete, whether it reads from the left)
_TYPED = {
    "text": ("", "off", False),
    "email": ("email", "off", True),
    "url": ("url", "off", True),
    "phone": ("tel", "off", True),
    "code": ("numeric", "off", True),
}
# What a field of several records chooses from, where it does not say so itself.
_MANY_OF = {"tags": "tag", "people": "person"}


def render_input(
    field: Field,
    value: Any,
    *,
    name: str = "",
    problems: Sequence[Problem] = (),
    reader: Reader,
    autofocus: bool = False,
) -> SafeString:
    """The control of a field, with its problems beneath it.

    Args:
        value: typed (a Ref for a link, minor units for money, items for compounds), or the raw value that was refused.
        name: of the form field; the key unless given.
        problems: those of this field: their ``field`` is its key, or begins with its key and a dot.
    """
    name = name or field.key
    own = [p for p in problems if p.field in (field.key, name, None)]
    attrs = Attributes(name, bool(own), autofocus, field.required)
    if field.is_compound and (control := rows.control(field)):
        inner = control(field, value, name, _nested(field, name, problems), reader)
    else:
        inner = _CONTROLS.get(field.widget, _text)(field, value, attrs, reader)
    return format_html("{}{}", inner, render_problems(own, id=f"{attrs.id}-e"))


def labelled(
    field: Field,
    value: Any,
    problems: Iterable[Problem],
    reader: Reader,
    *,
    name: str = "",
    autofocus: bool = False,
) -> dict[str, Any]:
    """A control with what stands around it: ``field``, ``control``, ``id`` for its label, ``is_wrong``. Of the problems, those
    of this field are said beneath it; the other arguments are as for render_input."""
    name = name or field.key
    own = [p for p in problems if (p.field or "").partition(".")[0] in (field.key, name)]
    control = render_input(field, value, name=name, problems=own, reader=reader, autofocus=autofocus)
    return {"field": field, "control": control, "id": control_id(name), "is_wrong": bool(own)}


def render_problems(problems: Iterable[Problem], id: str = "") -> SafeString:
    """The reasons of a refusal, as the paragraph that a control is described by."""
    text = " ".join(drawn(p.message) for p in problems)
    return rows.error(text, id) if text else EMPTY


def read_inputs(fields: Iterable[Field], post: QueryDict, reader: Reader) -> dict[str, Any]:
    """Raw values by field key, of those fields whose controls were in the form; read-only fields are passed over."""
    raw: dict[str, Any] = {}
    for field in fields:
        name = field.key
        if field.readonly:
            continue
        if field.is_compound and rows.control(field):
            if f"{name}-count" in post:
                raw[name] = rows.read(name, post)
        elif name in post and (read := _READ.get(field.widget)):
            raw[name] = read(name, post, reader)
        elif name in post:
            several = field.is_compound or isinstance(field, Choices | Awaited)
            raw[name] = [v for v in post.getlist(name) if v] if several else post[name]
    return raw


def options_url(field: Field, reader: Reader) -> str:
    """Where the choices of a link or of tags are looked for."""
    if field.widget == "about":
        return f"/w/{reader.workspace}/options"
    to = field.to if isinstance(field, Link) else getattr(field, "to", _MANY_OF.get(field.widget, ""))
    spec = find_object(to)
    plural = spec.plural if spec else to
    asks = "?by=name" if field.widget == "tags" else "?others=1" if getattr(field, "others", False) else ""
    return f"/w/{reader.workspace}/{plural}/options{asks}"


class Attributes:
    """What every control carries: its name, id, state and description."""

    def __init__(self, name: str, is_wrong: bool, autofocus: bool, required: bool) -> None:
        self.name, self.is_wrong, self.autofocus, self.required = name, is_wrong, autofocus, required
        self.id = control_id(name)

    def __html__(self) -> SafeString:
        wrong = (
            format_html(' aria-invalid="true" aria-describedby="{}-e"', self.id) if self.is_wrong else EMPTY
        )
        focus = mark_safe(" autofocus") if self.autofocus else EMPTY
        required = mark_safe(" required") if self.required else EMPTY
        return format_html('id="{}" name="{}"{}{}{}', self.id, self.name, wrong, focus, required)


def control_id(name: str) -> str:
    """The id of a control, for its label's ``for``."""
    return f"f-{name}"


def is_row_widget(field: Field) -> bool:
    """Whether the field's control is a group of rows, to be labelled by a legend rather than a label."""
    return field.is_compound and rows.control(field) is not None


def _nested(field: Field, name: str, problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        for prefix in {field.key, name}:
            if problem.field and problem.field.startswith(f"{prefix}."):
                found.setdefault(problem.field[len(prefix) + 1 :], []).append(problem)
    return found


def _text(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    mode, complete, is_ltr = _TYPED.get(field.widget, _TYPED["text"])
    shown = (
        field.show(value, reader)
        if field.widget == "phone" and str(value or "").startswith("+")
        else str(value or "")
    )
    return format_html(
        '<input class="inp{}" type="text" {} value="{}"{}{} autocomplete="{}">',
        " ltr" if is_ltr else "",
        attrs,
        shown,
        format_html(' inputmode="{}"', mode) if mode else EMPTY,
        format_html(' maxlength="{}"', most)
        if (most := getattr(field, "max_length", 0)) and not is_ltr
        else EMPTY,
        complete,
    )


def _textarea(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    # The first line break after the tag is not part of the value, so one is given away.
    return format_html('<textarea class="inp" {} rows="3">\n{}</textarea>', attrs, value or "")


def _secret(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    """An empty box: what is kept is sent to nobody."""
    kept = gettext("Kept; type a new one to change it") if value else ""
    return format_html(
        '<input class="inp ltr" type="password" autocomplete="new-password" {} value="" placeholder="{}">',
        attrs,
        kept,
    )


def _number(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    shown = numbers.localize(str(value), reader.language) if isinstance(value, int) else str(value or "")
    return format_html(
        '<input class="inp" type="text" inputmode="numeric" autocomplete="off" {} value="{}">', attrs, shown
    )


def _percent(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    shown = (
        numbers.format_number(value, reader.language)
        if isinstance(value, int | Decimal)
        else str(value or "")
    )
    return _with_unit(attrs, shown, "٪" if reader.is_persian else "%", "numeric")


def _duration(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    shown = (
        numbers.localize(f"{value // 60}:{value % 60:02}", reader.language)
        if isinstance(value, int)
        else str(value or "")
    )
    return _with_unit(attrs, shown, gettext("min:sec"), "numeric")


def _money(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    kind = money.currency(reader.currency)
    shown = str(value or "") if not isinstance(value, int) else money_text(value, reader)
    unit = money_unit(reader) if kind.code == "IRR" else kind.code
    return _with_unit(attrs, shown, unit, "decimal", mark_safe(" data-amount"))


def money_text(minor: int, reader: Reader) -> str:
    """An amount as one types it: grouped, in the reader's digits, without its unit."""
    return numbers.format_number(
        money.major(minor, money.currency(reader.currency), reader.money_unit), reader.language
    )


def money_unit(reader: Reader) -> str:
    """The name of the unit that amounts are typed in."""
    if reader.currency != "IRR":
        return reader.currency
    return gettext("toman") if reader.money_unit == "toman" else gettext("rial")


def _with_unit(attrs: Attributes, shown: str, unit: str, mode: str, more: SafeString = EMPTY) -> SafeString:
    return format_html(
        '<div class="inp inp-g"{}><input type="text" inputmode="{}" autocomplete="off" {} value="{}"{}><span class="cur">{}</span></div>',
        mark_safe(' aria-invalid="true"') if attrs.is_wrong else EMPTY, mode, attrs, shown, more, unit,
    )  # fmt: skip


def _select(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    assert isinstance(field, Choice)
    options = [(o.key, o.label) for o in field.options]
    if not field.required or value in (None, ""):
        options.insert(0, ("", "—"))
    return format_html('<select class="inp" {}>{}</select>', attrs, choices(options, value))


def choices(options: Iterable[tuple[str, str | Promise]], value: Any) -> SafeString:
    """The options of a select, the chosen one marked."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((k, mark_safe(" selected") if k == value else "", label) for k, label in options),
    )


def _boxes(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    """A box for each option. Unticked boxes send nothing: the hidden one says that the form had them."""
    assert isinstance(field, Choices)
    groups: dict[str, list[Option]] = {}
    for option in field.options:
        groups.setdefault(str(option.group), []).append(option)
    chosen = value or ()
    if len(groups) > 1:
        return _grouped_boxes(field, groups, chosen, attrs)
    if field.folded:
        return _folded_boxes(field, chosen, attrs, reader)
    return format_html(
        '<input type="hidden" name="{}" value=""><div class="{}" role="group" {} aria-label="{}">{}</div>',
        attrs.name,
        "boxes-o" if len(field.options) > FEW else "stack g1",
        format_html('id="{}"', attrs.id),
        field.label,
        _ticks(attrs.name, next(iter(groups.values()), []), chosen),
    )


def _folded_boxes(field: Choices, chosen: Sequence[str], attrs: Attributes, reader: Reader) -> SafeString:
    """One line that says what is ticked, and opens; the island beside it keeps the line in step."""
    none = gettext("None")
    return format_html(
        '<input type="hidden" name="{}" value=""><details class="folded" id="{}" data-folded="{}"><summary class="inp">'
        '<span class="trunc">{}</span>{}</summary><div class="boxes-o" role="group" aria-label="{}">{}</div></details>',
        attrs.name, attrs.id, none, field.show(chosen, reader) or none, icon("cd", "i-sm"), field.label,
        _ticks(attrs.name, field.options, chosen),
    )  # fmt: skip


def _grouped_boxes(
    field: Field, groups: Mapping[str, Sequence[Option]], chosen: Sequence[str], attrs: Attributes
) -> SafeString:
    """Boxes under headings; the island beside them adds a search and, to each heading, one box for all beneath it."""
    return format_html(
        '<input type="hidden" name="{}" value=""><div class="boxes" role="group" id="{}" aria-label="{}" data-boxes data-find="{}">{}</div>',
        attrs.name, attrs.id, field.label, gettext("Find in the list"),
        format_html_join(
            "",
            '<div class="boxes-g" role="group" aria-label="{}"><span class="boxes-h">{}</span><div class="boxes-o">{}</div></div>',
            ((heading or field.label, heading, _ticks(attrs.name, options, chosen)) for heading, options in groups.items()),
        ),
    )  # fmt: skip


def _ticks(name: str, options: Iterable[Option], chosen: Sequence[str]) -> SafeString:
    return format_html_join(
        "",
        '<label class="check"><input class="cb" type="checkbox" name="{}" value="{}"{}> {}</label>',
        (
            (name, o.key, mark_safe(" checked") if o.key in chosen else EMPTY, o.brief or o.label)
            for o in options
        ),
    )


def _checkbox(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    assert isinstance(field, Flag)
    checked = mark_safe(" checked") if value in (True, "1", "on") else EMPTY
    # An unticked box sends nothing: the hidden one says that the form had it.
    return format_html(
        '<input type="hidden" name="{}" value="0"><input class="switch" type="checkbox" role="switch" {} value="1"{}>',
        attrs.name,
        attrs,
        checked,
    )


def _date(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    iso, typed = str(value or ""), str(value or "")
    if isinstance(value, datetime):
        iso = f"{value.astimezone(reader.tz):%Y-%m-%dT%H:%M}"
        typed = f"{format_date(value.astimezone(reader.tz).date(), reader.language)} {value.astimezone(reader.tz):%H:%M}"
    elif isinstance(value, date):
        iso, typed = value.isoformat(), format_date(value, reader.language)
    # Inside stands what works without the script: the date as text.
    return format_html(
        '<pv-date {} value="{}"{} data-label="{}"><input class="inp" type="text" name="{}" value="{}" autocomplete="off" aria-label="{}"></pv-date>',
        attrs, iso, mark_safe(" data-time") if field.widget == "instant" else EMPTY, field.label, attrs.name, typed, field.label,
    )  # fmt: skip


def _picker(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    id, label = _chosen(field, value)
    within = getattr(field, "within", "")
    return format_html(
        '<pv-picker {} data-url="{}" data-label="{}" placeholder="{}"{}>'
        '<input type="hidden" name="{}" value="{}" data-label="{}" data-mark="{}"></pv-picker>',
        attrs, options_url(field, reader), field.label, gettext("Type to search…"),
        format_html(' data-within="{}"', within) if within else EMPTY,
        attrs.name, id, label, value.mark if isinstance(value, Ref) else "",
    )  # fmt: skip


def _chosen(field: Field, value: Any) -> tuple[str, str]:
    if isinstance(value, Ref):
        spec = find_object(value.object)
        named = shown_title(spec, value.title) if spec else value.title
        title = gettext("out of sight") if value.is_unseen else named
        return (f"{value.object}:{value.id}" if field.widget == "about" else str(value.id)), title
    return str(value or ""), str(value or "")


def _many(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    """Several chosen records; of tags their names, so that a new one can be written."""
    by_name = field.widget == "tags"
    items = value.replace("،", ",").split(",") if isinstance(value, str) else value or ()
    pairs = [_item(item, by_name) for item in items]
    return format_html(
        '<input type="hidden" name="{}" value=""><pv-picker {} multiple data-url="{}" data-label="{}" placeholder="{}"{}>{}</pv-picker>',
        attrs.name, attrs, options_url(field, reader), field.label, gettext("Type to search…"),
        mark_safe(" data-create") if by_name else EMPTY,
        format_html_join("", '<input type="hidden" name="{}" value="{}" data-label="{}">', ((attrs.name, id, label) for id, label in pairs if id)),
    )  # fmt: skip


def _item(item: Any, by_name: bool) -> tuple[str, str]:
    if isinstance(item, Ref):
        return str(item.id), item.title
    if isinstance(item, Mapping):
        label = str(item.get("name") or item.get("title") or item.get("id") or "")
        if item.get("is_unseen"):
            label = gettext("out of sight")
        return (label if by_name else str(item.get("id") or ""), label)
    return str(item).strip(), str(item).strip()


def _file(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    """One of the record's files; what is chosen stays offered. A file is attached before it can be chosen."""
    options = [(o.key, o.label) for o in getattr(field, "files", ())]
    now = str(value["id"]) if isinstance(value, Mapping) else str(value or "")
    if now and now not in dict(options):
        options.insert(0, (now, field.show(value, reader) if isinstance(value, Mapping) else now))
    empty = "—" if options else gettext("Attach the file to the record first")
    return format_html('<select class="inp" {}>{}</select>', attrs, choices([("", empty), *options], now))


Control = Callable[[Field, Any, Attributes, Reader], SafeString]
_CONTROLS: dict[str, Control] = {
    "textarea": _textarea,
    "secret": _secret,
    "number": _number,
    "percent": _percent,
    "duration": _duration,
    "money": _money,
    "select": _select,
    "checkbox": _checkbox,
    "choices": _boxes,
    "file": _file,
    "date": _date,
    "instant": _date,
    "picker": _picker,
    "user": _picker,
    "about": _picker,
    "tags": _many,
    "links": _many,
    "people": _many,
}


_READ: dict[str, Callable[[str, QueryDict, Reader], Any]] = {}


def register_control(widget: str, control: Control, read: Callable[[str, QueryDict, Reader], Any]) -> None:
    """Say how a slice's own kind of field is drawn, and how its raw value is read from what the control sends."""
    _CONTROLS[widget], _READ[widget] = control, read


def is_wide(field: Field) -> bool:
    """Whether the control wants the whole width of a form in two columns."""
    return (
        isinstance(field, Compound)
        or field.widget in ("textarea", "tags")
        or (field.widget == "choices" and not (isinstance(field, Choices) and field.folded))
        or field.widget in _READ
    )
