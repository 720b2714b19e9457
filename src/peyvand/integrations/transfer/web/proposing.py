"""What words of a file are proposed to mean before anybody said it: colleagues called by a part of their name, and the standard
stages of other products by what they stand for. A person sees each proposal, and may choose otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from peyvand.integrations.transfer.heads import LOST, WON, plain
from peyvand.integrations.transfer.links import Links
from peyvand.integrations.transfer.mapping import Column, Shape
from peyvand.integrations.transfer.reading import Row
from peyvand.kernel.persian.text import compact
from peyvand.operational.sales.public import Pipeline, Stage
from peyvand.platform.access.decisions import visible
from peyvand.platform.fields.types import Link
from peyvand.platform.objects.spec import object_named

# More colleagues than these are not read for a proposal.
_MOST_USERS: Final = 5_000
# What a workspace may call its stages, by what the stage stands for; parts of names, compared by `plain`.
MEANINGS: Final[dict[str, tuple[str, ...]]] = {
    "new": ("prospect", "new", "lead", "contact made", "شناسایی", "جدید", "سرنخ", "تماس اولیه"),
    "qualified": ("qualif", "evaluation", "assessment", "ارزیابی", "واجد شرایط", "نیازسنجی"),
    "meeting": ("meeting", "demo", "presentation", "appointment", "جلسه", "ارائه", "دمو"),
    "proposal": ("proposal", "quote", "offer", "پیشنهاد", "پیش‌فاکتور"),
    "negotiation": ("negotiat", "مذاکره"),
    "contract": ("contract", "قرارداد"),
}  # fmt: skip
# The stages that HubSpot, Salesforce and Pipedrive begin with: what each stands for, and its usual probability in percent.
STAGES: Final[dict[str, tuple[str, int]]] = {
    "Appointment Scheduled": ("meeting", 20), "Qualified To Buy": ("qualified", 40), "Presentation Scheduled": ("meeting", 60),
    "Decision Maker Bought-In": ("negotiation", 80), "Contract Sent": ("contract", 90),
    "Prospecting": ("new", 10), "Qualification": ("qualified", 10), "Needs Analysis": ("qualified", 20),
    "Value Proposition": ("proposal", 50), "Id. Decision Makers": ("negotiation", 60), "Perception Analysis": ("negotiation", 70),
    "Proposal/Price Quote": ("proposal", 75), "Negotiation/Review": ("negotiation", 90),
    "Lead In": ("new", 10), "Qualified": ("qualified", 20), "Contact Made": ("new", 20), "Needs Defined": ("qualified", 40),
    "Demo Scheduled": ("meeting", 40), "Proposal Made": ("proposal", 60), "Negotiations Started": ("negotiation", 80),
}  # fmt: skip
# What the same products call the pipeline that they begin with.
PIPELINES: Final = frozenset(map(plain, ("Sales Pipeline", "Pipeline", "Default", "Deals pipeline")))
_BY_WORD: Final = {plain(name): meant for name, meant in STAGES.items()}


def proposals(
    links: Links, shape: Shape, rows: Sequence[Row], said: Collection[str]
) -> dict[str, dict[str, str]]:
    """By header: words and what they are proposed to mean, of columns of which nothing is ``said`` yet."""
    found: dict[str, dict[str, str]] = {}
    for column in shape.columns:
        if {column.header, column.target, column.field.key} & set(said):
            continue
        words = _words(column, rows)
        if words and (meant := _proposed(links, shape, column, words)):
            found[column.header] = meant
    return found


def _words(column: Column, rows: Sequence[Row]) -> list[str]:
    cells = (str(row.cells[column.index]).strip() for row in rows if row.problem is None)
    return [cell for cell in dict.fromkeys(cells) if cell]


def _proposed(links: Links, shape: Shape, column: Column, words: Sequence[str]) -> dict[str, str]:
    to = column.field.to if isinstance(column.field, Link) else ""
    if to == "user" and shape.spec.key != "user":
        return _colleagues(links, words)
    if to == "stage":
        return _stages(words)
    return _pipelines(words) if to == "pipeline" else {}


def _colleagues(links: Links, words: Sequence[str]) -> dict[str, str]:
    """Of words that mean no user as they are: the one user of whose name each is a part."""
    unknown = [word for word in words if word not in links.find("user", words)]
    if not unknown:
        return {}
    user = object_named("user")
    there = visible(links.ctx.actor, "user", user.rows.filter(deleted_at__isnull=True))
    holders: dict[str, list[str]] = defaultdict(list)
    for name in there.values_list(user.title, flat=True)[:_MOST_USERS]:
        for part in set(map(compact, str(name).split())):
            holders[part].append(str(name))
    return {word: one[0] for word in unknown if len(one := holders.get(compact(word), [])) == 1}


def _stages(words: Sequence[str]) -> dict[str, str]:
    """Of standard stages that the workspace does not know by name: the open stage of its usual pipeline that stands for the
    same, else the one whose probability is nearest."""
    rows = Stage.objects.filter(deleted_at__isnull=True).order_by("position", "id")
    all_stages = list(rows.values_list("name", "kind", "probability", "pipeline_id"))
    known = {compact(name) for name, *_ in all_stages}
    usual = _usual_pipeline()
    open_ = [
        (name, share) for name, kind, share, of in all_stages if kind == "open" and usual and of == usual[0]
    ]
    out: dict[str, str] = {}
    for word in words:
        sign = plain(word)
        if not open_ or compact(word) in known or sign in WON | LOST or sign not in _BY_WORD:
            continue
        meaning, share = _BY_WORD[sign]
        alike = [one for one in open_ if any(plain(part) in plain(one[0]) for part in MEANINGS[meaning])]
        out[word] = min(alike or open_, key=lambda one: abs(one[1] - share))[0]
    return out


def _pipelines(words: Sequence[str]) -> dict[str, str]:
    usual = _usual_pipeline()
    there = Pipeline.objects.filter(deleted_at__isnull=True).values_list("name", flat=True)
    known = set(map(compact, there))
    return {w: usual[1] for w in words if usual and compact(w) not in known and plain(w) in PIPELINES}


def _usual_pipeline() -> tuple[int, str] | None:
    rows = Pipeline.objects.filter(deleted_at__isnull=True).order_by("-is_default", "position", "id")
    found: tuple[int, str] | None = rows.values_list("id", "name").first()
    return found


def with_proposals(told: Mapping[str, Any], found: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What is told, with the proposals among its values."""
    return {**told, "values": {**told.get("values", {}), **found}}
