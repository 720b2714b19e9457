"""The runner: whoever is due gets their next step, a set in one transaction. What a step makes and that it was taken are
written together, so that each is taken exactly once whatever dies when. Whoever's step is refused leaves the set and the sequence;
the others go on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count
from django.utils import translation

from peyvand.collaborative.filling import filler_for
from peyvand.collaborative.mail.public import MAIL_MESSAGE, MailAccount, queue_many, written
from peyvand.collaborative.mail.public import Draft as MailDraft
from peyvand.collaborative.sequences import models as m
from peyvand.collaborative.sequences import reasons
from peyvand.collaborative.sequences.enrolling import steps_of, unmailed
from peyvand.collaborative.sequences.models import Enrolment, Step, StepRun
from peyvand.collaborative.sequences.moving import due_step, step_after
from peyvand.collaborative.sequences.objects import ENROLMENT
from peyvand.collaborative.sequences.stopping import ADVANCE, end
from peyvand.collaborative.sequences.timing import WorkingClock
from peyvand.collaborative.sequences.variants import variant_of
from peyvand.collaborative.sms.public import MESSAGE, Draft, SmsLine, queue, reached, unsendable
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Message, PeyvandError, msg
from peyvand.operational.activities.public import TASK
from peyvand.operational.contacts.public import Person
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.database.locks import hold
from peyvand.platform.fields.reader import said
from peyvand.platform.identity.actor import Tenant, actors_of
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import find_object
from peyvand.platform.workspaces.scope import workspace_scope

SET: Final = 200
MOST_SETS: Final = 50
NO_TIME: Final = msg("There is not enough working time within three years; look at the working hours.")
# Whoever finds a task of a sequence in their list has so long for it.
TASK_HOURS: Final = 8
_CLOSED: Final = {
    ("lead", "converted"): reasons.CONVERTED,
    ("lead", "disqualified"): reasons.DISQUALIFIED,
    ("deal", "won"): reasons.WON,
    ("deal", "lost"): reasons.LOST,
}


@dataclass(frozen=True)
class Due:
    """One enrolment with the step that it is at, and the text that it gets."""

    enrolment: Enrolment
    step: Step
    person: Person
    variant: str = ""

    @property
    def subject(self) -> str:
        return self.step.subject_b if self.variant == "b" else self.step.subject

    @property
    def text(self) -> str:
        return self.step.text_b if self.variant == "b" else self.step.text


def run_due(tenant: Tenant) -> None:
    """Take all who are due one step further, set by set; whoever is left over is taken in the next minute."""
    for _ in range(MOST_SETS):
        with workspace_scope(tenant.id):
            if not run_set(tenant):
                return


def run_set(tenant: Tenant) -> int:
    """Take one set a step further, in the open scope; return how many were looked at."""
    now, ctx = clock.now(), job_context(tenant)
    # Runs that overlap take turns, so that what is left of a day is counted once.
    hold(tenant.id, "sequences.run")
    going = {"sequence__is_active": True, "sequence__deleted_at__isnull": True}
    due = Enrolment.objects.filter(state=m.ACTIVE, next_at__lte=now, **going).order_by("next_at", "id")
    found = due.select_for_update(of=("self",), skip_locked=True).values_list("id", flat=True)
    if ids := list(found[:SET]):
        perform(ctx, ADVANCE, (), lambda: _advance(ctx, ids, now))
    return len(ids)


def _advance(ctx: Context, ids: Sequence[int], now: datetime) -> None:
    """Take a locked set a step further; one whose step a rule refuses fails alone."""

    def rows(some: Sequence[int]) -> list[Enrolment]:
        found = Enrolment.objects.filter(id__in=some).select_related("sequence__purpose")
        return list(found.order_by("next_at", "id"))

    def refuse(id: int, error: PeyvandError) -> None:
        [one] = rows([id])
        one.problem = _in_words(ctx, _why(error))
        end(ctx, [one], m.FAILED, reasons.FAILED)

    by_halves(
        ctx,
        ids,
        lambda some: _Set(ctx, rows(some), now).run(),
        refusal_of=lambda error: error if isinstance(error, PeyvandError) else None,
        refuse=refuse,
    )


class _Set:
    """One set under way: what was read of it once, and what became of each."""

    def __init__(self, ctx: Context, rows: Sequence[Enrolment], now: datetime) -> None:
        self.ctx, self.rows, self.now = ctx, rows, now
        self.times = WorkingClock(ctx.tenant)
        self.steps = steps_of(sorted({e.sequence_id for e in rows}))
        self.people = Person.objects.filter(deleted_at__isnull=True).in_bulk(
            {e.person_id for e in rows if e.person_id}
        )
        # In whose name each is written to, and what those may know; filled in while the set is looked through.
        self.senders: dict[int, int] = {}
        self.eyes: dict[int, Context] = {}
        self.had: dict[int, set[int]] = defaultdict(set)
        for enrolment, step in StepRun.objects.filter(enrolment__in=rows).values_list(
            "enrolment_id", "step_id"
        ):
            self.had[enrolment].add(step)
        self.runs: list[StepRun] = []
        self.kept: list[Enrolment] = []
        self.failed: list[Enrolment] = []

    def run(self) -> None:
        ready = self._throttled(self._ready(self._still_wanted()))
        by_kind: dict[str, list[Due]] = defaultdict(list)
        for due in ready:
            by_kind[due.step.kind].append(due)
        self._take(by_kind[m.WAIT], m.DONE, {})
        self._tasks([*by_kind[m.CALL], *by_kind[m.TASK]])
        self._messages(by_kind[m.SMS], self._sms)
        self._messages(by_kind[m.MAIL], self._mail)
        end(self.ctx, self.failed, m.FAILED, reasons.FAILED)
        StepRun.objects.bulk_create(self.runs)
        Enrolment.objects.bulk_update(self.kept, ["step", "place", "next_at", "owner"], batch_size=1000)
        self.ctx.touch(ENROLMENT.key, *(e.id for e in self.kept))

    def _still_wanted(self) -> list[Enrolment]:
        """Those whose person and record are there and open, each with the owner of today."""
        abouts = _abouts(self.rows)
        owners = {e.id: _owner(e, abouts, self.people) for e in self.rows}
        # Nobody is written for by being made the owner: until they take it over, it is whoever put the person in.
        senders = {
            e.id: e.sender_id if e.sender_id == owners[e.id] else e.created_by_id or e.sender_id
            for e in self.rows
        }
        actors = actors_of(self.ctx.tenant.id, {id for id in (*owners.values(), *senders.values()) if id})
        self.eyes = {id: Context(actor, self.ctx.via) for id, actor in actors.items()}
        stopped: dict[str, list[Enrolment]] = defaultdict(list)
        wanted = []
        for one in self.rows:
            about = abouts.get((one.about_object, one.about_id or 0))
            if one.person_id not in self.people or about is None:
                stopped[reasons.GONE].append(one)
            elif closed := _CLOSED.get((one.about_object, about["state"])):
                stopped[closed].append(one)
            elif owners[one.id] not in self.eyes or (sender := senders[one.id]) not in self.eyes:
                stopped[reasons.NO_OWNER].append(one)
            else:
                one.owner_id, self.senders[one.id] = owners[one.id], sender
                wanted.append(one)
        for reason, some in stopped.items():
            end(self.ctx, some, m.STOPPED, reason)
        return wanted

    def _ready(self, enrolments: Iterable[Enrolment]) -> list[Due]:
        """Those whose owner works now, with the step they are at; the others wait or are at the end."""
        ready, finished = [], []
        for one in enrolments:
            step = due_step(self.steps[one.sequence_id], one, self.had[one.id])
            at = self.times.open_at(one.owner_id, self.now)
            if step is None:
                finished.append(one)
            elif at is None:
                self._fail([one], NO_TIME)
            elif at > self.now:
                self._wait(one, step, at)
            else:
                ready.append(Due(one, step, self.people[one.person_id], variant_of(step, one.id)))
        end(self.ctx, finished, m.FINISHED)
        return ready

    def _throttled(self, ready: Sequence[Due]) -> list[Due]:
        """Those who may go today: of each owner and kind only so many messages go out on a day."""
        written = [due for due in ready if due.step.kind in m.WRITTEN]
        if not written:
            return list(ready)
        tz = self.ctx.tenant.tz
        midnight = datetime.combine(self.now.astimezone(tz).date(), time(), tz).astimezone(UTC)
        tomorrow = datetime.combine(
            self.now.astimezone(tz).date() + timedelta(days=1), time(), tz
        ).astimezone(UTC)
        rows = StepRun.objects.filter(
            at__gte=midnight, owner_id__in={d.enrolment.owner_id for d in written}, kind__in=m.WRITTEN
        )
        sent: Counter[tuple[int | None, str]] = Counter()
        for owner, kind, n in (
            rows.exclude(state=m.SKIPPED).order_by().values_list("owner_id", "kind").annotate(n=Count("id"))
        ):
            sent[owner, kind] = n
        kept = []
        for due in ready:
            one, key = due.enrolment, (due.enrolment.owner_id, due.step.kind)
            if due.step.kind in m.WRITTEN:
                if sent[key] >= one.sequence.most_a_day:
                    self._wait(one, due.step, self.times.open_at(one.owner_id, tomorrow) or tomorrow)
                    continue
                sent[key] += 1
            kept.append(due)
        return kept

    def _tasks(self, some: Sequence[Due]) -> None:
        words = self._filled(some, lambda due: (due.step.name, due.step.text))
        rows = []
        for due in some:
            one, (title, text) = due.enrolment, words[due.enrolment.id]
            rows.append({
                "title": title[:300] or due.step.name, "description": text, "kind": "call" if due.step.kind == m.CALL else "todo",
                "status": "open", "owner": one.owner_id, "about": one.about, "person": one.person_id, "company": one.company_id,
                "due_at": self.times.after(one.owner_id, self.now, 0, TASK_HOURS),
            })  # fmt: skip
        tasks = create_records(self.ctx, TASK, rows) if rows else []
        self._take(some, m.DONE, {d.enrolment.id: (TASK.key, t.id) for d, t in zip(some, tasks, strict=True)})

    def _messages(self, some: Sequence[Due], write: Any) -> None:
        """Messages of each sequence together: they are for the same purpose."""
        by_sequence: dict[int, list[Due]] = defaultdict(list)
        for due in some:
            by_sequence[due.enrolment.sequence_id].append(due)
        for group in by_sequence.values():
            write(group)

    def _sms(self, some: Sequence[Due]) -> None:
        purpose = some[0].enrolment.sequence.purpose
        if not SmsLine.objects.filter(is_active=True, deleted_at__isnull=True).exists():
            why = msg("There is no active SMS line; one is set up in the settings.")
            self._fail([due.enrolment for due in some], why)
            return
        numbers = reached(self.ctx, [d.person for d in some], purpose)
        refused = {id: why for id, why in numbers.items() if isinstance(why, Message)}
        reachable = self._reachable(some, refused, "phone")
        words = self._filled(reachable, lambda due: (due.text,))
        # What its places come to may be nothing at all, or too much.
        going = []
        for due in reachable:
            if (bad := unsendable(words[due.enrolment.id][0])) is not None:
                self._fail([due.enrolment], bad)
            else:
                going.append(due)
        drafts = [
            Draft(d.person, words[d.enrolment.id][0], d.enrolment.about, self.senders[d.enrolment.id], f"sequence:{d.enrolment.id}:{d.step.id}")
            for d in going
        ]  # fmt: skip
        messages = queue(self.ctx, drafts, purpose)
        self._take(
            going, m.SENT, {d.enrolment.id: (MESSAGE.key, s.id) for d, s in zip(going, messages, strict=True)}
        )

    def _mail(self, some: Sequence[Due]) -> None:
        sequence, accounts = some[0].enrolment.sequence, mailboxes()
        # What nobody need consent to is a personal letter, without a way to take a consent back.
        purpose = sequence.purpose if sequence.purpose and sequence.purpose.needs_consent else None
        going = self._reachable(some, unmailed(self.ctx, [d.person for d in some], sequence), "email")
        words = self._filled(going, lambda due: (due.subject, due.text))
        by = {d.enrolment.id: accounts.get(self.senders[d.enrolment.id]) or accounts.get(None) for d in going}
        without = [d.enrolment for d in going if by[d.enrolment.id] is None]
        self._fail(without, msg("Neither the owner nor the workspace has an e-mail account."))
        drafts = [
            (account, due, MailDraft(
                to=written(due.person.name, due.person.email), subject=words[due.enrolment.id][0], text=words[due.enrolment.id][1],
                about=due.enrolment.about, person_id=due.person.id, company_id=due.person.company_id, purpose=purpose,
            ))
            for due in going if (account := by[due.enrolment.id]) is not None
        ]  # fmt: skip
        made: dict[int, tuple[str, int]] = {}
        mails = queue_many(self.ctx, [(account, draft) for account, _, draft in drafts])
        for mail, (_, due, _) in zip(mails, drafts, strict=True):
            if isinstance(mail, Invalid):
                self._fail([due.enrolment], _why(mail))
            else:
                made[due.enrolment.id] = (MAIL_MESSAGE.key, mail.id)
        self._take([d for d in going if d.enrolment.id in made], m.SENT, made)

    def _reachable(self, some: Sequence[Due], refused: dict[int, Message], address: str) -> list[Due]:
        """Those who can be written to; whoever withdrew their consent meanwhile, or has no address any more, leaves."""
        out = [due for due in some if due.person.id in refused]
        unwilling = []
        for due in out:
            if getattr(due.person, address):
                due.enrolment.problem = _in_words(self.ctx, refused[due.person.id])
                unwilling.append(due.enrolment)
            else:
                self._fail([due.enrolment], refused[due.person.id])
        end(self.ctx, unwilling, m.STOPPED, reasons.WITHDRAWN)
        return [due for due in some if due.person.id not in refused]

    def _filled(
        self, some: Sequence[Due], texts_of: Callable[[Due], tuple[str, ...]]
    ) -> dict[int, tuple[str, ...]]:
        """Texts of each, by the enrolment: filled in with what its sender may know, by a few queries for each."""
        found: dict[int, tuple[str, ...]] = {}
        by_sender: dict[int, list[Due]] = defaultdict(list)
        for due in some:
            by_sender[self.senders[due.enrolment.id]].append(due)
        for sender, dues in by_sender.items():
            whom = [
                {"person": d.person.id, "company": d.person.company_id, "user": sender, d.enrolment.about_object: d.enrolment.about_id}
                for d in dues
            ]  # fmt: skip
            texts = [text for due in dues for text in texts_of(due)]
            fill = filler_for(self.eyes[sender], whom, self.ctx.tenant.language, list(dict.fromkeys(texts)))
            for due, records in zip(dues, whom, strict=True):
                found[due.enrolment.id] = tuple(fill(text, records, {}) for text in texts_of(due))
        return found

    def _take(self, some: Sequence[Due], state: str, made: dict[int, tuple[str, int]]) -> None:
        """Write down that a step was taken, and let the next follow in its time."""
        finished = []
        for due in some:
            one, (made_object, made_id) = due.enrolment, made.get(due.enrolment.id, ("", None))
            self.runs.append(run_of(one, due.step, state, self.now, due.variant, made_object, made_id))
            self.had[one.id].add(due.step.id)
            following = step_after(self.steps[one.sequence_id], due.step, self.had[one.id])
            if following is None:
                one.place = due.step.position
                finished.append(one)
                continue
            at = self.times.after(one.owner_id, self.now, following.days, following.hours)
            if at is None:
                self._fail([one], NO_TIME)
            else:
                self._wait(one, following, at)
        end(self.ctx, finished, m.FINISHED)

    def _wait(self, one: Enrolment, step: Step, at: datetime) -> None:
        one.step, one.place, one.next_at = step, step.position, at
        self.kept.append(one)

    def _fail(self, some: Sequence[Enrolment], why: Message) -> None:
        for one in some:
            one.problem = _in_words(self.ctx, why)
        self.failed += some


def _in_words(ctx: Context, why: Message) -> str:
    with translation.override(ctx.tenant.language):
        return said(why)[:300]


def _why(error: PeyvandError) -> Message:
    return error.problems[0].message if isinstance(error, Invalid) else error.message


def owner_now(one: Enrolment) -> int | None:
    """Who looks after the record that an enrolment is about, or its person, today."""
    return _owner(one, _abouts([one]), Person.objects.in_bulk([one.person_id] if one.person_id else []))


def _owner(
    one: Enrolment, abouts: dict[tuple[str, int], dict[str, Any]], people: dict[int, Person]
) -> int | None:
    about = abouts.get((one.about_object, one.about_id or 0)) or {}
    person = people.get(one.person_id or 0)
    return about.get("owner_id") or (person.owner_id if person else None) or one.owner_id


def run_of(
    one: Enrolment, step: Step, state: str, at: datetime, variant: str = "", made_object: str = "", made_id: int | None = None
) -> StepRun:  # fmt: skip
    """That a step was taken, unsaved."""
    return StepRun(
        enrolment=one, sequence_id=one.sequence_id, step=step, person_id=one.person_id, owner_id=one.owner_id, title=step.name,
        kind=step.kind, variant=variant, state=state, at=at, made_object=made_object, made_id=made_id, created_at=at, updated_at=at,
    )  # fmt: skip


def _abouts(rows: Sequence[Enrolment]) -> dict[tuple[str, int], dict[str, Any]]:
    """Of the records that enrolments are about, those that are there: owner and state. One query for each object."""
    asked: dict[str, set[int]] = defaultdict(set)
    for one in rows:
        asked[one.about_object].add(one.about_id or 0)
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for key, ids in asked.items():
        spec = find_object(key)
        state = {"lead": "state", "deal": "status"}.get(key, "")
        if spec is not None:
            columns = ["id", "owner_id", *([state] if state else [])]
            for row in spec.model.objects.filter(id__in=ids, deleted_at__isnull=True).values(*columns):
                found[key, row["id"]] = {"owner_id": row["owner_id"], "state": row.get(state, "")}
    return found


def mailboxes() -> dict[int | None, MailAccount]:
    """The mailbox of each user; of None the one that all share."""
    rows = MailAccount.objects.filter(is_active=True, deleted_at__isnull=True).order_by("-id")
    return {None if account.is_shared else account.owner_id: account for account in rows}
