"""What other slices may use of the analyses."""

from __future__ import annotations

from peyvand.analytical.analyses.jobs import begin_all

__all__ = ["begin_all"]
