"""A customer goes with the business: whoever is given a lead or a deal has, or at least sees, its company and person.

When a record changes hands, each of the two goes along that nobody has, that its former owner has and is left with
nothing else of, or with whom nobody works at all; any other stays, and is opened to the new owner to be seen. Given back,
what went along comes back, and what was opened for it is closed again. All of it in sets: how many records change hands
makes no more statements (docs/decisions/0032-the-customer-goes-with-the-sale.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Value

from peyvand.operational.contacts.events import CustomerFollowed
from peyvand.operational.contacts.working import Work, goes, holding, work_of
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.access.rules import covered
from peyvand.platform.actions.context import Context
from peyvand.platform.events.reading import Assigned, last_assigned, last_of_holders, owners_before
from peyvand.platform.identity.actor import Actor, access_changed, actors_of
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.identity.models import RecordShare, User
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.sharing import RecordShared, RecordShareEnded
from peyvand.platform.objects.spec import ObjectSpec, object_named

# What of a record names its customer, in the order in which they are told.
LINKS: Final = (("company", "company_id"), ("person", "person_id"))
# The owner-to-be while nobody is chosen yet: somebody who may have all of it, and sees nothing of it until now.
ANYBODY: Final = 0
# So many owners' sight is asked for by one statement.
_TOGETHER: Final = 50
_GIVES: Final = frozenset({"owner", *(key for key, _ in LINKS)})


def let_follow(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], values: Sequence[Mapping[str, Any]], created: bool,
    former: Mapping[int, int | None],
) -> None:  # fmt: skip
    """Let the customers of records just written follow them. ``former``: the owners until now of those that changed hands.

    Nobody gives more than they may: a customer that changes hands is theirs to change, one that is opened is seen by them,
    and not by a share alone; rights that are lent open nothing. A rule gives no more than whoever made the record could have given.
    """
    given = [
        record
        for record, each in zip(records, values, strict=True)
        if record.owner_id is not None and (created or each.keys() & _GIVES)
    ]
    # What is one's own already, one sees or may not see.
    given = [r for r in given if r.id in former or r.owner_id != ctx.actor.user_id]
    if not given:
        return
    along: dict[int, list[str]] = defaultdict(list)
    seen: dict[int, list[str]] = defaultdict(list)
    names: dict[int, str] = {}
    _hold_customers([r for r in given if r.id in former])
    for steps in steps_of(ctx, spec, given, former):
        for id in steps.give():
            along[id].append(steps.customer.key)
        for id in steps.open():
            seen[id].append(steps.customer.key)
        steps.close()
        names = {id: owner.name for id, owner in steps.owners.items()}
    ctx.record(*(
        CustomerFollowed(
            object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=((spec.key, r.id),),
            to_owner_id=r.owner_id, to_owner=names[r.owner_id], given=tuple(along[r.id]), opened=tuple(seen[r.id]),
        )
        for r in given if r.id in former and (r.id in along or r.id in seen)
    ))  # fmt: skip


def _hold_customers(moved: Sequence[Any]) -> None:
    """Have whoever gives away other records of the same customers wait: each must see what the other left them."""
    for key, column in LINKS:
        ids = {id for r in moved if (id := getattr(r, column)) is not None}
        if ids:
            rows = object_named(key).rows.filter(id__in=ids).order_by("id").select_for_update(of=("self",))
            list(rows.values_list("id", flat=True))


def steps_of(
    ctx: Context, spec: ObjectSpec, given: Sequence[Any], former: Mapping[int, int | None]
) -> list[Steps]:
    """What is to be done about each kind of customer of records whose ``owner_id`` is their new owner already."""
    moved = [r for r in given if r.id in former]
    owners = actors_of(ctx.tenant.id, {r.owner_id for r in given})
    givers, earlier = _givers(ctx, given, former), _earlier(spec, moved, former)
    return [
        Steps(
            ctx, object_named(key), column, given, former, owners, givers, earlier,
            work_of(column, {id for r in moved if (id := getattr(r, column))}, spec, moved),
        )
        for key, column in LINKS
    ]  # fmt: skip


def _givers(ctx: Context, records: Sequence[Any], former: Mapping[int, int | None]) -> dict[int, Actor]:
    """By whose rights the customer of each record is given, without what was only shared with them."""
    if ctx.actor.user_id is not None:
        own = replace(ctx.actor, shares=frozenset())
        return {r.id: own for r in records}
    named = {r.created_by_id for r in records} | {former.get(r.id) for r in records}
    people = {
        id: replace(one, shares=frozenset())
        for id, one in actors_of(ctx.tenant.id, {id for id in named if id is not None}).items()
    }
    found: dict[int, Actor] = {}
    for record in records:
        if record.created_by_id is None:
            found[record.id] = ctx.actor
        # Who made it may have left meanwhile; then whoever had it gives it.
        elif giver := people.get(record.created_by_id) or people.get(former.get(record.id) or 0):
            found[record.id] = giver
    return found


def _earlier(spec: ObjectSpec, moved: Sequence[Any], former: Mapping[int, int | None]) -> dict[int, Assigned]:
    """How the former owners had got their records, where they were given to them."""
    ids = [r.id for r in moved if former[r.id] is not None]
    found = last_assigned(spec.key, ids) if ids else {}
    return {id: one for id, one in found.items() if one.audit is not None and one.owner == former[id]}


@dataclass
class Steps:
    """What is done about the companies, or the persons, of records that are given; asking what it would be writes nothing."""

    ctx: Context
    customer: ObjectSpec
    column: str
    given: Sequence[Any]
    former: Mapping[int, int | None]
    owners: Mapping[int, Actor]
    givers: Mapping[int, Actor]
    earlier: Mapping[int, Assigned]
    work: Work

    @property
    def moved(self) -> list[Any]:
        """Those of the records that change hands, and are not new."""
        return [r for r in self.given if r.id in self.former]

    def _by_customer(self, records: Sequence[Any]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = defaultdict(list)
        for record in records:
            if (id := getattr(record, self.column)) is not None:
                found[id].append(record)
        return found

    def _audits(self, records: Sequence[Any]) -> dict[int | None, set[int | None]]:
        """The actions by which records had come to those who had them until now, with who those are."""
        found: dict[int | None, set[int | None]] = defaultdict(set)
        for record in records:
            found[self.earlier[record.id].audit].add(self.former[record.id])
        return found

    def _may_have(self, owner: int) -> bool:
        actor = self.owners.get(owner)
        return owner == ANYBODY or (
            actor is not None and bool(decide(actor, self.customer.permission("view")))
        )

    def _takes(self) -> dict[int, list[Any]]:
        """The records that change hands to somebody who may have such customers, by their customer."""
        return self._by_customer([r for r in self.moved if self._may_have(r.owner_id)])

    def heirs(self, customers: Sequence[Any]) -> dict[int, int | None]:
        """Whose those of the customers will be that change hands, by their ids."""
        if not (by_customer := self._takes()):
            return {}
        back = self._came_along(by_customer)
        wanted: dict[int, int | None] = {}
        for one in customers:
            if not (some := by_customer.get(one.id)):
                continue
            gave = {self.former[r.id] for r in some}
            if goes(one.owner_id, to := some[0].owner_id, gave, self.work, one.id):
                heir = back.get(one.id, to) if one.owner_id in gave else to
                if heir != one.owner_id:
                    wanted[one.id] = heir
        mine = self._own([c for c in customers if c.id in wanted], by_customer)
        return {c.id: wanted[c.id] for c in mine}

    def give(self) -> list[int]:
        """Let those customers change hands that go along; return the ids of the records that they went along with."""
        if not (by_customer := self._takes()):
            return []
        customers = list(
            self.customer.rows.filter(id__in=by_customer, deleted_at__isnull=True).order_by("id")
        )
        heirs = self.heirs(customers)
        mine = [c for c in customers if c.id in heirs]
        update_records(self.ctx, self.customer, mine, [{"owner": heirs[c.id]} for c in mine])
        return [r.id for c in mine for r in by_customer[c.id] if r.owner_id == heirs[c.id]]

    def _own(self, customers: Sequence[Any], by_customer: Mapping[int, Sequence[Any]]) -> list[Any]:
        """Those of the customers that are their giver's to give."""
        by_giver: dict[Actor, list[Any]] = defaultdict(list)
        for one in customers:
            if giver := self.givers.get(by_customer[one.id][0].id):
                by_giver[giver].append(one)
        mine: set[int] = set()
        for giver, some in by_giver.items():
            if giver.user_id is None:
                # Nobody of ours asked for it, a stranger by a form perhaps: it takes no customer away from anybody.
                mine |= {c.id for c in some if c.owner_id is None}
            elif giver.grants.field_access(self.customer.key, "owner") is FieldAccess.WRITE:
                verb = self.customer.permission("update")
                mine |= covered(giver, verb, some) if decide(giver, verb) else set()
        return [c for c in customers if c.id in mine]

    def _came_along(self, by_customer: Mapping[int, Sequence[Any]]) -> dict[int, int | None]:
        """Whose those customers were that had come along with records which are given back now."""
        back = self._audits(
            [r for r in self.moved if (had := self.earlier.get(r.id)) and had.giver == r.owner_id]
        )
        if not back:
            return {}
        found = {
            id: old
            for id, audit, old, new in owners_before(self.customer.key, by_customer, back)
            if new in back[audit]
        }
        there = set(
            User.objects.filter(id__in={*found.values()} - {None}, is_active=True).values_list(
                "id", flat=True
            )
        )
        return {id: owner for id, owner in found.items() if owner is None or owner in there}

    def unseen(self, given: Sequence[Any]) -> set[tuple[int, int]]:
        """The owners who do not see the customers of their records, with the ids of those."""
        by_customer = self._by_customer(given)
        rows = self.customer.rows.filter(deleted_at__isnull=True)
        pairs = {(r.owner_id, id) for id, some in by_customer.items() for r in some}
        asked = []
        for owner in sorted({owner for owner, _ in pairs} & self.owners.keys()):
            wanted = {id for of, id in pairs if of == owner}
            seen = visible(self.owners[owner], self.customer.key, rows.filter(id__in=wanted))
            asked.append(seen.order_by().annotate(seer=Value(owner)).values_list("seer", "id"))
        for n in range(0, len(asked), _TOGETHER):
            first, *more = asked[n : n + _TOGETHER]
            pairs -= set(first.union(*more, all=True))
        return pairs

    def openings(self) -> dict[tuple[int, int], str]:
        """To which owners which customers are to be opened, with the titles of these: what they do not see, and its giver does."""
        if self.ctx.actor.raised is not None:
            return {}
        by_giver: dict[Actor, list[Any]] = defaultdict(list)
        for record in self.given:
            if (
                (giver := self.givers.get(record.id))
                and self._may_have(record.owner_id)
                and record.owner_id != self.ctx.actor.user_id
            ):
                by_giver[giver].append(record)
        found: dict[tuple[int, int], str] = {}
        for giver, some in by_giver.items():
            if not (hidden := self.unseen(some)):
                continue
            rows = self.customer.rows.filter(id__in={id for _, id in hidden}, deleted_at__isnull=True)
            names = dict(visible(giver, self.customer.key, rows).values_list("id", self.customer.title))
            found |= {(owner, id): str(names[id]) for owner, id in hidden if id in names}
        return dict(sorted(found.items()))

    def open(self) -> list[int]:
        """Share the customers with those owners who do not see them; return the ids of the records for which that was done."""
        if not (opened := self.openings()):
            return []
        # A share that ran out is taken up anew: as one to be seen, whatever it was.
        RecordShare.objects.bulk_create(
            (
                RecordShare(
                    workspace_id=self.ctx.tenant.id, object=self.customer.key, object_id=id, user_id=owner,
                    shared_by_id=self.ctx.actor.user_id,
                )
                for owner, id in opened
            ),
            update_conflicts=True,
            unique_fields=["workspace_id", "user", "object", "object_id"],
            update_fields=["may_update", "ends_at", "shared_by"],
        )  # fmt: skip
        access_changed(self.ctx.tenant.id)
        self.ctx.record(*(
            RecordShared(
                object=self.customer.key, object_id=id, title=title, holder=self.owners[owner].name, holder_id=owner,
                is_along=True,
            )
            for (owner, id), title in opened.items()
        ))  # fmt: skip
        return [r.id for r in self.given if (r.owner_id, getattr(r, self.column)) in opened]

    def close(self) -> None:
        """End what was opened to the former owners for records that they gave away, unless they work with the customer still
        or are given another record of it, or somebody opened it to them by hand since. What they kept for another record of
        the customer ends when they give the last one away, for whichever of them it had been opened."""
        audits = self._audits([r for r in self.moved if r.id in self.earlier])
        by_customer = self._by_customer(self.moved)
        if not by_customer:
            return
        kept = {(getattr(r, self.column), r.owner_id) for r in self.given}
        left = {(id, self.former[r.id]) for id, some in by_customer.items() for r in some} - kept
        opened = last_of_holders(RecordShared.wire, self.customer.key, by_customer)
        found = {pair: fact for pair, fact in opened.items() if pair in left}
        over = {
            (id, holder)
            for (id, holder), fact in found.items()
            if holder in audits.get(fact.audit, ()) and holder not in self.work.open[id]
        }
        if rest := {pair for pair, fact in found.items() if fact.data.get("is_along")} - over:
            over |= rest - holding(self.column, rest, self.moved)
        if not over:
            return
        shares = RecordShare.objects.filter(
            object=self.customer.key, object_id__in={id for id, _ in over}, may_update=False, ends_at=None
        ).select_related("user")
        ended = [share for share in shares if (share.object_id, share.user_id) in over]
        RecordShare.objects.filter(id__in=[share.id for share in ended]).delete()
        access_changed(self.ctx.tenant.id)
        titles = dict(
            self.customer.rows.filter(id__in={s.object_id for s in ended}).values_list(
                "id", self.customer.title
            )
        )
        self.ctx.record(*(
            RecordShareEnded(
                object=self.customer.key, object_id=s.object_id, title=str(titles.get(s.object_id, "")), holder=str(s.user)
            )
            for s in ended
        ))  # fmt: skip
