"""Statements kept in step: drafts are reckoned anew; what was submitted stays, and later changes become lines of the next draft.

All of a unit is reckoned at once, and only what is other than before is written. What came of a plan whose condition is not
understood any more stays as it is until that is mended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, cast

import orjson
from django.db.models import Count, Q, Sum
from django.utils.translation import override

from peyvand.kernel import clock
from peyvand.kernel.money import kept
from peyvand.kernel.persian.calendar import Unit
from peyvand.operational.commissions.audience import keep_members
from peyvand.operational.commissions.book import EARNED, Book
from peyvand.operational.commissions.models import CommissionLine, CommissionPlan, CommissionStatement
from peyvand.operational.commissions.reckoning import Fact, Line, recover
from peyvand.operational.numbering.public import calendar_here
from peyvand.operational.targets.public import name_of, period_of
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids, update_rows
from peyvand.platform.database.locks import hold
from peyvand.platform.events.facts import RecordCreated
from peyvand.platform.identity.models import User

UNITS: Final[tuple[Unit, ...]] = ("month", "quarter", "year")
# How long changes of what was submitted are looked for.
LOOKS_BACK: Final = timedelta(days=731)
# Written by people, or once for all: never reckoned again.
_BY_HAND: Final = ("manual",)
_COLUMNS: Final = (
    "kind",
    "plan_id",
    "name",
    "day",
    "deal_id",
    "invoice_id",
    "payment_id",
    "whole",
    "share",
    "base",
    "amount",
    "why",
)

Place = tuple[date, str]


@dataclass(frozen=True)
class Due:
    """A line that is to stand in a draft: the first day of the period in which it was earned, and what it says."""

    period: date
    line: Line

    @property
    def place(self) -> Place:
        return self.period, self.line.key

    def values(self) -> tuple[Any, ...]:
        """What is stored, in the order of _COLUMNS."""
        line, fact = self.line, self.line.fact
        share = fact.shares.get(fact.user) if fact else None
        return (
            line.kind, line.plan, line.name[:300], fact.day if fact else None, fact.deal if fact else None, fact.invoice if fact else None,
            fact.payment if fact else None, fact.whole if fact else None, share, line.base, line.amount,
            orjson.dumps(line.why).decode() if line.why else "",
        )  # fmt: skip


def renew_all(ctx: Context) -> None:
    """Reckon every unit for which there are plans or drafts."""
    used = set(CommissionPlan.objects.filter(deleted_at__isnull=True).values_list("unit", flat=True))
    used |= set(CommissionStatement.objects.filter(status="draft").values_list("unit", flat=True))
    for unit in UNITS:
        if unit in used:
            renew(ctx, unit)


def renew(ctx: Context, unit: Unit, owner: int | None = None) -> None:
    """Reckon all periods of a unit that are open or not long over, and write what is other than before; of one ``owner``
    alone, where they are named."""
    hold(ctx.tenant.id, "commissions")
    today = clock.today(ctx.tenant.tz)
    plans = list(CommissionPlan.objects.filter(unit=unit, deleted_at__isnull=True).order_by("id"))
    keep_members(plans, today)
    book = Book(ctx.tenant, unit)
    since = period_of(unit, today - LOOKS_BACK, calendar_here())[0]
    statements = _statements(unit, since, owner)
    periods = _periods(unit, plans, statements.values(), since, today)
    people = None if owner is None else _behind(unit, owner)
    now = {start: _only(owner, book.lines(start, end, people)) for start, end in periods.items()}
    due: dict[tuple[int, date], list[Due]] = defaultdict(list)
    for start, by_user in now.items():
        for user, lines in by_user.items():
            if (user, start) not in statements or statements[user, start].status == "draft":
                due[user, start] += [Due(start, line) for line in lines]
    drafts: dict[int, set[date]] = defaultdict(set)
    for user, start in (*due, *(place for place, s in statements.items() if s.status == "draft")):
        drafts[user].add(start)
    for user, period, line in _corrections(book, unit, statements, now):
        start = _open_period(unit, user, period, statements, drafts[user], today)
        drafts[user].add(start)
        due[user, start].append(Due(period, line))
    _take_back_advances(book, unit, due)
    _write(ctx, unit, statements, due, periods, book)


def _behind(unit: Unit, owner: int) -> set[int]:
    """Whose lines somebody's statements are reckoned from: their own, and those of the people whose manager they are, or were
    when a statement was submitted."""
    rows = CommissionLine.objects.filter(
        statement__unit=unit, statement__owner_id=owner, key__contains=":override:"
    )
    led = {int(key.rpartition(":")[2]) for key in rows.values_list("key", flat=True)}
    return {owner, *led, *User.objects.filter(manager_id=owner).values_list("id", flat=True)}


def _only(owner: int | None, lines: Mapping[int, list[Line]]) -> Mapping[int, list[Line]]:
    return lines if owner is None else {user: some for user, some in lines.items() if user == owner}


def _statements(unit: Unit, since: date, owner: int | None) -> dict[tuple[int, date], CommissionStatement]:
    """All of the periods from ``since`` on, and of earlier ones in which somebody's is a draft still."""
    rows = CommissionStatement.objects.filter(unit=unit, owner__isnull=False)
    if owner is not None:
        rows = rows.filter(owner_id=owner)
    drafts = rows.filter(status="draft").values("starts_on")
    found = rows.filter(Q(starts_on__gte=since) | Q(starts_on__in=drafts)).order_by("starts_on", "id")
    return {(cast(int, s.owner_id), s.starts_on): s for s in found}


def _periods(
    unit: Unit, plans: Sequence[CommissionPlan], statements: Iterable[CommissionStatement], since: date, today: date
) -> dict[date, date]:  # fmt: skip
    """The periods to reckon: from the first day of a plan, from ``since`` at the earliest, to today's; and those of drafts."""
    days = [max(plan.starts_on, since) for plan in plans if plan.starts_on <= today]
    found = {s.starts_on: s.ends_on + timedelta(days=1) for s in statements}
    if days:
        start, end = period_of(unit, min(days), calendar_here())
        while start <= today:
            found[start] = end
            start, end = period_of(unit, end, calendar_here())
    return dict(sorted(found.items()))


def _corrections(
    book: Book,
    unit: Unit,
    statements: Mapping[tuple[int, date], CommissionStatement],
    now: Mapping[date, Mapping[int, list[Line]]],
) -> list[tuple[int, date, Line]]:
    """What submitted statements say other than would be reckoned today, less what later ones put right already."""
    settled = {place: s for place, s in statements.items() if s.status != "draft"}
    if not settled:
        return []
    rows = CommissionLine.objects.filter(
        statement__unit=unit,
        statement__owner_id__in={user for user, _start in settled},
        period__gte=min(start for _user, start in settled),
    ).exclude(Q(statement__status="draft") | Q(kind__in=(*_BY_HAND, "recover")))
    written: dict[tuple[int, date], dict[str, int]] = defaultdict(dict)
    for owner, period, key, amount in rows.values_list("statement__owner_id", "period", "key").annotate(
        n=Sum("amount")
    ):
        written[owner, period][key] = amount
    found: list[tuple[int, date, str, int, Line | None]] = []
    for user, period in settled:
        today = {line.key: line for line in now.get(period, {}).get(user, ())}
        was = written[user, period]
        found += [
            (user, period, key, was.get(key, 0), today.get(key))
            for key in sorted({*today, *was})
            if not book.is_unclear(key) and (today[key].amount if key in today else 0) != was.get(key, 0)
        ]
    gone = _as_written(unit, [(user, period, key) for user, period, key, _was, line in found if line is None])
    return [
        (
            user,
            period,
            _corrected(
                unit, period, key, was, line or gone[user, period, key], 0 if line is None else line.amount
            ),
        )
        for user, period, key, was, line in found
    ]


def _corrected(unit: str, period: date, key: str, was: int, line: Line, now: int) -> Line:
    why = {**line.why, "was": was, "now": now, "period": period.isoformat(), "unit": unit}
    if not now:
        why = {k: v for k, v in why.items() if k in ("was", "now", "period", "unit", "basis")}
    return replace(line, kind="correction", key=key, amount=now - was, why=why)


def _as_written(unit: str, places: Sequence[tuple[int, date, str]]) -> dict[tuple[int, date, str], Line]:
    """Lines that nothing would make today, as they were submitted."""
    if not places:
        return {}
    rows = CommissionLine.objects.filter(
        statement__unit=unit, statement__owner_id__in={u for u, _p, _k in places}, period__in={p for _u, p, _k in places},
        key__in={k for _u, _p, k in places},
    ).exclude(statement__status="draft").order_by("id").select_related("statement")  # fmt: skip
    found: dict[tuple[int, date, str], Line] = {}
    for row in rows:
        user = row.statement.owner_id
        fact = None
        if row.deal_id is not None:
            shares = {user: row.share or Decimal(100)}
            fact = Fact(
                row.key, row.day or row.period, row.whole or 0, row.base or 0, user, shares, row.name, row.deal_id, row.invoice_id,
                row.payment_id,
            )  # fmt: skip
        why = orjson.loads(row.why) if row.why else {}
        found.setdefault(
            (user, row.period, row.key),
            Line(row.kind, row.key, row.amount, row.plan_id, row.name, fact, row.base, why),
        )
    return found


def _open_period(
    unit: Unit, user: int, period: date, statements: Mapping[tuple[int, date], CommissionStatement], drafts: Collection[date],
    today: date,
) -> date:  # fmt: skip
    """The first day of the next statement of a person after a period that is still open, or of one to come."""
    if later := [start for start in drafts if start > period]:
        return min(later)
    start, end = period_of(unit, today, calendar_here())
    while (user, start) in statements or start <= period:
        start, end = period_of(unit, end, calendar_here())
    return start


def _take_back_advances(book: Book, unit: str, due: dict[tuple[int, date], list[Due]]) -> None:
    """Advances are taken back out of what was earned above the least, draft by draft in their order."""
    chains = {terms.chain: terms for terms in book.terms if terms.is_draw}
    if not chains:
        return
    owing: dict[tuple[int, int], int] = defaultdict(int)
    keys = [f"{chain}:{word}" for chain in chains for word in ("draw", "recover")]
    rows = CommissionLine.objects.filter(statement__unit=unit, key__in=keys).exclude(
        statement__status="draft"
    )
    for owner, key, amount in rows.values_list("statement__owner_id", "key").annotate(n=Sum("amount")):
        owing[owner, int(key.partition(":")[0])] += amount
    for (user, start), lines in sorted(due.items(), key=lambda item: item[0][1]):
        for chain, terms in chains.items():
            own = [d.line for d in lines if d.line.key.startswith(f"{chain}:") and d.period == start]
            if not own:
                continue
            earned = sum(line.amount for line in own if line.kind in EARNED)
            if (line := recover(terms, earned, owing[user, chain])) is not None:
                lines.append(Due(start, line))
                owing[user, chain] += line.amount
            owing[user, chain] += sum(d.line.amount for d in lines if d.line.key == f"{chain}:draw")


def _write(
    ctx: Context, unit: Unit, statements: dict[tuple[int, date], CommissionStatement], due: Mapping[tuple[int, date], list[Due]],
    periods: Mapping[date, date], book: Book,
) -> None:  # fmt: skip
    """Make drafts say what they should: new ones, lines that are other than before, and their sums."""
    new = [
        place
        for place, lines in sorted(due.items(), key=lambda i: (i[0][1], i[0][0]))
        if lines and place not in statements
    ]
    made = _begin(ctx, unit, new, periods)
    statements.update(made)
    drafts = {s.id: (place, s) for place, s in statements.items() if s.status == "draft"}
    kept: dict[int, dict[Place, CommissionLine]] = defaultdict(dict)
    for line in CommissionLine.objects.filter(statement_id__in=list(drafts)).exclude(kind__in=_BY_HAND):
        kept[line.statement_id][line.period, line.key] = line
    fresh: list[tuple[int, Due]] = []
    changed: list[tuple[Any, ...]] = []
    gone: list[int] = []
    for id, (place, _statement) in drafts.items():
        wanted = {each.place: each for each in due.get(place, ())}
        for at, each in wanted.items():
            line = kept[id].get(at)
            if line is None:
                fresh.append((id, each))
            elif (values := each.values()) != tuple(getattr(line, column) for column in _COLUMNS):
                changed.append((line.id, *values))
        for at, line in kept[id].items():
            if at in wanted or book.is_unclear(line.key):
                continue
            if not line.dispute:
                gone.append(line.id)
            elif line.amount:
                # What somebody objected to stays to be answered.
                changed.append(
                    (
                        line.id,
                        *(
                            getattr(line, c) if c not in ("amount", "why") else 0 if c == "amount" else ""
                            for c in _COLUMNS
                        ),
                    )
                )
    CommissionLine.objects.filter(id__in=gone).delete()
    if changed:
        update_rows(CommissionLine, _COLUMNS, changed)
    _insert(ctx, fresh)
    sum_up(ctx, [s for _place, s in drafts.values()])


def _insert(ctx: Context, fresh: Sequence[tuple[int, Due]]) -> None:
    if not fresh:
        return
    at = clock.now()
    first = ("id", "workspace_id", "created_at", "updated_at", "version", "custom", "statement_id", "period", "key", "dispute",
             "objection", "answer")  # fmt: skip
    ids = next_ids(CommissionLine, len(fresh))
    insert_rows(CommissionLine, (*first, *_COLUMNS), (
        (new, ctx.tenant.id, at, at, 1, {}, statement, each.period, each.line.key, "", "", "", *each.values())
        for new, (statement, each) in zip(ids, fresh, strict=True)
    ))  # fmt: skip


def _begin(
    ctx: Context, unit: Unit, places: Sequence[tuple[int, date]], periods: Mapping[date, date]
) -> dict[tuple[int, date], CommissionStatement]:
    names = dict(User.objects.filter(id__in={user for user, _start in places}).values_list("id", "name"))
    language = ctx.tenant.language
    made = []
    with override(language):
        for user, start in places:
            end = periods.get(start) or period_of(unit, start, calendar_here())[1]
            name = f"{names.get(user, '')} · {name_of(unit, start, calendar_here(), language)}"
            made.append(CommissionStatement(
                name=name[:300], owner_id=user, unit=unit, starts_on=start, ends_on=end - timedelta(days=1),
            ))  # fmt: skip
    CommissionStatement.objects.bulk_create(made)
    ctx.record(*(
        RecordCreated(object="commission_statement", object_id=s.id, title=s.name, subjects=(("commission_statement", s.id),)) for s in made
    ))  # fmt: skip
    return {(cast(int, s.owner_id), s.starts_on): s for s in made}


def sum_up(ctx: Context, statements: Sequence[CommissionStatement]) -> None:
    """Write the sums of statements, and what they are reckoned from, where they are other than before."""
    ids = [s.id for s in statements]
    rows = CommissionLine.objects.filter(statement_id__in=ids).values_list("statement_id")
    found = {
        id: (earned or 0, corrections or 0, disputes)
        for id, earned, corrections, disputes in rows.annotate(
            earned=Sum("amount", filter=~Q(kind="correction")), corrected=Sum("amount", filter=Q(kind="correction")),
            disputes=Count("id", filter=Q(dispute="open")),
        )
    }  # fmt: skip
    bases: dict[int, set[str]] = defaultdict(set)
    for id, basis in rows.filter(plan__isnull=False).values_list("statement_id", "plan__basis").distinct():
        bases[id].add(basis)
    changed = []
    for s in statements:
        earned, corrections, disputes = found.get(s.id, (0, 0, 0))
        values = (kept(earned), kept(corrections), kept(earned + corrections), disputes, sorted(bases[s.id]))
        if values != (s.earned, s.corrections, s.amount, s.open_disputes, s.bases):
            s.earned, s.corrections, s.amount, s.open_disputes, s.bases = values
            changed.append((s.id, *values))
    if changed:
        update_rows(
            CommissionStatement, ("earned", "corrections", "amount", "open_disputes", "bases"), changed
        )
        ctx.touch("commission_statement", *(row[0] for row in changed))


def deals_in(statement: CommissionStatement) -> Collection[int]:
    """The deals that a statement's lines came of."""
    rows = CommissionLine.objects.filter(statement_id=statement.id, deal__isnull=False)
    return set(rows.values_list("deal_id", flat=True))
