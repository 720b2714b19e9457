"""The lines of a role in words: "deal.*" is read as "everything · deals"."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.platform.actions.action import ActionSpec, all_actions
from peyvand.platform.identity.operations import VERBS
from peyvand.platform.objects.spec import all_objects

Label = str | Promise

COLUMNS: Final[dict[str, Label]] = dict(
    zip(
        VERBS,
        (_("See"), _("Create"), _("Change"), _("Delete"), _("Export"), _("Many at once"), _("Share")),
        strict=True,
    )
)
# Verbs that are about no record of the table.
APART: Final[dict[str, Label]] = {
    "import": _("Import"), "view": _("Views"), "file": _("Files"), "token": _("API tokens"), "profile": _("Own profile"),
    "workspace": _("Workspace"),
}  # fmt: skip
UNDECLARED: Final = (("workspace", "audit", _("Read the audit")),)


def verb_label(action: ActionSpec) -> Label:
    """What an action is called in the table."""
    return gettext("%(verb)s, many at once") % {"verb": action.label} if action.on == "many" else action.label


def in_words(pattern: str) -> str:
    """A line of a role in the active language: the verb, and the kind of record it is about."""
    key, _dot, verb = pattern.partition(".")
    return f"{_verb(key, verb)} · {_object(key)}"


def _object(key: str) -> str:
    if key == "*":
        return gettext("all objects")
    labels = APART | {spec.key: spec.label_plural for spec in all_objects()}
    return str(labels.get(key, key))


def _verb(key: str, verb: str) -> str:
    if verb in ("", "*"):
        return gettext("everything")
    if verb in COLUMNS:
        return str(COLUMNS[verb])
    undeclared = {(o, v): label for o, v, label in UNDECLARED}
    named = (verb_label(a) for a in all_actions() if a.verb == verb and key in ("*", a.object_key))
    return str(undeclared.get((key, verb)) or next(named, verb))
