"""The demonstration: two workspaces with months of history, written by the ordinary actions with the clock set back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import translation

from peyvand.administration.demo.assignment import fill_assignment
from peyvand.administration.demo.automations import fill_automations
from peyvand.administration.demo.billing import fill_billing
from peyvand.administration.demo.commissions import fill_commissions
from peyvand.administration.demo.consents import fill_consents
from peyvand.administration.demo.contacts import fill_contacts
from peyvand.administration.demo.doubles import fill_doubles
from peyvand.administration.demo.english import ENGLISH
from peyvand.administration.demo.hours import Hours
from peyvand.administration.demo.households import fill_households
from peyvand.administration.demo.leads import fill_leads
from peyvand.administration.demo.login import PASSWORD, SLUG
from peyvand.administration.demo.mail import fill_mail
from peyvand.administration.demo.minutes import fill_minutes
from peyvand.administration.demo.notifications import fill_notifications
from peyvand.administration.demo.orders import fill_orders
from peyvand.administration.demo.own import fill_own
from peyvand.administration.demo.persian import PERSIAN
from peyvand.administration.demo.pipeline import fill_pipeline
from peyvand.administration.demo.products import fill_products
from peyvand.administration.demo.quotes import expire_unanswered, fill_quotes
from peyvand.administration.demo.rights import fill_rights
from peyvand.administration.demo.sales import fill_sales
from peyvand.administration.demo.scheduling import fill_scheduling
from peyvand.administration.demo.sequences import fill_sequences
from peyvand.administration.demo.stage import BEGINNING, Size, Stage
from peyvand.administration.demo.subscriptions import fill_subscriptions
from peyvand.administration.demo.targets import fill_targets
from peyvand.administration.demo.voices import fill_voices
from peyvand.administration.demo.watches import fill_watches
from peyvand.administration.demo.words import Words
from peyvand.administration.members.public import add_user, create_workspace
from peyvand.administration.quality.public import begin_reckoning
from peyvand.analytical.analyses.public import begin_all, choose, put_to_work
from peyvand.kernel import clock
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import Tenant, tenant_by, user_actor
from peyvand.platform.identity.models import Account, Membership, Team, User
from peyvand.platform.objects.objects import TEAM
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.workspaces.ledgers import forgetting
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.platform.workspaces.security import workspace_tables

# Whose risk changed since so long ago is told.
LATELY = timedelta(days=12)


@dataclass(frozen=True)
class Plan:
    slug: str
    name: str
    language: str
    currency: str
    timezone: str
    words: Words
    size: Size


PLANS = (
    Plan(
        SLUG,
        "فیروزه‌کاران کاشان",
        "fa",
        "IRR",
        "Asia/Tehran",
        PERSIAN,
        Size(
            companies=120,
            people=400,
            deals=58,
            steps=8,
            households=360,
            inquiries=200,
            ended=12,
            subscriptions=420,
        ),
    ),
    Plan(
        "turquoise",
        "Turquoise Trading",
        "en",
        "USD",
        "Europe/Berlin",
        ENGLISH,
        Size(
            companies=48,
            people=110,
            deals=34,
            steps=6,
            households=330,
            inquiries=150,
            ended=8,
            subscriptions=420,
        ),
    ),
)


def is_built() -> bool:
    """Whether any of the demonstration is there."""
    return Workspace.objects.filter(slug__in=[plan.slug for plan in PLANS]).exists()


def build_demo() -> list[str]:
    """Create those demonstration workspaces that are not there yet; return their slugs."""
    return [_build(plan).slug for plan in PLANS if tenant_by(slug=plan.slug) is None]


def remove_demo() -> None:
    """Remove the demonstration's workspaces with all that is in them, and its logins that lead nowhere else."""
    for plan in PLANS:
        tenant = tenant_by(slug=plan.slug)
        if tenant is None:
            continue
        with workspace_scope(tenant.id):
            _empty(tenant)
        Membership.objects.filter(workspace_id=tenant.id).delete()
        Workspace.objects.filter(id=tenant.id).delete()
    logins = [colleague.login for plan in PLANS for colleague in plan.words.colleagues]
    Account.objects.filter(email__in=logins).exclude(id__in=Membership.objects.values("account_id")).delete()


def _empty(tenant: Tenant) -> None:
    """Delete every row of the open workspace by one statement: references between its tables are checked at its end."""
    tables = [f'"{model._meta.db_table}"' for model in workspace_tables()]
    parts = ", ".join(
        f"d{n} as (delete from {table} where workspace_id = %s)"  # noqa: S608 names come from models
        for n, table in enumerate(tables)
    )
    with forgetting(), connection.cursor() as cursor:
        cursor.execute(f"with {parts} select 1", [tenant.id] * len(tables))


def _build(plan: Plan) -> Tenant:
    made = clock.now()
    begun = datetime.combine((made - BEGINNING).date(), time(10), ZoneInfo(plan.timezone))
    # A Wednesday: one works on it in both.
    begun -= timedelta(days=(begun.weekday() - 2) % 7)
    with clock.freeze(begun):
        tenant = create_workspace(
            plan.slug, plan.name, language=plan.language, currency=plan.currency, timezone=plan.timezone
        )
    with workspace_scope(tenant.id), translation.override(plan.language):
        with clock.freeze(begun):
            users = _hire(job_context(tenant), plan.words)
        acting = {user.id: Context(user_actor(tenant.id, user.id), "web") for user in users}
        agents = [user.id for user in users if user.role.key in ("manager", "member")]
        dice = Random(plan.slug)  # noqa: S311 made-up data, not a secret
        stage = Stage(tenant, plan.words, plan.size, dice, acting, users[0].id, agents, Hours.read(made))
        # Whatever is not told of another moment is done at the last one of work.
        with clock.freeze(stage.now):
            _fill(stage)
        # The last moment of work may be days ago.
        expire_unanswered(stage)
        # Measured as soon as there is a worker; otherwise tonight. What changed lately is seen by what was so before.
        begin_reckoning(job_context(tenant))
        # Few of the demonstration's buyers met us but by a call: without calls there would be no shares to look at.
        choose(job_context(tenant), "attribution", own_contacts=True)
        put_to_work(tenant, "rfm", "churn", as_of=clock.today(tenant.tz) - LATELY)
        begin_all(tenant)
    Membership.objects.filter(workspace_id=tenant.id).update(settled_at=clock.now())
    return tenant


def _fill(stage: Stage) -> None:
    fill_contacts(stage)
    fill_products(stage)
    fill_leads(stage)
    fill_households(stage)
    fill_sales(stage)
    fill_consents(stage)
    fill_own(stage)
    fill_rights(stage)
    fill_doubles(stage)
    fill_quotes(stage)
    fill_billing(stage)
    fill_orders(stage)
    fill_subscriptions(stage)
    fill_assignment(stage)
    fill_targets(stage)
    fill_commissions(stage)
    fill_pipeline(stage)
    fill_scheduling(stage)
    fill_minutes(stage)
    fill_voices(stage)
    fill_mail(stage)
    fill_sequences(stage)
    fill_automations(stage)
    fill_watches(stage)
    fill_notifications(stage)


def _hire(ctx: Context, words: Words) -> list[User]:
    teams: list[Team] = create_records(ctx, TEAM, [{"name": name} for name in words.teams])
    users: list[User] = []
    leads: dict[int, User] = {}
    # Hashed once for all of them: it takes a third of a second on purpose.
    password = make_password(PASSWORD)
    for person in words.colleagues:
        account, _new = Account.objects.get_or_create(
            email=person.login, defaults={"name": person.name, "password": password}
        )
        user = add_user(
            ctx, name=person.name, email=person.login, role=person.role, title=person.title,
            team=teams[person.team - 1] if person.team else None,
            manager=users[0] if person.leads else leads.get(person.team), account=account,
        )  # fmt: skip
        users.append(user)
        if person.leads:
            leads[person.team] = user
    update_records(ctx, TEAM, teams, [{"lead": leads[n + 1].id} for n in range(len(teams))])
    return users
