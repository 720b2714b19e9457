from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here

LEAD = 60
# In kilobytes. Each search reads what waits to be sorted into the index of terms: four megabytes, as is usual, take it 18 ms;
# a shorter list costs a row that is written a twentieth more.
PENDING = 1024


def _of_terms(name: str) -> GinIndex:
    return GinIndex(fields=["workspace_id", "terms"], name=name, gin_pending_list_limit=PENDING)


class SearchEntry(WorkspaceModel):
    """What of one record is findable: its folded words in ``text``, and the beginning of its title in ``lead``.

    ``terms`` are the terms of those words and its marks (marks.py): what whole words are found by.
    """

    pk = models.CompositePrimaryKey("workspace_id", "object", "object_id")
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    subtitle = models.CharField(max_length=300, blank=True)
    lead = models.CharField(max_length=LEAD, db_collation="C")
    text = models.TextField(db_collation="C")
    owner_id = models.BigIntegerField(null=True)
    terms = SearchVectorField(default="")
    made_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "search_entry"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            GinIndex(F("workspace_id"), OpClass(F("text"), name="gin_trgm_ops"), name="search_entry_text"),
            _of_terms("search_entry_terms"),
            index_here("lead", name="search_entry_lead"),
            index_here("made_at", name="search_entry_newest"),
        ]


class SearchText(WorkspaceModel):
    """The terms of one long text of a record: of a field (``source`` its key), or of a file (``file`` and its id).

    The text itself stays where it is: what is shown of it is read there, by the rules that hold there.
    """

    pk = models.CompositePrimaryKey("workspace_id", "object", "object_id", "source", "source_id")
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    source = models.CharField(max_length=60)
    source_id = models.BigIntegerField(default=0)
    owner_id = models.BigIntegerField(null=True)
    terms = SearchVectorField()
    made_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "search_text"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            _of_terms("search_text_terms"),
            # Of a frequent word the newest are read here; PostgreSQL chooses, for it knows which words are frequent.
            index_here("made_at", name="search_text_newest"),
        ]


class SearchWord(WorkspaceModel):
    """A word that some record or text has: what a mistyped one may have meant.

    Two who learn the same word at once each write it, under their own number: so none waits for the other's transaction.
    """

    pk = models.CompositePrimaryKey("workspace_id", "word", "writer")
    word = models.CharField(max_length=60, db_collation="C")
    writer = models.IntegerField()

    class Meta:
        db_table = "search_word"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            GinIndex(F("workspace_id"), OpClass(F("word"), name="gin_trgm_ops"), name="search_word_alike")
        ]


class RecentSearch(WorkspaceModel):
    """What a person searched for lately."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    query = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        db_table = "recent_search"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("user", "query", name="recent_search_once")]
