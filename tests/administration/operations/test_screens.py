"""Operations: who may look, what stands there, and what the two buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from peyvand.kernel import clock
from peyvand.operational.consents.actions import give_consent
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.identity.models import Membership
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.jobs.models import DeadLetter
from peyvand.platform.objects.habits import use_view
from peyvand.platform.objects.records import create_record, delete_records
from peyvand.platform.workspaces.scope import workspace_scope

PLACE = "/w/arman/settings/"


@pytest.fixture
def browse(cast: Any) -> Callable[[Any], Client]:
    def client(user: Any) -> Client:
        session = SessionStore()
        session[ACCOUNT] = Membership.objects.get(workspace_id=user.workspace_id, user_id=user.id).account_id
        session.create()
        made = Client(headers={"Accept-Language": "en"})
        made.cookies["peyvand_session"] = session.session_key
        return made

    return client


@pytest.fixture
def letter(cast: Any) -> DeadLetter:
    with workspace_scope(cast.arman.id):
        made: DeadLetter = DeadLetter.objects.create(
            job_id=1, task="events.react", args={"reaction_name": "sales.reactions.renew", "event_ids": [7]},
            error="Traceback …\nValueError: <b>no such stage</b>", attempts=6, failed_at=clock.now(),
        )  # fmt: skip
        return made


def test_work_without_a_name_of_its_own_is_called_by_its_module(
    cast: Any, browse: Callable[[Any], Client], letter: DeadLetter
) -> None:
    with workspace_scope(cast.arman.id):
        DeadLetter.objects.create(
            job_id=2, task="automations.check", args={}, error="x", attempts=1, failed_at=clock.now()
        )
    page = browse(cast.sara).get(PLACE + "background").content.decode()
    assert "<b>خودکارسازی‌ها</b>" in page


def queued() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select task_name, args from procrastinate_jobs where task_name = 'events.react' and args ->> 'event_ids' = '[7]'"
        )
        return cursor.fetchall()


@pytest.mark.parametrize("page", ["background", "audit"])
def test_only_owners_and_admins_may_look(cast: Any, browse: Callable[[Any], Client], page: str) -> None:
    assert browse(cast.sara).get(PLACE + page).status_code == 200
    for user in (cast.mina, cast.babak, cast.viewer):
        assert browse(user).get(PLACE + page).status_code == 403


def test_a_failed_job_is_shown_with_its_reason_and_run_again_once(
    cast: Any, browse: Callable[[Any], Client], letter: DeadLetter
) -> None:
    client = browse(cast.sara)
    page = client.get(PLACE + "background").content.decode()
    assert "&lt;b&gt;no such stage&lt;/b&gt;" in page
    assert queued() == []

    first = client.post(f"{PLACE}background/{letter.pk}/again")
    second = client.post(f"{PLACE}background/{letter.pk}/again")

    assert (first.status_code, second.status_code) == (302, 422)
    assert len(queued()) == 1
    with workspace_scope(cast.arman.id):
        assert DeadLetter.objects.get().run_again_at is not None
        assert AuditEntry.objects.filter(action="workspace.run_job_again").count() == 1


def test_who_may_not_look_may_not_press_either(
    cast: Any, browse: Callable[[Any], Client], letter: DeadLetter
) -> None:
    for user in (cast.mina, cast.babak, cast.viewer):
        assert browse(user).post(f"{PLACE}background/{letter.pk}/again").status_code == 403
        assert browse(user).post(f"{PLACE}background/{letter.pk}/dismiss").status_code == 403
    assert browse(cast.cyrus).post(f"/w/rival/settings/background/{letter.pk}/again").status_code == 404
    assert queued() == []
    with workspace_scope(cast.arman.id):
        assert DeadLetter.objects.count() == 1


def test_a_failed_job_can_be_dismissed(
    cast: Any, browse: Callable[[Any], Client], letter: DeadLetter
) -> None:
    assert browse(cast.sara).post(f"{PLACE}background/{letter.pk}/dismiss").status_code == 302
    with workspace_scope(cast.arman.id):
        assert not DeadLetter.objects.exists()


def test_a_folded_line_names_records_and_how_many_more(
    cast: Any, browse: Callable[[Any], Client], acting: Any
) -> None:
    with workspace_scope(cast.arman.id):
        made = [create_record(acting(cast.sara), PERSON, {"name": f"Number {n}"}) for n in range(4)]
        AuditEntry.objects.bulk_create(
            AuditEntry(
                action="person.update", object="person", object_id=record.pk, actor_kind="system", via="job",
                actor_name="", at=clock.now(), count=1,
            )
            for record in [*made, made[0]]
        )  # fmt: skip
    page = browse(cast.sara).get(f"{PLACE}audit?action=.update").content.decode()
    line = page[page.index('<tr class="again">') :].partition("</tr>")[0]
    assert re.findall(r"<bdi>(.*?)</bdi>", line) == ["Number 0", "Number 3"], (
        "each once, the last changed first"
    )
    assert "۲ مورد دیگر" in line
    assert "۵ بار" in line


def test_the_audit_tells_who_did_what_and_is_narrowed(
    cast: Any, browse: Callable[[Any], Client], acting: Any
) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, {"name": "By Sara"})
        late = create_record(acting(cast.mina), PERSON, {"name": "By Mina"})
        delete_records(acting(cast.mina), PERSON, [late])
    client = browse(cast.sara)

    everything = client.get(PLACE + "audit").content.decode()
    hers = client.get(f"{PLACE}audit?user={cast.sara.id}&object=person").content.decode()
    future = client.get(PLACE + "audit?since=2999-01-01").content.decode()
    wrong = client.get(PLACE + "audit?since=yesterdayish&before=x&user=%00")

    assert "By Sara" in everything
    assert "By Mina" in everything
    assert "By Sara" in hers
    assert "By Mina" not in hers
    assert "By Sara" not in future
    assert wrong.status_code == 200


def test_the_audit_says_words_and_leaves_out_mere_looking(
    cast: Any, browse: Callable[[Any], Client], acting: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"name": "By Sara"})
        give_consent(ctx, person, channel="email", source="phone")
        use_view(ctx, object="person", view="7")
    client = browse(cast.sara)

    everything = client.get(PLACE + "audit").content.decode()
    assert "رضایت داده" in everything
    assert ">granted<" not in everything
    assert "به‌یادسپردن آخرین نما" not in re.sub("<option.*?</option>", "", everything)
    asked = client.get(PLACE + "audit?action=view.use").content.decode()
    assert "به‌یادسپردن آخرین نما" in re.sub("<option.*?</option>", "", asked)


def test_the_audit_goes_on_by_key(
    cast: Any, browse: Callable[[Any], Client], acting: Any, django_assert_max_num_queries: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        people = [create_record(ctx, PERSON, {"name": f"Nr {n}"}) for n in range(60)]
        before = AuditEntry.objects.get(object="person", object_id=people[10].id).id
    client = browse(cast.sara)
    with django_assert_max_num_queries(12):
        further = client.get(f"{PLACE}audit?object=person&before={before}").content.decode()
    assert "Nr 9" in further
    assert "Nr 10" not in further
    assert "<html" not in further
    first = client.get(f"{PLACE}audit?object=person").content.decode()
    assert "Nr 59" in first
    assert "Nr 5<" not in first
    assert "before=" in first


def test_what_the_product_did_by_itself_again_and_again_is_one_line_that_opens(
    cast: Any, acting: Callable[..., Any], browse: Callable[[Any], Client]
) -> None:
    from peyvand.platform.actions.action import perform
    from peyvand.platform.actions.context import job_context

    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, {"name": "Neda Karimi"})
        for _ in range(60):
            perform(job_context(cast.arman), "deal.update", (), lambda: None)
        create_record(acting(cast.sara), PERSON, {"name": "Omid Rad"})
    page = browse(cast.sara).get(PLACE + "audit").content.decode()
    assert page.count("۶۰ بار") == 1
    # What people did is never folded, and what lies behind the fold is on the same page.
    assert "Omid Rad" in page
    assert "Neda Karimi" in page
    address = page.split('<tr class="again">')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert "run=" in address
    inside = browse(cast.sara).get(address, headers={"HX-Request": "true"}).content.decode()
    assert inside.count('<th class="c-n" scope="row">') == 50
    assert '<tr class="again">' not in inside
    further = inside.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    rest = browse(cast.sara).get(further, headers={"HX-Request": "true"}).content.decode()
    assert rest.count('<th class="c-n" scope="row">') == 10
