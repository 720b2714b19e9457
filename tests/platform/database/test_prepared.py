"""Statements that are asked over and over keep their plan."""

from __future__ import annotations

import pytest
from django.db import connection

from peyvand.platform.database.prepared import fetch

pytestmark = pytest.mark.django_db
KEPT = "select generic_plans, custom_plans from pg_prepared_statements where statement like %s"


def test_a_statement_asked_again_is_not_planned_again():
    for number in range(8):
        assert fetch("select %s::bigint + 700", [number]) == [(number + 700,)]
    with connection.cursor() as cursor:
        cursor.execute(KEPT, ["select $1::bigint + 700"])
        assert cursor.fetchall() == [(8, 0)]


def test_statements_nobody_asked_to_prepare_are_not(settings):
    for number in range(8):
        with connection.cursor() as cursor:
            cursor.execute("select %s::bigint + 800", [number])
    settings.PREPARE_STATEMENTS = False
    for number in range(8):
        assert fetch("select %s::bigint + 900", [number]) == [(number + 900,)]
    with connection.cursor() as cursor:
        for number in (800, 900):
            cursor.execute(KEPT, [f"select $1::bigint + {number}"])
            assert cursor.fetchall() == []
