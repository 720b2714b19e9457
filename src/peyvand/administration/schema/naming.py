"""Keys of fields and objects, made once from a label and never changed: Latin letters, whatever the label is written in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import count
from typing import Final

from peyvand.kernel.persian.text import fold
from peyvand.platform.fields.custom import PREFIX

_LATIN: Final = dict(zip(
    "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآءئؤ",
    ("a", "b", "p", "t", "s", "j", "ch", "h", "kh", "d", "z", "r", "z", "zh", "s", "sh", "s", "z", "t", "z", "a", "gh", "f", "gh", "k",
     "g", "l", "m", "n", "v", "h", "i", "a", "", "y", "v"),
    strict=True,
))  # fmt: skip
_OTHERS: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 30


def latin(text: str) -> str:
    """A word that programs can spell: "کد اشتراک" is kd_ashtrak, "Contract no." contract_no; empty for signs alone."""
    spelled = "".join(_LATIN.get(char, char) for char in fold(text))
    return _OTHERS.sub("_", spelled).strip("_")[:_LONGEST].strip("_")


def fresh_key(
    labels: Mapping[str, str], taken: Collection[str], *, prefix: str = PREFIX, nameless: str = "1"
) -> str:
    """A key that nothing has, from the English label if there is one, else from any; signs alone are ``nameless``."""
    label = labels.get("en") or next(filter(None, labels.values()), "")
    stem = prefix + (latin(label) or nameless)
    return next(key for n in count(1) if (key := stem if n == 1 else f"{stem}_{n}") not in taken)
