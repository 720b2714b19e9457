"""The dialog of converting a lead: it says what will be linked and what will be made, before anything is."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from peyvand.kernel.errors import NotFound, msg
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.leads.converting import Plan, deal_name, plan, wanted_lines
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.sales.public import Pipeline
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, Money
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.drawn import draw_field, with_titles
from peyvand.web.objects.pages.meanwhile import done_meanwhile, too_late
from peyvand.web.objects.pages.verbs import object_action
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of


def convert(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """GET: the dialog with the company that is proposed; POST: as every verb."""
    ctx = context_of(request)
    spec = spec_for(ctx, LEAD.plural)
    opened = open_record(ctx, spec, id)
    action = action_named("lead.convert")
    if opened.in_bin or action is None:
        raise NotFound
    demand(ctx.actor, action.key, opened.record)
    proposed = plan(ctx, opened.record)
    fields = [_told(ctx, opened.record, field, proposed) for field in action.inputs]
    if request.method == "POST":
        # What is refused asks again with the same words beside its boxes.
        return object_action(request, workspace, LEAD.plural, id, "convert", inputs=fields)
    is_dialog = bool(request.headers.get("HX-Request"))
    if not action.offered(opened.record):
        return too_late(request, opened, done_meanwhile(ctx, opened))
    company = proposed.companies[0].id if proposed.companies else None
    values = {
        "name": deal_name(ctx, opened.record), "amount": opened.row.values.get("budget"), "company": company,
        "company_name": proposed.company_name, "has_company": True,
        "pipeline": Pipeline.objects.filter(is_default=True, deleted_at__isnull=True).values_list("id", flat=True).first(),
    }  # fmt: skip
    shown = with_titles(ctx, fields, values)
    person = opened.row.values.get("person")
    lead = (
        say(msg("%(person)s stays the same person", person=person.title))
        if person and person.title
        else opened.row.title
    )
    context = {
        "opened": opened, "asked": ",".join(f.key for f in fields), "kept": [], "action": action, "title": lead, "loose": [],
        "fields": [draw_field(f, shown.get(f.key), ctx.reader, (), autofocus=n == 0) for n, f in enumerate(fields)],
        "post": request.path, "back": page_url(ctx, spec, id),
    }  # fmt: skip
    return render(
        request, "objects/pages/_action_dialog.html" if is_dialog else "objects/pages/action.html", context
    )


def _told(ctx: Context, lead: Lead, field: Field, proposed: Plan) -> Field:
    """The field with what it means here."""
    if field.key == "amount":
        return replace(field, help=_products(ctx, lead))
    if field.key == "company" and proposed.companies:
        others = ctx.reader.comma.join(company.name for company in proposed.companies[1:])
        words = gettext("Is there already and will be linked.")
        return replace(
            field,
            help=f"{words} {gettext('Also of this name: %(names)s') % {'names': others}}"
            if others
            else words,
        )
    if field.key == "company_name":
        if proposed.company_name:
            return replace(field, help=gettext("No company of this name is there: it will be made."))
        return replace(field, help=gettext("To make another company instead, empty the one above."))
    return field


def _products(ctx: Context, lead: Lead) -> str:
    """Which product the deal will have, and at which price."""
    wanted = wanted_lines(ctx, lead, has_price=lead.budget is None)
    if not wanted:
        return ""
    product, price = lead.product, wanted[0]["price"]
    if not decide(ctx.actor, PRODUCT.permission("view"), product):
        return ""
    if "price" in ctx.actor.grants.hides("product"):
        return say(msg("The deal has “%(product)s” then.", product=product.name))
    if price is None:
        return say(msg("The deal has “%(product)s” then; its price stays open.", product=product.name))
    shown = Money(key="price", label="").show(price, ctx.reader)
    return say(msg(
        "The deal has “%(product)s” then: for %(price)s if this is left empty, else with its price open.",
        product=product.name, price=shown,
    ))  # fmt: skip
