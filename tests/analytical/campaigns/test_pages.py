"""What stands on the pages of channels and of campaigns, for whom, and in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.analytical.campaigns.attribution import METHODS
from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.identity.models import Account, Membership
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

CHANNELS, EFFECTS = "/w/arman/insights/attribution", "/w/arman/insights/uplift"
DAY = date(2026, 11, 20)
SHARED = {"conversions": [100.0, 300.0], "low": [80.0, 280.0], "high": [120.0, 320.0], "value": [9e9, 1e9]}
FOUND = {
    "within": 90, "converted": 400, "lost": 50, "value": 10_000_000_000,
    "channels": [{"key": "form", "touches": 150, "ways": 140}, {"key": "referral", "touches": 310, "ways": 305}],
    "methods": dict.fromkeys(METHODS, SHARED),
    "ways": [{"way": ["form", "referral"], "converted": 30, "lost": 10, "value": 500_000}],
}  # fmt: skip
TRIAL = {
    "key": "automation:5", "name": "Spring letter", "since": "2026-08-01", "until": "2026-08-20", "open": 4,
    "treated": [230, 1000], "alone": [150, 1000], "difference": [8.0, 4.5, 11.4], "missing": [0, 0], "verdict": "better",
    "refusal": None, "code": "", "fields": [["orders", 0.7], ["amount", 0.3]],
    "ranking": {"qini": [1.2, 0.4, 2.0], "p": 0.003, "tenths": [[12.0 - n, 8.0 - n, 16.0 - n] for n in range(10)]},
}  # fmt: skip


@pytest.fixture
def keep(cast: Any) -> Callable[..., None]:
    def kept(analysis: str, more: dict[str, Any] | None = None, **values: Any) -> None:
        with workspace_scope(cast.arman.id):
            number = ModelCard.objects.filter(analysis=analysis).count() + 1
            usual = {
                "state": "ready" if more else "refused",
                "more": more or {},
                "as_of": DAY,
                "started_at": clock.now(),
            }
            ModelCard.objects.create(analysis=analysis, number=number, **usual | values)

    return kept


def trial(**values: Any) -> dict[str, Any]:
    return {"trials": [TRIAL | values], "scored_by": "automation:5"}


def test_columns_of_an_outside_table_keep_their_own_names(cast: Any, browse: Any, keep: Any) -> None:
    columns = [["orders", 0.6], ["Name", 0.4]]
    keep("uplift", {"trials": [TRIAL | {"key": "campaign_trial:1", "fields": columns}, TRIAL]})
    client = browse(cast.sara)
    assert [name for name, _share in client.get(EFFECTS).context["fields"]] == ["orders", "Name"]
    own = client.get(f"{EFFECTS}?trial=automation:5").context["fields"]
    assert [name for name, _share in own] == ["سفارش‌های پیشین", "مبلغ خریدهای پیشین"]


def test_nothing_reckoned_says_what_to_do_and_a_refusal_what_is_missing(
    cast: Any, browse: Any, keep: Any
) -> None:
    client = browse(cast.sara)
    for page in (CHANNELS, EFFECTS):
        assert "page-empty" in client.get(page).content.decode()
    refusal = [
        "Not enough %(what)s yet: %(has)s so far, %(needs)s needed.",
        {"needs": 300, "what": {"text": "conversions"}, "has": 73},
    ]
    keep("attribution", FOUND)
    keep("attribution", refusal=refusal)
    page = client.get(CHANNELS)
    assert page.context["standing"].refusal == "۳۰۰ تبدیل لازم است؛ ۷۳ هست."
    assert page.context["standing"].refusal in page.content.decode()
    assert page.context["lines"] == [], "what was said of data that do not bear it any more is not shown"
    keep("attribution", FOUND, state="running", percent=40)
    assert 'aria-valuenow="40"' in client.get(CHANNELS).content.decode()


def test_shares_by_each_method_number_or_value_and_every_channel_opens_its_touches(
    cast: Any, browse: Any, keep: Any
) -> None:
    keep("attribution", FOUND)
    client = browse(cast.sara)
    page = client.get(CHANNELS)
    assert [line.name for line in page.context["lines"]] == ["معرفی", "فرم وب"]
    assert (page.context["lines"][0].low, page.context["lines"][0].high) == ("۲۸۰", "۳۲۰")
    assert page.context["by"] == "markov"
    assert page.context["ways"][0]["names"] == ["فرم وب", "معرفی"]
    assert page.context["ways"][0]["share"] == 0.75
    worth = client.get(f"{CHANNELS}?by=last&in=value").context
    assert [line.name for line in worth["lines"]] == ["فرم وب", "معرفی"]
    assert [is_own for _, _, is_own in worth["methods"]] == [key == "last" for key in METHODS]
    assert client.get(f"{CHANNELS}?by=nonsense").context["by"] == "markov"
    for line in page.context["lines"]:
        assert client.get(line.url).status_code == 200
    for key in ("call", "meeting", "mail", "sms", "", "something else"):
        keep(
            "attribution", FOUND | {"channels": [{"key": key, "touches": 1, "ways": 1}, FOUND["channels"][1]]}
        )
        found = next(line for line in client.get(CHANNELS).context["lines"] if line.touches == 1)
        assert client.get(found.url).status_code == 200, key


def test_the_effect_comes_first_and_whom_it_changes_only_where_that_is_known(
    cast: Any, acting: Any, browse: Any, keep: Any
) -> None:
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "لیلا بهشتی"})
        InsightRow.objects.create(
            analysis="uplift",
            object="person",
            object_id=person.id,
            number1=123,
            text1="more",
            since=clock.now(),
        )
    client = browse(cast.sara)
    keep("uplift", trial())
    page = client.get(EFFECTS)
    said = page.content.decode()
    assert said.index(page.context["verdict"]) < said.index(page.context["chart"].label)
    assert "۸٫۰" in page.context["verdict"]
    assert '<th scope="col" class="figs">سهم</th>' in said, "a portion, not the verb of sharing a record"
    assert [tenth.value for tenth in page.context["tenths"]][:2] == ["۱۲٫۰", "۱۱٫۰"]
    assert len(page.context["tenths"]) == 10
    [one] = page.context["answers"]
    assert one.said == "۱ شخص"
    listed = client.get(one.url).content.decode()
    assert "لیلا بهشتی" in listed
    assert "۱۲٫۳" in listed
    for group in page.context["groups"]:
        assert client.get(group.url).status_code == 200

    keep(
        "uplift",
        trial(ranking=None, fields=[], code="no_signal", refusal=["No field is left to learn from.", {}]),
    )
    page = client.get(EFFECTS)
    assert "ولی نمی‌توان گفت بر چه کسی بیشتر اثر دارد" in page.content.decode()
    assert page.context["chart"] is None

    refused = ["The control group was not drawn by lot: the fields tell who was treated.", {}]
    keep("uplift", trial(ranking=None, fields=[], code="not_random", refusal=refused))
    page = client.get(EFFECTS)
    assert page.context["verdict"] not in page.content.decode(), (
        "no effect of groups that were chosen is claimed"
    )


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "It helps: of a hundred people, 8.0 more reach the outcome (between 4.5 and 11.4)."),
        (
            {"verdict": "worse", "difference": [-8.0, -11.4, -4.5]},
            "It hurts: of a hundred people, 8.0 fewer reach the outcome (between 4.5 and 11.4).",
        ),
        (
            {"verdict": "open", "difference": [1.0, -2.0, 4.0]},
            "No clear effect: of a hundred people, between 2.0 fewer and 4.0 more reach the outcome, so it may change nothing.",
        ),
        (
            {"verdict": "few", "missing": [1200, 3]},
            "Too early to tell: 1,200 more treated and 3 more in the control group are needed.",
        ),
    ],
    ids=["better", "worse", "open", "few"],
)
def test_an_effect_in_english_claims_no_more_than_is_known(
    cast: Any, browse: Any, keep: Any, values: Any, says: str
) -> None:
    keep("uplift", trial(**values))
    membership = Membership.objects.get(workspace_id=cast.arman.id, user_id=cast.sara.id)
    Account.objects.filter(id=membership.account_id).update(language="en")
    page = browse(cast.sara).get(EFFECTS)
    assert page.context["verdict"] == says
    assert "Effect of campaigns" in page.content.decode()


def test_several_campaigns_are_chosen_from(cast: Any, browse: Any, keep: Any) -> None:
    other = TRIAL | {"key": "automation:9", "name": "Autumn letter", "verdict": "open"}
    keep("uplift", {"trials": [TRIAL, other], "scored_by": "automation:5"})
    client = browse(cast.sara)
    assert client.get(EFFECTS).context["trial"]["name"] == "Spring letter"
    page = client.get(f"{EFFECTS}?trial=automation:9")
    assert page.context["trial"]["name"] == "Autumn letter"
    assert page.context["answers"] == [], "whom another campaign changes is not said here"
    assert [is_own for *_, is_own in page.context["trials"]] == [False, True]


def test_whoever_sees_only_some_records_sees_neither_page(cast: Any, browse: Any, keep: Any) -> None:
    keep("attribution", FOUND)
    keep("uplift", trial())
    for page in (CHANNELS, EFFECTS):
        assert browse(cast.babak).get(page).status_code == 403
        assert page.removeprefix("/w/arman") not in browse(cast.babak).get("/w/arman/").content.decode()


def test_who_may_has_it_reckoned_from_the_page(cast: Any, browse: Any, keep: Any) -> None:
    with workspace_scope(cast.arman.id):
        ensure_choices()
    client = browse(cast.sara)
    assert client.post(client.get(EFFECTS).context["refresh"]).status_code in (200, 302)
