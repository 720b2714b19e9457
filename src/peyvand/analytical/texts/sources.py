"""Where texts of customers are: each kind of record with its text, its time and whom it is of, read set by set.

Private mails are left out, so are letters of machines and what we wrote ourselves. Texts are read where they lie, in short
transactions, and kept nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.platform.identity.actor import Tenant
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.platform.workspaces.scope import workspace_scope

SET: Final = 2000
# Without their texts, so many are read at once.
MARKS: Final = 20_000


@dataclass(frozen=True)
class Source:
    """Texts of one object: the fields that hold them, the attribute that says when, and which rows count.

    ``module`` is the slice that has to be on.
    """

    object: str
    module: str
    texts: tuple[str, ...]
    at: str
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def spec(self) -> ObjectSpec:
        return object_named(self.object)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields as rights name them: "note.text"."""
        return tuple(f"{self.object}.{name}" for name in self.texts)

    def rows(self) -> QuerySet[Any]:
        """The records of the open workspace whose texts count."""
        rows: QuerySet[Any] = self.spec.rows.filter(deleted_at__isnull=True, **self.only)
        return rows.exclude(**{self.texts[-1]: ""})

    def text_of(self, record: Any) -> str:
        """The text of a loaded record, as it is judged."""
        return own_words(getattr(record, name) for name in self.texts)

    def holds(self, record: Any) -> bool:
        """Whether a loaded record's text counts."""
        return all(getattr(record, name) == value for name, value in self.only.items())


@dataclass(frozen=True)
class Text:
    """The text of one record: whose it is and of when."""

    object: str
    id: int
    text: str
    at: datetime
    person: int | None
    company: int | None

    def day(self, tenant: Tenant) -> date:
        return self.at.astimezone(tenant.tz).date()


@dataclass(frozen=True)
class Mark:
    """That there is a text: whose it is, of when, and when its record was changed last."""

    object: str
    id: int
    at: datetime
    person: int | None
    company: int | None
    updated_at: datetime


SOURCES: Final = (
    Source("mail_message", "mail", ("subject", "text"), "sent_at",
           {"direction": "in", "is_private": False, "is_automatic": False}),
    Source("sms_message", "sms", ("text",), "created_at", {"direction": "in", "is_notice": False}),
    Source("lead", "leads", ("message",), "created_at"),
    Source("note", "activities", ("text",), "created_at"),
    Source("call", "activities", ("notes",), "started_at"),
)  # fmt: skip
OBJECTS: Final = tuple(source.object for source in SOURCES)
# Whoever may not know one of these may not know what is concluded from them all.
FIELDS: Final = tuple(path for source in SOURCES for path in source.fields)

# Of longer texts, only the beginning is read.
_LONGEST: Final = 20_000
_MENTION: Final = re.compile(r"@\[[^\]\n]{1,200}\]\(user:[0-9]{1,18}\)")
# From here on stands what somebody else wrote before.
_QUOTED: Final = re.compile(
    r"^(?:>|-{2,} ?(?:original message|forwarded message|پیام اصلی)|on .{5,80} wrote:|در .{5,80} نوشت:|from: .+@|از: .+@)",
    re.IGNORECASE | re.MULTILINE,
)


def sources_of(tenant: Tenant) -> list[Source]:
    """The sources whose module is on."""
    off = set(tenant.modules_off)
    return [s for s in SOURCES if s.module not in off and find_object(s.object) is not None]


def source_of(object_key: str) -> Source | None:
    return next((s for s in SOURCES if s.object == object_key), None)


def own_words(parts: Any) -> str:
    """What was written anew in a text: without what is quoted beneath it, and mentions of colleagues."""
    text = "\n".join(part for part in parts if part)[:_LONGEST]
    if found := _QUOTED.search(text):
        text = text[: found.start()]
    return _MENTION.sub("", text).strip()


def read(tenant: Tenant, since: datetime, until: datetime) -> Iterator[list[Text]]:
    """Every text of that time, set by set, empty ones too; outside any scope: each set is read in a transaction of its own."""
    for source in sources_of(tenant):
        after = 0
        while True:
            with workspace_scope(tenant.id):
                rows = source.rows().filter(
                    **{f"{source.at}__gte": since, f"{source.at}__lt": until, "id__gt": after}
                )
                found = list(_rows(source, rows)[:SET])
                texts = [_text(source, row) for row in found]
                after = found[-1][0] if found else 0
            if texts:
                yield texts
            if len(texts) < SET:
                break


def marks(tenant: Tenant, since: datetime, until: datetime) -> Iterator[Mark]:
    """As ``read``, without the texts themselves."""
    for source in sources_of(tenant):
        after = 0
        while True:
            with workspace_scope(tenant.id):
                rows = source.rows().filter(
                    **{f"{source.at}__gte": since, f"{source.at}__lt": until, "id__gt": after}
                )
                columns = ("id", source.at, "person_id", "company_id", "updated_at")
                found = list(rows.order_by("id").values_list(*columns)[:MARKS])
            for row in found:
                yield Mark(source.object, *row)
            if len(found) < MARKS:
                break
            after = found[-1][0]


def texts_of(source: Source, ids: Sequence[int]) -> list[Text]:
    """The texts of some records; inside the workspace's scope."""
    texts = [_text(source, row) for row in _rows(source, source.rows().filter(id__in=ids))]
    return [one for one in texts if one.text]


def _rows(source: Source, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("id").values_list("id", source.at, "person_id", "company_id", *source.texts)


def _text(source: Source, row: tuple[Any, ...]) -> Text:
    id, at, person, company, *parts = row
    return Text(source.object, id, own_words(parts), at, person, company)
