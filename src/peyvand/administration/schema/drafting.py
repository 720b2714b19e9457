"""What a definition of a field may say: raw values of a form or a program, understood and checked against its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from peyvand.administration.schema.naming import fresh_key
from peyvand.kernel.conditions import fields_of, parse, to_json
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.numbers import parse_number
from peyvand.kernel.persian.text import tidy
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import FORMULA, ROLLUP, Definition
from peyvand.platform.fields.kinds import KINDS, SEARCHABLE, UNIQUE, custom_field
from peyvand.platform.objects.derived import check_formula, refuse_cycles
from peyvand.platform.objects.rollups import check_rollup
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.schema.reading import open_schema

LANGUAGES: Final = ("fa", "en")
TONES: Final = ("", "acc", "good", "warn", "bad", "info")
ICONS: Final = (
    "box", "file", "note", "building", "users", "user", "phone", "mail", "cal", "clock", "check", "task", "tag", "star", "flag",
    "money", "cart", "chart", "list", "link", "map", "globe", "shield", "key", "flow", "trophy", "gift", "ticket", "bulb", "gear",
)  # fmt: skip
MOST_OPTIONS: Final = 200
MOST_DECIMALS: Final = 6
BOUNDS: Final = ("min", "max")
# What a field is made of cannot change once records have values of it.
LASTING: Final = ("to", "decimals", "result", "of", "via", "how", "field")
RESULTS: Final = ("number", "money", "percent", "text", "date", "instant", "flag")


def labels_of(raw: Any, key: str, *, required: bool = True, most: int = 80) -> dict[str, str]:
    """Labels by language; one language is enough.

    Raises:
        Invalid: none is given, or one is too long.
    """
    given = {"en": raw} if isinstance(raw, str) else raw if isinstance(raw, Mapping) else {}
    labels = {code: tidy(str(given.get(code) or "")) for code in LANGUAGES}
    if required and not any(labels.values()):
        raise Invalid.of(msg("Give it a name in at least one language."), key, "required")
    if any(len(label) > most for label in labels.values()):
        raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=most), key)
    return {code: label for code, label in labels.items() if label}


def clean_definition(
    ctx: Context, spec: ObjectSpec, kind: str, raw: Mapping[str, Any], old: Definition | None
) -> dict[str, Any]:
    """The columns of a CustomField from what was typed or sent; for a change only what is given.

    Raises:
        Invalid: every part that is wrong, with its reason.
    """
    if kind not in (*KINDS, FORMULA, ROLLUP):
        raise Invalid.of(msg("There is no kind of field “%(name)s”.", name=kind), "kind")
    problems: list[Problem] = []
    out: dict[str, Any] = {}

    def part(name: str, read: Callable[[Any], Any], *, needed: bool = False) -> None:
        if name not in raw and not (needed and old is None):
            return
        try:
            out[name] = read(raw.get(name))
        except Invalid as error:
            problems.extend(p if p.field else Problem(name, p.message, p.code) for p in error.problems)

    part("labels", lambda value: labels_of(value, "labels"), needed=True)
    part("help", lambda value: labels_of(value, "help", required=False, most=300))
    part("is_required", bool)
    part("is_unique", lambda value: _unique(bool(value), kind))
    part("section", lambda value: tidy(str(value or ""))[:80])
    part("visible_when", lambda value: _condition(value, spec, old))
    try:
        out["config"] = _config(spec, kind, raw, old)
    except Invalid as error:
        problems += error.problems
    if not problems and "default" in raw:
        part("default", lambda value: _default(ctx, spec, kind, value, out["config"]))
    if problems:
        raise Invalid(problems)
    return out


def draft_of(spec: ObjectSpec, kind: str, config: Mapping[str, Any], key: str = "c_") -> Definition:
    """A definition for trying things out."""
    return Definition(0, spec.key, key, kind, config=config)


def _unique(wanted: bool, kind: str) -> bool:
    if wanted and kind not in UNIQUE:
        raise Invalid.of(msg("Values of this kind cannot be unique."))
    return wanted


def _condition(raw: Any, spec: ObjectSpec, old: Definition | None) -> Any:
    if not raw:
        return None
    schema = {key: f.type for key, f in spec.all_fields.items() if not (f.is_compound or f.on_request)}
    condition = parse(raw, schema)
    if old is not None and old.key in set(fields_of(condition)):
        raise Invalid.of(msg("A field cannot depend on itself."))
    return to_json(condition)


def _default(ctx: Context, spec: ObjectSpec, kind: str, value: Any, config: Mapping[str, Any]) -> Any:
    if kind in (FORMULA, ROLLUP):
        return None
    one = custom_field(draft_of(spec, kind, config))
    return one.encode(one.parse(value, ctx.reader))


def _config(spec: ObjectSpec, kind: str, raw: Mapping[str, Any], old: Definition | None) -> dict[str, Any]:
    config = dict(old.config) if old else {}
    if old is not None and (
        fixed := next((k for k in LASTING if k in raw and raw[k] != config.get(k)), None)
    ):
        raise Invalid.of(msg("This cannot be changed once the field is there; add another field."), fixed)
    if kind in ("choice", "choices") and ("options" in raw or old is None):
        config["options"] = _options(raw.get("options"), config.get("options", ()))
    if kind in ("number", "percent"):
        config = {key: value for key, value in config.items() if key not in BOUNDS} | _bounds(raw, config)
    if kind == "number":
        config["decimals"] = _whole(raw.get("decimals", config.get("decimals", 0)), "decimals", MOST_DECIMALS)
    if kind == "text" and raw.get("max_length"):
        config["max_length"] = _whole(raw["max_length"], "max_length", 1000) or 200
    if kind == "link":
        config["to"] = _target(raw.get("to", config.get("to")), "to")
        config["timeline"] = bool(raw.get("timeline", config.get("timeline", True)))
    if kind in SEARCHABLE and "search" in raw:
        config["search"] = bool(raw["search"])
    if kind in (FORMULA, ROLLUP):
        for name in ("formula", "result", "decimals", "of", "via", "how", "field", "condition"):
            if name in raw:
                config[name] = raw[name] or None
        if kind == FORMULA and config.get("result") not in RESULTS:
            raise Invalid.of(msg("Choose what the result is."), "result")
        config["decimals"] = _whole(config.get("decimals") or 0, "decimals", MOST_DECIMALS)
        draft = draft_of(spec, kind, config, old.key if old else "c_")
        config = check_formula(spec, draft) if kind == FORMULA else check_rollup(spec, draft)
        refuse_cycles(draft_of(spec, kind, config, draft.key), open_schema().definitions())
    return config


def _options(raw: Any, old: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not 1 <= len(raw) <= MOST_OPTIONS:
        raise Invalid.of(msg("Give it 1 to %(most)s options.", most=MOST_OPTIONS), "options")
    known = {o["key"] for o in old}
    taken, out = set(known), []
    for item in raw:
        told = item if isinstance(item, Mapping) else {"labels": item}
        labels = labels_of(told.get("labels"), "options")
        key = str(told.get("key") or "")
        if key not in known:
            key = fresh_key(labels, taken, prefix="", nameless="option")
        taken.add(key)
        tone = str(told.get("tone") or "")
        out.append({"key": key, "labels": labels, "tone": tone if tone in TONES else ""})
    if len({o["key"] for o in out}) != len(out):
        raise Invalid.of(msg("The same option is there twice."), "options")
    return out


def _bounds(given: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in BOUNDS:
        value = given.get(name, config.get(name))
        if value in (None, ""):
            continue
        try:
            number = value if isinstance(value, int | float) else parse_number(str(value))
        except Invalid as error:
            raise error.at(name) from None
        plain = Decimal(str(number))
        found[name] = int(plain) if plain == int(plain) else float(plain)
    if "min" in found and "max" in found and found["min"] > found["max"]:
        raise Invalid.of(msg("The smallest value must not be larger than the largest."), "min")
    return found


def _whole(value: Any, key: str, most: int) -> int:
    try:
        number = int(parse_number(str(value or 0)))
    except Invalid as error:
        raise error.at(key) from None
    if not 0 <= number <= most:
        raise Invalid.of(msg("This must be at most %(max)s.", max=most), key)
    return number


def _target(value: Any, key: str) -> str:
    linked = find_object(str(value or ""))
    if linked is None:
        raise Invalid.of(msg("Choose one from the list."), key)
    return linked.key
