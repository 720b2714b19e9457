"""The mood of customers follows what they last wrote; what people correct is learned from, where it is surely better."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.analytical.texts.making import DAY, Run, at, mail, notes, person, run, sms

from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.jobs import RUN
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.texts.jobs import listen
from peyvand.analytical.texts.judging import judge_of
from peyvand.analytical.texts.labels import Labelled
from peyvand.analytical.texts.models import TextLabel
from peyvand.collaborative.mail.public import MailMessage
from peyvand.kernel.errors import NotAllowed, RuleViolation
from peyvand.operational.activities.public import NOTE, Note
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import Role, Workspace
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.objects.insights import concluded
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope

__all__ = ["run"]

GLAD, CROSS, PLAIN = "از پشتیبانی خوب شما ممنونم", "کالا خیلی دیر رسید و خراب بود", "لطفاً فاکتور را بفرستید"


def told(ctx: Context, who: Any) -> dict[str, Any]:
    return {i.field.key: i for one in concluded(ctx, PERSON, who.id) for i in one.insights}


def correct(ctx: Context, record: Any, mood: str, object_key: str = "note") -> None:
    action = action_named(f"{object_key}.set_mood")
    assert action is not None
    action.function(ctx, record, mood=mood)


def test_the_last_text_with_a_mood_decides_and_its_change_is_told_once(
    cast: Any, acting: Any, run: Run
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        who = person(ctx)
        notes(ctx, who, [GLAD], DAY - timedelta(days=20))
    assert run("mood", DAY - timedelta(days=10)).state == "ready"
    with workspace_scope(cast.arman.id):
        assert told(ctx, who)["mood"].value == "happy"
        assert "mood_share" not in told(ctx, who)
        sms(ctx, who, CROSS, DAY - timedelta(days=5))
        mail(ctx, who, PLAIN, DAY - timedelta(days=2))
        # What we wrote, what a machine wrote and what is private is nobody's mood.
        mail(ctx, who, GLAD, DAY, direction="out")
        mail(ctx, who, GLAD, DAY, is_private=True)
        mail(ctx, who, GLAD, DAY, is_automatic=True)
        sms(ctx, who, GLAD, DAY, direction="out")
    first, again = run("mood"), run("mood")
    assert (first.changed, again.changed, again.written) == (1, 0, 0)
    with workspace_scope(cast.arman.id):
        seen = told(ctx, who)
        fact = EventRow.objects.get(wire="insights.level_changed.v1", object="person", object_id=who.id)
    assert {key: one.value for key, one in seen.items()} == {
        "mood": "unhappy", "mood_before": "happy", "mood_on": DAY - timedelta(days=5), "mood_share": 33,
    }  # fmt: skip
    # Its words stand at the text: not everybody who sees the customer sees it.
    assert "دیر" not in seen["mood"].reasons[0].text
    assert seen["mood"].reasons[0].effect < 0
    assert (fact.data["insight"], fact.data["direction"]) == ("mood", "down")
    assert [(of, day) for of, _id, day in first.more["unhappy"]] == [("sms_message", "2026-10-27")]
    assert first.more["fallen"] == [["person", who.id, "happy", "2026-10-27"]]
    assert CROSS not in str(first.more)
    # What is too long ago says nothing any more.
    assert run("mood", DAY + timedelta(days=120)).state == "ready"
    with workspace_scope(cast.arman.id):
        assert "mood" not in told(ctx, who)


def test_a_corrected_mood_is_taken_back_by_its_toast(cast: Any, acting: Any, browse: Any, run: Run) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        [note, plain] = notes(ctx, person(ctx), [CROSS, PLAIN])
    run("mood")
    client = browse(cast.sara)
    page = client.get(f"/w/arman/notes/{note.id}/").content.decode()
    at = f"/w/arman/insights/texts/note/{note.id}/mood"
    assert f'hx-post="{at}"' in page

    def mood_of(one: Any) -> tuple[str | None, str | None]:
        with workspace_scope(cast.arman.id):
            row = InsightRow.objects.filter(analysis="mood", object="note", object_id=one.id).first()
            label = TextLabel.objects.filter(object="note", object_id=one.id).first()
            return row and row.text1, label and label.mood

    def undo(answer: Any) -> str:
        return str(json.loads(answer["HX-Trigger"])["toast"]["undo"])

    first = client.post(at, {"mood": "happy"})
    assert mood_of(note) == ("happy", "happy")
    second = client.post(at, {"mood": "neutral"})
    assert client.post(undo(second)).status_code == 200
    assert mood_of(note) == ("happy", "happy")
    assert "undo" not in json.loads(client.post(undo(first))["HX-Trigger"])["toast"]
    with workspace_scope(cast.arman.id):
        assert not TextLabel.objects.filter(object="note", object_id=note.id).exists()
    # Of a text in which nothing was heard nothing is left.
    other = client.post(at.replace(str(note.id), str(plain.id)), {"mood": "unhappy"})
    assert mood_of(plain) == ("unhappy", "unhappy")
    client.post(undo(other))
    assert mood_of(plain) == (None, None)
    assert client.post(at, {"mood": "cross"}).status_code == 422
    assert browse(cast.viewer).post(at, {"mood": "happy"}).status_code in (403, 404)


def test_the_first_that_is_heard_of_a_customer_is_told_too_but_not_in_the_first_run(
    cast: Any, acting: Any, run: Run
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        notes(ctx, person(ctx, "آذر"), [CROSS])
    assert run("mood").changed == 0
    with workspace_scope(cast.arman.id):
        new = person(ctx, "بهار")
        notes(ctx, new, [CROSS])
        notes(ctx, person(ctx, "پونه"), [PLAIN])
    assert (run("mood").changed, run("mood").changed) == (1, 0)
    with workspace_scope(cast.arman.id):
        fact = EventRow.objects.get(wire="insights.level_changed.v1")
    assert (fact.object_id, fact.data["was"], fact.data["now"]) == (new.id, "neutral", "unhappy")


def test_what_is_quoted_beneath_a_mail_is_not_theirs(cast: Any, acting: Any, run: Run) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        who = person(ctx)
        mail(ctx, who, f"{GLAD}\n\nOn Mon, 2 Nov 2026, Sara <s@arman.example> wrote:\n> {CROSS}\n> افتضاح")
        # A mention is a colleague's name, and a note that is nothing but one is no text.
        notes(ctx, None, ["@[خوب عالی](user:5)"])
    assert run("mood").rows == 1
    with workspace_scope(cast.arman.id):
        assert told(ctx, who)["mood"].value == "happy"


def test_without_any_text_it_says_so(cast: Any, run: Run) -> None:
    card = run("mood")
    assert (card.state, card.refusal[1]) == (
        "refused",
        {"needs": 1, "what": {"text": "texts of customers"}, "has": 0},
    )


def test_a_corrected_mood_stands_at_once_and_for_the_customer_from_the_next_run_on(
    cast: Any, acting: Any, run: Run
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        who = person(ctx)
        [note] = notes(ctx, who, [CROSS])
    run("mood")
    with workspace_scope(cast.arman.id):
        correct(ctx, note, "happy")
        row = InsightRow.objects.get(analysis="mood", object="note", object_id=note.id)
        assert row.text1 == "happy"
        correct(ctx, note, "neutral")
        label = TextLabel.objects.get(object="note", object_id=note.id)
        assert (label.mood, label.said, label.by_id) == ("neutral", "unhappy", cast.sara.id)
    run("mood")
    with workspace_scope(cast.arman.id):
        mood = told(ctx, who)["mood"]
        assert mood.value == "neutral"
        assert "colleague" in mood.reasons[0].text or "همکار" in mood.reasons[0].text
        # With its text the label goes.
        delete_records(ctx, NOTE, [note])
        assert purge_records(ctx, NOTE, [note]) == 1
        assert not TextLabel.objects.exists()


def test_only_whoever_may_judges_and_only_what_is_a_text(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        sara, vida = acting(cast.sara), acting(cast.viewer)
        who = person(sara)
        [note] = notes(sara, who, [CROSS])
        private = mail(sara, who, CROSS, is_private=True)
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        correct(vida, note, "happy")
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation):
        correct(sara, private, "happy", "mail_message")


def test_whom_texts_are_hidden_from_the_mood_is_hidden_from_but_not_where_a_module_is_off(
    cast: Any, acting: Any, run: Run
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        who = person(ctx)
        notes(ctx, who, [CROSS])
        role = Role.objects.get(key="viewer")
        Role.objects.filter(id=role.pk).update(fields={"mail_message.text": "hidden"})
    run("mood")
    with workspace_scope(cast.arman.id):
        hidden = Context(user_actor(cast.arman.id, cast.viewer.id), "web")
        assert "mood" not in told(hidden, who)
        Workspace.objects.filter(id=cast.arman.id).update(modules_off=["sms"])
    with workspace_scope(cast.arman.id):
        seen = Context(user_actor(cast.arman.id, cast.mina.id), "web")
        assert told(seen, who)["mood"].value == "unhappy"


def test_by_day_only_a_new_text_is_read_for(cast: Any, acting: Any, run: Run) -> None:
    def waiting() -> list[str]:
        jobs = ProcrastinateJob.objects.filter(task_name=RUN, status="todo")
        return [job.args["key"] for job in jobs if job.args["key"] in ("mood", "topics")]

    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        who = person(ctx)
        listen(cast.arman)
    run("mood")
    run("topics")
    with workspace_scope(cast.arman.id):
        listen(cast.arman)
        assert waiting() == []
        create_record(ctx, NOTE, {"text": CROSS, "person": who.id})
        listen(cast.arman)
        listen(cast.arman)
        # Of topics nothing is known without labels, whatever is written.
        assert waiting() == ["mood"]


def labels(words: dict[str, str], many: int, said: str = "") -> list[Labelled]:
    """``many`` texts, of the moods in turn, each with the words of its mood; what was suggested is ``said``, or that mood."""
    moods = list(words)
    day = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    return [
        Labelled("note", n, f"{words[moods[n % len(moods)]]} سفارش {n % 17} انبار", day + timedelta(hours=n),
                 moods[n % len(moods)], said or moods[n % len(moods)])
        for n in range(many)
    ]  # fmt: skip


def test_a_model_of_ones_own_stands_only_where_it_is_surely_better() -> None:
    # Words of a trade that no lexicon knows.
    unknown = {"unhappy": "ترکید نشتی", "happy": "چسبناک براق"}
    few = judge_of(labels(unknown, 199))
    assert few.model is None
    assert few.notes[0].params == {"needs": 200, "has": 199}
    corrected = judge_of(labels(unknown, 240, "neutral"))
    assert corrected.model is None
    assert corrected.notes[0].params == {"needs": 50, "has": 0}

    learned = judge_of(labels(unknown, 240))
    assert learned.beside is not None
    assert learned.beside.is_better
    assert [one.mood for one in learned.of(["لوله ترکید", "رنگ براق است"])] == ["unhappy", "happy"]
    assert learned.of(["لوله ترکید"])[0].words == ("ترکید",)

    known = judge_of(labels({"unhappy": "افتضاح بود", "happy": "عالی بود"}, 240))
    assert known.model is None
    assert known.beside is not None
    assert not known.beside.is_better
    assert known.of(["لوله ترکید", "عالی بود"])[0].mood == "neutral"
    # One mood alone teaches nothing.
    assert judge_of(labels({"unhappy": "ترکید نشتی"}, 240)).notes


def test_a_later_run_of_the_day_reads_what_is_new_or_changed_and_says_the_same(
    cast: Any, acting: Any, run: Run
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        old, who, gone = person(ctx, "آذر"), person(ctx, "بهار"), person(ctx, "پونه")
        [unread] = notes(ctx, old, [PLAIN], DAY - timedelta(days=3))
        edited, moved, labelled_, freed = notes(ctx, who, [GLAD, GLAD, PLAIN, CROSS], DAY - timedelta(days=2))
        [deleted] = notes(ctx, gone, [CROSS], DAY - timedelta(days=2))
        quoted = mail(ctx, who, "> " + CROSS, DAY - timedelta(days=1))
        correct(ctx, freed, "happy")
        everything = Note.objects.filter(
            id__in=[n.id for n in (unread, edited, moved, labelled_, freed, deleted)]
        )
        everything.update(updated_at=at(cast.arman, DAY - timedelta(days=2)))
        MailMessage.objects.filter(id=quoted.pk).update(updated_at=at(cast.arman, DAY))
    run("mood")
    with workspace_scope(cast.arman.id):
        # Nobody changes a record so: it shows that what was not touched is not read.
        Note.objects.filter(id=unread.id).update(text=CROSS)
        update_record(ctx, NOTE, Note.objects.get(id=edited.id), {"text": CROSS})
        Note.objects.filter(id=moved.id).update(person=old.id)
        correct(ctx, labelled_, "unhappy")
        action = action_named("note.set_mood")
        assert action is not None
        action.function(ctx, Note.objects.get(id=freed.id), mood=None)
        delete_records(ctx, NOTE, [Note.objects.get(id=deleted.id)])
        sms(ctx, gone, GLAD, DAY)

    def kept() -> tuple[Any, ...]:
        with workspace_scope(cast.arman.id):
            rows = InsightRow.objects.filter(analysis="mood").order_by("object", "object_id")
            card = ModelCard.objects.filter(analysis="mood").order_by("-number")[0]
            found = [(r.object, r.object_id, r.text1, r.text2, r.number1, r.day1, r.told) for r in rows]
        return (
            found,
            card.rows,
            card.card | {"drift": []},
            {key: card.more[key] for key in ("days", "unhappy", "fallen", "silent")},
        )

    assert run("mood").state == "ready"
    again = kept()
    moods = {(object, id): mood for object, id, mood, *_ in again[0]}
    assert ("note", unread.id) not in moods
    assert (moods["person", who.id], moods["note", edited.id], moods["person", gone.id]) == (
        "unhappy",
        "unhappy",
        "happy",
    )
    assert (moods["note", labelled_.id], moods["note", freed.id]) == ("unhappy", "unhappy")
    assert moods["person", old.id] == "happy", "whose a text is follows at once"
    assert again[3]["silent"] == {"mail_message": [quoted.pk]}
    with workspace_scope(cast.arman.id):
        Note.objects.filter(id=unread.id).update(text=PLAIN)
        ModelCard.objects.update(more={})
    run("mood")
    assert kept() == again, "the whole reading finds the same"
    with workspace_scope(cast.arman.id):
        Note.objects.filter(id=unread.id).update(text=CROSS)
    run("mood", DAY + timedelta(days=1))
    with workspace_scope(cast.arman.id):
        assert (
            InsightRow.objects.get(analysis="mood", object="note", object_id=unread.id).text1 == "unhappy"
        ), "the first run of a day reads all"


def test_another_time_that_counts_is_judged_anew_on_the_same_day(
    cast: Any, acting: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = analysis_named("mood")
    assert analysis is not None
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        who = person(ctx)
        [old] = notes(ctx, who, [CROSS], DAY - timedelta(days=600))
        notes(ctx, who, [PLAIN], DAY - timedelta(days=5))
        Note.objects.update(updated_at=at(cast.arman, DAY - timedelta(days=5)))
    run("mood")
    monkeypatch.setitem(analysis.defaults, "horizon_days", 730)
    run("mood")
    with workspace_scope(cast.arman.id):
        assert InsightRow.objects.get(analysis="mood", object="note", object_id=old.id).text1 == "unhappy"
        assert told(ctx, who)["mood"].value == "unhappy"


def test_what_somebody_said_before_the_first_run_and_takes_back_after_it_is_judged(
    cast: Any, acting: Any, run: Run
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        who = person(ctx)
        [bad] = notes(ctx, who, [CROSS], DAY - timedelta(days=2))
        correct(ctx, bad, "happy")
        # As it was said of a text of which nothing was known yet.
        TextLabel.objects.update(said="")
        Note.objects.update(updated_at=at(cast.arman, DAY - timedelta(days=2)))
    run("mood")
    run("mood")
    with workspace_scope(cast.arman.id):
        assert told(ctx, who)["mood"].value == "happy"
        action = action_named("note.set_mood")
        assert action is not None
        action.function(ctx, Note.objects.get(id=bad.id), mood=None)
        assert not InsightRow.objects.filter(analysis="mood", object="note", object_id=bad.id).exists()
    run("mood")
    with workspace_scope(cast.arman.id):
        assert told(ctx, who)["mood"].value == "unhappy"
