"""What other slices may use of documents."""

from peyvand.operational.documents.letterhead import seller, set_letterhead
from peyvand.operational.documents.paper import Paper, PaperLine, Party
from peyvand.operational.documents.printing import pdf
from peyvand.operational.documents.sheet import Part, Sheet

__all__ = ["Paper", "PaperLine", "Part", "Party", "Sheet", "pdf", "seller", "set_letterhead"]
