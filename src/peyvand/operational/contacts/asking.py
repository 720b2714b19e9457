"""Whose inquiry it is: the person who has this phone or mail already, else a new one. In sets, and once however many ask at
the same moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from django.db import connection

from peyvand.kernel.persian.text import compact
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import current_workspace_id

# So many names are held at most, however many phones and mails a set has.
BUCKETS: Final = 64
_KNOWN: Final = """
select p.value, r.id, r.name, r.company_id from contact_point p
join person r on r.workspace_id = p.workspace_id and r.id = p.object_id
where p.workspace_id = %s and p.object = 'person' and p.value = any(%s) and r.deleted_at is null order by r.id
"""


@dataclass(frozen=True)
class Asking:
    """Who asks, as they said it. Phones and mails are in the form that contact points keep."""

    given_name: str = ""
    family_name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    company: int | None = None
    job_title: str = ""
    city: str = ""
    source: str = ""
    owner: int | None = None

    @property
    def points(self) -> tuple[str, ...]:
        """What they can be known by; a mail tells one from another sooner than a phone, which a household may share."""
        return (*(email.casefold() for email in self.emails), *self.phones)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True)
class Known:
    """A person who is there. ``name`` is theirs; ``is_new``: nobody knew them before they asked."""

    id: int
    name: str
    company: int | None = None
    is_new: bool = False


def find_or_make(ctx: Context, asking: Sequence[Asking]) -> list[Known]:
    """The person of each, in order. Two who ask with the same phone or mail are one person, also when they come at the
    same moment: until the transaction ends, others with the same wait.

    A person who is there already is left as they are: anybody can write anybody's phone into a form.
    """
    _hold(ctx, asking)
    by_point = _known(point for one in asking for point in (*one.points, *one.emails))
    found: list[Known | None] = [_choose(one, by_point) for one in asking]
    # Those not there yet: one new person for all who share a point.
    firsts: list[Asking] = []
    place: list[int] = []
    at: dict[str, int] = {}
    for one, known in zip(asking, found, strict=True):
        if known is not None:
            place.append(-1)
            continue
        n = next((at[point] for point in one.points if point in at), len(firsts))
        if n == len(firsts):
            firsts.append(one)
        for point in one.points:
            at.setdefault(point, n)
        place.append(n)
    people = create_records(ctx, PERSON, [_values(one) for one in firsts]) if firsts else []
    made = [Known(person.id, person.name, person.company_id, is_new=True) for person in people]
    return [known or made[n] for known, n in zip(found, place, strict=True)]


def hold_points(ctx: Context, points: Iterable[str]) -> None:
    """Have others with one of these phones or mails wait until the transaction ends."""
    hold(ctx.tenant.id, *{f"contacts.point:{crc32(point.encode()) % BUCKETS}" for point in points})


def named(text: str) -> tuple[str, str]:
    """A whole name as given and family name."""
    given, _, family = text.strip().partition(" ")
    return given[:100], family.strip()[:100]


def _hold(ctx: Context, asking: Sequence[Asking]) -> None:
    hold_points(ctx, (point for one in asking for point in one.points))


def _known(points: Iterable[str]) -> Mapping[str, list[Known]]:
    wanted = sorted(set(points))
    found: dict[str, list[Known]] = defaultdict(list)
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, [current_workspace_id(), wanted])
            for value, id, name, company in cursor.fetchall():
                found[value.casefold()].append(Known(id, name, company))
    return found


def _choose(one: Asking, by_point: Mapping[str, list[Known]]) -> Known | None:
    """Of those with one of the points the one of the same name, else the first by mail, else the first by phone."""
    candidates = [known for point in one.points for known in by_point.get(point, ())]
    same = compact(one.name)
    return next(
        (known for known in candidates if same and compact(known.name) == same),
        candidates[0] if candidates else None,
    )


def _values(one: Asking) -> dict[str, Any]:
    given, family = one.given_name, one.family_name
    if not given and not family:
        # Somebody who left only a mail or a number is called by it until they say more.
        family = (one.points or ("?",))[0][:100]
    return {
        "given_name": given, "family_name": family, "job_title": one.job_title, "city": one.city, "source": one.source,
        "company": one.company, "owner": one.owner, "phones": _items(one.phones), "emails": _items([email.casefold() for email in one.emails]),
    }  # fmt: skip


def _items(values: Sequence[str]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"value": value, "label": "", "primary": n == 0, "consent": "unknown"}
        for n, value in enumerate(dict.fromkeys(values))
    )
