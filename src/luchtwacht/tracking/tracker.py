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
from luchtwacht.kernels.conversion import FAR, convert
from luchtwacht.kernels.gating import gate
from luchtwacht.kernels.judging import describe, judge, record
from luchtwacht.kernels.mixture import absorb, concentrate
from luchtwacht.kernels.motion import predict, report
from luchtwacht.model import Associations, Basis, Detections, Floats, Ints, Site, Tracks
from luchtwacht.tracking import classification
from luchtwacht.tracking.bernoullis import Bernoullis
from luchtwacht.tracking.lifecycle import table
from luchtwacht.tracking.looks import Look, cut, spans
from luchtwacht.tracking.motion import MODES, steps
from luchtwacht.tracking.scene import CLIMB, SPEED, Scene
from luchtwacht.tracking.state import TrackerState, copied
from luchtwacht.tracking.triangulation import Triangulation, plots_of
from luchtwacht.units import seconds_to_ns

SHOWN = 0.1
"""existence probability from which a possibility is a track with a number"""
FIRST_MOST = 0.5
"""existence probability that one detection alone can give, whatever was thought of the sensor"""
FIRST_LEAST = 1e-6
"""and below which it is not even remembered"""
FADED = 0.15
"""a track that was never confirmed is dropped below this share of the existence with which it was born"""
MENTIONED = 0.05
"""association probability from which a detection is named as used"""
DECORRELATION = 4.1
"""factor on the covariance of what a sensor's own tracker made. Errors with autocorrelation rho from report to report
are worth (1 + rho) / (1 - rho) times as much variance taken as independent; rho is exp(-1/2) for errors that fade over
two periods, as in a tracker with the gain of ours"""
SHARPNESS = 1.3
"""power of the weights where Bernoullis and plots form a loop. Merged Bernoullis are taken as independent, so two that
stand close share their plots again and again until they lie on one another (coalescence); a little more trust in the
likelier pairing keeps them apart. 1 is plain belief propagation, infinity the one best assignment; see ADR 0031"""
UNKNOWN_HEIGHT_VARIANCE = 1e6
"""m^2, reported for a height that no sensor measured"""


class Tracker:
    """Tracks for one site. The result depends on the detections and the times of the steps alone."""

    def __init__(self, site: Site) -> None:
        if len(site.sensors) > 63:
            raise AssertionError(f"{len(site.sensors)} sensors; `Tracks.sensors` has 63 bits")
        self._settings = site.tracking
        self._scenes = [Scene(site, sensor) for sensor in site.sensors]
        self._spans = spans([scene.period_ns for scene in self._scenes])
        self._ground_up = site.ground_up
        self._height_mean = site.ground_up + 100.0
        self._all = Bernoullis(len(MODES), len(site.sensors))
        self._mode_prior = np.array([mode.prior for mode in MODES])
        self._moves = table()
        self._now_ns = -1
        self._next = 1
        self._pairs = Pairs(len(MODES))
        self._triangulation = Triangulation(self._scenes)
        self._used: list[tuple[Ints, Floats]] = []
        self._support_ns = seconds_to_ns(site.tracking.support_s)
        self._coast_ns = seconds_to_ns(site.tracking.coast_s)
        self._terminate_ns = seconds_to_ns(site.tracking.terminate_s)

    def __bool__(self) -> bool:
        """Whether there may be any object that was seen; without, a step without detections changes nothing."""
        return self._all.n > 0

    def state(self) -> TrackerState:
        """Everything that is held between two steps."""
        of = self._all
        return TrackerState(
            now_ns=self._now_ns,
            next_number=self._next,
            state=copied(of.state[: of.n * of.modes]),
            real=copied(of.real[: of.n]),
            whole=copied(of.whole[: of.n]),
            looks=copied(of.looks[: of.n]),
            scenes=tuple(scene.state() for scene in self._scenes),
            waiting=self._triangulation.state(),
        )

    def restore(self, state: TrackerState) -> None:
        """Go on from what `state` gave, of this tracker or of another for the same site."""
        self._now_ns, self._next = state.now_ns, state.next_number
        self._all.restore(state.state, state.real, state.whole, state.looks)
        for scene, learnt in zip(self._scenes, state.scenes, strict=True):
            scene.restore(learnt)
        self._triangulation.restore(state.waiting)
        self._used = []

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
        ordered, looks = cut(detections, self._spans)
        for look in looks:
            if self._all.n and look.end_ns - self._terminate_ns > self._oldest_ns():
                ended.append(self._judge(time_ns, look.end_ns, ended_only=True))
            self._take(look, ordered)
        tracks = self._judge(time_ns, time_ns)
        if ended:
            tracks = Tracks.concatenate([*ended, tracks])
            tracks = tracks.take(np.argsort(tracks.track, kind="stable"))
        return tracks, self._associations()

    def _oldest_ns(self) -> int:
        """Time since which something was not updated."""
        return int(self._all.column(c.UPDATED).min())

    def _take(self, look: Look, detections: Detections) -> None:
        """Update everything with one look."""
        scene, of, s, pairs, rows = self._scenes[look.sensor], self._all, look.sensor, self._pairs, look.rows
        times, names, ids = detections.time_ns[rows], detections.sensor_track[rows], detections.id[rows]
        now_ns = max(self._now_ns, look.end_ns)
        n, m = of.n, len(times)
        kinds, plots = np.empty(m, np.int8), self._pairs.plot_rows(m)
        farthest = convert(
            detections.z[rows], detections.R[rows], detections.geometry[rows], times, now_ns, detections.snr_db[rows],
            detections.rcs_dbsm[rows], detections.filtered[rows], DECORRELATION, scene.place, self._height_mean, kinds,
            plots,
        )  # fmt: skip
        if n and now_ns > self._now_ns:
            change, noise, survival = steps(now_ns - self._now_ns)
            predict(of.state, of.real, of.whole, n, of.modes, change, noise, survival)
        self._now_ns = now_ns
        scene.expect(look.end_ns, farthest, kinds, plots)
        starts, seen, missed, free = np.zeros(n + 1, np.int64), np.empty(n), np.empty(n), np.ones(m)
        silent = np.empty((n, of.modes))
        count = -1
        while count < 0:
            count = gate(
                of.state, of.real, of.whole, of.looks, n, of.modes, s, of.sensors, kinds, plots, names, scene.place,
                scene.figures, look.end_ns, scene.period_ns, starts, pairs.plots, pairs.weights, pairs.shares,
                pairs.posts, seen, silent,
            )  # fmt: skip
            if count < 0:
                pairs.double()
        marginals(starts, pairs.plots, pairs.weights, SHARPNESS, n, m, pairs.paired, missed, free)
        absorb(
            of.state, of.real, of.whole, of.looks, n, of.modes, s, of.sensors, plots, times, names, look.end_ns,
            scene.period_ns, starts, pairs.plots, pairs.shares, pairs.posts, seen, silent, pairs.paired, missed,
        )  # fmt: skip
        concentrate(of.state, of.real, of.whole, n, of.modes, starts, pairs.plots, pairs.paired, np.empty(m, np.int64))
        classification.follow(of, n, now_ns, missed)
        classification.weigh(of, starts, pairs.plots[:count], pairs.paired[:count], detections, rows)
        scene.learn(kinds, plots, free)
        of.make_room(m)
        of.n = bear(
            of.state, of.real, of.whole, of.looks, n, of.modes, s, of.sensors, kinds, plots, times, ids, names,
            scene.place, free, scene.heights, SPEED, CLIMB, FIRST_LEAST, FIRST_MOST, self._mode_prior,
            classification.LOG_PRIOR,
        )  # fmt: skip
        classification.weigh_first(of, n, ids, detections, rows)
        if m and int(kinds.max()) > c.PLANE:
            self._triangulate(s, kinds, plots, times, ids, free)
        out, probability = np.empty((count + of.n, 3), np.int64), np.empty(count + of.n)
        count, self._next = record(
            of.real, of.whole, n, of.n, starts, pairs.plots, pairs.paired, times, ids, SHOWN, MENTIONED, self._next,
            out, probability,
        )  # fmt: skip
        if count:
            self._used.append((out[:count], probability[:count]))

    def _triangulate(self, sensor: int, kinds: Array, plots: Array, times: Ints, ids: Ints, free: Floats) -> None:
        """Let a Bernoulli start where unexplained bearings of two sensors cross."""
        crossings = self._triangulation.cross(sensor, kinds, plots, times, ids, free)
        if not crossings:
            return
        of, first, one = self._all, self._all.n, self._scenes[sensor]
        kinds, plots = plots_of(crossings, self._now_ns, self._height_mean, FAR)
        news = np.array([crossing.new.time_ns for crossing in crossings], np.int64)
        named = np.array([crossing.new.id for crossing in crossings], np.int64)
        none = np.full(len(crossings), -1, np.int64)
        for column in (news, named, none):
            column.flags.writeable = False  # as those of detections are: one compiled version serves both
        of.make_room(len(crossings))
        of.n = bear(
            of.state, of.real, of.whole, of.looks, first, of.modes, sensor, of.sensors, kinds, plots, news, named, none,
            one.place, np.ones(len(crossings)), one.heights, SPEED, CLIMB, FIRST_LEAST, FIRST_MOST, self._mode_prior,
            classification.LOG_PRIOR,
        )  # fmt: skip
        for row, crossing in enumerate(crossings, first):
            of.looks[row, crossing.old.sensor] = crossing.old.time_ns
            of.looks[row, of.sensors + crossing.old.sensor] = crossing.old.time_ns

    def _judge(self, time_ns: int, until_ns: int, ended_only: bool = False) -> Tracks:
        """Move every track through its life as at `until_ns`; say how all, or those that ended, stand at `time_ns`."""
        of, settings = self._all, self._settings
        if of.n == 0:
            return Tracks.empty()
        keep, shown, confirmed = np.empty(of.n, np.bool_), np.empty(of.n, np.int64), np.empty(of.n, np.int64)
        count, new = judge(
            of.real, of.whole, of.n, self._moves, self._now_ns, until_ns - self._coast_ns,
            until_ns - self._terminate_ns, settings.confirm_existence, settings.terminate_existence, FADED, keep,
            shown, confirmed,
        )  # fmt: skip
        if count < 0:
            raise AssertionError(f"no such move in the life of track {of.whole[new, c.NUMBER]}")
        for row in confirmed[:new].tolist():
            self._scenes[int(of.whole[row, c.BORN_OF])].count_start(int(of.whole[row, c.STARTED]))
        rows = shown[:count]
        if ended_only:
            rows = rows[~keep[rows]]
        tracks = self._tracks(rows[np.argsort(of.whole[rows, c.NUMBER])], time_ns)
        of.keep(keep)
        return tracks

    def _tracks(self, rows: Ints, time_ns: int) -> Tracks:
        """How `rows` stand at `time_ns`; nothing is changed by asking."""
        count = len(rows)
        if count == 0:
            return Tracks.empty()
        of = self._all
        _, noise, survival = steps(max(time_ns - self._now_ns, 0))
        x, P = np.empty((count, 6)), np.empty((count, 6, 6))
        report(of.state, of.real, of.whole, rows, of.modes, noise, UNKNOWN_HEIGHT_VARIANCE, x, P)
        integers, reals = np.empty((7, count), np.int64), np.empty((2, count))
        since_ns = time_ns - self._support_ns
        describe(of.real, of.whole, of.looks, rows, of.sensors, since_ns, survival, integers, reals)
        number, started_ns, confirmed_ns, updated_ns, status, updates, sensors = integers
        return Tracks(
            track=number,
            time_ns=np.full(count, time_ns, np.int64),
            started_ns=started_ns,
            confirmed_ns=confirmed_ns,
            updated_ns=updated_ns,
            status=status.astype(np.int8),
            basis=np.full(count, Basis.MEASURED, np.int8),
            x=x,
            P=P,
            existence=reals[0],
            updates=updates,
            sensors=sensors,
            rcs_dbsm=reals[1],
            category_probability=classification.probability(of, rows, x, P, self._ground_up),
        )

    def _associations(self) -> Associations:
        """What was used since the last step, in order of track, then time, then detection."""
        if not self._used:
            return Associations.empty()
        names = self._used[0][0] if len(self._used) == 1 else np.concatenate([names for names, _ in self._used])
        probability = np.concatenate([probability for _, probability in self._used])
        order = np.lexsort((names[:, 2], names[:, 1], names[:, 0]))
        names = names[order]
        return Associations(
            track=names[:, 0], time_ns=names[:, 1], detection=names[:, 2], probability=probability[order]
        )


class Pairs:
    """Room for the pairs of a look, kept from one to the next."""

    def __init__(self, modes: int) -> None:
        self._modes = modes
        self._rows: Floats = np.empty((1024, c.PLOT_COLUMNS))
        self._make(1024)

    def plot_rows(self, count: int) -> Floats:
        """(count, PLOT_COLUMNS), not cleared: a fresh one would be paid for page by page."""
        if count > len(self._rows):
            self._rows = np.empty((2 * count, c.PLOT_COLUMNS))
        return self._rows[:count]

    def _make(self, room: int) -> None:
        self.plots: Ints = np.empty(room, np.int64)
        self.weights: Floats = np.empty(room)
        self.paired: Floats = np.empty(room)
        self.shares: Floats = np.empty((room, self._modes))
        self.posts: Floats = np.empty((room * self._modes, c.ROW))

    def double(self) -> None:
        """Twice as many."""
        self._make(2 * len(self.plots))
