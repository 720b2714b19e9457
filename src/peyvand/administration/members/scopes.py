"""What a key for programs may be narrowed to: patterns of operations, said in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.choices import Choices, LazyOptions
from peyvand.platform.fields.types import Option
from peyvand.platform.objects.spec import all_objects

EVERYTHING: Final = "*"


def scope_options() -> list[Option]:
    """Every scope that can be asked for, widest first."""
    wide = [
        Option(EVERYTHING, _("Everything that you may do")),
        Option("*.view", _("Read everything that you may see")),
    ]
    return wide + [
        option
        for spec in all_objects()
        for option in (
            Option(f"{spec.key}.view", format_lazy(_("{objects}: read"), objects=spec.label_plural)),
            Option(f"{spec.key}.*", format_lazy(_("{objects}: read and write"), objects=spec.label_plural)),
        )
    ]


OPTIONS: Final[Any] = LazyOptions(scope_options)
SCOPES: Final = Choices(
    key="scopes",
    label=_("What it may do"),
    options=OPTIONS,
    help=_("Never more than your role allows. None chosen: everything that you may do."),
)


def clean_scopes(asked: Iterable[str]) -> list[str] | None:
    """The scopes in their own order; None for no narrowing.

    Raises:
        Invalid: one of them is unknown.
    """
    wanted = set(asked)
    known = [option.key for option in scope_options()]
    if unknown := sorted(wanted.difference(known)):
        raise Invalid.of(msg("There is no scope “%(name)s”.", name=unknown[0]), "scopes", "unknown")
    return None if not wanted or EVERYTHING in wanted else [key for key in known if key in wanted]


def in_words(scopes: Sequence[str] | None) -> list[str]:
    """What these scopes allow, each a line in the active language."""
    labels = {option.key: str(option.label) for option in scope_options()}
    return [labels.get(key, key) for key in (scopes if scopes is not None else [EVERYTHING])]
