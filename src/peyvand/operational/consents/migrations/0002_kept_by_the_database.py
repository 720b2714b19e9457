"""PostgreSQL keeps the ledger: what an entry says stays, and entries go only with what forgets (workspaces/ledgers)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# A merge moves entries from person to person; a user who goes is no longer named as the author.
KEPT = """
create function consent_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'Entries of the ledger of consents are never changed or removed.' using errcode = 'restrict_violation';
end $$;
create trigger consent_says before update on consent for each row when (
    current_setting('peyvand.forgetting', true) is distinct from 'on'
    and (old.id, old.workspace_id, old.channel, old.purpose_id, old.state, old.given_at, old.expires_at, old.source,
         old.basis, old.words, old.proof, old.created_at, old.deleted_at)
        is distinct from
        (new.id, new.workspace_id, new.channel, new.purpose_id, new.state, new.given_at, new.expires_at, new.source,
         new.basis, new.words, new.proof, new.created_at, new.deleted_at)
) execute function consent_is_kept();
create trigger consent_stays before delete on consent for each row when (
    current_setting('peyvand.forgetting', true) is distinct from 'on'
) execute function consent_is_kept();
"""
LET_GO = "drop trigger consent_says on consent; drop trigger consent_stays on consent; drop function consent_is_kept()"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("consents", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(KEPT, LET_GO)]
