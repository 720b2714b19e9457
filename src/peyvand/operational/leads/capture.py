"""Taking an inquiry in: found or made is the person, found or made is the lead, once whatever is pressed or sent twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext, override

from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.contacts.public import Asking, find_or_make, hold_points, named
from peyvand.operational.leads.events import InquiryReceived
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.leads.transitions import OPEN
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.cleaning import missing_links
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.references import about
from peyvand.platform.objects.sight import unseen

# Of an inquiry that comes again: what fills what is still empty, and never writes over anything.
_FILLED: Final = (
    "company_name", "job_title", "city", "message", "product", "budget", "source", "campaign", "form", "utm_source", "utm_medium",
    "utm_campaign", "utm_term", "utm_content", "referrer", "landing_page", "phone", "email", "given_name", "family_name",
)  # fmt: skip
# What a visitor writes into a form about themselves, besides the message.
_SAID: Final = ("given_name", "family_name", "phone", "email", "company_name", "job_title", "city", "budget")


def take_in(ctx: Context, values: Mapping[str, Any]) -> Lead:
    """The lead of what a colleague or one of our programs asks for: see ``take_said``."""
    return take_said(ctx, values)[0]


def take_said(
    ctx: Context, values: Mapping[str, Any], *, form: str = "", agreed: str = ""
) -> tuple[Lead, bool]:
    """The lead of an inquiry, and whether its person was made for it. The inquiry is given as values of a lead's fields besides
    ``who`` (a whole name), ``phones`` and ``emails``.

    With an external id that is known, it is that lead, as it is. A person whose lead is still open is not made a second one:
    the inquiry is counted there and told on its timeline, and fills what was empty. By a ``form`` a stranger asks, who may
    have written anybody's phone: nothing is filled, all that was said is told on the timeline; and what was ``agreed`` to in
    the name of a person who is known is kept as words. So it is with a colleague who may not change the lead; one who does not
    see it gets a lead of their own.

    Raises:
        Invalid: nobody can be told from it; a link leads nowhere.
    """
    given = {key: value for key, value in values.items() if value not in (None, "", (), [])}
    external = given.get("external_id")
    if external:
        # Two programs, or one that tries again: the later one finds what the first made.
        hold_points(ctx, [external])
        if known := LEAD.rows.filter(external_id=external).first():
            return known, False
    row = _row(given)
    checked = {key: value for key, value in row.items() if key not in ("form", "person")}
    if problems := missing_links(ctx, LEAD, [checked])[0]:
        raise Invalid(problems)
    asking = Asking(
        row.get("given_name", ""), row.get("family_name", ""), _values(given.get("phones")), _values(given.get("emails")),
        row.get("company"), row.get("job_title", ""), row.get("city", ""), row.get("source", ""), row.get("owner"),
    )  # fmt: skip
    if not asking.points and not asking.name:
        raise Invalid.of(msg("Say who asks: a name, a phone or an e-mail."), "who", "required")
    [person] = find_or_make(ctx, [asking])
    is_seen = person.is_new or not unseen(ctx.actor, "person", {person.id})
    if agreed and not person.is_new:
        with override(ctx.tenant.language):
            ticked = gettext("Ticked in the form, by whom is not proved: %(words)s") % {"words": agreed}
        row["message"] = f"{row.get('message', '')}\n{ticked}".strip()
    again = None
    if asking.points:
        rows = LEAD.rows.filter(person_id=person.id, state__in=OPEN, deleted_at__isnull=True)
        # A colleague's lead that the actor does not see is not theirs to be counted on, let alone filled.
        again = visible(ctx.actor, LEAD.key, rows).order_by("-id").select_for_update(of=("self",)).first()
    if again is not None and not external:
        fills = not form and bool(decide(ctx.actor, "lead.update", again))
        return _again(ctx, again, row, form, fills=fills), False
    row |= {"person": person.id, "owner": row.get("owner")}
    if "company_name" not in row and "company" not in row and person.company is not None and is_seen:
        row["company"] = person.company
    lead: Lead = create_records(ctx, LEAD, [row])[0]
    return lead, person.is_new


def _row(given: Mapping[str, Any]) -> dict[str, Any]:
    row = {key: value for key, value in given.items() if key not in ("who", "phones", "emails")}
    if who := given.get("who"):
        row["given_name"], row["family_name"] = named(who)
    for points, key in (("phones", "phone"), ("emails", "email")):
        if values := _values(given.get(points)):
            row[key] = values[0]
    return row


def _values(points: Any) -> tuple[str, ...]:
    return tuple(item["value"] for item in points or ())


def _again(ctx: Context, lead: Lead, row: Mapping[str, Any], form: str, *, fills: bool) -> Lead:
    """Count an inquiry on the lead that is open already."""
    fields = {} if not fills else {key: LEAD.field(key) for key in _FILLED}
    filled = {key: row[key] for key, f in fields.items() if row.get(key) and f.read(lead) in (None, "")}
    for key, value in filled.items():
        fields[key].write(lead, value)
    lead.inquiries += 1
    lead.version += 1
    columns = ["inquiries", "version", *(fields[key].column for key in filled)]
    update_rows(Lead, columns, [(lead.id, *(getattr(lead, column) for column in columns))])
    changes = {
        key: [fields[key].to_json(fields[key].empty()), fields[key].to_json(value)]
        for key, value in filled.items()
    }
    record_changes(
        ctx,
        LEAD,
        [(lead, {"inquiries": [lead.inquiries - 1, lead.inquiries], **changes})],
        told={lead.id: {"inquiries"}},
    )
    ctx.record(InquiryReceived(
        **about(LEAD, lead), source=row.get("source", ""),
        campaign=row.get("campaign", ""), form=form, message=row.get("message", "") if fills else _words(ctx, row), is_again=True,
    ))  # fmt: skip
    ctx.touch("lead", lead.id)
    return lead


def _words(ctx: Context, row: Mapping[str, Any]) -> str:
    """All that a stranger said of themselves, each in a line, after their message."""
    said = ((LEAD.field(key), row[key]) for key in _SAID if row.get(key))
    with override(ctx.tenant.language):
        lines = [f"{field.label}: {field.show(value, ctx.reader)}" for field, value in said]
    return "\n".join(filter(None, (row.get("message", ""), *lines)))
