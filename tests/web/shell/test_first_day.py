"""The first steps of a new workspace: ticked by facts, put away by each person for themself."""

from __future__ import annotations

from typing import Any

from peyvand.integrations.transfer.models import ImportRun
from peyvand.operational.sales.public import DEAL, STAGE, Stage
from peyvand.platform.identity.models import Membership
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope

TODAY = "/w/arman/"
FIRST = "گام‌های نخست"


def done(html: str) -> int:
    return html.count('<li class="done">')


def test_each_step_is_ticked_by_what_was_done(cast: Any, acting: Any, browse: Any) -> None:
    client = browse(cast.sara)
    html = client.get(TODAY).content.decode()
    assert FIRST in html
    # Colleagues are there already.
    assert done(html) == 1
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        update_record(ctx, STAGE, Stage.objects.order_by("position")[0], {"name": "Heard of"})
        assert done(client.get(TODAY).content.decode()) == 2
        create_record(ctx, DEAL, {"name": "Lobby"})
        assert done(client.get(f"{TODAY}first-day").content.decode()) == 3
        ImportRun.objects.create(state="done", dry_run=False)
    assert FIRST not in client.get(TODAY).content.decode()
    settled = Membership.objects.get(user_id=cast.sara.id, workspace_id=cast.arman.id).settled_at
    assert settled is not None


def test_it_is_put_away_for_one_person_and_never_shown_to_whoever_cannot_act(cast: Any, browse: Any) -> None:
    hers = browse(cast.sara)
    assert hers.post(f"{TODAY}first-day", headers={"HX-Request": "true"}).content == b""
    assert FIRST not in hers.get(TODAY).content.decode()
    assert FIRST in browse(cast.mina).get(TODAY).content.decode()
    for user in (cast.babak, cast.viewer):
        assert FIRST not in browse(user).get(TODAY).content.decode()
