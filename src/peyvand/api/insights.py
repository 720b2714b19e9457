"""What is concluded about records: GET /<plural>/<id>/insights says every value with its interval, reasons, day and model.

POST /<plural>/insights takes what somebody else's model concluded, in sets: it stands in lists, rules and pages like our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.parameters import is_id, spec_at
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, Problem, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import perform
from peyvand.platform.fields.types import Day
from peyvand.platform.insights.fields import OUTSIDE, InInsight, run_of
from peyvand.platform.insights.keeping import RECORD, Scores, keep_within, note_run
from peyvand.platform.insights.models import InsightRun
from peyvand.platform.insights.telling import reason
from peyvand.platform.objects.insights import Concluded, concluded, insights_of
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.spec import ObjectSpec

MOST: Final = 1000
REASONS: Final = 5
# Days after which what was said from outside is too old to be shown, unless it says otherwise.
LASTS: Final = 90


def read(call: Call, plural: str, id: int) -> HttpResponse:
    spec = spec_at(plural)
    load_record(spec, call.ctx.actor, id)
    return answer({"items": [item for one in concluded(call.ctx, spec, id) for item in _items(one)]})


def _items(one: Concluded) -> list[dict[str, Any]]:
    return [
        {
            "insight": insight.field.key, "label": str(insight.field.label), "value": insight.field.to_json(insight.value),
            "low": insight.low, "high": insight.high,
            "reasons": [{"text": reason.text, "effect": reason.effect} for reason in insight.reasons],
            "analysis": one.analysis, "version": one.version, "as_of": one.as_of, "since": insight.since,
            "expires_on": one.expires_on,
        }
        for insight in one.insights
    ]  # fmt: skip


def take(call: Call, plural: str) -> HttpResponse:
    """Keep scores that were made elsewhere, of up to 1,000 records; what was said of them before is replaced.

    Raises:
        NotAllowed: the actor may not, or does not see one of the scores that would be replaced.
        Invalid: what was sent makes no sense.
    """
    spec, body = spec_at(plural), call.body()
    demand(call.ctx.actor, RECORD)
    fields = {f.key: f for f in insights_of(spec) if f.analysis == OUTSIDE}
    rows = body.get("items")
    if call.ctx.actor.grants.hides(spec.key) & fields.keys():
        raise NotAllowed
    if not fields:
        raise Invalid.of(msg("Nothing can be concluded about these records from outside."))
    if (
        not isinstance(rows, list)
        or not 1 <= len(rows) <= MOST
        or not all(isinstance(row, dict) for row in rows)
    ):
        raise Invalid.of(msg("Send a list of 1 to %(most)s records.", most=MOST), "items")
    day = Day(key="as_of", label="")
    today = clock.today(call.ctx.tenant.tz)
    as_of = day.parse(body.get("as_of"), call.ctx.reader) or today
    if as_of > today:
        raise Invalid.of(msg("This day is still to come."), "as_of")
    until = day.parse(body.get("expires_on"), call.ctx.reader) or as_of + timedelta(days=LASTS)
    if until < today:
        raise Invalid.of(msg("This day has passed already."), "expires_on")
    known = _known(call, spec, rows)
    problems: list[Problem] = []
    values: dict[str, list[Any]] = {key: [] for key in fields}
    told: list[dict[str, Any]] = []
    named: set[int] = set()
    for n, row in enumerate(rows):
        if not is_id(id := row.get("id")) or id not in known:
            problems.append(Problem(f"items.{n}.id", msg("There is no such record."), "missing"))
        elif id in named:
            problems.append(
                Problem(f"items.{n}.id", msg("This record stands in the batch twice."), "repeated")
            )
        else:
            named.add(id)
        for key, one in fields.items():
            try:
                value = one.parse(row.get(key), call.ctx.reader)
                values[key].append(None if value == "" else value)
            except Invalid as error:
                problems += error.at(f"items.{n}.{key}").problems
        told.append(
            {"reasons": [reason(msg("%(said)s", said={"name": said})) for said in _texts(row, n, problems)]}
        )
    if problems:
        raise Invalid(problems)
    head = next(iter(fields))
    scores = Scores(spec.key, [row["id"] for row in rows], values, {head: told})
    written = perform(call.ctx, RECORD, (), lambda: _kept(call, fields, scores, as_of, until))
    return answer({"written": written})


def _kept(call: Call, fields: Mapping[str, InInsight], scores: Scores, as_of: date, until: date) -> int:
    key = run_of(OUTSIDE, scores.object)
    before = InsightRun.objects.filter(analysis=key).values_list("version", flat=True).first() or 0
    note_run(key, version=before + 1, as_of=as_of, expires_on=until, card_id=None)
    return keep_within(call.ctx, list(fields.values()), scores).written


def _known(call: Call, spec: ObjectSpec, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """The ids of those of the records that the actor sees."""
    ids = tuple(dict.fromkeys(row["id"] for row in rows if is_id(row.get("id"))))
    query = ListQuery(spec, call.ctx.actor, (), only=ids)
    return set(query.rows().values_list("id", flat=True)) if ids else set()


def _texts(row: Mapping[str, Any], n: int, problems: list[Problem]) -> list[str]:
    texts = row.get("reasons", [])
    if (
        isinstance(texts, list)
        and len(texts) <= REASONS
        and all(isinstance(t, str) and len(t) <= 200 and "\x00" not in t for t in texts)
    ):
        return texts
    problems.append(
        Problem(f"items.{n}.reasons", msg("Send a list of at most %(most)s short texts.", most=REASONS))
    )
    return []


insights = endpoint(GET=read)
outside = endpoint(POST=take)
