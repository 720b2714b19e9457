"""What other slices may use of documents."""

from peyvand.operational.documents.letterhead import seller, set_letterhead
from peyvand.operational.documents.paper import Paper, PaperLine, Party
from peyvand.operational.documents.printing import pdf

__all__ = ["Paper", "PaperLine", "Party", "pdf", "seller", "set_letterhead"]
