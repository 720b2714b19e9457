"""Finding likely duplicates among rows in DuckDB with Splink's Fellegi-Sunter model, trained on the rows themselves."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.exceptions import EMTrainingException

from peyvand.operational.duplicates.matching.comparisons import Matching

log = logging.getLogger(__name__)

BATCH = 20_000
# Below this many rows there is nothing to learn from; what one should believe beforehand decides alone.
FEW = 500
# A block of more rows than this says nothing about them: everybody in it would be compared with everybody.
LARGEST_BLOCK = 120
SAMPLED_PAIRS = 200_000
SEED = 7
# Whether two lists have values that differ by one slip of the finger.
ANY_NEAR = """
create or replace macro any_near(a, b) as len(list_filter(a, lambda x: len(list_filter(b, lambda y: damerau_levenshtein(x, y) <= 1)) > 0)) > 0
"""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Evidence:
    """What one comparison added: its key, the sentence of the level reached, and its weight in bits."""

    key: str
    says: str
    bits: float


@dataclass(frozen=True)
class Match:
    """Two records, how likely they are one and the same, and why, the weightiest reason first."""

    left: int
    right: int
    probability: float
    evidence: tuple[Evidence, ...]


def load(connection: duckdb.DuckDBPyConnection, matching: Matching, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows (an ``id`` and the matching's columns) to the table "record"; empty values are missing ones. Returns how many."""
    schema = pa.schema(
        [("unique_id", pa.int64())]
        + [(c, pa.list_(pa.string()) if c in matching.lists else pa.string()) for c in matching.columns]
    )
    connection.execute(
        "create or replace table record (unique_id bigint, "
        + ", ".join(f"{c} varchar{'[]' if c in matching.lists else ''}" for c in matching.columns)
        + ")"
    )
    count = 0
    for batch in _batches(rows):
        columns = [
            [row["id"] for row in batch],
            *([row.get(c) or None for row in batch] for c in matching.columns),
        ]
        taken = pa.table([pa.array(v, t.type) for v, t in zip(columns, schema, strict=True)], schema=schema)
        connection.register("taken", taken)
        connection.execute("insert into record select * from taken")
        connection.unregister("taken")
        count += len(batch)
    return count


def find(
    connection: duckdb.DuckDBPyConnection,
    matching: Matching,
    least: float,
    progress: Progress = lambda step, percent: None,
) -> Iterator[Match]:
    """The pairs of the table "record" that are the same with a probability of ``least`` or more, surest first."""
    ((count,),) = connection.execute("select count(*) from record").fetchall()
    if count < 2:
        return
    connection.execute(ANY_NEAR)
    _make_blocks(connection, matching)
    api = DuckDBAPI(connection=connection)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker = _trained(api, matching, count, progress)
        progress("compare", 60)
        pairs = linker.inference.predict(threshold_match_probability=least)
    progress("read", 90)
    yield from _matches(connection, matching, str(pairs.physical_name))


def _trained(api: DuckDBAPI, matching: Matching, count: int, progress: Progress) -> Linker:
    record = api.register("record")
    settings: SettingsCreator | dict[str, Any] = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[c.settings(by_rarity=count >= FEW) for c in matching.comparisons],
        blocking_rules_to_generate_predictions=[_blocking(matching, n) for n in range(len(matching.blocks))],
        probability_two_random_records_match=min(0.01, 0.2 / count),
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        em_convergence=0.001,
        max_iterations=15,
    )
    linker = Linker(record, settings, log_level=logging.ERROR)
    looks = _looks(matching) if count >= FEW else []
    for n, look in enumerate(looks):
        progress("learn", 10 + 50 * n // len(looks))
        settings = linker.misc.save_model_to_json()
        try:
            look(linker)
            _demand_chance(linker)
        except (ValueError, EMTrainingException) as error:
            # Too few such pairs to learn from: what was believed so far stays, with all its comparisons.
            log.info("one look taught nothing: %s", error)
            linker = Linker(record, settings, log_level=logging.ERROR)
    return linker


def _demand_chance(linker: Linker) -> None:
    """Raise ValueError where a look found that no two records are the same, or that all are: nothing can be weighed by that."""
    chance = linker.misc.save_model_to_json()["probability_two_random_records_match"]
    if not 0 < chance < 1:
        raise ValueError(f"the chance that two records are the same cannot be {chance}")


def _looks(matching: Matching) -> list[Callable[[Linker], object]]:
    """What the model learns from, one look after another: how many duplicates there are, what strangers share, what duplicates do."""

    def how_many(linker: Linker) -> None:
        rules: list[str | BlockingRuleCreator] = list(matching.certain)
        linker.training.estimate_probability_two_random_records_match(rules, recall=matching.recall)

    def strangers(linker: Linker) -> None:
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)

    def duplicates(rule: str, linker: Linker) -> None:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, fix_u_probabilities=True)

    return [how_many, strangers, *(partial(duplicates, rule) for rule in matching.learn)]


def _blocking(matching: Matching, n: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"blocking_rule": f"l.block_{n} = r.block_{n}", "sql_dialect": "duckdb"}
    return rule | {"arrays_to_explode": [f"block_{n}"]} if matching.blocks[n] in matching.lists else rule


def _make_blocks(connection: duckdb.DuckDBPyConnection, matching: Matching) -> None:
    """One column for each block, empty where the block is too large to say anything; of a list, those values that do."""
    for n, block in enumerate(matching.blocks):
        is_list = block in matching.lists
        kept, each = (
            ("list(key)", f"unnest({block})") if is_list else ("any_value(key)", f"({block})::varchar")
        )
        connection.execute(f"alter table record add column block_{n} varchar{'[]' if is_list else ''}")
        connection.execute(
            f"""
            update record set block_{n} = b.kept from (
                select unique_id, {kept} as kept from (
                    select unique_id, key, count(*) over (partition by key) as size
                    from (select unique_id, {each} as key from record) where key is not null
                ) where size between 2 and {LARGEST_BLOCK} group by unique_id
            ) b where b.unique_id = record.unique_id
            """  # noqa: S608 made of our own names
        )


def _matches(connection: duckdb.DuckDBPyConnection, matching: Matching, table: str) -> Iterator[Match]:
    there = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    parts = [
        f"gamma_{c.key}, mw_{c.key} + {f'coalesce(mw_tf_adj_{c.key}, 0)' if f'mw_tf_adj_{c.key}' in there else '0'}"
        for c in matching.comparisons
    ]
    found = connection.execute(
        f"select unique_id_l, unique_id_r, match_probability, {', '.join(parts)} from {table} order by match_weight desc, 1, 2"  # noqa: S608 made of our own names
    )
    while rows := found.fetchmany(BATCH):
        for one, other, probability, *values in rows:
            evidence = [
                Evidence(c.key, says, round(bits, 1))
                for c, gamma, bits in zip(matching.comparisons, values[::2], values[1::2], strict=True)
                if (says := c.says(gamma)) is not None
            ]
            evidence.sort(key=lambda e: -abs(e.bits))
            yield Match(min(one, other), max(one, other), probability, tuple(evidence))


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
