"""A lead becomes a deal, with its company and its person; and back, as long as nobody has worked on what that made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext

from peyvand.kernel import clock
from peyvand.kernel.errors import Message, RuleViolation, msg
from peyvand.operational.activities.public import CALL, MEETING, NOTE, TASK
from peyvand.operational.contacts.public import COMPANY, PERSON, Company, Person
from peyvand.operational.leads.events import InquiryReceived, LeadConverted, LeadUnconverted
from peyvand.operational.leads.models import Conversion, Lead
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.leads.transitions import CONVERTED, OPEN
from peyvand.operational.sales.public import DEAL, Deal, line
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import fresh
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.merging.similar import find_similar
from peyvand.platform.objects.hanging import places
from peyvand.platform.objects.records import create_records, delete_records, update_records
from peyvand.platform.objects.references import about
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.records import Record


@dataclass(frozen=True)
class Plan:
    """What a conversion would do with the company: these are there, the surest first; where none is, one of this name is made."""

    companies: tuple[Company, ...]
    company_name: str


def plan(ctx: Context, lead: Lead) -> Plan:
    """What converting the lead would link and make."""
    ids = [lead.company_id] if lead.company_id else companies_named(ctx, lead.company_name)
    seen = {company.id: company for company in _seen(ctx).filter(id__in=ids)}
    return Plan(tuple(seen[id] for id in ids if id in seen), "" if ids else lead.company_name)


def deal_name(ctx: Context, lead: Lead) -> str:
    """What the deal of a lead is called: as the lead, unless that has its person's name alone; then by what it asks for."""
    person = Person.objects.filter(id=lead.person_id).values_list("name", flat=True).first()
    if lead.name != person:
        return lead.name
    if lead.product is not None and "product" not in ctx.actor.grants.hides("lead"):
        return str(lead.product.name)
    return gettext("Deal with %(name)s") % {"name": lead.name}


def companies_named(ctx: Context, name: str, national_id: str = "") -> list[int]:
    """Companies of this national id or this name, whatever kind of company stands before it, the surest first."""
    said = {key: value for key, value in (("name", name), ("national_id", national_id)) if value}
    return [one.id for one in find_similar(ctx, COMPANY, said) if one.id is not None] if said else []


def convert(
    ctx: Context, lead: Lead, *, name: str, amount: int | None, pipeline: int | None, company: int | None, company_name: str,
    national_id: str, has_company: bool,
) -> Deal:  # fmt: skip
    """Make the deal, and what it needs; see actions.convert_lead.

    Raises:
        RuleViolation: it is a deal by now, or was given up.
    """
    # Of two who press at once, the later one finds it done.
    state = Lead.objects.select_for_update().values_list("state", flat=True).get(id=lead.id)
    if state == CONVERTED:
        raise RuleViolation(msg("This lead is a deal by now."), code="converted")
    if state not in OPEN:
        raise RuleViolation(msg("This lead was disqualified; resume its follow-up first."), code="given_up")
    lead.refresh_from_db()
    person = Person.objects.get(id=lead.person_id)
    if person.deleted_at is not None:
        raise RuleViolation(
            msg("“%(title)s” rests in the bin; restore it first.", title=person.name), "person"
        )
    made: Company | None = None
    company_id: int | None = None
    if has_company:
        # Whoever names another company instead of the lead's own means that one.
        company_id = company or (None if company_name else lead.company_id)
        wanted = company_name or lead.company_name
        if company_id is None and wanted:
            found = companies_named(ctx, wanted, national_id)
            if not found:
                made = create_records(ctx, COMPANY, [{
                    "name": wanted, "kind": "prospect", "national_id": national_id, "source": lead.source, "city": lead.city,
                    "owner": lead.owner_id,
                }])[0]  # fmt: skip
            company_id = made.id if made else found[0]
    links_person = company_id is not None and person.company_id is None
    if links_person:
        _belong(ctx, person, company_id)
    links_lead = company_id is not None and lead.company_id != company_id
    worth = lead.budget if amount is None else amount
    lines = wanted_lines(ctx, lead, has_price=worth is None)
    deal: Deal = create_records(ctx, DEAL, [{
        "name": name or deal_name(ctx, lead), "company": company_id, "person": lead.person_id,
        "source": lead.source, "description": lead.message, "owner": lead.owner_id or ctx.actor.user_id,
        "amount": worth, **({"lines": lines} if lines else {}),
        **({"pipeline": pipeline} if pipeline else {}),
    }])[0]  # fmt: skip
    _tell_again(lead, deal)
    before, now = lead.state, clock.now()
    lead.by_verb = True
    values: dict[str, Any] = {
        "state": CONVERTED,
        "deal": deal.id,
        "converted_at": now,
        "qualified_at": lead.qualified_at or now,
    }
    update_records(ctx, LEAD, [lead], [values | ({"company": company_id} if links_lead else {})])
    Conversion.objects.create(
        lead=lead, at=now, by_id=ctx.actor.user_id, state_before=before, deal=deal, deal_version=deal.version, company_id=company_id,
        company_version=made.version if made else None, linked_lead=links_lead, linked_person=links_person,
    )  # fmt: skip
    ctx.record(LeadConverted(
        **about(LEAD, lead), deal_id=deal.id, company_id=company_id,
        has_new_company=made is not None,
    ))  # fmt: skip
    return deal


def wanted_lines(ctx: Context, lead: Lead, *, has_price: bool) -> tuple[dict[str, Any], ...]:
    """The product that was asked for, once; none where what was asked is hidden.

    Without ``has_price`` its price stays open: a sum that somebody named is more than the price of one piece.
    """
    product = None if "product" in ctx.actor.grants.hides("lead") else lead.product
    if product is None or product.deleted_at is not None:
        return ()
    return (line(product.id, product.price if has_price else None, name=product.name),)


def _belong(ctx: Context, person: Person, company_id: int | None) -> None:
    """Let the person belong to the company, or to none again. It follows from the conversion: where the person is not the
    actor's to change, Peyvand does it."""
    may = bool(decide(ctx.actor, PERSON.permission("update"), person))
    doing = ctx if may else replace(fresh(ctx), actor=system_actor(ctx.tenant))
    update_records(doing, PERSON, [person], [{"company": company_id}])


def _tell_again(lead: Lead, deal: Deal) -> None:
    """What was asked stands on the deal's timeline too, from the day on which it was."""
    asked = EventRow.objects.filter(wire=InquiryReceived.wire, object="lead", object_id=lead.id)
    TimelineEntry.objects.bulk_create(
        TimelineEntry(workspace_id=lead.workspace_id, object="deal", object_id=deal.id, at=at, event_id=id)
        for id, at in asked.values_list("id", "at")
    )


def unconvert(ctx: Context, lead: Lead) -> None:
    """Take the conversion back; see actions.unconvert_lead.

    Raises:
        RuleViolation: it is no deal, or somebody worked on the deal since: what, is said.
    """
    done = (
        Conversion.objects.select_for_update()
        .filter(lead_id=lead.id, undone_at__isnull=True)
        .order_by("-id")
        .first()
    )
    if lead.state != CONVERTED or done is None:
        raise RuleViolation(msg("This lead was not made a deal."))
    lead.refresh_from_db()
    deal = Deal.objects.select_for_update().filter(id=done.deal_id).first() if done.deal_id else None
    if deal is not None and deal.deleted_at is None:
        if deal.version != done.deal_version:
            raise RuleViolation(msg("The deal “%(name)s” was changed since; it has to stay.", name=deal.name))
        if what := _leaning(DEAL, deal.id):
            raise RuleViolation(msg("The deal “%(name)s” has to stay: %(what)s.", name=deal.name, what=what))
        delete_records(ctx, DEAL, [deal])
    # With the deal among its subjects, from which it is taken away now.
    said = about(LEAD, lead)
    lead.by_verb = True
    values: dict[str, Any] = {"state": done.state_before, "deal": None, "converted_at": None}
    if done.state_before != "qualified":
        values["qualified_at"] = None
    if done.linked_lead and lead.company_id == done.company_id:
        values["company"] = None
    update_records(ctx, LEAD, [lead], [values])
    if done.linked_person:
        person = Person.objects.get(id=lead.person_id)
        if person.company_id == done.company_id:
            _belong(ctx, person, None)
    if done.company_version is not None:
        _unmake_company(ctx, done)
    done.undone_at = clock.now()
    done.save(update_fields=["undone_at"])
    ctx.record(LeadUnconverted(**said, deal_id=done.deal_id))


def _unmake_company(ctx: Context, done: Conversion) -> None:
    """Move the company that the conversion made to the bin, unless somebody worked on it since."""
    company = Company.objects.filter(id=done.company_id, deleted_at__isnull=True).first()
    if (
        company is not None
        and company.version == done.company_version
        and _leaning(COMPANY, company.id) is None
    ):
        delete_records(ctx, COMPANY, [company])


def _leaning(spec: ObjectSpec, id: int) -> Message | None:
    """What of other records is about this one or links to it, but for leads; None where nothing is."""
    by_model: dict[type[WorkspaceModel], ObjectSpec] = {other.model: other for other in all_objects()}
    for kind in (TASK, NOTE, MEETING, CALL):
        if count := kind.rows.filter(about_object=spec.key, about_id=id, deleted_at__isnull=True).count():
            return _counted(kind, count)
    for place in places(spec):
        other = by_model.get(place.model)
        if place.kind or other is None or other.model is Lead or not issubclass(place.model, Record):
            continue
        column = next(f for f in place.model._meta.local_concrete_fields if f.column == place.column)
        if count := other.rows.filter(deleted_at__isnull=True, **{column.attname: id}).count():
            return _counted(other, count)
    return None


def _counted(spec: ObjectSpec, count: int) -> Message:
    return msg("%(count)s × %(object)s", count=count, object=str(spec.label))


def _seen(ctx: Context) -> Any:
    return visible(ctx.actor, COMPANY.key, COMPANY.rows.filter(deleted_at__isnull=True))
