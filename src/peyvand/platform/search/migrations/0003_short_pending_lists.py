from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.migrations.operations.base import Operation

LIMIT = 1024


def _shortened(model: str, name: str) -> Operation:
    """The index as it is, with a shorter pending list: what lies there already goes in with the next rows."""
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"alter index {name} set (gin_pending_list_limit = {LIMIT})",
                f"alter index {name} reset (gin_pending_list_limit)",
            )
        ],
        state_operations=[
            migrations.RemoveIndex(model, name),
            migrations.AddIndex(
                model, GinIndex(fields=["workspace_id", "terms"], name=name, gin_pending_list_limit=LIMIT)
            ),
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("search", "0002_texts")]
    operations = [
        _shortened("searchentry", "search_entry_terms"),
        _shortened("searchtext", "search_text_terms"),
    ]
