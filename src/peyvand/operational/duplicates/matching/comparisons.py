"""How two records are compared: each comparison is a ladder of levels, from "the same" down to "different".

Every level has a sentence for people, and what one should believe of it before seeing any data: the share of true
duplicates (``m``) and of strangers (``u``) that stand on it. Training replaces both where there is enough to learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peyvand.kernel.errors import msgid


@dataclass(frozen=True)
class Level:
    """One step of a ladder. ``sql`` speaks of ``x_l`` and ``x_r``; ``rare`` names the column whose rare values count for more."""

    says: str
    sql: str
    m: float
    u: float
    rare: str = ""


@dataclass(frozen=True)
class Comparison:
    """What is compared under one name. ``missing`` is the SQL of there being nothing to compare."""

    key: str
    missing: str
    levels: tuple[Level, ...]
    # Keys of the object's fields that this looks at, for the screen to mark.
    fields: tuple[str, ...] = ()

    def settings(self, *, by_rarity: bool) -> dict[str, Any]:
        """The comparison as Splink's settings say it. ``by_rarity``: a rare value in common weighs more than a frequent one."""
        levels: list[dict[str, Any]] = [
            {"sql_condition": self.missing, "label_for_charts": "missing", "is_null_level": True}
        ]
        for level in self.levels:
            rare = (
                {"tf_adjustment_column": level.rare, "tf_adjustment_weight": 1.0}
                if level.rare and by_rarity
                else {}
            )
            levels.append(
                {"sql_condition": level.sql, "label_for_charts": level.says, "m_probability": level.m, "u_probability": level.u} | rare
            )  # fmt: skip
        return {"output_column_name": self.key, "comparison_levels": levels}

    def says(self, gamma: int) -> str | None:
        """The sentence of the level that Splink numbers ``gamma``; None where something was missing."""
        return None if gamma < 0 else self.levels[len(self.levels) - 1 - gamma].says


@dataclass(frozen=True)
class Matching:
    """How records of one kind are matched: what is compared, and which pairs are worth comparing at all.

    ``blocks`` are SQL expressions over a record; two records are compared when one of them is the same for both.
    ``certain`` are conditions that hold for duplicates alone, nearly: they tell how many there are about.
    ``learn`` are pairs of columns in two blocks of whose pairs the model learns.
    """

    comparisons: tuple[Comparison, ...]
    blocks: tuple[str, ...]
    certain: tuple[str, ...]
    learn: tuple[str, ...]
    columns: tuple[str, ...]
    lists: tuple[str, ...] = ()
    # How many of the duplicates the certain conditions find.
    recall: float = 0.7

    def comparison(self, key: str) -> Comparison:
        return next(c for c in self.comparisons if c.key == key)


def _both(*conditions: str) -> str:
    return "(" + " and ".join(conditions) + ")"


def _same(*columns: str) -> str:
    return _both(*(f"{c}_l = {c}_r" for c in columns))


def _like(column: str, least: float, other: str = "") -> str:
    return f"jaro_winkler_similarity({column}_l, {other or column}_r) >= {least}"


def _slip(column: str, other: str = "") -> str:
    """One slip of the finger in a short word, two in a long one."""
    one, two = f"{column}_l", f"{other or column}_r"
    # Lengths first: they cost nothing, and strangers seldom get further.
    return (
        f"case when abs(length({one}) - length({two})) > 2 or least(length({one}), length({two})) < 3 then false "
        f"else damerau_levenshtein({one}, {two}) <= case when least(length({one}), length({two})) < 8 then 1 else 2 end end"
    )


def names(given: str, family: str, whole: str, key: str = "name", fields: Sequence[str] = ()) -> Comparison:
    """A person's name in two columns, and both together in ``whole``; their sounds stand in ``<column>_sound``."""
    sounds = (f"{given}_sound", f"{family}_sound")
    swapped = _both(f"{given}_l = {family}_r", f"{family}_l = {given}_r")
    enough = f"length({sounds[0]}_l || {sounds[1]}_l) >= 3"
    heard = _both(_same(*sounds), enough)
    crossed = _both(f"{sounds[0]}_l = {sounds[1]}_r", f"{sounds[1]}_l = {sounds[0]}_r", enough)
    close = _both(_slip(given), _slip(family))
    close_crossed = _both(_slip(given, family), _slip(family, given))
    misheard = _both(_slip(sounds[0]), _slip(sounds[1]))
    part = f"({given}_l is null or {given}_r is null or starts_with({given}_l, {given}_r) or starts_with({given}_r, {given}_l))"
    return Comparison(
        key,
        f"{whole}_l is null or {whole}_r is null",
        (
            Level(msgid("the same name"), f"{whole}_l = {whole}_r", 0.6, 0.0002, whole),
            Level(msgid("the same name, given and family name swapped"), swapped, 0.04, 0.00005),
            Level(msgid("the same name in another spelling or script"), f"({heard} or {crossed})", 0.1, 0.0005),
            Level(msgid("a very similar name"), close, 0.15, 0.001),
            Level(msgid("a very similar name, given and family name swapped"), close_crossed, 0.01, 0.0003),
            Level(msgid("a name that sounds similar"), misheard, 0.01, 0.001),
            Level(msgid("the same family name, the given name missing or shortened"), _both(_same(family), part), 0.04, 0.002),
            Level(msgid("the same family name"), f"{family}_l = {family}_r", 0.02, 0.006, family),
            Level(msgid("one name similar"), f"({_like(given, 0.9)} or {_like(family, 0.85)})", 0.03, 0.04),
            Level(msgid("another name"), "else", 0.01, 0.95),
        ),
        tuple(fields),
    )  # fmt: skip


def title(column: str, key: str = "name", fields: Sequence[str] = ()) -> Comparison:
    """A name in one column, a company's for one, with its sound in ``<column>_sound``."""
    sound = f"{column}_sound"
    inside = (
        f"(least(length({column}_l), length({column}_r)) >= 4 and "
        f"(starts_with({column}_l, {column}_r) or starts_with({column}_r, {column}_l)))"
    )
    return Comparison(
        key,
        f"{column}_l is null or {column}_r is null",
        (
            Level(msgid("the same name"), f"{column}_l = {column}_r", 0.7, 0.0001, column),
            Level(msgid("the same name in another spelling or script"), _both(_same(sound), f"length({sound}_l) >= 3"), 0.1, 0.0003),
            Level(msgid("a very similar name"), _like(column, 0.93), 0.1, 0.002),
            Level(msgid("one name is the beginning of the other"), inside, 0.05, 0.003),
            Level(msgid("one name similar"), _like(column, 0.85), 0.03, 0.03),
            Level(msgid("another name"), "else", 0.02, 0.965),
        ),
        tuple(fields),
    )  # fmt: skip


def code(column: str, same: str, close: str, other: str, fields: Sequence[str] = ()) -> Comparison:
    """A number that belongs to one alone: an official identifier, a date of birth as digits."""
    return Comparison(
        column,
        f"{column}_l is null or {column}_r is null",
        (
            Level(same, _same(column), 0.9, 0.0001),
            Level(close, f"damerau_levenshtein({column}_l, {column}_r) <= 1", 0.06, 0.0002),
            Level(other, "else", 0.04, 0.9997),
        ),
        tuple(fields) or (column,),
    )


def points(column: str, same: str, close: str, other: str, fields: Sequence[str] = ()) -> Comparison:
    """Lists of phones or mails: one in common, or one that differs by a slip of the finger."""
    return Comparison(
        column,
        f"{column}_l is null or {column}_r is null",
        (
            Level(same, f"list_has_any({column}_l, {column}_r)", 0.8, 0.0002),
            Level(close, f"any_near({column}_l, {column}_r)", 0.08, 0.0001),
            Level(other, "else", 0.12, 0.9997),
        ),
        tuple(fields) or (column,),
    )


def workplace(company: str, lines: str, says: Sequence[str], fields: Sequence[str] = ()) -> Comparison:
    """Where somebody works, by the company's name or by its landline: one says no more than the other, so never both."""
    same, line, close, other = says
    return Comparison(
        company,
        f"({company}_l is null or {company}_r is null) and ({lines}_l is null or {lines}_r is null)",
        (
            Level(same, f"{company}_l = {company}_r", 0.75, 0.002, company),
            Level(line, f"list_has_any({lines}_l, {lines}_r)", 0.1, 0.002),
            Level(close, _like(company, 0.85), 0.1, 0.03),
            Level(other, "else", 0.05, 0.966),
        ),
        tuple(fields) or (company,),
    )


def text(
    column: str, same: str, close: str, other: str, fields: Sequence[str] = (), u: float = 0.08
) -> Comparison:
    """Words that many share: a city, a street, a company one works for."""
    return Comparison(
        column,
        f"{column}_l is null or {column}_r is null",
        (
            Level(same, f"{column}_l = {column}_r", 0.85, u, column),
            Level(close, _like(column, 0.85), 0.1, 0.03),
            Level(other, "else", 0.05, 0.97 - u),
        ),
        tuple(fields) or (column,),
    )  # fmt: skip
