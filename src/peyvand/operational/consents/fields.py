"""What a person may be reached for, as a field: shown, filtered by, and so part of views, segments and the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext

from peyvand.operational.consents.channels import CHANNELS, EVERY_CHANNEL
from peyvand.operational.consents.models import Purpose
from peyvand.operational.consents.standing import CHANNEL_ROWS, is_open_sql, said_sql
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Option
from peyvand.platform.workspaces.scope import current_workspace_id, found_once

# By PostgreSQL's clock: the text of a filter is kept longer than a moment.
_HOLDS: Final = "e.state = 'granted' and (e.expires_at is null or e.expires_at > now())"
# One row for each purpose and channel that the record may be reached by; nothing is looked up where nothing was said.
_ITEMS: Final = f"""
select json_build_object('channel', k.channel, 'purpose', u.word, 'name', u.name)
from purpose u cross join (values {CHANNEL_ROWS}) k(place, channel, kind)
cross join lateral ({said_sql("{record}.id", "u.workspace_id")}) e
where exists (select 1 from consent s where s.workspace_id = {{record}}.workspace_id and s.person_id = {{record}}.id)
    and u.workspace_id = {{record}}.workspace_id and u.deleted_at is null and u.needs_consent
    and {_HOLDS} and {is_open_sql("{record}.id", "u.workspace_id")}
order by u.position, u.id, k.place
"""  # noqa: S608 declared SQL
# It begins with those who said yes, by their index, and keeps those whose yes is the last word.
_PEOPLE: Final = f"""
select e.person_id from purpose u cross join (values {CHANNEL_ROWS}) k(place, channel, kind)
join consent e on e.workspace_id = u.workspace_id and e.channel in (k.channel, 'any') and (e.purpose_id = u.id or e.purpose_id is null)
where u.workspace_id = %s and u.deleted_at is null and u.needs_consent and {_HOLDS}
    and (select newest.id = e.id from ({said_sql("e.person_id", "u.workspace_id")}) newest)
    and ({is_open_sql("e.person_id", "u.workspace_id")}) is true
"""  # noqa: S608 declared SQL
_BY_ONE: Final = f"{_PEOPLE} and k.channel = %s and u.word = %s"


@dataclass(frozen=True, kw_only=True)
class Reach(Compound):
    """For which purposes that need consent a person may be reached, and how: items {channel, purpose, name}.

    A filter names both in one: "email.newsletter". What is answered is what ``standing`` answers.
    """

    widget: ClassVar[str] = "reach"

    @property
    def options(self) -> LazyOptions:
        """Every channel with every purpose of the open workspace that needs consent."""
        return LazyOptions(_options)

    def items_sql(self, record: str) -> str:
        return _ITEMS.format(record=record)

    def store(self, ctx: Any, values: Mapping[int, Any]) -> None:
        """Nothing is kept of it: it is read from the ledger."""

    def filter(self, op: str, value: Any) -> Q:
        here = current_workspace_id()
        if op == "empty":
            return ~Q(id__in=RawSQL(_PEOPLE, [here]))  # noqa: S611 declared SQL
        q = Q() if op == "has_all" else Q(pk__in=[])
        for one in value:
            channel, _, word = str(one).partition(".")
            has = Q(id__in=RawSQL(_BY_ONE, [here, channel, word]))  # noqa: S611 declared SQL, values are parameters
            q = q & has if op == "has_all" else q | has
        return q

    def show(self, value: Any, reader: Reader) -> str:
        next_one = "؛ " if reader.is_persian else "; "
        channels = {option.key: str(option.label) for option in CHANNELS}
        purposes: dict[str, list[str]] = defaultdict(list)
        for item in value or ():
            purposes[item["name"]].append(channels[item["channel"]])
        return next_one.join(
            _by(name, str(EVERY_CHANNEL.label) if len(ways) == len(CHANNELS) else reader.comma.join(ways))
            for name, ways in purposes.items()
        )

    def to_json(self, value: Any) -> Any:
        return list(value or ())


def _by(purpose: str, how: str) -> str:
    return gettext("%(purpose)s: %(how)s") % {"purpose": purpose, "how": how}


def _purposes() -> list[tuple[str, str]]:
    rows = Purpose.objects.filter(deleted_at__isnull=True, needs_consent=True).order_by("position", "id")
    return list(rows.values_list("word", "name"))


def _options() -> Iterator[Option]:
    for word, name in found_once("consents.purposes", _purposes):
        for channel in CHANNELS:
            yield Option(f"{channel.key}.{word}", _by(name, str(channel.label)))
