"""Reading the files of a record. Whoever calls these has already found that the actor may see the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from peyvand.kernel.errors import NotFound
from peyvand.platform.database.compiled import Slot
from peyvand.platform.files.models import File, FileText
from peyvand.platform.workspaces.lookups import lookup

MOST = 200


def files_of(object_key: str, object_id: int) -> list[File]:
    """The files of a record, the newest first, with the users who uploaded them: one query."""
    found = File.objects.filter(object=object_key, object_id=object_id, removed_at__isnull=True)
    return list(found.select_related("uploaded_by").order_by("-id")[:MOST])


def count_files(object_key: str, object_id: int) -> int:
    """How many files a record has, counted up to what a page shows."""
    return len(_ids_of(object_key, object_id))


@lookup("text", "bigint")
def _ids_of(object: Slot, id: Slot) -> QuerySet[Any]:
    return File.objects.filter(object=object, object_id=id, removed_at__isnull=True).values_list("id")[:MOST]


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


def texts_of(object_key: str, ids: Sequence[int]) -> list[tuple[int, int, str, str]]:
    """Of each file of these records: the record's id, the file's, its name and its text, empty while it was not read."""
    texts = FileText.objects.filter(file_id=OuterRef("id")).values("text")[:1]
    files = File.objects.filter(object=object_key, object_id__in=list(ids), removed_at__isnull=True).order_by(
        "id"
    )
    return list(
        files.values_list(
            "object_id", "id", "name", Coalesce(Subquery(texts), Value(""), output_field=TextField())
        )
    )


def unread_files() -> list[int]:
    """Ids of the files whose text nobody has tried to read."""
    read = FileText.objects.filter(file_id=OuterRef("id"))
    return list(
        File.objects.filter(~Exists(read), removed_at__isnull=True)
        .order_by("id")
        .values_list("id", flat=True)
    )
