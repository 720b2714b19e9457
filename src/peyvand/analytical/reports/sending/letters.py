"""The letter in which a report comes: what it adds up to in words, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext

from peyvand.analytical.reports.answering import Answer
from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.question import of_json
from peyvand.analytical.reports.sending.paper import as_of, days_in_words, paper, totals
from peyvand.analytical.reports.tables import workbook
from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.addresses import full_address

PDF: Final = "application/pdf"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Letter:
    """What leaves: it is written inside the workspace's scope, and sent outside of it."""

    mail: EmailMultiAlternatives
    rows: int | None = None


def with_answer(
    ctx: Context, report: Report, found: Answer, address: str, *, as_pdf: bool, as_xlsx: bool
) -> Letter:
    """The report for one reader, in their language."""
    about = {"totals": totals(ctx, found), "days": days_in_words(ctx, found), "as_of": as_of(ctx, found)}
    mail = _letter(ctx, report, address, about)
    if as_pdf:
        mail.attach("report.pdf", paper(ctx, report.name, found), PDF)
    if as_xlsx:
        mail.attach("report.xlsx", workbook(ctx, found), XLSX)
    return Letter(mail, len(found.rows))


def with_refusal(ctx: Context, report: Report, address: str, why: str) -> Letter:
    """Tells somebody that a report was to be sent to them which counts what they may not know."""
    return Letter(_letter(ctx, report, address, {"refusal": why}))


def _letter(ctx: Context, report: Report, address: str, about: dict[str, Any]) -> EmailMultiAlternatives:
    place = f"/w/{ctx.tenant.slug}/reports"
    language = ctx.reader.language
    told = {
        "name": report.name, "workspace": ctx.tenant.name, "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "link": full_address(f"{place}/build?{of_json(report.question).to_address()}") or "",
        "leave": full_address(f"{place}/received") or "", **about,
    }  # fmt: skip
    title = gettext("Report: %(name)s") % {"name": " ".join(report.name.split())}
    mail = EmailMultiAlternatives(title, render_to_string("reports/mail.txt", told), to=[address])
    mail.attach_alternative(render_to_string("reports/mail.html", told), "text/html")
    return mail
