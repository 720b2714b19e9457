from __future__ import annotations

import pytest

from peyvand.kernel.errors import NotAllowed
from peyvand.operational.catalog.public import PRODUCT
from peyvand.platform.objects.queries import ListQuery, fetch_page, fetch_row
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


def test_a_price_is_typed_in_tomans_and_kept_in_rials(cast, acting):
    with workspace_scope(cast.arman.id):
        product = create_record(
            acting(cast.mina), PRODUCT, {"name": "کاشی لاجوردی", "price": "۱٫۲ میلیون", "tags": "ویژه"}
        )
        row = fetch_row(PRODUCT, acting(cast.babak).actor, product.id)
        assert (row.values["price"], row.values["is_active"], row.values["kind"]) == (
            12_000_000,
            True,
            "goods",
        )
        assert [tag["name"] for tag in row.values["tags"]] == ["ویژه"]


def test_members_read_products_and_do_not_make_them(cast, acting):
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.mina), PRODUCT, {"name": "Tile"})
        assert len(fetch_page(ListQuery(PRODUCT, acting(cast.babak).actor, ("name",))).rows) == 1
        with pytest.raises(NotAllowed):
            create_record(acting(cast.babak), PRODUCT, {"name": "Mine"})
