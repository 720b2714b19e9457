"""What applications were given goes once it is long over; what still works, or tells of a theft, stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peyvand.administration.applications.jobs import KEPT, tidy
from peyvand.administration.applications.models import Application, Grant, RefreshToken, digest
from peyvand.kernel import clock
from peyvand.platform.identity.models import ApiToken

LONG, LATELY = KEPT + timedelta(days=1), KEPT - timedelta(days=1)


def test_only_what_is_long_over_goes(cast: Any) -> None:
    now = clock.now()
    application = Application.objects.create(
        client_id="pvc_1", workspace_id=cast.arman.id, name="Hesab", user_id=cast.sara.id
    )

    def grant(name: str, access: timedelta, refresh: timedelta | None, **more: Any) -> None:
        made = Grant.objects.create(
            application=application,
            workspace_id=cast.arman.id,
            user_id=cast.sara.id,
            redirect_uri=name,
            **more,
        )
        Grant.objects.filter(id=made.id).update(created_at=now - timedelta(days=90))
        ApiToken.objects.create(
            token_hash=digest(name), workspace_id=cast.arman.id, user_id=cast.sara.id, name=name, hint="", grant_id=made.id,
            expires_at=now - access,
        )  # fmt: skip
        if refresh is not None:
            RefreshToken.objects.create(
                token_hash=digest(name),
                grant=made,
                expires_at=now - refresh,
                used_at=now - timedelta(days=30),
            )

    grant("over", LONG, LONG)
    grant("a service's", LONG, None)
    grant("ended by hand", LONG, -LONG, revoked_at=now - LONG)
    grant("lately over", LATELY, None)
    grant("used, and stolen if it comes back", LONG, -LONG)
    mine = ApiToken.objects.create(
        token_hash="x",
        workspace_id=cast.arman.id,
        user_id=cast.sara.id,
        name="mine",
        hint="",
        expires_at=now - LONG,
    )

    tidy()

    assert set(Grant.objects.values_list("redirect_uri", flat=True)) == {
        "lately over",
        "used, and stolen if it comes back",
    }
    assert set(ApiToken.objects.values_list("name", flat=True)) == {"lately over", mine.name}
    assert RefreshToken.objects.count() == 1
