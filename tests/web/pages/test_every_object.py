"""The page, the form and the verbs of every object, from its declaration alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.http import QueryDict
from tests.conformance.conftest import side
from tests.web.pages.sending import form_of

from peyvand.platform.fields.types import (
    Choice,
    Compound,
    Day,
    Email,
    Field,
    Identifier,
    Instant,
    Link,
    LongText,
    Number,
    Phone,
    Text,
    Url,
)
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.objects.pages.access import form_fields, open_record
from peyvand.web.objects.pages.sent import read_sent

assert apps.ready
OBJECTS = [spec for spec in all_objects() if spec.creatable]
# Those of which one value for each field makes no sense: they are made as the conformance suite makes them, by a program.
BY_PROGRAM = {
    *(
        "price",
        "working_hours",
        "absence",
        "payment",
        "cheque",
        "lead_form",
        "score_rule",
        "quota",
        "assignment_rule",
        "commission_plan",
        "sms_line",
    ),
    *(
        "assignment_seat",
        "skill",
        "mail_account",
        "automation",
        "automation_step",
        "subscription",
        "campaign_trial",
        "outside_source",
        "watch",
    ),
}
HOSTILE = "<script>alert(1)</script>\"'><b>"


def typed(field: Field) -> str | None:
    """What a hostile person types into a text; something ordinary into what is required."""
    if isinstance(field, Identifier | Phone | Email | Url):
        return None
    if isinstance(field, LongText):
        return HOSTILE
    if isinstance(field, Text):
        return HOSTILE[: field.max_length] if field.max_length >= len(HOSTILE) else None
    if not field.required:
        return None
    if isinstance(field, Choice):
        return field.options[0].key
    if isinstance(field, Instant):
        return "2026-11-21T10:00"
    return "2026-11-21" if isinstance(field, Day) else "1" if isinstance(field, Number) else None


def filled(spec: ObjectSpec, made: dict[str, Any]) -> dict[str, str]:
    values: dict[str, str] = {}
    for section in spec.form_sections:
        for key in section.fields:
            field = spec.field(key)
            if isinstance(field, Link) and field.required and not isinstance(field, Compound):
                values[key] = str(made[field.to])
            elif (text := typed(field)) is not None and key != "external_id":
                values[key] = text
    if spec.key == "webhook":
        values |= {"condition": "", "payload": "full", "url": "https://hooks.example.com/in"}
    if spec.key == "relationship":
        values |= {"person": str(made["person"]), "to_company": str(made["company"])}
    return values


def make(client: Any, spec: ObjectSpec, made: dict[str, Any], by_program: Any) -> int:
    if spec.key in BY_PROGRAM:
        return int(by_program.make(spec))
    for field in spec.fields:
        if isinstance(field, Link) and field.required and field.to not in made:
            from peyvand.platform.objects.spec import object_named

            made[field.to] = make(client, object_named(field.to), made, by_program)
    if spec.key == "relationship":
        from peyvand.platform.objects.spec import object_named

        for key in ("person", "company"):
            made[key] = make(client, object_named(key), made, by_program)
    answer = client.post(f"/w/arman/{spec.plural}/new", filled(spec, made))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return int(answer["Location"].split("/")[-2])


@pytest.mark.parametrize("spec", OBJECTS, ids=lambda spec: spec.key)
def test_created_shown_edited_deleted_restored(cast, acting, visiting, spec):
    sara = visiting(cast.sara)
    id = make(sara, spec, {}, side(cast.arman, cast.sara, acting))
    url = f"/w/arman/{spec.plural}/{id}/"
    for place in (
        url,
        f"{url}?tab=files",
        f"{url}?tab=history",
        f"{url}edit",
        f"{url}timeline",
        f"{url}?part=head",
        f"{url}?part=side",
        f"{url}?part=related",
    ):
        page = sara.get(place, follow=True)
        if place.endswith("/edit") and not spec.changeable:
            assert page.status_code == 403
            continue
        assert page.status_code == 200, place
        text = page.content.decode()
        assert "<script>alert" not in text, place
        assert "\"'><b>" not in text, place
    for related in spec.related:
        assert sara.get(f"{url}?tab={related.object}-{related.via}", follow=True).status_code == 200
    assert sara.get(f"/w/arman/{spec.plural}/options").status_code == 200
    if spec.has_bin:
        assert sara.post(f"{url}delete").status_code == 302
        assert "restore" in sara.get(url).content.decode()
        assert sara.post(f"{url}restore").status_code == 302
    for who, where in ((cast.cyrus, url), (cast.cyrus, url.replace("arman", "rival"))):
        stranger = visiting(who)
        for path in ("", "edit", "timeline", "files"):
            assert stranger.get(where + path).status_code == 404
        assert stranger.post(f"{where}delete").status_code == 404
    with workspace_scope(cast.arman.id):
        assert spec.model.objects.filter(id=id, deleted_at__isnull=True).exists()


@pytest.mark.parametrize("spec", [s for s in OBJECTS if s.changeable], ids=lambda spec: spec.key)
def test_a_form_sent_back_untouched_has_changed_nothing(cast, acting, visiting, spec):
    sara = visiting(cast.sara)
    id = make(sara, spec, {}, side(cast.arman, cast.sara, acting))
    form = QueryDict(mutable=True)
    for name, value in form_of(sara.get(f"/w/arman/{spec.plural}/{id}/edit")).items():
        form.setlist(name, value if isinstance(value, list) else [value])
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        fields = form_fields(ctx, spec)
        sent = read_sent(ctx, spec, fields, form, open_record(ctx, spec, id).row)
    assert sent.mine == {}
    assert fields
