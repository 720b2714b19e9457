"""The tests' database: an embedded PostgreSQL of their own, migrated as its owner, used as the application's role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from peyvand.platform.database.embedded import Server, start
from peyvand.testing.environment import HOME

@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """This test process's own PostgreSQL; durability off, for nothing here outlives the run."""
    with start(HOME, {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}) as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(server: Server, django_db_blocker: Any) -> Iterator[None]:
    """Migrate as the owner; from then on every test runs as the role that can bypass nothing."""
    from django.core.management import call_command
    from django.db import connection
    from peyvand.platform.database.grants import grant_app
    from peyvand.platform.workspaces.security import prepare, secure

    app_role = connection.settings_dict["USER"]
    with django_db_blocker.unblock():
        connection.settings_dict["USER"] = "peyvand_owner"
        prepare(connection)
        call_command("migrate", interactive=False, verbosity=0)
        secure(connection)
        grant_app(connection, app_role)
        connection.close()
        connection.settings_dict["USER"] = app_role
        yield
        connection.close()


@pytest.fixture
def superuser(server: Server) -> Iterator[psycopg.Connection[Any]]:
    """A connection past row security, to see what is really in the tables."""
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        yield connection


@dataclass(frozen=True)
class Cast:
    """Who every test starts with. Sara owns Arman; Babak is a member of its sales team under Mina, a manager; Cyrus
    owns another workspace, Rival. All values are users' ids but for the tenants."""

    arman: Any
    rival: Any
    sara: Any
    mina: Any
    babak: Any
    viewer: Any
    cyrus: Any


def build_cast() -> Cast:
    from peyvand.administration.members.actions import add_user, create_workspace
    from peyvand.platform.actions.context import job_context
    from peyvand.platform.identity.models import Team
    from peyvand.platform.workspaces.scope import workspace_scope

    arman = create_workspace("arman", "Arman")
    rival = create_workspace("rival", "Rival")
    with workspace_scope(arman.id):
        ctx = job_context(arman)
        team = Team.objects.create(name="Sales")
        sara = add_user(ctx, name="Sara Moini", email="sara@arman.example", role="owner", password="correct horse 1")
        mina = add_user(ctx, name="Mina Sadeghi", email="mina@arman.example", role="manager", team=team, password="correct horse 2")
        babak = add_user(
            ctx, name="Babak Naderi", email="babak@arman.example", role="member", team=team, manager=mina, password="correct horse 3"
        )
        viewer = add_user(ctx, name="Vida Viewer", email="vida@arman.example", role="viewer", password="correct horse 4")
    with workspace_scope(rival.id):
        cyrus = add_user(job_context(rival), name="Cyrus", email="cyrus@rival.example", role="owner", password="correct horse 5")
    return Cast(arman, rival, sara, mina, babak, viewer, cyrus)


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def acting(cast: Cast) -> Callable[..., Any]:
    """``acting(user, via="web")``: a Context for one of the cast, to be used inside their workspace's scope."""
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    def context(user: Any, via: str = "web") -> Context:
        return Context(user_actor(user.workspace_id, user.id), via)

    return context
