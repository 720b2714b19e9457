"""How far ahead insights look: a label names the span of the run that its values are of, which a workspace may choose.

A run with another span than the one before raises the workspace's ``access_version``, under which a process keeps what it read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from django.utils.functional import lazy
from django.utils.translation import get_language, gettext

from peyvand.kernel.numbers import format_number
from peyvand.platform.database.prepared import fetch
from peyvand.platform.fields.field import Label
from peyvand.platform.identity.actor import ACCESS_VERSION, UNCOMMITTED
from peyvand.platform.workspaces.scope import current_workspace_id, held

_AHEAD: Final = "insights_ahead"
_READ: Final = "select analysis, ahead from insight_run where workspace_id = %s::bigint and ahead is not null"


def days_ahead(analysis: str, usual: int) -> int:
    """The days ahead of which an analysis' values in the open workspace are; the ``usual`` where none are or no scope is open."""
    known = held()
    if known is None:
        return usual
    if _AHEAD not in known:
        workspace_id, version = current_workspace_id(), known.get(ACCESS_VERSION)
        if version is None:
            ((version,),) = fetch(
                "select access_version from workspace where id = %s::bigint", [workspace_id]
            )
            known[ACCESS_VERSION] = version
        read = _read.__wrapped__ if UNCOMMITTED in known else _read
        known[_AHEAD] = read(workspace_id, version)
    return int(known[_AHEAD].get(analysis, usual))


@lru_cache(maxsize=1024)
def _read(workspace_id: int, version: int) -> Mapping[str, int]:
    return dict(fetch(_READ, [workspace_id]))


def looking_ahead(label: Label, analysis: str, usual: int) -> Label:
    """A label that ends in the span: «ارزش مورد انتظار تا ۳۶۵ روز آینده»."""

    def say() -> str:
        days = format_number(days_ahead(analysis, usual), get_language() or "en")
        return gettext("%(label)s, %(days)s days ahead") % {"label": label, "days": days}

    said: Callable[[], Label] = lazy(say, str)
    return said()
