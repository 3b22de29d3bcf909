"""The picture of some seconds ago, as it is known now: fixed-lag smoothing of everything the tracker follows.

A tracker must say at once what it thinks. Who can wait a few seconds, as evidence and reports can, gets a better
picture: later detections tell of earlier moments, what was only just confirmed is known from its first detection on,
and what has died since is not shown as if it lived. After each step what the tracker holds is kept; once the lag has
passed it is taken back from the newest step to the oldest (`smoothing.step_back`), for all objects at once. What the
tracker itself holds is read and never changed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.model import Basis, Bools, Detections, Floats, Ints, Site, Tracks, TrackStatus
from luchtwacht.tracking.motion import MODES, RATES
from luchtwacht.tracking.smoothing import Mixture, merge, step_back, steps_of, unpack
from luchtwacht.tracking.state import TrackerState
from luchtwacht.tracking.tracker import UNKNOWN_HEIGHT_VARIANCE, Tracker
from luchtwacht.units import seconds_to_ns


@dataclass(frozen=True, slots=True)
class _Moment:
    """What was held after one step, in order of `key`."""

    since_ns: int
    """time of the step before; -1 for the first"""
    step_ns: int
    """time of the step that it is told for"""
    time_ns: int
    """time of the last look, for which it holds"""
    key: Ints
    """(n,) the detection that an object began with: its name for life"""
    whole: Ints
    """(n, WHOLES)"""
    existence: Floats
    mixture: Mixture
    known: Tracks
    """what the tracker said of those with a number"""

    def rows(self, key: Ints) -> tuple[Ints, Bools]:
        """Where each of `key` stands, and whether it is there."""
        at = np.minimum(np.searchsorted(self.key, key), max(len(self.key) - 1, 0))
        there = self.key[at] == key if len(self.key) else np.zeros(len(key), np.bool_)
        return at, there

    def held(self, key: Ints) -> Mixture:
        """The Gaussians of each of `key`; something harmless for what is not there."""
        if not len(self.key):
            modes = len(MODES)
            P = np.broadcast_to(np.eye(6), (len(key), modes, 6, 6))
            return np.zeros((len(key), modes, 6)), P, np.full((len(key), modes), 1.0 / modes)
        return _take(self.mixture, self.rows(key)[0])


class Delayed:
    """Tracks of one site, some seconds late."""

    def __init__(self, site: Site, lag_s: float) -> None:
        """Args:
        site: as a `Tracker` takes it.
        lag_s: how many seconds may pass; 0 gives what the tracker says.
        """
        self._tracker = Tracker(site)
        self._lag_ns = seconds_to_ns(lag_s)
        self._moments: deque[_Moment] = deque()
        self._before_ns = -1

    def step(self, time_ns: int, detections: Detections) -> list[Tracks]:
        """Take in what was measured before `time_ns`.

        Returns:
            The picture of each earlier step for which the lag has now passed, in order of time. Its rows have the time
            of that step, the covariance of what is known now, and CONFIRMED for all that is shown.
        """
        known, _ = self._tracker.step(time_ns, detections)
        self._moments.append(_moment(self._before_ns, time_ns, self._tracker.state(), known))
        self._before_ns = time_ns
        told = []
        while self._moments and self._moments[0].step_ns <= time_ns - self._lag_ns:
            told.append(_read(self._moments))
            self._moments.popleft()
        return told

    def finish(self) -> list[Tracks]:
        """The pictures that are still due, each with what is known at the end."""
        told = []
        while self._moments:
            told.append(_read(self._moments))
            self._moments.popleft()
        return told


def _moment(since_ns: int, step_ns: int, state: TrackerState, known: Tracks) -> _Moment:
    modes, (one, once) = len(MODES), (state.possible, state.glimpses)
    whole = np.concatenate([one.whole, once.whole])
    order = np.argsort(whole[:, c.FIRST], kind="stable")
    n = len(order)
    x, P = unpack(np.concatenate([one.state, np.repeat(once.state, modes, 0)]).reshape(-1, c.ROW))
    prior = np.tile([mode.prior for mode in MODES], (len(once.real), 1))
    probable = np.concatenate([one.real[:, c.MODE0 : c.MODE0 + modes], prior])
    return _Moment(
        since_ns=since_ns, step_ns=step_ns, time_ns=state.now_ns, key=whole[order, c.FIRST], whole=whole[order],
        existence=np.concatenate([one.real[:, c.EXISTENCE], once.real[:, c.EXISTENCE]])[order],
        mixture=(x.reshape(n, modes, 6)[order], P.reshape(n, modes, 6, 6)[order], probable[order].astype(np.float64)),
        known=known,
    )  # fmt: skip


def _read(moments: deque[_Moment]) -> Tracks:
    """The picture of the oldest moment, from it and all that came after."""
    oldest = moments[0]
    key, last = _worth_showing(moments)
    if not len(key):
        return Tracks.empty()
    newest = np.array([row[1] for row in last])  # the moment up to which each is followed
    mixture: Mixture | None = None
    for number in range(len(moments) - 1, -1, -1):
        moment = moments[number]
        held = moment.held(key)
        if mixture is None:
            mixture = held
            continue
        after = newest > number
        ahead_ns = moments[number + 1].time_ns - moment.time_ns
        change, noise = steps_of(ahead_ns, MODES, RATES)
        parts = [each.copy() for each in held]
        if after.any() and ahead_ns > 0:
            back = step_back(_take(held, after), _take(mixture, after), change, noise)
            for part, better in zip(parts, back, strict=True):
                part[after] = better
        elif after.any():
            for part, same in zip(parts, mixture, strict=True):
                part[after] = same[after]
        mixture = (parts[0], parts[1], parts[2])
    assert mixture is not None
    mean, covariance = merge(*mixture)
    return _tracks(oldest, key, last, mean, covariance)


def _take(mixture: Mixture, rows: Bools | Ints) -> Mixture:
    return mixture[0][rows], mixture[1][rows], mixture[2][rows]


Last = tuple[Ints, int]
"""the row of `whole` of an object when it was last held, and the number of that moment"""


def _worth_showing(moments: deque[_Moment]) -> tuple[Ints, list[Last]]:
    """Objects of the oldest moment that are known to be real, and were there then."""
    oldest = moments[0]
    last_whole, last_number = oldest.whole.copy(), np.zeros(len(oldest.key), np.int64)
    for number in range(1, len(moments)):
        at, there = moments[number].rows(oldest.key)
        last_whole[there], last_number[there] = moments[number].whole[at[there]], number
    confirmed = last_whole[:, c.CONFIRMED] >= 0
    alive = last_number == len(moments) - 1
    live = alive & (last_whole[:, c.STATUS] == TrackStatus.CONFIRMED)
    seen_later = last_whole[:, c.UPDATED] > oldest.since_ns
    shown = (last_whole[:, c.NUMBER] > 0) & confirmed & (live | seen_later)
    rows = np.flatnonzero(shown)
    rows = rows[np.argsort(last_whole[rows, c.NUMBER], kind="stable")]
    return oldest.key[rows], [(last_whole[row], int(last_number[row])) for row in rows.tolist()]


def _tracks(oldest: _Moment, key: Ints, last: list[Last], mean: Floats, P: Floats) -> Tracks:
    """The picture, taken from the last look on to the time of the step."""
    n = len(key)
    at, _ = oldest.rows(key)
    whole = np.array([row[0] for row in last])
    elapsed = (oldest.step_ns - oldest.time_ns) / 1e9
    F = np.eye(6)
    F[[0, 1, 2], [3, 4, 5]] = elapsed
    unknown = whole[:, c.HEIGHT] == 0
    x, covariance = mean @ F.T, F @ P @ F.T
    covariance[unknown, 2, 2] = np.maximum(covariance[unknown, 2, 2], UNKNOWN_HEIGHT_VARIANCE)
    number = whole[:, c.NUMBER]
    place = np.minimum(np.searchsorted(oldest.known.track, number), max(len(oldest.known) - 1, 0))
    category = np.full((n, 5), np.nan)
    if len(oldest.known):
        named = oldest.known.track[place] == number
        category[named] = oldest.known.category_probability[place[named]]
    return Tracks.unknown(
        n, track=number, time_ns=oldest.step_ns, started_ns=whole[:, c.STARTED], confirmed_ns=whole[:, c.CONFIRMED],
        updated_ns=oldest.whole[at, c.UPDATED], status=int(TrackStatus.CONFIRMED), basis=int(Basis.MEASURED), x=x,
        P=covariance, existence=oldest.existence[at], updates=oldest.whole[at, c.UPDATES], sensors=0,
        category_probability=category,
    )  # fmt: skip
