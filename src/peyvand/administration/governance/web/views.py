"""A person's data handed over as a file, and the dialog that forgets them."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from peyvand.administration.governance.actions import ERASE, erase_person, hand_over_person
from peyvand.kernel.persian.text import fold
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.access.decisions import demand
from peyvand.platform.objects.queries import load_record
from peyvand.web.objects.pages.answers import moved
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of


@require_safe
def hand_over(request: HttpRequest, workspace: str, id: int) -> FileResponse:
    """Everything kept of a person, as a ZIP. That it was handed over stands in the audit."""
    ctx = context_of(request)
    person = load_record(PERSON, ctx.actor, id)
    file = TemporaryFile()  # noqa: SIM115 the response closes it
    try:
        hand_over_person(ctx, person, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{ctx.tenant.slug}-{person.id}.zip")


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Ask whether it is meant, then forget."""
    ctx = context_of(request)
    person = load_record(PERSON, ctx.actor, id)
    demand(ctx.actor, ERASE, person)
    shown = {"person": person, "problem": ""}
    if request.method != "POST":
        return render(request, "governance/erase.html", shown)
    if fold(request.POST.get("name", "")) != fold(person.name):
        shown["problem"] = gettext("That is not the name of this person.")
        return render(request, "governance/erase.html", shown, status=422)
    erased = erase_person(ctx, person)
    if request.headers.get("HX-Request") and not erased["shared"] and not erased["left"]:
        words = gettext("The person was forgotten. A search through everything found nothing any more.")
        return moved(request, f"{address(ctx, PERSON)}/", words, is_list=True)
    context = {
        "erased": erased, "removed": sum(erased["removed"].values()), "changed": sum(erased["changed"].values()),
        "people": address(ctx, PERSON),
    }  # fmt: skip
    return render(request, "governance/erased.html", context)
