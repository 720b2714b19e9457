"""People and companies like one that is being typed: one quick indexed question each for phones, mails, number and name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, Final

from django.db import connection

from peyvand.kernel.errors import Invalid, Message, msg
from peyvand.kernel.persian.identifiers import company_id, national_id
from peyvand.kernel.persian.names import COMPANY_KINDS, bare_name, company_core
from peyvand.kernel.persian.text import sort_key
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.duplicates.rules import rules_of
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.merging.similar import Similar, similar_by
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

MOST: Final = 5
# As long as half a word is typed, everybody is like it.
SHORTEST_NAME: Final = 5
MOST_WORDS: Final = 5
SAME_PHONE, SAME_MAIL = msg("the same phone"), msg("the same e-mail")
SAME_ID, SAME_NAME, SAME_NAME_AND_COMPANY = (
    msg("the same ID"),
    msg("the same name"),
    msg("the same name and company"),
)
_POINTS = """
select p.object_id, p.kind from contact_point p join {table} r on r.workspace_id = p.workspace_id and r.id = p.object_id
where p.workspace_id = %s and p.value = any(%s) and p.object = %s and r.deleted_at is null limit 20
"""
_NAMES = """
select r.id from {table} r where r.workspace_id = %s and r.name_sort = any(%s) and r.deleted_at is null order by r.id limit 20
"""
_NUMBER = """
select r.id from search_entry s join {table} r on r.workspace_id = s.workspace_id and r.id = s.object_id
where s.workspace_id = %s and s.object = %s and s.text like %s and r.national_id = %s and r.deleted_at is null limit 5
"""
Reasons = dict[int, list[Message]]


@similar_by("person")
def people_like(ctx: Context, values: Mapping[str, Any]) -> list[Similar]:
    """People with the phone, mail, national ID or name that is being typed."""
    found: Reasons = {}
    _by_points(ctx, PERSON, values, found)
    _by_number(PERSON, str(values.get("national_id") or ""), found)
    whole = " ".join(str(values.get(k) or "") for k in ("given_name", "family_name")).strip() or str(
        values.get("name") or ""
    )
    company = whole_id(getattr(values.get("company"), "id", values.get("company")))
    for id in _by_name(PERSON, name_forms(bare_name(whole))):
        found.setdefault(id, []).append(SAME_NAME)
    if company and (with_name := [id for id, reasons in found.items() if SAME_NAME in reasons]):
        for id in PERSON.rows.filter(id__in=with_name, company_id=company).values_list("id", flat=True):
            found[id] = [SAME_NAME_AND_COMPANY if r is SAME_NAME else r for r in found[id]]
    return _told(ctx, PERSON, found)


@similar_by("company")
def companies_like(ctx: Context, values: Mapping[str, Any]) -> list[Similar]:
    """Companies with the phone, mail, national ID or name that is being typed, whatever stands before the name."""
    found: Reasons = {}
    _by_points(ctx, COMPANY, values, found)
    _by_number(COMPANY, str(values.get("national_id") or ""), found)
    name = str(values.get("name") or "")
    cores = spaced(company_core(name)) if len(company_core(name)) >= 3 else []
    forms = {
        sort_key(form) for core in cores for form in (core, *(f"{kind} {core}" for kind in COMPANY_KINDS))
    }
    for id in _by_name(COMPANY, forms | ({sort_key(name)} if cores else set())):
        found.setdefault(id, []).append(SAME_NAME)
    return _told(ctx, COMPANY, found)


def name_forms(name: str) -> set[str]:
    """The sort keys under which a person's name may be kept: written together or apart, either name first."""
    if len(name) < SHORTEST_NAME or " " not in name:
        return set()
    words = name.split()[:MOST_WORDS]
    turned = [words[at:] + words[:at] for at in range(1, len(words))]
    return {sort_key(form) for order in (words, *turned) for form in spaced(" ".join(order))}


def spaced(name: str) -> list[str]:
    """A folded name as it may be kept: each gap open or closed («علی رضا», «علیرضا»), each first alef with its madda or without."""
    words = name.split()[:MOST_WORDS]
    if not words:
        return []
    spelled = [(word, f"آ{word[1:]}") if word[0] == "ا" else (word,) for word in words]
    first, *rest = spelled
    parts = [first, *([f"{gap}{word}" for gap in (" ", "") for word in words] for words in rest)]
    return ["".join(chosen) for chosen in product(*parts)]


def _by_points(ctx: Context, spec: ObjectSpec, values: Mapping[str, Any], found: Reasons) -> None:
    wanted = {value for key in ("phones", "emails") for value in _understood(ctx, spec, key, values.get(key))}
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _POINTS.format(table=spec.model._meta.db_table),
            [current_workspace_id(), sorted(wanted), spec.key],
        )
        for id, kind in cursor.fetchall():
            reason = SAME_PHONE if kind == "phone" else SAME_MAIL
            if reason not in found.setdefault(id, []):
                found[id].append(reason)


def _understood(ctx: Context, spec: ObjectSpec, key: str, raw: Any) -> Iterable[str]:
    """Those of the typed phones or mails that are whole already."""
    items = raw if isinstance(raw, list | tuple) else [raw]
    for item in items:
        try:
            for point in spec.field(key).parse([item] if item else None, ctx.reader):
                yield point["value"]
                yield point["value"].casefold()
        except Invalid:
            continue


def _by_number(spec: ObjectSpec, typed: str, found: Reasons) -> None:
    try:
        number = (national_id if spec is PERSON else company_id)(typed) if typed.strip() else ""
    except Invalid:
        return
    if not number:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _NUMBER.format(table=spec.model._meta.db_table),
            [current_workspace_id(), spec.key, f"%{number}%", number],
        )
        for (id,) in cursor.fetchall():
            found.setdefault(id, []).append(SAME_ID)


def _by_name(spec: ObjectSpec, forms: set[str]) -> list[int]:
    if not forms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _NAMES.format(table=spec.model._meta.db_table), [current_workspace_id(), sorted(forms)]
        )
        return [id for (id,) in cursor.fetchall()]


def _told(ctx: Context, spec: ObjectSpec, found: Reasons) -> list[Similar]:
    """Those the actor may see, most reasons first; of the others, where the workspace wants it, only that there are some."""
    if not found:
        return []
    seen = dict(
        visible(ctx.actor, spec.key, spec.rows.filter(id__in=list(found))).values_list("id", spec.title)
    )
    ordered = sorted(found, key=lambda id: (-len(found[id]), found[id] == [SAME_NAME], id))
    told = [Similar(id, str(seen[id]), tuple(found[id])) for id in ordered if id in seen][:MOST]
    hidden = [id for id in ordered if id not in seen and found[id] != [SAME_NAME]]
    if hidden and rules_of(spec.key).tells_hidden:
        said = {str(r): r for id in hidden for r in found[id] if r is not SAME_NAME}
        told.append(Similar(None, "", tuple(said.values())))
    return told
