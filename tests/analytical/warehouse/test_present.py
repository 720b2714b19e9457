"""A workspace's own present: figures are made as of it, and everything else goes on by the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from peyvand.analytical.reports.answering import answer
from peyvand.analytical.reports.question import Question
from peyvand.analytical.warehouse.present import figures_context, present, present_moment
from peyvand.analytical.watches.looking import trial
from peyvand.analytical.watches.models import Watch
from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.orders.public import ORDER
from peyvand.platform.identity.actor import access_changed, tenant_by, user_actor
from peyvand.platform.objects.filters import eval_context
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope

LAST = date(2011, 12, 9)


def live_in(cast: Any, day: date | None) -> Any:
    """Give Arman a present of its own; its tenant from then on."""
    row = Workspace.objects.get(id=cast.arman.id)
    row.present = day
    row.save(update_fields=["settings"])
    access_changed(cast.arman.id)
    return tenant_by(id=cast.arman.id)


def test_today_is_what_the_workspace_says(cast: Any) -> None:
    assert present(cast.arman) == clock.today(cast.arman.tz)
    there = live_in(cast, LAST)
    assert present(there) == LAST
    assert present_moment(there) == datetime(2011, 12, 10, tzinfo=there.tz)
    with workspace_scope(there.id):
        actor = user_actor(there.id, cast.sara.id)
        assert figures_context(actor).today == LAST
        assert eval_context(actor).today == clock.today(there.tz)


def test_spans_and_watches_end_there(cast: Any, acting: Any, filled: Callable[[], Any]) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        buyer = create_record(ctx, PERSON, {"name": "لیلا بهشتی"})
        for day, price in ((LAST, 1000), (LAST - timedelta(days=40), 2000), (LAST + timedelta(days=3), 4000)):
            create_record(ctx, ORDER, {
                "person": buyer.id, "status": "placed", "lines": [{"description": "کاشی", "quantity": 1, "price": price}],
                "ordered_at": datetime(day.year, day.month, day.day, 12, tzinfo=cast.arman.tz).isoformat(),
            })  # fmt: skip
        filled()
        question = Question(("revenue",), (), span="last_30_days")
        assert answer(acting(cast.sara), question).total.figures["revenue"] in (0, None)
        live_in(cast, LAST)
        told = answer(acting(cast.sara), question)
        assert (told.total.figures["revenue"], told.today) == (1000, LAST)
        assert (
            answer(acting(cast.sara), Question(("revenue",), (), span="ever")).total.figures["revenue"]
            == 3000
        )
        watch = Watch(measure="revenue", amount=2500, whose="person")
        seen = trial(acting(cast.sara).actor, watch)
        assert seen is not None
        assert (seen.standing, list(seen.crossed)) == (1, [buyer.id])


def test_pages_of_insights_say_so(cast: Any, browse: Any) -> None:
    pages = ("insights", "insights/models", "insights/forecast", "insights/watches", "reports/build")
    client = browse(cast.sara)
    for page in pages:
        assert "۱۸ آذر ۱۳۹۰" not in client.get(f"/w/arman/{page}").content.decode()
    live_in(cast, LAST)
    for page in pages:
        assert "۱۸ آذر ۱۳۹۰" in client.get(f"/w/arman/{page}").content.decode(), page
    assert "۱۸ آذر ۱۳۹۰" not in client.get("/w/arman/people/").content.decode()


def test_it_is_a_setting_of_the_workspace_and_never_ahead(cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    right = {
        "name": "آرمان",
        "language": "fa",
        "currency": "IRR",
        "money_unit": "rial",
        "timezone": "Asia/Tehran",
    }
    ahead = (clock.today(cast.arman.tz) + timedelta(days=2)).isoformat()
    assert client.post("/w/arman/settings/workspace", {**right, "present": ahead}).status_code == 422
    # Nor earlier than every report can answer for.
    for day, status in (("1700-01-01", 422), ("1899-12-31", 422), ("1900-01-01", 302)):
        assert client.post("/w/arman/settings/workspace", {**right, "present": day}).status_code == status, (
            day
        )
    assert client.get("/w/arman/reports/build?measure=revenue&span=last_year").status_code == 200
    assert (
        client.post("/w/arman/settings/workspace", {**right, "present": LAST.isoformat()}).status_code == 302
    )
    assert Workspace.objects.get(id=cast.arman.id).present == LAST
    assert client.post("/w/arman/settings/workspace", {**right, "present": ""}).status_code == 302
    assert Workspace.objects.get(id=cast.arman.id).present is None
