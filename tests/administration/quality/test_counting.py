"""Every figure against a slow reading of the same records in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from peyvand.administration.quality.measures import measure_of
from peyvand.administration.quality.models import QualityFinding, QualityScore
from peyvand.administration.quality.reckoning import reckon
from peyvand.administration.quality.scoring import Counted, Figures
from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import Invalid
from peyvand.operational.duplicates.matching.engine import Evidence, Match
from peyvand.operational.duplicates.searching import store
from peyvand.platform.fields.reader import PROGRAM
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import create_record, delete_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON, COMPANY, DEAL = object_named("person"), object_named("company"), object_named("deal")
Acting = Callable[..., Any]


def rows_with(ctx: Any, spec: Any, value: str) -> set[int]:
    """Ids of the list that a figure leads to."""
    asked = parse({"field": "quality", "op": "is", "value": value}, spec.condition_schema)
    return set(ListQuery(spec, ctx.actor, (), asked).rows().values_list("id", flat=True))


def set_by_hand(table: str, id: int, **values: Any) -> None:
    """Write what no action would: a value from the time before its rule."""
    with connection.cursor() as cursor:
        for column, value in values.items():
            cursor.execute(f'update {table} set "{column}" = %s where id = %s', [value, id])


def test_a_hundred_means_all_of_them() -> None:
    figures = Figures(1000, {"name": Counted(1000, 999, weight=3, invalid=0)}, stale=1, alike=0)
    assert (figures.complete, figures.valid, figures.fresh, figures.unique) == (999, 1000, 999, 1000)
    assert figures.score == 999


def test_what_is_not_asked_counts_neither_for_nor_against() -> None:
    figures = Figures(10, {"city": Counted(10, 5, weight=0, invalid=1), "name": Counted(10, 10, weight=2)})
    assert (figures.complete, figures.valid, figures.fresh, figures.unique) == (1000, 800, None, None)
    assert figures.score == 900
    assert Figures(0).score is None


@pytest.fixture
def people(cast: Any, acting: Acting) -> Any:
    """People with gaps, broken values, values in common, and one in the bin that must not count."""
    chance = random.Random(14)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        companies = [create_record(ctx, COMPANY, {"name": f"شرکت {n}"}) for n in range(4)]
        made = [
            create_record(
                ctx,
                PERSON,
                {
                    "given_name": chance.choice(["ندا", "آرش", ""]),
                    "family_name": f"نمونه {n}",
                    "job_title": chance.choice(["مدیر", ""]),
                    "company": chance.choice([*(c.id for c in companies), None]),
                    "city": chance.choice(["یزد", ""]),
                    "phones": chance.choice(["09121112233", f"0912000{n:04}", ""]),
                    "emails": chance.choice([f"n{n}@example.com", "office@example.com", ""]),
                    "addresses": chance.choice([[{"city": "یزد", "postal_code": "1619735744"}], []]),
                    "national_id": chance.choice(["0499370899", ""]),
                    "birthday": chance.choice(["1990-01-02", ""]),
                    "source": chance.choice(["website", ""]),
                },
            )
            for n in range(60)
        ]
        for n, person in enumerate(made):
            if n % 7 == 0:
                set_by_hand("person", person.id, national_id="0499370890")
            if n % 11 == 0:
                set_by_hand("person", person.id, birthday="2090-01-01", source="gone")
            if n % 13 == 0:
                set_by_hand("person", person.id, owner_id=cast.babak.id)
        with connection.cursor() as cursor:
            cursor.execute(
                "update contact_point set value = '+98123' where object = 'person' and object_id = any(%s)",
                [[person.id for person in made[::5]]],
            )
            cursor.execute(
                "update postal_address set postal_code = '12' where object_id = any(%s)",
                [[person.id for person in made[::4]]],
            )
            cursor.execute("update app_user set is_active = false where id = %s", [cast.babak.id])
        delete_records(ctx, COMPANY, companies[:1])
        delete_records(ctx, PERSON, made[-1:])
    return made


def plainly(measure: Any) -> tuple[dict[str, list[int | None]], set[int]]:
    """By field: of how many it is asked, filled, invalid, shared; and who shares a key with somebody."""
    spec = measure.spec
    alive = list(spec.rows.filter(deleted_at=None))
    loaded = {f.key: f.load([r.id for r in alive]) for f in spec.compound_fields}
    gone = set(COMPANY.rows.exclude(deleted_at=None).values_list("id", flat=True))
    today, alike = clock.today("Asia/Tehran"), set[int]()
    out: dict[str, list[int | None]] = {}
    for asked in measure.asked:
        field = asked.field
        values = {
            r.id: list(loaded[field.key].get(r.id, ())) if field.is_compound else field.read(r) for r in alive
        }
        filled = {id: v for id, v in values.items() if v not in (None, "", [])}
        wrong: set[int] | None = set()
        for id, value in filled.items():
            match field.key:
                case "company":
                    bad = value in gone
                case "owner":
                    bad = not object_named("user").rows.get(id=value).is_active
                case "birthday":
                    bad = value > today
                case "honorific" | "source":
                    bad = value not in {o.key for o in field.options}
                case "phones" | "emails" | "addresses" | "national_id":
                    bad = not understood(field, value)
                case _:
                    wrong, bad = None, False
            if bad and wrong is not None:
                wrong.add(id)
        shared = None
        if asked.is_key:
            each = {
                id: {i["value"].lower() for i in v} if isinstance(v, list) else {v.lower()}
                for id, v in filled.items()
            }
            held = Counter(text for texts in each.values() for text in texts)
            having = {id for id, texts in each.items() if any(held[text] > 1 for text in texts)}
            shared, alike = len(having), alike | having
        out[field.key] = [len(alive), len(filled), None if wrong is None else len(wrong), shared]
    return out, alike


def understood(field: Any, value: Any) -> bool:
    try:
        field.understand(value, PROGRAM)
    except Invalid:
        return False
    return True


def test_every_figure_is_what_a_plain_reading_finds(cast: Any, acting: Acting, people: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx, measure = acting(cast.sara), measure_of(PERSON)
        evidence = (Evidence("name", "the same name", 9.0),)
        store(
            "person",
            1,
            [
                Match(people[0].id, people[1].id, 0.97, evidence),
                Match(people[2].id, people[-1].id, 0.9, evidence),
            ],
        )
        score = reckon(cast.arman, measure)
        expected, alike = plainly(measure)
        told = {k: [f["of"], f["filled"], f["invalid"], f["shared"]] for k, f in score.fields.items()}
        # Of what nobody filled no rule was broken.
        for key, figures in expected.items():
            if figures[1] == 0 and figures[2] is not None:
                told[key][2] = told[key][2] or 0
        assert told == expected
        # A pair of which one rests in the bin is none.
        alike |= {people[0].id, people[1].id}
        assert (score.records, score.alike) == (59, len(alike))
        assert rows_with(ctx, PERSON, "alike") == alike
        for key, (_, _, invalid, shared) in expected.items():
            assert len(rows_with(ctx, PERSON, f"{key}:invalid")) == (invalid or 0), key
            assert len(rows_with(ctx, PERSON, f"{key}:shared")) == (shared or 0), key
        assert expected["phones"][2]
        assert expected["addresses"][2]
        assert expected["emails"][3]
        counted = [
            Counted(*f[:2], weight=a.weight) for a, f in zip(measure.asked, expected.values(), strict=True)
        ]
        assert score.complete == Figures(59, dict(enumerate(counted))).complete  # type: ignore[arg-type]


def test_stale_is_what_nobody_had_to_do_with(cast: Any, acting: Acting) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        now = clock.now()
        with clock.freeze(now - timedelta(days=500)):
            old, spoken, changed = (
                create_record(ctx, PERSON, {"family_name": n}) for n in ("یک", "دو", "سه")
            )
        for person in (old, spoken, changed):
            set_by_hand("person", person.id, updated_at=now - timedelta(days=500))
        create_record(ctx, object_named("call"), {"person": spoken.id})
        set_by_hand("person", changed.id, updated_at=now)
        score = reckon(cast.arman, measure_of(PERSON))
        assert (score.stale, score.records, score.fresh) == (1, 3, 666)
        assert rows_with(ctx, PERSON, "stale") == {old.id}


def test_a_day_has_one_figure_and_the_next_day_another(cast: Any, acting: Acting, still: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        create_record(ctx, COMPANY, {"name": "یک", "national_id": ""})
        reckon(cast.arman, measure_of(COMPANY))
        create_record(ctx, COMPANY, {"name": "دو"})
        reckon(cast.arman, measure_of(COMPANY))
        with clock.freeze(clock.now() + timedelta(days=1)):
            reckon(cast.arman, measure_of(COMPANY))
        assert list(QualityScore.objects.order_by("day").values_list("records", flat=True)) == [2, 2]


def test_what_is_mended_is_found_no_more(cast: Any, acting: Acting) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        deal = create_record(ctx, DEAL, {"name": "فروش"})
        set_by_hand("deal", deal.id, source="gone")
        reckon(cast.arman, measure_of(DEAL))
        assert rows_with(ctx, DEAL, "source:invalid") == {deal.id}
        set_by_hand("deal", deal.id, source="website")
        reckon(cast.arman, measure_of(DEAL))
        assert not QualityFinding.objects.exists()


def test_another_workspace_counts_for_itself(cast: Any, acting: Acting) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, {"family_name": "یک", "emails": "one@example.com"})
    with workspace_scope(cast.rival.id):
        create_record(acting(cast.cyrus), PERSON, {"family_name": "یک", "emails": "one@example.com"})
        score = reckon(cast.rival, measure_of(PERSON))
        assert (score.records, score.alike) == (1, 0)
