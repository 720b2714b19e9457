"""By day, every two hours where a text is new or was changed: an unhappy customer is heard of before tomorrow."""

from __future__ import annotations

from typing import Final

from peyvand.analytical.analyses.jobs import put_to_work
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.objects import READY
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.analytical.texts.objects import MOOD, TOPICS
from peyvand.analytical.texts.sources import sources_of
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace

_RUNS: Final = (MOOD.key, TOPICS.key)


@in_every_workspace("25 4-18/2 * * *", "texts.listen")
def listen(tenant: Tenant) -> None:
    """Judge anew where something was written or changed since the last run."""
    choices = ensure_choices()
    for key in _RUNS:
        card = ModelCard.objects.filter(analysis=key).order_by("-number").first()
        # Where there are too few labels yet, a new text changes nothing about topics.
        if card is None or not choices[key].is_on or (key == TOPICS.key and card.state != READY):
            continue
        if _is_news(tenant, card):
            put_to_work(tenant, key)


def _is_news(tenant: Tenant, card: ModelCard) -> bool:
    return any(
        source.rows().filter(updated_at__gte=card.started_at).exists() for source in sources_of(tenant)
    )
