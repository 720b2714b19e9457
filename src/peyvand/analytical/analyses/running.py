"""One run of an analysis: the warehouse is read, the mathematics done, and what it concludes kept set by set.

No transaction stays open while it reckons, so that a million customers slow nobody down. A run that dies is begun anew by
the next one; what it kept already stands and is not written again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

import orjson
from django.db.models import Max
from django.utils.translation import override

from peyvand.analytical.analyses.contract import Analysis, Card, Finding, Inputs
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.objects import FAILED, READY, REFUSED, RUNNING
from peyvand.analytical.analyses.own import own_fields
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.analytical.warehouse.public import present, reading
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.kernel.numbers import format_number
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.actions.long import begin_work, end_work, fresh
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.insights.keeping import SET, Scores, forget_others, keep, note_run
from peyvand.platform.insights.telling import kept
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

log = logging.getLogger(__name__)

# Cards of an analysis that are kept.
CARDS = 60
# A watched figure that differs by more than this share of what it was is said to drift.
DRIFT = 0.2


def run_analysis(tenant: Tenant, analysis: Analysis, as_of: date | None = None) -> int:
    """Run it as of a day (the workspace's present) and return the id of its model card. Outside any scope: it opens its own."""
    with workspace_scope(tenant.id):
        choice = ensure_choices()[analysis.key]
        ctx = begin_work(job_context(tenant))
        card = _begun(tenant, analysis, as_of or present(tenant))
        own = own_fields(tenant.language)
        chosen = {
            key: getattr(choice, key) for key in ("horizon_days", "margin", "by_margin", "own_contacts")
        }
    settings = {**analysis.defaults, **{key: value for key, value in chosen.items() if value is not None}}
    try:
        with ExitStack() as stack:
            with workspace_scope(tenant.id):
                tables = stack.enter_context(reading())
            finding = analysis.function(Inputs(tables, card.as_of, tenant, settings, own))
        written = _kept(ctx, tenant, analysis, card, finding)
    except (RuleViolation, Invalid) as refusal:
        with workspace_scope(tenant.id):
            # What it said before was of data that do not bear it any more.
            for object_key in analysis.insights:
                forget_others(ctx, analysis.key, object_key, ())
            _end(card, state=REFUSED, refusal=kept(refusal.message))
            end_work(ctx, "analysis.refresh", "model_card", 0, {"analysis": analysis.key, "state": REFUSED})
    except Exception as error:
        _broke(tenant, analysis, card, error)
        raise
    else:
        try:
            _ready(ctx, tenant, analysis, card, finding, written)
        except Exception as error:
            _broke(tenant, analysis, card, error)
            raise
    return card.pk


def _ready(
    ctx: Context,
    tenant: Tenant,
    analysis: Analysis,
    card: ModelCard,
    finding: Finding,
    written: Mapping[str, int],
) -> None:
    """All is kept: the card says so, and the rows are of this run from now on."""
    with workspace_scope(tenant.id):
        note_run(
            analysis.key, version=card.number, as_of=card.as_of, card_id=card.pk,
            expires_on=card.as_of + _passed(tenant) + timedelta(days=analysis.lasts), ahead=finding.card.ahead,
            caution=kept(finding.card.caution) if finding.card.caution else (),
        )  # fmt: skip
        told = _told(finding.card, _earlier(analysis.key))
        beside = finding.card.beside
        _end(
            card, state=READY, rows=finding.card.rows, is_better=beside.is_better if beside else None, card=_plain(told),
            more=_plain(finding.more), percent=100, **written,
        )  # fmt: skip
        end_work(
            ctx,
            "analysis.refresh",
            "model_card",
            written["scored"],
            {"analysis": analysis.key, "state": READY},
        )


def _broke(tenant: Tenant, analysis: Analysis, card: ModelCard, error: Exception) -> None:
    log.error("analysis %s of workspace %s failed", analysis.key, tenant.slug, exc_info=error)
    with workspace_scope(tenant.id):
        _end(card, state=FAILED)


def _begun(tenant: Tenant, analysis: Analysis, as_of: date) -> ModelCard:
    cards = ModelCard.objects.filter(analysis=analysis.key)
    cards.filter(state=RUNNING).update(state=FAILED, ended_at=clock.now())
    number = (cards.aggregate(last=Max("number"))["last"] or 0) + 1
    cards.filter(number__lte=number - CARDS).delete()
    with override(tenant.language):
        name = f"{analysis.label} {format_number(number, tenant.language)}"
    made: ModelCard = ModelCard.objects.create(
        name=name, analysis=analysis.key, number=number, as_of=as_of, started_at=clock.now()
    )
    return made


def _passed(tenant: Tenant) -> timedelta:
    """How long ago the workspace's present was: an answer grows old by the days that pass, not by those of its data."""
    return clock.today(tenant.tz) - present(tenant)


def _end(run: ModelCard, **values: Any) -> None:
    ModelCard.objects.filter(id=run.pk).update(ended_at=clock.now(), **values)


def _kept(
    ctx: Context, tenant: Tenant, analysis: Analysis, card: ModelCard, finding: Finding
) -> dict[str, int]:
    """Keep the scores, each set in a transaction of its own, and forget those of records that have none any more."""
    done, total = {"scored": 0, "written": 0, "changed": 0}, sum(len(s.ids) for s in finding.scores) or 1
    for scores in finding.scores:
        fields = analysis.fields_of(scores.object)
        for start in range(0, len(scores.ids), SET):
            with workspace_scope(tenant.id):
                part = _there(_part(scores, start))
                if part.ids:
                    came = keep(fresh(ctx), fields, part)
                    done["written"] += came.written
                    done["changed"] += came.changed
                done["scored"] += len(part.ids)
                ModelCard.objects.filter(id=card.pk).update(percent=min(99, 100 * done["scored"] // total))
    for object_key in analysis.insights:
        said = {int(id) for s in finding.scores if s.object == object_key for id in s.ids}
        with workspace_scope(tenant.id):
            forget_others(ctx, analysis.key, object_key, said)
    return done


def _part(scores: Scores, start: int) -> Scores:
    cut = slice(start, start + SET)
    return replace(
        scores,
        ids=[int(id) for id in scores.ids[cut]],
        values={key: values[cut] for key, values in scores.values.items()},
        told={key: told[cut] for key, told in scores.told.items()},
    )


def _there(part: Scores) -> Scores:
    """Only what is about records that are still there: the warehouse may be a little behind."""
    rows = object_named(part.object).rows.filter(id__in=part.ids, deleted_at__isnull=True)
    known = set(rows.values_list("id", flat=True))
    if len(known) == len(part.ids):
        return part
    at = [n for n, id in enumerate(part.ids) if id in known]

    def chosen(column: Sequence[Any]) -> list[Any]:
        return [column[n] for n in at]

    return replace(
        part,
        ids=chosen(part.ids),
        values={key: chosen(values) for key, values in part.values.items()},
        told={key: chosen(told) for key, told in part.told.items()},
    )


def _earlier(key: str) -> Mapping[str, Any]:
    found: ModelCard | None = ModelCard.objects.filter(analysis=key, state=READY).order_by("-number").first()
    return found.card if found else {}


def _told(card: Card, before: Mapping[str, Any]) -> dict[str, Any]:
    """The card as it is stored, with what drifted since the one before."""
    cautions = (card.caution,) if card.caution else ()
    told = asdict(replace(card, notes=(), caution=None))
    told |= {"notes": [kept(note) for note in (*cautions, *card.notes)], "is_off": card.is_off}
    was = {f["name"]: f["value"] for f in before.get("figures", ())}
    told["drift"] = [
        {"name": f.name, "unit": f.unit, "was": was[f.name], "now": f.value}
        for f in card.figures
        if f.name in card.watched
        and f.name in was
        and abs(f.value - was[f.name]) > DRIFT * max(abs(was[f.name]), 1e-9)
    ]
    return told


def _plain(value: Any) -> Any:
    """Only what JSON knows: days as ISO, NumPy's numbers as numbers."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS))
