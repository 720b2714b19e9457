"""What a demonstration has of programs outside: an import in its history, a webhook, and an automation at work."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from peyvand.administration.demo.login import LOGIN
from peyvand.config.demo.automation import try_automation
from peyvand.integrations.transfer.actions import lay_down, start_import
from peyvand.integrations.webhooks.actions import test_webhook
from peyvand.integrations.webhooks.objects import WEBHOOK as SPEC
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import tenant_by, user_actor
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

ROWS: Final = {
    True: "نام شرکت,شهر,صنعت,تلفن\nهتل شمسهٔ نو,یزد,گردشگری,۰۳۵۳۶۲۰۰۰۱۱\nکاشی‌سرای آبگینه,قم,خرده‌فروشی,۰۲۵۳۷۷۰۰۰۲۲\n"
    "دفتر معماری نارون,شیراز,معماری,۰۷۱۳۶۴۰۰۰۳۳\nآجرلعاب پارس,تبریز,ساختمان,شماره ندارد\nرستوران ایوان بهار,اصفهان,خوراک و پذیرایی,۰۳۱۳۲۲۰۰۰۴۴\n",
    False: "company name,city,industry,phone\nLinden Hotels,Vienna,Hospitality,+43 1 5550011\nPorto Interiors,Lyon,Interior design,+33 4 55500022\n"
    "Falcon Pools,Doha,Leisure,no number\nMeridian Architects,Berlin,Architecture,+49 30 5550044\n",
}  # fmt: skip
FILE: Final = {True: "نمایشگاه.csv", False: "exhibition.csv"}
WEBHOOK: Final = {True: "حسابداری (نمونه، خاموش)", False: "Accounting (a sample, switched off)"}


def connect_programs(slug: str) -> None:
    """Give a demonstration what comes from outside: an import in its history, and a webhook that was tried once; and an automation
    that was at work for months."""
    tenant = tenant_by(slug=slug)
    assert tenant is not None  # it was made just now
    is_persian = tenant.language == "fa"
    with workspace_scope(tenant.id):
        ctx = Context(user_actor(tenant.id, User.objects.get(email=LOGIN).id), "web")
        run = lay_down(ctx, [(FILE[is_persian], [ROWS[is_persian].encode()])])
        start_import(ctx, run, {}, dry_run=False, total=ROWS[is_persian].count("\n") - 1)
        large = 5_000_000_000 if is_persian else 1_000_000
        webhook = create_record(ctx, SPEC, {
            "name": WEBHOOK[is_persian], "url": f"https://accounting.{slug}.example/won", "is_active": False,
            "objects": ["deal"], "events": ["sales.deal_won.v1"],
            "condition": {"field": "amount", "op": "gte", "value": large},
        })  # fmt: skip
        # Its receiver is invented as well: the message stands there with the reason why it did not arrive.
        test_webhook(ctx, webhook)
        try_automation(replace(ctx, silent=True))
