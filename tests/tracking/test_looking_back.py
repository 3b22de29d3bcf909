"""Seen back, tracks are nearer to the truth, and everything else is told as it was."""

from __future__ import annotations

import numpy as np
from tests.tracking.skies import SECOND, at, polar, sensor, site, straight

from luchtwacht.model import Detected, Event, Notice, NoticeKind, Tracked
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.looking_back import looking_back

RADAR = sensor("radar")
HERE = site(RADAR)


def _said() -> tuple[list[Event], list[np.ndarray]]:
    """Forty seconds of one drone."""
    tracker, events, rng, path = Tracker(HERE), list[Event](), np.random.default_rng(3), []
    for k in range(40):
        path.append(straight((3000.0, 1000.0, 120.0), (-15.0, 5.0, 0.0), float(k)))
        rows = polar(RADAR, 0, HERE, at(k), path[-1][None], rng, first_id=k + 1)
        tracks, associations = tracker.step(at(k) + 1, rows)
        events.append(Detected(time_ns=at(k) + 1, detections=rows))
        events.append(Tracked(time_ns=at(k) + 1, tracks=tracks, associations=associations))
    events.append(Notice(time_ns=at(40), kind=NoticeKind.SENSOR_SILENT, subject="radar", detail="nothing for 1 s"))
    return events, path


def test_a_track_seen_back_is_nearer_and_has_a_row_a_detection() -> None:
    said, path = _said()
    live = [each.tracks for each in said if isinstance(each, Tracked) and len(each.tracks)]
    back = [each for each in looking_back(HERE, said) if isinstance(each, Tracked)]
    assert len(back) == 1
    tracks = back[0].tracks
    assert len(tracks) == 40
    assert set(np.diff(tracks.time_ns).tolist()) == {SECOND}
    truth = np.array(path)[:, :3]
    then = np.array([np.linalg.norm(each.x[0, :3] - truth[(each.time_ns[0] - at(0)) // SECOND]) for each in live])
    now = np.linalg.norm(tracks.x[:, :3] - truth, axis=1)
    assert now.mean() < 0.7 * then.mean()
    assert (tracks.confirmed_ns >= 0).all()


def test_everything_else_is_told_as_it_was() -> None:
    said, _ = _said()
    back = list(looking_back(HERE, said))
    others = [each for each in said if not isinstance(each, Tracked)]
    assert [each for each in back if not isinstance(each, Tracked)] == others


def test_without_tracks_there_is_nothing_to_see_back() -> None:
    assert list(looking_back(HERE, [])) == []
