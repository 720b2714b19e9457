"""What can go wrong, said once: a translatable message, where it belongs, and an HTTP-like status."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Final

from peyvand.kernel.persian.text import apart

_PLACE: Final = re.compile(r"%\(\w+\)s")


def msgid(text: str) -> str:
    """Marks a string for the catalogue without translating it; returns it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for people: an English template with `%(name)s` places, and what goes into them.

    The template is the gettext msgid; `str()` gives English, `render(gettext)` the reader's language.
    A parameter may itself be a Message.
    """

    template: str
    params: dict[str, Any] = field(default_factory=dict)

    def render(
        self, translate: Callable[[str], str], digits: Callable[[str], str] = str, *, is_drawn: bool = False
    ) -> str:
        """The sentence in the language that `translate` (a gettext function) speaks.

        `digits` gives numbers the digits of that language (`to_persian_digits`). Where it `is_drawn` for eyes, names that
        are written the other way are kept apart from the words around them, by signs that programs would stumble over.
        """
        text = translate(self.template)
        if not self.params:
            return text
        # The places' names are Latin in every language.
        words = _PLACE.sub("", text)
        shown: dict[str, Any] = {}
        for name, value in self.params.items():
            if isinstance(value, Message):
                shown[name] = value.render(translate, digits, is_drawn=is_drawn)
            elif isinstance(value, str):
                shown[name] = apart(value, words) if is_drawn else value
            else:
                shown[name] = digits(str(value)) if type(value) in (int, Decimal) else value
        return text % shown

    def __str__(self) -> str:
        told = {name: str(one) if isinstance(one, Message) else one for name, one in self.params.items()}
        return self.template % told if told else self.template


def msg(template: str, /, **params: Any) -> Message:
    """A Message; the first argument is what translation tools extract, so it must be a literal."""
    return Message(template, params)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what came in: the field (None: the whole), why, and a code for programs."""

    field: str | None
    message: Message
    code: str = "invalid"


class PeyvandError(Exception):
    """Base of every error that is an answer to the caller rather than a defect."""

    status: ClassVar[int] = 500
    code: str = "error"
    message: Message
    # Where a rule looked at a whole set of records: each that it refuses, by id, with its own error.
    refused: Mapping[int, PeyvandError] = MappingProxyType({})

    def __init__(self, message: Message, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.message)


class Invalid(PeyvandError):
    """What came in cannot be accepted; `problems` says each reason and its field."""

    status = 422
    code = "invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("Invalid needs at least one problem")
        first = self.problems[0]
        several = len(self.problems) > 1
        super().__init__(
            msg("%(count)s values need correcting.", count=len(self.problems)) if several else first.message,
            code=None if several else first.code,
        )

    @classmethod
    def of(cls, message: Message, field: str | None = None, code: str = "invalid") -> Invalid:
        """The usual case: one problem."""
        return cls([Problem(field, message, code)])

    def at(self, field: str) -> Invalid:
        """The same problems, placed under `field`: a parser of a value does not know whose value it is."""
        return Invalid(
            Problem(f"{field}.{problem.field}" if problem.field else field, problem.message, problem.code)
            for problem in self.problems
        )

    def __str__(self) -> str:
        return "; ".join(f"{p.field}: {p.message}" if p.field else str(p.message) for p in self.problems)


class RuleViolation(PeyvandError):
    """The values are well formed, but a rule of the business forbids this now."""

    status = 422
    code = "rule"

    def __init__(self, message: Message, field: str | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotAllowed(PeyvandError):
    """The actor may see the target, but may not do this to it."""

    status = 403
    code = "not_allowed"

    def __init__(self, message: Message | None = None, *, code: str | None = None) -> None:
        super().__init__(message or msg("You are not allowed to do this."), code=code)


class NotFound(PeyvandError):
    """There is no such thing, or the actor may not see it: the two look alike."""

    status = 404
    code = "not_found"

    def __init__(self, message: Message | None = None, *, code: str | None = None) -> None:
        super().__init__(message or msg("This was not found."), code=code)


class Conflict(PeyvandError):
    """Someone else changed or holds what this would change."""

    status = 409
    code = "conflict"

    def __init__(self, message: Message | None = None, *, code: str | None = None) -> None:
        super().__init__(message or msg("This was changed by someone else meanwhile."), code=code)


class Refusals:
    """Gathers what a rule refuses of a set of records, so that one attempt names them all.

    ``with refusals.of(record.id): …`` around the rule for each, and ``refusals.settle()`` at the end.
    """

    def __init__(self) -> None:
        self._found: dict[int, PeyvandError] = {}

    @contextmanager
    def of(self, id: int | None) -> Iterator[None]:
        """Whatever is refused inside is refused of this record; one that has no id yet is refused at once."""
        try:
            yield
        except (Invalid, RuleViolation) as error:
            if id is None:
                raise
            self._found[id] = error

    def settle(self) -> None:
        """Raises the first refusal, which names all the others."""
        if self._found:
            first = next(iter(self._found.values()))
            first.refused = self._found
            raise first
