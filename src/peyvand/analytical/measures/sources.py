"""What is counted: the rows of a fact, each on one day and standing for records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from peyvand.analytical.warehouse.star import TABLES
from peyvand.analytical.warehouse.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

Rows = Callable[["ir.Table"], "ir.Table"]


def _all(rows: ir.Table) -> ir.Table:
    return rows


def _on(column: str) -> Rows:
    """The rows that have this day, dated by it."""

    def dated(rows: ir.Table) -> ir.Table:
        return rows.filter(rows[column].notnull()).mutate(day=rows[column])

    return dated


def is_ordered(rows: ir.Table) -> Any:
    """Which sales or lines are orders: what was paid for. Returns are none, nor is what cost nothing, here as in every analysis."""
    return ~rows.is_return & (rows.net > 0)


def _first_sales(rows: ir.Table) -> ir.Table:
    """The first order of each customer."""
    import ibis

    bought = rows.filter(rows.customer.notnull() & is_ordered(rows))
    placed = bought.mutate(
        place=ibis.row_number().over(group_by=bought.customer, order_by=[bought.day, bought.at, bought.sale])
    )
    return placed.filter(placed.place == 0).drop("place")


def _closed(rows: ir.Table) -> ir.Table:
    """Deals won or lost, on the day of that; ``opened`` is that of their beginning."""
    return _on("closed")(rows.filter(rows.status.isin(["won", "lost"])).mutate(opened=rows.day))


def _running(rows: ir.Table) -> ir.Table:
    """Subscriptions that have not ended, on the day of their beginning."""
    return _on("started")(rows.filter(rows.ended.isnull()))


@dataclass(frozen=True)
class Source:
    """``table`` of the star, cut and dated by ``rows``; ``via`` are its links through which more is known of a row.

    ``stands`` gives the object and the id of the record behind each row. ``tells``: where it is not what its table tells of.
    ``begins``: the table's column of the day on which a record began, whatever day its row is dated by.
    """

    key: str
    table: str
    stands: Callable[[ir.Table], tuple[Any, Any]]
    via: tuple[str, ...] = ()
    rows: Rows = _all
    tells: tuple[str, ...] = ()
    begins: str = "day"

    @property
    def objects(self) -> tuple[str, ...]:
        """What people see its rows as: who may not see all of these gets nothing counted of it."""
        return self.tells or TABLES[self.table].tells

    def of(self, tables: Tables) -> ir.Table:
        """Its rows, each with a column ``day``."""
        return self.rows(tables[self.table])

    def way(self, path: str) -> str | None:
        """How a path of the star ("customer.city", "sale.channel") is walked from a row; None: a row has no such thing."""
        first, _, rest = path.partition(".")
        if first == self.table:
            return rest
        if first == "calendar_day":
            return f"day.{rest}" if rest else "day"
        for before in ("", *(f"{link}." for link in self.via)):
            table = TABLES[before[:-1] or self.table]
            for column in table.columns:
                if column.to == first and column.name == TABLES[first].key:
                    return f"{before}{column.name}.{rest}" if rest else f"{before}{column.name}"
        return None


def reached(tables: Tables, table: str, rows: ir.Table, ways: set[str]) -> ir.Table:
    """The rows with what these ways lead to, each as the column that ``flat`` names."""
    wanted: dict[str, set[str]] = {}
    for way in ways:
        steps = way.split(".")
        for n in range(1, len(steps)):
            wanted.setdefault(".".join(steps[:n]), set()).add(steps[n])
    for link in sorted(wanted, key=lambda link: (link.count("."), link)):
        to = _led_to(table, link)
        key = f"{flat(link)}__key"
        other = tables[to].select(
            **{key: TABLES[to].key}, **{flat(f"{link}.{name}"): name for name in sorted(wanted[link])}
        )
        rows = rows.left_join(other, rows[flat(link)] == other[key]).drop(key)
    return rows


def flat(way: str) -> str:
    """The column that a way's end is put into."""
    return way.replace(".", "__")


def _led_to(table: str, link: str) -> str:
    if link == "day":
        return "calendar_day"
    for step in link.split("."):
        table = TABLES[table].column(step).to
    return table


def _record(object: str, column: str) -> Callable[[ir.Table], tuple[Any, Any]]:
    def stands(rows: ir.Table) -> tuple[Any, Any]:
        import ibis

        return ibis.literal(object), rows[column]

    return stands


def _sale(rows: ir.Table) -> tuple[Any, Any]:
    """A sale's key is twice the record's number, plus one for an invoice."""
    import ibis

    return ibis.ifelse(rows.sale % 2 == 1, "invoice", "order"), (rows.sale - rows.sale % 2) // 2


def _customer(rows: ir.Table) -> tuple[Any, Any]:
    """A customer's key is twice the record's number, plus one for a company."""
    import ibis

    return ibis.ifelse(rows.customer % 2 == 1, "company", "person"), (rows.customer - rows.customer % 2) // 2


def _interaction(rows: ir.Table) -> tuple[Any, Any]:
    """An interaction's key is its kind and the record's number."""
    object = rows.kind.substitute({"mail": "mail_message", "sms": "sms_message"})
    return object, rows.interaction.split(":")[1].cast("int64")


SOURCES: Final = {
    s.key: s
    for s in (
        Source("sale", "sale", _sale),
        # What a line tells of its product is asked by dimensions of products, and they ask for the rights to it.
        Source("sale_line", "sale_line", _sale, ("sale",), tells=TABLES["sale"].tells),
        Source("buyer", "sale", _customer, (), _first_sales),
        Source("payment", "payment", _record("payment", "payment")),
        Source("interaction", "interaction", _interaction),
        Source("deal", "deal", _record("deal", "deal")),
        Source("deal_closed", "deal", _record("deal", "deal"), (), _closed),
        Source("stage_change", "stage_change", _record("deal", "deal")),
        Source("lead", "lead", _record("lead", "lead")),
        Source("lead_converted", "lead", _record("lead", "lead"), (), _on("converted")),
        Source("touch", "touch", _customer, ("lead",)),
        Source("subscription_started", "subscription", _customer, (), _on("started"), begins="started"),
        Source("subscription_running", "subscription", _customer, (), _running, begins="started"),
        Source("subscription_ended", "subscription", _customer, (), _on("ended"), begins="started"),
    )
}
