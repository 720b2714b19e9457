"""What a workspace made for itself: a field on companies, and a small object with a board and a formula."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peyvand.administration.demo.stage import Stage
from peyvand.administration.schema.public import add_field, add_object, change_object
from peyvand.operational.contacts.public import COMPANY
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.spec import object_named

GRADES = (("طلایی", "Gold", "warn"), ("نقره‌ای", "Silver", ""), ("برنزی", "Bronze", "acc"))
STATES = (("در حال تهیه", "In preparation", "info"), ("جاری", "Running", "good"), ("پایان‌یافته", "Ended", ""))
CALLED = {True: "نگهداری {company}", False: "Maintenance, {company}"}


def fill_own(stage: Stage) -> None:
    ctx, dice = stage.acting[stage.owner], stage.dice
    with stage.at(stage.size.steps // 2):
        grade = add_field(
            ctx, "company", "choice", labels={"fa": "درجهٔ مشتری", "en": "Grade"}, options=_options(GRADES)
        )
        own = add_object(
            ctx, labels={"fa": "قرارداد نگهداری", "en": "Maintenance contract"}, icon="shield",
            plural_labels={"fa": "قراردادهای نگهداری", "en": "Maintenance contracts"},
        )  # fmt: skip
        company = add_field(ctx, own.key, "link", labels={"fa": "شرکت", "en": "Company"}, to="company")
        state = add_field(
            ctx, own.key, "choice", labels={"fa": "وضعیت", "en": "State"}, options=_options(STATES)
        )
        begins = add_field(ctx, own.key, "date", labels={"fa": "آغاز", "en": "Begins on"})
        months = add_field(ctx, own.key, "number", labels={"fa": "مدت (ماه)", "en": "Months"})
        price = add_field(ctx, own.key, "money", labels={"fa": "مبلغ قرارداد", "en": "Price"})
        add_field(
            ctx, own.key, "formula", labels={"fa": "مبلغ هر ماه", "en": "Per month"}, result="money",
            formula=f"{price.key} / {months.key}",
        )  # fmt: skip
        change_object(ctx, own, board_by=state.key)
        chosen = dice.sample(stage.companies, len(stage.companies) // 4)
        choices = [option["key"] for option in grade.config["options"]]
        update_records(ctx, COMPANY, chosen, [{grade.key: dice.choice(choices)} for _ in chosen])
        states = [option["key"] for option in state.config["options"]]
        unit = 10_000_000 if stage.is_persian else 100
        create_records(ctx, object_named(own.key), [
            {"name": CALLED[stage.is_persian].format(company=one.name), company.key: one.id, state.key: dice.choice(states),
             begins.key: stage.today - timedelta(days=dice.randrange(-20, 300)), months.key: dice.choice((6, 12, 24)),
             price.key: dice.randrange(24, 240) * 12 * unit, "owner": one.owner_id}
            for one in chosen[:12]
        ])  # fmt: skip


def _options(words: tuple[tuple[str, str, str], ...]) -> list[dict[str, Any]]:
    return [{"labels": {"fa": fa, "en": en}, "tone": tone} for fa, en, tone in words]
