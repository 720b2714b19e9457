"""Where deals spend their time, and what becomes of them there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import ibis

from peyvand.analytical.warehouse.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

Who = Literal["", "member", "team"]


def stays(tables: Tables, now: datetime, by: Who = "") -> ir.Table:
    """Each stay of a deal in a stage: ``deal, stage, position``, ``hours`` (until now where it stands there still), and how it
    ``ended``: on, back, won, lost, or standing. ``now`` is UTC without its zone. With ``by`` also whose it was."""
    moves = tables["stage_change"]
    moves = moves.filter(moves.at <= ibis.timestamp(now))
    # Deals won or lost stand nowhere; reopened ones have a later move out of there.
    left = moves.filter((moves.from_stage != "") & moves.hours.notnull())
    ended = ibis.cases(
        (left.status == "won", "won"),
        (left.status == "lost", "lost"),
        (left.to_position < left.from_position, "back"),
        else_="on",
    )
    gone = left.select(
        "deal", "member", stage=left.from_stage, position=left.from_position, hours=left.hours, ended=ended
    )
    latest = moves.mutate(
        behind=ibis.row_number().over(group_by=moves.deal, order_by=[moves.at.desc(), moves.change.desc()])
    )
    last = latest.filter((latest.behind == 0) & (latest.status == "open"))
    since = ibis.timestamp(now).epoch_seconds() - last.at.epoch_seconds()
    standing = last.select(
        "deal",
        "member",
        stage=last.to_stage,
        position=last.to_position,
        hours=since.cast("float64") / 3600,
        ended=ibis.literal("standing"),
    )
    told = ibis.union(gone, standing)
    if by != "team":
        return told
    members = tables["member"].select("member", "team")
    return told.left_join(members, "member").drop("member_right")


def bottlenecks(tables: Tables, now: datetime, by: Who = "") -> ir.Table:
    """By stage (and person or team): ``stays`` that ended, their ``median`` and ``slow`` (nine of ten are shorter) hours,
    ``share`` of all hours in percent, ``on_rate`` (in percent, won or moved on, of those ended), ``lost``, ``back``;
    how many are ``standing``, ``waiting`` hours in all, and ``late``: how many of them longer than ``slow``."""
    each = stays(tables, now, by)
    keys = [by] if by else []
    over = each.ended != "standing"
    told = each.mutate(slow=each.hours.quantile(0.9, where=over).over(group_by=[*keys, "stage"]))
    over, still = told.ended != "standing", told.ended == "standing"
    rows = told.group_by([*keys, "stage"]).agg(
        position=told.position.min(),
        stays=told.count(where=over),
        hours=told.hours.sum(),
        median=told.hours.quantile(0.5, where=over),
        slow=told.slow.max(),
        moved_on=told.count(where=told.ended.isin(["on", "won"])),
        lost=told.count(where=told.ended == "lost"),
        back=told.count(where=told.ended == "back"),
        standing=told.count(where=still),
        waiting=told.hours.sum(where=still).fill_null(0.0),
        late=told.count(where=still & (told.hours > told.slow).fill_null(False)),
    )
    return rows.mutate(
        share=rows.hours * 100 / rows.hours.sum().over(ibis.window()).nullif(0),
        on_rate=rows.moved_on.cast("float64") * 100 / rows.stays.nullif(0),
    )
