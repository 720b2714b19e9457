"""Who is told of what happens to their mail."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.mail.events import MessageBounced, MessageFailed, MessageReceived
from peyvand.collaborative.mail.models import MailMessage
from peyvand.kernel.errors import msg
from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause
from peyvand.platform.notifications.telling import Told, tells

MESSAGES = _("Messages")


@tells(
    MessageReceived,
    label=_("A customer writes to me"),
    group=MESSAGES,
    says=lambda fact, who, reader: msg("%(who)s wrote: %(title)s", who=fact.by, title=fact.title),
    many=_("%(count)s e-mails came from customers"),
    channels=(),
)
def written_to(cause: Cause, facts: Sequence[MessageReceived]) -> Told:
    owners = _owners(facts)
    return [owners[fact.object_id] if not fact.is_automatic else [] for fact in facts]


@tells(
    MessageFailed,
    label=_("An e-mail of mine could not be sent"),
    group=MESSAGES,
    says=lambda fact, who, reader: msg("Not sent: %(title)s", title=fact.title),
)
def not_sent(cause: Cause, facts: Sequence[MessageFailed]) -> Told:
    owners = _owners(facts)
    return [owners[fact.object_id] for fact in facts]


@tells(
    MessageBounced,
    label=_("An e-mail of mine came back"),
    group=MESSAGES,
    says=lambda fact, who, reader: msg("Came back: %(title)s", title=fact.title),
)
def came_back(cause: Cause, facts: Sequence[MessageBounced]) -> Told:
    owners = _owners(facts)
    return [owners[fact.object_id] for fact in facts]


def _owners(facts: Sequence[Event]) -> dict[int, list[int]]:
    """Whoever wrote it, or owns the mailbox, by the mail's id; of a shared one nobody in particular."""
    ids = {fact.object_id for fact in facts}
    found: dict[int, list[int]] = {id: [] for id in ids}
    for id, author, owner in MailMessage.objects.filter(id__in=ids).values_list(
        "id", "created_by_id", "owner_id"
    ):
        found[id] = [author or owner] if author or owner else []
    return found
