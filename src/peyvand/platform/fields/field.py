"""What every field is: how a value is understood, shown, sent to programs and compared.

``parse`` takes what a person typed or a program sent and returns the stored value, or raises Invalid with the reason.
``show`` is text for a person; ``to_json`` is for programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise

from peyvand.kernel.conditions import FieldType
from peyvand.platform.fields.reader import Reader

if TYPE_CHECKING:
    from peyvand.platform.identity.actor import Actor

Label = str | Promise


def is_empty(value: Any) -> bool:
    """Whether a field's value says nothing; "no" and zero do say something."""
    return value in (None, "", (), [])


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property of an object. ``key`` is its name everywhere; ``attr`` the model attribute that stores it."""

    key: str
    label: Label
    attr: str = ""
    required: bool = False
    readonly: bool = False
    search: bool = False
    default: Any = None
    help: Label = ""
    # Names under which spreadsheets of other products carry this field (folded when compared).
    headers: tuple[str, ...] = ()
    # Keys of the object's fields that this one is worked out from: whoever may not know them may not know it.
    reads: tuple[str, ...] = ()
    # As reads, but fields of other objects ("consent.state"); hidden too where such records are not seen at all.
    gathers: tuple[str, ...] = ()
    # Told as well where the module of some of what it gathers is switched off: it is of the others alone then.
    outlives_modules: bool = False
    # In a form only when asked for ("more fields"), and not among a list's first columns.
    secondary: bool = False
    # Key of a choice of the same form, and its values with which alone this field is asked for.
    asked_with: tuple[str, tuple[str, ...]] | None = None

    type: ClassVar[FieldType] = FieldType.text
    widget: ClassVar[str] = "text"
    sortable: ClassVar[bool] = True
    # Stored in rows of another table, read and written through load() and store().
    is_compound: ClassVar[bool] = False
    # A row has its Ref without the title; whoever shows it adds the titles, in sets.
    untitled: ClassVar[bool] = False
    # Costs work for every row and is written by nobody: lists and the API show it to whoever asks for it.
    on_request: ClassVar[bool] = False
    # Has a filter() of its own, because its value is no single column that a condition could be compared with.
    filters_itself: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not self.attr:
            object.__setattr__(self, "attr", self.key)

    @property
    def column(self) -> str:
        """The ORM path of the stored value."""
        return self.attr

    @property
    def sort_column(self) -> str:
        """The ORM path to order by; it must be indexable under row security."""
        return self.column

    def columns(self) -> tuple[str, ...]:
        """The ORM paths that a list row needs to show this field."""
        return (self.column,)

    def from_columns(self, values: Sequence[Any]) -> Any:
        """The value from what ``columns`` fetched."""
        return values[0]

    def read(self, record: Any) -> Any:
        """The stored value of a loaded record."""
        return getattr(record, self.column)

    def write(self, record: Any, value: Any) -> None:
        """Put a stored value on a loaded record."""
        setattr(record, self.column, value)

    def parse(self, raw: Any, reader: Reader) -> Any:
        """The stored value of what was typed or sent; None for empty.

        Raises:
            Invalid: the reason, in one Message.
        """
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return self.empty()
        return self.understand(raw, reader)

    def empty(self) -> Any:
        return None

    def understand(self, raw: Any, reader: Reader) -> Any:
        raise NotImplementedError

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else str(value)

    def origin(self, value: Any) -> str:
        """Where a value that is asked for comes from: an address within the workspace; "" for nowhere."""
        return ""

    def to_json(self, value: Any) -> Any:
        return value

    def to_form(self, value: Any) -> Any:
        """What a form sends back of a value that nobody touched in it."""
        return self.to_json(value)

    def comparable(self, value: Any) -> Any:
        """The value of a loaded record as kernel.conditions.matches compares it."""
        return value

    def filter(self, op: str, value: Any) -> Any:
        """A Q for one comparison, where the field filters itself."""
        raise NotImplementedError

    def filter_for(self, op: str, value: Any, actor: Actor) -> Any:
        """The same for somebody: what the value names may be nothing that they may ask about."""
        return self.filter(op, value)

    def schema(self) -> dict[str, Any]:
        """The field's JSON schema in the API."""
        return {"type": ["string", "null"]}
