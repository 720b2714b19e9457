"""Templates are filled with what the sender may know; advertising asks for consent, and gives it back by one click."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from tests.collaborative.mail.conftest import OURS, MailServer, make_account, signed_in, work
from tests.collaborative.mail.conftest import acting_as as acting_for

from peyvand.collaborative.filling import fill_places
from peyvand.collaborative.mail.actions import write_about_deal, write_to_person
from peyvand.collaborative.mail.models import MailAccount, MailMessage
from peyvand.collaborative.mail.objects import MAIL_TEMPLATE
from peyvand.collaborative.mail.public import Draft, queue_many, written
from peyvand.collaborative.mail.sending import send_waiting
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.consents.public import Consent, Purpose
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import DEAL
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


@pytest.fixture
def ctx(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def person(ctx: Any, **given: Any) -> Any:
    return create_record(
        ctx,
        PERSON,
        {"given_name": "نگار", "family_name": "کریمی", "emails": [{"value": "negar@toloo.test"}], **given},
    )


def template(ctx: Any, **given: Any) -> Any:
    usual = {
        "name": "T",
        "subject": "برای {{person.name}}",
        "text": "{{person.job_title|همکار}} گرامی، {{ deal.name }}، {{user.name}}",
    }
    return create_record(ctx, MAIL_TEMPLATE, usual | given)


def account(ctx: Any) -> Any:
    return make_account(ctx, MailServer(1, 1))


def test_places_are_filled_with_fallbacks(ctx: Any, cast: Any) -> None:
    account(ctx)
    negar = person(ctx)
    deal = create_record(ctx, DEAL, {"name": "خط تولید", "person": negar.id})
    message = write_about_deal(ctx, deal, template=template(ctx).id)
    assert (message.subject, message.text) == ("برای نگار کریمی", "همکار گرامی، خط تولید، Sara Moini")
    assert message.to.endswith("<negar@toloo.test>")


@pytest.mark.parametrize(
    "place",
    ["person.nothing", "workspace.secret", "person.password", "person", "person.name.x", "", "person.phones"],
)
def test_an_unknown_place_is_refused_by_name(ctx: Any, place: str) -> None:
    with pytest.raises(Invalid) as refused:
        template(ctx, text=f"a {{{{{place}}}}}")
    assert (refused.value.problems[0].field, refused.value.problems[0].code) == ("text", "unknown_field")


def test_what_the_sender_may_not_see_is_not_filled_in(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        negar = person(acting(cast.sara), job_title="CEO")
        text = "{{person.job_title|?}}"
        assert fill_places(acting(cast.sara), text, {"person": negar.id}, "en") == "CEO"
        assert fill_places(acting(cast.babak), text, {"person": negar.id}, "en") == "?"


def test_of_many_mails_each_has_its_own_answer(ctx: Any, settings: Any) -> None:
    settings.PUBLIC_URL = ""
    box, negar, stranger = account(ctx), person(ctx), person(ctx, emails=[])
    purpose = Purpose.objects.filter(needs_consent=True).first()
    to = written(negar.name, negar.email)
    good, nobody, nothing, odd, unasked, found = queue_many(ctx, [
        (box, Draft(to=to, subject="Hello", text="there", person_id=negar.id)),
        (box, Draft(to="", subject="Hello", person_id=stranger.id)),
        (box, Draft(to=to, subject=" ", text=" ")),
        (box, Draft(to="not an address", subject="Hello")),
        (box, Draft(to=to, subject="Hello", person_id=negar.id, purpose=purpose)),
        (box, Draft(to=f"x@y.example, {negar.email.upper()}", subject="Hello")),
    ])  # fmt: skip
    assert isinstance(good, MailMessage)
    assert (good.state, good.person_id, good.text, good.thread_id) == ("queued", negar.id, "there", good.id)
    assert isinstance(found, MailMessage)
    assert found.person_id == negar.id
    assert set(MailMessage.objects.values_list("id", flat=True)) == {good.id, found.id}
    wrong = [
        (one.problems[0].field, one.code)
        for one in (nobody, nothing, odd, unasked)
        if isinstance(one, Invalid)
    ]
    assert wrong == [("to", "required"), ("text", "required"), (None, "invalid"), ("to", "consent")]


def test_advertising_asks_for_consent(ctx: Any, settings: Any) -> None:
    settings.PUBLIC_URL = "https://crm.arman.test"
    box, negar, purpose = account(ctx), person(ctx), Purpose.objects.filter(needs_consent=True).first()
    with pytest.raises(Invalid) as refused, transaction.atomic():
        template(ctx, kind="marketing")
    assert refused.value.problems[0].field == "purpose"
    chosen = template(ctx, kind="marketing", purpose=purpose.id)
    with pytest.raises(Invalid) as refused:
        write_to_person(ctx, negar, account=box.id, template=chosen.id)
    assert refused.value.problems[0].code == "consent"


def test_one_click_takes_the_consent_back(committed: Any, posted: MailServer, settings: Any) -> None:
    settings.PUBLIC_URL = "https://crm.arman.test"
    with workspace_scope(committed.arman.id):
        ctx = acting_for(committed.sara)
        negar, purpose = person(ctx), Purpose.objects.filter(needs_consent=True).first()
        program_of(committed.sara, committed.arman).post(
            f"people/{negar.id}/give_consent", {"channel": "email", "purpose": purpose.id, "source": "web"}
        )
        write_to_person(
            ctx, negar, template=template(ctx, kind="marketing", purpose=purpose.id, language="en").id
        )
    work()
    [got] = posted.mailbox("negar@toloo.test")
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = got["List-Unsubscribe"].strip("<>").removeprefix("https://crm.arman.test")
    assert path in got.get_body(("plain",)).get_content()
    stranger = Client()
    assert stranger.get(path).status_code == 200
    with workspace_scope(committed.arman.id):
        assert Consent.objects.filter(state="refused").count() == 0
    for _ in range(2):
        assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stranger.get("/unsubscribe/forged").status_code == 404
    with workspace_scope(committed.arman.id):
        assert Consent.objects.filter(state="refused", channel="email", purpose=purpose).count() == 1


def test_advertising_does_not_leave_after_its_reader_refused(
    committed: Any, posted: MailServer, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://crm.arman.test"
    tomorrow = clock.now() + timedelta(days=1)
    with workspace_scope(committed.arman.id):
        ctx = acting_for(committed.sara)
        negar, purpose = person(ctx), Purpose.objects.filter(needs_consent=True).first()
        program = program_of(committed.sara, committed.arman)
        given = {"channel": "email", "purpose": purpose.id}
        program.post(f"people/{negar.id}/give_consent", given | {"source": "web"})
        chosen = template(ctx, kind="marketing", purpose=purpose.id)
        message = write_to_person(ctx, negar, template=chosen.id, send_at=tomorrow)
        assert program.post(f"people/{negar.id}/withdraw_consent", given).status == 200
    with clock.freeze(tomorrow + timedelta(minutes=1)):
        send_waiting(committed.arman, message.id)
    assert posted.mailbox("negar@toloo.test") == []
    with workspace_scope(committed.arman.id):
        message.refresh_from_db()
        assert (message.state, "agree" in message.problem) == ("failed", True)
        assert MailAccount.objects.get().sending_problem == ""


def test_screens(committed: Any, posted: MailServer) -> None:
    with workspace_scope(committed.arman.id):
        ctx = acting_for(committed.sara)
        negar, chosen = person(ctx), template(ctx)
        deal = create_record(ctx, DEAL, {"name": "خط تولید", "person": negar.id})
    sara = signed_in(committed.sara)
    dialog = sara.get(
        f"/w/arman/deals/{deal.id}/do/write_mail", headers={"HX-Request": "true"}
    ).content.decode()
    assert "negar@toloo.test" in dialog
    filled = sara.post(
        f"/w/arman/deals/{deal.id}/do/write_mail?fill=1",
        {"template": chosen.id, "to": "x@y.test"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "برای نگار کریمی" in filled
    assert "x@y.test" in filled
    bad = sara.post(
        f"/w/arman/deals/{deal.id}/do/write_mail",
        {"to": "no address", "text": "x"},
        headers={"HX-Request": "true"},
    )
    assert bad.status_code == 422
    sent = sara.post(
        f"/w/arman/deals/{deal.id}/do/write_mail",
        {"to": "x@y.test", "text": "سلام"},
        headers={"HX-Request": "true"},
    )
    assert "call_back" in sent["HX-Trigger"]
    page = sara.get(f"/w/arman/deals/{deal.id}/").content.decode()
    assert "در انتظار فرستادن" in page
    assert (
        "فرستنده‌های ناشناس"
        in sara.get(f"/w/arman/settings/mail-accounts/{_only(committed).id}").content.decode()
    )
    assert OURS in sara.get("/w/arman/settings/mail-accounts").content.decode()
    assert "برای" in sara.get(f"/w/arman/mail_templates/{chosen.id}/preview").content.decode()


def _only(cast: Any) -> Any:
    from peyvand.collaborative.mail.models import MailAccount

    with workspace_scope(cast.arman.id):
        return MailAccount.objects.get()
