"""Whom a quote or an invoice is for: what stands of them on its paper is for those who see them."""

from __future__ import annotations

from typing import Any, Final

from peyvand.kernel.errors import Invalid, Message, Problem, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.cleaning import lost_links
from peyvand.platform.objects.sight import unseen
from peyvand.platform.objects.spec import object_named

_HIDDEN: Final = {
    "company": msg("The company of this paper is out of your sight; ask its owner to share it with you."),
    "person": msg("The person of this paper is out of your sight; ask their owner to share them with you."),
}


def hidden_customers(actor: Actor, paper: Any) -> list[tuple[str, Message]]:
    """The links to its customer that the actor does not see through, each with what to do about it."""
    whom = {"company": paper.company_id, "person": paper.person_id}
    return [(key, _HIDDEN[key]) for key, id in whom.items() if id is not None and unseen(actor, key, {id})]


def demand_seen(ctx: Context, paper: Any) -> None:
    """What a paper prints of its customer, whoever sends or issues it must be able to see.

    Raises:
        Invalid: its company or person is out of sight, or rests in the bin.
    """
    if hidden := hidden_customers(ctx.actor, paper):
        raise Invalid([Problem(key, words, "missing") for key, words in hidden])
    whom = {"company": paper.company_id, "person": paper.person_id}
    fields = [object_named("quote").field(key) for key in whom]
    # They stay until the paper is sent: nobody throws them away or merges them meanwhile.
    if problems := lost_links(ctx, fields, [whom])[0]:
        raise Invalid(problems)


def reach(ctx: Context, paper: Any) -> tuple[str, str]:
    """The mail address and the phone of the person, else of the company, as far as the actor may know them."""
    found = ["", ""]
    for key, id in (("person", paper.person_id), ("company", paper.company_id)):
        hidden = ctx.actor.grants.hides(key)
        record = visible(ctx.actor, key, object_named(key).rows.filter(id=id)).first() if id else None
        for n, field in enumerate(("email", "phone")):
            if record is not None and not hidden & {field, f"{field}s"}:
                found[n] = found[n] or getattr(record, field)
    return found[0], found[1]
