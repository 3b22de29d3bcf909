"""Two accounts of one time: what is the same, whatever its number, and what is not."""

import numpy as np

from luchtwacht.model import Associations, Event, Findings, Found, Tracked, Tracks, TrackStatus
from luchtwacht.runtime.comparison import Account, compare
from luchtwacht.units import SECOND_NS


def account(*paths: tuple[int, float, float, range], zone: str = "") -> Account:
    """Tracks that fly north at 10 m/s: number, east, north (m) at second 0, and the seconds in which they are seen."""
    made = Account()
    for second in range(60):
        alive = [path for path in paths if second in path[3]]
        tracks = Tracks.unknown(
            len(alive),
            track=[path[0] for path in alive],
            time_ns=second * SECOND_NS,
            status=int(TrackStatus.CONFIRMED),
            x=np.array([[path[1], path[2] + 10.0 * second, 0.0, 0.0, 10.0, 0.0] for path in alive]).reshape(-1, 6),
        )
        events: list[Event] = [Tracked(time_ns=second * SECOND_NS, tracks=tracks, associations=Associations.empty())]
        if zone and alive:
            found = Findings.unknown(
                len(alive),
                track=[path[0] for path in alive],
                zone=zone,
                probability_inside=[0.9 if path[2] + 10.0 * second > 100.0 else 0.1 for path in alive],
            )
            events.append(Found(time_ns=second * SECOND_NS, findings=found))
        made.take(events)
    return made


def test_tracks_are_recognised_by_where_they_were_not_by_their_numbers() -> None:
    found = compare(
        account((1, 0.0, 0.0, range(60)), (2, 900.0, 0.0, range(60))),
        account((1, 905.0, 5.0, range(60)), (2, 3.0, 3.0, range(60))),
    )
    assert [(pair.recorded.id, pair.otherwise.id) for pair in found.tracks.same] == [("1", "2"), ("2", "1")]
    assert not found.tracks.vanished
    assert not found.tracks.appeared
    assert not found.tracks.shifted


def test_a_track_that_begins_later_is_shifted() -> None:
    found = compare(account((1, 0.0, 0.0, range(60))), account((7, 0.0, 0.0, range(12, 60))))
    (pair,) = found.tracks.shifted
    assert pair.shift_s == 12.0


def test_what_is_nowhere_near_vanished_and_appeared() -> None:
    found = compare(account((1, 0.0, 0.0, range(60))), account((1, 500.0, 0.0, range(60))))
    assert [thing.id for thing in found.tracks.vanished] == ["1"]
    assert [thing.id for thing in found.tracks.appeared] == ["1"]


def test_tracks_that_only_met_in_passing_are_not_the_same() -> None:
    found = compare(account((1, 0.0, 0.0, range(60))), account((1, 0.0, 0.0, range(3)), (2, 400.0, 0.0, range(60))))
    assert [pair.otherwise.id for pair in found.tracks.same] == ["1"]  # it was there for all of its own short life
    longer = compare(account((1, 0.0, 0.0, range(20))), account((1, 0.0, 0.0, range(15, 60))))
    assert not longer.tracks.same  # five seconds together, out of twenty


def test_findings_follow_their_tracks() -> None:
    found = compare(account((1, 0.0, 0.0, range(60)), zone="Z"), account((4, 0.0, 40.0, range(60)), zone="Z"))
    (pair,) = found.findings.same
    assert (pair.recorded.id, pair.otherwise.id, pair.shift_s) == ("1/Z", "4/Z", -4.0)
    elsewhere = compare(account((1, 0.0, 0.0, range(60)), zone="Z"), account((4, 0.0, 0.0, range(60)), zone="Y"))
    assert [thing.id for thing in elsewhere.findings.vanished] == ["1/Z"]
    assert [thing.id for thing in elsewhere.findings.appeared] == ["4/Y"]
