"""The tracker: detections of any mix of sensors in, the state of every object out.

A Poisson multi-Bernoulli filter. What was seen at least once is a Bernoulli: an existence probability and, for each
mode of motion, a Gaussian. What was never seen is a Poisson intensity, from which every plot may make a new Bernoulli.
One look after another is taken in order of time: predict, gate, find the marginal association probabilities, merge.
(Williams 2015, doi 10.1109/TAES.2015.130550; association by Williams and Lau 2014, doi 10.1109/TAES.2014.120568.)

A Bernoulli that hardly exists is a possibility, not a track: it gets a number when it is worth showing. What was seen
once only and hardly exists is not even that, but part of the intensity, a glimpse (`kernels.glimpses`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.kernels.births import bear
from luchtwacht.kernels.conversion import FAR
from luchtwacht.kernels.taking import conclude, take
from luchtwacht.model import Associations, Bytes, Detections, Floats, Grounds, Ints, Site, Tracks
from luchtwacht.tracking.bernoullis import Bernoullis
from luchtwacht.tracking.classification import LOG_PRIOR, OPINION_FLOOR, TABLE, USED, grounds_of, land
from luchtwacht.tracking.lifecycle import table
from luchtwacht.tracking.looks import Look, cut, spans
from luchtwacht.tracking.motion import LIFETIME_S, MODES, steps
from luchtwacht.tracking.scene import (
    CLIMB,
    FIRST_DOUBT,
    LEAST_STARTS,
    MEMORY_LOOKS,
    MEMORY_S,
    SPEED,
    USUAL_HEIGHT,
    Scene,
)
from luchtwacht.tracking.state import TrackerState
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
        self._land, self._lie = land(site)
        self._all = Bernoullis(len(MODES), len(site.sensors))
        self._glimpses, self._spare = (Bernoullis(1, len(site.sensors), c.GLIMPSE_REALS) for _ in range(2))
        self._mode_prior = np.array([mode.prior for mode in MODES])
        self._rules = [self._written_down(scene) for scene in self._scenes]
        self._moves = table()
        self._now_ns = -1
        self._next = 1
        self._room = Room()
        self._oldest_ns = 0
        self._triangulation = Triangulation(self._scenes)
        self._used: list[tuple[list[Array], bool]] = []
        self._support_ns = seconds_to_ns(site.tracking.support_s)
        self._coast_ns = seconds_to_ns(site.tracking.coast_s)
        self._terminate_ns = seconds_to_ns(site.tracking.terminate_s)

    def __bool__(self) -> bool:
        """Whether there may be any object that was seen; without, a step without detections changes nothing."""
        return self._all.n > 0

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget these tracks: their objects go on in others."""
        self._all.drop(np.isin(self._all.column(c.NUMBER), numbers))

    def numbers(self) -> Ints:
        """Of everything that has one; 0 for a possibility."""
        return self._all.column(c.NUMBER)

    def grounds(self, number: int, said: Tracks) -> Grounds:
        """What its category rests on.

        Args:
            number: a track that lives.
            said: one row, what the last step said of it.
        """
        of, row = self._all, int(np.flatnonzero(self._all.column(c.NUMBER) == number)[0])
        return grounds_of(of.real[: of.n], of.whole[: of.n], row, said, self._land, self._lie)

    def state(self) -> TrackerState:
        """Everything that is held between two steps."""
        return TrackerState(
            now_ns=self._now_ns,
            next_number=self._next,
            possible=self._all.rows(),
            glimpses=self._glimpses.rows(),
            scenes=tuple(scene.state() for scene in self._scenes),
            waiting=self._triangulation.state(),
        )

    def restore(self, state: TrackerState) -> None:
        """Go on from what `state` gave, of this tracker or of another for the same site."""
        self._now_ns, self._next = state.now_ns, state.next_number
        self._all.restore(state.possible)
        self._glimpses.restore(state.glimpses)
        for scene, learnt in zip(self._scenes, state.scenes, strict=True):
            scene.restore(learnt)
        self._triangulation.restore(state.waiting)
        self._used, self._oldest_ns = [], 0

    def _written_down(self, scene: Scene) -> Floats:
        """What the kernels go by at the looks of one sensor, where they look for it."""
        rules = np.empty(c.RULES)
        rules[c.RULE_SHOWN], rules[c.RULE_MENTIONED] = SHOWN, MENTIONED
        rules[c.RULE_FIRST_LEAST], rules[c.RULE_FIRST_MOST] = FIRST_LEAST, FIRST_MOST
        rules[c.RULE_SPEED], rules[c.RULE_CLIMB], rules[c.RULE_INFLATE] = SPEED, CLIMB, DECORRELATION
        rules[c.RULE_HEIGHT] = scene.ground + USUAL_HEIGHT
        rules[c.RULE_OPINION_USED], rules[c.RULE_OPINION_FLOOR] = USED, OPINION_FLOOR
        rules[c.RULE_MEMORY_LOOKS], rules[c.RULE_MEMORY_S] = MEMORY_LOOKS, MEMORY_S
        rules[c.RULE_LEAST_STARTS], rules[c.RULE_FIRST_DOUBT] = LEAST_STARTS, FIRST_DOUBT
        rules[c.RULE_LIFETIME_S], rules[c.RULE_FADED] = LIFETIME_S, FADED
        rules[c.RULE_ENDED_S] = self._settings.terminate_s
        return rules

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
            if self._all.n and self._something_ended(look.end_ns - self._terminate_ns):
                ended.append(self._judge(time_ns, look.end_ns, ended_only=True))
            self._take(look, ordered)
        tracks = self._judge(time_ns, time_ns)
        if ended:
            tracks = Tracks.concatenate([*ended, tracks])
            tracks = tracks.take(np.argsort(tracks.track, kind="stable"))
        return tracks, self._associations()

    def _something_ended(self, since_ns: int) -> bool:
        """Whether something was not updated since then; looked up only when what is remembered leaves it open."""
        if since_ns <= self._oldest_ns:
            return False
        self._oldest_ns = int(self._all.column(c.UPDATED).min())
        return since_ns > self._oldest_ns

    def _take(self, look: Look, detections: Detections) -> None:
        """Update everything with one look."""
        scene, of, room = self._scenes[look.sensor], self._all, self._room
        old, new = self._glimpses, self._spare
        now_ns = max(self._now_ns, look.end_ns)
        change, noise, survival = steps(now_ns - self._now_ns if of.n or old.n else 0)
        count = look.rows.stop - look.rows.start
        of.make_room(count)
        new.make_room(old.n + count)
        room.make(count)
        elapsed_s, following, rules = scene.hear(look.end_ns), self._next, self._rules[look.sensor]
        while True:
            n, glimpses, following, farthest, lone, free, times, ids, *used, ordered = take(
                detections.z, detections.R, detections.geometry, detections.time_ns, detections.id,
                detections.sensor_track, detections.snr_db, detections.rcs_dbsm, detections.filtered,
                detections.category_probability, look.rows.start, look.rows.stop, of.state, of.real, of.whole, of.looks,
                of.n, old.state, old.real, old.whole, old.looks, old.n, new.state, new.real, new.whole, new.looks,
                of.modes, look.sensor, of.sensors, scene.place, scene.figures, scene.heights, scene.around,
                scene.above, scene.rates, scene.learnt, scene.sight, change, noise, survival, now_ns,
                now_ns > self._now_ns, look.end_ns, elapsed_s, scene.period_ns, rules, self._mode_prior,
                LOG_PRIOR, TABLE, room.raw, room.kinds, room.plots, following,
            )  # fmt: skip
            if farthest <= scene.reach:
                break
            scene.stretch(farthest)
        of.n, self._next, self._now_ns = n, following, now_ns
        new.n, old.n = glimpses, 0
        self._glimpses, self._spare = new, old
        self._oldest_ns = min(self._oldest_ns, int(detections.time_ns[look.rows.start]))
        if lone:
            self._triangulate(look.sensor, room.kinds[:count], room.plots[:count], times, ids, free)
        if len(used[0]):
            self._used.append((used, ordered))

    def _triangulate(self, sensor: int, kinds: Array, plots: Array, times: Ints, ids: Ints, free: Floats) -> None:
        """Let a Bernoulli start where unexplained bearings of two sensors cross."""
        crossings = self._triangulation.cross(sensor, kinds, plots, times, ids, free)
        if not crossings:
            return
        of, first, one = self._all, self._all.n, self._scenes[sensor]
        kinds, plots = plots_of(crossings, self._now_ns, one.ground + USUAL_HEIGHT, FAR)
        news = np.array([crossing.new.time_ns for crossing in crossings], np.int64)
        named = np.array([crossing.new.id for crossing in crossings], np.int64)
        none = np.full(len(crossings), -1, np.int64)
        of.make_room(len(crossings))
        nobody, nothing = Bernoullis(1, of.sensors), np.zeros(len(crossings))
        of.n, _ = bear(
            of.state, of.real, of.whole, of.looks, first, of.modes, sensor, of.sensors, kinds, plots, news, named, none,
            one.place, np.ones(len(crossings)), one.heights, SPEED, CLIMB, FIRST_LEAST, FIRST_MOST, self._mode_prior,
            LOG_PRIOR, np.empty(len(crossings), np.int64), 0.0, nobody.state, nobody.real, nobody.whole, nobody.looks,
            np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), none, nothing, none, nobody.state, nobody.real,
            nobody.whole, nobody.looks, nothing.copy(),
        )  # fmt: skip
        for row, crossing in enumerate(crossings, first):
            of.looks[row, crossing.old.sensor] = crossing.old.time_ns
            of.looks[row, of.sensors + crossing.old.sensor] = crossing.old.time_ns

    def _judge(self, time_ns: int, until_ns: int, ended_only: bool = False) -> Tracks:
        """Move every track through its life as at `until_ns`; say how all, or those that ended, stand at `time_ns`."""
        of, settings = self._all, self._settings
        if of.n == 0:
            return Tracks.empty()
        _, noise, survival = steps(max(time_ns - self._now_ns, 0))
        n, oldest, confirmed, began, integers, octets, reals, x, P, categories = conclude(
            of.state, of.real, of.whole, of.looks, of.n, of.modes, of.sensors, self._moves, self._now_ns,
            until_ns - self._coast_ns, until_ns - self._terminate_ns, time_ns - self._support_ns,
            settings.confirm_existence, settings.terminate_existence, FADED, ended_only, time_ns, noise, survival,
            UNKNOWN_HEIGHT_VARIANCE, self._land, self._lie, TABLE,
        )  # fmt: skip
        if n < 0:
            raise AssertionError(f"no such move in the life of track {oldest}")
        of.n, self._oldest_ns = n, oldest
        for (sensor, started_ns), (east, north) in zip(confirmed.tolist(), began.tolist(), strict=True):
            self._scenes[sensor].count_start(started_ns, east, north)
        if len(x) == 0:
            return Tracks.empty()
        number, times, started, confirmations, reidentified, updated, updates, sensors = integers
        return Tracks.made(
            track=number, time_ns=times, started_ns=started, confirmed_ns=confirmations, reidentified_ns=reidentified,
            updated_ns=updated, status=octets[0], basis=octets[1], x=x, P=P, existence=reals[0], updates=updates,
            sensors=sensors, rcs_dbsm=reals[1], category_probability=categories,
        )  # fmt: skip

    def _associations(self) -> Associations:
        """What was used since the last step, in order of track, then time, then detection."""
        if not self._used:
            return Associations.empty()
        made = [
            Associations.made(track=track, time_ns=time_ns, detection=detection, probability=probability)
            for (track, time_ns, detection, probability), _ in self._used
        ]
        if len(made) == 1:  # within a track they are in order already
            return made[0] if self._used[0][1] else made[0].take(np.argsort(made[0].track, kind="stable"))
        said = Associations.concatenate(made)
        return said.take(np.lexsort((said.detection, said.time_ns, said.track)))


class Room:
    """Scratch for the plots of a look, kept from one to the next: a fresh one would be paid for page by page."""

    def __init__(self) -> None:
        self.kinds: Bytes = np.empty(0, np.int8)
        self.make(256)

    def make(self, count: int) -> None:
        """Let there be room for `count` plots."""
        if count > len(self.kinds):
            self.raw: Floats = np.empty((2 * count, c.PLOT_COLUMNS))
            self.plots: Floats = np.empty((2 * count, c.PLOT_COLUMNS))
            self.kinds = np.empty(2 * count, np.int8)
