"""Beside a timeline nobody reads thousands of mails: of very many that wait, the latest are asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peyvand.collaborative.mail.public import MailMessage
from peyvand.collaborative.mail.web.cards import ASKED, _late_of
from peyvand.kernel import clock
from peyvand.platform.workspaces.scope import workspace_scope


def test_of_very_many_mails_that_wait_the_latest_are_asked_about(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        rows = [
            MailMessage(
                workspace_id=cast.arman.id, about_object="deal", about_id=7, message_id=f"{n}@x", message_key=str(n)
            )
            for n in range(ASKED + 2)
        ]  # fmt: skip
        MailMessage.objects.bulk_create(rows)
        newest = list(MailMessage.objects.order_by("-id").values_list("id", flat=True)[:ASKED])
        assert [id for (id,) in _late_of("deal", 7, None, clock.now() - timedelta(days=1))] == newest
