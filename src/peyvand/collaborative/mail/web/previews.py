"""How a template reads for somebody who is known."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from peyvand.collaborative.filling import known_places
from peyvand.collaborative.mail.cleaning import reads_from_right
from peyvand.collaborative.mail.models import MailTemplate
from peyvand.collaborative.mail.objects import MAIL_TEMPLATE
from peyvand.collaborative.mail.writing import fill_template
from peyvand.kernel.errors import Invalid
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import DEAL
from peyvand.platform.fields.types import Link, Ref, whole_id
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.drawn import draw_field, with_titles
from peyvand.web.shell.middleware import context_of

_WHO = Link(key="person", label=PERSON.label, to="person")
_WHAT = Link(key="deal", label=DEAL.label, to="deal")


@require_safe
def preview(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The filled template for a person and, where one is chosen, a deal; at first for the newest person there is."""
    ctx = context_of(request)
    template: MailTemplate = load_record(MAIL_TEMPLATE, ctx.actor, id)
    people = ListQuery(PERSON, ctx.actor, ()).rows()
    asked = whole_id(request.GET.get("person", ""))
    person = people.filter(id=asked).first() if asked else people.order_by("-id").first()
    deal = ListQuery(DEAL, ctx.actor, ()).rows().filter(id=whole_id(request.GET.get("deal", ""))).first()
    about = Ref("deal", deal.id, deal.name) if deal else None
    problem = subject = text = ""
    try:
        subject, text = fill_template(ctx, template, person, about)
    except Invalid as error:
        problem = " ".join(say(p.message) for p in error.problems)
    values = with_titles(
        ctx, (_WHO, _WHAT), {"person": person.id if person else None, "deal": deal.id if deal else None}
    )
    context = {
        "template": template, "subject": subject, "text": text, "problem": problem, "post": request.path,
        "fields": [draw_field(f, values.get(f.key), ctx.reader) for f in (_WHO, _WHAT)],
        "direction": "rtl" if reads_from_right(text) else "ltr",
        "places": [(f"{{{{{name}}}}}", label) for name, label in known_places(ctx)],
    }  # fmt: skip
    return render(request, "mail/_preview.html" if "part" in request.GET else "mail/preview.html", context)
