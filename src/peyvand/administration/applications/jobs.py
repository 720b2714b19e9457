"""Housekeeping: what applications were given and is long over goes, at night and in sets."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from peyvand.administration.applications.models import Grant, RefreshToken
from peyvand.kernel import clock
from peyvand.platform.identity.models import ApiToken
from peyvand.platform.jobs.schedule import every

KEPT: Final = timedelta(days=7)


@every("55 22 * * *", "applications.tidy")
def tidy() -> None:
    """Remove tokens of applications that ended a week ago, and the grants from which nothing can come any more.

    A refresh token that was used stays as long as it would have lived: if it comes back, it was stolen.
    """
    old = clock.now() - KEPT
    ApiToken.objects.filter(Q(expires_at__lt=old) | Q(revoked_at__lt=old), grant_id__isnull=False).delete()
    RefreshToken.objects.filter(Q(expires_at__lt=old) | Q(grant__revoked_at__lt=old)).delete()
    Grant.objects.filter(
        ~Exists(ApiToken.objects.filter(grant_id=OuterRef("id"))),
        ~Exists(RefreshToken.objects.filter(grant_id=OuterRef("id"))),
        created_at__lt=old,
    ).delete()
