"""What a key for programs may be narrowed to: patterns of operations, said in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.actions.action import actions_of
from peyvand.platform.fields.choices import Choices, LazyOptions
from peyvand.platform.fields.types import Option
from peyvand.platform.identity.operations import is_guarded
from peyvand.platform.objects.inputs import is_described
from peyvand.platform.objects.spec import all_objects

EVERYTHING: Final = "*"


def scope_options() -> list[Option]:
    """Every scope that can be asked for, widest first, and in the end those rights that have to be named."""
    wide = [
        Option(EVERYTHING, _("Everything that you may do")),
        Option("*.view", _("Read everything that you may see")),
    ]
    records = [
        option
        for spec in all_objects()
        for option in (
            Option(
                f"{spec.key}.view",
                format_lazy(_("{objects}: read"), objects=spec.label_plural),
                group=spec.label_plural,
                brief=_("read"),
            ),
            Option(
                f"{spec.key}.*",
                format_lazy(_("{objects}: read and write"), objects=spec.label_plural),
                group=spec.label_plural,
                brief=_("read and write"),
            ),
        )
    ]
    named = [
        Option(
            action.key,
            format_lazy("{objects}: {verb}", objects=spec.label_plural, verb=action.label),
            group=spec.label_plural,
            brief=action.label,
        )
        for spec in all_objects()
        for action in actions_of(spec.key)
        if is_guarded(action.key) and is_described(action)
    ]
    return wide + records + named


OPTIONS: Final[Any] = LazyOptions(scope_options)
SCOPES: Final = Choices(
    key="scopes",
    label=_("What it may do"),
    options=OPTIONS,
    help=_("Never more than your role allows. None chosen: everything that you may do."),
)


def clean_scopes(asked: Iterable[str]) -> list[str] | None:
    """The scopes in their own order, with everything only what has to be named beside it; None for no narrowing.

    Raises:
        Invalid: one of them is unknown.
    """
    wanted = set(asked)
    known = [option.key for option in scope_options()]
    if unknown := sorted(wanted.difference(known)):
        raise Invalid.of(msg("There is no scope “%(name)s”.", name=unknown[0]), "scopes", "unknown")
    if EVERYTHING in wanted:
        wanted = {key for key in wanted if is_guarded(key)} | {EVERYTHING}
    return None if wanted <= {EVERYTHING} else [key for key in known if key in wanted]


def in_words(scopes: Sequence[str] | None) -> list[str]:
    """What these scopes allow, each a line in the active language."""
    labels = {option.key: option.label for option in scope_options()}
    return [str(labels.get(key, key)) for key in (scopes if scopes is not None else [EVERYTHING])]
