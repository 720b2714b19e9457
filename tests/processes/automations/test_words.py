"""Automations in plain words: their texts with names for places."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from peyvand.platform.objects.spec import object_named
from peyvand.processes.automations.fields import SETTABLE
from peyvand.processes.automations.web.words import with_names


@pytest.mark.parametrize(
    ("language", "name", "reason", "offer"),
    [
        ("fa", "نام شرکت", "دلیل", "پیشنهاد بعدی، وگرنه «هیچ»"),
        ("en", "Name of the Company", "the reason", "the next offer, or “هیچ”"),
    ],
)
def test_places_of_texts_are_told_by_what_stands_in_them(
    language: str, name: str, reason: str, offer: str
) -> None:
    with override(language):
        told = with_names("<b>{{company.name}}</b>: {{ reason }} {{offer|هیچ}} {{nobody.knows}}")
    for words in (name, reason, offer, "nobody.knows"):
        assert f'<span class="bdg acc">{words}</span>' in told
    assert "{{" not in told
    assert "&lt;b&gt;" in told


def test_what_is_not_written_by_a_form_is_not_set_by_a_step() -> None:
    objects = {option.key.partition(".")[0] for option in SETTABLE}
    assert {"deal", "company", "task"} <= objects
    assert all(object_named(key).creatable for key in objects)
