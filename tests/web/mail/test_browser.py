"""In a real browser, in Persian: a mail is written from a deal, the customer answers, the answer stands on the deal's timeline;
and HTML that means harm does none, even where nothing was cleaned of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from tests.collaborative.mail.conftest import MailServer, acting_as

from peyvand.collaborative.mail.models import MailAccount, MailMessage
from peyvand.collaborative.mail.receiving import fetch_account
from peyvand.collaborative.mail.sending import send_waiting
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import DEAL
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow
NEGAR = "negar@toloo.test"
HARM = (
    "<script>parent.harmed=1;top.harmed=1;fetch('{evil}/script')</script><img src=x onerror=\"fetch('{evil}/onerror')\">"
    "<svg onload=\"fetch('{evil}/svg')\"></svg><iframe srcdoc=\"<script>top.harmed=1</script><img src='{evil}/frame'>\"></iframe>"
    "<style>@import url({evil}/import);body{{background:url({evil}/style)}}</style><link rel=stylesheet href='{evil}/link'>"
    "<div style=\"background:url('{evil}/css')\">متن</div><meta http-equiv=refresh content='0;url={evil}/refresh'>"
    "<form action='{evil}/form'><input name=p></form><script>document.forms[0].submit()</script><img src='{evil}/picture'>"
    "<object data='{evil}/object'></object><video src='{evil}/video' autoplay></video>"
)


@pytest.fixture
def deal(committed: Any) -> Any:
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        negar = create_record(
            ctx, PERSON, {"given_name": "نگار", "family_name": "کریمی", "emails": [{"value": NEGAR}]}
        )
        return create_record(ctx, DEAL, {"name": "خط تولید", "person": negar.id})


def test_a_mail_from_a_deal_and_its_answer(
    committed: Any, posted: MailServer, deal: Any, signed_in: Any
) -> None:
    page = signed_in(committed.sara)
    # The plain site of these tests does not serve live changes: asking for them fails.
    problems: list[str] = []
    page.on(
        "console",
        lambda message: (
            problems.append(message.text)
            if message.type == "error" and "ERR_FAILED" not in message.text
            else None
        ),
    )
    page.goto(f"/w/arman/deals/{deal.id}/")
    page.locator(
        f"a[href$='/deals/{deal.id}/do/write_mail'], button[hx-get$='/deals/{deal.id}/do/write_mail']"
    ).first.evaluate("e => e.click()")
    dialog = page.locator("#dialog")
    expect(dialog.get_by_label("گیرندگان")).to_have_value("نگار کریمی <negar@toloo.test>")
    dialog.get_by_label("موضوع").fill("پیش‌فاکتور")
    dialog.get_by_label("متن").fill("سلام، پیش‌فاکتور پیوست است.")
    dialog.get_by_role("button", name="ارسال").click()
    expect(page.get_by_text("رایانامه در راه است.")).to_be_visible()
    with workspace_scope(committed.arman.id):
        written = MailMessage.objects.get()
    send_waiting(committed.arman, written.id)
    [got] = posted.mailbox(NEGAR)
    posted.write(
        "Re: پیش‌فاکتور",
        "موافقم، بفرستید.",
        sender="نگار کریمی <negar@toloo.test>",
        In_Reply_To=got["Message-ID"],
    )
    with workspace_scope(committed.arman.id):
        account = MailAccount.objects.get()
    fetch_account(committed.arman, account.id)
    page.reload()
    expect(page.get_by_text("موافقم، بفرستید.").first).to_be_visible()
    with workspace_scope(committed.arman.id):
        answer = MailMessage.objects.get(direction="in")
    page.goto(f"/w/arman/mail/{answer.id}")
    expect(page.get_by_text("سلام، پیش‌فاکتور پیوست است.").first).to_be_visible()
    page.get_by_role("link", name="پاسخ").last.click()
    expect(page.locator("#dialog").get_by_label("موضوع")).to_have_value("Re: پیش‌فاکتور")
    assert problems == []


@pytest.mark.parametrize("is_cleaned", [True, False])
def test_hostile_html_does_no_harm(
    committed: Any, posted: MailServer, deal: Any, signed_in: Any, site: str, is_cleaned: bool
) -> None:
    from email.message import EmailMessage
    from email.policy import SMTP

    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = NEGAR, "sara@arman.test", "harm"
    html = HARM.format(evil=f"{site}/evil")
    mail.set_content(html, subtype="html")
    posted.deliver(mail.as_bytes())
    with workspace_scope(committed.arman.id):
        account = MailAccount.objects.get()
    fetch_account(committed.arman, account.id)
    with workspace_scope(committed.arman.id):
        message = MailMessage.objects.get()
        if not is_cleaned:
            MailMessage.objects.update(html=html)
    page = signed_in(committed.sara)
    # What the policy stops is asked for as well, and never gets an answer.
    answered: list[str] = []
    page.context.on("response", lambda response: answered.append(response.url))
    for address in (f"/w/arman/mail/{message.id}", f"/w/arman/mail/{message.id}/html"):
        page.goto(address)
        page.wait_for_timeout(1000)
        assert page.evaluate("window.harmed") is None
        assert [url for url in answered if "/evil/" in url] == []
        assert page.url.endswith(address)
