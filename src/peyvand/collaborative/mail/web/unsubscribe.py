"""Where the reader of advertising takes their consent back: by one click of their mail program, or on a page that asks once."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from peyvand.collaborative.mail.composing import SALT
from peyvand.kernel.errors import NotFound
from peyvand.operational.consents.public import CONSENT, REFUSED, Purpose, standings
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.merging.merging import merged_into
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET: the page that asks; POST (RFC 8058 and its button): the refusal is recorded, once."""
    try:
        workspace_id, person_id, purpose_id = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFound from error
    tenant = tenant_by(id=workspace_id)
    if tenant is None:
        raise NotFound
    with workspace_scope(tenant.id):
        # Who was merged since is asked for as whom they are now.
        person_id = merged_into(PERSON.key, person_id) or person_id
        person = Person.objects.filter(id=person_id, deleted_at__isnull=True).first()
        purpose = Purpose.objects.filter(id=purpose_id, deleted_at__isnull=True).first()
        if person is None or purpose is None:
            raise NotFound
        is_done = request.method == "POST"
        if is_done and standings([person.id], "email", purpose.word)[person.id].why != "refused":
            said = {
                "person": person.id,
                "channel": "email",
                "purpose": purpose.id,
                "state": REFUSED,
                "source": "web",
                "basis": "consent",
            }
            create_records(job_context(tenant), CONSENT, [said])
        with translation.override(get_language() or tenant.language):
            context = {"tenant_name": tenant.name, "purpose": purpose.name, "is_done": is_done}
            response = render(request, "mail/unsubscribe.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
