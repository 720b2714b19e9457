"""The form of a rule: what it offers for an object, and how it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from peyvand.administration.retention.models import RetentionRule
from peyvand.administration.retention.rules import deeds_of, moments_of
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.filters import may_know
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.lists.filters import builder_schema, for_builder, labels_for, typed_condition
from peyvand.web.objects.lists.state import dump, read_state


def offered(ctx: Context, spec: ObjectSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form's controls show, with these values."""
    condition = values.get("condition")
    state = read_state(ctx, spec, QueryDict(urlencode({"filter": dump(condition)}) if condition else ""))
    return {
        "spec": spec,
        "values": values,
        "moments": [(k, label) for k, label in moments_of(spec).items() if may_know(ctx.actor, spec, k)],
        "deeds": list(deeds_of(spec).items()),
        "schema": builder_schema(state),
        "condition": dump(for_builder(condition, state)) if condition else "",
        "labels": dump(labels_for(state)),
    }


def read(ctx: Context, spec: ObjectSpec, request: HttpRequest) -> dict[str, Any]:
    """The values as typed; what is wrong with them is the action's to say."""
    post = request.POST
    months = post.get("months", "").strip()
    return {
        "object": spec.key,
        "name": post.get("name", ""),
        "since": post.get("since", ""),
        "months": whole_id(to_ascii_digits(months)) or months,
        "deed": post.get("deed", ""),
        "condition": typed_condition(post.get("condition", ""), read_state(ctx, spec, QueryDict())),
    }


def values_of(rule: RetentionRule) -> dict[str, Any]:
    """The values of a rule as the form shows them."""
    return {key: getattr(rule, key) for key in ("object", "name", "since", "months", "deed", "condition")}
