"""The forms of new tasks and meetings ask how often they come again."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from peyvand.operational.activities.public import MEETING, TASK
from peyvand.operational.scheduling.repeating import REPETITION, repeat
from peyvand.web.objects.pages.additions import Addition, add_to_form

for _spec in (TASK, MEETING):
    add_to_form(
        _spec.key, Addition(_("Repeats"), REPETITION, _spec.permission("repeat"), partial(repeat, _spec))
    )
