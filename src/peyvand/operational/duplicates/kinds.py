"""The objects whose duplicates are looked for, and how their records are read for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from peyvand.kernel.errors import NotFound
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.duplicates.matching.companies import COMPANIES, company_row
from peyvand.operational.duplicates.matching.comparisons import Matching
from peyvand.operational.duplicates.matching.people import PEOPLE, person_row
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

_POINTS = """
left join (
    select object_id, array_agg(value) filter (where kind = 'phone') as phones, array_agg(value) filter (where kind = 'email') as emails
    from contact_point where workspace_id = %(ws)s and object = %(object)s group by object_id
) c on c.object_id = r.id
"""
_PEOPLE = f"""
select r.id, r.name, r.given_name, r.family_name, coalesce(c.phones, '{{}}'), coalesce(c.emails, '{{}}'), r.national_id, r.birthday,
       coalesce(k.name, ''), r.city
from person r left join company k on k.workspace_id = r.workspace_id and k.id = r.company_id {_POINTS}
where r.workspace_id = %(ws)s and r.deleted_at is null
"""  # noqa: S608 made of our own names
_COMPANIES = f"""
select r.id, r.name, coalesce(c.phones, '{{}}'), coalesce(c.emails, '{{}}'), r.national_id, r.website, r.city
from company r {_POINTS} where r.workspace_id = %(ws)s and r.deleted_at is null
"""  # noqa: S608 made of our own names
_PERSON_WORDS = (
    "name",
    "given_name",
    "family_name",
    "phones",
    "emails",
    "national_id",
    "birthday",
    "company",
    "city",
)
_COMPANY_WORDS = ("name", "phones", "emails", "national_id", "website", "city")
AT_ONCE = 5000


@dataclass(frozen=True)
class Kind:
    """An object with its matching, the statement that reads its records, and what makes a matcher's row of one."""

    spec: ObjectSpec
    matching: Matching
    sql: str
    words: tuple[str, ...]
    row: Callable[..., dict[str, Any]]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every record of the open workspace as the matcher compares it, read in batches as they are asked for."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.sql, {"ws": current_workspace_id(), "object": self.spec.key})
            while found := cursor.fetchmany(AT_ONCE):
                for id, *values in found:
                    yield self.row(id, **dict(zip(self.words, values, strict=True)))


KINDS = {
    kind.spec.key: kind
    for kind in (
        Kind(PERSON, PEOPLE, _PEOPLE, _PERSON_WORDS, person_row),
        Kind(COMPANY, COMPANIES, _COMPANIES, _COMPANY_WORDS, company_row),
    )
}


def kind_of(object_key: str) -> Kind:
    """
    Raises:
        NotFound: duplicates of this object are not looked for.
    """
    kind = KINDS.get(object_key)
    if kind is None:
        raise NotFound
    return kind
