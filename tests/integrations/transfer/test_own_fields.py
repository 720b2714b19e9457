"""An import knows a workspace's own fields by their labels, and finds records again by a unique one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from peyvand.administration.schema.actions import add_field
from peyvand.integrations.transfer.mapping import MappingFile
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.schema import OPTIONS


def test_columns_are_known_by_their_labels_and_records_by_a_unique_code(
    cast: Any, acting: Callable[..., Any], tmp_path: Path
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        code = add_field(ctx, "company", "text", labels={"fa": "کد اشتراک"}, is_unique=True).key
        grade = add_field(ctx, "company", "choice", labels={"fa": "رتبه"}, options=OPTIONS).key
        credit = add_field(ctx, "company", "number", labels={"fa": "اعتبار"}, decimals=1).key
        ctx = acting(cast.sara)
    file = tmp_path / "companies.csv"
    file.write_text(
        "نام شرکت,کد اشتراک,رتبه,اعتبار\nآوند,الف۱,طلایی,۱۲٫۵\nپرنیان,الف۲,Silver,7\n", encoding="utf-8"
    )
    wish = Wish(
        mapping=MappingFile(
            {file.name: {"object": "company", "columns": {"کد اشتراک": code}, "key": "کد اشتراک"}}
        )
    )

    def bring_in() -> Any:
        return run_import(ctx, [file], wish).totals

    assert bring_in().created == 2
    with workspace_scope(cast.arman.id):
        rows = {r.name: r.custom for r in object_named("company").rows}
    assert rows["آوند"] == {code: "الف۱", grade: "gold", credit: 125}
    assert rows["پرنیان"][grade] == "silver"
    file.write_text("نام شرکت,کد اشتراک,رتبه,اعتبار\nآوند,الف1,نقره‌ای,۱۲٫۵\n", encoding="utf-8")
    again = bring_in()
    assert (again.created, again.updated) == (0, 1)
