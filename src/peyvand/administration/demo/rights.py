"""Who may see what, beyond roles: two territories, and a role that was lent for an afternoon."""

from __future__ import annotations

from datetime import timedelta

from peyvand.administration.demo.stage import Stage
from peyvand.administration.members.public import create_territory, draw_territory, elevate, end_elevation
from peyvand.kernel import clock
from peyvand.platform.identity.models import User

TERRITORIES = {
    True: (("مرکز", ("تهران", "کرج", "قم", "کاشان")), ("جنوب و شرق", ("شیراز", "یزد", "کرمان", "اهواز", "مشهد"))),
    False: (("Central Europe", ("Berlin", "Vienna")), ("Gulf", ("Dubai", "Doha"))),
}  # fmt: skip
REASON = {
    True: "پوشش مرخصی سرپرست: جابه‌جا کردن معامله‌های تیم",
    False: "Covers for the head of the team: deals have to change hands",
}


def fill_rights(stage: Stage) -> None:
    ctx = stage.acting[stage.owner]
    members = list(User.objects.filter(role__key="member").order_by("id"))
    with stage.at(1):
        for n, (name, cities) in enumerate(TERRITORIES[stage.is_persian]):
            territory = create_territory(ctx, name=name)
            condition = {"or": [{"field": "city", "op": "is", "value": city} for city in cities]}
            draw_territory(
                ctx, territory, conditions={"company": condition, "person": condition}, members=[u.id for u in members[n::2]]
            )  # fmt: skip
    with stage.at(stage.size.steps - 1) as begun:
        elevate(ctx, members[0], role="manager", hours=6, reason=REASON[stage.is_persian])
    # On the same day: it lasts six hours.
    with clock.freeze(min(begun + timedelta(minutes=40), stage.now)):
        end_elevation(ctx, members[0])
