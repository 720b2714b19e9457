"""Icons of the sprite."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from peyvand.web.components.assets import asset_url

# Those that point along the line and so turn with it.
_FLIPPED = frozenset({"ce", "cs", "arrow", "merge", "undo", "logout", "side"})


@lru_cache(maxsize=1024)
def icon(name: str, classes: str = "") -> SafeString:
    """An icon by its name in the sprite; it says nothing to screen readers, so its button needs a name of its own."""
    flip = " flip" if name in _FLIPPED else ""
    extra = f" {classes}" if classes else ""
    return format_html(
        '<svg class="i{}{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        flip,
        extra,
        asset_url("src/icons/icons.svg"),
        name,
    )
