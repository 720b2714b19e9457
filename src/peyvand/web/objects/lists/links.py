"""Where lists are that show just the records of which something else tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.lists.state import NO_VIEW, dump
from peyvand.web.objects.resolve import address


def list_url(
    ctx: Context, spec: ObjectSpec, *asked: Mapping[str, Any], sort: str = "", columns: Iterable[str] = ()
) -> str:
    """The list of the records that meet all of these conditions, of every record where there are none. It begins with
    no view of the reader's own, which might leave some of them out."""
    words = {"view": NO_VIEW}
    if asked:
        words["filter"] = dump(asked[0] if len(asked) == 1 else {"and": asked})
    words |= {key: text for key, text in (("sort", sort), ("columns", ",".join(columns))) if text}
    return f"{address(ctx, spec)}/?{urlencode(words)}"
