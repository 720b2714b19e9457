"""What owners and admins do about work in the background that failed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import NotFound, RuleViolation, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.jobs.models import DeadLetter
from peyvand.platform.jobs.scoped import run_again


@action("workspace.run_job_again", label=_("Run a failed job again"), on="none", icon="refresh", button=False)
def run_letter_again(ctx: Context, letter_id: int) -> None:
    """Put a failed job back into the queue, with all its attempts."""
    letter = _letter(letter_id)
    if letter.run_again_at is not None:
        raise RuleViolation(msg("This job was put back into the queue already."))
    run_again(letter)


@action("workspace.dismiss_job", label=_("Dismiss a failed job"), on="none", icon="x", button=False)
def dismiss_letter(ctx: Context, letter_id: int) -> None:
    """Let a failed job be forgotten; what it should have done is not done."""
    _letter(letter_id).delete()


def _letter(letter_id: int) -> DeadLetter:
    """The letter, locked: two people may press the same button."""
    letter: DeadLetter | None = DeadLetter.objects.select_for_update().filter(id=letter_id).first()
    if letter is None:
        raise NotFound
    return letter
