"""The words that scripts speak: the keys of the front end's strings, for the reader's language."""

from __future__ import annotations

import json
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

WORDS = {
    "not_saved": _("Not saved. Check the connection and try again; what you typed is still here."),
    "failed": _("That did not work. Nothing was changed."),
    "forbidden": _("You are not allowed to do this."),
    "signed_out": _("You are signed out. Sign in again in another tab, then retry."),
    "not_found": _("This is no longer there."),
    "offline": _("No live connection. Trying again…"),
    "undo": _("Undo"),
    "undone": _("Undone"),
    "close": _("Close"),
    "cancel": _("Cancel"),
    "ok": _("OK"),
    "leave": _("Leave without saving?"),
    "leave_ok": _("Leave"),
    "copied": _("Copied"),
    "search": _("Search"),
    "search_placeholder": _("Search or jump to…"),
    "results": _("Results"),
    "recent": _("Recent"),
    "nothing_found": _("Nothing found"),
    "move": _("Move"),
    "open": pgettext_lazy("verb", "Open"),
    "new_tab": _("New tab"),
    "selected": _("{n} selected"),
    "all_selected": _("All {n} selected"),
    "card_lifted": _("{card} lifted. Arrows move it, Space drops it, Escape cancels."),
    "card_over": _("{card}: {stage}, place {n} of {total}"),
    "card_dropped": _("{card} dropped in {stage}"),
    "card_back": _("{card} was put back"),
    "move_refused": _("The move was refused. The card is back in its place."),
    "choose_date": _("Choose a date"),
    "date_placeholder": _("yyyy-mm-dd"),
    "time": _("Time"),
    "bad_date": _("This is not a date: {text}"),
    "bad_number": _("“{text}” is not a number"),
    "no_value": _("Write or choose a value, or remove this condition"),
    "fill_in": _("Fill this in"),
    "choose_one": _("Choose something here"),
    "not_mail": _("This is not an e-mail address"),
    "not_url": _("This is not a web address"),
    "not_fitting": _("This value does not fit here"),
    "date_range": _("Choose a date between {min} and {max}"),
    "today": _("Today"),
    "clear": _("Clear"),
    "previous_month": _("Previous month"),
    "next_month": _("Next month"),
    "add_condition": _("Condition"),
    "add_group": _("Group"),
    "remove": _("Remove"),
    "all_of": _("All of these"),
    "any_of": _("Any of these"),
    "none_of": _("None of these"),
    "not_all_of": _("Not all of these"),
    "field": _("Field"),
    "operator": _("Operator"),
    "value": _("Value"),
    "and": _("and"),
    "yes": _("Yes"),
    "no": _("No"),
    "me": _("Me"),
    "create_named": _("Create “{text}”"),
    "shortcuts": _("Keyboard shortcuts"),
    "key_next": _("Next row"),
    "key_previous": _("Previous row"),
    "key_select": _("Choose the row"),
    "key_peek": _("Peek"),
    "key_open": pgettext_lazy("verb", "Open"),
    "key_edit": _("Edit"),
    "key_search": _("Search"),
    "key_help": _("This list"),
}


# What could end the element early, or begin another.
_ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@lru_cache(maxsize=8)
def words_json(language: str) -> SafeString:
    """A JSON element that overrides the scripts' English; empty for English itself."""
    with override(language):
        spoken = {} if language == "en" else {key: str(word) for key, word in WORDS.items()}
    text = json.dumps(spoken, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
    return mark_safe(f'<script type="application/json" id="i18n">{text}</script>')  # noqa: S308 its parts are escaped above
