"""The pace of a played feed."""

import pytest

from luchtwacht.clock import ManualClock
from luchtwacht.runtime.playback import FASTEST, Playback

SECOND = 1_000_000_000


def playback(clock: ManualClock, speed: float = 1.0) -> Playback:
    made = Playback(clock, first_ns=0, last_ns=100 * SECOND, speed=speed)
    made.moved_to(0)
    return made


def test_a_moment_is_due_when_the_clock_has_reached_it() -> None:
    clock = ManualClock()
    pace = playback(clock)
    assert not pace.due(SECOND)
    clock.turn_to(SECOND)
    assert pace.due(SECOND)


def test_twice_the_speed_is_half_the_wait() -> None:
    clock = ManualClock()
    pace = playback(clock, speed=2.0)
    clock.turn_to(SECOND)
    assert pace.due(2 * SECOND)
    assert not pace.due(2 * SECOND + SECOND // 2)


def test_paused_time_stands_still_and_goes_on_from_there() -> None:
    clock = ManualClock()
    pace = playback(clock)
    pace.due(5 * SECOND)
    clock.turn_to(2 * SECOND)
    pace.pause()
    clock.turn_to(50 * SECOND)
    assert pace.state.position_ns == 2 * SECOND
    assert not pace.due(3 * SECOND)
    pace.play()
    clock.turn_to(51 * SECOND)
    assert pace.due(3 * SECOND)


def test_the_position_never_runs_ahead_of_the_moment_that_is_waited_for() -> None:
    clock = ManualClock()
    pace = playback(clock)
    pace.due(SECOND)
    clock.turn_to(10 * SECOND)
    assert pace.state.position_ns == SECOND


def test_at_the_fastest_nothing_waits() -> None:
    assert playback(ManualClock(), speed=FASTEST).due(99 * SECOND)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_is_no_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        playback(ManualClock()).set_speed(speed)


def test_seeking_stays_within_the_feed_and_is_asked_once() -> None:
    pace = playback(ManualClock())
    pace.seek(500 * SECOND)
    assert not pace.due(SECOND)
    assert pace.take_seek() == 100 * SECOND
    assert pace.take_seek() is None


def test_time_stands_still_until_the_watch_asks_for_its_first_moment() -> None:
    clock = ManualClock()
    pace = Playback(clock, first_ns=5 * SECOND, last_ns=100 * SECOND)
    clock.turn_to(60 * SECOND)
    assert pace.state.position_ns == 5 * SECOND, "kernels are still compiled"
    pace.moved_to(5 * SECOND)
    assert not pace.due(6 * SECOND)
    clock.turn_to(61 * SECOND)
    assert pace.due(6 * SECOND)


def test_it_has_not_ended_while_somebody_wants_to_go_to_another_time() -> None:
    """A recording that is opened at a time: there is no feed behind it, and it plays all the same."""
    pace = playback(ManualClock())
    pace.seek(SECOND)
    pace.end()
    assert not pace.state.ended
    assert pace.take_seek() == SECOND
    pace.end()
    assert pace.state.ended
