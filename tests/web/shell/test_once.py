"""A form sent twice has its effect once: the same again, at the same moment, from other hands, with something else in it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client, RequestFactory
from tests.web.pages.sending import form_of

from peyvand.administration.members.elevation import elevate
from peyvand.kernel import clock
from peyvand.operational.billing.models import Payment
from peyvand.operational.billing.objects import INVOICE
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.sales.public import DEAL, Stage
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.models import IdempotencyKey
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.sharing import RecordShared
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.shell.once import _digest

HTMX = {"HX-Request": "true"}


def issued(cast: Any) -> Any:
    """An invoice of 7,000,000 rials that is owed."""
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        company = create_record(ctx, COMPANY, {"name": "Avand"})
        lines = [{"description": "Installation", "price": 7_000_000, "quantity": 1}]
        invoice = create_record(ctx, INVOICE, {"company": company.id, "lines": lines})
        issue = action_named("invoice.issue")
        assert issue
        issue.function(ctx, invoice)
    return invoice


def payments(cast: Any) -> int:
    with workspace_scope(cast.arman.id):
        return Payment.objects.count()


def test_a_payment_sent_twice_is_recorded_once_and_told_alike(cast: Any, browse: Any) -> None:
    sara, url = browse(cast.sara), f"/w/arman/invoices/{issued(cast).id}/do/record_payment"
    sent = form_of(sara.get(url, headers=HTMX)) | {"amount": "100000"}
    first, again = (sara.post(url, sent, headers=HTMX) for _ in range(2))
    assert payments(cast) == 1
    assert (first.status_code, again.status_code) == (200, 200)
    assert json.loads(first["HX-Trigger"])["toast"]["kind"] == "good"
    assert again["HX-Trigger"] == first["HX-Trigger"]
    # Without scripts: the same place to go to.
    sent = form_of(sara.get(url, headers=HTMX)) | {"amount": "100000"}
    first, again = (sara.post(url, sent) for _ in range(2))
    assert payments(cast) == 2
    assert first.status_code == 302
    assert again["Location"] == first["Location"]
    # A form opened anew is another one, whatever is in it.
    sara.post(url, form_of(sara.get(url, headers=HTMX)) | {"amount": "100000"})
    assert payments(cast) == 3


def test_a_form_that_was_refused_may_be_sent_again(cast: Any, browse: Any) -> None:
    sara, url = browse(cast.sara), "/w/arman/companies/new"
    sent = form_of(sara.get(url, headers=HTMX))
    assert sara.post(url, sent, headers=HTMX).status_code == 422
    made = sara.post(url, sent | {"name": "Avand"}, headers=HTMX)
    assert made.status_code == 200
    assert sara.post(url, sent | {"name": "Avand"}, headers=HTMX)["HX-Location"] == made["HX-Location"]
    with workspace_scope(cast.arman.id):
        assert Company.objects.filter(name="Avand").count() == 1


def test_what_only_looks_uses_nothing_up(cast: Any, browse: Any) -> None:
    sara, url = browse(cast.sara), "/w/arman/companies"
    sent = form_of(sara.get(f"{url}/new", headers=HTMX))
    for name in ("Avan", "Avand"):
        assert sara.post(f"{url}/similar", sent | {"name": name}, headers=HTMX).status_code == 200
    with workspace_scope(cast.arman.id):
        assert not IdempotencyKey.objects.exists()
    assert sara.post(f"{url}/new", sent | {"name": "Avand"}, headers=HTMX).status_code == 200
    with workspace_scope(cast.arman.id):
        assert Company.objects.filter(name="Avand").count() == 1


def test_something_else_in_a_form_that_was_sent_is_not_taken_for_the_same(cast: Any, browse: Any) -> None:
    sara, url = browse(cast.sara), f"/w/arman/invoices/{issued(cast).id}/do/record_payment"
    sent = form_of(sara.get(url, headers=HTMX)) | {"amount": "100000"}
    assert sara.post(url, sent).status_code == 302
    assert sara.post(url, sent | {"amount": "200000"}).status_code == 409
    toast = sara.post(url, sent | {"amount": "200000"}, headers=HTMX)
    assert toast.status_code == 409
    assert json.loads(toast["HX-Trigger"])["renewToken"] is True
    assert payments(cast) == 1


def test_names_values_and_files_do_not_run_together(rf: RequestFactory) -> None:
    def file(content: bytes, name: str = "a") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, content)

    sent: list[dict[str, Any]] = [
        {"members": ["1"], "note": ["2"]},
        {"members": ["1", "note", "2"]},
        {"members": ["1", "note"], "2": []},
        {"members": "1note2"},
        {"a": file(b"x")},
        {"a": ["a", hashlib.sha256(b"x").hexdigest()]},
        {"a": [file(b"x"), file(b"y")]},
        {"a": file(b"x", "b")},
        {"a": file(b"y")},
    ]
    assert len({_digest(rf.post("/w/arman/x", one)) for one in sent}) == len(sent)
    # However it is packed, and whichever token came along.
    assert _digest(rf.post("/w/arman/x", {"a": file(b"x")})) == _digest(
        rf.post("/w/arman/x", {"a": file(b"x"), "csrfmiddlewaretoken": "t"})
    )


def test_a_token_means_nothing_in_other_hands_nor_once_it_is_forgotten(cast: Any, browse: Any) -> None:
    sara, url = browse(cast.sara), "/w/arman/companies/new"
    sent = form_of(sara.get(url, headers=HTMX)) | {"name": "Avand"}
    first = sara.post(url, sent, headers=HTMX)
    own = browse(cast.mina).post(url, sent, headers=HTMX)
    assert own.status_code == 200
    assert own["HX-Location"] != first["HX-Location"]
    # A program that names its request alike is another one too.
    with workspace_scope(cast.arman.id):
        kept = IdempotencyKey.objects.filter(user_id=cast.sara.id).get()
        assert kept.key != sent["one-time"]
        assert "Avand" not in json.dumps(kept.answer["body"])
        kept.delete()
    assert sara.post(url, sent, headers=HTMX)["HX-Location"] != first["HX-Location"]
    for odd in ("", "x" * 500, "a\x01b"):
        assert sara.post(url, sent | {"one-time": odd, "name": "Odd"}, headers=HTMX).status_code == 200


def test_every_form_in_a_workspace_has_a_token_of_its_own(cast: Any, browse: Any) -> None:
    sara, found = browse(cast.sara), []
    for path in ("companies/new", "settings/workspace", "settings/users"):
        html = sara.get(f"/w/arman/{path}").content.decode()
        tokens = html.split('name="one-time" value="')[1:]
        assert len(tokens) == html.count('name="csrfmiddlewaretoken"')
        found += [token.partition('"')[0] for token in tokens]
    assert len(set(found)) == len(found) > 2
    assert 'name="one-time"' not in Client().get("/sign-in").content.decode()


def test_what_is_pressed_outside_forms_has_its_effect_once_too(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        company, deal = (
            create_record(ctx, COMPANY, {"name": "Avand"}),
            create_record(ctx, DEAL, {"name": "Hall"}),
        )
        stages = list(Stage.objects.filter(kind="open").order_by("position").values_list("id", flat=True))
    sara, pressed = browse(cast.sara), iter(range(99))

    def twice(path: str, data: Any = None) -> None:
        named = {**HTMX, "X-One-Time": f"press {next(pressed)}"}
        first, again = (sara.post(f"/w/arman/{path}", data or {}, headers=named) for _ in range(2))
        assert first.status_code == again.status_code == 200
        assert first.content == again.content
        assert first.headers.get("HX-Trigger") == again.headers.get("HX-Trigger")

    def facts(object: str, id: int) -> list[str]:
        with workspace_scope(cast.arman.id):
            rows = EventRow.objects.filter(object=object, object_id=id).order_by("id")
            return [wire.split(".")[1] for wire in rows.values_list("wire", flat=True)]

    twice(f"companies/{company.id}/delete")
    twice(f"companies/{company.id}/restore")
    assert facts("company", company.id) == ["record_created", "record_deleted", "record_restored"]
    twice("deals/board/move", {"card": deal.id, "stage": stages[1], "from": stages[0]})
    assert facts("deal", deal.id).count("deal_moved") == 1
    # Pressed anew it is another act, and refused as one.
    again = sara.post(
        "/w/arman/deals/board/move", {"card": deal.id, "stage": stages[1], "from": stages[0]}, headers=HTMX
    )
    assert again.status_code == 409


def test_an_answer_is_not_told_again_once_rights_have_changed(cast: Any, browse: Any) -> None:
    mina = browse(cast.mina)
    sent = form_of(mina.get("/w/arman/companies/new", headers=HTMX)) | {"name": "Avand"}
    first = mina.post("/w/arman/companies/new", sent, headers=HTMX)
    assert "HX-Location" in first.headers
    with workspace_scope(cast.arman.id):
        Role.objects.filter(key=cast.mina.role.key).update(grants=[])
        access_changed(cast.arman.id)
    again = mina.post("/w/arman/companies/new", sent, headers=HTMX)
    assert again.status_code == 409
    assert "HX-Location" not in again.headers
    assert "Avand" not in again["HX-Trigger"]
    with workspace_scope(cast.arman.id):
        assert Company.objects.filter(name="Avand").count() == 1


def test_what_a_lent_role_showed_is_not_told_again(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        owner = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        elevate(owner, cast.babak, role="owner", hours=2, reason="A hard day")
    babak = browse(cast.babak)
    sent = form_of(babak.get("/w/arman/companies/new", headers=HTMX)) | {"name": "Avand"}
    assert "HX-Location" in babak.post("/w/arman/companies/new", sent, headers=HTMX).headers
    with clock.freeze(clock.now() + timedelta(hours=3)):
        again = babak.post("/w/arman/companies/new", sent, headers=HTMX)
    assert again.status_code == 409
    assert "HX-Location" not in again.headers
    with workspace_scope(cast.arman.id):
        assert Company.objects.filter(name="Avand").count() == 1


def test_what_changes_rights_itself_is_done_once_and_told_alike(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        company = create_record(ctx, COMPANY, {"name": "Avand"})
    sara, url = browse(cast.sara), f"/w/arman/companies/{company.id}/share"
    sent = form_of(sara.get(url, headers=HTMX)) | {"user": str(cast.mina.id)}
    first, again = (sara.post(url, sent, headers=HTMX) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.headers["HX-Trigger"] == again.headers["HX-Trigger"]
    with workspace_scope(cast.arman.id):
        assert EventRow.objects.filter(wire=RecordShared.wire, object_id=company.id).count() == 1


def at_once(times: int, send: Callable[[], Any]) -> list[Any]:
    """What ``times`` sendings that begin together are answered, each on a connection of its own."""
    barrier = threading.Barrier(times, timeout=60)

    def one() -> Any:
        try:
            barrier.wait()
            return send()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return [done.result() for done in [pool.submit(one) for _ in range(times)]]


def signed_in(user: Any) -> Client:
    from peyvand.platform.identity.models import Membership
    from peyvand.platform.identity.sessions import ACCOUNT, SessionStore

    session, client = SessionStore(), Client()
    session[ACCOUNT] = Membership.objects.get(workspace_id=user.workspace_id, user_id=user.id).account_id
    session.create()
    client.cookies["peyvand_session"] = session.session_key
    return client


def test_of_sendings_at_the_same_moment_one_has_an_effect_and_all_are_told_it(committed: Any) -> None:
    url, client = f"/w/arman/invoices/{issued(committed).id}/do/record_payment", signed_in(committed.sara)
    for round in range(1, 4):
        sent = form_of(client.get(url, headers=HTMX)) | {"amount": "100000"}
        answers = at_once(4, lambda sent=sent: signed_in(committed.sara).post(url, sent, headers=HTMX))  # type: ignore[misc]
        assert [a.status_code for a in answers] == [200] * 4
        assert len({a["HX-Trigger"] for a in answers}) == 1
        assert payments(committed) == round


def test_who_sends_while_the_first_is_still_running_waits_for_it(committed: Any, monkeypatch: Any) -> None:
    url, client = f"/w/arman/invoices/{issued(committed).id}/do/record_payment", signed_in(committed.sara)
    sent = form_of(client.get(url, headers=HTMX)) | {"amount": "7000000"}
    begun, go_on = threading.Event(), threading.Event()
    action = action_named("invoice.record_payment")
    assert action

    def slowly(*args: Any, **values: Any) -> Any:
        made = plain(*args, **values)
        begun.set()
        assert go_on.wait(60)
        return made

    plain = action.function
    monkeypatch.setitem(action.__dict__, "function", slowly)

    def send() -> Any:
        try:
            return signed_in(committed.sara).post(url, sent, headers=HTMX)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send)
        assert begun.wait(60)
        second = pool.submit(send)
        with pytest.raises(TimeoutError):
            second.result(timeout=1)
        go_on.set()
        assert first.result(60)["HX-Trigger"] == second.result(60)["HX-Trigger"]
    assert payments(committed) == 1
    assert not connection.in_atomic_block
