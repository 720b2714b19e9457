"""Texts of customers, of given days; and the analyses run on them without a warehouse, which has none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

import pytest

from peyvand.analytical.analyses import running
from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.collaborative.mail.public import MailMessage
from peyvand.collaborative.sms.public import SmsMessage
from peyvand.operational.activities.public import NOTE, Note
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

DAY = date(2026, 11, 1)
Run = Callable[..., ModelCard]


def at(tenant: Any, day: date) -> datetime:
    return datetime.combine(day, time(10), tenant.tz)


def person(ctx: Context, name: str = "نگار طلوع") -> Any:
    return create_record(ctx, PERSON, {"name": name})


def notes(ctx: Context, who: Any, texts: list[str], day: date = DAY) -> list[Any]:
    """Notes about somebody, all of one day."""
    about = {"person": who.id, "about": f"person:{who.id}"} if who else {}
    made = [create_record(ctx, NOTE, {"text": text, **about}) for text in texts]
    Note.objects.filter(id__in=[n.id for n in made]).update(created_at=at(ctx.tenant, day))
    return made


def mail(ctx: Context, who: Any, text: str, day: date = DAY, **values: Any) -> MailMessage:
    number = MailMessage.objects.count()
    made: MailMessage = MailMessage.objects.create(
        **{"direction": "in", "state": "received", "subject": "", "text": text, "person_id": who.id, "owner_id": ctx.actor.user_id,
           "message_id": f"{number}@x", "message_key": f"{number}", "sent_at": at(ctx.tenant, day), **values}
    )  # fmt: skip
    return made


def sms(ctx: Context, who: Any, text: str, day: date = DAY, **values: Any) -> SmsMessage:
    made: SmsMessage = SmsMessage.objects.create(
        **{"direction": "in", "state": "received", "text": text, "phone": "+989121112233", "person_id": who.id, **values}
    )  # fmt: skip
    SmsMessage.objects.filter(id=made.pk).update(created_at=at(ctx.tenant, day))
    return made


@pytest.fixture
def run(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("mood", as_of)``: the analysis in Arman, and its card."""

    @contextmanager
    def reading() -> Iterator[None]:
        yield None

    monkeypatch.setattr(running, "reading", reading)

    def of(key: str, as_of: date = DAY) -> ModelCard:
        analysis = analysis_named(key)
        assert analysis is not None
        id = running.run_analysis(cast.arman, analysis, as_of)
        with workspace_scope(cast.arman.id):
            card: ModelCard = ModelCard.objects.get(id=id)
        return card

    return of
