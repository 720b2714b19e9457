"""Django's database sessions, with the account kept in a column of its own."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

ACCOUNT = "account"


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> Any:
        from peyvand.platform.identity.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = data.get(ACCOUNT)
        row.ip = data.get("ip")
        row.user_agent = str(data.get("user_agent", ""))[:300]
        return row
