"""Who is told by automations: those whom their steps name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import msg
from peyvand.platform.events.reactions import Cause
from peyvand.platform.notifications.telling import Told, tells
from peyvand.processes.automations.events import AutomationTold


@tells(
    AutomationTold,
    label=_("An automation has something to tell me"),
    group=_("Automations"),
    says=lambda fact, who, reader: msg("%(title)s: %(text)s", title=fact.title, text=fact.text),
    many=_("%(count)s notices of automations"),
)
def those_named(cause: Cause, facts: Sequence[AutomationTold]) -> Told:
    return [fact.user_ids for fact in facts]
