"""The dialog in which a mail is written: from a record, or in answer to another mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from peyvand.collaborative.mail import actions, meetings, papers
from peyvand.collaborative.mail.actions import LATER, PRIVATE, WRITTEN
from peyvand.collaborative.mail.fields import parted, written
from peyvand.collaborative.mail.models import PRESENT, MailMessage, MailTemplate
from peyvand.collaborative.mail.objects import MAIL_MESSAGE, MAIL_TEMPLATE
from peyvand.collaborative.mail.writing import accounts_of, fill_template, whom
from peyvand.kernel.errors import Invalid, NotFound, Problem, RuleViolation, msg
from peyvand.kernel.persian.calendar import format_date, format_time
from peyvand.operational.activities.public import MEETING
from peyvand.operational.contacts.public import PERSON, ContactPoint
from peyvand.operational.quotes.public import QUOTE, public_path
from peyvand.platform.access.decisions import demand, visible
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.workspaces.addresses import full_address
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.dialogs import typed
from peyvand.web.objects.pages.access import Opened, open_record
from peyvand.web.objects.pages.answers import page_url, with_events
from peyvand.web.objects.pages.drawn import draw_field, loose_problems
from peyvand.web.objects.pages.forms import problems_of
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

_FIELDS: Final = (*WRITTEN, LATER, PRIVATE)
_QUOTED: Final = 20_000


@dataclass
class _Letter:
    """What the dialog is about, and what it holds."""

    verb: str
    opened: Opened
    do: Callable[..., MailMessage]
    values: dict[str, Any] = field(default_factory=dict)
    account: int | None = None
    template: int | None = None
    takes_templates: bool = True
    others: list[str] = field(default_factory=list)
    # Why it is not known where the mail goes; what goes with it.
    nowhere: str = ""
    note: str = ""
    # Whoever has no account here can write it elsewhere.
    elsewhere: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """A new mail from a person or a deal."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id, ())
    person, _ = whom(ctx, spec.key, opened.record)
    do: Callable[..., MailMessage] = (
        actions.write_to_person if spec.key == PERSON.key else actions.write_about_deal
    )
    letter = _Letter("write_mail", opened, do)
    if person is not None:
        hidden = "emails" in ctx.actor.grants.hides(PERSON.key)
        points = ContactPoint.objects.filter(object=PERSON.key, object_id=person.id, kind="email")
        letter.others = [] if hidden else list(points.order_by("position").values_list("value", flat=True))
        if person.email and not hidden:
            letter.values["to"] = written(person.name, person.email)
        elif not hidden:
            letter.nowhere = gettext("%(name)s has no e-mail address.") % {"name": person.name}
    return _answer(request, ctx, letter)


@require_http_methods(["GET", "HEAD", "POST"])
def go_on(request: HttpRequest, workspace: str, id: int, verb: str) -> HttpResponse:
    """An answer to a mail, a mail passed on, or one that is written again."""
    ctx = context_of(request)
    opened = open_record(ctx, spec_for(ctx, MAIL_MESSAGE.plural), id, ())
    mail: MailMessage = opened.record
    do: Callable[..., MailMessage] = {
        "reply": actions.reply, "forward": actions.forward, "write_again": actions.write_again,
    }[verb]  # fmt: skip
    letter = _Letter(verb, opened, do, account=actions.usual_account(ctx, mail), takes_templates=False)
    # What the role hides of the mail is no beginning of another.
    for key in ctx.actor.grants.hides(MAIL_MESSAGE.key) & {"subject", "sender", "to", "cc", "text"}:
        setattr(mail, key, "")
    letter.values = {"is_private": mail.is_private, "subject": mail.subject}
    if verb == "write_again":
        signature = f"\n\n-- \n{mail.account.signature.strip()}" if mail.account else ""
        letter.values |= {"to": mail.to, "cc": mail.cc, "text": mail.text.removesuffix(signature)}
    elif verb == "reply":
        ours = {account.address.casefold() for account in accounts_of(ctx)}
        copied = [(n, a) for n, a in parted(mail.cc) if a.casefold() not in ours]
        letter.values |= {
            "to": actions.answer_address(mail),
            "cc": ", ".join(written(*one) for one in copied),
            "subject": _prefixed("Re", mail.subject),
            "text": f"\n\n{_quoted(ctx, mail)}",
        }
    else:
        letter.values |= {"subject": _prefixed("Fwd", mail.subject), "text": f"\n\n{_quoted(ctx, mail)}"}
    return _answer(request, ctx, letter)


@require_http_methods(["GET", "HEAD", "POST"])
def send_minutes(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The minutes of a meeting, to its participants."""
    ctx = context_of(request)
    opened = open_record(ctx, MEETING, id, ())
    if not meetings.has_minutes(ctx, opened.record):
        raise NotFound
    subject, text = meetings.words_for(ctx, opened.record)
    letter = _Letter("send_minutes", opened, meetings.send_minutes, takes_templates=False)
    letter.values = {"to": meetings.participants(ctx, opened.record), "subject": subject, "text": text}
    if not letter.values["to"]:
        letter.nowhere = gettext("No participant has an e-mail address that you may know.")
    return _answer(request, ctx, letter)


@require_http_methods(["GET", "HEAD", "POST"])
def send_paper(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """A quote or an invoice, to its customer."""
    ctx = context_of(request)
    opened = open_record(ctx, spec_for(ctx, plural), id, ())
    key, record = opened.spec.key, opened.record
    do: Callable[..., MailMessage] = papers.mail_quote if key == QUOTE.key else papers.mail_invoice
    letter = _Letter("mail", opened, do, takes_templates=False)
    path = public_path(record.workspace_id, record.secret) if key == QUOTE.key else ""
    subject, text = papers.words_for(ctx, key, record, full_address(path, request) if path else None)
    letter.values = {"to": papers.receiver(ctx, record), "subject": subject, "text": text}
    letter.note = gettext("The paper goes with it as PDF, and is marked as sent.")
    bare = next((address for _, address in parted(letter.values["to"])), "")
    letter.elsewhere = (
        f"mailto:{quote(bare, safe='@')}?{urlencode({'subject': subject, 'body': text}, quote_via=quote)}"
    )
    if not letter.values["to"]:
        letter.nowhere = gettext("No e-mail address of this customer is known, or shown to you.")
    return _answer(request, ctx, letter)


def _answer(request: HttpRequest, ctx: Context, letter: _Letter) -> HttpResponse:
    action = action_named(letter.opened.spec.permission(letter.verb))
    if letter.opened.in_bin or action is None:
        raise NotFound
    demand(ctx.actor, action.key, letter.opened.record)
    if request.method != "POST":
        return _dialog(request, ctx, letter)
    raw = read_inputs(_FIELDS, request.POST, ctx.reader)
    letter.values = dict(raw)
    letter.account = whole_id(request.POST.get("account", "")) or None
    letter.template = whole_id(request.POST.get("template", "")) or None
    if "fill" in request.GET:
        problem = _fill(ctx, letter)
        return _dialog(request, ctx, letter, problem)
    try:
        with transaction.atomic():
            given = typed(ctx, _FIELDS, raw)
            if not given["to"]:
                raise Invalid.of(msg("Say whom it goes to."), "to", "required")
            chosen = {
                "account": letter.account,
                **({"template": letter.template} if letter.takes_templates else {}),
            }
            files = [(one.name or "", one.chunks()) for one in request.FILES.getlist("file")]
            mail = letter.do(ctx, letter.opened.record, **given, **chosen, files=files)
    except (Invalid, RuleViolation) as error:
        return _dialog(request, ctx, letter, problems_of(error))
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(_back(ctx, letter))
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    words = gettext("The e-mail is on its way.")
    if given["send_at"] is not None and mail.send_at is not None:
        moment = mail.send_at.astimezone(ctx.reader.tz)
        when = f"{format_date(moment.date(), ctx.reader.language)} {format_time(moment, ctx.reader.tz, ctx.reader.language)}"
        words = gettext("The e-mail goes on %(when)s.") % {"when": when}
    changed = {"object": letter.opened.spec.key, "ids": [letter.opened.record.id]}
    undo = here(ctx, f"mail_messages/{mail.id}/do/call_back")
    return with_events(
        response, closeDialog=True, toast={"text": words, "kind": "good", "undo": undo}, changed=changed
    )


def _fill(ctx: Context, letter: _Letter) -> Sequence[Problem]:
    """Put the template that was chosen into the form, with what is known of the reader."""
    template = actions.template_of(ctx, letter.template)
    if template is None:
        return ()
    person, about = whom(ctx, letter.opened.spec.key, letter.opened.record)
    try:
        letter.values["subject"], letter.values["text"] = fill_template(ctx, template, person, about)
    except Invalid as error:
        return error.problems
    return ()


def _dialog(
    request: HttpRequest, ctx: Context, letter: _Letter, problems: Sequence[Problem] = ()
) -> HttpResponse:
    accounts = accounts_of(ctx)
    templates = _templates(ctx) if letter.takes_templates else []
    fields = {f.key: draw_field(f, letter.values.get(f.key), ctx.reader, problems) for f in _FIELDS}
    action = action_named(letter.opened.spec.permission(letter.verb))
    used: Mapping[str, Any] = {
        "label": action.label if action else "",
        "post": request.path,
        "back": _back(ctx, letter),
        "accounts": accounts,
        "account": letter.account or (accounts[0].id if accounts else None),
        "templates": templates,
        "template": letter.template,
        "fields": fields,
        "others": letter.others if len(letter.others) > 1 else [],
        "nowhere": letter.nowhere,
        "note": letter.note,
        "elsewhere": letter.elsewhere,
        "loose": [say(p.message) for p in loose_problems(problems, _FIELDS)],
        "settings": here(ctx, "settings/mail-accounts"),
        "title": letter.opened.row.title,
    }
    is_dialog = bool(request.headers.get("HX-Request"))
    template = "mail/_write_dialog.html" if is_dialog else "mail/write.html"
    return render(request, template, used, status=422 if problems else 200)


def _templates(ctx: Context) -> list[MailTemplate]:
    rows = visible(ctx.actor, MAIL_TEMPLATE.key, MailTemplate.objects.filter(PRESENT))
    return list(rows.order_by("name", "id")[:200])


def _back(ctx: Context, letter: _Letter) -> str:
    if letter.opened.spec.key == MAIL_MESSAGE.key:
        return here(ctx, f"mail/{letter.opened.record.id}")
    return page_url(ctx, letter.opened.spec, letter.opened.record.id)


def _prefixed(sign: str, subject: str) -> str:
    return subject if subject.casefold().startswith(f"{sign.casefold()}:") else f"{sign}: {subject}"


def _quoted(ctx: Context, mail: MailMessage) -> str:
    moment = mail.sent_at or mail.created_at
    day = format_date(moment.astimezone(ctx.reader.tz).date(), ctx.reader.language)
    head = gettext("%(who)s wrote on %(day)s:") % {"who": mail.sender, "day": day}
    return "\n".join([head, *(f"> {line}" for line in mail.text[:_QUOTED].splitlines())])
