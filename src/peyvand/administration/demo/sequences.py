"""Two sequences with what they came to so far, and text messages with customers. No line of the demonstration works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from peyvand.administration.demo.stage import Stage
from peyvand.collaborative.sequences.public import (
    ENROLMENT,
    SEQUENCE,
    STEP,
    Enrolment,
    Sequence,
    Step,
    StepRun,
    variant_of,
)
from peyvand.collaborative.sms.public import LINE, MESSAGE, TEMPLATE, count_parts
from peyvand.kernel import clock
from peyvand.operational.leads.public import Lead
from peyvand.operational.sales.public import Deal
from peyvand.platform.actions.context import job_context
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records

# (sequence, its steps: kind, working days later, name, subject, text, second subject, second text)
SEQUENCES: Final[dict[bool, tuple[tuple[str, str, tuple[tuple[str, int, str, str, str, str, str], ...]], ...]]] = {
    True: (
        ("پیگیری سرنخ تازه", "lead", (
            ("sms", 0, "خوش‌آمد", "", "{{person.given_name|مشتری}} گرامی، درخواست شما رسید. {{user.name}} به‌زودی تماس می‌گیرد.", "", ""),
            ("call", 1, "تماس نخست", "", "نیاز، بودجه و زمان خرید را بپرسید.", "", ""),
            ("mail", 1, "کاتالوگ", "کاتالوگ فیروزه‌کاران",
             "{{person.given_name|همکار}} گرامی\n\nکاتالوگ و فهرست قیمت را برایتان می‌فرستم. کدام محصول برایتان مهم‌تر است؟\n\n{{user.name}}",
             "یک پرسش کوتاه", "{{person.given_name|همکار}} گرامی\n\nبرای پروژه‌تان کدام محصول را در نظر دارید؟ دو خط پاسخ کافی است.\n\n{{user.name}}"),
            ("sms", 3, "یادآوری", "", "{{person.given_name|مشتری}} گرامی، هنوز در خدمتیم. برای گفت‌وگو عدد ۱ را بفرستید.", "", ""),
            ("task", 2, "تصمیم دربارهٔ سرنخ", "", "ادامه، به تعویق انداختن یا بستن سرنخ.", "", ""),
        )),
        ("بیدارکردن معاملهٔ خاموش", "deal", (
            ("mail", 0, "حال پروژه", "«{{deal.name}}» به کجا رسید؟",
             "{{person.given_name|همکار}} گرامی\n\nمدتی است از «{{deal.name}}» خبری ندارم. کمکی از ما برمی‌آید؟\n\n{{user.name}}", "", ""),
            ("call", 3, "تماس تلفنی", "", "", "", ""),
            ("sms", 2, "آخرین پیام", "", "{{person.given_name|همکار}} گرامی، پیش‌فاکتور «{{deal.name}}» تا پایان ماه معتبر است.", "", ""),
        )),
    ),
    False: (
        ("New leads", "lead", (
            ("sms", 0, "Welcome", "", "Dear {{person.given_name|customer}}, we got your request. {{user.name}} calls you soon.", "", ""),
            ("call", 1, "First call", "", "Ask about need, budget and time.", "", ""),
            ("mail", 1, "Catalogue", "Our catalogue",
             "Dear {{person.given_name|colleague}},\n\nhere is our catalogue. What matters most to you?\n\n{{user.name}}",
             "One short question", "Dear {{person.given_name|colleague}},\n\nwhich product do you have in mind? Two lines will do.\n\n{{user.name}}"),
        )),
        ("Quiet deals", "deal", (
            ("mail", 0, "How is it going", "How is “{{deal.name}}” going?",
             "Dear {{person.given_name|colleague}},\n\ncan we help with “{{deal.name}}”?\n\n{{user.name}}", "", ""),
            ("call", 3, "Call them", "", "", "", ""),
        )),
    ),
}  # fmt: skip
TALKS: Final = {
    True: (("پیش‌فاکتور امروز برایتان ارسال شد.", "دریافت شد، سپاس."), ("کالای شما بارگیری شد و فردا می‌رسد.", ""),
           ("فردا ساعت ۱۰ برای بازدید خدمت می‌رسیم.", "منتظریم.")),
    False: (("Your quote is on its way.", "Got it, thanks."), ("Your order was shipped today.", "")),
}  # fmt: skip
LINES: Final = {
    True: ("خط اصلی (نمایشی)", "پیگیری پیش‌فاکتور"),
    False: ("Main line (demonstration)", "About the quote"),
}
TALKED: Final = 18
# How many go through each; the newest are still under way.
THROUGH: Final = 40
# The part of those who are not under way any more that did not come to the end.
ANSWERING: Final = 0.4
# A deal that has ended went through its sequence some days before.
BEFORE: Final = timedelta(days=12)


def fill_sequences(stage: Stage) -> None:
    """Sequences of which months are told, and a line that is switched off."""
    ctx = stage.acting[stage.owner]
    line, template = LINES[stage.is_persian]
    [made] = create_records(
        ctx,
        LINE,
        [{"name": line, "gateway": "general", "url": "https://sms.example/send", "is_active": False}],
    )
    create_records(ctx, TEMPLATE, [{"name": template, "text": TALKS[stage.is_persian][0][0]}])
    for name, about, steps in SEQUENCES[stage.is_persian]:
        with stage.at(0):
            [sequence] = create_records(ctx, SEQUENCE, [{"name": name}])
            rows: list[Step] = create_records(ctx, STEP, [
                {"sequence": sequence.id, "kind": kind, "days": days, "name": title, "subject": subject, "text": text,
                 "subject_b": subject_b, "text_b": text_b}
                for kind, days, title, subject, text, subject_b, text_b in steps
            ])  # fmt: skip
        Sequence.objects.filter(id=sequence.id).update(is_active=True)
        _go(stage, sequence, rows, about)
    _talk(stage, made.id)


def _go(stage: Stage, sequence: Sequence, steps: list[Step], about: str) -> None:
    """People of leads or deals in the sequence: some answered, some came to its end, the newest are under way."""
    dice, chosen = stage.dice, _abouts(about)
    for n, record in enumerate(chosen):
        ago = timedelta(days=max(2, 100 - n * 100 // max(len(chosen), 1)), hours=dice.randrange(5))
        # Nobody wakes up a deal that has ended.
        until = record.stage_since - BEFORE if about == "deal" and record.status != "open" else stage.now
        begun = stage.hours.past(max(min(stage.now - ago, until), record.created_at))
        fresh = n >= len(chosen) * 3 // 4
        answered = not fresh and dice.random() < ANSWERING
        taken = dice.randint(1, len(steps) - 1) if fresh or answered else len(steps)
        with clock.freeze(begun):
            [one] = create_records(stage.acting[stage.owner], ENROLMENT, [{
                "title": sequence.name, "sequence": sequence.id, "person": record.person_id, "company": record.company_id,
                "about": Ref(about, record.id, ""), "owner": record.owner_id or stage.agents[0], "state": "active",
            }])  # fmt: skip
        runs, at = [], begun
        for step in steps[:taken]:
            at = stage.hours.past(at + timedelta(days=step.days))
            runs.append(_run(stage, one, step, at))
        why = (
            dice.choice(
                (
                    "replied",
                    "replied",
                    "replied",
                    "booked",
                    "withdrawn",
                    "won" if about == "deal" else "converted",
                )
            )
            if answered
            else ""
        )
        written = [run for run in runs if run.kind in ("mail", "sms")]
        if written:
            written[-1].is_replied, written[-1].is_booked = why == "replied", why == "booked"
        runs[-1].is_stopped = answered
        StepRun.objects.bulk_create(runs)
        if fresh:
            values: dict[str, Any] = {
                "step": steps[taken], "place": steps[taken].position, "next_at": stage.ahead(dice.randint(1, 6), 10),
            }  # fmt: skip
        else:
            values = {
                "state": "stopped" if answered else "finished",
                "reason": why,
                "ended_at": stage.hours.past(at + timedelta(hours=5)),
            }
        Enrolment.objects.filter(id=one.id).update(**values)


def _run(stage: Stage, one: Enrolment, step: Step, at: Any) -> StepRun:
    state = (
        "done"
        if step.kind in ("call", "task", "wait")
        else stage.dice.choice(("delivered", "delivered", "delivered", "sent", "failed"))
    )
    return StepRun(
        enrolment=one, sequence_id=one.sequence_id, step=step, person_id=one.person_id, owner_id=one.owner_id, title=step.name,
        kind=step.kind, variant=variant_of(step, one.id), state=state, at=at,
    )  # fmt: skip


def _abouts(about: str) -> list[Any]:
    """Records with a person, each person once, the oldest first; those under way at the end are open."""
    model: Any = Lead if about == "lead" else Deal
    is_open = {"state__in": ("new", "working", "qualified")} if about == "lead" else {"status": "open"}
    latest = ("-id",) if about == "lead" else ("-stage_since", "-id")
    rows = model.objects.filter(person_id__isnull=False, deleted_at__isnull=True).order_by(*latest)
    open_ones = list(rows.filter(**is_open)[: THROUGH // 2])
    closed = list(rows.exclude(id__in=[r.id for r in open_ones])[:THROUGH])
    seen: set[int] = set()
    found = []
    for record in [*open_ones, *closed]:
        if record.person_id not in seen:
            seen.add(record.person_id)
            found.append(record)
    return found[:THROUGH][::-1]


def _talk(stage: Stage, line: int) -> None:
    """Messages to people of the newest deals, and what they answered."""
    talks = TALKS[stage.is_persian]
    deals = (
        Deal.objects.filter(person__phone__gt="", deleted_at__isnull=True)
        # Whoever goes through a sequence would have been taken out of it by their answer.
        .exclude(person_id__in=Enrolment.objects.values("person_id"))
        .select_related("person")
        .order_by("-stage_since", "-id")[:TALKED]
    )
    for n, deal in enumerate(deals):
        said, answer = talks[n % len(talks)]
        ago = timedelta(days=1 + n * 3, hours=stage.dice.randrange(6))
        at = stage.hours.past(max(stage.now - ago, deal.created_at))
        about = {"line": line, "phone": deal.person.phone, "person": deal.person_id, "company": deal.company_id, "about": Ref("deal", deal.id, ""),
                 "owner": deal.owner_id}  # fmt: skip
        with clock.freeze(at):
            [sent] = create_records(stage.acting.get(deal.owner_id, stage.acting[stage.owner]), MESSAGE, [
                {**about, "title": said, "text": said, "direction": "out", "state": "delivered", "parts": count_parts(said)[0],
                 "sent_at": at, "delivered_at": at + timedelta(minutes=1)},
            ])  # fmt: skip
        if answer:
            with stage.on(at + timedelta(minutes=40)):
                # As it comes in: by nobody who works here.
                create_records(job_context(stage.acting[stage.owner].tenant), MESSAGE, [
                    {**about, "title": answer, "text": answer, "direction": "in", "state": "received", "parts": 1, "answers": sent.id},
                ])  # fmt: skip
