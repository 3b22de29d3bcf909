from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.outputs.numbering import TrackNumbers


def test_a_track_keeps_its_number_and_a_watch_started_anew_gives_it_again() -> None:
    numbers, anew = TrackNumbers(65_535, 10), TrackNumbers(65_535, 10)
    assert [numbers.number(track, 0) for track in (1, 7, -3, 7, 1)] == [1, 7, 65_533, 7, 1]
    assert anew.number(7, 5) == 7


def test_a_number_rests_before_it_is_anothers() -> None:
    numbers = TrackNumbers(2, 100)
    assert (numbers.number(1, 0), numbers.number(2, 0), numbers.number(3, 0)) == (1, 2, None)
    numbers.end(1, 50)
    assert numbers.number(3, 149) is None
    assert numbers.number(3, 150) == 1


@given(st.lists(st.tuples(st.integers(-40, 40).filter(bool), st.booleans()), max_size=60))
def test_no_two_live_tracks_have_one_number_and_no_number_comes_back_early(moves: list[tuple[int, bool]]) -> None:
    numbers, live, ended = TrackNumbers(8, 5), dict[int, int](), dict[int, int]()
    for now, (track, ends) in enumerate(moves):
        if ends:
            if track in live:
                ended[live.pop(track)] = now
            numbers.end(track, now)
            continue
        given_number = numbers.number(track, now)
        if given_number is None:
            continue
        assert 1 <= given_number <= 8
        if track in live:
            assert live[track] == given_number
        else:
            assert given_number not in live.values()
            assert now - ended.get(given_number, -99) >= 5
        live[track] = given_number
