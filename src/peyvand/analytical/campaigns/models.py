from __future__ import annotations

from django.db import models

from peyvand.platform.workspaces.records import Record


class CampaignTrial(Record):
    """A campaign that was tried elsewhere: which outside table says who was treated, who was left alone by lot, and what came."""

    name = models.CharField(max_length=150)
    source = models.CharField(max_length=63, help_text="name of an outside table")
    arm = models.CharField(max_length=100, help_text="its column that says who is in which group")
    treated = models.CharField(max_length=200)
    control = models.CharField(max_length=200)
    outcome = models.CharField(max_length=100, help_text="its column that says what came")
    # Empty: any number above nothing, and yes.
    came = models.CharField(max_length=200, blank=True)
    # Columns known before the campaign, with commas between them.
    known = models.TextField(blank=True)

    class Meta(Record.Meta):
        db_table = "campaign_trial"

    def __str__(self) -> str:
        return self.name

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns known before the campaign."""
        named = self.known.replace("،", ",").replace("\n", ",").split(",")
        return tuple(dict.fromkeys(column for one in named if (column := one.strip())))
