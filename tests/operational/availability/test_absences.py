"""Absences are asked for by members and decided by those above them; never by oneself, but for who decides for everybody."""

from __future__ import annotations

import json
from typing import Any

from peyvand.operational.availability.models import Absence
from peyvand.platform.events.models import EventRow
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

BODY = {"kind": "leave", "starts_on": "2026-12-05", "ends_on": "2026-12-07"}


def test_a_member_asks_and_the_manager_answers(cast: Any) -> None:
    babak, mina = program_of(cast.babak, cast.arman), program_of(cast.mina, cast.arman)
    made = babak.post("absences", BODY)
    assert made.status == 201
    assert made.json["state"] == "asked"
    id = made.json["id"]
    assert babak.post(f"absences/{id}/approve", {}).status == 403
    assert mina.post(f"absences/{id}/approve", {}).status == 200
    assert mina.post(f"absences/{id}/approve", {}).status == 422
    assert mina.get(f"absences/{id}").json["state"] == "approved"
    # Other days have to be asked for anew; another note has not.
    assert babak.patch(f"absences/{id}", {"note": "Wedding"}).json["state"] == "approved"
    assert babak.patch(f"absences/{id}", {"ends_on": "2026-12-09"}).json["state"] == "asked"
    assert mina.post(f"absences/{id}/refuse", {"reason": "Stocktaking"}).status == 200
    with workspace_scope(cast.arman.id):
        [row] = EventRow.objects.filter(wire="availability.absence_refused.v1")
        assert row.data["reason"] == "Stocktaking"


def test_nobody_answers_themselves_but_who_answers_for_everybody(cast: Any) -> None:
    mina, sara = program_of(cast.mina, cast.arman), program_of(cast.sara, cast.arman)
    own = mina.post("absences", BODY).json
    assert own["state"] == "asked"
    assert mina.post(f"absences/{own['id']}/approve", {}).status == 403
    assert sara.post(f"absences/{own['id']}/approve", {}).status == 200
    assert sara.post("absences", BODY).json["state"] == "approved"
    # A manager writes down what is agreed already.
    assert mina.post("absences", {**BODY, "owner": cast.babak.id}).json["state"] == "approved"


def test_what_cannot_be_is_refused_by_field(cast: Any) -> None:
    babak = program_of(cast.babak, cast.arman)
    for body, field in (
        ({**BODY, "owner": cast.mina.id}, "owner"),
        ({**BODY, "ends_on": "2026-12-01"}, "ends_on"),
        ({**BODY, "deputy": cast.babak.id}, "deputy"),
        ({**BODY, "hours": "17-8"}, "hours"),
    ):
        answer = babak.post("absences", body)
        assert answer.status == 422, body
        assert field in json.dumps(answer.json)
    with workspace_scope(cast.arman.id):
        assert not Absence.objects.exists()


def test_the_screens_show_who_is_away_and_when_one_works(cast: Any, browse: Any) -> None:
    program_of(cast.mina, cast.arman).post("absences", {**BODY, "owner": cast.babak.id})
    mina = browse(cast.mina)
    shown = mina.get("/w/arman/absences/timeline?view=away&at=2026-12-05").content.decode()
    assert "Babak Naderi" in shown
    assert mina.get("/w/arman/settings/working-time").status_code == 403
    page = browse(cast.sara).get("/w/arman/settings/working-time").content.decode()
    assert "ساعت کاری عادی" in page
    assert "۸:۰۰ تا ۱۷:۰۰" in page
    assert "جشن نوروز" in page
