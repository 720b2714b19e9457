"""The demonstration is built once, is alive, and can be removed without a trace."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Max, Min
from django.test import Client
from tests.docs.test_guide import CHAPTERS, addresses

from peyvand.administration.demo.build import PLANS, build_demo, is_built, remove_demo
from peyvand.administration.demo.doubles import TWICE
from peyvand.administration.demo.login import LOGIN, PASSWORD
from peyvand.analytical.analyses.contract import all_analyses
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.analyses.running import run_analysis
from peyvand.analytical.warehouse.filling import refresh
from peyvand.config.cli.trying import try_automation
from peyvand.kernel import clock
from peyvand.operational.activities.public import Task, my_tasks
from peyvand.operational.billing.public import Invoice
from peyvand.operational.contacts.public import Company, Person
from peyvand.operational.duplicates.models import Search
from peyvand.operational.leads.public import Lead
from peyvand.operational.orders.public import Order, Subscription
from peyvand.operational.sales.public import DEAL, Deal, Stage, StageMove, deals_gone_quiet
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import tenant_by, user_actor
from peyvand.platform.identity.models import Account, Elevation, Territory, User
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.spec import object_named
from peyvand.platform.schema.models import CustomObject
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_the_demonstration_is_built_once_and_removed_whole(settings, tmp_path):
    settings.WAREHOUSE_ROOT = tmp_path / "warehouse"
    others = set(Account.objects.values_list("email", flat=True))
    assert build_demo() == [plan.slug for plan in PLANS]
    assert is_built()
    assert build_demo() == []
    assert Account.objects.get(email=LOGIN).check_password(PASSWORD)
    for plan in PLANS:
        tenant = tenant_by(slug=plan.slug)
        with workspace_scope(tenant.id):
            _is_alive(plan, tenant)
        if plan.language == "fa":
            _every_analysis_has_enough(tenant)
    _guide_leads_somewhere()
    remove_demo()
    assert not is_built()
    assert set(Account.objects.values_list("email", flat=True)) == others


def _is_alive(plan, tenant):
    # Besides those who asked, and the deals that came of it.
    asked, made = Lead.objects.exclude(family_name=""), Lead.objects.exclude(deal=None)
    deals = Deal.objects.exclude(id__in=made.values("deal_id"))
    size = plan.size
    assert (Company.objects.count(), deals.count()) == (size.companies + TWICE, size.deals + size.past)
    people = size.people + size.households + TWICE
    assert Person.objects.exclude(id__in=asked.values("person_id")).count() == people
    _answers_every_analysis(tenant)
    assert {"placed", "fulfilled"} <= set(Order.objects.values_list("status", flat=True))
    assert {"new", "working", "nurturing", "qualified", "converted", "disqualified"} == set(
        Lead.objects.values_list("state", flat=True)
    )
    assert {search.object for search in Search.objects.all()} == {"person", "company"}
    assert (Territory.objects.count(), Elevation.objects.filter(ended_at__lt=clock.now()).count()) == (2, 1)
    own = object_named(CustomObject.objects.get().key)
    per_month = next(field for field in own.custom_fields if field.defined.kind == "formula")
    assert all(row.custom[per_month.key] for row in own.rows.all())
    sara = user_actor(tenant.id, User.objects.get(email=LOGIN).id)
    assert my_tasks(sara)
    assert deals_gone_quiet(sara, mine=False)
    stages = Stage.objects.filter(pipeline__is_default=True, deleted_at=None)
    shown = ListQuery(DEAL, sara, ()).rows().filter(stage__in=stages)
    filled = shown.order_by().values("stage_id").distinct().count()
    assert filled >= stages.count() - 1, filled
    # Months of history, none of it in the future.
    now = clock.now()
    assert not EventRow.objects.filter(at__gt=now).exists()
    assert EventRow.objects.filter(at__lt=now - timedelta(days=18 * (plan.size.steps - 1))).exists()
    ends = {
        m.deal_id: m.to_stage.kind for m in StageMove.objects.select_related("to_stage").order_by("at", "id")
    }
    assert ends == dict(Deal.objects.values_list("id", "stage__kind"))
    assert Deal.objects.filter(status="lost", lost_reason=None).count() == 0
    assert Task.objects.filter(status="open", due_at__lt=now).exists()
    # No column of the forecast and none of what is owed is empty.
    assert {"commit", "best"} <= set(Deal.objects.filter(status="open").values_list("forecast", flat=True))
    assert Invoice.objects.filter(balance__gt=0, due_on__lt=now - timedelta(days=61)).exists()
    # Colleagues did it, each their own.
    assert EventRow.objects.filter(wire="sales.deal_won.v1").values("actor_id").distinct().count() > 1


def _answers_every_analysis(tenant):
    """There is as much as the analyses ask for (methods/guards), of companies and of people who buy for themselves."""
    sold = Order.objects.filter(kind="sale").exclude(status__in=("draft", "cancelled"))
    buyers = Counter(sold.values_list("company_id", "person_id"))
    assert len(buyers) >= 200
    assert sum(n > 1 for n in buyers.values()) >= 100
    assert {None} < {company for company, _ in buyers}
    times = sold.aggregate(first=Min("ordered_at"), last=Max("ordered_at"))
    assert times["last"] - times["first"] >= timedelta(days=700)
    assert Order.objects.filter(kind="return").exists()
    assert not Order.objects.filter(cost=None).exists()
    today = clock.today(tenant.tz)
    assert Subscription.objects.filter(state="active").count() >= 100
    assert Subscription.objects.filter(ended_on__gte=today - timedelta(days=119)).count() >= 45
    if tenant.language == "fa":
        ended = Counter(Deal.objects.values_list("status", flat=True))
        assert min(ended["won"], ended["lost"]) >= 45
        old = Lead.objects.filter(created_at__lt=clock.now() - timedelta(days=91))
        came = Counter(old.values_list("state", flat=True))
        assert min(came["converted"], came["disqualified"]) >= 42


def _every_analysis_has_enough(tenant):
    """Each is run once. Whether there is a signal may hang on the day; that there is too little of anything does not."""
    with workspace_scope(tenant.id):
        sara = user_actor(tenant.id, User.objects.get(email=LOGIN).id)
        try_automation(Context(sara, "web", silent=True))
    refresh(tenant)
    ids = [run_analysis(tenant, analysis) for analysis in all_analyses()]
    with workspace_scope(tenant.id):
        cards = list(ModelCard.objects.filter(id__in=ids))
    lacking = {card.analysis for card in cards if card.refusal and "needs" in card.refusal[1]}
    # Topics are learned from labels that people give.
    assert lacking <= {"topics"}, lacking
    answered = {card.analysis for card in cards if card.state == "ready"}
    assert {"rfm", "profit", "cohorts", "mood", "attribution"} <= answered


def _guide_leads_somewhere():
    """Every address that the user guide names is answered, in the workspace of its language."""
    slugs = {plan.language: plan.slug for plan in PLANS}
    session = SessionStore()
    session[ACCOUNT] = Account.objects.get(email=LOGIN).id
    session.create()
    client = Client()
    client.cookies["peyvand_session"] = session.session_key
    named = {
        f"/w/{slugs[chapter.parent.name]}{address}"
        for chapter in CHAPTERS
        for address in addresses(chapter.read_text(encoding="utf-8"))
    }
    assert len(named) > 40
    answered = {address: client.get(address, follow=True).status_code for address in sorted(named)}
    assert {address: status for address, status in answered.items() if status != 200} == {}
