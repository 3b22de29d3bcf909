"""Objects that were lost and are seen again: a new track that goes on where a lost one would be is the same object.

A drone that flies behind a building for twenty seconds ends one track and begins another. When the new one is confirmed
it is held against every track that was lost or coasts: how well do its place and velocity fit where the lost one would
be by now, against being something new that just appeared here? The lost one is led on by the tracker's own motion: it
kept its course all the time, or manoeuvred as things do on average; that bounds what is believed of a long absence.
Radar cross-section and category weigh in. The ratios become probabilities under the rule one to one
(`kernels.association`); a pair above `SURE` is joined, and the object goes on under the number it had.

It is decided once, when the new track is confirmed: a number that people have acted on does not change any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from luchtwacht.kernels.association import marginals
from luchtwacht.model import Category, Floats, Ints, Site, Tracks, TrackStatus
from luchtwacht.tracking.classification import PRIOR
from luchtwacht.tracking.motion import MODES, RATES
from luchtwacht.tracking.scene import SPEED
from luchtwacht.units import SECOND_NS, seconds_to_ns

SURE = 0.9
"""probability of being the same object from which two tracks are joined: a false join misleads for good, a missed one
costs a look"""
RETURNS, AWAY_S = 0.5, 12.0
"""probability that what is lost is seen again at all, and after how many seconds on average"""
AROUND_M, MEMORY_S = 1000.0, 300.0
"""other new tracks within this distance and time tell how often something new appears at a place"""
FIRST = 1.0
"""new tracks that are taken for seen there and then, before any is"""
LEAST_LIKELY = 1e-3
"""ratios below this are not worth weighing"""
OUT_OF_REACH = 100.0
"""squared standard deviations along one axis beyond which no ratio comes near that: exp(-50), and the rest is no larger
than 1e12"""
HEIGHT_KNOWN_M = 150.0
"""a height with a larger standard deviation says nothing"""
HEIGHTS_M = 400.0
"""something new appears at any height within this"""
RCS_SAME_DB, RCS_OTHER_DB = 5.0, 12.0
"""standard deviation of the difference of mean radar cross-sections: one object seen twice, and two objects"""
MOST_STARTS = 4096
"""new tracks remembered"""
MOST_LOST = 1024
"""lost tracks remembered"""

_QUIET, _MANOEUVRE = 0, 1
_LASTS_S = 1.0 / RATES[_QUIET, _MANOEUVRE]
"""s, mean time of quiet flight"""
_BUSY = RATES[_QUIET, _MANOEUVRE] / (RATES[_QUIET, _MANOEUVRE] + RATES[_MANOEUVRE, _QUIET])
"""share of time spent in manoeuvres"""
_ON_AVERAGE = (
    (1.0 - _BUSY) * MODES[_QUIET].horizontal + _BUSY * MODES[_MANOEUVRE].horizontal,
    (1.0 - _BUSY) * MODES[_QUIET].vertical + _BUSY * MODES[_MANOEUVRE].vertical,
)
"""m^2/s^3, densities of acceleration on the level and upright, over quiet flight and manoeuvres"""
_PRIOR = np.array([PRIOR[category] for category in Category])


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """A track that goes on with an object lost before. Numbers are the tracker's own."""

    track: int
    root: int
    """number of the first track of the object"""
    started_ns: int
    """of the first track"""
    confirmed_ns: int
    """of the first track"""
    updates: int
    """detections used before it was lost"""
    lost_ns: int
    """ns UTC of the last detection before"""
    found_ns: int
    """ns UTC of the conclusion in which it was recognised"""
    probability: float
    """that it is the same object"""
    away: float
    """m, on the map, from where it was expected"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StitchingState:
    """Everything that `Stitching` holds."""

    time_ns: int
    lost: Tracks
    starts_ns: Ints
    starts: Floats
    """(k, 2) m"""
    continuations: tuple[Continuation, ...]


class Stitching:
    """Which tracks of one tracker are the same object."""

    def __init__(self, site: Site) -> None:
        self._window_ns = seconds_to_ns(site.tracking.stitch_s)
        self._time_ns = -1
        self._lost = Tracks.empty()
        self._starts_ns: Ints = np.empty(0, np.int64)
        self._starts: Floats = np.empty((0, 2))
        self._of: dict[int, Continuation] = {}

    def state(self) -> StitchingState:
        """Everything that is held between two steps."""
        return StitchingState(
            time_ns=self._time_ns,
            lost=self._lost,
            starts_ns=self._starts_ns,
            starts=self._starts,
            continuations=tuple(self._of.values()),
        )

    def restore(self, state: StitchingState) -> None:
        """Go on from what `state` gave, of this stage or of another for the same site."""
        self._time_ns, self._lost = state.time_ns, state.lost
        self._starts_ns, self._starts = state.starts_ns, state.starts
        self._of = {each.track: each for each in state.continuations}

    @property
    def continuations(self) -> dict[int, Continuation]:
        """By the number of the track that goes on, those that may still be asked for."""
        return self._of

    def step(self, time_ns: int, tracks: Tracks) -> list[int]:
        """Take in the tracks at `time_ns` (ns UTC) with those that ended.

        Returns:
            coasted tracks whose object goes on in another from now on: they are to be dropped.
        """
        confirmed = tracks.confirmed_ns >= 0
        new = np.flatnonzero(
            confirmed & (tracks.status == TrackStatus.CONFIRMED) & (tracks.confirmed_ns >= self._time_ns)
        )
        new = new[[int(each) not in self._of for each in tracks.track[new]]] if len(new) else new
        self._time_ns = time_ns
        dropped: list[int] = []
        if len(new):
            self._expire(time_ns)
            coasted = tracks.take(tracks.status == TrackStatus.COASTED)
            joined = self._join(time_ns, tracks.take(new), Tracks.concatenate([self._lost, coasted]))
            gone = {old for old, _ in joined}
            dropped = [int(each) for each in coasted.track if int(each) in gone]
            self._lost = self._lost.take(~np.isin(self._lost.track, list(gone)))
            fresh = new[~np.isin(tracks.track[new], [number for _, number in joined])]
            self._starts_ns = np.concatenate([self._starts_ns, np.full(len(fresh), time_ns)])[-MOST_STARTS:]
            self._starts = np.concatenate([self._starts, tracks.x[fresh, :2]])[-MOST_STARTS:]
        ended = confirmed & (tracks.status == TrackStatus.TERMINATED)
        if ended.any():
            self._expire(time_ns)
            kept = Tracks.concatenate([self._lost, tracks.take(ended)])
            self._lost = kept.take(slice(max(len(kept) - MOST_LOST, 0), None))
        if self._of:
            known = {*tracks.track.tolist(), *self._lost.track.tolist()}
            self._of = {track: each for track, each in self._of.items() if track in known}
        return dropped

    def _expire(self, time_ns: int) -> None:
        """Let go of what was lost, or began, too long ago."""
        self._lost = self._lost.take(self._lost.updated_ns >= time_ns - self._window_ns)
        recent = self._starts_ns >= time_ns - MEMORY_S * SECOND_NS
        self._starts_ns, self._starts = self._starts_ns[recent], self._starts[recent]

    def _join(self, time_ns: int, new: Tracks, lost: Tracks) -> list[tuple[int, int]]:
        """The pairs that are the same object: lost and new number. What goes on is noted."""
        lost = lost.take(lost.updated_ns >= time_ns - self._window_ns)
        if not len(lost):
            return []
        rows, candidates = _within_reach(new, lost)
        ratios = self._ratios(new, rows, lost.take(candidates))
        weighed = ratios > LEAST_LIKELY
        rows, candidates, ratios = rows[weighed], candidates[weighed], ratios[weighed]
        starts = np.searchsorted(rows, np.arange(len(new) + 1))
        probability, neither, free = np.empty(len(rows)), np.empty(len(new)), np.empty(len(lost))
        marginals(starts, candidates, ratios, len(new), len(lost), probability, neither, free)
        joined = []
        for row, candidate, likely in zip(rows.tolist(), candidates.tolist(), probability.tolist(), strict=True):
            if likely < SURE:
                continue
            before, number = lost.take([candidate]), int(new.track[row])
            gone_s = (new.time_ns[[row]] - before.time_ns) / SECOND_NS
            of_before = self._of.get(int(before.track[0]))
            updates = int(before.updates[0])
            self._of[number] = Continuation(
                track=number,
                root=of_before.root if of_before else int(before.track[0]),
                started_ns=of_before.started_ns if of_before else int(before.started_ns[0]),
                confirmed_ns=of_before.confirmed_ns if of_before else int(before.confirmed_ns[0]),
                updates=updates + (of_before.updates if of_before else 0),
                lost_ns=int(before.updated_ns[0]),
                found_ns=time_ns,
                probability=round(likely, 6),
                away=round(float(np.hypot(*_off(new.x[[row]], before, gone_s)[0, :2])), 3),
            )
            joined.append((int(before.track[0]), number))
        return joined

    def _ratios(self, new: Tracks, rows: Ints, lost: Tracks) -> Floats:
        """(k,) how many times likelier each of `lost` is the new track that `rows` names than something new."""
        gap_s = (new.started_ns[rows] - lost.updated_ns) / SECOND_NS
        elapsed = (new.time_ns[rows] - lost.time_ns) / SECOND_NS
        off, P = _off(new.x[rows], lost, elapsed), new.P[rows]
        returns = RETURNS / AWAY_S * np.exp(-gap_s / AWAY_S)
        quiet = np.exp(-np.maximum(elapsed, 0.0) / _LASTS_S)
        density = np.zeros(len(lost))
        for share, (level, upright) in (
            (quiet, (MODES[_QUIET].horizontal, MODES[_QUIET].vertical)),
            (1.0 - quiet, _ON_AVERAGE),
        ):
            here = _spread(lost.P, elapsed, level, upright) + P
            density += share * _normal(off[:, [0, 1, 3, 4]], here[:, [[0], [1], [3], [4]], [0, 1, 3, 4]])
        away = np.hypot(*(self._starts - new.x[:, None, :2]).transpose(2, 0, 1))
        appears = (FIRST + (away <= AROUND_M).sum(1)) / (np.pi * AROUND_M**2 * MEMORY_S)
        other = appears * _normal(new.x[:, 3:5], new.P[:, 3:5, 3:5] + SPEED**2 * np.eye(2))
        ratio = returns * density / other[rows]
        ratio *= _heights(off[:, 2], here[:, 2, 2], lost.P[:, 2, 2], P[:, 2, 2])
        ratio *= _sizes(lost.rcs_dbsm, new.rcs_dbsm[rows])
        ratio *= (lost.category_probability * new.category_probability[rows] / _PRIOR).sum(1)
        return np.asarray(ratio)


def merge(tracks: Tracks, continuations: dict[int, Continuation], own: Ints) -> Tracks:
    """The tracks with what is known of their objects from before.

    Args:
        tracks: some of which may go on with an object.
        continuations: by own number.
        own: (n,) the own number of each.
    """
    rows = [row for row, number in enumerate(own.tolist()) if number in continuations]
    if not rows:
        return tracks
    columns = {
        name: getattr(tracks, name).copy() for name in ("started_ns", "confirmed_ns", "updates", "reidentified_ns")
    }
    for row in rows:
        each = continuations[int(own[row])]
        columns["started_ns"][row], columns["confirmed_ns"][row] = each.started_ns, each.confirmed_ns
        columns["updates"][row] += each.updates
        columns["reidentified_ns"][row] = each.found_ns
    return replace(tracks, **columns)


def roots(own: Ints, continuations: dict[int, Continuation]) -> Ints:
    """(n,) the number of the first track of each object."""
    if not continuations:
        return own
    return np.array([continuations[each].root if each in continuations else each for each in own.tolist()], np.int64)


def dropped_from(tracks: Tracks, dropped: Iterable[int]) -> Tracks:
    """Without those."""
    gone = list(dropped)
    return tracks.take(~np.isin(tracks.track, gone)) if gone else tracks


def _within_reach(new: Tracks, lost: Tracks) -> tuple[Ints, Ints]:
    """Pairs (k,), (k,) of a new track and one that was lost before it began, not too far away to be the same.

    A cheap look before `_ratios`: on the map the lost one has spread as after its average share of manoeuvres.
    """
    elapsed = (new.time_ns[:, None] - lost.time_ns) / SECOND_NS
    near = new.started_ns[:, None] > lost.updated_ns
    for axis in (0, 1):
        spread = lost.P[:, axis, axis] + 2.0 * elapsed * lost.P[:, axis, axis + 3]
        spread += elapsed**2 * lost.P[:, axis + 3, axis + 3] + _ON_AVERAGE[0] * elapsed**3 / 3.0
        off = new.x[:, axis, None] - lost.x[:, axis] - elapsed * lost.x[:, axis + 3]
        near &= off**2 < OUT_OF_REACH * (spread + new.P[:, axis, axis, None])
    rows, candidates = np.nonzero(near)
    return rows.astype(np.int64), candidates.astype(np.int64)


def _off(x: Floats, lost: Tracks, elapsed: Floats) -> Floats:
    """(k, 6) how far new tracks at `x` (k, 6) are from where lost ones would be after `elapsed` (k,) s."""
    off = x - lost.x
    off[:, :3] -= elapsed[:, None] * lost.x[:, 3:]
    return np.asarray(off)


def _spread(P: Floats, elapsed: Floats, level: float, upright: float) -> Floats:
    """(k, 6, 6) covariances after `elapsed` (k,) s of white acceleration, as `tracking.motion` has it."""
    t = elapsed[:, None, None]
    out = P.copy()
    cross = P[:, :3, 3:] + t * P[:, 3:, 3:]
    out[:, :3, :3] += t * (P[:, :3, 3:] + P[:, 3:, :3]) + t**2 * P[:, 3:, 3:]
    out[:, :3, 3:], out[:, 3:, :3] = cross, cross.transpose(0, 2, 1)
    for axis, density in enumerate((level, level, upright)):
        out[:, axis, axis] += density * elapsed**3 / 3.0
        out[:, axis, axis + 3] += density * elapsed**2 / 2.0
        out[:, axis + 3, axis] += density * elapsed**2 / 2.0
        out[:, axis + 3, axis + 3] += density * elapsed
    return np.asarray(out)


def _normal(x: Floats, S: Floats) -> Floats:
    """(k,) density of normal vectors `x` (k, d) with covariances `S` (k, d, d)."""
    solved = np.linalg.solve(S, x[:, :, None])[:, :, 0]
    squared = np.sum(x * solved, axis=1)
    _, log = np.linalg.slogdet(2.0 * np.pi * S)
    return np.asarray(np.exp(-0.5 * (squared + log)))


def _heights(off: Floats, variance: Floats, lost: Floats, new: Floats) -> Floats:
    """(k,) how much likelier the heights make it, where both are known."""
    known = (lost < HEIGHT_KNOWN_M**2) & (new < HEIGHT_KNOWN_M**2)
    ratio = HEIGHTS_M * np.exp(-0.5 * off**2 / variance) / np.sqrt(2.0 * np.pi * variance)
    return np.where(known, ratio, 1.0)


def _sizes(lost: Floats, new: Floats) -> Floats:
    """(k,) how much likelier the radar cross-sections make it, where both are known."""
    apart = lost - new
    ratio = RCS_OTHER_DB / RCS_SAME_DB * np.exp(0.5 * apart**2 * (RCS_OTHER_DB**-2 - RCS_SAME_DB**-2))
    return np.where(np.isnan(apart), 1.0, ratio)
