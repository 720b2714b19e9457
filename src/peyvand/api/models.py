from __future__ import annotations

from django.db import models


class Use(models.Model):
    """What a token or an address was given of its allowance in the current minute. Outside row security, and without a
    log of its own: after a crash of the database counting begins anew."""

    key = models.CharField(max_length=80, primary_key=True)
    window = models.BigIntegerField()
    ends = models.BigIntegerField(default=0, db_default=0, help_text="of the window, in seconds of the clock")
    used = models.IntegerField()
    granted = models.IntegerField(help_text="to the one who asked last")

    class Meta:
        db_table = "api_use"
