"""The plug is pulled while a set is under way: whoever was in it gets each step once all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest
from tests.collaborative.sequences.conftest import NOON

from peyvand.collaborative.sequences.enrolling import enrol
from peyvand.collaborative.sequences.models import Enrolment, StepRun
from peyvand.collaborative.sequences.objects import SEQUENCE, STEP
from peyvand.collaborative.sequences.running import run_due
from peyvand.collaborative.sms.models import SmsLine, SmsMessage
from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import eventually

pytestmark = pytest.mark.slow
MANY = 60
# Small sets, so that there is a middle to be killed in.
RUN = """
import django; django.setup()
from datetime import datetime
from peyvand.collaborative.sequences import running
from peyvand.kernel import clock
from peyvand.platform.identity.actor import tenant_by
running.SET = 3
with clock.freeze(datetime.fromisoformat({now!r})):
    running.run_due(tenant_by(slug="arman"))
"""


def test_nobody_gets_a_step_twice_or_never(committed: Any) -> None:
    with clock.freeze(NOON), workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        SmsLine.objects.create(name="Main", url="https://gateway.example/send", token="t" * 24)
        [sequence] = create_records(ctx, SEQUENCE, [{"name": "S"}])
        create_records(ctx, STEP, [
            {"sequence": sequence.id, "kind": kind, "name": kind, "text": "Text", "days": days} for kind, days in (("sms", 0), ("call", 1))
        ])  # fmt: skip
        update_records(ctx, SEQUENCE, [sequence], [{"is_active": True}])
        people = create_records(ctx, PERSON, [
            {"family_name": f"P{n}", "phones": ({"value": f"+98912{n:07}", "label": "", "primary": True, "consent": "unknown"},)}
            for n in range(MANY)
        ])  # fmt: skip
        enrol(ctx, PERSON, people, sequence.id)
    for least in (6, 24):
        running = subprocess.Popen([sys.executable, "-c", RUN.format(now=NOON.isoformat())])
        assert eventually(
            lambda least=least, running=running: _taken(committed) >= least or running.poll() is not None
        )
        running.send_signal(signal.SIGKILL)
        running.wait()
    with clock.freeze(NOON):
        run_due(committed.arman)
    with workspace_scope(committed.arman.id):
        assert StepRun.objects.count() == SmsMessage.objects.count() == MANY
        assert StepRun.objects.values("enrolment_id").distinct().count() == MANY
        assert SmsMessage.objects.values("person_id").distinct().count() == MANY
        assert set(Enrolment.objects.values_list("state", flat=True)) == {"active"}


def _taken(cast: Any) -> int:
    with workspace_scope(cast.arman.id):
        return StepRun.objects.count()
