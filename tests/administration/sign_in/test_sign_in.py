"""The way in, tried as a stranger would try it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import transaction
from django.test import Client

from peyvand.administration.members.actions import add_user
from peyvand.administration.members.invitations import invite_user, resend, revoke
from peyvand.administration.sign_in import second_factor
from peyvand.administration.sign_in.resets import reset_token
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict
from peyvand.platform.identity.models import Account, Invitation, Membership, Session, User
from peyvand.platform.identity.sessions import ACCOUNT
from peyvand.platform.workspaces.addresses import full_address
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import eventually

SARA = {"email": "sara@arman.example", "password": "correct horse 1"}


@pytest.fixture(autouse=True)
def english(cast: Any) -> None:
    """Sara reads English, so that a sentence says the same in code and on the page."""
    Account.objects.filter(email=SARA["email"]).update(language="en")


@pytest.fixture
def stranger() -> Client:
    return Client(headers={"accept-language": "en", "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})


def session_key(client: Client) -> str:
    return client.cookies["peyvand_session"].value


def account(email: str = SARA["email"]) -> Account:
    return Account.objects.get(email=email)


@pytest.fixture
def at_noon() -> Iterator[datetime]:
    noon = datetime.now(UTC).replace(microsecond=0)
    with clock.freeze(noon):
        yield noon


def test_the_right_password_opens_the_workspace(cast: Any, stranger: Client) -> None:
    answer = stranger.post("/sign-in", {**SARA, "email": " SARA@arman.example "})
    assert (answer.status_code, answer["Location"]) == (302, "/w/arman/")
    assert stranger.get("/w/arman/").status_code == 200
    row = Session.objects.get(session_key=session_key(stranger))
    assert (row.account_id, row.ip) == (account().pk, "127.0.0.1")
    assert "Firefox" in row.user_agent


def test_a_wrong_password_and_an_unknown_account_look_alike(cast: Any, stranger: Client) -> None:
    wrong = stranger.post("/sign-in", {"email": SARA["email"], "password": "no"})
    unknown = stranger.post("/sign-in", {"email": "nobody@arman.example", "password": "no"})
    assert wrong.status_code == unknown.status_code == 422
    told = [
        re.search(r'role="alert">.*?<span>(.*?)</span>', a.content.decode(), re.DOTALL)
        for a in (wrong, unknown)
    ]
    assert told[0]
    assert told[1]
    assert told[0][1] == told[1][1]
    assert stranger.get("/w/arman/").status_code == 302


def test_an_unknown_account_costs_as_much_time(cast: Any, stranger: Client, monkeypatch: Any) -> None:
    """What takes the time is making hashes: as many are made, in the same way, whoever is asked for."""
    made: list[int] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        made.append(len(password))
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)

    def hashed(email: str) -> list[int]:
        made.clear()
        assert stranger.post("/sign-in", {"email": email, "password": "no"}).status_code == 422
        return list(made)

    # The first of them makes the decoy as well.
    hashed("warm@arman.example")
    assert hashed(SARA["email"]) == hashed("nobody@arman.example") == [len("no")]


def test_a_planted_session_is_not_taken_over(cast: Any, stranger: Client) -> None:
    stranger.get("/sign-in")
    session = stranger.session
    session["planted"] = True
    session.save()
    stranger.cookies["peyvand_session"] = session.session_key
    stranger.post("/sign-in", SARA)
    assert session_key(stranger) != session.session_key
    assert "planted" not in stranger.session
    assert not Session.objects.filter(session_key=session.session_key).exists()


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/w/arman/people/?sort=name", "/w/arman/people/?sort=name"),
        ("https://evil.example/", "/w/arman/"),
        ("//evil.example/", "/w/arman/"),
        ("/\\evil.example", "/w/arman/"),
        ("javascript:alert(1)", "/w/arman/"),
        ("/\t/evil.example", "/w/arman/"),
    ],
)
def test_next_stays_on_this_site(cast: Any, stranger: Client, wanted: str, reached: str) -> None:
    assert stranger.post("/sign-in", {**SARA, "next": wanted})["Location"] == reached


def test_a_page_of_the_workspace_leads_through_sign_in(cast: Any, stranger: Client) -> None:
    assert stranger.get("/w/arman/people/?q=x")["Location"] == "/sign-in?next=/w/arman/people/%3Fq%3Dx"
    partial = stranger.get("/w/arman/palette", headers={"HX-Request": "true"})
    assert (partial.status_code, partial["HX-Redirect"]) == (204, "/sign-in?next=/w/arman/palette")


def test_guessing_slows_down(cast: Any, stranger: Client, at_noon: datetime) -> None:
    for _ in range(5):
        assert stranger.post("/sign-in", {**SARA, "password": "no"}).status_code == 422
    waiting = stranger.post("/sign-in", SARA)
    assert waiting.status_code == 429
    assert waiting["Retry-After"] == "16"
    assert "16 seconds" in waiting.content.decode()
    with clock.freeze(at_noon + timedelta(seconds=20)):
        assert stranger.post("/sign-in", {**SARA, "password": "no"}).status_code == 422
        assert stranger.post("/sign-in", SARA)["Retry-After"] > "16"
    with clock.freeze(at_noon + timedelta(minutes=16)):
        assert stranger.post("/sign-in", SARA).status_code == 302
        assert stranger.post("/sign-in", {**SARA, "password": "no"}).status_code == 422


def test_an_address_that_tries_many_accounts_slows_down(
    cast: Any, stranger: Client, at_noon: datetime, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    statuses = [
        stranger.post("/sign-in", {"email": f"a{n}@x.example", "password": "no"}).status_code
        for n in range(52)
    ]
    assert statuses[:50] == [422] * 50
    assert statuses[50:] == [429, 429]


def test_an_office_behind_one_address_signs_in_all_morning(
    cast: Any, stranger: Client, at_noon: datetime, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    for _ in range(55):
        assert stranger.post("/sign-in", SARA).status_code == 302
        stranger.post("/sign-out")
    for n in range(50):
        assert stranger.post("/sign-in", {"email": f"a{n}@x.example", "password": "no"}).status_code == 422
    # Who guesses is still counted, whatever others of the address do.
    assert stranger.post("/sign-in", {"email": "b@x.example", "password": "no"}).status_code == 429


def test_signing_out_ends_the_session(cast: Any, stranger: Client) -> None:
    stranger.post("/sign-in", SARA)
    key = session_key(stranger)
    assert stranger.get("/sign-out").status_code == 405
    assert stranger.post("/sign-out")["Location"] == "/sign-in"
    assert not Session.objects.filter(session_key=key).exists()
    assert stranger.get("/w/arman/").status_code == 302


def turned_on(of: Account) -> tuple[pyotp.TOTP, list[str]]:
    sealed = second_factor.new_secret()
    totp = pyotp.TOTP(second_factor.readable(sealed))
    return totp, second_factor.turn_on(of, sealed, totp.at(clock.now() - timedelta(seconds=30)))


def wrong_code(totp: pyotp.TOTP) -> str:
    """One that is right at no moment near this one."""
    right = {totp.at(clock.now() + timedelta(seconds=30 * n)) for n in range(-9, 10)}
    return next(code for code in (f"{n:06}" for n in range(100)) if code not in right)


def test_a_second_factor_stands_before_the_workspace(cast: Any, stranger: Client, at_noon: datetime) -> None:
    totp, _ = turned_on(account())
    assert stranger.post("/sign-in", {**SARA, "next": "/w/arman/people/"})["Location"] == "/sign-in/code"
    assert stranger.get("/w/arman/").status_code == 302
    assert ACCOUNT not in stranger.session
    assert stranger.post("/sign-in/code", {"code": wrong_code(totp)}).status_code == 422
    code = totp.at(at_noon)
    assert (
        stranger.post("/sign-in/code", {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/w/arman/people/"
    )
    # The same code a second time is worth nothing.
    stranger.post("/sign-out")
    stranger.post("/sign-in", SARA)
    assert stranger.post("/sign-in/code", {"code": code}).status_code == 422


def test_codes_cannot_be_guessed_without_end(cast: Any, stranger: Client, at_noon: datetime) -> None:
    totp, _ = turned_on(account())
    stranger.post("/sign-in", SARA)
    wrong = wrong_code(totp)
    statuses = [stranger.post("/sign-in/code", {"code": wrong}).status_code for _ in range(6)]
    assert statuses[-1] == 429


def test_a_recovery_code_works_once(cast: Any, stranger: Client, at_noon: datetime) -> None:
    _, codes = turned_on(account())
    for expected in (302, 422):
        stranger.post("/sign-in", SARA)
        assert stranger.post("/sign-in/code", {"code": codes[3].upper()}).status_code == expected
    assert len(account().recovery_codes) == 9


def test_the_secret_rests_encrypted(cast: Any) -> None:
    turned_on(account())
    kept = account().totp_secret
    assert second_factor.readable(kept) not in kept


def test_a_half_signed_in_session_runs_out(cast: Any, stranger: Client, at_noon: datetime) -> None:
    totp, _ = turned_on(account())
    stranger.post("/sign-in", SARA)
    with clock.freeze(at_noon + timedelta(minutes=11)):
        assert stranger.post("/sign-in/code", {"code": totp.at(clock.now())})["Location"] == "/sign-in"


def test_the_second_factor_is_set_up_in_the_account(cast: Any, stranger: Client, at_noon: datetime) -> None:
    stranger.post("/sign-in", SARA)
    assert stranger.get("/w/arman/account/second-factor/picture.svg").status_code == 404
    assert stranger.get("/w/arman/account/second-factor").status_code == 302
    wrong = stranger.post("/w/arman/account/second-factor/new", {"confirm": "no"})
    assert "This is not your password" in wrong.content.decode()
    assert (
        stranger.post("/w/arman/account/second-factor/new", {"confirm": SARA["password"]}).status_code == 302
    )
    picture = stranger.get("/w/arman/account/second-factor/picture.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content
    page = stranger.get("/w/arman/account/second-factor").content.decode()
    secret = re.search(r'id="secret">([A-Z2-7]{32})<', page)
    assert secret
    refused = stranger.post("/w/arman/account/second-factor", {"code": wrong_code(pyotp.TOTP(secret[1]))})
    assert "This code is wrong" in refused.content.decode()
    assert not account().totp_secret
    done = stranger.post(
        "/w/arman/account/second-factor", {"code": pyotp.TOTP(secret[1]).at(clock.now())}
    ).content.decode()
    assert len(set(re.findall(r"<code>([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})<", done))) == 10
    assert account().totp_secret
    stranger.post("/w/arman/account/second-factor/stop", {"confirm": SARA["password"]})
    assert not account().totp_secret


def test_wrong_passwords_in_the_account_are_counted(cast: Any, stranger: Client, at_noon: datetime) -> None:
    stranger.post("/sign-in", SARA)
    answers = [
        stranger.post("/w/arman/account/password", {"old": "no", "password": "a good long one"})
        for _ in range(6)
    ]
    assert [a.status_code for a in answers] == [200] * 5 + [429]


def test_a_new_password_ends_the_other_sessions(cast: Any, stranger: Client) -> None:
    elsewhere = Client()
    elsewhere.post("/sign-in", SARA)
    stranger.post("/sign-in", SARA)
    weak = stranger.post("/w/arman/account/password", {"old": SARA["password"], "password": "short"})
    assert "too short" in weak.content.decode()
    changed = stranger.post(
        "/w/arman/account/password", {"old": SARA["password"], "password": "seven quiet rivers"}
    )
    assert changed.status_code == 302
    assert stranger.get("/w/arman/").status_code == 200
    assert elsewhere.get("/w/arman/").status_code == 302
    assert Client().post("/sign-in", SARA).status_code == 422


def test_sessions_are_listed_and_ended(cast: Any, stranger: Client) -> None:
    elsewhere = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537"})
    elsewhere.post("/sign-in", SARA)
    stranger.post("/sign-in", SARA)
    page = stranger.get("/w/arman/account/").content.decode()
    assert "Chrome · Windows" in page
    assert session_key(elsewhere) not in page
    (path,) = re.findall(r'action="(/w/arman/account/sessions/[0-9a-f]{16}/end)"', page)
    # Someone else cannot end it.
    other = Client()
    other.post("/sign-in", {"email": "babak@arman.example", "password": "correct horse 3"})
    assert other.post(path).status_code == 404
    assert stranger.post(path).status_code == 302
    assert elsewhere.get("/w/arman/").status_code == 302


def letter() -> Any:
    """The letter that is on its way."""
    assert eventually(lambda: mail.outbox, pause=0.02), "no letter was sent"
    return mail.outbox.pop()


def test_a_forgotten_password(cast: Any, stranger: Client) -> None:
    Account.objects.filter(id=account().pk).update(language="fa")
    elsewhere = Client()
    elsewhere.post("/sign-in", SARA)
    asked = stranger.post("/forgot", {"email": SARA["email"]})
    unknown = stranger.post("/forgot", {"email": "nobody@arman.example"})
    assert asked.status_code == unknown.status_code == 200
    sent = letter()
    assert sent.to == [SARA["email"]]
    assert sent.subject == "گذرواژهٔ تازهٔ شما در پیوند"
    assert len(sent.alternatives) == 1
    path = re.search(r"http://\S+?(/reset/\S+)", sent.body)
    assert path
    assert path[1] in sent.alternatives[0].content
    assert "too short" in stranger.post(path[1], {"password": "short"}).content.decode()
    assert stranger.post(path[1], {"password": "seven quiet rivers"})["Location"] == "/w/arman/"
    assert elsewhere.get("/w/arman/").status_code == 302
    # A used link is dead.
    assert "no longer valid" in Client(headers={"accept-language": "en"}).get(path[1]).content.decode()
    assert Client().post("/sign-in", {**SARA, "password": "seven quiet rivers"}).status_code == 302
    assert not mail.outbox


def test_a_reset_link_grows_old_and_cannot_be_forged(cast: Any, stranger: Client) -> None:
    token = reset_token(account())
    assert SARA["email"] in stranger.get(f"/reset/{token}").content.decode()
    assert "no longer valid" in stranger.get(f"/reset/{token[:-2]}xx").content.decode()
    stranger.post(f"/reset/{token[:-2]}xx", {"password": "seven quiet rivers"})
    assert account().check_password(SARA["password"])


def test_a_reset_does_not_pass_the_second_factor(cast: Any, stranger: Client) -> None:
    turned_on(account())
    answer = stranger.post(f"/reset/{reset_token(account())}", {"password": "seven quiet rivers"})
    assert answer["Location"] == "/sign-in/code"
    assert stranger.get("/w/arman/").status_code == 302


def test_letters_do_not_carry_a_strangers_host(cast: Any, stranger: Client, settings: Any, rf: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert full_address("/reset/x", rf.get("/", headers={"host": "evil.example"})) is None
    assert (
        full_address("/reset/x", rf.get("/", headers={"host": "127.0.0.1:8000"}))
        == "http://127.0.0.1:8000/reset/x"
    )
    settings.PUBLIC_URL = "https://crm.example/"
    assert (
        full_address("/reset/x", rf.get("/", headers={"host": "evil.example"}))
        == "https://crm.example/reset/x"
    )


@pytest.fixture
def invited(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        return invite_user(acting(cast.sara), email="Nima@arman.example", name="Nima", role="member")


def test_an_invitation_is_accepted_once(cast: Any, stranger: Client, invited: Any) -> None:
    assert not Membership.objects.filter(user_id=invited.user.id).exists()
    assert invited.secret not in str(list(Invitation.objects.values()))
    path = f"/invite/{invited.secret}"
    assert "nima@arman.example" in stranger.get(path).content.decode()
    assert stranger.post(path, {"name": "", "password": "seven quiet rivers"}).status_code == 422
    weak = stranger.post(path, {"name": "Nima Khosravi", "password": "short"})
    assert weak.status_code == 422
    assert 'value="Nima Khosravi"' in weak.content.decode()
    assert not Account.objects.filter(email="nima@arman.example").exists()
    assert (
        stranger.post(path, {"name": "Nima Khosravi", "password": "seven quiet rivers"})["Location"]
        == "/w/arman/"
    )
    assert stranger.get("/w/arman/").status_code == 200
    assert stranger.get("/w/rival/").status_code == 404
    with workspace_scope(cast.arman.id):
        assert User.objects.get(id=invited.user.id).name == "Nima Khosravi"
    again = Client(headers={"accept-language": "en"})
    assert "no longer valid" in again.get(path).content.decode()
    again.post(path, {"name": "Other", "password": "seven quiet rivers"})
    assert Membership.objects.filter(workspace_id=cast.arman.id, user_id=invited.user.id).count() == 1


def test_an_invitation_for_an_account_needs_that_account(cast: Any, stranger: Client, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        invited = invite_user(acting(cast.sara), email="cyrus@rival.example", role="viewer")
    path = f"/invite/{invited.secret}"
    assert f"/sign-in?next={path}" in stranger.get(path).content.decode()
    stranger.post(path, {"name": "Thief", "password": "seven quiet rivers"})
    assert stranger.get("/w/arman/").status_code == 302
    answer = stranger.post(
        "/sign-in", {"email": "cyrus@rival.example", "password": "correct horse 5", "next": path}
    )
    assert answer["Location"] == path
    assert stranger.post(path)["Location"] == "/w/arman/"
    # Now the account works in both, and each page offers the other.
    assert 'href="/w/rival/"' in stranger.get("/w/arman/").content.decode()


def test_a_withdrawn_or_old_invitation_is_worth_nothing(
    cast: Any, stranger: Client, invited: Any, acting: Any
) -> None:
    with clock.freeze(clock.now() + timedelta(days=8)):
        assert "no longer valid" in stranger.get(f"/invite/{invited.secret}").content.decode()
    with workspace_scope(cast.arman.id):
        revoke(acting(cast.sara), invited.user)
    assert "no longer valid" in stranger.get(f"/invite/{invited.secret}").content.decode()


def test_a_withdrawn_invitation_can_be_sent_anew(
    cast: Any, stranger: Client, invited: Any, acting: Any
) -> None:
    with workspace_scope(cast.arman.id):
        revoke(acting(cast.sara), invited.user)
        again = resend(acting(cast.sara), User.objects.get(id=invited.user.id))
    assert "no longer valid" in stranger.get(f"/invite/{invited.secret}").content.decode()
    assert 'name="password"' in stranger.get(f"/invite/{again.secret}").content.decode()


def test_nobody_is_made_a_member_by_being_added(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        user = add_user(acting(cast.sara), name="Cyrus", email="cyrus@rival.example")
        assert user.account_id is None
        assert not Membership.objects.filter(workspace_id=cast.arman.id, user_id=user.id).exists()


@pytest.mark.parametrize("there", ["user", "account"])
def test_an_address_in_use_is_not_taken_over(cast: Any, acting: Any, there: str) -> None:
    with workspace_scope(cast.arman.id):
        if there == "user":
            add_user(acting(cast.sara), name="Known", email="known@arman.example")
        else:
            Account.objects.create(email="known@arman.example")
        with pytest.raises(Conflict), transaction.atomic():
            add_user(acting(cast.sara), name="New", email="known@arman.example", password="another password")


def test_a_member_may_not_invite(cast: Any, acting: Any) -> None:
    from peyvand.kernel.errors import NotAllowed

    with pytest.raises(NotAllowed), workspace_scope(cast.arman.id):
        invite_user(acting(cast.babak), email="friend@arman.example", role="owner")
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("who", ["sara", "mina", "babak", "viewer"])
def test_everyone_may_change_their_name(cast: Any, browse: Any, who: str) -> None:
    user = getattr(cast, who)
    client = browse(user)
    assert client.post("/w/arman/account/", {"name": "  "}).status_code == 200
    assert client.post("/w/arman/account/", {"name": "سارا معینی"}).status_code == 302
    assert "سارا معینی" in client.get("/w/arman/account/").content.decode()
    with workspace_scope(cast.arman.id):
        assert User.objects.get(id=user.id).name == "سارا معینی"


def test_the_language_is_kept(cast: Any, stranger: Client) -> None:
    assert '<html lang="en" dir="ltr"' in stranger.get("/sign-in").content.decode()
    stranger.post("/language", {"language": "fa", "next": "/sign-in"})
    page = stranger.get("/sign-in").content.decode()
    assert '<html lang="fa" dir="rtl"' in page
    assert "ورود" in page
    stranger.post("/sign-in", SARA)
    assert stranger.post("/language", {"language": "en", "next": "https://evil.example"})["Location"] == "/"
    assert '<html lang="en" dir="ltr"' in stranger.get("/w/arman/").content.decode()
    assert account().language == "en"
    stranger.post("/language", {"language": "xx"})
    assert account().language == "en"


def test_forms_need_their_token(cast: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in", SARA).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get("/sign-in").content.decode())
    assert token
    assert strict.post("/sign-in", {**SARA, "csrfmiddlewaretoken": token[1]}).status_code == 302
    assert strict.post("/sign-out").status_code == 403


def test_headers_and_cookies(cast: Any, stranger: Client) -> None:
    answer = stranger.post("/sign-in", SARA)
    cookie = answer.cookies["peyvand_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    page = stranger.get("/w/arman/")
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "HX-Request" in page["Vary"]
    assert page["Cache-Control"] == "no-store"
    assert page["X-Content-Type-Options"] == "nosniff"
    text = page.content.decode()
    assert not re.search(r"\son\w+=|\sstyle=", text)
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)


def test_the_root_leads_on(cast: Any, stranger: Client) -> None:
    assert stranger.get("/")["Location"] == "/sign-in"
    stranger.post("/sign-in", SARA)
    assert stranger.get("/")["Location"] == "/w/arman/"
    Membership.objects.filter(account=account()).delete()
    alone = stranger.get("/")
    assert alone.status_code == 200
    assert "peyvand workspace create" in alone.content.decode()
