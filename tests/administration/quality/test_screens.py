"""The screens of data quality: who may open them, what they lead to, what a workspace may ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection

from peyvand.administration.quality.jobs import work_off
from peyvand.administration.quality.measures import measure_of
from peyvand.administration.quality.models import QualityFinding, QualityRules, QualityRun, QualityScore
from peyvand.administration.quality.reckoning import reckon
from peyvand.administration.schema.actions import add_field, add_object
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON = object_named("person")
AT = "/w/arman/settings/quality"


@pytest.fixture
def measured(cast: Any, acting: Callable[..., Any]) -> list[int]:
    """Three people: one without a city, one whose number breaks the rule, two with the same mail."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        made = [
            create_record(ctx, PERSON, values).id
            for values in (
                {
                    "family_name": "یکم",
                    "city": "یزد",
                    "emails": "office@example.com",
                    "national_id": "0499370899",
                },
                {"family_name": "دوم", "city": "ری", "emails": "office@example.com"},
                {"family_name": "سوم"},
            )
        ]
        with connection.cursor() as cursor:
            cursor.execute("update person set national_id = '0499370890' where id = %s", [made[0]])
        reckon(cast.arman, measure_of(PERSON))
    return made


def with_role(cast: Any, grants: dict[str, str], fields: dict[str, str] | None = None) -> Any:
    """Mina with a role of the workspace's own."""
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(key="checker", name="Checker", grants=grants, fields=fields or {})
        User.objects.filter(id=cast.mina.id).update(role=role)
        access_changed(cast.arman.id)
        return User.objects.get(id=cast.mina.id)


def links(html: str) -> list[tuple[str, str]]:
    """(address, words) of every link into a list."""
    found = re.findall(r'<a class="link[^"]*" href="([^"]*filter=[^"]*)">(.*?)</a>', html)
    return [(unescape(address), words) for address, words in found]


def test_every_figure_leads_to_as_many_rows_as_it_says(cast: Any, browse: Any, measured: list[int]) -> None:
    sara = browse(cast.sara)
    html = sara.get(f"{AT}/person/").content.decode()
    found = links(html)
    assert len(found) >= 8
    for address, words in found:
        said = int(re.sub(r"\D", "", words.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))))
        rows = sara.get(address).content.decode()
        assert len(set(re.findall(r'<tr[^>]* data-id="(\d+)"', rows))) == said, (address, words)


def test_rows_are_found_by_the_api_too(cast: Any, browse: Any, measured: list[int]) -> None:
    asked = '{"field":"quality","op":"in","value":["national_id:invalid","alike"]}'
    sara = browse(cast.sara)
    rows = sara.get("/w/arman/people/", {"filter": asked}).content.decode()
    assert set(re.findall(r'<tr[^>]* data-id="(\d+)"', rows)) == {str(id) for id in measured[:2]}
    nothing_found = sara.get(
        "/w/arman/people/", {"filter": '{"field":"quality","op":"empty"}'}
    ).content.decode()
    assert set(re.findall(r'<tr[^>]* data-id="(\d+)"', nothing_found)) == {str(measured[2])}


def test_only_a_role_that_names_the_right_and_sees_all_rows_is_shown_figures(
    cast: Any, browse: Any, measured: list[int]
) -> None:
    for user in (cast.babak, cast.viewer, cast.mina):
        assert browse(user).get(AT).status_code == 403
        assert browse(user).get(f"{AT}/person/").status_code == 403
        assert browse(user).post(f"{AT}/reckon").status_code == 403
    some = browse(with_role(cast, {"quality.view": "all", "company.view": "all", "person.view": "team"}))
    page = some.get(AT).content.decode()
    assert "company/" in page
    assert "quality/person/" not in page
    assert some.get(f"{AT}/person/").status_code == 404
    assert some.post(f"{AT}/reckon").status_code == 403
    assert some.post(f"{AT}/company/", {"months": "3"}).status_code == 403


def test_whoever_may_not_see_the_figures_may_not_ask_for_their_rows(
    cast: Any, browse: Any, measured: list[int]
) -> None:
    asked = {"filter": '{"field":"quality","op":"is","value":"alike"}'}
    for user in (cast.babak, cast.viewer, cast.mina):
        refused = browse(user).get("/w/arman/people/", asked)
        assert refused.status_code == 422
        assert "data-id" not in refused.content.decode()


@pytest.mark.parametrize("access", ["hidden", "masked"])
def test_hidden_fields_are_neither_shown_nor_found_out(
    cast: Any, browse: Any, measured: list[int], access: str
) -> None:
    role = with_role(cast, {"quality.view": "all", "person.view": "all"}, {"person.national_id": access})
    browser = browse(role)
    page = browser.get(f"{AT}/person/").content.decode()
    assert "national_id" not in page
    # Rows that a broken value leads to would tell of it; those with an empty city tell nothing.
    assert "quality%22" not in page
    assert "city%22" in page
    refused = browser.get(
        "/w/arman/people/", {"filter": '{"field":"quality","op":"is","value":"national_id:invalid"}'}
    )
    assert refused.status_code == 422


def test_a_workspace_sets_weights_and_leaves_fields_out(cast: Any, browse: Any, measured: list[int]) -> None:
    sara = browse(cast.sara)
    form = {f"weight-{f.key}": "out" for f in PERSON.own_fields}
    form |= {"weight-city": "3", "weight-family_name": "1", "months": "۶"}
    assert sara.post(f"{AT}/person/", form).status_code == 302
    with workspace_scope(cast.arman.id):
        rules = QualityRules.objects.get()
        assert rules.months == 6
        assert rules.fields["city"] == {"weight": 3, "is_key": False}
        assert rules.fields["name"]["weight"] is None
        score = reckon(cast.arman, measure_of(PERSON))
        # (3 × 2 + 1 × 3) of (3 × 3 + 1 × 3); nothing is checked, and nothing tells records apart but pairs.
        assert (set(score.fields), score.complete, score.valid) == ({"city", "family_name"}, 750, None)
    wrong = sara.post(f"{AT}/person/", {**form, "months": "500"})
    assert wrong.status_code == 422
    for key, value in (("weight-city", "9"), ("weight-city", "x"), ("key-company", "on")):
        assert sara.post(f"{AT}/person/", {**form, "weight-company": "1", key: value}).status_code == 422


def test_fields_out_of_sight_keep_their_rules(cast: Any, browse: Any, measured: list[int]) -> None:
    with workspace_scope(cast.arman.id):
        QualityRules.objects.create(
            object="person", months=12, fields={"national_id": {"weight": None, "is_key": False}}
        )
    grants = {"quality.view": "all", "quality.manage": "all", "person.view": "all"}
    browser = browse(with_role(cast, grants, {"person.national_id": "hidden"}))
    form = {f"weight-{f.key}": "1" for f in PERSON.own_fields if f.key != "national_id"}
    assert browser.post(f"{AT}/person/", form).status_code == 302
    with workspace_scope(cast.arman.id):
        rules = QualityRules.objects.get()
        assert (rules.months, rules.fields["national_id"]) == (None, {"weight": None, "is_key": False})


def test_a_reckoning_is_queued_once_and_tells_how_far_it_is(
    cast: Any, browse: Any, measured: list[int]
) -> None:
    sara = browse(cast.sara)
    for _ in range(2):
        assert sara.post(f"{AT}/reckon", {"back": "person"}).url == f"{AT}/person/"
    with workspace_scope(cast.arman.id):
        run = QualityRun.objects.get()
        QualityRun.objects.update(state="running", object="person", percent=40)
    assert 'aria-valuenow="40"' in sara.get(f"{AT}/progress").content.decode()
    with workspace_scope(cast.arman.id):
        QualityRun.objects.update(state="done", percent=100)
    assert sara.get(f"{AT}/progress")["HX-Refresh"] == "true"
    assert run.user_id == cast.sara.id


def test_own_objects_and_own_fields_are_measured_like_all_others(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        own = add_object(ctx, labels={"fa": "قرارداد"}, plural_labels={"fa": "قراردادها"})
        options = [{"labels": {"fa": "الف"}}, {"labels": {"fa": "ب"}}]
        sort = add_field(ctx, own.key, "choice", labels={"fa": "نوع"}, options=options)
        one, other = (option["key"] for option in sort.config["options"])
        party = add_field(ctx, own.key, "link", labels={"fa": "طرف"}, to="person")
        when = {"field": sort.key, "op": "is", "value": one}
        months = add_field(ctx, own.key, "number", labels={"fa": "مدت"}, min="1", visible_when=when)
        spec = object_named(own.key)
        person = create_record(ctx, PERSON, {"family_name": "طرف"})
        rows = [
            create_record(ctx, spec, {"name": "یکم", sort.key: one, party.key: person.id, months.key: 5}),
            create_record(ctx, spec, {"name": "دوم", sort.key: one}),
            create_record(ctx, spec, {"name": "سوم", sort.key: other}),
        ]
        with connection.cursor() as cursor:
            cursor.execute("update person set deleted_at = now() where id = %s", [person.id])
            cursor.execute(
                "update custom_value set text = 'z', lead = 'z' where object_id = %s and text = 'b'",
                [rows[2].id],
            )
            cursor.execute(
                "update custom_value set number = 0 where object_id = %s and number = 5", [rows[0].id]
            )
        score = reckon(cast.arman, measure_of(spec))
        told = {k: (f["of"], f["filled"], f["invalid"]) for k, f in score.fields.items()}
        assert told[sort.key] == (3, 3, 1)
        assert told[party.key] == (3, 1, 1)
        # Asked only where the form shows it.
        assert told[months.key] == (2, 1, 1)
    page = browse(cast.sara).get(f"{AT}/{own.key}/").content.decode()
    for address, _words in links(page):
        assert browse(cast.sara).get(address).status_code == 200


def test_the_job_measures_every_object_and_may_run_twice(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        run = QualityRun.objects.create()
    for _ in range(2):
        work_off(committed.arman, run_id=run.id)
    with workspace_scope(committed.arman.id):
        assert QualityRun.objects.get().state == "done"
        assert {"person", "company", "deal"} <= set(QualityScore.objects.values_list("object", flat=True))
        assert not QualityFinding.objects.exists()
