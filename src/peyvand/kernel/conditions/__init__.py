"""The one filter language: a small typed tree that saved views, segments, rules and the API share.

JSON form: {"field": …, "op": …, "value": …}, {"and": […]}, {"or": […]}, {"not": {…}}.

What a condition means, in Python here and in SQL elsewhere alike: a value that is absent (NULL; for links
also none) matches no operator except `empty`, and the negative ones (`is_not`, `not_in`, `has_none`), which
are the exact opposites of the positive ones. So every leaf is plainly true or false, `Not` is plain negation,
and SQL must not let its third truth value through. Text is compared by `fold`: ي and ی, ZWNJ and space,
capital and small are the same. Ends of `between` are inside; a date compared with an instant is the whole
day in the reader's time zone.
"""

from peyvand.kernel.conditions.evaluation import EvalContext, interval, matches, users_asked
from peyvand.kernel.conditions.reading import MAX_DEPTH, MAX_NODES, MAX_TEXT, MAX_VALUES, parse, to_json
from peyvand.kernel.conditions.tree import (
    ME,
    MY_TEAM,
    OPERATORS,
    Age,
    All,
    Any_,
    Compare,
    Condition,
    FieldType,
    Not,
    Operator,
    Schema,
    Takes,
    fields_of,
    leaves,
)

__all__ = [
    "MAX_DEPTH", "MAX_NODES", "MAX_TEXT", "MAX_VALUES", "ME", "MY_TEAM", "OPERATORS",
    "Age", "All", "Any_", "Compare", "Condition", "EvalContext", "FieldType", "Not", "Operator", "Schema",
    "Takes", "fields_of", "interval", "leaves", "matches", "parse", "to_json", "users_asked",
]  # fmt: skip
