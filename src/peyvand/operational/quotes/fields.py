"""The lines of quotes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from peyvand.operational.pricing.public import PricedLines
from peyvand.operational.quotes.models import QuoteLine
from peyvand.platform.workspaces.models import WorkspaceModel


@dataclass(frozen=True, kw_only=True)
class QuoteLines(PricedLines):
    table: ClassVar[type[WorkspaceModel]] = QuoteLine
    of: ClassVar[str] = "quote"
