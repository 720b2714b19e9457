"""How much a token and an address may ask in a minute."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.api import limits
from peyvand.api.limits import ADDRESS_TIMES, FAILED_COST, PER_MINUTE
from peyvand.platform.workspaces.models import Workspace


@pytest.fixture(autouse=True)
def counted(settings: Any, monkeypatch: Any) -> None:
    """A minute that does not end during the test, and nothing spent yet."""
    settings.API_PER_MINUTE = 30
    limits._shares.clear()
    now = limits.clock.now()
    monkeypatch.setattr(limits.clock, "now", lambda: now)


def another_process() -> None:
    """What another process knows: nothing."""
    limits._shares.clear()


def test_when_the_allowance_is_spent_it_says_when_to_go_on(sara: Any) -> None:
    answers = [sara.get("me") for _ in range(40)]
    # The very first request is not known to be this token's before it was answered.
    assert [a.status for a in answers] == [200] * 31 + [429] * 9
    first, last = answers[1], answers[-1]
    assert first.headers["RateLimit-Policy"] == '"minute";q=30;w=60'
    assert first.headers["X-RateLimit-Limit"] == "30"
    assert [int(a.headers["X-RateLimit-Remaining"]) for a in answers[1:31]] == list(range(29, -1, -1))
    assert last.headers["Content-Type"] == "application/problem+json"
    assert last.json["code"] == "rate_limited"
    assert 0 < int(last.headers["Retry-After"]) <= 60


def test_processes_count_together(sara: Any) -> None:
    sara.get("me")
    passed = 0
    for _ in range(60):
        another_process()
        passed += sara.get("me").status == 200
    # What a process did not spend of its share before it ended is lost, never gained.
    assert 10 <= passed <= 30


def test_what_was_taken_is_spent_without_a_statement(
    sara: Any, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.API_PER_MINUTE = 6000
    sara.get("me")
    sara.get("me")
    with django_assert_num_queries(0):
        for _ in range(30):
            limits.spend(_request(sara))


def test_a_workspace_has_its_own_figure(sara: Any, cyrus: Any, cast: Any) -> None:
    Workspace.objects.filter(id=cast.arman.id).update(settings={PER_MINUTE: 5})
    assert [sara.get("me").status for _ in range(8)] == [200] * 6 + [429] * 2
    assert cyrus.get("me").status == 200
    Workspace.objects.filter(id=cast.rival.id).update(settings={PER_MINUTE: 0})
    assert {cyrus.get("me").status for _ in range(50)} == {200}


def test_what_a_workspace_allows_its_own_does_not_widen_the_address(sara: Any, cast: Any) -> None:
    Workspace.objects.filter(id=cast.arman.id).update(settings={PER_MINUTE: 10_000})
    assert 429 in {sara.get("me").status for _ in range(30 * ADDRESS_TIMES + 2)}


@pytest.mark.parametrize("address", ["me", "openapi.json"])
def test_guessing_tokens_ends_soon(sara: Any, address: str) -> None:
    statuses = [type(sara)(f"pv_guess{n}").get(address).status for n in range(30)]
    tries = 30 * ADDRESS_TIMES // FAILED_COST
    assert statuses[: tries - 1] == [401] * (tries - 1)
    assert set(statuses[tries + 1 :]) == {429}


def _request(program: Any) -> Any:
    from django.test import RequestFactory

    return RequestFactory().get("/", headers={"Authorization": f"Bearer {program.token}"})
