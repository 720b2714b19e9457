"""The settings' page: for whoever may have everything, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.integrations.archive.models import ArchiveRun
from peyvand.integrations.archive.writing import archive_path, write_archive
from peyvand.platform.workspaces.scope import workspace_scope

PAGE = "/w/arman/settings/archives"


@pytest.mark.django_db
def test_the_page_has_one_written(cast: Any, browse: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    sara = browse(cast.sara)
    assert "هنوز بایگانی‌ای نیست" in sara.get(PAGE).content.decode()
    assert sara.post(PAGE).status_code == 302
    assert sara.post(PAGE).status_code == 409
    with workspace_scope(cast.arman.id):
        run = ArchiveRun.objects.get()
        write_archive(cast.arman.id, archive_path(cast.arman.id, run.id))
    assert "hx-trigger" in sara.get(f"{PAGE}/{run.id}").content.decode()
    assert sara.get(f"{PAGE}/{run.id}/file").status_code == 404
    with workspace_scope(cast.arman.id):
        ArchiveRun.objects.update(state="done", rows=7, total=7)
    assert f"{PAGE}/{run.id}/file" in sara.get(PAGE).content.decode()
    assert b"".join(sara.get(f"{PAGE}/{run.id}/file").streaming_content)[:2] == b"PK"
    assert sara.post(f"{PAGE}/{run.id}/remove").status_code == 302
    assert not archive_path(cast.arman.id, run.id).exists()


@pytest.mark.django_db
def test_only_who_may(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        run = ArchiveRun.objects.create(state="done")
    for user in (cast.mina, cast.babak, cast.viewer):
        each = browse(user)
        for path in (PAGE, f"{PAGE}/{run.id}", f"{PAGE}/{run.id}/file"):
            assert each.get(path).status_code == 403
        assert each.post(PAGE).status_code == 403
        assert each.post(f"{PAGE}/{run.id}/remove").status_code == 403
    assert browse(cast.cyrus).get(PAGE).status_code == 404
