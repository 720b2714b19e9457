"""Reading the files of a record. Whoever calls these has already found that the actor may see the record."""

from __future__ import annotations

from peyvand.kernel.errors import NotFound
from peyvand.platform.files.models import File

MOST = 200


def files_of(object_key: str, object_id: int) -> list[File]:
    """The files of a record, the newest first, with the users who uploaded them: one query."""
    found = File.objects.filter(object=object_key, object_id=object_id, removed_at__isnull=True)
    return list(found.select_related("uploaded_by").order_by("-id")[:MOST])


def count_files(object_key: str, object_id: int) -> int:
    """How many files a record has, counted up to what a page shows."""
    return File.objects.filter(object=object_key, object_id=object_id, removed_at__isnull=True)[:MOST].count()


def load_file(object_key: str, object_id: int, file_id: int, *, removed: bool = False) -> File:
    """One file of a record.

    Raises:
        NotFound: the record has no such file.
    """
    found = File.objects.filter(
        object=object_key, object_id=object_id, id=file_id, removed_at__isnull=not removed
    ).first()
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]
