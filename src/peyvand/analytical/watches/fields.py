"""The choices that watches know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.watches import models as m
from peyvand.platform.fields.types import Option

_later = lazy(gettext, str)


def _measures() -> Iterator[Option]:
    for measure in MEASURES.values():
        yield Option(measure.key, _later(measure.label))


OPTIONS: Final = tuple(_measures())
WHOSE: Final = (
    Option(m.PERSON, _("Each person")),
    Option(m.COMPANY, _("Each company")),
    Option(m.PRODUCT, _("Each product")),
    Option(m.USER, _("Each colleague")),
)
WAYS: Final = (
    Option(m.UP, _("reaches the threshold"), "good"),
    Option(m.DOWN, _("falls below the threshold"), "warn"),
)
WITHIN: Final = (
    Option(m.EVER, _("All time")),
    Option(m.LAST, _("In the last days")),
    Option(m.FROM, _("From a given day")),
)
MONEY: Final = tuple(one.key for one in MEASURES.values() if one.unit == "money")
OTHERS: Final = tuple(one.key for one in MEASURES.values() if one.unit != "money")
