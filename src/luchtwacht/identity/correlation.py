"""How probable it is that a story's claims come from a track.

For every pair a log-likelihood ratio runs along: each claim against the track's state at the time of the claim, over a
uniform alternative (the claim came from anywhere else). Errors of successive claims and of a track are alike, so claims
that follow each other quickly count in part; old evidence fades. The pairs are then weighed against each other and
against "none of them" under the rule one story to one track: exactly in small groups, in large ones by loopy belief
propagation (Williams and Lau, IEEE Trans. AES 50:2942, 2014, doi 10.1109/TAES.2014.120568).

Pressure altitude is not used: it has another datum. Height is used where both sides know it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.identity.story import Story
from luchtwacht.model import ClaimKind, Tracks, TrackStatus
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS

Floats = NDArray[np.float64]
Sides = NDArray[np.intp]

REGISTRATION_SIGMA_M = (15.0, 15.0, 20.0)
"""what sensors' alignment and claims' datum may be off, east, north, up"""
VELOCITY_SIGMA_M_S = (1.5, 1.5, 1.0)
"""of a claimed velocity"""
TIMING_S = 0.3
"""of a claim's time"""
ALTERNATIVE = {
    ClaimKind.REMOTE_ID: (3e8, 1e3, 3.6e3, 10.0),
    ClaimKind.ADS_B: (3e10, 1e4, 3.6e5, 40.0),
    ClaimKind.TELEMETRY: (3e8, 1e3, 3.6e3, 10.0),
}
"""what a claim that is not this track's may be anywhere in: m2 of ground, m of height, (m/s)2, m/s of climb"""
KNOWN_HEIGHT_SIGMA_M = 300.0
"""a track whose height is less certain than this has none"""
CORRELATION_S = 3.0
"""claims closer in time than this are not fresh evidence"""
FADE_S = 60.0
"""evidence loses two thirds of its weight in this time"""
ONE_CLAIM = (-8.0, 12.0)
"""least and greatest weight of one claim (nats): one outlier must not undo a minute"""
ALTOGETHER = 15.0
"""greatest weight of all (nats)"""
HEARD = 0.5
"""probability that an aircraft which claims is tracked at all, before anything is compared"""
GATE_SIGMAS = 5.0
"""pairs further apart than this are not begun"""
ROUNDS = 100
MOST_MATCHINGS = 700
"""groups with no more matchings than this are enumerated"""


@dataclass(slots=True)
class Pair:
    """A story and a track that may be one aircraft."""

    weight: float
    """running log-likelihood ratio (nats)"""
    time_ns: int
    """ns UTC of the claim last weighed"""

    def faded(self, time_ns: int) -> float:
        """The weight at `time_ns`."""
        return self.weight * float(np.exp(-max(time_ns - self.time_ns, 0) / (FADE_S * SECOND_NS)))


class Pairs:
    """The running evidence between stories and tracks."""

    def __init__(self) -> None:
        self._pairs: dict[int, dict[int, Pair]] = {}

    def state(self) -> dict[int, dict[int, Pair]]:
        """By story and track, the evidence."""
        return copied(self._pairs)

    def restore(self, state: dict[int, dict[int, Pair]]) -> None:
        """Go on from what `state` gave."""
        self._pairs = copied(state)

    def keep(self, stories: set[int], tracks: set[int]) -> None:
        """Forget pairs of which one side is gone."""
        for story in [each for each in self._pairs if each not in stories]:
            del self._pairs[story]
        for pairs in self._pairs.values():
            for track in [each for each in pairs if each not in tracks]:
                del pairs[track]

    def weigh(self, story: Story, tracks: Tracks) -> None:
        """Weigh the latest claim of `story` against every track that lives."""
        pairs = self._pairs.setdefault(story.number, {})
        if not len(tracks) or np.isnan(story.position[:2]).any():
            return
        near = _within_gate(story, tracks, pairs)
        ratios = [_ratio(story, tracks, row) for row in near]
        least, greatest = ONE_CLAIM
        excess = max(max(ratios, default=0.0) - greatest, 0.0)  # from all alike: what tells tracks apart is not cut off
        for row, ratio in zip(near, (max(ratio - excess, least) for ratio in ratios), strict=True):
            track = int(tracks.track[row])
            pair = pairs.get(track)
            if pair is None:
                if ratio > 0.0:
                    pairs[track] = Pair(ratio, story.time_ns)
                continue
            fresh = min((story.time_ns - pair.time_ns) / (CORRELATION_S * SECOND_NS), 1.0)
            pair.weight = max(pair.faded(story.time_ns) + max(fresh, 0.0) * ratio, -ALTOGETHER)
            pair.time_ns = max(pair.time_ns, story.time_ns)
        excess = max((pair.weight for pair in pairs.values()), default=0.0) - ALTOGETHER
        if excess > 0.0:  # again from all alike
            for pair in pairs.values():
                pair.weight -= excess

    def probabilities(self, time_ns: int, tracks: int) -> dict[tuple[int, int], float]:
        """(story, track): probability that they are one aircraft.

        Args:
            tracks: how many tracks live, all of which the story could be as well before anything is compared.
        """
        keys = sorted((story, track) for story, pairs in self._pairs.items() for track in pairs)
        if not keys:
            return {}
        prior = np.log(HEARD / (1.0 - HEARD) / max(tracks, 1))
        weights = np.array([self._pairs[story][track].faded(time_ns) for story, track in keys])
        of_story = np.unique([story for story, _ in keys], return_inverse=True)[1]
        of_track = np.unique([track for _, track in keys], return_inverse=True)[1]
        beliefs = marginals(np.exp(prior + weights), of_story, of_track)
        return dict(zip(keys, beliefs.tolist(), strict=True))


def marginals(odds: Floats, left: Sides, right: Sides) -> Floats:
    """Marginal probability of each pair under one-to-one matching, each side also with "none" at odds 1.

    Groups of pairs that share no side are matched apart: small ones by enumeration, large ones by belief propagation,
    which is exact where the pairs form a tree and otherwise close.

    Args:
        odds: (k,) of each pair against "none".
        left, right: (k,) its two sides, numbered from 0.
    """
    from scipy.sparse import coo_array  # not above: a watch that starts again shows its alerts before it needs this
    from scipy.sparse.csgraph import connected_components

    lefts, rights = int(left.max()) + 1, int(right.max()) + 1
    links = coo_array((np.ones(len(odds)), (left, lefts + right)), shape=(lefts + rights,) * 2)
    group = connected_components(links, directed=False)[1][left]
    choices = np.zeros(int(group.max()) + 1)
    np.add.at(choices, group[np.unique(left, return_index=True)[1]], np.log1p(np.bincount(left)[np.unique(left)]))
    found = _propagate(odds, left, right)
    for each in np.flatnonzero((choices <= np.log(MOST_MATCHINGS)) & (np.bincount(group) > 1)):
        rows = np.flatnonzero(group == each)
        found[rows] = _enumerate(odds[rows], left[rows], right[rows])
    return found


def _enumerate(odds: Floats, left: Sides, right: Sides) -> Floats:
    """Every matching, weighed."""
    matchings: list[tuple[float, tuple[int, ...]]] = [(1.0, ())]
    for side in np.unique(left):
        pairs = np.flatnonzero(left == side).tolist()
        matchings += [
            (weight * float(odds[pair]), (*chosen, pair))
            for weight, chosen in matchings
            for pair in pairs
            if all(right[pair] != right[other] for other in chosen)
        ]
    found = np.zeros(len(odds))
    for weight, chosen in matchings:
        found[list(chosen)] += weight
    return found / sum(weight for weight, _ in matchings)


def _propagate(odds: Floats, left: Sides, right: Sides) -> Floats:
    """Loopy belief propagation."""
    lefts, rights = int(left.max()) + 1, int(right.max()) + 1
    back = np.ones_like(odds)
    for _ in range(ROUNDS):
        weighed = odds * back
        forth = odds / (1.0 + np.maximum(np.bincount(left, weighed, lefts)[left] - weighed, 0.0))
        updated = 1.0 / (1.0 + np.maximum(np.bincount(right, forth, rights)[right] - forth, 0.0))
        settled = np.max(np.abs(updated - back)) < 1e-9
        back = updated
        if settled:
            break
    weighed = odds * back
    return np.asarray(weighed / (1.0 + np.bincount(left, weighed, lefts)[left]))


def _within_gate(story: Story, tracks: Tracks, pairs: dict[int, Pair]) -> list[int]:
    """Rows of `tracks` near the latest claim, and those already paired with the story."""
    elapsed = (story.time_ns - tracks.time_ns) / SECOND_NS
    away = tracks.x[:, :2] + elapsed[:, None] * tracks.x[:, 3:5] - story.position[:2]
    variance = tracks.P[:, 0, 0] + tracks.P[:, 1, 1] + 2.0 * story.sigma() ** 2 + 2.0 * REGISTRATION_SIGMA_M[0] ** 2
    near = np.einsum("ij,ij->i", away, away) <= GATE_SIGMAS**2 * variance
    if pairs:
        near |= np.isin(tracks.track, list(pairs))
    return [int(row) for row in np.flatnonzero(near & (tracks.status != TrackStatus.TERMINATED))]


def _ratio(story: Story, tracks: Tracks, row: int) -> float:
    """log of p(claim | this track) over p(claim | anything else)."""
    elapsed = (story.time_ns - int(tracks.time_ns[row])) / SECOND_NS
    F = np.eye(6)
    F[:3, 3:] = elapsed * np.eye(3)
    x, P = F @ tracks.x[row], F @ tracks.P[row] @ F.T
    ground, height, speed, climb = ALTERNATIVE[story.kind]
    z, R = np.concatenate([story.position, story.velocity]), np.zeros((6, 6))
    R[:3, :3] = np.nan_to_num(story.covariance) + np.diag(np.square(REGISTRATION_SIGMA_M))
    R[[0, 1], [0, 1]] += (TIMING_S * float(np.hypot(x[3], x[4]))) ** 2
    R[3:, 3:] = np.diag(np.square(VELOCITY_SIGMA_M_S))
    used, volume = [0, 1], ground
    up = bool(np.isfinite(z[2]) and P[2, 2] < KNOWN_HEIGHT_SIGMA_M**2)
    if up:
        used, volume = [*used, 2], volume * height
    if np.isfinite(z[3:5]).all():
        used, volume = [*used, 3, 4], volume * speed
        if up and np.isfinite(z[5]):
            used, volume = [*used, 5], volume * climb
    pick = np.ix_(used, used)
    S = P[pick] + R[pick]
    residual = z[used] - x[used]
    distance = float(residual @ np.linalg.solve(S, residual))
    logdet = float(np.linalg.slogdet(2.0 * np.pi * S)[1])
    return float(np.log(volume) - 0.5 * (distance + logdet))
