"""Why somebody left a sequence."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.platform.fields.types import Option

REPLIED, BOOKED, WITHDRAWN, UNDELIVERED, CONVERTED, DISQUALIFIED, WON, LOST, GONE, MERGED, NO_OWNER, BY_HAND, FAILED = (
    "replied", "booked", "withdrawn", "undelivered", "converted", "disqualified", "won", "lost", "gone", "merged", "no_owner", "by_hand", "failed",
)  # fmt: skip
REASONS: Final = (
    Option(REPLIED, _("Answered"), "good"),
    Option(BOOKED, _("A meeting was booked"), "good"),
    Option(WITHDRAWN, _("Wants no more messages"), "bad"),
    Option(UNDELIVERED, _("A message did not arrive"), "bad"),
    Option(CONVERTED, _("The lead became a deal"), "good"),
    Option(DISQUALIFIED, _("The lead was disqualified")),
    Option(WON, _("The deal was won"), "good"),
    Option(LOST, _("The deal was lost")),
    Option(GONE, _("The record is no longer there")),
    Option(MERGED, _("Goes on with the person merged into")),
    Option(NO_OWNER, _("Nobody looks after the record"), "warn"),
    Option(BY_HAND, _("Stopped by hand")),
    Option(FAILED, _("A step could not be taken"), "bad"),
)
# After these nobody is put into the same sequence again by a click on many.
ANSWERS: Final = frozenset((REPLIED, BOOKED, WITHDRAWN))
LABELS: Final = {option.key: option.label for option in REASONS}
