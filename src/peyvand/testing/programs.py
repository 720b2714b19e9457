"""A program that calls the API in tests, as the token of one user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.test import Client

ROOT = "/api/v1/"


@dataclass(frozen=True)
class Answer:
    status: int
    json: Any
    headers: Any


@dataclass(frozen=True)
class Program:
    """Sends JSON and reads JSON. ``language`` is what it asks for; without one it gets its user's."""

    token: str
    language: str = "en"
    client: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> Answer:
        return self.send("GET", path, query=query)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PATCH", path, body, headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, None, headers)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        query: dict[str, Any] | None = None,
    ) -> Answer:
        """One request; header names are written with underscores. A body of bytes is sent as it is."""
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        sent = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        sent |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        kind = sent.pop("Content-Type", "application/json")
        response = self.client.generic(
            method, ROOT + path, data, kind, headers=sent, query_params=query or None
        )
        return Answer(
            response.status_code,
            orjson.loads(response.content) if response.content else None,
            response.headers,
        )


def program_of(user: Any, tenant: Any, language: str = "en") -> Program:
    """A program with a new token of this user."""
    from peyvand.administration.members.actions import create_token
    from peyvand.platform.actions.context import job_context
    from peyvand.platform.workspaces.scope import workspace_scope

    with workspace_scope(tenant.id):
        return Program(create_token(job_context(tenant), user), language)
