"""What aircraft said of late, by name: where and how fast they were, and how well they know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from luchtwacht.model import Claims, ClaimVerdict, Floats, Identities
from luchtwacht.model.state import copied
from luchtwacht.units import seconds_to_ns

SURE = 0.9
"""probability from which claims are a track's"""
DOUBT = 0.1
"""and the most that any other claims may have"""
KEPT_CLAIMS = 8
GONE_NS = seconds_to_ns(60.0)
"""an aircraft without claims is forgotten after this"""
LEAST_ACCURACY_M = (2.0, 5.0)
"""across and of height: no claim is believed to be better than this; heights because of their datum"""
UNSAID_ACCURACY_M = 50.0


@dataclass(slots=True)
class Said:
    """What an aircraft said of late."""

    key: str
    transmitter: str
    times: list[int]
    points: list[Floats]
    velocities: list[Floats]
    accuracy: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardState:
    """What was said of late, and by whom."""

    said: dict[str, Said]
    key_of: dict[int, str]


class Heard:
    """The latest claims of every aircraft, by the name that registration knows it by."""

    def __init__(self) -> None:
        self._said: dict[str, Said] = {}
        self._key_of: dict[int, str] = {}

    def state(self) -> HeardState:
        """What was said."""
        return HeardState(said=copied(self._said), key_of=dict(self._key_of))

    def restore(self, state: HeardState) -> None:
        """Go on from what `state` gave."""
        self._said, self._key_of = copied(state.said), dict(state.key_of)

    def get(self, name: str) -> Said | None:
        """What an aircraft said; none when it is not known any more."""
        return self._said.get(name)

    def hear(self, time_ns: int, claims: Claims) -> None:
        """Take in claims, of which those older than the latest of their aircraft add nothing; forget who is gone."""
        for row in range(len(claims)):
            if np.isnan(claims.position[row, :2]).any():
                continue
            transmitter = str(claims.transmitter[row])
            key = f"{claims.aircraft_id[row]} {transmitter}".strip()
            said = self._said.setdefault(key, Said(key, transmitter or key, [], [], [], LEAST_ACCURACY_M))
            claimed_ns, point = int(claims.time_ns[row]), claims.position[row]
            self._key_of[int(claims.id[row])] = key
            if said.times and claimed_ns <= said.times[-1]:
                continue
            said.times, said.points = [*said.times, claimed_ns][-KEPT_CLAIMS:], [*said.points, point][-KEPT_CLAIMS:]
            said.velocities = [*said.velocities, claims.velocity[row]][-KEPT_CLAIMS:]
            said.accuracy = worst(said.accuracy, _accuracy(np.diagonal(claims.position_covariance[row])))
        if len(self._key_of) > 4096:
            self._key_of = dict(list(self._key_of.items())[-2048:])
        self._said = {key: said for key, said in self._said.items() if time_ns - said.times[-1] <= GONE_NS}

    def names(self, believed: Mapping[int, int]) -> dict[int, str]:
        """Track to name, of tracks whose aircraft is known by a `Claims.id`."""
        named = {track: self._key_of.get(claim, "") for track, claim in believed.items()}
        return {track: key for track, key in named.items() if key in self._said}


def believed(identities: Identities) -> dict[int, int]:
    """Tracks whose claims are plausible, and the `Claims.id` of the latest of each."""
    sure = (identities.track > 0) & (identities.claim_verdict == ClaimVerdict.CONSISTENT)
    sure &= (identities.probability >= SURE) & ~(identities.runner_up_probability > DOUBT)
    rows = np.flatnonzero(sure)
    return dict(zip(identities.track[rows].tolist(), identities.claim[rows].tolist(), strict=True))


def worst(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The worse accuracy across and of height."""
    return max(one[0], other[0]), max(one[1], other[1])


def _accuracy(variances: Floats) -> tuple[float, float]:
    """Across and of height (m), of a claim with these variances of east, north and up."""
    sigma = np.sqrt(np.where(np.isfinite(variances), variances, UNSAID_ACCURACY_M**2))
    return float(max(sigma[0], sigma[1])), float(sigma[2])
