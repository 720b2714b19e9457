"""The record page: header, fields, related records, files, one timeline. Each part can be fetched again by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from peyvand.kernel.conditions import parse
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Field,
    Link,
    Money,
    PaperNumber,
    Percent,
    Ref,
    Text,
    UserLink,
)
from peyvand.platform.files.queries import count_files, files_of
from peyvand.platform.merging.merging import can_merge, merged_into, merges_into
from peyvand.platform.objects.conditions import ConditionText
from peyvand.platform.objects.derived import withheld
from peyvand.platform.objects.filters import is_secret
from peyvand.platform.objects.queries import ListQuery, Page, Row, fetch_linked, fetch_page
from peyvand.platform.objects.references import shown_title
from peyvand.platform.objects.spec import ObjectSpec, Related, find_object, object_named
from peyvand.platform.objects.visibility import hidden_on
from peyvand.web.components.inputs import is_row_widget
from peyvand.web.objects.lists.condition import in_words
from peyvand.web.objects.pages.access import Opened, drawn_from, may_write, offered_actions, open_record
from peyvand.web.objects.pages.answers import moved, page_url
from peyvand.web.objects.pages.cards import cards_of
from peyvand.web.objects.pages.composer import composer_panels
from peyvand.web.objects.pages.entries import timeline_context
from peyvand.web.objects.pages.history import history_context
from peyvand.web.objects.pages.path import path_context
from peyvand.web.objects.pages.shown import badge, ref_link, shown
from peyvand.web.objects.resolve import address, home_of, spec_for
from peyvand.web.shell.middleware import context_of

SIDE_ROWS = 5
TAB_ROWS = 50
COUNTED = 100
HEALTH = 4
BUTTONS = 2


@dataclass(frozen=True)
class ShownField:
    field: Field
    html: SafeString
    edit_url: str = ""
    # Its value is not shown, but why: nothing tells where it comes from.
    is_withheld: bool = False

    @property
    def in_dialog(self) -> bool:
        """Rows of phones or lines are edited in the dialog: the column is too narrow for them."""
        return is_row_widget(self.field)


@dataclass(frozen=True)
class ShownSection:
    label: str | Promise
    fields: list[ShownField]

    @property
    def is_named_by_field(self) -> bool:
        """Whether its only field says the same words, and so has the whole width to itself."""
        return len(self.fields) == 1 and str(self.fields[0].field.label) == str(self.label)


@dataclass(frozen=True)
class RelatedRow:
    """A related record in one or two lines: its name, what stands beneath, and a figure at the end."""

    row: Row
    title: str
    url: str
    kind: str
    sub: str
    figure: SafeString | str

    @property
    def icon(self) -> str:
        """The object's icon, for what is neither a person nor a company and so has no picture of its own."""
        return "" if self.kind in ("person", "company", "user") else object_named(self.kind).icon


@dataclass(frozen=True)
class RelatedList:
    spec: ObjectSpec
    key: str
    label: str | Promise
    rows: list[RelatedRow]
    count: int
    is_exact: bool
    add_url: str
    list_url: str


def object_page(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The page, or for htmx the part of it that was asked for: ``?tab=``, ``?part=head|side|related``."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    part = request.GET.get("part", "")
    opened = open_record(ctx, spec, id, drawn_from(spec, part))
    if opened.in_bin and (onward := merged_into(spec.key, id)) is not None:
        return HttpResponseRedirect(page_url(ctx, spec, onward))
    if not part and not opened.in_bin and (home := home_of(ctx, spec, id)):
        return moved(request, home)
    context: dict[str, Any] = {"opened": opened, "spec": spec, "url": page_url(ctx, spec, id)}
    if part and opened.in_bin:
        return moved(request, page_url(ctx, spec, id))
    if part == "head":
        return render(request, "objects/pages/_head.html", context | head_context(ctx, opened))
    if part == "path":
        return render(request, "objects/pages/_path.html", context | path_context(ctx, opened))
    if part == "side":
        return render(request, "objects/pages/_side.html", context | {"sections": side_sections(ctx, opened)})
    related = related_lists(ctx, opened)
    if part == "related":
        context |= {"related": related, "addable": addable(related)} | cards_of(ctx, opened)
        return render(request, "objects/pages/_related.html", context)
    context |= (
        head_context(ctx, opened)
        | path_context(ctx, opened)
        | {"sections": side_sections(ctx, opened), "related": related, "addable": addable(related)}
        | cards_of(ctx, opened)
        | {"list_url": f"{address(ctx, spec)}/"}
    )
    context |= _tab_context(request, ctx, opened, related)
    whole = request.headers.get("HX-Target") != "rec-page"
    return render(request, "objects/pages/page.html" if whole else "objects/pages/_page.html", context)


def head_context(ctx: Context, opened: Opened) -> dict[str, Any]:
    """What the header shows: badges, whom it belongs to, figures, verbs."""
    spec, values, reader = opened.spec, opened.row.values, ctx.reader
    hidden = ctx.actor.grants.hides(spec.key)
    seen = [f for f in spec.own_fields if f.key not in hidden]
    badges = [
        badge(o.label, o.tone)
        for f in seen
        if isinstance(f, Choice)
        and not f.secondary
        and (o := f.option(values.get(f.key)))
        and o.tone
        and f.key != spec.title
    ]
    links = [f for f in seen if isinstance(f, Link) and not isinstance(f, UserLink)]
    short = [
        f
        for f in seen
        if type(f) in (Text, PaperNumber)
        and f.key in spec.list_columns
        and f.key != spec.title
        and values.get(f.key)
    ]
    meta: list[Any] = [shown(f, values[f.key], reader) for f in short[:2]]
    meta += [ref_link(ref, reader) for f in links if isinstance(ref := values.get(f.key), Ref)][:3]
    if isinstance(about := values.get("about"), Ref):
        meta.append(ref_link(about, reader))
    owner = values.get("owner")
    figures = [
        f
        for f in seen
        if isinstance(f, Money | Percent | Day) and not f.secondary and values.get(f.key) is not None
    ]
    actions = sorted(offered_actions(ctx, opened), key=lambda a: (a.aside, not a.is_next(opened.record)))
    buttons = [action for action in actions if not action.aside][:BUTTONS]
    may_merge = can_merge(spec) and bool(decide(ctx.actor, spec.permission("merge"), opened.record))
    return {
        "badges": badges[:3],
        "meta": meta,
        "owner": owner.title if isinstance(owner, Ref) else "",
        "health": [(f.label, shown(f, values[f.key], reader)) for f in figures[:HEALTH]],
        "actions": buttons,
        "more_actions": actions[len(buttons) :],
        # Letters are written where the rest is: beside the short forms of the composer, in dialogs of their own.
        "writes": [action for action in actions if action.verb.startswith("write_")],
        "may_merge": may_merge,
        "merges": merges_into(spec, opened.record.id) if may_merge and not opened.in_bin else (),
        "title": title_of(opened.spec, opened.row),
    }


def peek_context(ctx: Context, spec: ObjectSpec, id: int, *, entries: int = 5) -> dict[str, Any]:
    """What ``objects/pages/_peek.html`` needs: header, verbs, filled fields and the latest of the timeline."""
    opened = open_record(ctx, spec, id)
    sections = [
        ShownSection(s.label, filled)
        for s in side_sections(ctx, opened)
        if (filled := [f for f in s.fields if f.html and not f.is_withheld])
    ]
    context = timeline_context(ctx, spec, id, limit=entries)
    return (
        context
        | head_context(ctx, opened)
        | {"opened": opened, "spec": spec, "url": page_url(ctx, spec, id), "sections": sections}
    )


def addable(related: Sequence[RelatedList]) -> list[RelatedList]:
    """The lists that are empty still and can be added to: their shelves would repeat the tabs."""
    return [one for one in related if not one.rows and one.add_url]


def title_of(spec: ObjectSpec, row: Row) -> str:
    """What a record is called: its title, or the word of a choice that serves as one, or the object's name."""
    return shown_title(spec, row.title) or str(spec.label)


def side_sections(ctx: Context, opened: Opened, *, editable: bool = True) -> list[ShownSection]:
    """The fields in their sections, as values that become their own editors; empty ones only where they can be filled."""
    spec, out = opened.spec, []
    grants, fixed = ctx.actor.grants, spec.fixed(opened.record)
    placeless = hidden_on(spec, ctx.actor, opened.record)
    hidden = (grants.hides(spec.key) - grants.masks(spec.key)) | placeless
    quoting = withheld(grants, spec) - placeless
    for section in spec.form_sections:
        fields = []
        for key in section.fields:
            if key in quoting:
                reason = gettext("It is taken from one of several records, and you do not see all of them.")
                said = format_html('<span class="sm faint">{}</span>', reason)
                fields.append(ShownField(spec.field(key), said, is_withheld=True))
            if key in hidden:
                continue
            field = spec.field(key)
            value = opened.row.values.get(key)
            if isinstance(field, ConditionText) and isinstance(value, str):
                html = escape(in_words(ctx, spec, opened.record, key))
            else:
                html = shown(field, value, ctx.reader)
            edit = (
                page_url(ctx, spec, opened.record.id, "field", key)
                if editable and opened.may_update and key not in fixed and may_write(ctx, spec, field)
                else ""
            )
            if html or (edit and not field.secondary):
                fields.append(ShownField(field, html, edit))
        if fields:
            out.append(ShownSection(section.label, fields))
    return out


def related_lists(ctx: Context, opened: Opened) -> list[RelatedList]:
    """The newest records of each related object, and how many there are, counted no further than a bound."""
    if opened.in_bin:
        return []
    out = []
    for related in opened.spec.relations:
        spec = find_object(related.object)
        if spec is None or not decide(ctx.actor, spec.permission("view")):
            continue
        query = ListQuery(spec, ctx.actor, related_columns(spec))
        page = related_page(query, opened, related, SIDE_ROWS)
        every = page
        if page.next is not None:
            every = related_page(ListQuery(spec, ctx.actor, ()), opened, related, COUNTED)
        count, exact = len(every.rows), every.next is None
        may_add = spec.creatable and opened.may_update and bool(decide(ctx.actor, spec.permission("create")))
        prefill: dict[str, Any] = {related.via: opened.record.id}
        if not related.goes_on:
            prefill["next"] = page_url(ctx, opened.spec, opened.record.id)
        add = f"{address(ctx, spec)}/new?{urlencode(prefill)}" if may_add else ""
        wanted = {"filter": json.dumps({"field": related.via, "op": "is", "value": str(opened.record.id)})}
        rows = [related_row(ctx, spec, row, opened) for row in page.rows]
        out.append(RelatedList(
            spec, f"{spec.key}-{related.via}", related.label or spec.label_plural, rows, count, exact, add,
            f"{address(ctx, spec)}/?{urlencode(wanted)}" if spec.menu is not None else "",
        ))  # fmt: skip
    return out


def condition_for(opened: Opened, spec: ObjectSpec, related: Related) -> Any:
    """Records whose link points here."""
    leaves = [
        {"field": way, "op": "is", "value": str(opened.record.id)} for way in ways_to(opened, spec, related)
    ]
    return parse({"or": leaves} if len(leaves) > 1 else leaves[0], spec.condition_schema)


def related_page(query: ListQuery, opened: Opened, related: Related, limit: int) -> Page:
    """The newest records that point here."""
    ways = [query.spec.field(key) for key in ways_to(opened, query.spec, related)]
    if any(isinstance(field, InCustom) or is_secret(field.key, query.spec, query.actor) for field in ways):
        condition = condition_for(opened, query.spec, related)
        return fetch_page(replace(query, condition=condition), limit=limit)
    return fetch_linked(query, tuple(field.column for field in ways), opened.record.id, limit=limit)


def ways_to(opened: Opened, spec: ObjectSpec, related: Related) -> list[str]:
    """The links by which related records point here; what ties records together does from either end."""
    if not is_bond(spec):
        return [related.via]
    return [f.key for f in spec.own_fields if isinstance(f, Link) and f.to == opened.spec.key]


def is_bond(spec: ObjectSpec) -> bool:
    """Whether the object only ties two others together: it has no name of its own, just a role."""
    return isinstance(spec.all_fields.get(spec.title), Choice)


def related_columns(spec: ObjectSpec) -> tuple[str, ...]:
    """The columns that a related row is written from."""
    if is_bond(spec):
        return tuple(f.key for f in spec.own_fields if not f.is_compound)
    return tuple(
        dict.fromkeys(
            [
                *(k for k in (spec.subtitle,) if k),
                *(f for f in spec.list_columns if not spec.field(f).is_compound),
            ]
        )
    )


def related_row(ctx: Context, spec: ObjectSpec, row: Row, opened: Opened) -> RelatedRow:
    reader = ctx.reader
    if is_bond(spec):
        here = (opened.spec.key, opened.record.id)
        refs = [
            v for f in spec.own_fields if isinstance(f, Link) and isinstance(v := row.values.get(f.key), Ref)
        ]
        other = next((r for r in refs if (r.object, r.id) != here), None)
        words = [
            title_of(spec, row),
            *(str(row.values.get(f.key) or "") for f in spec.own_fields if type(f) is Text),
        ]
        title = other.title if other else title_of(spec, row)
        kind = other.object if other else spec.key
        url = page_url(ctx, spec, row.id)
        return RelatedRow(row, title, url, kind, reader.comma.join(filter(None, words)), "")
    figure = next(
        (f for f in spec.own_fields if isinstance(f, Money) and not f.secondary and f.key in row.values), None
    )
    subs = [
        f
        for k in spec.list_columns
        if (f := spec.field(k)).key != spec.title and not isinstance(f, Money | UserLink) and k != "id"
    ]
    texts = [
        f.show(v, reader)
        for f in subs
        if not f.is_compound and (v := row.values.get(f.key)) not in (None, "") and v != opened_ref(opened, v)
    ]
    return RelatedRow(
        row, title_of(spec, row), page_url(ctx, spec, row.id), spec.key, reader.comma.join(filter(None, texts[:2])),
        shown(figure, row.values[figure.key], reader) if figure and row.values[figure.key] is not None else "",
    )  # fmt: skip


def opened_ref(opened: Opened, value: Any) -> Any:
    """The value itself if it only names the record whose page this is."""
    same = isinstance(value, Ref) and (value.object, value.id) == (opened.spec.key, opened.record.id)
    return value if same else None


def _tab_context(
    request: HttpRequest, ctx: Context, opened: Opened, related: Sequence[RelatedList]
) -> dict[str, Any]:
    tab = request.GET.get("tab", "timeline")
    files = count_files(opened.spec.key, opened.record.id)
    chosen = next((r for r in related if r.key == tab), None)
    context: dict[str, Any] = {
        "tab": tab if chosen or tab in ("files", "history") else "timeline",
        "file_count": files,
    }
    if chosen is not None:
        declared = next(r for r in opened.spec.relations if f"{r.object}-{r.via}" == tab)
        columns = tuple(k for k in chosen.spec.list_columns if k != declared.via)[:6]
        page = related_page(ListQuery(chosen.spec, ctx.actor, columns), opened, declared, TAB_ROWS)
        fields = [chosen.spec.field(k) for k in columns if k != chosen.spec.title]
        table = [
            (
                page_url(ctx, chosen.spec, r.id),
                title_of(chosen.spec, r),
                r.id,
                [shown(f, r.values.get(f.key), ctx.reader) for f in fields],
            )
            for r in page.rows
        ]
        return context | {
            "chosen": chosen,
            "columns": fields,
            "table": table,
            "title_label": chosen.spec.field(chosen.spec.title).label,
            "is_cut": page.next,
        }
    if context["tab"] == "files":
        return context | {
            "files": files_of(opened.spec.key, opened.record.id),
            "may_attach": opened.may_update,
        }
    if context["tab"] == "history":
        return context | history_context(request, ctx, opened)
    kind = request.GET.get("kind", "")
    panels = composer_panels(ctx, opened) if context["tab"] == "timeline" and not opened.in_bin else []
    return context | timeline_context(ctx, opened.spec, opened.record.id, kind) | {"panels": panels}
