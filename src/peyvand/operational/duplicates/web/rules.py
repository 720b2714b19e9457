"""The settings about duplicates: from which score on, how often, and what is told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.operational.duplicates.actions import change_rules
from peyvand.operational.duplicates.kinds import KINDS
from peyvand.operational.duplicates.rules import rules_of
from peyvand.operational.duplicates.web import RULES
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.types import whole_id
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, workspace: str) -> HttpResponse:
    """The rules of every object whose duplicates are looked for; POST changes those of one."""
    ctx = context_of(request)
    demand(ctx.actor, RULES.operation)
    wrong: dict[str, list[str]] = {}
    sent = request.POST.get("object", "")
    if request.method == "POST" and sent in KINDS:
        try:
            change_rules(
                ctx, sent, least=_percent(request, "least"), sure=_percent(request, "sure"),
                is_nightly="is_nightly" in request.POST, tells_hidden="tells_hidden" in request.POST,
            )  # fmt: skip
            return HttpResponseRedirect(f"/w/{ctx.tenant.slug}/settings/{RULES.path}")
        except Invalid as error:
            wrong[sent] = [say(p.message) for p in error.problems]
    rows = [
        {"spec": kind.spec, "rules": rules_of(key), "wrong": wrong.get(key, [])}
        for key, kind in KINDS.items()
    ]
    return render_settings(
        request, RULES, "duplicates/rules.html", {"rows": rows}, status=422 if wrong else 200
    )


def _percent(request: HttpRequest, name: str) -> int:
    return whole_id(to_ascii_digits(request.POST.get(name, "").strip()))
