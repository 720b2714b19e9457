"""What a bulk verb is given is understood as everywhere: a link leads to a record, and files hold no formulas."""

from __future__ import annotations

import csv
import io
from typing import Any

from peyvand.operational.consents.models import Consent, Purpose
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of
from peyvand.web.components.csv_files import csv_answer


def test_a_link_to_no_record_is_refused_in_the_dialog(cast: Any, browse: Any) -> None:
    person = program_of(cast.sara, cast.arman).post("people", {"given_name": "ندا"}).json["id"]
    sara, at = browse(cast.sara), "/w/arman/people/bulk/do-record_consent"
    with workspace_scope(cast.arman.id):
        purpose = Purpose.objects.get(word="newsletter").id
    given = {"ids": [person], "confirm": "1", "state": "granted", "channel": "email"}
    for nowhere in ("987654321", "", "x"):
        refused = sara.post(at, {**given, "purpose": nowhere})
        assert refused.status_code == 422, nowhere
        assert 'id="f-purpose"' in refused.content.decode()
    assert sara.post(at, {**given, "purpose": purpose}).status_code == 200
    with workspace_scope(cast.arman.id):
        assert Consent.objects.count() == 1


def test_a_file_is_safe_where_another_spreadsheet_splits_too() -> None:
    text = (
        csv_answer("a.csv", ["Title"], [["x;=1+1"], ["＝1"], ["-5"], [7]]).content.decode().lstrip("\ufeff")
    )
    assert list(csv.reader(io.StringIO(text))) == [["Title"], ["x;'=1+1"], ["'＝1"], ["-5"], ["7"]]
