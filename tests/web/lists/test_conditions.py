"""The control of a condition that a record holds: built, kept, begun anew, the same for every slice that has one."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

from peyvand.kernel.errors import Invalid
from peyvand.platform.fields.reader import PROGRAM
from peyvand.platform.objects.conditions import ConditionText, condition_in
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

AT = "/w/arman/condition"
LARGE = '{"field":"amount","op":"gte","value":50000}'
FIELD = ConditionText(key="condition", label="Condition", about="deal")


def inside(page: Any, **asked: Any) -> tuple[str, dict[str, str]]:
    """The inside of the control, and the values it would send."""
    text = page.get(AT, {"name": "condition", **asked}).content.decode()
    sent = re.findall(r'<(?:input|pv-filter)[^>]* name="([^"]+)"[^>]* value="([^"]*)"', text)
    return text, {name: unescape(value) for name, value in sent}


def test_a_condition_on_one_object_is_built_in_the_readers_unit(browse: Any, cast: Any) -> None:
    text, sent = inside(browse(cast.sara), of="deal", condition=LARGE)
    assert "pv-filter" in text
    assert '"value":5000}' in sent["condition"], "in tomans, as one types it"
    assert sent["condition-of"] == "deal"


def test_what_compares_with_no_value_is_whole_for_the_builder(browse: Any, cast: Any) -> None:
    either = '{"or":[{"field":"amount","op":"empty"},{"not":{"field":"name","op":"filled"}}]}'
    _, sent = inside(browse(cast.sara), of="deal", condition=either)
    assert sent["condition"].count('"value":null') == 2
    spec = object_named("deal")
    assert condition_in(sent["condition"], spec) == condition_in(either, spec)


def test_a_condition_waits_while_several_kinds_are_chosen_or_another_one(browse: Any, cast: Any) -> None:
    page = browse(cast.sara)
    text, waiting = inside(page, by="objects", objects=["", "deal", "company"], condition=LARGE)
    assert "pv-filter" not in text
    assert waiting["condition"] == ""
    _, back = inside(page, by="objects", objects=["", "deal"], **waiting)
    assert '"value":5000}' in back["condition"]
    _, other = inside(page, by="objects", objects=["", "company"], **back)
    assert (other["condition"], other["condition-of"]) == ("", "company")
    _, again = inside(page, by="objects", objects=["", "deal"], **other)
    assert again["condition"] == back["condition"]


@pytest.mark.parametrize("given", ['{"field":"gone","op":"filled"}', '{"not":7}', '{"and":[{"no":1}]}'])
def test_what_cannot_be_drawn_stays_until_somebody_begins_anew(browse: Any, cast: Any, given: str) -> None:
    page = browse(cast.sara)
    text, sent = inside(page, of="deal", condition=given)
    assert sent == {"condition": given}
    anew = unescape(re.search(r'hx-get="([^"]+)"', text).group(1))  # type: ignore[union-attr]
    fresh = page.get(f"{anew}&{urlencode({'condition': given})}").content.decode()
    assert "pv-filter" in fresh
    assert given not in unescape(fresh)


def test_edited_without_the_field_that_names_its_object_it_stays(browse: Any, cast: Any) -> None:
    text, sent = inside(browse(cast.sara), by="object", condition=LARGE)
    assert "pv-filter" not in text
    assert sent == {"condition": LARGE}


def test_the_page_of_a_record_says_its_condition_in_words(browse: Any, cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        rule = create_record(
            acting(cast.sara),
            object_named("assignment_rule"),
            {"name": "Large", "object": "deal", "condition": LARGE},
        )
    page = browse(cast.sara).get(f"/w/arman/assignment_rules/{rule.id}/").content.decode()
    assert "۵٬۰۰۰ تومان" in page
    assert "&quot;op&quot;" not in page


def test_nobody_builds_on_records_that_they_may_not_see(browse: Any, cast: Any) -> None:
    text, sent = inside(browse(cast.mina), of="webhook", condition='{"field":"name","op":"filled"}')
    assert "pv-filter" not in text
    assert sent == {"condition": '{"field":"name","op":"filled"}'}


def test_only_a_personal_condition_is_offered_me(browse: Any, cast: Any) -> None:
    page = browse(cast.sara)
    assert '"me"' not in inside(page, of="deal")[0]
    assert '"me"' in inside(page, of="deal", personal="1")[0]
    mine = '{"field":"owner","op":"is","value":"me"}'
    assert condition_in(mine, object_named("deal"), is_personal=True) is not None
    with pytest.raises(Invalid) as refused:
        condition_in(mine, object_named("deal"), at="which")
    assert [p.field for p in refused.value.problems] == ["which"]


@pytest.mark.parametrize(
    "raw", ["{", "[]", "7", "null", '"x"', '{"a":"\\u0000"}', '{"a":"%s"}' % ("x" * 10_001)]
)
def test_what_is_no_condition_is_refused(raw: str) -> None:
    with pytest.raises(Invalid):
        FIELD.understand(raw, PROGRAM)


def test_deep_nesting_is_refused_and_nothing_asked_is_nothing() -> None:
    deep: Any = {"field": "name", "op": "filled"}
    for _ in range(50):
        deep = {"not": deep}
    with pytest.raises(Invalid) as refused:
        FIELD.understand(deep, PROGRAM)
    assert refused.value.problems[0].code == "too_deep"
    assert FIELD.understand({"and": []}, PROGRAM) == ""
    assert condition_in("", object_named("deal")) is None
