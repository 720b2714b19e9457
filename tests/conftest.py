"""The tests' database: an embedded PostgreSQL of their own, migrated as its owner, used as the application's role."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from tests.web.browsing import KEPT

from peyvand.kernel import clock
from peyvand.platform.database.embedded import Server, start
from peyvand.testing.environment import HOME, lay_database
from peyvand.testing.receiver import Receiver, receiving

if TYPE_CHECKING:
    from peyvand.testing.cast import Cast
    from peyvand.testing.committed import Standing

# The files with tests that use a browser.
_browsing: set[Path] = set()


def pytest_configure() -> None:
    """Passwords of the cast need not withstand anyone: Argon2 is meant to be slow, and every test makes five.

    Hypothesis tries the same values in every run, so that a change is judged by what it changed, and no machine is
    too slow for it; with ``--hypothesis-profile=default`` it looks for others.
    """
    from django.conf import settings
    from hypothesis import HealthCheck
    from hypothesis import settings as hypothesis

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    hypothesis.register_profile(
        "same",
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    hypothesis.load_profile("same")
    # What is loaded from here on stays: the application, and every test.
    gc.disable()


def pytest_collection_finish() -> None:
    """What was loaded is not looked through again; what tests leave behind, as seldom as the server does it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Machines may have other work as well, and whichever test comes first waits for the database of all.

    Those that start servers or browsers are given more time still, and their files come first: of what is left at the
    end each process of the run takes a fair part only if it is short. Files with browsers stand together, for one is
    kept from file to file.
    """
    long_files = set()
    for item in items:
        has_browser = "chromium" in getattr(item, "fixturenames", ())
        if has_browser:
            _browsing.add(item.path)
        is_long = item.get_closest_marker("slow") or has_browser
        has_own = item.get_closest_marker("timeout")
        if is_long or has_own:
            long_files.add(item.path)
        if not has_own:
            item.add_marker(pytest.mark.timeout(600 if is_long else 300))
    items.sort(key=lambda item: (item.path not in long_files, item.path not in _browsing))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.path not in _browsing:
        KEPT.close()


def pytest_sessionfinish() -> None:
    KEPT.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """This test process's own PostgreSQL; durability off, for nothing here outlives the run.

    It tidies up only when told: statistics that change by themselves would change plans, and a transaction of its own
    would hold back the log of events, in the middle of any test.
    """
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    lay_database(HOME)
    with start(HOME, quick) as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(server: Server, django_db_blocker: Any) -> Iterator[None]:
    """Migrated by its owner; every test runs as the role that can bypass nothing."""
    from django.db import connection

    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture
def superuser(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A connection past row security, to see what is really in the tables."""
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def still() -> Iterator[datetime]:
    """The clock stands still at this moment: no minute, day or month ends during the test."""
    with clock.freeze(clock.now()) as moment:
        yield moment


@pytest.fixture(scope="session")
def standing(django_db_setup: None, django_db_blocker: Any) -> Standing:
    from peyvand.testing.committed import Standing

    return Standing(django_db_blocker)


@pytest.fixture
def cast(standing: Standing, db: None) -> Any:
    """Who every test starts with: committed once for all; what a test makes of them is rolled back."""
    from peyvand.platform.identity.actor import access_changed
    from peyvand.platform.workspaces.scope import workspace_scope

    found = standing.cast()
    for tenant in (found.arman, found.rival):
        # What was kept of these workspaces in memory is of another test.
        with workspace_scope(tenant.id):
            access_changed(tenant.id)
    return found


@pytest.fixture
def acting(cast: Any) -> Callable[..., Any]:
    """``acting(user, via="web")``: a Context for one of the cast, to be used inside their workspace's scope."""
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    def context(user: Any, via: str = "web") -> Context:
        return Context(user_actor(user.workspace_id, user.id), via)

    return context


@pytest.fixture
def committed(standing: Standing, django_db_blocker: Any) -> Iterator[Any]:
    """The cast, for tests with several connections or processes, which commit; afterwards it alone is there again."""
    from django.db import connections

    with django_db_blocker.unblock():
        try:
            yield standing.cast()
        finally:
            connections.close_all()
            standing.restore()


@pytest.fixture
def browse(cast: Cast) -> Callable[..., Any]:
    """``browse(user)``: Django's test client with a session of that user's account; CSRF is checked if ``strict``."""
    from django.test import Client

    from peyvand.platform.identity.models import Membership
    from peyvand.platform.identity.sessions import ACCOUNT, SessionStore

    def client(user: Any, strict: bool = False) -> Client:
        session = SessionStore()
        session[ACCOUNT] = Membership.objects.get(workspace_id=user.workspace_id, user_id=user.id).account_id
        session.create()
        made = Client(enforce_csrf_checks=strict)
        made.cookies["peyvand_session"] = session.session_key
        return made

    return client


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """A web server on this machine that remembers what it was sent."""
    with receiving(tmp_path) as found:
        yield found


@pytest.fixture
def near(settings: Any) -> None:
    """What leaves may go to this machine itself."""
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
