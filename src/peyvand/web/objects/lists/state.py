"""What a list shows, read from its address: the same link shows a colleague the same list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import QueryDict

from peyvand.kernel.conditions import Condition, parse
from peyvand.kernel.errors import Invalid, NotFound, Problem, msg
from peyvand.kernel.nesting import is_shallow
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.filters import is_secret
from peyvand.platform.objects.grouping import Grouping, Measure, parse_group
from peyvand.platform.objects.habits import Habit, habit_of
from peyvand.platform.objects.looks import WORDS, measures_of, read_look
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.queries import ListQuery, Sort, parse_sort
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.objects.views import named_view, read_columns
from peyvand.web.objects.lists.columns import Column, columns_of

MOST_TEXT = 200
# An address names no more records than this one by one.
MOST_ONLY = 1000
# In an address: the object's whole list, whatever view someone usually begins with.
NO_VIEW = "all"


@dataclass(frozen=True)
class ListState:
    """One list as its address says it. ``raw`` is the filter's JSON as given, kept even where it is wrong."""

    ctx: Context
    spec: ObjectSpec
    view: SavedView | None
    raw: Any
    condition: Condition | None
    sort_text: str
    sort: tuple[Sort, ...]
    # [[key, width or None], …] as chosen; empty for the object's own.
    chosen: tuple[tuple[str, int | None], ...]
    text: str
    in_bin: bool
    problems: tuple[Problem, ...] = ()
    # How it is laid out, as platform.objects.looks reads it.
    look: Mapping[str, str] = field(default_factory=dict)
    # Ids of the records that were chosen out of what matches; empty: all of it.
    only: tuple[int, ...] = ()

    @cached_property
    def habit(self) -> Habit:
        """What the actor is used to on this object."""
        return habit_of(self.ctx.actor, self.spec.key)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.spec, self.ctx, self.chosen)

    @property
    def query(self) -> ListQuery:
        """What the rows are fetched by; a wrong filter shows nothing rather than everything."""
        condition = parse({"or": []}, self.spec.condition_schema) if self.problems else self.condition
        keys = tuple(c.key for c in self.columns)
        return ListQuery(
            self.spec, self.ctx.actor, keys, condition, self.sort, self.text, self.in_bin, self.only
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything keeps records from being shown."""
        return bool(self.raw or self.text or self.only)

    @property
    def is_changed(self) -> bool:
        """Whether it differs from its view, or from the object's own list."""
        kept = self.view
        own = tuple((k, w) for k, w in read_columns(kept.columns, self.spec)) if kept else ()
        return (self.raw or None, self.sort_text, self.chosen, self.look) != (
            (kept.condition or None) if kept else None,
            kept.sort if kept else "",
            own,
            self._kept_look,
        )

    @property
    def _kept_look(self) -> dict[str, str]:
        return read_look(self.view.look, self.spec) if self.view else {}

    @property
    def grouping(self) -> Grouping | None:
        """What the records are put together by."""
        if self.in_bin or self.problems:
            return None
        return parse_group(self.look.get("group", ""), self.spec)

    @property
    def measures(self) -> list[Measure]:
        """The figures of the columns at hand; none of a column whose values are masked."""
        masked = self.ctx.actor.grants.hides(self.spec.key)
        return measures_of(self.look.get("sums", ""), [c.field for c in self.columns if c.key not in masked])

    @property
    def pinned(self) -> int:
        """How many columns stay while the others scroll: the title, unless told otherwise."""
        return min(int(self.look.get("pin", "1")), len(self.columns))

    def with_look(self, **words: str) -> str:
        """The query string with these words of the look changed; an empty one is taken out."""
        return self.address(look={k: v for k, v in {**self.look, **words}.items() if v})

    def address(self, **changes: Any) -> str:
        """The query string of this state with changes: ``raw``, ``sort_text``, ``chosen``, ``text``, ``in_bin``, ``view``, ``look``, ``only``."""
        return replace(self, **changes).query_string if changes else self.query_string

    @property
    def query_string(self) -> str:
        kept, parts = self.view, list[tuple[str, str]]()
        if kept is not None:
            parts.append(("view", kept.mark))
        if (self.raw or None) != ((kept.condition or None) if kept else None):
            parts.append(("filter", dump(self.raw) if self.raw else ""))
        if self.sort_text != (kept.sort if kept else ""):
            parts.append(("sort", self.sort_text))
        own = tuple((k, w) for k, w in read_columns(kept.columns, self.spec)) if kept else ()
        if self.chosen != own:
            parts.append(("columns", write_columns(self.chosen)))
        kept_look = self._kept_look
        parts += [
            (word, self.look.get(word, ""))
            for word in WORDS
            if self.look.get(word, "") != kept_look.get(word, "")
        ]
        if self.text:
            parts.append(("q", self.text))
        if self.in_bin:
            parts.append(("bin", "1"))
        if self.only:
            parts.append(("only", ",".join(map(str, self.only))))
        return urlencode(parts)


def read_state(ctx: Context, spec: ObjectSpec, given: QueryDict) -> ListState:
    """The state that an address says.

    Raises:
        NotFound: the view is not there or not shared with the actor.
    """
    words = given.dict()
    mark = str(words.get("view", ""))
    view = named_view(ctx.actor, spec, mark) if mark not in ("", NO_VIEW) else None
    problems: list[Problem] = []
    raw: Any = view.condition if view else None
    if "filter" in words:
        raw, wrong = _decode(str(words["filter"]))
        problems += wrong
    condition = None
    if raw and not problems:
        try:
            condition = parse(raw, visible_schema(ctx, spec))
        except Invalid as error:
            problems += error.problems
    sort_text = str(words.get("sort", view.sort if view else ""))
    try:
        sort = parse_sort(sort_text, spec)
        if any(s.field.key in ctx.actor.grants.hides(spec.key) for s in sort):
            raise Invalid.of(
                msg("There is nothing to sort by under the name “%(name)s”.", name=sort_text), "sort"
            )
    except Invalid as error:
        sort, problems = (), [*problems, *error.problems]
    chosen = _read_chosen(str(words["columns"])) if "columns" in words else (view.columns if view else [])
    columns = tuple((key, width) for key, width in read_columns(chosen, spec))
    in_bin = words.get("bin") == "1" and spec.has_bin
    return ListState(
        ctx,
        spec,
        view,
        raw,
        condition,
        sort_text,
        sort,
        columns,
        str(words.get("q", "")).strip()[:MOST_TEXT],
        in_bin,
        tuple(problems),
        _read_look(ctx, spec, view, words),
        tuple(filter(None, map(whole_id, str(words.get("only", "")).split(",")[:MOST_ONLY]))),
    )


def _read_look(
    ctx: Context, spec: ObjectSpec, view: SavedView | None, words: Mapping[str, Any]
) -> dict[str, str]:
    """The look that an address says over its view's own; nothing in it names a field that the actor may not see."""
    kept = view.look if view else {}
    look = read_look({word: words.get(word, kept.get(word)) for word in WORDS}, spec)
    hidden = ctx.actor.grants.hides(spec.key)
    return {
        word: text
        for word, text in look.items()
        if text.removeprefix("-").partition(":")[0] not in hidden or word == "sums"
    }


def visible_schema(ctx: Context, spec: ObjectSpec) -> dict[str, Any]:
    """The fields that this actor may filter by: a hidden field must not be found out by asking."""
    return {
        path: kind for path, kind in spec.condition_schema.items() if not is_secret(path, spec, ctx.actor)
    }


def whole(text: str) -> int:
    """A whole number from an address; anything else is not found."""
    try:
        return int(to_ascii_digits(text))
    except ValueError:
        raise NotFound from None


def read_json(text: str) -> Any:
    """A value from an address.

    Raises:
        ValueError: it is no JSON, or nested deeper than anything that we write.
    """
    # Unlike json, orjson takes no halves of characters, which could be written into no page.
    value = orjson.loads(text)
    if not is_shallow(value):
        raise ValueError("nested too deep")
    return value


def dump(raw: Any) -> str:
    """A filter as it stands in an address."""
    return raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, separators=(",", ":"))


def write_columns(chosen: tuple[tuple[str, int | None], ...]) -> str:
    return ",".join(f"{key}:{width}" if width else key for key, width in chosen)


def _decode(text: str) -> tuple[Any, list[Problem]]:
    if not text.strip():
        return None, []
    try:
        return read_json(text), []
    except ValueError:
        return text, [Problem(None, msg("This filter is not written as JSON."), "json")]


def _read_chosen(text: str) -> list[list[Any]]:
    pairs = (part.partition(":") for part in text.split(",") if part)
    return [
        [key, int(width) if width.isascii() and width.isdigit() and len(width) < 5 else None]
        for key, _, width in pairs
    ]
