"""The tracker: detections of any mix of sensors in, the state of every object out.

A Poisson multi-Bernoulli filter. What was seen at least once is a Bernoulli: an existence probability and, for each
mode of motion, a Gaussian. What was never seen is a Poisson intensity, from which every plot may make a new Bernoulli.
One look after another is taken in order of time: predict, gate, find the marginal association probabilities, merge.
(Williams 2015, doi 10.1109/TAES.2015.130550; association by Williams and Lau 2014, doi 10.1109/TAES.2014.120568.)

A Bernoulli that hardly exists is a possibility, not a track: it gets a number when it is worth showing.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.kernels.association import marginals
from luchtwacht.kernels.births import bear
from luchtwacht.kernels.conversion import convert
from luchtwacht.kernels.gating import gate
from luchtwacht.kernels.mixture import absorb
from luchtwacht.kernels.motion import predict, report
from luchtwacht.model import Associations, Basis, Bools, Detections, Floats, Ints, Site, Tracks, TrackStatus
from luchtwacht.tracking import classification
from luchtwacht.tracking.bernoullis import Bernoullis
from luchtwacht.tracking.lifecycle import TrackEvent, move
from luchtwacht.tracking.looks import Look, cut
from luchtwacht.tracking.motion import MODES, steps
from luchtwacht.tracking.scene import CLIMB, SPEED, Scene
from luchtwacht.units import seconds_to_ns

SHOWN = 0.1
"""existence probability from which a possibility is a track with a number"""
FIRST_MOST = 0.5
"""existence probability that one detection alone can give, whatever was thought of the sensor"""
FIRST_LEAST = 1e-6
"""and below which it is not even remembered"""
FADED = 0.05
"""a track that was never confirmed is dropped below this share of the existence with which it was born"""
MENTIONED = 0.05
"""association probability from which a detection is named as used"""
CORRELATION_PERIODS = 2.0
"""sensor periods over which the errors of a sensor's own tracker are taken to be correlated"""
UNKNOWN_HEIGHT_VARIANCE = 1e6
"""m^2, reported for a height that no sensor measured"""


class Tracker:
    """Tracks for one site. The result depends on the detections and the times of the steps alone."""

    def __init__(self, site: Site) -> None:
        if len(site.sensors) > 63:
            raise AssertionError(f"{len(site.sensors)} sensors; `Tracks.sensors` has 63 bits")
        self._settings = site.tracking
        self._scenes = [Scene(site, sensor) for sensor in site.sensors]
        self._periods_ns = [scene.period_ns for scene in self._scenes]
        self._ground_up = site.ground_up
        self._all = Bernoullis(len(MODES), len(site.sensors))
        self._mode_prior = np.array([mode.prior for mode in MODES])
        self._now_ns: int | None = None
        self._next = 1
        self._room = 1024
        self._used: list[tuple[Ints, Ints, Ints, Floats]] = []
        self._support_ns = seconds_to_ns(site.tracking.support_s)
        self._coast_ns = seconds_to_ns(site.tracking.coast_s)
        self._terminate_ns = seconds_to_ns(site.tracking.terminate_s)

    def step(self, time_ns: int, detections: Detections) -> tuple[Tracks, Associations]:
        """Take in what was measured before `time_ns`; say what is in the air at `time_ns`.

        Args:
            time_ns: ns UTC, later than at the last step.
            detections: measured before `time_ns`. Order does not matter.

        Returns:
            Tracks that live, and once, as TERMINATED, those that ended in this step; in order of number.
            The detections used since the last step, each with the probability that it came from the track; the first
            detection of a track is named when the track gets its number.
        """
        self._used = []
        ended: list[Tracks] = []
        for look in cut(detections, self._periods_ns):
            ended += self._end_overdue(look.end_ns, time_ns)
            self._take(look, detections)
        tracks = self._judge(time_ns)
        return _in_order([*ended, tracks]), self._associations()

    def _take(self, look: Look, detections: Detections) -> None:
        """Update everything with one look."""
        scene, of, s = self._scenes[look.sensor], self._all, look.sensor
        now_ns = look.end_ns if self._now_ns is None else max(self._now_ns, look.end_ns)
        kinds, plots, times, names, ids = self._plots(scene, look, detections, now_ns)
        if of.n and self._now_ns is not None and now_ns > self._now_ns:
            change, noise, survival = steps(now_ns - self._now_ns)
            predict(of.state, of.real, of.n, of.modes, change, noise, survival)
        self._now_ns = now_ns
        scene.expect(look.end_ns, kinds, plots)
        n, m = of.n, len(kinds)
        starts, seen, missed, free = np.zeros(n + 1, np.int64), np.empty(n), np.empty(n), np.ones(m)
        while True:
            edges, weights = np.empty(self._room, np.int64), np.empty(self._room)
            shares, posts = np.empty((self._room, of.modes)), np.empty((self._room * of.modes, c.ROW))
            count = gate(
                of.state, of.real, of.looks, n, of.modes, s, of.sensors, kinds, plots, names, scene.place,
                scene.figures, look.end_ns, scene.period_ns, starts, edges, weights, shares, posts, seen,
            )  # fmt: skip
            if count >= 0:
                break
            self._room *= 2
        paired = np.empty(count)
        marginals(starts, edges, weights, n, m, paired, missed, free)
        absorb(
            of.state, of.real, of.whole, of.looks, n, of.modes, s, of.sensors, plots, times, names, look.end_ns,
            scene.period_ns, starts, edges, shares, posts, seen, paired, missed,
        )  # fmt: skip
        self._note_used(starts, edges[:count], paired, times, ids)
        classification.weigh(of, starts, edges, paired, plots, detections, look.rows)
        scene.learn(kinds, plots, free)
        of.make_room(m)
        of.n = bear(
            of.state, of.real, of.whole, of.looks, n, of.modes, s, of.sensors, kinds, plots, times, ids, names,
            scene.place, free, scene.heights, SPEED, CLIMB, FIRST_LEAST, FIRST_MOST, self._mode_prior,
            classification.LOG_PRIOR,
        )  # fmt: skip
        self._number(n)

    def _plots(
        self, scene: Scene, look: Look, detections: Detections, now_ns: int
    ) -> tuple[Array, Floats, Ints, Ints, Ints]:
        """Kinds, plots, times, the sensor's own numbers and ids of a look's detections."""
        rows = look.rows
        times, m = detections.time_ns[rows], len(rows)
        kinds, plots = np.empty(m, np.int8), np.empty((m, c.PLOT_COLUMNS))
        inflate = np.where(detections.filtered[rows], _decorrelation(CORRELATION_PERIODS), 1.0)
        convert(
            detections.z[rows], detections.R[rows], detections.geometry[rows], (times - now_ns) * 1e-9,
            detections.snr_db[rows], detections.rcs_dbsm[rows], inflate, scene.place, self._ground_up + 100.0,
            kinds, plots,
        )  # fmt: skip
        return kinds, plots, times, detections.sensor_track[rows], detections.id[rows]

    def _note_used(self, starts: Ints, edges: Ints, paired: Floats, times: Ints, ids: Ints) -> None:
        """Remember which detections were used for which track; possibilities have no number to name yet."""
        chosen = np.flatnonzero(paired > MENTIONED)
        if len(chosen) == 0:
            return
        owners = np.searchsorted(starts, chosen, side="right") - 1
        numbers = self._all.column(c.NUMBER)[owners]
        fresh = (numbers == 0) & (self._all.existence[owners] >= SHOWN)
        if fresh.any():
            self._number_rows(np.unique(owners[fresh]))
            numbers = self._all.column(c.NUMBER)[owners]
        named = numbers > 0
        chosen, numbers = chosen[named], numbers[named]
        plots = edges[chosen]
        self._used.append((numbers, times[plots], ids[plots], paired[chosen]))

    def _number(self, first: int) -> None:
        """Number what was born from row `first` on and is worth showing."""
        of = self._all
        self._number_rows(first + np.flatnonzero(of.existence[first:] >= SHOWN))

    def _number_rows(self, rows: Ints) -> None:
        """Give `rows` their numbers, and name the detection each began with."""
        if len(rows) == 0:
            return
        whole = self._all.whole
        numbers = np.arange(self._next, self._next + len(rows), dtype=np.int64)
        whole[rows, c.NUMBER] = numbers
        self._next += len(rows)
        self._used.append((numbers, whole[rows, c.STARTED], whole[rows, c.FIRST], np.ones(len(rows))))

    def _end_overdue(self, look_ns: int, time_ns: int) -> list[Tracks]:
        """End what had no detection for so long that this look must not revive it."""
        of = self._all
        if of.n == 0:
            return []
        lost = of.column(c.UPDATED) < look_ns - self._terminate_ns
        return [self._end(lost, time_ns)] if lost.any() else []

    def _end(self, lost: Bools, time_ns: int) -> Tracks:
        """Drop the rows that are `lost`; those that were tracks are returned as TERMINATED."""
        of = self._all
        shown = np.flatnonzero(lost & (of.column(c.NUMBER) > 0))
        status = move(of.status[shown], np.ones(len(shown), np.bool_), TrackEvent.LOST)
        tracks = self._tracks(shown, status, time_ns)
        of.keep(~lost)
        return tracks

    def _judge(self, time_ns: int) -> Tracks:
        """Move every track through its life and say how it stands at `time_ns`."""
        of, settings = self._all, self._settings
        if of.n == 0:
            return Tracks.empty()
        status, existence, updated = of.status, of.existence, of.column(c.UPDATED)
        convinced = (status == TrackStatus.TENTATIVE) & (existence >= settings.confirm_existence)
        status = move(status, convinced, TrackEvent.CONVINCED)
        if convinced.any():
            of.column(c.CONFIRMED)[convinced] = time_ns if self._now_ns is None else self._now_ns
            born_of, started = of.column(c.BORN_OF)[convinced], of.column(c.STARTED)[convinced]
            for sensor, scene in enumerate(self._scenes):
                scene.count_starts(started[born_of == sensor])
        supported = updated > time_ns - self._coast_ns
        status = move(status, (status == TrackStatus.COASTED) & supported, TrackEvent.SUPPORTED)
        status = move(status, (status == TrackStatus.CONFIRMED) & ~supported, TrackEvent.UNSUPPORTED)
        least = np.minimum(settings.terminate_existence, FADED * of.real[: of.n, c.BIRTH])
        least[status != TrackStatus.TENTATIVE] = settings.terminate_existence
        lost = (existence < least) | (updated < time_ns - self._terminate_ns)
        ended: list[Tracks] = []
        of.column(c.STATUS)[:] = status
        if lost.any():
            ended.append(self._end(lost, time_ns))
        rows = np.flatnonzero(of.column(c.NUMBER) > 0)
        return _in_order([*ended, self._tracks(rows, of.status[rows], time_ns)])

    def _tracks(self, rows: Ints, status: Array, time_ns: int) -> Tracks:
        """How `rows` stand at `time_ns`; nothing is changed by asking."""
        if len(rows) == 0:
            return Tracks.empty()
        of = self._all
        assert self._now_ns is not None
        _, noise, survival = steps(max(time_ns - self._now_ns, 0))
        x, P = np.empty((len(rows), 6)), np.empty((len(rows), 6, 6))
        report(of.state, of.real, rows, of.modes, noise, x, P)
        whole, real = of.whole[rows], of.real[rows]
        unknown = whole[:, c.HEIGHT] == 0
        if unknown.any():
            P[unknown, 2, :] = P[unknown, :, 2] = 0.0
            P[unknown, 2, 2] = UNKNOWN_HEIGHT_VARIANCE
        heard = of.looks[rows, of.sensors : 2 * of.sensors] >= time_ns - self._support_ns
        bits = np.int64(1) << np.arange(of.sensors, dtype=np.int64)
        count = real[:, c.RCS_COUNT]
        return Tracks(
            track=whole[:, c.NUMBER],
            time_ns=np.full(len(rows), time_ns, np.int64),
            started_ns=whole[:, c.STARTED],
            confirmed_ns=whole[:, c.CONFIRMED],
            updated_ns=whole[:, c.UPDATED],
            status=status,
            basis=np.full(len(rows), Basis.MEASURED, np.int8),
            x=x,
            P=P,
            existence=real[:, c.EXISTENCE] * survival,
            updates=whole[:, c.UPDATES],
            sensors=(heard * bits).sum(1),
            rcs_dbsm=np.where(count > 0.0, real[:, c.RCS_SUM] / np.maximum(count, 1.0), np.nan),
            category_probability=classification.probability(real),
        )

    def _associations(self) -> Associations:
        """What was used since the last step, in order of track, then time, then detection."""
        if not self._used:
            return Associations.empty()
        track, time_ns, detection, probability = (np.concatenate(each) for each in zip(*self._used, strict=True))
        order = np.lexsort((detection, time_ns, track))
        return Associations(
            track=track[order], time_ns=time_ns[order], detection=detection[order], probability=probability[order]
        )


def _in_order(batches: list[Tracks]) -> Tracks:
    """The rows of `batches` in order of track number."""
    kept = [batch for batch in batches if len(batch)]
    if not kept:
        return Tracks.empty()
    tracks = Tracks.concatenate(kept)
    if len(kept) == 1 and bool((np.diff(tracks.track) > 0).all()):
        return tracks
    return tracks.take(np.argsort(tracks.track, kind="stable"))


def _decorrelation(periods: float) -> float:
    """Factor on the covariance of reports one period apart whose errors fade over `periods`, taken as independent.

    For errors with autocorrelation rho per report the mean of many has (1 + rho) / (1 - rho) times the variance.
    """
    rho = float(np.exp(-1.0 / periods))
    return (1.0 + rho) / (1.0 - rho)
