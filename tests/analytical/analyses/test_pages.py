"""Analyses as people read about them: which gives an answer and why not, how good it is, and what of a record to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from django.utils.translation import gettext, override
from procrastinate.contrib.django.models import ProcrastinateJob

from peyvand.analytical.analyses.contract import Beside, Card, Figure, all_analyses
from peyvand.analytical.analyses.jobs import queued
from peyvand.analytical.analyses.models import AnalysisChoice, ModelCard
from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.analytical.analyses.web.model import card_context, change
from peyvand.kernel import clock
from peyvand.kernel.errors import msg
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import job_context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.insights.keeping import Scores, keep, note_run
from peyvand.platform.insights.telling import kept, open_to_all, read_reasons, reason
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

DAY = date(2026, 11, 1)
CARD = Card(
    rows=1200,
    first=date(2025, 3, 2),
    last=date(2026, 10, 30),
    figures=(Figure("Days ahead", 90.0, "days"), Figure("Log-likelihood of BG/NBD", -5064.785)),
    beside=Beside(
        "the longer since the last order", "Share of pairs ranked correctly", 0.648, 0.854, -0.206, -0.31, -0.1, "share",
        "The result shown is that of the simple rule.",
    ),
    bins=((0.1, 0.12, 60), (0.7, 0.65, 60)),
    lift=(0.3, 1.0),
    weights=(("Number of orders", 2.0), ("Bought lately", 0.5)),
    parameters={"alpha": 0.25},
)  # fmt: skip


def card(**values: Any) -> ModelCard:
    told = orjson.loads(orjson.dumps(asdict(CARD) | {"notes": [], "drift": []}))
    given = {
        "analysis": "churn",
        "number": 3,
        "state": "ready",
        "as_of": DAY,
        "started_at": clock.now(),
        "rows": 1200,
        "card": told,
    }
    made: ModelCard = ModelCard.objects.create(**{**given, **values})
    return made


@pytest.fixture
def here(cast: Any) -> Iterator[Any]:
    with workspace_scope(cast.arman.id):
        yield cast


def test_a_card_is_read_from_what_it_says_down_to_its_parameters(here: Any, browse: Any) -> None:
    made = card()
    client = browse(here.sara)
    page = client.get(f"/w/arman/insights/models/{made.id}").content.decode()
    assert "به‌روشنی از قاعدهٔ سادهٔ" in page
    assert "۶۴٫۸٪" in page
    assert "۱۰٫۰ واحد کمتر" in page
    assert "۹۰٫۰" not in page
    order = ("says-h", "good-h", "counts-h", "data-h", '<dt class="ltr">alpha')
    assert sorted(order, key=page.index) == list(order)
    assert "compose" not in page
    # The record's ordinary address leads there.
    assert client.get(f"/w/arman/model-cards/{made.id}/").status_code in (301, 302)
    assert client.get("/w/arman/insights/models/999999").status_code == 404


def test_the_list_says_why_there_is_no_answer_and_how_far_one_is(here: Any, browse: Any) -> None:
    why = kept(
        msg("Not enough %(what)s yet: %(has)s so far, %(needs)s needed.", needs=200, what="buyers", has=111)
    )
    card(analysis="value", state="refused", refusal=why, card={})
    card(analysis="rfm", state="running", percent=37, card={})
    card()
    page = browse(here.sara).get("/w/arman/insights/models").content.decode()
    assert "۱۱۱" in page
    assert 'aria-valuenow="37"' in page
    assert "بدتر از قاعدهٔ ساده" in page


def test_each_verdict_beside_the_simple_rule_has_its_own_words(here: Any, browse: Any) -> None:
    kept_card = orjson.loads(orjson.dumps(asdict(CARD) | {"notes": [], "drift": []}))
    for key, low, high in (("churn", -0.31, -0.1), ("value", -0.1, 0.2), ("rfm", 0.1, 0.2)):
        card(analysis=key, card={**kept_card, "beside": {**kept_card["beside"], "low": low, "high": high}})
    page = browse(here.sara).get("/w/arman/insights/models").content.decode()
    for words in ("بدتر از قاعدهٔ ساده", "برتری بر قاعدهٔ ساده قطعی نیست", "بهتر از قاعدهٔ ساده</span>"):
        assert words in page


def test_what_is_better_but_off_in_percent_is_not_called_good(here: Any, browse: Any) -> None:
    kept_card = orjson.loads(orjson.dumps(asdict(CARD) | {"drift": []}))
    better = {**kept_card["beside"], "low": 0.1, "high": 0.2}
    said = kept(msg(
        "Its percentages are not to be taken at their word: where it said %(said)s, %(came)s came true. Who stands above whom is more "
        "certain than by how much.", said={"percent": 86}, came={"percent": 64},
    ))  # fmt: skip
    for is_off in (False, True):
        told = {**kept_card, "beside": better, "is_off": is_off, "notes": [said] if is_off else []}
        made = card(number=4 + is_off, card=told)
        client = browse(here.sara)
        page = client.get(f"/w/arman/insights/models/{made.id}").content.decode()
        assert ('class="notice good"' in page) != is_off
        assert ("۸۶٪" in page and "۶۴٪" in page) == is_off
        listed = client.get("/w/arman/insights/models").content.decode()
        assert ("رقم‌ها دقیق نیستند" in listed) == is_off


def test_a_run_that_waits_says_so_until_its_turn_comes(here: Any, browse: Any) -> None:
    """Nothing is done when it is pressed: it waits, then it is at work, then it has an answer."""
    client = browse(here.sara)
    choice = ensure_choices()["cohorts"]

    def told() -> str:
        page = client.get("/w/arman/insights/models").content.decode()
        return page[page.index('id="a-cohorts"') :].partition("</section>")[0]

    assert "در نوبت" not in told()
    answer = client.post(f"/w/arman/analyses/{choice.id}/do/refresh", headers={"HX-Request": "true"})
    assert "انجام شد" not in json.loads(answer["HX-Trigger"])["toast"]["text"]
    assert "در نوبت" in told()
    # It cannot be put there twice.
    assert "do/refresh" not in told()
    assert client.get("/w/arman/insights/models").context["is_busy"]
    ProcrastinateJob.objects.filter(task_name="analyses.run").update(status="doing")
    card(analysis="cohorts", number=9, state="running", percent=12, card={})
    assert "در نوبت" not in told()
    assert 'aria-valuenow="12"' in told()


def test_all_that_run_here_are_put_into_the_queue_at_once(here: Any, browse: Any) -> None:
    ensure_choices()
    AnalysisChoice.objects.filter(key="value").update(is_on=False)
    assert browse(here.viewer).post("/w/arman/insights/models/refresh").status_code == 403
    assert not queued(here.arman, "rfm", "churn")
    client = browse(here.sara)
    assert client.post("/w/arman/insights/models/refresh", headers={"HX-Request": "true"}).status_code == 200
    assert queued(here.arman, *(one.key for one in all_analyses())) == {one.key for one in all_analyses()} - {
        "value"
    }
    assert client.get("/w/arman/insights/models").context["is_busy"]


def test_a_customer_of_whom_nothing_can_be_said_is_told_so(here: Any, acting: Any, browse: Any) -> None:
    person = create_record(acting(here.sara), PERSON, {"name": "مهناز عطارزاده"})
    client, url = browse(here.sara), f"/w/arman/people/{person.id}/"
    said = "هنوز خریدی به نام خودش ندارد"
    # Before anything was analysed nobody knows whether there are none.
    assert said not in client.get(url).content.decode()
    note_run("rfm", version=1, as_of=DAY, expires_on=date(2099, 1, 1), card_id=None)
    assert said in client.get(url).content.decode()


def test_a_reason_that_tells_an_own_field_is_kept_from_whom_the_field_is_hidden() -> None:
    told = msg("%(field)s: %(value)s", field={"name": "Way of payment"}, value={"name": "Cheque"})
    reasons = [
        reason(told, 1.0, "c_1"),
        reason(msg("Bought on one day so far: %(day)s", day={"day": "2026-03-01"}), 1.0),
    ]
    reader = Reader(language="en")
    assert [one.text for one in read_reasons(reasons, reader)] == [
        "Way of payment: Cheque",
        "Bought on one day so far: 1 March 2026",
    ]
    assert len(read_reasons(reasons, reader, frozenset({"c_1"}))) == 1
    # A fact goes to everybody's timeline.
    assert open_to_all(reasons) == reasons[1:]


def test_amounts_are_told_to_whoever_may_know_them_alone(here: Any, browse: Any) -> None:
    """A model card is open to all; babak sees only some of the orders and deals, so not what all of them come to."""
    figures = [
        {"name": "Expected next month", "value": 4_700_000, "unit": "money", "low": 4_100_000, "high": 5_300_000},
        {"name": "Full months of history", "value": 37, "unit": "number", "low": None, "high": None},
    ]  # fmt: skip
    drift = [{"name": "Expected next month", "was": 6_200_000, "now": 4_700_000, "unit": "money"}]
    for key in ("sales_forecast", "pipeline_forecast", "what_if", "attribution", "profit"):
        made = card(analysis=key, card={"figures": figures, "drift": drift})
        url = f"/w/arman/insights/models/{made.id}"
        of_all, of_some = (browse(who).get(url).context for who in (here.sara, here.babak))
        assert [len(of_all["lines"]), len(of_all["drift"]), of_all["closed"]] == [2, 1, None]
        assert ([line.value for line in of_some["lines"]], of_some["drift"]) == (["۳۷"], [])
        assert "مبلغ‌ها نوشته نشده" in browse(here.babak).get(url).content.decode()


@pytest.mark.parametrize(
    ("language", "worse", "less"),
    [("fa", "worse", "۳۱٫۰ واحد کمتر"), ("en", "worse", "31.0 points less")],
)
def test_figures_are_told_in_words_of_the_reader(language: str, worse: str, less: str) -> None:
    reader = Reader(language=language)
    with override(language):
        told = card_context(
            ModelCard(analysis="churn", card=orjson.loads(orjson.dumps(asdict(CARD)))), reader
        )
        assert (told["beside"].verdict, told["beside"].low) == (worse, less)
        assert told["beside"].instead
        assert [line.share for line in told["weights"]] == [100, 25]
        # What the workspace called a field of its own is no word of ours.
        own = {"weights": [["Won", 0.4, True], ["Won", 0.2]]}
        lines = card_context(ModelCard(analysis="churn", card=own), reader)["weights"]
        assert [line.name for line in lines] == ["Won", gettext("Won")]
        # A minus stands before its number, in whatever direction the page runs.
        assert told["lines"][1].value.startswith("\u2066")
        assert change(0.02, "share", reader) != change(-0.02, "share", reader)
        assert shown(90.0, "days", reader) in ("۹۰ روز", "90 days")


def test_reasons_are_coloured_by_what_is_good_and_danger_offers_a_task(
    here: Any, acting: Any, browse: Any
) -> None:
    person = create_record(acting(here.sara), PERSON, {"name": "مهناز عطارزاده"})
    fields = [f for f in object_named("person").fields if getattr(f, "analysis", "") == "churn"]
    why = [reason(msg("Bought on one day so far: %(day)s", day={"day": "2026-03-01"}), 30.0)]
    scores = Scores(
        "person",
        [person.id],
        {"churn_risk": [80], "churn_level": ["high"]},
        {"churn_level": [{"reasons": why}]},
    )
    keep(job_context(here.arman), fields, scores)
    note_run("churn", version=1, as_of=DAY, expires_on=date(2099, 1, 1), card_id=None)
    ahead = [f for f in object_named("person").fields if f.key == "next_from"]
    keep(
        job_context(here.arman), ahead, Scores("person", [person.id], {"next_from": [date(2026, 3, 11)]}, {})
    )
    note_run("value", version=1, as_of=DAY, expires_on=date(2099, 1, 1), card_id=None)
    page = browse(here.sara).get(f"/w/arman/people/{person.id}/").content.decode()
    # What lifts the risk is bad news.
    assert '<li class="up">' in page
    # Days stand as their reasons say them, not as programs write them.
    assert "۲۰ اسفند ۱۴۰۴" in page
    assert "۱۴۰۴/۱۲/۲۰" not in page
    assert f"tasks/new?about=person%3A{person.id}" in page


def test_the_card_names_the_span_and_what_lies_behind_is_not_told_as_ahead(
    here: Any, acting: Any, browse: Any
) -> None:
    person = create_record(acting(here.sara), PERSON, {"name": "مهناز عطارزاده"})
    keys = ("expected_value", "alive", "next_from", "next_until")
    fields = [f for f in object_named("person").fields if f.key in keys]
    today = clock.today(here.arman.tz)

    def page(begins: int, ends: int, *, ahead: int, caution: Sequence[Any] = ()) -> str:
        values = {
            "expected_value": [120_000], "alive": [100],
            "next_from": [today + timedelta(days=begins)], "next_until": [today + timedelta(days=ends)],
        }  # fmt: skip
        keep(job_context(here.arman), fields, Scores("person", [person.id], values, {}))
        note_run(
            "value",
            version=1,
            as_of=DAY,
            expires_on=date(2099, 1, 1),
            card_id=None,
            ahead=ahead,
            caution=caution,
        )
        text: str = browse(here.sara).get(f"/w/arman/people/{person.id}/").content.decode()
        return text

    told = page(-13, 20, ahead=365)
    assert "ارزش مورد انتظار تا ۳۶۵ روز آینده" in told
    assert "برای روزهای" in told
    assert "بیش از ۹۹٪" in told
    assert "انتظارش می‌رفت" in told
    assert "سفارش بعدی از" not in told
    off = kept(msg("What it says is likely too high: of %(days)s days it was tested on it predicted %(said)s purchases, and %(came)s came. "
                   "Who stands above whom is more certain than by how much.", days=365, said=733, came=482))  # fmt: skip
    told = page(-50, -5, ahead=30, caution=off)
    # The workspace chose another span: the label is that of the newest run.
    assert "ارزش مورد انتظار تا ۳۰ روز آینده" in told
    assert "انتظارش می‌رفت" in told
    assert "۷۳۳" in told
    assert "انتظارش" not in page(5, 20, ahead=30)
    listed = browse(here.sara).get("/w/arman/people/?columns=name,expected_value").content.decode()
    assert "ارزش مورد انتظار تا ۳۰ روز آینده" in listed
    assert 'title="مبلغی که انتظار می‌رود' in listed
