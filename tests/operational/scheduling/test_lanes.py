"""Boxes of a day: none is drawn on another, and nothing changes places without need."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from peyvand.operational.scheduling.lanes import DAY, LEAST, beside

SPANS = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(0, 600)).map(lambda p: (p[0], min(DAY, p[0] + p[1]))),
    max_size=25,
)


def overlap(one, other):
    return one.low < other.high and other.low < one.high


@given(SPANS)
def test_no_box_lies_on_another(spans):
    boxes = beside(spans)
    for n, one in enumerate(boxes):
        assert one.low >= 0
        assert one.low + LEAST <= one.high <= DAY
        assert 0 <= one.lane < one.lanes
        for other in boxes[n + 1 :]:
            if overlap(one, other):
                # Equal parts of the same width, so lanes decide.
                assert one.lanes == other.lanes
                assert one.lane != other.lane


@given(SPANS)
def test_a_box_shows_its_time_where_there_is_room(spans):
    for (low, high), box in zip(spans, beside(spans), strict=True):
        if low <= DAY - LEAST and high - low >= LEAST:
            assert (box.low, box.high) == (low, high)


@given(SPANS)
def test_the_width_is_that_of_the_busiest_moment(spans):
    boxes = beside(spans)
    for one in boxes:
        group = {one}
        while True:
            more = {b for b in boxes if any(overlap(b, g) for g in group)}
            if more <= group:
                break
            group |= more
        assert one.lanes == max(sum(b.low <= g.low < b.high for b in set_of(boxes, group)) for g in group)


def set_of(boxes, group):
    """All boxes of a group, twins too."""
    return [b for b in boxes if b in group]


@given(SPANS)
def test_what_begins_first_stands_first_and_the_same_days_look_the_same(spans):
    boxes = beside(spans)
    assert boxes == beside(spans)
    for n, one in enumerate(boxes):
        for other in boxes[n + 1 :]:
            if one.low == other.low:
                assert one.lane < other.lane


def test_a_morning():
    boxes = beside([(540, 660), (600, 720), (660, 690), (720, 750)])
    assert [(b.lane, b.lanes) for b in boxes] == [(0, 2), (1, 2), (0, 2), (0, 1)]
