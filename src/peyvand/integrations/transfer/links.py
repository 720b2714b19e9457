"""Which records a file's words mean: found in sets by external ID, by e-mail or phone, else by title, blind to spaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock
from typing import Any, Final

from django.db.models import F, Func, QuerySet, TextField

from peyvand.integrations.transfer.mapping import SOURCE
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import compact, fold
from peyvand.operational.contacts.public import Points
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.platform.search.models import LEAD, SearchEntry

# Up to this many records, all titles are read once; of larger objects only those that are asked for.
WHOLE: Final = 50_000
_MOST_REMEMBERED: Final = 200_000
# What could be an e-mail or a telephone number, in Persian digits too.
_POINT: Final = re.compile(r"@|(?:[\d۰-۹٠-٩][\s()/.-]*){7}")
# Stands for an id where several records answer to one name.
SEVERAL: Final = 0


class Links:
    """Remembers what it found; whoever writes records tells it by `learn` or `forget`."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._found: dict[str, dict[str, int]] = {}
        self._titles: dict[str, dict[str, int] | None] = {}
        self._lock = Lock()

    def find(self, object_key: str, words: Iterable[str], *, thorough: bool = True) -> dict[str, int]:
        """The id of each word that means a record the actor may see; SEVERAL where it could mean more than one.

        ``thorough``: titles of large objects are also found where they differ in spaces, by reading all of them.
        """
        with self._lock:
            known = self._found.setdefault(object_key, {})
            if len(known) > _MOST_REMEMBERED:
                known.clear()
            asked = set(words)
            missing = asked - known.keys()
            if missing:
                known |= self._look_up(object_named(object_key), missing, thorough)
            return {word: known[word] for word in asked if word in known}

    def learn(self, object_key: str, title: str, id: int, external_id: str | None = None) -> None:
        """A record written just now."""
        known = self._found.get(object_key)
        if known is None:
            # Nobody asks for this object's records by their words; who does, finds them in the database.
            return
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        known[title] = id
        if external_id:
            known[external_id] = id
        titles = self._titles.get(object_key)
        if titles is not None:
            titles[compact(title)] = id
            if len(titles) > _MOST_REMEMBERED:
                self._titles[object_key] = None

    def forget(self, object_key: str) -> None:
        """Read this object's records again when they are next asked for."""
        self._found.pop(object_key, None)
        self._titles.pop(object_key, None)

    def create(
        self, object_key: str, words: Collection[str], values: Callable[[str], dict[str, Any]] | None = None
    ) -> None:
        """Create a record under each of these names, in one set; `values` says more of each."""
        spec = object_named(object_key)
        more = values or (lambda word: {})
        if spec.creatable:
            rows = [clean(self.ctx, spec, {spec.title: word, **more(word)}) for word in words]
            records = create_records(self.ctx, spec, rows, source=SOURCE)
        else:
            verb = action_named(f"{object_key}.create")
            if verb is None:
                raise LookupError(f"there is no action {object_key}.create")
            records = [verb.function(self.ctx, **{spec.title: word, **more(word)}) for word in words]
        for word, record in zip(words, records, strict=True):
            self.learn(object_key, word, record.id)

    def _look_up(self, spec: ObjectSpec, words: set[str], thorough: bool) -> dict[str, int]:
        there = self._there(spec)
        found: dict[str, int] = dict(there.filter(external_id__any_of=words).values_list("external_id", "id"))
        left = words - found.keys()
        may_ask = spec.key == "user" and "email" not in self.ctx.actor.grants.hides("user")
        if may_ask and (mails := {w.lower() for w in left if "@" in w}):
            by_mail = dict(there.filter(email__any_of=mails).values_list("email", "id"))
            found |= {w: by_mail[w.lower()] for w in left if w.lower() in by_mail}
            left -= found.keys()
        by_point = self._by_point(spec, {word for word in left if _POINT.search(word)})
        found, left = found | by_point, left - by_point.keys()
        return found | (self._by_title(spec, left, thorough) if left else {})

    def _by_point(self, spec: ObjectSpec, words: set[str]) -> dict[str, int]:
        """By a phone or an e-mail, in any form, where such records have them."""
        found: dict[str, int] = {}
        hidden = self.ctx.actor.grants.hides(spec.key)
        for field in spec.compound_fields if words else ():
            if not isinstance(field, Points) or field.key in hidden:
                continue
            asked = {word: field.asked(word) for word in words}
            rows = field.table.objects.filter(
                object=spec.key, kind=field.kind, value__any_of=set(asked.values())
            ).values_list("value", "object_id")
            holders = list(dict.fromkeys(rows))
            seen = set(
                self._there(spec).filter(id__any_of=[id for _, id in holders]).values_list("id", flat=True)
            )
            known = _counted([(value, id) for value, id in holders if id in seen])
            found |= {word: known[value] for word, value in asked.items() if value in known}
        return found

    def _there(self, spec: ObjectSpec) -> QuerySet[Any]:
        return visible(self.ctx.actor, spec.key, spec.rows.filter(deleted_at__isnull=True))

    def _by_title(self, spec: ObjectSpec, words: set[str], thorough: bool) -> dict[str, int]:
        wanted = {word: compact(word) for word in words}
        if spec.key not in self._titles:
            rows = list(self._there(spec).values_list(spec.title, "id")[: WHOLE + 1])
            self._titles[spec.key] = _unique(rows) if len(rows) <= WHOLE else None
        titles = self._titles[spec.key]
        if titles is None:
            titles = self._some_titles(spec, wanted, thorough)
        exact = {word: titles[key] for word, key in wanted.items() if key in titles}
        doubtful = [word for word, id in exact.items() if id == SEVERAL]
        if doubtful:
            # Spelled exactly so, one of the several may be meant.
            rows = list(
                self._there(spec).filter(**{f"{spec.title}__any_of": doubtful}).values_list(spec.title, "id")
            )
            exact |= _counted(rows)
        return exact

    def _some_titles(self, spec: ObjectSpec, wanted: dict[str, str], thorough: bool) -> dict[str, int]:
        """Titles of a large object: by the index of the search, then, for those spelled otherwise, by reading it all."""
        rows: list[tuple[str, int]] = []
        if spec.in_search:
            leads = {fold(word)[:LEAD] for word in wanted}
            entries = SearchEntry.objects.filter(object=spec.key, lead__any_of=leads).values_list(
                "object_id", flat=True
            )
            rows = list(self._there(spec).filter(id__any_of=list(entries)).values_list(spec.title, "id"))
        found = _unique(rows)
        left = {key for key in wanted.values() if key not in found}
        if left and (thorough or not spec.in_search):
            squeezed = Func(F(spec.title), function="peyvand_compact", output_field=TextField())
            rest = self._there(spec).annotate(squeezed=squeezed).filter(squeezed__any_of=left)
            found |= _unique(list(rest.values_list(spec.title, "id")))
        return found


def _unique(rows: Sequence[tuple[str, int]]) -> dict[str, int]:
    return _counted([(compact(title), id) for title, id in rows])


def _counted(rows: Sequence[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for title, id in rows:
        found[title] = SEVERAL if title in found else id
    return found


def invalid_word(field: str, word: str, found: int | None) -> Invalid:
    """Why a word leads nowhere."""
    if found == SEVERAL:
        return Invalid.of(
            msg("There are several called “%(name)s”; name the one by its external ID.", name=word),
            field,
            "several",
        )
    return Invalid.of(msg("There is no “%(name)s”.", name=word), field, "missing")
