"""The page of a workspace's webhooks: which there are, how they fare, and every message with what came back."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.integrations.webhooks import actions
from peyvand.integrations.webhooks.eyes import may_read
from peyvand.integrations.webhooks.fields import event_name
from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.integrations.webhooks.objects import WEBHOOK
from peyvand.integrations.webhooks.reasons import in_words as why
from peyvand.integrations.webhooks.web import WEBHOOKS
from peyvand.kernel.errors import NotFound
from peyvand.kernel.numbers import localize
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.web.objects.lists.condition import in_words
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

PAGE = 50


@require_GET
def webhooks(request: HttpRequest, workspace: str) -> HttpResponse:
    """All of them; with ``part`` only the list, for it follows changes."""
    ctx = context_of(request)
    demand(ctx.actor, WEBHOOKS.operation)
    rows = ListQuery(WEBHOOK, ctx.actor, ()).rows().order_by("name", "id")
    context = {"webhooks": rows, "can_create": bool(decide(ctx.actor, "webhook.create"))}
    if "part" in request.GET:
        return render(request, "webhooks/_list.html", context)
    return render_settings(request, WEBHOOKS, "webhooks/list.html", context)


@require_GET
def webhook(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One webhook with its last messages; with ``part`` only what follows changes, with ``before`` only older ones."""
    ctx, row = context_of(request), _webhook(request, id)
    found = Delivery.objects.filter(webhook=row).order_by("-id")
    if before := whole_id(request.GET.get("before", "")):
        found = found.filter(id__lt=before)
    page = list(found[: PAGE + 1])
    told = [WEBHOOK.field(key) for key in ("objects", "events", "payload")]
    shown = {
        "webhook": row,
        "deliveries": [_drawn(each) for each in page[:PAGE]],
        "next": page[PAGE - 1].id if len(page) > PAGE else None,
        "told": [
            *((f.label, f.show(getattr(row, f.attr), ctx.reader) or gettext("all")) for f in told),
            *([(WEBHOOK.field("condition").label, in_words(ctx, WEBHOOK, row))] if row.condition else []),
        ],
        "can_update": bool(decide(ctx.actor, "webhook.update")),
    }
    if before:
        return render(request, "webhooks/_deliveries.html", shown)
    if "part" in request.GET:
        return render(request, "webhooks/_webhook.html", shown)
    return render_settings(request, WEBHOOKS, "webhooks/webhook.html", shown)


@require_GET
def delivery(request: HttpRequest, workspace: str, id: int, delivery: int) -> HttpResponse:
    """A dialog with what was sent and what came back."""
    row = _webhook(request, id)
    found = Delivery.objects.filter(webhook=row, id=delivery).first()
    if found is None:
        raise NotFound
    actor = context_of(request).actor
    can_update = bool(decide(actor, "webhook.update"))
    shown = {"webhook": row, "body": "", "d": found, "can_update": can_update, **_drawn(found)}
    if found.body and may_read(actor, row):
        shown["body"] = orjson.dumps(orjson.loads(found.body), option=orjson.OPT_INDENT_2).decode()
    return render(request, "webhooks/_delivery.html", shown)


@require_POST
def test(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Send a test message."""
    actions.test_webhook(context_of(request), _webhook(request, id))
    return _done(request, id, gettext("A test message is on its way."))


@require_POST
def again(request: HttpRequest, workspace: str, id: int, delivery: int) -> HttpResponse:
    """Send one message again."""
    actions.replay(context_of(request), _webhook(request, id), delivery=delivery)
    return _done(request, id, gettext("The message is on its way again."))


@require_POST
def again_all(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Send all failed messages again."""
    ctx = context_of(request)
    count = actions.replay_failed(ctx, _webhook(request, id))["count"]
    words = ngettext(
        "%(count)s message is on its way again.", "%(count)s messages are on their way again.", count
    )
    return _done(request, id, words % {"count": localize(str(count), ctx.actor.language)})


@require_POST
def secret(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """A dialog with the secret; that it was looked at is recorded."""
    shown = actions.show_secret(context_of(request), _webhook(request, id))
    return render(request, "webhooks/_secret.html", shown)


@require_POST
def fresh_secret(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """A dialog with a new secret."""
    shown = actions.rotate_secret(context_of(request), _webhook(request, id))
    return render(request, "webhooks/_secret.html", {**shown, "is_new": True})


def _webhook(request: HttpRequest, id: int) -> Webhook:
    ctx = context_of(request)
    demand(ctx.actor, WEBHOOKS.operation)
    row: Webhook = load_record(WEBHOOK, ctx.actor, id)
    return row


def _drawn(found: Delivery) -> dict[str, Any]:
    tone = {Delivery.DELIVERED: "good", Delivery.FAILED: "bad"}.get(
        found.state, "warn" if found.attempts else ""
    )
    return {"delivery": found, "tone": tone, "what": event_name(found.wire), "reason": why(found.error)}


def _done(request: HttpRequest, id: int, words: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        where = f"/w/{context_of(request).tenant.slug}/settings/webhooks/{id}"
        return HttpResponseRedirect(where)
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    changed = {"object": "webhook", "ids": [id]}
    return with_events(response, closeDialog=True, toast={"text": words, "kind": "good"}, changed=changed)
