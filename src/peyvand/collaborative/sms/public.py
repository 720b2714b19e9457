"""What other slices may use of text messages."""

from peyvand.collaborative.sms.fields import SmsText
from peyvand.collaborative.sms.models import SmsLine, SmsMessage
from peyvand.collaborative.sms.objects import LINE, MESSAGE, TEMPLATE
from peyvand.collaborative.sms.parts import count_parts
from peyvand.collaborative.sms.sending import left_today
from peyvand.collaborative.sms.writing import Draft, line_here, queue, queue_to, reached, unsendable

__all__ = [
    "LINE", "MESSAGE", "TEMPLATE", "Draft", "SmsLine", "SmsMessage", "SmsText", "count_parts", "left_today", "line_here", "queue",
    "queue_to", "reached", "unsendable",
]  # fmt: skip
