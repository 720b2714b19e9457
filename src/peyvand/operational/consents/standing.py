"""May we reach a person by a channel for a purpose, and why: read from the ledger in sets, by one statement.

The rules, in this order:
1. Of the entries about the channel (or every channel) and the purpose (or every purpose that needs consent) the newest
   holds; of one moment the narrower, then the one recorded later.
2. It refuses: no. The purpose needs consent and there is no entry, or it is over: no.
3. A number or address that its holder closed (the consent of a contact point) is not used; where no other is left: no.
4. Else yes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.kernel.persian.calendar import format_date
from peyvand.operational.consents.channels import KEYS, POINTS
from peyvand.operational.consents.models import Purpose
from peyvand.platform.database.prepared import fetch
from peyvand.platform.fields.reader import Reader
from peyvand.platform.workspaces.scope import current_workspace_id


class Why(StrEnum):
    """What an answer rests on; the first two are yes."""

    GRANTED = "granted"
    NOT_NEEDED = "not_needed"
    REFUSED = "refused"
    EXPIRED = "expired"
    NEVER_ASKED = "never_asked"
    NO_ADDRESS = "no_address"
    ADDRESS_REFUSED = "address_refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer for one person, channel and purpose (its key word).

    ``entry`` is the id of the consent that it rests on, with its moment, end and source; ``address`` the number or
    address to use: the primary one if it is open.
    """

    person: int
    channel: str
    purpose: str
    why: Why
    entry: int | None
    since: datetime | None
    until: datetime | None
    source: str
    address: str

    @property
    def may(self) -> bool:
        return self.why in (Why.GRANTED, Why.NOT_NEEDED)


# The channels with the kind of contact point that each goes to.
CHANNEL_ROWS: Final = ", ".join(
    f"({n}, '{channel}', '{POINTS.get(channel, channel)}')" for n, channel in enumerate(KEYS)
)
_SAID: Final = """
select c.id, c.state, c.given_at, c.expires_at, c.source from consent c
where c.workspace_id = {here} and c.person_id = {person} and c.channel in (k.channel, 'any')
    and (c.purpose_id = u.id or (c.purpose_id is null and u.needs_consent))
order by c.given_at desc, (c.channel <> 'any')::int + (c.purpose_id is not null)::int desc, c.id desc limit 1"""
_POINTS: Final = """
select value, consent, is_primary, position, id from contact_point
where workspace_id = {here} and object = 'person' and object_id = {person} and kind = k.kind
union all
select concat_ws(', ', nullif(city, ''), nullif(street, ''), nullif(postal_code, '')), 'unknown', is_primary, position, id
from postal_address where workspace_id = {here} and object = 'person' and object_id = {person} and k.kind = 'post'"""


def said_sql(person: str, here: str) -> str:
    """The entry that holds for a person (SQL) by the channel ``k`` for the purpose ``u`` of the statement around."""
    return _SAID.format(person=person, here=here)


def is_open_sql(person: str, here: str) -> str:
    """Whether the person has a number or address for the channel ``k`` that they did not close."""
    return (
        f"exists (select 1 from ({_POINTS.format(person=person, here=here)}) p where p.consent <> 'refused')"  # noqa: S608 declared SQL
    )


_HERE: Final = "u.workspace_id"
_ANSWERS: Final = f"""
select a.id, k.channel, u.word,
    case when e.state = 'refused' then 'refused'
         when u.needs_consent and e.id is null then 'never_asked'
         when u.needs_consent and e.expires_at <= %s::timestamptz then 'expired'
         when n.known = 0 then 'no_address'
         when n.free is null then 'address_refused'
         when u.needs_consent then 'granted' else 'not_needed' end,
    e.id, e.given_at, e.expires_at, coalesce(e.source, ''), coalesce(n.free, '')
from ({{people}}) a(id)
cross join (select * from purpose where workspace_id = %s::bigint and deleted_at is null and (%s::text is null or word = %s::text)) u
cross join (select * from (values {CHANNEL_ROWS}) v(place, channel, kind) where %s::text is null or channel = %s::text) k
left join lateral ({said_sql("a.id", _HERE)}) e on true
left join lateral (
    select count(*) as known,
        (array_agg(p.value order by p.is_primary desc, p.position, p.id) filter (where p.consent <> 'refused'))[1] as free
    from ({_POINTS.format(person="a.id", here=_HERE)}) p
) n on true
order by u.position, u.id, k.place
"""  # noqa: S608 declared SQL


def standings(people: QuerySet[Any] | Iterable[int], channel: str, purpose: str) -> dict[int, Standing]:
    """The answer for each of the people (a query of them, or their ids), by one statement however many they are.

    ``purpose`` is the key word. Whether the asker may see these people was asked before.

    Raises:
        NotFound: there is no such channel or purpose here.
    """
    found = {s.person: s for s in _ask(people, channel, purpose)}
    known = Purpose.objects.filter(word=purpose, deleted_at__isnull=True)
    if not found and (channel not in KEYS or not known.exists()):
        raise NotFound
    return found


def standings_of(person_id: int) -> list[Standing]:
    """The answers for one person, of every purpose in order, by every channel in order."""
    return _ask([person_id], None, None)


def say(standing: Standing, reader: Reader) -> str:
    """Why, in the reader's language: «رد شده در ۱۴۰۵/۸/۳۰»."""
    sentences = {
        Why.GRANTED: gettext("granted on %(day)s"),
        Why.NOT_NEEDED: gettext("not needed for this purpose"),
        Why.REFUSED: gettext("refused on %(day)s"),
        Why.EXPIRED: gettext("expired on %(end)s"),
        Why.NEVER_ASKED: gettext("never asked"),
        Why.NO_ADDRESS: gettext("no number or address is known"),
        Why.ADDRESS_REFUSED: gettext("this number or address was refused"),
    }

    def day(moment: datetime | None) -> str:
        return format_date(moment.astimezone(reader.tz).date(), reader.language) if moment else ""

    return sentences[standing.why] % {"day": day(standing.since), "end": day(standing.until)}


def _ask(people: QuerySet[Any] | Iterable[int], channel: str | None, purpose: str | None) -> list[Standing]:
    values = [current_workspace_id(), purpose, purpose, channel, channel]
    if isinstance(people, QuerySet):
        sql, params = people.order_by().values("id").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(_ANSWERS.format(people=sql), [clock.now(), *params, *values])
            rows = cursor.fetchall()
    else:
        # The same words for whoever's page: planned once.
        sql = "select distinct unnest(%s::bigint[])"
        rows = fetch(_ANSWERS.format(people=sql), [clock.now(), list(people), *values])
    return [Standing(person, by, word, Why(why), *rest) for person, by, word, why, *rest in rows]
