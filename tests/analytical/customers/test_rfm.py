"""Segments: why the orders that they count are not those of the list of orders."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
from tests.analytical.customers.making import TODAY, found, of, told


def test_it_says_what_is_counted_as_an_order_and_what_is_not() -> None:
    """Sixty with an order each; the last has two orders, an invoice alone, a return and something for nothing."""
    rows = [(2 * n, 2 * n, TODAY - timedelta(days=100 + n), 1000) for n in range(1, 60)]
    mine = 120
    rows += [
        (2 * n + kind, mine, TODAY - timedelta(days=n - 990), net)
        for n, kind, net in ((1000, 0, 500), (1001, 0, 500), (1002, 1, 500), (1003, 0, -200), (1004, 0, 0))
    ]
    # Somebody who only got something for nothing is no buyer, and the card says how many these are.
    rows.append((2 * 1005, 122, TODAY, 0))
    names = ("sale", "customer", "day", "net")
    table = pa.table(dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True)))
    finding = found("rfm", {"sale": table})
    assert of(finding, "order_count")[mine] == 3
    assert 122 not in of(finding, "order_count")
    assert [note.params for note in finding.card.notes] == [{"n": 1}]
    said = {template: params for template, params, _ in told(finding, "rfm_segment")[mine]["reasons"]}
    assert said["Invoices without an order are counted as orders too: %(n)s"] == {"n": 1}
    assert said["Returns, and what cost nothing, are not counted as orders: %(n)s"] == {"n": 2}
    others = {template for template, *_ in told(finding, "rfm_segment")[4]["reasons"]}
    assert not others & {"Invoices without an order are counted as orders too: %(n)s"}
