"""Django's database sessions, with the account kept in a column of its own."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

from peyvand.kernel import clock
from peyvand.platform.database.compiled import Slot, Statement, statement

ACCOUNT = "account"


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> Any:
        from peyvand.platform.identity.models import Session

        return Session

    def load(self) -> dict[str, Any]:
        """What every request begins with, by a prepared statement; a key that names no session is forgotten."""
        found = _lasting().run(self.session_key, clock.now())
        if not found:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(found[0][0])
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = data.get(ACCOUNT)
        row.ip = data.get("ip")
        row.user_agent = str(data.get("user_agent", ""))[:300]
        return row


@cache
def _lasting() -> Statement:
    """The session of a key, unless its time is over."""
    rows = SessionStore.get_model_class().objects.filter(
        session_key=Slot(0, "text"), expire_date__gt=Slot(1, "timestamptz")
    )
    return statement(rows, ("session_data",))
