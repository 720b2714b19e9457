"""The vocabulary of fields, by the one name that declarations import them from.

A field is declared once on an object; lists, forms, filters, import, the API and search all read that declaration.
"""

from peyvand.platform.fields.amounts import Money, Number, Percent, Rate
from peyvand.platform.fields.choices import Choice, Flag, Option
from peyvand.platform.fields.compound import Compound, held_in
from peyvand.platform.fields.field import Field, Label, is_empty
from peyvand.platform.fields.links import Link, Mark, Ref, UserLink, whole_id
from peyvand.platform.fields.moments import Day, Instant
from peyvand.platform.fields.secrets import Secret
from peyvand.platform.fields.texts import (
    CurrencyCode,
    Email,
    Identifier,
    LongText,
    PaperNumber,
    Phone,
    Text,
    Url,
)

__all__ = [
    "Choice", "Compound", "CurrencyCode", "Day", "Email", "Field", "Flag", "Identifier", "Instant", "Label", "Link", "LongText", "Mark",
    "Money", "Number", "Option", "PaperNumber", "Percent", "Phone", "Rate", "Ref", "Secret", "Text", "Url", "UserLink", "held_in",
    "is_empty", "whole_id",
]  # fmt: skip
