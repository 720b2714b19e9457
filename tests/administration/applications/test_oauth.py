"""The whole way of an application: registered, consented to, with codes, tokens, refreshing, ending."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from peyvand.administration.applications.actions import register_application, remove_application
from peyvand.administration.applications.models import Application, Grant, RefreshToken
from peyvand.administration.members.elevation import elevate
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Account, ApiToken, User
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program

BACK = "https://partner.example/back"
VERIFIER = "a-verifier-that-is-long-enough-for-anyone-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def at_home(client: Client) -> Client:
    """The client on the machine of the installation itself, where no TLS is needed."""
    client.defaults["SERVER_NAME"] = "127.0.0.1"
    return client


@pytest.fixture
def browse(browse: Any) -> Any:
    return lambda user, strict=False: at_home(browse(user, strict))


@dataclass(frozen=True)
class Partner:
    """A program of somebody else."""

    client_id: str
    secret: str
    id: int

    def ask(self, where: str, **form: str) -> Any:
        mine = {"client_id": self.client_id} | ({"client_secret": self.secret} if self.secret else {})
        return at_home(Client()).post(f"/oauth/{where}", mine | form)

    def query(self, **more: str) -> str:
        asked = {"response_type": "code", "client_id": self.client_id, "redirect_uri": BACK, "scope": "company.view person.*",
                 "state": "s1", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}  # fmt: skip
        return urlencode({key: value for key, value in (asked | more).items() if value})

    def code(self, browser: Client, **more: str) -> str:
        answer = browser.post(f"/w/arman/oauth/authorize?{self.query(**more)}", {"answer": "allow"})
        assert answer.status_code == 302, answer.content.decode()
        told = parse_qs(urlsplit(answer["Location"]).query)
        assert answer["Location"].startswith(BACK + "?")
        assert told["state"] == ["s1"]
        return told["code"][0]

    def token(self, code: str, **more: str) -> Any:
        return self.ask(
            "token",
            **(
                {
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": BACK,
                    "code_verifier": VERIFIER,
                }
                | more
            ),
        )


@pytest.fixture
def partner(cast: Any) -> Partner:
    return registered(cast)


def registered(cast: Any, **more: Any) -> Partner:
    given = {
        "name": "Hesab",
        "redirect_uris": [BACK],
        "scopes": ["company.view", "person.*"],
        "is_public": False,
        "is_service": False,
    }
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        application, secret = register_application(ctx, **(given | more))
    return Partner(application.client_id, secret, application.id)


def test_with_consent_it_acts_within_what_was_asked_and_the_role(
    browse: Any, cast: Any, partner: Partner
) -> None:
    page = browse(cast.babak)
    sent = Client().get(f"/oauth/authorize?{partner.query()}")
    assert sent["Location"] == f"/w/arman/oauth/authorize?{partner.query()}"
    assert Client().get(sent["Location"])["Location"].startswith("/sign-in?next=")
    asked = page.get(sent["Location"])
    text = asked.content.decode()
    assert "Hesab" in text
    assert "partner.example" in text
    assert "form-action 'self' https://partner.example;" in asked["Content-Security-Policy"]
    answer = partner.token(partner.code(page)).json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    assert set(answer["scope"].split()) == {"company.view", "person.*"}
    program = Program(answer["access_token"])
    assert program.get("me").json["user"]["title"] == "Babak Naderi"
    assert program.post("people", {"name": "x"}).status == 201
    assert program.get("companies").status == 200
    assert program.post("companies", {"name": "x"}).status == 403
    assert program.get("deals").status == 403
    with workspace_scope(cast.arman.id):
        assert EventRow.objects.filter(wire="applications.access_given.v1").count() == 1
        assert not ApiToken.objects.filter(token_hash__contains=answer["access_token"]).exists()


@pytest.mark.parametrize(
    ("language", "words"), [("fa", "اشخاص: خواندن و نوشتن"), ("en", "People: read and write")]
)
def test_it_is_asked_in_plain_words(
    browse: Any, cast: Any, partner: Partner, language: str, words: str
) -> None:
    Account.objects.filter(id=cast.babak.account_id).update(language=language)
    access_changed(cast.arman.id)
    assert words in browse(cast.babak).get(f"/w/arman/oauth/authorize?{partner.query()}").content.decode()


def test_a_no_is_told_and_gives_nothing(browse: Any, cast: Any, partner: Partner) -> None:
    answer = browse(cast.babak).post(f"/w/arman/oauth/authorize?{partner.query()}", {"answer": "deny"})
    assert "error=access_denied" in answer["Location"]
    assert not Grant.objects.exists()


def test_who_does_not_belong_cannot_consent(browse: Any, cast: Any, partner: Partner) -> None:
    at = f"/w/arman/oauth/authorize?{partner.query()}"
    assert browse(cast.cyrus).get(at).status_code == 404
    assert browse(cast.cyrus).get(at.replace("/arman/", "/rival/")).status_code == 404
    assert browse(cast.viewer).get(at).status_code == 403
    assert browse(cast.babak, strict=True).post(at, {"answer": "allow"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"redirect_uri": "https://evil.example/"}, {"code_challenge": ""}, {"code_challenge_method": "plain"}, {"response_type": "token"},
     {"redirect_uri": BACK + "/more"}],
)  # fmt: skip
def test_what_could_be_stolen_is_not_answered(
    browse: Any, cast: Any, partner: Partner, wrong: dict[str, str]
) -> None:
    answer = browse(cast.babak).post(
        f"/w/arman/oauth/authorize?{partner.query(**wrong)}", {"answer": "allow"}
    )
    assert answer.status_code in (404, 422)
    assert "Location" not in answer
    assert Client().get("/oauth/authorize?client_id=nosuch").status_code == 404


def test_a_code_is_good_once_for_its_own_application_and_verifier(
    browse: Any, cast: Any, partner: Partner
) -> None:
    page = browse(cast.babak)
    other = registered(cast, name="Other")
    code = partner.code(page)
    assert partner.token(code, code_verifier="x" * 50).status_code == 400
    assert partner.token(code, redirect_uri=BACK + "x").status_code == 400
    assert other.token(code).status_code == 400
    assert replace(partner, secret="wrong").token(code).status_code == 401
    first = partner.token(code)
    assert first.status_code == 200
    program = Program(first.json()["access_token"])
    assert program.get("me").status == 200
    # Whoever brings it again may be a thief, and so may the first have been.
    assert partner.token(code).status_code == 400
    assert program.get("me").status == 401
    late = partner.code(page)
    Grant.objects.filter(code_used_at=None).update(code_ends_at=clock.now() - timedelta(seconds=1))
    assert partner.token(late).status_code == 400


def test_refresh_tokens_turn_and_a_stolen_one_ends_everything(
    browse: Any, cast: Any, partner: Partner
) -> None:
    first = partner.token(partner.code(browse(cast.babak))).json()
    second = partner.ask("token", grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert Program(second["access_token"]).get("me").status == 200
    narrow = partner.ask(
        "token", grant_type="refresh_token", refresh_token=second["refresh_token"], scope="company.view"
    ).json()
    assert Program(narrow["access_token"]).get("people").status == 403
    wider = partner.ask("token", grant_type="refresh_token", refresh_token=narrow["refresh_token"], scope="*")
    assert wider.status_code == 400
    assert (
        partner.ask("token", grant_type="refresh_token", refresh_token=first["refresh_token"]).status_code
        == 400
    )
    for token in (first, second, narrow):
        assert Program(token["access_token"]).get("me").status == 401
    assert (
        partner.ask("token", grant_type="refresh_token", refresh_token=narrow["refresh_token"]).status_code
        == 400
    )
    assert RefreshToken.objects.filter(used_at=None).count() == 1


def test_a_public_application_needs_no_secret_but_its_verifier(browse: Any, cast: Any) -> None:
    app = registered(cast, is_public=True)
    assert app.secret == ""
    code = app.code(browse(cast.babak))
    assert app.token(code, code_verifier="").status_code == 400
    assert app.token(code).status_code == 200
    assert app.ask("token", grant_type="client_credentials").status_code in (400, 401)


def test_a_service_acts_for_whoever_registered_it(cast: Any, partner: Partner) -> None:
    assert partner.ask("token", grant_type="client_credentials").status_code == 400
    service = registered(cast, is_service=True, redirect_uris=[])
    basic = base64.b64encode(f"{service.client_id}:{service.secret}".encode()).decode()
    answer = at_home(Client()).post(
        "/oauth/token", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
    )
    assert answer.status_code == 200, answer.content
    assert "refresh_token" not in answer.json()
    program = Program(answer.json()["access_token"])
    assert program.get("me").json["user"]["title"] == "Sara Moini"
    assert program.get("me").json["scopes"] == ["company.view", "person.*"]
    only = service.ask("token", grant_type="client_credentials", scope="company.view deal.view").json()
    assert Program(only["access_token"]).get("me").json["scopes"] == ["company.view"]


def test_it_can_ask_about_and_end_its_own_tokens_only(browse: Any, cast: Any, partner: Partner) -> None:
    other = registered(cast, name="Other")
    token = partner.token(partner.code(browse(cast.babak))).json()
    told = partner.ask("introspect", token=token["access_token"]).json()
    assert (told["active"], told["client_id"], told["sub"]) == (True, partner.client_id, str(cast.babak.id))
    assert partner.ask("introspect", token=token["refresh_token"]).json()["active"] is True
    assert other.ask("introspect", token=token["access_token"]).json() == {"active": False}
    assert replace(partner, secret="").ask("introspect", token=token["access_token"]).status_code == 401
    other.ask("revoke", token=token["access_token"])
    assert Program(token["access_token"]).get("me").status == 200
    assert partner.ask("revoke", token=token["refresh_token"]).status_code == 200
    assert Program(token["access_token"]).get("me").status == 401
    assert partner.ask("introspect", token=token["access_token"]).json() == {"active": False}


def test_the_person_and_the_workspace_can_end_it(browse: Any, cast: Any, partner: Partner) -> None:
    page, htmx = browse(cast.babak), {"HX-Request": "true"}
    token = partner.token(partner.code(page)).json()
    shown = page.get("/w/arman/settings/applications").content.decode()
    assert "Hesab" in shown
    assert "/settings/applications/new" not in shown
    grant = re.search(r"applications/grants/(\d+)/end", shown)[1]
    assert (
        browse(cast.mina).post(f"/w/arman/settings/applications/grants/{grant}/end", headers=htmx).status_code
        == 404
    )
    assert page.post(f"/w/arman/settings/applications/grants/{grant}/end", headers=htmx).status_code == 200
    assert Program(token["access_token"]).get("me").status == 401

    again = partner.token(partner.code(page)).json()
    with workspace_scope(cast.arman.id):
        remove_application(Context(user_actor(cast.arman.id, cast.sara.id), "web"), partner.id)
    assert Program(again["access_token"]).get("me").status == 401
    assert (
        partner.ask("token", grant_type="refresh_token", refresh_token=again["refresh_token"]).status_code
        == 400
    )


def test_it_is_registered_in_the_settings(browse: Any, cast: Any) -> None:
    form = {
        "name": "Hesab",
        "redirect_uris": BACK + "\r\nhttp://localhost:9/x",
        "scopes": ["", "deal.view"],
        "is_public": "0",
        "is_service": "0",
    }
    at = "/w/arman/settings/applications/new"
    assert browse(cast.babak).post(at, form).status_code == 403
    page = browse(cast.sara)
    made = page.post(at, form).content.decode()
    assert "pvc_" in made
    assert "pvs_" in made
    assert "pvs_" not in page.get("/w/arman/settings/applications").content.decode()
    assert page.post(at, form | {"redirect_uris": "javascript:alert(1)"}).status_code == 422


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://x.example/#a",
        "/x",
        "https://",
        "ftp://x",
        "javascript.x:alert(1)",
        "JavaScript.com.example:alert(1)",
        "data.x:text/html,x",
        "vbscript.x:y",
        "file.x:/etc/passwd",
        "view-source.x:y",
        "app:/back",
        "com.example.app:",
        "com.example.app:/back\nSet-Cookie:a",
        "https://x.example;script-src/",
        "https://x.example,y.example/",
        "https://x.example:99999/",
        "https://x.example:0/",
        "https://x.example:abc/",
        "com.example.app://x:70000/back",
    ],
)
def test_people_are_sent_back_only_to_safe_places(cast: Any, uri: str) -> None:
    with pytest.raises(Invalid):
        registered(cast, redirect_uris=[uri])


@pytest.mark.parametrize(
    "uri", ["com.example.app:/back", "ir.data.app://back?from=crm", "https://[::1]:8443/x"]
)
def test_an_app_comes_back_by_a_scheme_of_its_own(cast: Any, uri: str) -> None:
    assert registered(cast, redirect_uris=[uri]).client_id


def test_a_lent_role_leaves_no_application_behind(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        elevate(
            Context(user_actor(cast.arman.id, cast.sara.id), "web"),
            User.objects.get(id=cast.babak.id),
            role="admin",
            hours=1,
            reason="Ticket",
        )
    given = {"name": "x", "redirect_uris": [BACK], "scopes": [], "is_public": True, "is_service": False}
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        register_application(Context(user_actor(cast.arman.id, cast.babak.id), "web"), **given)


def test_what_has_to_be_named_is_asked_for_by_name(cast: Any) -> None:
    for scopes, may_ask in ((["person.*"], False), (["person.erase"], True), ([], True)):
        application = Application.objects.get(id=registered(cast, scopes=scopes).id)
        assert (application.get_allowed_scope("person.erase") != "") is may_ask, scopes
        assert ("person.erase" in application.get_allowed_scope("")) is (scopes == ["person.erase"])


def test_a_token_that_may_do_nothing_is_not_said_to_do_everything(cast: Any) -> None:
    partner = registered(cast, is_service=True, redirect_uris=[])
    token = partner.ask("token", grant_type="client_credentials").json()["access_token"]
    for scopes, said in (([], ""), (["deal.view"], "deal.view"), (None, "*")):
        ApiToken.objects.filter(grant_id__isnull=False).update(scopes=scopes)
        assert partner.ask("introspect", token=token).json()["scope"] == said


def test_nothing_goes_over_an_open_line(cast: Any) -> None:
    service = registered(cast, is_service=True, redirect_uris=[])
    form = {
        "client_id": service.client_id,
        "client_secret": service.secret,
        "grant_type": "client_credentials",
    }
    refused = Client().post("/oauth/token", form)
    assert (refused.status_code, refused.json()["error"]) == (400, "insecure_transport")
    assert Client(SERVER_NAME="127.0.0.1").post("/oauth/token", form).status_code == 200


def test_it_says_where_everything_is(db: None) -> None:
    told = Client().get("/.well-known/oauth-authorization-server").json()
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["token_endpoint"].endswith("/oauth/token")
    assert "deal.view" in told["scopes_supported"]
