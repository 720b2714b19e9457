"""Facts about customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact

# What is said of whom went along, and whom the new owner only sees.
_SAID: Final[Mapping[tuple[tuple[str, ...], tuple[str, ...]], Message]] = {
    (("company",), ()): msg("gave the company of %(title)s to %(name)s too"),
    (("person",), ()): msg("gave the person of %(title)s to %(name)s too"),
    (("company", "person"), ()): msg("gave the company and the person of %(title)s to %(name)s too"),
    ((), ("company",)): msg("opened the company of %(title)s to %(name)s"),
    ((), ("person",)): msg("opened the person of %(title)s to %(name)s"),
    ((), ("company", "person")): msg("opened the company and the person of %(title)s to %(name)s"),
    (("company",), ("person",)): msg("gave the company of %(title)s to %(name)s too, and opened its person to them"),
    (("person",), ("company",)): msg("gave the person of %(title)s to %(name)s too, and opened its company to them"),
}  # fmt: skip


@fact("contacts.customer_followed.v1", label=msg("A customer went along"), icon="users")
class CustomerFollowed(Event):
    """The customer of a lead or a deal that was given away went along with it, or was opened to its new owner.

    ``given`` and ``opened`` say which of them, of "company" and "person".
    """

    tells: ClassVar[Mapping[str, str]] = {"to_owner": "owner", "to_owner_id": "owner"}
    implies: ClassVar[tuple[str, ...]] = ("owner",)

    to_owner_id: int | None = None
    to_owner: str = ""
    given: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()

    def describe(self) -> Message:
        # The log gives lists back.
        said = _SAID[tuple(self.given), tuple(self.opened)]
        return Message(said.template, {"title": self.title, "name": self.to_owner})
