"""Fields that are shown only when a condition on their own record holds: where it does not, nothing is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peyvand.kernel.conditions import fields_of, matches, parse
from peyvand.kernel.errors import Invalid
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.filters import eval_context, record_values
from peyvand.platform.objects.spec import ObjectSpec


def hidden_on(spec: ObjectSpec, actor: Actor, record: Any) -> frozenset[str]:
    """Keys of the fields that a loaded record has no place for now."""
    if not any(f.defined.visible_when for f in spec.custom_fields):
        return frozenset()
    return _hidden(spec, actor, record_values(record, spec))


def hidden_by(spec: ObjectSpec, actor: Actor, values: Mapping[str, Any], *, partial: bool) -> frozenset[str]:
    """Keys of the fields that these values leave no place for. ``partial``: what is not given is not known, so it hides
    nothing; else it is empty."""
    if not any(f.defined.visible_when for f in spec.custom_fields):
        return frozenset()
    known = {f.key: f.comparable(values[f.key]) for f in spec.stored_fields if f.key in values}
    if not partial:
        known = {f.key: f.comparable(f.empty()) for f in spec.stored_fields} | known
    return _hidden(spec, actor, known)


def _hidden(spec: ObjectSpec, actor: Actor, known: Mapping[str, Any]) -> frozenset[str]:
    schema = {f.key: f.type for f in spec.stored_fields}
    context = eval_context(actor)
    found = set()
    for field in spec.custom_fields:
        asked = field.defined.visible_when
        if not asked:
            continue
        try:
            condition = parse(asked, schema)
        except Invalid:
            # What it asks about was archived since: nothing hides the field then.
            continue
        if known.keys() >= set(fields_of(condition)) and not matches(condition, known, context):
            found.add(field.key)
    return frozenset(found)
