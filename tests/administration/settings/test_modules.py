"""A module that is off is out of sight by every way in, and comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from peyvand.administration.settings.actions import switch_module
from peyvand.kernel.errors import NotAllowed, RuleViolation
from peyvand.operational.activities.public import TASK
from peyvand.operational.sales.public import DEAL
from peyvand.platform.access.decisions import decide
from peyvand.platform.objects.records import create_record
from peyvand.platform.search.find import find
from peyvand.platform.workspaces.modules import all_modules
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


def needing(key: str) -> list[str]:
    """The modules that cannot be without this one, and it, in the order in which they can be switched off."""
    above = [each.key for each in all_modules() if key in each.requires]
    return list(dict.fromkeys([known for each in above for known in needing(each)] + [key]))


def off(cast: Any, acting: Any, *keys: str) -> None:
    for key in dict.fromkeys(known for asked in keys for known in needing(asked)):
        with workspace_scope(cast.arman.id):
            switch_module(acting(cast.sara), key, is_on=False)


def test_what_is_off_is_gone_everywhere_and_comes_back(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        deal = create_record(acting(cast.sara), DEAL, {"name": "Turquoise dome"})
    sara, token = browse(cast.sara), program_of(cast.sara, cast.arman)
    assert "/w/arman/deals/" in sara.get("/w/arman/").content.decode()

    off(cast, acting, "sales")

    assert "/w/arman/deals/" not in sara.get("/w/arman/").content.decode()
    for path in ("deals/", "deals/board", f"deals/{deal.id}/", "settings/pipelines"):
        assert sara.get(f"/w/arman/{path}").status_code in (403, 404), path
    assert token.get("deals").status in (403, 404)
    assert token.get("people").status == 200
    with workspace_scope(cast.arman.id):
        assert find(acting(cast.sara).actor, "Turquoise", ["deal", "person"]) == []
        assert not decide(acting(cast.sara).actor, "deal.win", deal)
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        create_record(acting(cast.sara), DEAL, {"name": "Another"})

    with workspace_scope(cast.arman.id):
        switch_module(acting(cast.sara), "sales", is_on=True)
    assert sara.get(f"/w/arman/deals/{deal.id}/").status_code == 200
    assert program_of(cast.cyrus, cast.rival).get("deals").status == 200  # the other workspace never noticed


def test_reactions_of_a_module_that_is_off_do_not_run(cast: Any, acting: Any) -> None:
    def waiting() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from procrastinate_jobs where args->>'reaction_name' like 'operational.sales.%'"
            )
            return int(cursor.fetchone()[0])

    with workspace_scope(cast.arman.id):
        before = waiting()
        create_record(acting(cast.sara), TASK, {"title": "Call"})
        assert waiting() > before
    off(cast, acting, "sales")
    with workspace_scope(cast.arman.id):
        before = waiting()
        create_record(acting(cast.sara), TASK, {"title": "Call again"})
        assert waiting() == before


def test_a_module_that_another_needs_stays_on(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation, match="needs this"):
        switch_module(acting(cast.sara), "catalog", is_on=False)
    off(cast, acting, "sales", "catalog")
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation, match="first"):
        switch_module(acting(cast.sara), "sales", is_on=True)
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        switch_module(acting(cast.babak), "sales", is_on=True)


def test_the_page_switches(cast: Any, browse: Any) -> None:
    sara = browse(cast.sara)
    assert sara.get("/w/arman/settings/modules").status_code == 200
    assert sara.post("/w/arman/settings/modules/catalog/off").status_code == 409
    for key in needing("sales"):
        assert sara.post(f"/w/arman/settings/modules/{key}/off").status_code == 302
    assert sara.post("/w/arman/settings/modules/nosuch/off").status_code == 404
    assert browse(cast.babak).post("/w/arman/settings/modules/sales/on").status_code == 403
