"""The card on a person's page: by which channel they may be reached for what, and what they said last."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.conditions import parse
from peyvand.operational.consents.channels import CHANNELS, FIELDS, GIVE, POINTS, SAID, STATES, WITHDRAW
from peyvand.operational.consents.models import Purpose
from peyvand.operational.consents.objects import CONSENT
from peyvand.operational.consents.standing import Standing, Why, say, standings_of
from peyvand.operational.contacts.public import PERSON, ContactPoint
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.fields.types import Option, Ref
from peyvand.platform.files.models import File
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.queries import ListQuery, Row, count_up_to, fetch_page
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.today import Card

SHOWN: Final = 4
_MOST_COUNTED: Final = 1000
# Icon and tone of an answer.
_SIGNS: Final = {
    Why.GRANTED: ("check", "good"),
    Why.NOT_NEEDED: ("check", ""),
    Why.REFUSED: ("xc", "bad"),
    Why.EXPIRED: ("clock", "warn"),
    Why.NEVER_ASKED: ("", ""),
    Why.NO_ADDRESS: ("x", ""),
    Why.ADDRESS_REFUSED: ("xc", "bad"),
}


@dataclass(frozen=True)
class Cell:
    """The answer for one channel and purpose; ``icon`` is empty where nobody ever asked, which is drawn as a dash.

    ``url`` opens the dialog that changes it, where the actor may.
    """

    icon: str
    tone: str
    says: str
    url: str


# What the signs of the table mean, in the order in which the legend tells them.
_MEANINGS: Final = (
    (Why.GRANTED, _("agreed")),
    (Why.NOT_NEEDED, _("needs no consent")),
    (Why.NEVER_ASKED, _("nobody asked")),
    (Why.EXPIRED, _("run out")),
    (Why.REFUSED, _("refused, or number closed")),
    (Why.NO_ADDRESS, _("no number or address")),
)


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger in two lines, with its files."""

    url: str
    state: Option | None
    about: str
    beneath: str
    at: Any
    files: Sequence[tuple[str, str]]


@record_card("person", order=60)
def consents(ctx: Context, opened: Opened) -> Card | None:
    """Shown to whoever sees consents at all."""
    if not decide(ctx.actor, CONSENT.permission("view")):
        return None
    return Card("consents/card.html", card_context(ctx, opened.record))


def card_context(ctx: Context, person: Any) -> dict[str, Any]:
    """What the card of a person shows."""
    url = page_url(ctx, PERSON, person.id, "consents")
    new = f"{url}/new" if may_record(ctx, person) else ""
    condition = {"field": "person", "op": "is", "value": str(person.id)}
    columns = (
        "channel",
        "purpose",
        "given_at",
        "expires_at",
        "source",
        "proof",
        "words",
        "created_by",
        "state",
    )
    query = ListQuery(CONSENT, ctx.actor, columns, parse(condition, CONSENT.condition_schema))
    page = fetch_page(query, limit=SHOWN)
    count, exact = (len(page.rows), True) if page.next is None else count_up_to(query, _MOST_COUNTED)
    channels = [c for c in CHANNELS if may_know(ctx, c.key)]
    return {
        "url": url,
        "new": new,
        "channels": channels,
        "has_open_point": not page.rows and _has_open_point(person, [c.key for c in channels]),
        "purposes": _matrix(ctx, person, new),
        "legend": [(*_SIGNS[why], meaning) for why, meaning in _MEANINGS],
        "entries": _entries(ctx, page.rows),
        "count": count,
        "is_exact": exact,
        "all": f"{address(ctx, CONSENT)}/?{urlencode({'filter': json.dumps(condition)})}"
        if count > SHOWN
        else "",
    }


def may_know(ctx: Context, channel: str) -> bool:
    """Whether the actor may know what people may be reached for by a channel: it tells what the entries say, and whether
    there is a number or address; that there is one is seen of a masked number too."""
    grants = ctx.actor.grants
    return (
        bool(decide(ctx.actor, CONSENT.permission("view")))
        and grants.hides(CONSENT.key).isdisjoint(SAID)
        and grants.fields.get("person.reach") not in (FieldAccess.HIDDEN, FieldAccess.MASKED)
        and FIELDS[channel] not in grants.hides(PERSON.key) - grants.masks(PERSON.key)
    )


def may_record(ctx: Context, person: Any) -> bool:
    """Whether the actor may write the ledger of this person."""
    asked = (GIVE, WITHDRAW, PERSON.permission("update"))
    return bool(decide(ctx.actor, CONSENT.permission("create"))) and all(
        decide(ctx.actor, operation, person) for operation in asked
    )


def _has_open_point(person: Any, channels: Sequence[str]) -> bool:
    """Whether a number or address of these channels says that it may be used: that alone is nobody's consent."""
    kinds = {POINTS.get(channel, channel) for channel in channels}
    return any(kind in kinds for (kind,) in _open_points(person.id))


@lookup("bigint")
def _open_points(person: Slot) -> QuerySet[Any]:
    points = ContactPoint.objects.filter(object=PERSON.key, object_id=person, consent="granted")
    return points.values_list("kind")


@lookup()
def _purposes() -> QuerySet[Any]:
    return Purpose.objects.filter(deleted_at__isnull=True)


def sign_of(standing: Standing) -> tuple[str, str]:
    """Icon and tone of an answer."""
    return _SIGNS[standing.why]


def _matrix(ctx: Context, person: Any, new: str) -> list[tuple[Purpose, list[Cell]]]:
    rows: dict[str, list[Cell]] = defaultdict(list)
    labels = {channel.key: str(channel.label) for channel in CHANNELS if may_know(ctx, channel.key)}
    if not labels:
        return []
    purposes = {p.word: p for p in _purposes()}
    for one in standings_of(person.id):
        if one.channel not in labels:
            continue
        icon, tone = sign_of(one)
        asked = urlencode({"channel": one.channel, "purpose": purposes[one.purpose].id})
        says = gettext("%(purpose)s, %(channel)s: %(why)s") % {
            "purpose": purposes[one.purpose].name, "channel": labels[one.channel], "why": say(one, ctx.reader),
        }  # fmt: skip
        rows[one.purpose].append(Cell(icon, tone, says, f"{new}?{asked}" if new else ""))
    return [(purposes[word], cells) for word, cells in rows.items()]


def _entries(ctx: Context, rows: Sequence[Row]) -> list[Entry]:
    files: dict[int, list[tuple[str, str]]] = defaultdict(list)
    hung = File.objects.filter(object=CONSENT.key, object_id__in=[r.id for r in rows], removed_at=None)
    for file in hung.order_by("id"):
        files[file.object_id].append(
            (page_url(ctx, CONSENT, file.object_id, "files", str(file.id)), file.name)
        )
    return [_entry(ctx, row, files[row.id]) for row in rows]


def _entry(ctx: Context, row: Row, files: Sequence[tuple[str, str]]) -> Entry:
    values, reader = row.values, ctx.reader

    def text(key: str) -> str:
        return CONSENT.field(key).show(values.get(key), reader) if key in values else ""

    until = gettext("until %(day)s") % {"day": text("expires_at")} if values.get("expires_at") else ""
    by = values.get("created_by")
    who = by.title if isinstance(by, Ref) else ""
    about = (text("channel"), text("purpose") or (gettext("every purpose") if "purpose" in values else ""))
    said = (text("source"), until, who, text("proof"), text("words"))
    return Entry(
        url=page_url(ctx, CONSENT, row.id),
        state=next((o for o in STATES if o.key == values.get("state")), None),
        about=" · ".join(filter(None, about)),
        beneath=" · ".join(filter(None, said)),
        at=values.get("given_at"),
        files=files,
    )
