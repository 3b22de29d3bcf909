"""Feeds cut what arrives into moments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.clock import ManualClock
from luchtwacht.model import Frames, Tick
from luchtwacht.runtime.feed import Arrival, LiveFeed, Moment, PlayedFeed, to_inputs

arrivals = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 3), st.binary(max_size=3)), max_size=40).map(
    lambda listed: sorted(listed, key=lambda arrival: arrival[0])
)


def played(listed: list[Arrival], skip: int = 0) -> list[Moment]:
    return list(PlayedFeed(lambda: listed, step_ns=100, settle_ns=300, skip=skip).moments())


@given(arrivals)
def test_every_arrival_is_handed_out_once_in_order_and_never_before_its_time(listed: list[Arrival]) -> None:
    moments = played(listed)
    assert [arrival for moment in moments for arrival in moment.arrivals] == listed
    assert all(arrival[0] <= moment.time_ns for moment in moments for arrival in moment.arrivals)
    assert all(moment.time_ns % 100 == 0 for moment in moments)
    assert [moment.time_ns for moment in moments] == sorted({moment.time_ns for moment in moments})


@given(arrivals.filter(bool))
def test_time_goes_on_after_the_last_arrival(listed: list[Arrival]) -> None:
    assert played(listed)[-1].time_ns >= listed[-1][0] + 300


@given(arrivals, st.integers(0, 45))
def test_what_was_taken_in_an_earlier_run_is_not_handed_out_again(listed: list[Arrival], skip: int) -> None:
    moments = played(listed, skip)
    assert [arrival for moment in moments for arrival in moment.arrivals] == listed[skip:]


def test_a_feed_of_nothing_has_no_moments() -> None:
    assert played([]) == []


def test_a_moment_becomes_frames_then_a_tick_numbered_without_gaps() -> None:
    frames, tick = to_inputs(Moment(200, ((120, 1, b"a"), (190, 0, b"b")), tick=True), first_sequence=7)
    assert isinstance(frames, Frames)
    assert frames.sequence.tolist() == [7, 8]
    assert frames.source.tolist() == [1, 0]
    assert frames.payloads() == [b"a", b"b"]
    assert tick == Tick(sequence=9, received_ns=200)


def test_a_live_feed_stamps_what_it_receives_and_ticks_once_a_step() -> None:
    clock = ManualClock(1_000)
    feed = LiveFeed(clock, step_ns=500)
    moments = feed.moments()
    feed.receive(2, b"x")
    first = next(moments)
    assert first.arrivals == ((1_000, 2, b"x"),)
    assert first.tick
    feed.receive(2, b"y")
    clock.turn_to(1_100)
    assert not next(moments).tick
    clock.turn_to(1_600)
    assert next(moments) == Moment(1_600, (), tick=True)


def test_a_live_feed_that_is_not_read_lets_go_of_the_newest_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luchtwacht.runtime.feed.MOST_WAITING", 3)
    feed = LiveFeed(ManualClock(1_000), step_ns=500)
    for number in range(5):
        feed.receive(0, bytes([number]))
    assert feed.dropped == 2
    assert [payload for _, _, payload in next(feed.moments()).arrivals] == [b"\x00", b"\x01", b"\x02"]


def test_what_was_received_before_the_end_is_handed_out_after_it() -> None:
    feed = LiveFeed(ManualClock(1_000), step_ns=500)
    feed.receive(0, b"before")
    feed.close()
    feed.receive(0, b"after")
    assert [payload for moment in feed.moments() for _, _, payload in moment.arrivals] == [b"before"]


def test_time_does_not_run_ahead_of_what_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luchtwacht.runtime.feed.MOST_AT_ONCE", 2)
    clock = ManualClock(1_000)
    feed = LiveFeed(clock, step_ns=10)
    for _ in range(5):
        feed.receive(0, b"x")
        clock.turn_to(clock.now_ns() + 100)
    moments = feed.moments()
    assert [next(moments).time_ns for _ in range(3)] == [1_100, 1_300, 1_500]


@pytest.mark.parametrize("limit", ["MOST_PLAYED_AT_ONCE", "MOST_OCTETS_PLAYED_AT_ONCE"])
def test_what_came_all_at_once_is_handed_out_in_parts_and_ticks_once(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a capture that was made by repetition, whose later times are all the latest."""
    monkeypatch.setattr(f"luchtwacht.runtime.feed.{limit}", 4)
    listed: list[Arrival] = [(150, 0, bytes([number])) for number in range(10)]
    moments = played(listed)
    assert [arrival for moment in moments for arrival in moment.arrivals] == listed
    assert [(len(moment.arrivals), moment.time_ns, moment.tick) for moment in moments[:4]] == [
        (4, 150, False),
        (4, 150, False),
        (2, 200, True),
        (0, 300, True),
    ]
    assert [arrival for moment in played(listed, skip=6) for arrival in moment.arrivals] == listed[6:]
