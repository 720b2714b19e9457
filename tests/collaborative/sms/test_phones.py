"""Nobody has messages sent to a phone that is not in their hands."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from peyvand.collaborative.sms.models import SmsLine, SmsMessage
from peyvand.kernel import clock
from peyvand.platform.notifications.confirming import (
    HOLDS,
    MOST_A_DAY,
    MOST_TRIES,
    PAUSE,
    Outcome,
    ask_code,
    confirm,
    send_code,
)
from peyvand.platform.notifications.models import PhoneCode
from peyvand.platform.notifications.preferences import Wishes, keep, wishes_of
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
PHONE = "09124382217"
PAGE = "/w/arman/settings/notifications"


def ask(cast: Any, user: Any) -> Outcome:
    """Ask for a code, and have it sent."""
    with workspace_scope(cast.arman.id):
        outcome = ask_code(user.id)
        waiting = list(PhoneCode.objects.filter(code="").values_list("id", flat=True))
    for id in waiting:
        send_code(cast.arman, id)
    return outcome


def is_confirmed(cast: Any, user: Any) -> bool:
    with workspace_scope(cast.arman.id):
        return wishes_of([user.id])[user.id].is_confirmed


def test_a_phone_is_confirmed_by_the_code_that_came_there(cast: Any, browse: Any, gateway: Any) -> None:
    client, send = browse(cast.babak), {"verb": "send"}
    with clock.freeze(NOON):
        assert client.post(f"{PAGE}/phone", send)["Location"].endswith("said=nothing#w-phone-f")
        assert client.post(PAGE, {"phone": PHONE})["Location"].endswith("said=saved")
        assert client.post(f"{PAGE}/phone", send)["Location"].endswith("said=code#w-phone-f")
        with workspace_scope(cast.arman.id):
            row = PhoneCode.objects.get()
        send_code(cast.arman, row.id)
        # A job that runs twice sends once.
        send_code(cast.arman, row.id)
        [request] = gateway.requests
        assert request["json"]["to"] == "+989124382217"
        code = re.sub(r"\D", "", request["json"]["text"])
        assert len(code) == 6
        wrong = f"{(int(code) + 1) % 10**6:06}"
        assert client.post(f"{PAGE}/phone", {"code": wrong})["Location"].endswith("said=wrong#w-phone-f")
        with workspace_scope(cast.arman.id):
            assert PhoneCode.objects.get().tries == 1
        assert 'name="code"' in client.get(PAGE).content.decode()
        typed = request["json"]["text"].rsplit(" ", 1)[-1]
        assert client.post(f"{PAGE}/phone", {"code": f" {typed} "})["Location"].endswith(
            "said=confirmed#w-phone-f"
        )
        assert is_confirmed(cast, cast.babak)
        assert 'name="code"' not in client.get(f"{PAGE}?said=confirmed").content.decode()
        # The same phone saved again stays confirmed; another one is not.
        client.post(PAGE, {"phone": PHONE})
        assert is_confirmed(cast, cast.babak)
        client.post(PAGE, {"phone": "09124382218"})
        assert not is_confirmed(cast, cast.babak)


def test_the_code_is_read_nowhere_but_in_the_message(cast: Any, gateway: Any) -> None:
    with workspace_scope(cast.arman.id):
        keep(cast.sara.id, Wishes(phone=PHONE))
    ask(cast, cast.sara)
    [request] = gateway.requests
    code = request["json"]["text"].rsplit(" ", 1)[-1]
    with workspace_scope(cast.arman.id):
        message = SmsMessage.objects.get()
    assert (message.state, message.is_notice, message.parts) == ("sent", True, 1)
    assert code not in message.text + message.title
    # Its owner sees that something was sent.
    [shown] = program_of(cast.sara, cast.arman).get("sms_messages").json["items"]
    assert code not in str(shown["text"])


def test_codes_are_few_and_hold_for_a_while(cast: Any, gateway: Any) -> None:
    with workspace_scope(cast.arman.id):
        keep(cast.babak.id, Wishes(phone=PHONE))
        keep(cast.mina.id, Wishes(phone=PHONE))
    with clock.freeze(NOON):
        assert ask(cast, cast.babak) is Outcome.SENT
        # By the phone, not only by who asks.
        assert ask(cast, cast.mina) is Outcome.SOON
    code = gateway.requests[0]["json"]["text"].rsplit(" ", 1)[-1]
    with clock.freeze(NOON + HOLDS), workspace_scope(cast.arman.id):
        assert confirm(cast.babak.id, code) is Outcome.NOTHING
    with clock.freeze(NOON), workspace_scope(cast.arman.id):
        assert confirm(cast.mina.id, code) is Outcome.NOTHING
        wrong = f"{(int(code) + 1) % 10**6:06}"
        tried = [confirm(cast.babak.id, wrong) for _ in range(MOST_TRIES)]
        assert tried == [Outcome.WRONG] * (MOST_TRIES - 1) + [Outcome.STALE]
        assert confirm(cast.babak.id, code) is Outcome.STALE
    for n in range(1, MOST_A_DAY):
        with clock.freeze(NOON + n * PAUSE):
            assert ask(cast, cast.babak if n % 2 else cast.mina) is Outcome.SENT
    with clock.freeze(NOON + MOST_A_DAY * PAUSE):
        assert ask(cast, cast.mina) is Outcome.ENOUGH
    assert len(gateway.requests) == MOST_A_DAY
    with clock.freeze(NOON + timedelta(days=2)):
        assert ask(cast, cast.mina) is Outcome.SENT


def test_a_code_that_could_not_leave_says_so(cast: Any, browse: Any, gateway: Any) -> None:
    with workspace_scope(cast.arman.id):
        keep(cast.babak.id, Wishes(phone=PHONE))
        SmsLine.objects.update(is_active=False)
    ask(cast, cast.babak)
    page = browse(cast.babak).get(PAGE).content.decode()
    assert "کد فرستاده نشد" in page
    assert 'name="code"' not in page
