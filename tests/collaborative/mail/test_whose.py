"""A mailbox is its owner's: nobody else makes it write from another address without knowing its password."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.collaborative.mail.models import MailAccount
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

SERVER = {"host": "mail.arman.example", "port": 993, "security": "tls"}


@pytest.mark.parametrize(
    "change", [{"address": "ceo@arman.example"}, {"username": "ceo"}, {"smtp_username": "ceo"}]
)
def test_another_gives_a_mailbox_an_address_only_with_its_password(cast: Any, change: dict[str, str]) -> None:
    with workspace_scope(cast.arman.id):
        hosts = {f"{by}_{key}": value for by in ("imap", "smtp") for key, value in SERVER.items()}
        made = MailAccount.objects.create(
            address="babak@arman.example", owner_id=cast.babak.id, password="sealed", **hosts
        )
    sara, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    refused = sara.patch(f"mail_accounts/{made.id}", change)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "password")
    assert sara.patch(f"mail_accounts/{made.id}", {"name": "Letters"}).status == 200
    assert sara.patch(f"mail_accounts/{made.id}", {**change, "password": "typed"}).status == 200
    assert babak.patch(f"mail_accounts/{made.id}", {"address": "b@arman.example"}).status == 200
