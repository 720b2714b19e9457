"""A statement on paper: every line with how it came."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext, override

from peyvand.operational.commissions.models import CommissionLine
from peyvand.operational.commissions.objects import LINE, STATEMENT
from peyvand.operational.documents.public import Paper, PaperLine, Party, pdf, seller
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader

# Whoever may not know one of these may not have the paper that says it.
SAYS: Final = frozenset({"name", "owner", "amount", "earned", "corrections"})
# Beyond these the smaller ones stand together in one line.
MOST: Final = 200


def make(ctx: Context, statement: Any) -> bytes:
    """The paper as PDF, in the workspace's language."""
    return pdf(paper_of(ctx, statement))


def file_name(statement: Any) -> str:
    """What the file is called."""
    return f"commission-{statement.id}"


def paper_of(ctx: Context, statement: Any) -> Paper:
    """What stands on the paper: every line that the actor sees, and the others in one."""
    tenant = ctx.tenant
    reader = Reader(tenant.language, tenant.timezone, tenant.currency, tenant.money_unit, tenant.slug)
    own, footer, logo = seller(tenant)
    rows = CommissionLine.objects.filter(statement_id=statement.id).order_by("-amount", "id")
    shown = list(visible(ctx.actor, LINE.key, rows)[:MOST])
    with override(tenant.language):
        status = STATEMENT.field("status").show(statement.status, reader)
        lines = [_line(line.name, LINE.field("why").show(line.why, reader), line.amount) for line in shown]
        if rest := statement.amount - sum(line.amount for line in shown):
            lines.append(_line(gettext("Further lines"), "", rest))
        return Paper(
            title=gettext("Commission statement"), number=statement.name, day=statement.ends_on, language=tenant.language,
            currency=tenant.currency, money_unit=tenant.money_unit, buyer=Party(name=str(statement.owner or "")), lines=tuple(lines),
            gross=statement.amount, discount=0, net=statement.amount, tax=0, total=statement.amount, seller=own,
            facts=((gettext("Status"), status),), notes=statement.note, footer=footer, logo=logo,
            stamp=gettext("Draft") if statement.status == "draft" else "",
        )  # fmt: skip


def _line(name: str, why: str, amount: int) -> PaperLine:
    said = f"{name}: {why}" if why else name
    return PaperLine(description=said, quantity=Decimal(1), price=amount, discount=0, tax=0, total=amount)
