"""Which object a table's heads speak of, and which of its fields each head means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils import translation

from peyvand.integrations.transfer.answers import ANSWERS
from peyvand.integrations.transfer.heads import ALIASES, FIELD_NAMES, FILE_NAMES, ONLY_NAMED, plain
from peyvand.integrations.transfer.products import product_of
from peyvand.integrations.transfer.reading import Table
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.types import Field, Text
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object, own_objects

EXTERNAL: Final = "external_id"
# What is no field of theirs: where users belong, what people answered; and what only the verbs of users may write.
BESIDE: Final[dict[str, Mapping[str, Field]]] = {
    "user": {"office": Text(key="office", label="office")}, "person": ANSWERS,
}  # fmt: skip
_WRITTEN_FOR_USERS: Final = frozenset({"email", "role"})
# What only the making of a record writes, and no hand afterwards: a file tells when it was made elsewhere.
WRITTEN_ONCE: Final = frozenset({"created_at"})


def importable() -> list[ObjectSpec]:
    """What a file may hold, the most telling first; what the workspace made for itself behind what all know."""
    known = [spec for key in ALIASES if (spec := find_object(key))]
    return [*known, *own_objects().values()]


def _aliases(spec: ObjectSpec) -> tuple[str, ...]:
    """What people call one record of an object: an object of the workspace's own by its names in both languages."""
    if spec.key in ALIASES:
        return ALIASES[spec.key]
    names = [spec.key]
    for language in ("en", "fa"):
        with translation.override(language):
            names += [str(spec.label), str(spec.label_plural)]
    return tuple(dict.fromkeys(names))


def target_field(spec: ObjectSpec, name: str) -> Field:
    """The field that a mapping names ("amount", "lines.product").

    Raises:
        Invalid: the object has none of this name, or it is not written by hand.
    """
    key = name.partition(".")[0]
    found = spec.all_fields.get(key) or BESIDE.get(spec.key, {}).get(key)
    if found is None:
        raise Invalid.of(msg("%(object)s has no field “%(name)s”.", object=spec.key, name=name), "columns")
    if not _is_written(spec, found):
        raise Invalid.of(msg("The field “%(name)s” cannot be written.", name=name), "columns")
    return found


def _is_written(spec: ObjectSpec, field: Field) -> bool:
    """Whether an import may write the field; users are made by a verb of their own, which knows no moment but now."""
    more = _WRITTEN_FOR_USERS if spec.key == "user" else WRITTEN_ONCE
    return not field.readonly or field.key in more


def field_names(spec: ObjectSpec) -> dict[str, str]:
    """Every head that this object understands, made plain, with the target it means; the surest meaning of each."""
    ranked: list[tuple[int, str, str]] = []
    for key, each in {**spec.all_fields, **BESIDE.get(spec.key, {})}.items():
        if not _is_written(spec, each):
            continue
        labels = []
        for language in ("en", "fa"):
            with translation.override(language):
                labels.append(str(each.label))
        ranked += [
            (0, key, key),
            *((2, h, key) for h in each.headers),
            *((3, label, key) for label in labels),
        ]
        for alias in _aliases(spec):
            # «deal name», «نام معامله»
            ranked += [(4, f"{alias} {name}", key) for name in (key, *labels, *each.headers)]
            ranked += [(5, f"{name} {alias}", key) for name in (*labels, *each.headers) if not name.isascii()]
            if key == EXTERNAL:
                ranked += [(1, f"{alias} id", key), (4, f"{alias} number", key)]
    for target, names in FIELD_NAMES.get(spec.key, {}).items():
        if target.partition(".")[0] in spec.all_fields or target in BESIDE.get(spec.key, {}):
            ranked += [(1, name, target) for name in names]
            for alias in ALIASES.get(spec.key, ()):
                ranked += [(5, f"{name} {alias}", target) for name in names if not name.isascii()]
    meanings: dict[str, str] = {}
    for _, name, target in sorted(ranked, key=lambda entry: entry[0]):
        meanings.setdefault(plain(name), target)
    return meanings


def told_object(told: Mapping[str, Any]) -> ObjectSpec:
    """The object that a mapping names; Invalid where there is none."""
    spec = find_object(object_key(str(told["object"])))
    assert spec is not None
    return spec


def object_key(name: str) -> str:
    """The key of an object named by its key or plural; Invalid where there is none."""
    for spec in all_objects():
        if plain(name) in (plain(spec.key), plain(spec.plural)):
            return spec.key
    known = ", ".join(spec.key for spec in all_objects())
    raise Invalid.of(
        msg("There is no object “%(name)s”; there are: %(known)s.", name=name, known=known), "object"
    )


def recognised(table: Table, told: Mapping[str, Any]) -> ObjectSpec:
    """The object that most of the heads speak of; one without a name or key among them is out of question."""
    known = product_of(table.headers) if not told else None
    if known and (spec := find_object(known.object)):
        return spec
    best: tuple[float, ObjectSpec] | None = None
    for spec in importable():
        score = _score(spec, table, told)
        if score and (best is None or score > best[0]):
            best = (score, spec)
    if best is None:
        raise Invalid.of(
            msg(
                "The columns are not recognised as those of any object; say in a mapping file what they are."
            ),
            code="unrecognised",
        )
    return best[1]


def _score(spec: ObjectSpec, table: Table, told: Mapping[str, Any]) -> float:
    meanings = field_names(spec)
    targets = {meanings[plain(h)] for h in table.headers if plain(h) in meanings}
    own = {plain(a) for a in _aliases(spec)}
    named = {plain(h) for h in table.headers}
    is_named = spec.title in targets or {"given_name", "family_name"} & targets or bool(told.get("key"))
    by_id = {f"{a}id" for a in own} & named
    if not is_named and not by_id:
        return 0
    # A head like "account" or "opportunity name" speaks of one object; "name" alone could be anybody's.
    titles = {h for h in named if meanings.get(h) == spec.title}
    telling = 3 * any(any(a in h for a in own) for h in titles) + 3 * bool(by_id)
    stem = plain(table.path.stem)
    is_known = spec.key in ALIASES
    parts = FILE_NAMES.get(spec.key, () if is_known else _aliases(spec))
    hinted = 2 * any(plain(part) in stem for part in parts)
    if (
        (spec.key in ONLY_NAMED or not is_known)
        and not hinted
        and not any(a in h for a in own for h in named)
    ):
        return 0
    return len(targets) + telling + hinted
