"""Formulas over a record's fields: a small typed language that computes and can do nothing else.

`amount * (100 - discount) / 100`, `if(filled(ended_on), days(ended_on, started_on), 0)`. A value that is absent makes
arithmetic absent, a comparison false and text empty; so does a division by zero.
"""

from peyvand.kernel.formulas.evaluation import Value, evaluate
from peyvand.kernel.formulas.functions import FUNCTIONS
from peyvand.kernel.formulas.grammar import (
    MAX_LENGTH,
    Call,
    Constant,
    Formula,
    Name,
    names_of,
    parse_formula,
    with_keys,
)
from peyvand.kernel.formulas.typing import Kind, check

__all__ = [
    "FUNCTIONS", "MAX_LENGTH", "Call", "Constant", "Formula", "Kind", "Name", "Value", "check", "evaluate", "names_of", "parse_formula", "with_keys",
]  # fmt: skip
