"""What other slices may use of mail."""

from peyvand.collaborative.mail.fields import written
from peyvand.collaborative.mail.keeping import INBOX, SENT, keep_letters
from peyvand.collaborative.mail.models import MailAccount, MailMessage, MailTemplate
from peyvand.collaborative.mail.objects import MAIL_ACCOUNT, MAIL_MESSAGE, MAIL_TEMPLATE
from peyvand.collaborative.mail.parsing import Letter
from peyvand.collaborative.mail.writing import Draft, accounts_of, fill_template, queue_many

__all__ = [
    "INBOX", "MAIL_ACCOUNT", "MAIL_MESSAGE", "MAIL_TEMPLATE", "SENT", "Draft", "Letter", "MailAccount", "MailMessage", "MailTemplate", "accounts_of",
    "fill_template", "keep_letters", "queue_many", "written",
]  # fmt: skip
