"""What an actor may do with the record on a page, and how the record is loaded for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import ActionSpec, actions_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.queries import Row, fetch_row, load_record
from peyvand.platform.objects.references import shown_title
from peyvand.platform.objects.sharing import VERB, can_share
from peyvand.platform.objects.spec import ObjectSpec


@dataclass(frozen=True)
class Opened:
    """A record with its values, as one actor sees it."""

    spec: ObjectSpec
    record: Any
    row: Row
    in_bin: bool
    may_update: bool
    may_delete: bool
    may_share: bool = False

    @property
    def ref(self) -> str:
        return f"{self.spec.key}:{self.record.id}"

    @property
    def title(self) -> str:
        """What the record is called, as ``page.title_of``."""
        return shown_title(self.spec, self.row.title) or str(self.spec.label)

    @property
    def seen(self) -> str:
        """What a verb's form sends back: the version of the record that it is about, and the second in which it was drawn."""
        return f"{self.record.version}.{int(clock.now().timestamp())}"


def open_record(ctx: Context, spec: ObjectSpec, id: int, columns: Sequence[str] | None = None) -> Opened:
    """The record, from the bin if it rests there.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    in_bin = False
    try:
        record = load_record(spec, ctx.actor, id)
    except NotFound:
        record, in_bin = load_record(spec, ctx.actor, id, in_bin=True), True
    row = fetch_row(spec, ctx.actor, id, columns, in_bin=in_bin)
    may_update = not in_bin and bool(decide(ctx.actor, spec.permission("update"), record))
    may_delete = _may_delete(ctx, spec, record, in_bin)
    may_share = not in_bin and can_share(spec) and bool(decide(ctx.actor, spec.permission(VERB), record))
    return Opened(spec, record, row, in_bin, may_update, may_delete, may_share)


def drawn_from(spec: ObjectSpec, part: str) -> list[str] | None:
    """The fields that a part of a record's page is drawn from, None for all: each part is fetched again with every change, and
    lines, people and tags have a statement each."""
    if part == "head":
        return [f.key for f in spec.all_fields.values() if not f.on_request and not f.is_compound]
    return [] if part == "path" else None


def _may_delete(ctx: Context, spec: ObjectSpec, record: Any, in_bin: bool) -> bool:
    """Whether the actor may move the record to the bin, or out of it: what came there may always come back."""
    stays = not in_bin and spec.stays is not None and spec.stays(record) is not None
    if not spec.has_bin or stays:
        return False
    return bool(decide(ctx.actor, spec.permission("delete"), record))


def may_write(ctx: Context, spec: ObjectSpec, field: Field) -> bool:
    """Whether the actor's role lets them set this field of such records."""
    return not field.readonly and ctx.actor.grants.field_access(spec.key, field.key) is FieldAccess.WRITE


def form_fields(ctx: Context, spec: ObjectSpec) -> list[Field]:
    """The fields of the object's form that the actor may set, in their order."""
    keys = dict.fromkeys(key for section in spec.form_sections for key in section.fields)
    return [f for key in keys if may_write(ctx, spec, f := spec.field(key))]


def offered_actions(ctx: Context, opened: Opened) -> list[ActionSpec]:
    """The verbs that make sense for the record now and that the actor may apply to it."""
    if opened.in_bin:
        return []
    return [
        action
        for action in actions_of(opened.spec.key)
        if action.on == "one"
        and action.button
        and action.offered(opened.record)
        and decide(ctx.actor, action.key, opened.record)
        and action.useful(ctx, opened.record)
    ]
