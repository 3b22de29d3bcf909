"""Adjustment: the biases of all sensors together, from everything that was ever held against something else.

Two kinds of observation, both linear in the biases θ (mounting.py):

- a sensor against a **party**: an aircraft that says where it is, or the truth. What a party says has an error of its
  own that stays (a wrong antenna place, a lie): an offset o of east, north, up and time, which is estimated along with
  the biases and has a prior as wide as the party's accuracy. About it the place swings slowly, as satellite navigation
  does: each epoch of `EPOCH_NS` has a swing w of east, north and up more, a Gauss-Markov process of first order
  (Bar-Shalom, Li and Kirubarajan 2001, 8.2.2) of `WANDER` times the accuracy and `SWING_S`; what was is eliminated;
- a sensor against another sensor, which measured the same object at nearly the same time.

They are kept as information (normal equations): for each party and sensor the blocks of the joint normal matrix of
(θ, o), for each two sensors that of (θ_i, θ_j). `solve` adds the prior, eliminates the offsets and inverts. Information
fades, so that slow drift is followed and what was never seen again goes back to its prior; that is what process noise
does, at constant gain (Bar-Shalom, Li and Kirubarajan 2001, 5.5).

What does not fit counts less: a part that scatters about its own best fit more than its noise allows is not (only)
what it was taken for, one object seen by a sensor with one bias, and its information is divided by as much.

What changed is looked for in the latest pairs alone (changes.py).

What a lie can do is bounded twice. The offsets' prior is Student's t (2 degrees of freedom, by re-weighting: Lange,
Little and Taylor 1989), so that one shifted party among several loses its weight. And while no two parties of different
transmitters agree, offsets are free: then only what no constant shift could have made is learnt from claims.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from luchtwacht.ingest.changes import End, Known, Offset, Recent, blamed
from luchtwacht.ingest.linear import information_of, inverse_of, times
from luchtwacht.ingest.mounting import AZIMUTH, COUNT, Mounting
from luchtwacht.model import Floats
from luchtwacht.model.state import copied
from luchtwacht.units import SECOND_NS, seconds_to_ns

OFFSETS = 4
"""east, north, up (m) and time (s) of what a party says, less the truth"""
PLACE = 3
"""of these that say a place; they come first"""
SWING = COUNT + OFFSETS
"""where the swing stands in (θ, o, w)"""
ALONE_SIGMA = (200.0, 200.0, 200.0, 0.5)
"""of offsets that nobody agrees with"""
CLOCK_SIGMA_S = 0.15
"""of a party's time, when others agree with it"""
FREEDOM = 2.0
"""degrees of freedom of the offsets' prior"""
AGREES = 16.0
"""squared distance of an offset from nothing, in its accuracy, within which a party agrees with the rest"""
ENOUGH, LEAST_SAY = 10, 3
"""pairs from which a party has a say; and from which it has when all that agree have twice as many as the first"""
MEMORY_S = 1800.0
"""what was learnt fades to 1/e in this time"""
HUBER, WILD = 2.5, 6.0
"""standard deviations from which a residual loses weight, and beyond which it is not used"""
MOST_PARTIES = 16
"""parties whose offsets can still be re-weighted; older ones are settled"""
FIT_PRIOR = 6.0
"""numbers that are taken to fit, before any do"""
SOLUTIONS = 5
"""changes are held against the oldest of the latest so many solutions, which what changed had no part in yet"""
SETTLED_PAIRS = 32
"""pairs of two sensors from which there is something usual of them"""
WANDER = 0.7
"""share of a party's accuracy by which its error swings within minutes, as those of satellite navigation do"""
SWING_S = 60.0
"""s, after which 1/e is left of a swing"""
EPOCH_NS = seconds_to_ns(20.0)
"""for this long an error that swings stays"""


@dataclass(slots=True)
class Equations:
    """Normal equations of one sensor and one party, of (θ, o) or of (θ, o, w)."""

    N: Floats
    right: Floats
    square: float
    """yᵀ V⁻¹ y"""

    @classmethod
    def none(cls, count: int) -> Equations:
        """Nothing is said of `count` unknowns."""
        return cls(np.zeros((count, count)), np.zeros(count), 0.0)

    def plus(self, other: Equations) -> Equations:
        """The sum."""
        return Equations(self.N + other.N, self.right + other.right, self.square + other.square)

    def times(self, share: float) -> Equations:
        """As if there were so many of them."""
        return Equations(self.N * share, self.right * share, self.square * share)

    def swung(self, sigma: Floats, epochs: int) -> Equations:
        """Of (θ, o, w) so many epochs later, what swung until then eliminated, by `sigma` (3,) m."""
        kept = float(np.exp(-epochs * EPOCH_NS / (SWING_S * SECOND_NS)))
        Q = np.diag(((1.0 - kept**2) * sigma**2) ** -1.0)
        taken, K = self._without_swing(kept**2 * Q)
        KQ = kept * times(K, Q)
        taken.N[:SWING, SWING:] = times(self.N[:SWING, SWING:], KQ)
        taken.N[SWING:, :SWING] = taken.N[:SWING, SWING:].T
        taken.N[SWING:, SWING:] = Q - kept * times(Q, KQ)
        taken.right[SWING:] = (KQ * self.right[SWING:, None]).sum(axis=0)
        return taken

    def settled(self) -> Equations:
        """Of (θ, o), the swing eliminated."""
        taken, _ = self._without_swing(np.zeros((PLACE, PLACE)))
        return Equations(taken.N[:SWING, :SWING], taken.right[:SWING], taken.square)

    def _without_swing(self, more: Floats) -> tuple[Equations, Floats]:
        """The same with the swing eliminated, of which `more` (3, 3) is known besides: its rows are 0. And what it was
        eliminated with."""
        B, c = self.N[:SWING, SWING:], self.right[SWING:]
        K = inverse_of(self.N[SWING:, SWING:] + more)
        BK = times(B, K)
        left = Equations.none(SWING + PLACE)
        left.N[:SWING, :SWING] = self.N[:SWING, :SWING] - times(BK, B.T)
        left.right[:SWING] = self.right[:SWING] - (BK * c).sum(axis=1)
        left.square = self.square - float(((K * c).sum(axis=1) * c).sum())
        return left, K


@dataclass(slots=True)
class Block:
    """What one sensor's measurements of one party say: blocks of the joint normal equations of (θ, o)."""

    joint: Equations
    """of (θ, o, w), with w the swing in the epoch that goes on"""
    epoch: int
    total: Equations
    """of (θ, o), at the latest solution"""
    pairs: int = 0
    recent: Recent = field(default_factory=lambda: Recent.none(COUNT + OFFSETS))
    coordinates: float = 0.0
    """how many numbers it is made of"""
    misfit: float = 1.0
    """how many times as much it scatters about what fits it best as its noise allows; its information counts by so
    much less"""

    @classmethod
    def begun(cls, epoch: int, wander: Floats) -> Block:
        """Of nothing yet."""
        joint = Equations.none(SWING + PLACE)
        joint.N[SWING:, SWING:] = np.diag(wander**-2.0)
        return cls(joint, epoch, Equations.none(SWING))

    def go_on(self, epoch: int, wander: Floats) -> None:
        """Another epoch may have begun."""
        if epoch > self.epoch:
            self.joint, self.epoch = self.joint.swung(wander, epoch - self.epoch), epoch

    def fade(self, share: float) -> None:
        """Count everything by so much less."""
        self.joint = self.joint.times(share)
        self.coordinates *= share

    @property
    def weighed(self) -> Equations:
        """What counts of it."""
        return self.total.times(1.0 / self.misfit)


@dataclass(slots=True)
class Party:
    """Something that says where it is."""

    name: str
    transmitter: str
    """parties of one transmitter are no witnesses of each other"""
    accuracy: tuple[float, float]
    """m, one standard deviation on each horizontal axis and of height, as it says itself"""
    time_ns: int
    """of the latest pair"""
    begun_ns: int
    trusted: bool = False
    """the truth: its offset is within its accuracy, whoever agrees"""
    blocks: dict[int, Block] = field(default_factory=dict)
    offset: Floats = field(default_factory=lambda: np.zeros(OFFSETS))
    widened: float = 1.0
    """square of the factor on its accuracy, from the t distribution"""
    P_offset: Floats = field(default_factory=lambda: np.diag(np.square(ALONE_SIGMA)))
    cross: dict[int, Floats] = field(default_factory=dict)
    """by sensor, (7, 4) covariance of its θ with the offset"""

    @property
    def sigma(self) -> Floats:
        """(4,) of its offset, as it says itself."""
        across, up = self.accuracy
        return np.array([across, across, up, CLOCK_SIGMA_S])

    @property
    def wander(self) -> Floats:
        """(3,) m, one standard deviation of what its offset swings about its mean."""
        return WANDER * self.sigma[:3]

    @property
    def pairs(self) -> int:
        return sum(block.pairs for block in self.blocks.values())


@dataclass(slots=True)
class Tie:
    """What two sensors say of each other: the normal equations of (θ_i, θ_j)."""

    A: Floats = field(default_factory=lambda: np.zeros((2 * COUNT, 2 * COUNT)))
    a: Floats = field(default_factory=lambda: np.zeros(2 * COUNT))
    pairs: int = 0
    recent: Recent = field(default_factory=lambda: Recent.none(2 * COUNT))
    square: float = 0.0
    coordinates: float = 0.0
    misfit: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentState:
    """Everything an adjustment holds."""

    parties: dict[str, Party]
    ties: dict[tuple[int, int], Tie]
    settled: Floats
    settled_right: Floats
    settled_pairs: NDArray[np.int64]
    witnesses: list[str]
    faded_ns: int | None
    theta: Floats
    P: Floats
    agreeing: int
    alone: bool
    known: list[Known]
    mean: Floats


class Adjustment:
    """The biases of every sensor, and how well they are known."""

    def __init__(
        self, mountings: Iterable[Mounting], *, memory_s: float = MEMORY_S, most_parties: int = MOST_PARTIES
    ) -> None:
        self.mountings = tuple(mountings)
        n = len(self.mountings)
        self._memory_s, self._most_parties = memory_s, most_parties
        self._sigma = np.array([each.sigma for each in self.mountings]).reshape(n * COUNT)
        self._mean = np.array([each.mean for each in self.mountings]).reshape(n * COUNT)
        self.parties: dict[str, Party] = {}
        self.ties: dict[tuple[int, int], Tie] = {}
        self._settled = np.zeros((n * COUNT, n * COUNT))
        self._settled_right = np.zeros(n * COUNT)
        self.settled_pairs = np.zeros(n, np.int64)
        self._witnesses: list[str] = []
        self._faded_ns: int | None = None
        self.theta = self._mean.copy()
        self.P = np.diag(self._sigma**2)
        self.agreeing = 0
        self._alone = False
        """whether offsets were free at the latest solution"""
        self._known: list[Known] = []
        """the latest solutions, the oldest first"""

    def start_from(self, other: Adjustment) -> None:
        """Weigh what comes with the estimates of another adjustment, of the same sensors and parties."""
        self.theta, self.P = other.theta.copy(), other.P.copy()
        for name, party in other.parties.items():
            self.parties[name] = replace(copied(party), blocks={})

    def state(self) -> AdjustmentState:
        """Everything learnt so far."""
        return AdjustmentState(
            parties=copied(self.parties),
            ties=copied(self.ties),
            settled=self._settled.copy(),
            settled_right=self._settled_right.copy(),
            settled_pairs=self.settled_pairs.copy(),
            witnesses=list(self._witnesses),
            faded_ns=self._faded_ns,
            theta=self.theta.copy(),
            P=self.P.copy(),
            agreeing=self.agreeing,
            alone=self._alone,
            known=copied(self._known),
            mean=self._mean.copy(),
        )

    def restore(self, state: AdjustmentState) -> None:
        """Go on from what `state` gave."""
        self.parties, self.ties = copied(state.parties), copied(state.ties)
        self._settled, self._settled_right = state.settled.copy(), state.settled_right.copy()
        self.settled_pairs, self._witnesses = state.settled_pairs.copy(), list(state.witnesses)
        self._faded_ns, self.agreeing = state.faded_ns, state.agreeing
        self.theta, self.P, self._mean = state.theta.copy(), state.P.copy(), state.mean.copy()
        self._alone, self._known = state.alone, copied(state.known)

    # ------------------------------------------------------------------ what is known

    def bias(self, sensor: int) -> Floats:
        """(7,) θ of a sensor."""
        return self.theta[sensor * COUNT : (sensor + 1) * COUNT]

    def covariance(self, sensor: int, other: int | None = None) -> Floats:
        """(7, 7) of θ of a sensor, or of two sensors with each other."""
        second = sensor if other is None else other
        return self.P[sensor * COUNT : (sensor + 1) * COUNT, second * COUNT : (second + 1) * COUNT]

    def pairs(self, sensor: int) -> tuple[int, int]:
        """How often a sensor was held against parties, and against other sensors."""
        claims = sum(party.blocks[sensor].pairs for party in self.parties.values() if sensor in party.blocks)
        return claims + int(self.settled_pairs[sensor]), sum(
            tie.pairs for both, tie in self.ties.items() if sensor in both
        )

    # ------------------------------------------------------------------ observations

    def observe_party(
        self, party: Party, sensor: int, y: Floats, V: Floats, G: Floats, F: Floats, epoch: int
    ) -> Floats:
        """Take in measurements of one sensor of one party.

        Args:
            epoch: in which all of these were made; what comes late counts for the epoch that goes on.
            y: (n, 3) measured coordinates less those of what the party says; NaN where not measured.
            V: (n, 3, 3) covariance of what in y is noise.
            G: (n, 3, 7) ∂y/∂θ.
            F: (n, 3, 4) ∂y/∂o.

        Returns:
            (n, 3) residuals over their expected standard deviations; NaN where not measured.
        """
        block = party.blocks.setdefault(sensor, Block.begun(epoch, party.wander))
        block.go_on(epoch, party.wander)
        joint = np.concatenate([G, F], axis=2)
        cross = party.cross.get(sensor, np.zeros((COUNT, OFFSETS)))
        P = np.block([[self.covariance(sensor), cross], [cross.T, party.P_offset]])
        x = np.concatenate([self.bias(sensor), party.offset])
        taken = _normal(y, V, joint, x, P)
        # a swing moves what is measured as an offset of the place does
        both = np.r_[0:SWING, COUNT : COUNT + PLACE]
        block.joint = block.joint.plus(Equations(taken.N[np.ix_(both, both)], taken.right[both], taken.square))
        block.pairs += taken.used
        block.coordinates += float(np.isfinite(taken.normal).sum())
        block.recent.add(joint, V, x, taken.normal, taken.expected)
        return taken.normal

    def observe_tie(
        self, i: int, j: int, y: Floats, V: Floats, G_i: Floats, G_j: Floats, *, usual: bool = True
    ) -> Floats:
        """Take in measurements of sensor i beside those of sensor j, as `observe_party` does.

        Args:
            usual: whether they count for what is usual of the two; not those of a sensor that is known to have changed.
        """
        if i > j:
            i, j, G_i, G_j = j, i, G_j, G_i
        tie = self.ties.setdefault((i, j), Tie())
        P = np.block(
            [[self.covariance(i), self.covariance(i, j)], [self.covariance(j, i), self.covariance(j)]],
        )
        x = np.concatenate([self.bias(i), self.bias(j)])
        joint = np.concatenate([G_i, G_j], axis=2)
        taken = _normal(y, V, joint, x, P)
        tie.A += taken.N
        tie.a += taken.right
        tie.pairs += taken.used
        tie.square += taken.square
        tie.coordinates += float(np.isfinite(taken.normal).sum())
        if usual:
            tie.recent.add(joint, V, x, taken.normal, taken.expected)
        return taken.normal

    # ------------------------------------------------------------------ solving

    def solve(self, time_ns: int) -> None:
        """Adjust everything; afterwards `theta`, `P` and the parties' offsets are up to date at `time_ns`."""
        self._fade(time_ns)
        for party in self.parties.values():
            for block in party.blocks.values():
                block.total = block.joint.settled()
        self._settle()
        self._solve(alone=False)
        self.agreeing = len(self._agreeing())
        self._alone = (
            self.agreeing < 2 and bool(self.parties) and not any(party.trusted for party in self.parties.values())
        )
        if self._alone:
            self._solve(alone=True)
        self._remember()

    def _remember(self) -> None:
        """Keep what is known now, for changes to be held against later."""
        offsets = {}
        for party in self.parties.values():
            B, inverse, _ = self._eliminate(party, self._alone)
            offsets[party.name] = Offset(party.offset.copy(), inverse, -times(inverse, B.T), party.wander)
        self._known = [*self._known, Known(self.theta.copy(), self.P.copy(), offsets)][-SOLUTIONS:]

    def _solve(self, *, alone: bool) -> None:
        """Twice where what was found does not fit: by how much it does not is only known when it was found."""
        self._find(alone=alone)
        if self._misfits():
            self._find(alone=alone)

    def _find(self, *, alone: bool) -> None:
        n = len(self._sigma)
        N, right = self._settled.copy(), self._settled_right.copy()
        for (i, j), tie in self.ties.items():
            rows = np.r_[i * COUNT : (i + 1) * COUNT, j * COUNT : (j + 1) * COUNT]
            N[np.ix_(rows, rows)] += tie.A / tie.misfit
            right[rows] += tie.a / tie.misfit
        eliminated = [(party, *self._eliminate(party, alone)) for party in self.parties.values()]
        for party, B, inverse, c in eliminated:
            for sensor, block in party.blocks.items():
                rows = slice(sensor * COUNT, (sensor + 1) * COUNT)
                weighed = block.weighed
                N[rows, rows] += weighed.N[:COUNT, :COUNT]
                right[rows] += weighed.right[:COUNT]
            taken = times(B, inverse)
            N -= times(taken, B.T)
            right -= (taken * c).sum(axis=1)
        right -= (N * self._mean).sum(axis=1)
        scaled = np.eye(n) + N * self._sigma[:, None] * self._sigma
        self.P = inverse_of(scaled) * self._sigma[:, None] * self._sigma
        self.theta = self._mean + (self.P * right).sum(axis=1)
        for party, B, inverse, c in eliminated:
            self._place(party, B, inverse, c)

    def _eliminate(self, party: Party, alone: bool) -> tuple[Floats, Floats, Floats]:
        """B (n, 4) and the inverse of C with the offset's prior (4, 4), and c (4,)."""
        B = np.zeros((len(self._sigma), OFFSETS))
        C, c = np.zeros((OFFSETS, OFFSETS)), np.zeros(OFFSETS)
        for sensor, block in party.blocks.items():
            weighed = block.weighed
            B[sensor * COUNT : (sensor + 1) * COUNT] = weighed.N[:COUNT, COUNT:]
            C += weighed.N[COUNT:, COUNT:]
            c += weighed.right[COUNT:]
        sigma = party.sigma * np.sqrt(party.widened)
        if alone:
            sigma = np.maximum(sigma, ALONE_SIGMA)
        C[range(OFFSETS), range(OFFSETS)] += 1.0 / sigma**2
        return B, inverse_of(C), c

    def _place(self, party: Party, B: Floats, inverse: Floats, c: Floats) -> None:
        """A party's offset, now that the biases are known, and how far its accuracy is to be believed."""
        PB = times(self.P, B)
        party.offset = (inverse * (c - (B * self.theta[:, None]).sum(axis=0))).sum(axis=1)
        party.P_offset = inverse + times(times(inverse, times(B.T, PB)), inverse)
        cross = -times(PB, inverse)
        party.cross = {sensor: cross[sensor * COUNT : (sensor + 1) * COUNT] for sensor in party.blocks}
        if not party.trusted:
            # as expectation-maximisation has it, but an offset not known yet does not widen its own prior
            far = (party.offset[:3] / party.sigma[:3]) ** 2
            spread = np.minimum(np.diagonal(party.P_offset)[:3] / party.sigma[:3] ** 2, 1.0)
            # nor does one that happens to be near nothing narrow it: nobody is better than it says
            party.widened = max((FREEDOM + float((far + spread).sum())) / (FREEDOM + 3.0), 1.0)

    def _misfits(self) -> bool:
        """Measure how well everything fits what was found; true when anything fits much worse or better than thought.

        The variance of unit weight of each part, a posteriori (Förstner 1979), drawn to 1 by `FIT_PRIOR` numbers that
        fit, and never less: what fits too well is no better for it.
        """
        changed = False
        for (i, j), tie in self.ties.items():
            x = np.concatenate([self.bias(i), self.bias(j)])
            changed |= _fit(tie, tie.A, tie.a, tie.square, x)
        for party in self.parties.values():
            for sensor, block in party.blocks.items():
                x = np.concatenate([self.bias(sensor), party.offset])
                changed |= _fit(block, block.total.N, block.total.right, block.total.square, x)
        return changed

    def _agreeing(self) -> list[str]:
        """Transmitters of parties that agree with the rest, those that were settled as such included."""
        found, agree = list(self._witnesses), []
        for party in self.parties.values():
            far = float(((party.offset[:3] / party.sigma[:3]) ** 2).sum())
            if party.pairs >= LEAST_SAY and far < AGREES:
                agree.append(party)
        enough = LEAST_SAY if sum(party.pairs for party in agree) >= 2 * ENOUGH else ENOUGH
        for party in agree:
            if party.pairs >= enough and party.transmitter not in found:
                found.append(party.transmitter)
        return found

    # ------------------------------------------------------------------ forgetting

    def _fade(self, time_ns: int) -> None:
        if self._faded_ns is not None and np.isfinite(self._memory_s):
            elapsed_s = max(time_ns - self._faded_ns, 0) / SECOND_NS
            share = float(np.exp(-elapsed_s / self._memory_s))
            self._settled *= share
            self._settled_right *= share
            for tie in self.ties.values():
                tie.A *= share
                tie.a *= share
                tie.square *= share
                tie.coordinates *= share
                tie.recent.fade(elapsed_s)
            for party in self.parties.values():
                for block in party.blocks.values():
                    block.fade(share)
                    block.recent.fade(elapsed_s)
        self._faded_ns = max(time_ns, self._faded_ns or time_ns)

    def _settle(self) -> None:
        """Eliminate the offsets of the oldest parties for good, so that memory is bounded."""
        while len(self.parties) > self._most_parties:
            oldest = min(self.parties.values(), key=lambda party: (party.time_ns, party.name))
            agrees = oldest.transmitter in self._agreeing()
            B, inverse, c = self._eliminate(oldest, alone=not agrees)
            for sensor, block in oldest.blocks.items():
                rows = slice(sensor * COUNT, (sensor + 1) * COUNT)
                weighed = block.weighed
                self._settled[rows, rows] += weighed.N[:COUNT, :COUNT]
                self._settled_right[rows] += weighed.right[:COUNT]
                self.settled_pairs[sensor] += block.pairs
            taken = times(B, inverse)
            self._settled -= times(taken, B.T)
            self._settled_right -= (taken * c).sum(axis=1)
            if agrees and oldest.transmitter not in self._witnesses:
                self._witnesses = [*self._witnesses, oldest.transmitter][-4:]
            del self.parties[oldest.name]

    def forget_sensor(self, sensor: int, azimuth: float | None = None) -> None:
        """What was learnt of a sensor no longer holds: back to its prior.

        Args:
            azimuth: rad, of its azimuth's bias, where the prior itself no longer holds; it is taken to be as sure.
        """
        for party in self.parties.values():
            party.blocks.pop(sensor, None)
            party.cross.pop(sensor, None)
        self.ties = {both: tie for both, tie in self.ties.items() if sensor not in both}
        rows = slice(sensor * COUNT, (sensor + 1) * COUNT)
        if azimuth is not None:
            self._mean[sensor * COUNT + AZIMUTH] = azimuth
        self._settled[rows, :] = self._settled[:, rows] = 0.0
        self._settled_right[rows] = 0.0
        self.P[rows, :] = self.P[:, rows] = 0.0
        self.P[rows, rows] = np.diag(self._sigma[rows] ** 2)
        self.theta[rows] = self._mean[rows]
        for known in self._known:
            known.forget(rows, self._mean[rows], self._sigma[rows])

    def changes(self, settled_ns: int) -> tuple[list[int], list[str]]:
        """Sensors and parties that no longer measure or say what they did; see `changes.blamed`.

        Args:
            settled_ns: parties that began after this have no usual yet.
        """
        if len(self._known) < SOLUTIONS:
            return [], []
        known = self._known[0]
        ends = [
            End(sensor, party.name, block.recent)
            for party in self.parties.values()
            if party.begun_ns <= settled_ns and party.name in known.offsets
            for sensor, block in party.blocks.items()
        ]
        ends += [End(i, j, tie.recent) for (i, j), tie in self.ties.items() if tie.pairs > SETTLED_PAIRS]
        return blamed(ends, known)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What rows y = G x + noise say."""

    N: Floats
    right: Floats
    """Gᵀ V⁻¹ G and Gᵀ V⁻¹ y"""
    square: float
    """yᵀ V⁻¹ y"""
    normal: Floats
    """(n, 3) residuals over their standard deviations `expected`; NaN where not measured"""
    expected: Floats
    used: int
    """rows that have any weight"""


def _normal(y: Floats, V: Floats, G: Floats, x: Floats, P: Floats) -> _Taken:
    """Weigh rows by how far they are from what x (covariance P) leads one to expect."""
    known = np.isfinite(y)
    residual = np.where(known, np.nan_to_num(y) - (G * x).sum(axis=2), 0.0)
    GP = (G[:, :, :, None] * P).sum(axis=2)
    expected = np.sqrt(np.where(known, np.diagonal(V, axis1=1, axis2=2) + (GP * G).sum(axis=2), 1.0))
    normal = np.where(known, residual / expected, np.nan)
    worst = np.nanmax(np.abs(np.where(known, normal, 0.0)), axis=1)
    weight = np.where(worst > WILD, 0.0, np.minimum(1.0, HUBER / np.maximum(worst, 1e-9)))
    W = information_of(V, known) * weight[:, None, None]
    GW = (G[:, :, :, None] * W[:, :, None, :]).sum(axis=1)
    N = (GW[:, :, :, None] * G[:, None, :, :]).sum(axis=2).sum(axis=0)
    y = np.where(known, y, 0.0)
    right = (GW * y[:, None, :]).sum(axis=2).sum(axis=0)
    square = float((y[:, :, None] * W * y[:, None, :]).sum(axis=2).sum(axis=1).sum())
    return _Taken(N, right, square, normal, expected, int((weight > 0.0).sum()))


def _fit(of: Block | Tie, N: Floats, right: Floats, square: float, x: Floats) -> bool:
    """Measure how well x fits; true when that changed by more than a tenth."""
    left = square - 2.0 * float((x * right).sum()) + float(((N * x).sum(axis=1) * x).sum())
    misfit = max((FIT_PRIOR + left) / (FIT_PRIOR + of.coordinates), 1.0)
    changed = abs(misfit - of.misfit) > 0.1 * of.misfit
    of.misfit = misfit
    return changed
