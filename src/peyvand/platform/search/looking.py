"""Reading the index as far as an actor may: what the index itself decides, and what only the records can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import Any

from django.db import connection

from peyvand.kernel import clock
from peyvand.platform.identity.actor import Actor
from peyvand.platform.search.marks import any_of
from peyvand.platform.search.permitted import Said, Sight, visible
from peyvand.platform.search.wanted import first_of_months, months_back

# Where each record must be asked for by itself: as many as this are enough, and no more are asked for than that.
ENOUGH, MOST_ASKED = 100, 3_000
# The newest so many are what is shown first, so none of these may be missing: further ones are asked for only where the
# owners' own, which need not be asked, are too few.
FIRST = 25
# Of some months' rows so many are read before it is known how many of them must be asked for.
MOST_READ = 1_000
# How frequent words are at the newest rows is seen by so many of these; so many times as many are walked at most.
SAMPLE, FARTHEST = 1_000, 60
# A rare word is looked for in the newest months alone, in these at most; then in everything.
MONTHS = 24
EVER = MONTHS + 1
# What few months say of a rate is rough: so many times as many are looked through next, at most.
MOST_MONTHS = 12

NEWEST = "order by made_at desc, object_id desc"
# The same of rows that are first found, then sorted: no index gives them in this order, one after the other.
_SORTED = "order by made_at + interval '0' desc, object_id desc"


@dataclass(frozen=True)
class Look:
    """One look into a table of the index: these columns, after object and id, of its rows ``found`` that hold a condition.

    The condition is said twice, for it may be narrowed by what is known of those who own the rows (``by_owner``) or
    of the objects whose records must be asked (``asked``).
    """

    table: str
    columns: Said
    by_owner: Said
    asked: Said
    order: str = ""


Rows = list[tuple[Any, ...]]
Part = Callable[[Actor, Sight, Look, int], tuple[str, list[Any]]]


def look(actor: Actor, sight: Sight, one: Look, most: int) -> Rows:
    """The rows that the actor may find (object, id, columns): about ``most``, and fewer where many that must be asked for
    are others'."""
    told, others = _read(actor, sight, one, most, one, max(most, ENOUGH))
    allowed = visible(actor, {row[:2] for row in others})
    return told + [row for row in others if row[:2] in allowed]


def look_back(
    actor: Actor, sight: Sight, one: Look, most: int, enough: int, *, deep: bool = False
) -> tuple[Rows, bool]:
    """As look, of a table with marks of months whose newest rows are wanted (their moment is the last column), and whether
    there may be more of them; ``enough`` found, and it looks no further. ``deep``: many may be asked for.

    Of a word that is too rare to walk back in time for, the index of terms gives all rows, and each must be read from a
    page of its own to know which are the newest. So the newest months are asked for first, and as many more as it takes
    at the rate of those.
    """
    back = _Back(actor, sight, one, most, enough, deep)
    if _walks(actor, sight, one, 3 * most if deep else most):
        return back.walked()
    return back.by_months()


class _Back:
    """One look back in time. What an owner makes certain is found beside what must be asked for, each as far back as it
    takes: for a page of the one a page of the index is read, for one of the other two records besides."""

    def __init__(self, actor: Actor, sight: Sight, one: Look, most: int, enough: int, deep: bool) -> None:
        self.actor, self.sight, self.one, self.most, self.deep = actor, sight, one, most, deep
        self.enough = enough if sight.asked else most
        # Where what is certain gives less than this, further ones are asked for.
        self.least = min(ENOUGH, enough)
        self.first = min(FIRST, enough)
        self.told: Rows = []
        self.seen: Rows = []
        # Read, but not asked for yet; the newest first.
        self.left: Rows = []
        self.asked = 0
        # Nothing more is certain.
        self.is_told = False
        self.are_many = False

    @property
    def found(self) -> Rows:
        return list(dict.fromkeys([*self.told, *self.seen]))

    def walked(self) -> tuple[Rows, bool]:
        told = self.one
        if self.sight.asked:
            # Where the index of terms would read all that they have of it, their newest are found on the same way back.
            self.most = self.least
            plain = replace(told, by_owner=told.asked)
            if _is_near(self.actor, self.sight, plain, _by_owner, self.most):
                told = plain
        self._take(told, self.one, max(self.most, ENOUGH), is_last=True)
        return self.found, self.are_many

    def by_months(self) -> tuple[Rows, bool]:
        told, asked = 0, 0
        # Of a month that has just begun nothing could be concluded.
        more_told = 1 if clock.now().day > 15 else 2
        more_asked = more_told if self.sight.asked else 0
        while more_told or more_asked:
            # In the first month all is read anyway, and the index takes longer to choose by owner among so many.
            certain = self.one.by_owner if told else self.one.asked
            self._take(
                _part(self.one, certain, told, more_told),
                _part(self.one, self.one.asked, asked, more_asked),
                MOST_READ if self.deep else ENOUGH,
                is_last=told + more_told >= EVER,
                at_once=not told,
            )
            told, asked = min(told + more_told, EVER), min(asked + more_asked, EVER)
            have = len(self.told) + len(self.seen)
            more_told = _months(self.enough - have, len(self.told), told)
            if self.sight.asked:
                known = self._known(_beginning(asked))
                wanted = max(self.first - known, 0 if more_told else self.least - have)
                more_asked = _months(wanted, known, asked)
        return self.found, self.are_many or self._has_older(told, asked)

    def _take(
        self, told: Look | None, asked: Look | None, read: int, *, is_last: bool, at_once: bool = False
    ) -> None:
        """Read on in both, and ask for as many as are wanted. ``is_last``: nothing certain is left after this;
        ``at_once``: both choose from the same rows."""
        if at_once and told is not None and self.sight.asked:
            found, self.left = _read_once(self.actor, self.sight, told, self.most, read)
        else:
            found, self.left = _read(self.actor, self.sight, told, self.most, asked, read)
        self.told += found
        self.is_told = is_last
        self.are_many |= len(found) >= self.most
        size, is_all = len(self.left), len(self.left) < read
        while wanted := self._wanted():
            if not self.left:
                if is_all or not self.deep or asked is None or self.asked >= MOST_ASKED:
                    break
                # Those read until now were mostly others'.
                text, given = _to_ask(self.actor, self.sight, asked, read)
                self.left = _rows(f"{text} offset {size}", given)
                size, is_all = size + len(self.left), len(self.left) < read
                continue
            had = self._known(self.left[0][-1])
            many = _times(wanted, had, self.asked) if had and self.asked else 3 * max(wanted, self.asked)
            some, self.left = self.left[:many], self.left[many:]
            allowed = visible(self.actor, {row[:2] for row in some})
            self.seen += [row for row in some if row[:2] in allowed]
            self.asked += len(some)
        # Of others' records alone nobody is told that they are many.
        self.are_many |= bool(self.seen) and (bool(self.left) or not is_all)

    def _wanted(self) -> int:
        """How many more of those that must be asked for."""
        lacking = self.least - len(self.told) - len(self.seen)
        if lacking > 0 and self.is_told:
            return lacking
        return max(0, self.first - self._known(self.left[0][-1])) if self.left else 0

    def _known(self, since: datetime | None) -> int:
        """How many are found that are as new as this; what has no moment is the newest of all."""
        if since is None:
            return len(self.seen)
        return len(self.seen) + len([row for row in self.told if row[-1] is None or row[-1] >= since])

    def _has_older(self, told: int, asked: int) -> bool:
        """Whether there is anything before so many months."""
        parts = [(_by_owner, self.one.by_owner, told)]
        if self.sight.asked:
            parts.append((_to_ask, self.one.asked, asked))
        return any(
            _rows(*read(self.actor, self.sight, _before(replace(self.one, order=""), said, done), 1))
            for read, said, done in parts
            if done < EVER
        )


def _walks(actor: Actor, sight: Sight, one: Look, most: int) -> bool:
    """Whether the newest are found by walking back in time: PostgreSQL knows how frequent the terms are, or thinks so. It
    takes each word that few rows have for one that some have, and a name may begin dozens of names that no text has."""
    part = _to_ask if sight.asked else _by_owner
    text, given = part(actor, sight, one, most)
    if not any("Backward" in line for (line,) in _rows(f"explain (costs off) {text}", given)):
        return False
    return _is_near(actor, sight, one, part, most)


def _is_near(actor: Actor, sight: Sight, one: Look, part: Part, most: int) -> bool:
    """Whether the newest rows promise so many of the look not too far back."""
    newest = f"(select * from {one.table} where workspace_id = %s {one.order} limit {SAMPLE})"  # noqa: S608 our own words
    text, given = part(actor, sight, replace(one, table=newest, columns=Said("1"), order=""), SAMPLE)
    return len(_rows(text, [actor.workspace_id, *given])) * FARTHEST >= most


def _part(one: Look, said: Said, done: int, more: int) -> Look | None:
    """The look in so many months after those that are done, or in all that is left; None where it is for none."""
    if not more:
        return None
    if done + more >= EVER:
        # So rare a word is read whole; PostgreSQL, which does not know that, would rather walk back through everything.
        return _before(replace(one, order=_SORTED), said, done)
    marks = any_of(months_back(clock.now().date(), done, more))
    where = Said(f"{said.text} and terms @@ %s::tsquery", [*said.values, marks])
    return replace(one, by_owner=where, asked=where)


def _before(one: Look, said: Said, done: int) -> Look:
    """The look in all that was made before so many months."""
    where = Said(f"{said.text} and (made_at < %s or made_at is null)", [*said.values, _beginning(done)])
    return replace(one, by_owner=where, asked=where)


def _beginning(done: int) -> datetime:
    """When the oldest of so many months began."""
    day = first_of_months(clock.now().date(), done)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _months(wanted: int, have: int, done: int) -> int:
    """How many more months to look through for as many as are wanted, where those that are done had some."""
    if wanted <= 0 or done >= EVER:
        return 0
    return min(_times(wanted, have, done), MOST_MONTHS * done) if have > 0 else EVER


def _times(wanted: int, have: int, of: int) -> int:
    """How many more to look at for as many as are wanted, where of those before some were had; rather too many."""
    return ceil(1.2 * wanted * of / have)


def _read(
    actor: Actor, sight: Sight, told: Look | None, most: int, asked: Look | None, read: int
) -> tuple[Rows, Rows]:
    """By one statement the rows of which their owner decides, and those that must be asked for."""
    parts, values = [], list[Any]()
    if told is not None:
        text, given = _by_owner(actor, sight, told, most)
        parts.append(f"(select false, s.* from ({text}) s)")  # noqa: S608 our own words
        values += given
    if asked is not None and sight.asked:
        text, given = _to_ask(actor, sight, asked, read)
        parts.append(f"(select true, s.* from ({text}) s)")  # noqa: S608
        values += given
    rows = _rows(" union all ".join(parts), values)
    return [row[1:] for row in rows if not row[0]], [row[1:] for row in rows if row[0]]


def _read_once(actor: Actor, sight: Sight, one: Look, most: int, read: int) -> tuple[Rows, Rows]:
    """As _read where both are chosen from the same few rows: those of a month, each on a page that is read once."""
    assert sight.asked is not None
    text = (
        f"with chosen as materialized (select object, object_id, {one.columns.text} from {one.table} "  # noqa: S608 our own words
        f"where workspace_id = %s and {one.asked.text}) "
        f"(select false, found.* from chosen found where {sight.by_owner.text} {one.order} limit {most}) union all "
        f"(select true, found.* from chosen found where {sight.asked.text} {one.order} limit {read})"
    )
    given = [*one.columns.values, actor.workspace_id, *one.asked.values]
    rows = _rows(text, [*given, *sight.by_owner.values, *sight.asked.values])
    return [row[1:] for row in rows if not row[0]], [row[1:] for row in rows if row[0]]


def _by_owner(actor: Actor, sight: Sight, one: Look, most: int) -> tuple[str, list[Any]]:
    return _select(actor, one, one.by_owner, sight.by_owner, most)


def _to_ask(actor: Actor, sight: Sight, one: Look, most: int) -> tuple[str, list[Any]]:
    return _select(actor, one, one.asked, sight.asked or Said("false"), most)


def _select(actor: Actor, one: Look, where: Said, may: Said, most: int) -> tuple[str, list[Any]]:
    text = (
        f"select object, object_id, {one.columns.text} from {one.table} found "  # noqa: S608 our own words, values are parameters
        f"where workspace_id = %s and {where.text} and {may.text} {one.order} limit {most}"
    )
    return text, [*one.columns.values, actor.workspace_id, *where.values, *may.values]


def _rows(text: str, values: Sequence[Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        found: Rows = cursor.fetchall()
        return found
