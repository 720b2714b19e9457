"""`any_of`: like `in`, for thousands of values: one parameter instead of one for each."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Lookup

from peyvand.platform.database.bulk import array, array_type


@Field.register_lookup
class AnyOf(Lookup):
    """``filter(id__any_of=ids)``: the column equals one of the values."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        kind = array_type(self.lhs.output_field)
        return f"{column} = any(%s::{kind}[])", [*params, array(list(self.rhs), kind)]
