from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.db import connection


class WitnessConfig(AppConfig):
    name = "witness"

    def ready(self) -> None:
        from peyvand.platform.events.facts import Event, RecordCreated, RecordUpdated
        from peyvand.platform.events.reactions import Cause, reaction

        @reaction(RecordCreated, RecordUpdated)
        def take_note(cause: Cause, facts: Sequence[Event]) -> None:
            # Long enough that a kill at a random moment often hits one that runs.
            slow = any(getattr(fact, "title", "").startswith("Slow") for fact in facts)
            with connection.cursor() as cursor:
                cursor.execute("select pg_sleep(%s)", [3 if slow else 0.02])
