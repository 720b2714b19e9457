"""What other slices may use of documents."""

from peyvand.operational.documents.letterhead import FIELDS as LETTERHEAD_FIELDS
from peyvand.operational.documents.letterhead import STOP, letterhead, seller, set_letterhead
from peyvand.operational.documents.paper import Paper, PaperLine, Party
from peyvand.operational.documents.printing import pdf
from peyvand.operational.documents.sheet import Part, Sheet

__all__ = [
    "LETTERHEAD_FIELDS",
    "STOP",
    "Paper",
    "PaperLine",
    "Part",
    "Party",
    "Sheet",
    "letterhead",
    "pdf",
    "seller",
    "set_letterhead",
]
