"""Drawing what a board shows many of. Cards are written in Python: two hundred of them in a template would
cost more than their query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from peyvand.kernel import clock, money, numbers
from peyvand.kernel.persian.calendar import relative_day
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.objects.lanes import Key, LaneSums
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.avatars import avatar
from peyvand.web.components.icons import icon
from peyvand.web.objects.boards.layout import Lane
from peyvand.web.objects.resolve import address

EMPTY = mark_safe("")


@dataclass(frozen=True)
class Pen:
    """Draws for one reader, on one day."""

    ctx: Context
    spec: ObjectSpec

    @cached_property
    def reader(self) -> Reader:
        return self.ctx.reader

    @cached_property
    def base(self) -> str:
        return address(self.ctx, self.spec)

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def today(self) -> date:
        return clock.today(self.reader.tz)

    def card(
        self,
        id: int,
        title: str,
        *,
        under: SafeString = EMPTY,
        amount: SafeString = EMPTY,
        owner: SafeString = EMPTY,
        foot: SafeString = EMPTY,
        rotting: bool = False,
        lane: Key | None = None,
        rank: int | None = None,
    ) -> SafeString:
        """A card. ``lane`` and ``rank`` tell a page that has it already where it belongs now."""
        place = EMPTY if lane is None else format_html(' data-lane="{}"', lane)
        order = EMPTY if rank is None else format_html(' data-rank="{}"', rank)
        if owner and not amount:
            # Without an amount the owner needs no line to stand at the end of.
            foot, owner = format_html('{}<span class="push">{}</span>', foot, owner), EMPTY
        line = format_html('<div class="row between">{}{}</div>', amount, owner) if amount else EMPTY
        return format_html(
            '<article class="deal{}" id="card-{}" data-card="{}"{}{} tabindex="0">'
            '<h3><a href="{}/{}/">{}</a></h3>{}{}{}</article>',
            " rot" if rotting else "",
            id,
            id,
            place,
            order,
            self.base,
            id,
            title,
            under,
            line,
            format_html("<footer>{}</footer>", foot) if foot else EMPTY,
        )

    def under(self, name: str, kind: str, id: int) -> SafeString:
        """The line beneath the title: whose it is."""
        return format_html(
            '<div class="row co">{}<span class="trunc">{}</span></div>', avatar(name, kind, id), name
        )

    def owner(self, name: str | None, id: int | None) -> SafeString:
        if id is None:
            return EMPTY
        return format_html(
            '<span title="{}">{}<span class="vh">{}</span></span>',
            name or "",
            avatar(name or "", "person", id),
            name or "",
        )

    def amount(self, minor: int | None) -> SafeString:
        """An amount in full, its unit faint."""
        if minor is None:
            return EMPTY
        r = self.reader
        text = money.format_amount(minor, money.currency(r.currency), r.money_unit, r.language)
        figure, _, unit = text.rpartition(" ") if r.currency == "IRR" or r.is_persian else (text, "", "")
        return format_html(
            '<bdi class="amt num">{}{}</bdi>',
            figure,
            format_html(' <span class="cur">{}</span>', unit) if unit else EMPTY,
        )

    def short(self, minor: int) -> str:
        """«۳٫۶۱ میلیارد»."""
        r = self.reader
        return money.format_amount(minor, money.currency(r.currency), r.money_unit, r.language, "short")

    def number(self, value: int) -> str:
        return numbers.format_number(value, self.reader.language)

    def day(self, on: date) -> str:
        return relative_day(on, self.today, self.reader.language)

    def counted(self, count: int) -> str:
        """«۲۴ معامله», "24 deals"."""
        noun = str(self.spec.label if self.reader.is_persian or count == 1 else self.spec.label_plural)
        return f"{self.number(count)} {noun if self.reader.is_persian else noun.lower()}"

    def days(self, count: int) -> str:
        """«۳ روز»."""
        return ngettext("%(n)s day", "%(n)s days", count) % {"n": self.number(count)}

    def head(
        self, lane: Lane, sums: LaneSums, *, has_amount: bool, has_weighted: bool, add: str
    ) -> SafeString:
        """The head of a column, also sent by itself after a move."""
        lines = [
            format_html(
                '<h2><span class="trunc">{}</span> <span class="n">{}</span>{}</h2>',
                lane.name,
                self.counted(sums.count),
                self._add(lane, add) if add else EMPTY,
            )
        ]
        if has_amount:
            weighted = EMPTY
            if has_weighted:
                note = gettext("The sum by the probability of each")
                weighted = format_html(
                    '<span title="{}">{} <b>{}</b></span>',
                    note,
                    gettext("weighted"),
                    self.short(sums.sums[1]),
                )
            lines.append(
                format_html(
                    '<div class="sums"><span><b>{}</b></span>{}</div>', self.short(sums.sums[0]), weighted
                )
            )
        if lane.probability is not None:
            said = gettext("Probability %(percent)s") % {
                "percent": numbers.format_percent(lane.probability / 100, self.reader.language)
            }
            lines.append(
                format_html(
                    '<div class="prob" role="img" aria-label="{}"><i class="v-{}"></i></div>',
                    said,
                    max(0, min(100, lane.probability)),
                )
            )
        body = format_html_join("", "{}", ((line,) for line in lines))
        return format_html('<header id="stage-{}-head" hx-swap-oob="true">{}</header>', lane.key, body)

    def _add(self, lane: Lane, href: str) -> SafeString:
        label = gettext("Add to %(lane)s") % {"lane": lane.name}
        return format_html(
            '<a class="btn ghost s sq push" href="{0}" hx-get="{0}" hx-target="#dialog"'
            ' aria-label="{1}">{2}</a>',
            href,
            label,
            icon("plus"),
        )

    def total(self, sums: list[LaneSums], *, has_amount: bool, has_weighted: bool) -> SafeString:
        """The sum over all columns, for the end of the tabs."""
        if not has_amount:
            inner = format_html("<b>{}</b>", self.counted(sum(s.count for s in sums)))
        else:
            inner = format_html("{} <b>{}</b>", gettext("Open sum"), self.short(sum(s.sums[0] for s in sums)))
            if has_weighted:
                inner = format_html(
                    "{} · {} <b>{}</b>", inner, gettext("weighted"), self.short(sum(s.sums[1] for s in sums))
                )
            if unit := self._unit():
                inner = format_html("{} {}", inner, unit)
        return format_html(
            '<span class="xs faint board-total" id="board-total" hx-swap-oob="true">{}</span>', inner
        )

    def _unit(self) -> str:
        r = self.reader
        if r.currency != "IRR":
            return ""
        return gettext("toman") if r.money_unit == "toman" else gettext("rial")
