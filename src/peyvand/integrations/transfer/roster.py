"""What only users need: they are added by their own verb, without a way in, into teams under their managers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from peyvand.integrations.transfer.drafts import Draft
from peyvand.integrations.transfer.journal import Journal
from peyvand.integrations.transfer.links import Links, invalid_word
from peyvand.integrations.transfer.mapping import SOURCE, Shape
from peyvand.integrations.transfer.reading import Table
from peyvand.integrations.transfer.writing import Tally, write
from peyvand.kernel.errors import Invalid, PeyvandError
from peyvand.kernel.persian.text import compact
from peyvand.platform.actions.action import action_named
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Team, User
from peyvand.platform.identity.roles import MANAGER, MEMBER
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.spec import object_named


class Roster:
    """The users of one table.

    A manager who is no row of it is added too, with the role of one. Where the table names managers but no teams,
    each manager leads a team called after them; an office or region that is named stands above it.
    """

    def begin(self, table: Table, shape: Shape, links: Links) -> Shape:
        self.links, self.shape = links, shape
        self.headers = {c.field.key: c.header for c in reversed(shape.columns)}
        return shape

    def complete(self, drafts: Sequence[Draft]) -> None:
        """Nothing: who stands under whom is settled while writing."""

    def write(self, drafts: Sequence[Draft], tally: Tally, journal: Journal) -> list[tuple[Draft, Any]]:
        """Write managers before those who report to them; a circle of managers is refused."""
        self.journal = journal
        leaders = {compact(word) for d in drafts if (word := d.values.get("manager"))}
        self._add_managers(drafts)
        made: list[tuple[Draft, Any]] = []
        left = list(drafts)
        while left:
            known = self.links.find("user", {d.values["manager"] for d in left if "manager" in d.values})
            ready = [d for d in left if d.values.get("manager") is None or known.get(d.values["manager"])]
            if not ready:
                for draft in left:
                    problem = invalid_word("manager", draft.values["manager"], None).problems[0]
                    draft.refuse(problem.message, self.headers.get("manager", ""), problem.code)
                break
            left = [d for d in left if d not in ready]
            made += self._write_under(ready, known, leaders, tally)
        access_changed(self.links.ctx.tenant.id)
        return made

    def _add_managers(self, drafts: Sequence[Draft]) -> None:
        own = {compact(str(d.values.get("name", ""))) for d in drafts} | {
            str(d.values.get("external_id", "")) for d in drafts
        }
        words = {word for d in drafts if (word := d.values.get("manager"))}
        new = sorted(
            w for w in words - self.links.find("user", words).keys() if compact(w) not in own and w not in own
        )
        self.links.create("user", new, lambda word: {"role": MANAGER})

    def _write_under(
        self, drafts: Sequence[Draft], managers: dict[str, int], leaders: set[str], tally: Tally
    ) -> list[tuple[Draft, Any]]:
        for draft in drafts:
            if word := draft.values.get("manager"):
                draft.values["manager"] = managers[word]
                draft.values.setdefault("team", word)
            elif "office" in draft.values:
                draft.values.setdefault("team", draft.values["office"])
        self._set_up_teams(drafts, {id: word for word, id in managers.items()})
        new = [d for d in drafts if d.record is None]
        known = [d for d in drafts if d.record is not None]
        for draft in drafts:
            draft.values.pop("office", None)
        for draft in known:
            # Their mail and their role are changed by verbs of their own, never by a file.
            draft.values.pop("email", None)
            draft.values.pop("role", None)
        write(self.links.ctx, self.shape, known, tally, self.journal)
        made = self._add(new, leaders)
        tally.created += len(made)
        return made

    def _set_up_teams(self, drafts: Sequence[Draft], names: dict[int, str]) -> None:
        links, ctx, spec = self.links, self.links.ctx, object_named("team")
        offices = {word for d in drafts if (word := d.values.get("office"))}
        links.create("team", sorted(offices - links.find("team", offices).keys()))
        above = links.find("team", offices)
        wanted: dict[str, dict[str, Any]] = {}
        for draft in drafts:
            word = draft.values.get("team")
            if not isinstance(word, str):
                continue
            said = wanted.setdefault(word, {})
            if (office := draft.values.get("office")) and office != word:
                said["parent"] = above[office]
            manager = draft.values.get("manager")
            if manager and names.get(manager) == word:
                said["lead"] = manager
        there = links.find("team", wanted)
        links.create("team", [w for w in wanted if w not in there], lambda word: wanted[word])
        ids = links.find("team", wanted)
        teams = {t.id: t for t in Team.objects.filter(id__in=ids.values())}
        known = [(teams[there[w]], said) for w, said in wanted.items() if w in there and said]
        self.journal.keep(spec, [team.id for team, _ in known])
        update_records(ctx, spec, [team for team, _ in known], [said for _, said in known], source=SOURCE)
        leads = {said["lead"]: ids[w] for w, said in wanted.items() if "lead" in said}
        homeless = list(User.objects.filter(id__in=leads, team__isnull=True))
        self.journal.keep(object_named("user"), [user.id for user in homeless])
        placed = [{"team": leads[user.id]} for user in homeless]
        update_records(ctx, object_named("user"), homeless, placed, source=SOURCE)
        for draft in drafts:
            if isinstance(word := draft.values.get("team"), str):
                draft.values["team"] = ids[word]

    def _add(self, drafts: Sequence[Draft], leaders: set[str]) -> list[tuple[Draft, Any]]:
        verb = action_named("user.create")
        if verb is None:
            raise LookupError("there is no action user.create")
        teams = Team.objects.in_bulk({d.values["team"] for d in drafts if "team" in d.values})
        managers = User.objects.in_bulk({d.values["manager"] for d in drafts if "manager" in d.values})
        made = []
        for draft in drafts:
            values = dict(draft.values)
            usual = MANAGER if compact(values.get("name", "")) in leaders else MEMBER
            try:
                with transaction.atomic():
                    record = verb.function(
                        self.links.ctx, name=values.get("name", ""), email=values.get("email", ""),
                        role=values.get("role", usual), title=values.get("title", ""), external_id=values.get("external_id"),
                        team=teams.get(values.get("team")), manager=managers.get(values.get("manager")),
                    )  # fmt: skip
            except PeyvandError as error:
                first = error.problems[0].message if isinstance(error, Invalid) else error.message
                draft.refuse(first, code=error.code)
                continue
            self.links.learn("user", record.name, record.id, record.external_id)
            made.append((draft, record))
        return made
