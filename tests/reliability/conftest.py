"""One installation for all reliability tests: two workspaces, a token and a browser for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from peyvand.testing.installation import PASSWORD, Installation, Owner, Stream, eventually

STALLED_SECONDS = 3


@dataclass(frozen=True)
class Side(Owner):
    """A workspace and the ways into it, a browser's among them."""

    cookie: str


@dataclass
class Site:
    """The installation, running whenever a test begins."""

    installed: Installation
    arman: Side
    rival: Side
    streams: list[Stream] = field(default_factory=list)

    def create(self, name: str, key: str | None = None, side: Side | None = None) -> int:
        """Create a person by the API; its id, or 0 if that was not acknowledged."""
        headers = (side or self.arman).headers | ({"Idempotency-Key": key} if key else {})
        answer = self.installed.ask("POST", "/api/v1/people", {"name": name}, headers, seconds=20)
        return int(answer.json["id"]) if answer.status == 201 else 0

    def listen(self, side: Side, *, again: bool = True) -> Stream:
        """A page of this workspace that listens; it is closed after the test."""
        stream = Stream(self.installed, f"/w/{side.slug}/live", side.cookie, again=again)
        self.streams.append(stream)
        return stream

    def queue_is_empty(self) -> bool:
        return (
            self.installed.value(
                "select count(*) from procrastinate_jobs where task_name = 'events.react' and status <> 'succeeded'"
            )
            == 0
        )


@pytest.fixture(scope="package")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    installed = Installation(
        tmp_path_factory.mktemp("site") / "data",
        {
            "DJANGO_SETTINGS_MODULE": "witness.settings",
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")])
            ),
            "PEYVAND_JOB_HEARTBEAT_SECONDS": "0.5",
            "PEYVAND_JOB_STALLED_SECONDS": str(STALLED_SECONDS),
            "PEYVAND_STATEMENT_SECONDS": "4",
        },
    )
    installed.open()
    try:
        owners = [installed.workspace(slug) for slug in ("arman", "rival")]
        installed.serve()
        installed.work()
        arman, rival = (
            Side(**vars(owner), cookie=installed.sign_in(owner.email, PASSWORD)) for owner in owners
        )
        yield Site(installed, arman, rival)
    finally:
        installed.close()


@pytest.fixture
def site(whole: Site) -> Iterator[Site]:
    yield whole
    for stream in whole.streams:
        stream.shut()
    for stream in whole.streams:
        stream.close()
    whole.streams.clear()
    assert eventually(whole.installed.answers), whole.installed.said()[-3000:]
