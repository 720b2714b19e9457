"""The star schema: what the warehouse holds of a workspace, table by table and column by column.

Names and meanings here are what measures, reports and analysts rely on; shapes only grow. Amounts are minor units of the
workspace's currency, moments are UTC, days are the workspace's own. A key is NULL where there is nobody or nothing.

A **customer** is the company of a record, else its person. Its key is one whole number: twice the record's id, plus one
for a company, so that both fit one column and lead back (``customer_of``, ``record_of``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from peyvand.kernel.errors import msgid

Type = Literal["bigint", "integer", "double", "boolean", "date", "timestamp", "varchar"]


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    says: str
    # The dimension whose key it holds.
    to: str = ""


@dataclass(frozen=True)
class Table:
    """``key`` tells its rows apart. ``tells``: the objects whose records it tells of; whoever does not see all of these is told
    nothing of it."""

    name: str
    key: str
    says: str
    columns: tuple[Column, ...]
    tells: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of this name.

        Raises:
            KeyError: there is none.
        """
        return next((c for c in self.columns if c.name == name), None) or _missing(self.name, name)


def _missing(table: str, name: str) -> Column:
    raise KeyError(f"{table}.{name}")


def customer_of(object_key: str, id: int) -> int:
    """The key of a person or company as a customer."""
    return 2 * id + (object_key == "company")


def record_of(customer: int) -> tuple[str, int]:
    """The object and id that a customer's key stands for."""
    return ("company" if customer % 2 else "person"), customer // 2


def _c(name: str, type: Type, says: str, to: str = "") -> Column:
    return Column(name, type, says, to)


CUSTOMER: Final = Table("customer", "customer", msgid("People and companies, as they are now"), (
    _c("customer", "bigint", msgid("its key")),
    _c("object", "varchar", msgid("person or company")),
    _c("id", "bigint", msgid("the record's number")),
    _c("name", "varchar", msgid("its name")),
    _c("kind", "varchar", msgid("of a company: customer, supplier, partner …")),
    _c("company", "bigint", msgid("of a person: the company they belong to, as a customer"), "customer"),
    _c("owner", "bigint", msgid("who is responsible"), "member"),
    _c("city", "varchar", msgid("city of the main address")),
    _c("province", "varchar", msgid("province or state of the main address")),
    _c("industry", "varchar", msgid("of a company: its line of business")),
    _c("created", "date", msgid("when the record was made")),
    _c("own", "varchar", msgid("the fields that the workspace added, as JSON by their keys")),
), tells=("company", "person"))  # fmt: skip

CUSTOMER_HISTORY: Final = Table("customer_history", "change", msgid("What was true of a customer, from when until when"), (
    _c("change", "varchar", msgid("its key")),
    _c("customer", "bigint", msgid("which customer"), "customer"),
    _c("attribute", "varchar", msgid("owner, kind, city")),
    _c("value", "varchar", msgid("as it was, keys in digits")),
    _c("since", "timestamp", msgid("from when on")),
    _c("until", "timestamp", msgid("until when; NULL: it is so still")),
), tells=("company", "person"))  # fmt: skip

PRODUCT: Final = Table("product", "product", msgid("What is sold, as it is called now"), (
    _c("product", "bigint", msgid("its number")),
    _c("code", "varchar", msgid("its code")),
    _c("name", "varchar", msgid("its name")),
    _c("kind", "varchar", msgid("goods, service …")),
    _c("series", "varchar", msgid("its series or category")),
    _c("price", "bigint", msgid("list price")),
    _c("cost", "bigint", msgid("what it costs us")),
    _c("is_active", "boolean", msgid("whether it is sold")),
), tells=("product",))  # fmt: skip

MEMBER: Final = Table("member", "member", msgid("Who works here"), (
    _c("member", "bigint", msgid("the user's number")),
    _c("name", "varchar", msgid("their name")),
    _c("team", "varchar", msgid("their team")),
    _c("manager", "bigint", msgid("to whom they report"), "member"),
    _c("is_active", "boolean", msgid("whether they can sign in")),
))  # fmt: skip

CALENDAR_DAY: Final = Table("calendar_day", "day", msgid("Every day from the first fact to two years from now, in both calendars"), (
    _c("day", "date", msgid("the day")),
    _c("year", "integer", msgid("Gregorian year")),
    _c("quarter", "integer", msgid("1 to 4")),
    _c("month", "integer", msgid("1 to 12")),
    _c("month_start", "date", msgid("its month's first day")),
    _c("week_start", "date", msgid("its week's first day, by the workspace's calendar")),
    _c("weekday", "integer", msgid("1 is Monday, 7 Sunday")),
    _c("jalali_year", "integer", msgid("Jalali year")),
    _c("jalali_quarter", "integer", msgid("1 spring to 4 winter")),
    _c("jalali_month", "integer", msgid("1 Farvardin to 12 Esfand")),
    _c("jalali_month_start", "date", msgid("the first day of its Jalali month")),
    _c("is_holiday", "boolean", msgid("a public holiday of the workspace")),
))  # fmt: skip

SALE: Final = Table("sale", "sale", msgid("Orders and issued invoices, each sale once; what came back has negative amounts"), (
    _c("sale", "bigint", msgid("its key: twice the record's number, plus one for an invoice")),
    _c("source", "varchar", msgid("order or invoice")),
    _c("number", "varchar", msgid("the number that people know it by")),
    _c("customer", "bigint", msgid("who bought; NULL: not known"), "customer"),
    _c("person", "bigint", msgid("the person who bought, as a customer"), "customer"),
    _c("member", "bigint", msgid("who sold"), "member"),
    _c("deal", "bigint", msgid("the deal that it came of"), "deal"),
    _c("at", "timestamp", msgid("when")),
    _c("day", "date", msgid("the day of it"), "calendar_day"),
    _c("channel", "varchar", msgid("shop, phone, visit …")),
    _c("is_return", "boolean", msgid("whether something came back")),
    _c("gross", "bigint", msgid("before discounts, without tax")),
    _c("discount", "bigint", msgid("taken off")),
    _c("net", "bigint", msgid("gross less discount: the revenue")),
    _c("tax", "bigint", msgid("on top")),
    _c("cost", "bigint", msgid("what the goods cost us; NULL: not known")),
), tells=("order", "invoice"))  # fmt: skip

SALE_LINE: Final = Table("sale_line", "line", msgid("Lines of sales"), (
    _c("line", "bigint", msgid("its key: twice the line's number, plus one for an invoice's")),
    _c("sale", "bigint", msgid("of which sale"), "sale"),
    _c("customer", "bigint", msgid("who bought"), "customer"),
    _c("product", "bigint", msgid("what; NULL: no product of the list"), "product"),
    _c("day", "date", msgid("the day of the sale"), "calendar_day"),
    _c("is_return", "boolean", msgid("whether it came back")),
    _c("quantity", "double", msgid("how much; negative where it came back")),
    _c("unit_price", "double", msgid("price of one, before discount")),
    _c("list_price", "bigint", msgid("what the product's list price is now")),
    _c("gross", "bigint", msgid("before discount")),
    _c("discount", "bigint", msgid("taken off, its share of a discount on the whole too")),
    _c("net", "bigint", msgid("gross less discount: the revenue")),
    _c("cost", "bigint", msgid("what the goods cost us; NULL: not known")),
), tells=("order", "invoice", "product"))  # fmt: skip

PAYMENT: Final = Table("payment", "payment", msgid("Money that came; what went back is negative"), (
    _c("payment", "bigint", msgid("its number")),
    _c("customer", "bigint", msgid("which customer"), "customer"),
    _c("day", "date", msgid("when"), "calendar_day"),
    _c("amount", "bigint", msgid("how much")),
    _c("method", "varchar", msgid("transfer, card, cash, cheque …")),
), tells=("payment",))  # fmt: skip

SUBSCRIPTION: Final = Table("subscription", "subscription", msgid("Contracts and subscriptions that last"), (
    _c("subscription", "bigint", msgid("its key: twice the record's number, plus one for a contract")),
    _c("customer", "bigint", msgid("which customer"), "customer"),
    _c("product", "bigint", msgid("of what"), "product"),
    _c("kind", "varchar", msgid("its kind or plan")),
    _c("started", "date", msgid("its first day")),
    _c("ends", "date", msgid("its last day as agreed")),
    _c("ended", "date", msgid("its last day in truth; NULL: it goes on")),
    _c("amount", "bigint", msgid("its monthly value")),
), tells=("subscription", "contract"))  # fmt: skip

INTERACTION: Final = Table("interaction", "interaction",
    msgid("Calls, meetings, e-mails, messages, notes, tasks done: what was exchanged and worked"), (
    _c("interaction", "varchar", msgid("its key: kind and number")),
    _c("kind", "varchar", msgid("call, meeting, mail, sms, note, task")),
    _c("customer", "bigint", msgid("with or about whom"), "customer"),
    _c("person", "bigint", msgid("the person, as a customer"), "customer"),
    _c("member", "bigint", msgid("which user"), "member"),
    _c("deal", "bigint", msgid("about which deal"), "deal"),
    _c("at", "timestamp", msgid("when")),
    _c("day", "date", msgid("the day of it"), "calendar_day"),
    _c("direction", "varchar", msgid("in, out or empty")),
    _c("minutes", "double", msgid("how long it took; NULL: not known")),
    _c("cost", "bigint", msgid("minutes by what an hour of work costs; NULL: not known")),
), tells=("call", "meeting", "mail_message", "sms_message", "note", "task"))  # fmt: skip

DEAL: Final = Table("deal", "deal", msgid("Deals as they stand now"), (
    _c("deal", "bigint", msgid("its number")),
    _c("name", "varchar", msgid("its name")),
    _c("customer", "bigint", msgid("with whom"), "customer"),
    _c("member", "bigint", msgid("who works on it"), "member"),
    _c("pipeline", "varchar", msgid("its pipeline")),
    _c("stage", "varchar", msgid("where it stands")),
    _c("stage_position", "integer", msgid("the place of that stage")),
    _c("status", "varchar", msgid("open, won or lost")),
    _c("amount", "bigint", msgid("its worth")),
    _c("probability", "integer", msgid("in percent, as people see it")),
    _c("source", "varchar", msgid("where it came from")),
    _c("lost_reason", "varchar", msgid("why it was lost")),
    _c("competitor", "varchar", msgid("to whom, or who else offers")),
    _c("created", "timestamp", msgid("when it was opened")),
    _c("day", "date", msgid("the day it was opened"), "calendar_day"),
    _c("expected", "date", msgid("when it should close")),
    _c("closed", "date", msgid("when it was won or lost")),
), tells=("deal",))  # fmt: skip

STAGE_CHANGE: Final = Table("stage_change", "change", msgid("Moves of deals from stage to stage"), (
    _c("change", "bigint", msgid("its number")),
    _c("deal", "bigint", msgid("which deal"), "deal"),
    _c("customer", "bigint", msgid("with whom"), "customer"),
    _c("member", "bigint", msgid("who moved it"), "member"),
    _c("from_stage", "varchar", msgid("out of; empty: it began")),
    _c("to_stage", "varchar", msgid("into")),
    _c("from_position", "integer", msgid("the place of the former")),
    _c("to_position", "integer", msgid("the place of the latter")),
    _c("status", "varchar", msgid("open, won or lost from then on")),
    _c("at", "timestamp", msgid("when")),
    _c("day", "date", msgid("the day of it"), "calendar_day"),
    _c("hours", "double", msgid("how long it had stood in the former")),
    _c("amount", "bigint", msgid("its worth then")),
), tells=("deal",))  # fmt: skip

LEAD: Final = Table("lead", "lead", msgid("Leads"), (
    _c("lead", "bigint", msgid("its number")),
    _c("customer", "bigint", msgid("whom it became, or was known to be"), "customer"),
    _c("member", "bigint", msgid("who works on it"), "member"),
    _c("status", "varchar", msgid("its state")),
    _c("source", "varchar", msgid("where it came from")),
    _c("score", "integer", msgid("points of the rules")),
    _c("created", "timestamp", msgid("when it came")),
    _c("day", "date", msgid("the day of it"), "calendar_day"),
    _c("converted", "date", msgid("when it became a deal or customer")),
    _c("deal", "bigint", msgid("the deal that it became"), "deal"),
    _c("disqualified", "date", msgid("since when nothing comes of it; NULL: something may")),
), tells=("lead",))  # fmt: skip

TOUCH: Final = Table("touch", "touch",
    msgid("Where a customer met us before buying: sources, forms, e-mails and messages of sequences, calls, meetings"), (
    _c("touch", "varchar", msgid("its key")),
    _c("customer", "bigint", msgid("who"), "customer"),
    _c("lead", "bigint", msgid("by which inquiry"), "lead"),
    _c("at", "timestamp", msgid("when")),
    _c("day", "date", msgid("the day of it"), "calendar_day"),
    _c("channel", "varchar", msgid("form, mail, sms, call, meeting, or the source as it was given")),
    _c("campaign", "varchar", msgid("which sequence or campaign; empty: none")),
), tells=("lead", "call", "meeting", "sequence_run"))  # fmt: skip

TRIAL: Final = Table("trial", "trial",
    msgid("Whom an automation came to and whom it left alone by lot, and whether the outcome came"), (
    _c("trial", "varchar", msgid("its key")),
    _c("campaign", "varchar", msgid("which automation, by object and number")),
    _c("name", "varchar", msgid("what that is called")),
    _c("record", "varchar", msgid("about which record, by object and number")),
    _c("customer", "bigint", msgid("whose record that is"), "customer"),
    _c("day", "date", msgid("when"), "calendar_day"),
    _c("is_treated", "boolean", msgid("whether anything was done; else it was left alone")),
    _c("outcome", "boolean", msgid("whether the outcome came; NULL: not known yet")),
    _c("came", "date", msgid("the day it came")),
    _c("until", "date", msgid("so long the outcome is waited for")),
    _c("least", "integer", msgid("the smallest difference worth knowing, in points of a hundred")),
    _c("alone", "integer", msgid("the part that is left alone, in percent")),
), tells=("automation_run",))  # fmt: skip

TABLES: Final = {
    t.name: t
    for t in (
        CUSTOMER, CUSTOMER_HISTORY, PRODUCT, MEMBER, CALENDAR_DAY, SALE, SALE_LINE, PAYMENT, SUBSCRIPTION, INTERACTION, DEAL,
        STAGE_CHANGE, LEAD, TOUCH, TRIAL,
    )
}  # fmt: skip
