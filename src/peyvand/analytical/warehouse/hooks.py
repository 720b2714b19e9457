"""What holds for an outside source whoever writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from peyvand.analytical.warehouse.models import OutsideSource
from peyvand.analytical.warehouse.outside.taking import ask_to_take, is_read_otherwise, ready
from peyvand.kernel.errors import Invalid, Message, Problem, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import keep_in_bin

_OF_A_DATABASE: Final = ("host", "port", "database", "username", "password", "sslmode", "relation", "query")
_WHOSE: Final = ("customer_column", "customer_by")
_NEEDED: Final = ("host", "database", "username")


def prepare_sources(
    ctx: Context, sources: Sequence[OutsideSource], values: Sequence[Mapping[str, Any]]
) -> None:
    """Names are told apart, a database is told whole, and a password goes to no other server than it was typed for."""
    seen: dict[str, OutsideSource] = {}
    for source, given in zip(sources, values, strict=True):
        others = OutsideSource.objects.filter(name=source.name, deleted_at__isnull=True).exclude(id=source.id)
        if seen.setdefault(source.name, source) is not source or others.exists():
            raise Invalid.of(msg("Another source has this name."), "name", "duplicate")
        source.title = source.title or source.name
        if bool(source.customer_column) != bool(source.customer_by):
            missing = "customer_by" if source.customer_column else "customer_column"
            raise Invalid.of(msg("Choose both the column and what it contains, or neither."), missing)
        if source.kind == OutsideSource.POSTGRES:
            _database(source, given)


def read_anew(
    ctx: Context, sources: Sequence[OutsideSource], values: Sequence[Mapping[str, Any]], created: bool
) -> None:
    """A source of which is said otherwise whose its rows are is read again: the keys that are there are of the former reading."""
    said = [
        s
        for s, given in zip(sources, values, strict=True)
        if not created and not given.keys().isdisjoint(_WHOSE)
    ]
    for source in ready().filter(id__in=[s.id for s in said if is_read_otherwise(s)]):
        ask_to_take(source, ctx.actor.user_id)


def settled_of(source: OutsideSource) -> Mapping[str, Message]:
    """A file has no server: nothing of one is typed."""
    if source.kind != OutsideSource.FILE:
        return {}
    return dict.fromkeys(_OF_A_DATABASE, msg("This source is a file."))


def _database(source: OutsideSource, given: Mapping[str, Any]) -> None:
    wrong = [Problem(key, msg("This is needed."), "required") for key in _NEEDED if not getattr(source, key)]
    if bool(source.relation) == bool(source.query):
        wrong.append(Problem("relation", msg("Give either a table or a SELECT.")))
    if source.id is not None and not given.get("password") and given.keys() & {"host", "port", "sslmode"}:
        before = OutsideSource.objects.filter(id=source.id).values("host", "port", "sslmode").first()
        now = {key: getattr(source, key) for key in ("host", "port", "sslmode")}
        if before is not None and before != now:
            wrong.append(
                Problem("password", msg("Type the password again: it was for another server."), "required")
            )
    if wrong:
        raise Invalid(wrong)


def _names_taken(object_key: str, ids: Sequence[int]) -> Mapping[int, Message]:
    if object_key != "outside_source":
        return {}
    there = OutsideSource.objects.filter(deleted_at__isnull=True).values("name")
    taken = OutsideSource.objects.filter(id__in=ids, name__in=there).values_list("id", flat=True)
    return dict.fromkeys(taken, msg("Another source has this name."))


keep_in_bin(_names_taken)
