"""Where an object was, given everything that was ever seen of it.

The tracker says at each moment what was known then. Once later detections are there, they tell of earlier moments as
well: a forward filter over the detections named for one track, and then back again (Rauch, Tung and Striebel 1965,
doi 10.2514/3.3166), with the modes of motion mixed in both directions as in Koch 2000 (fixed-interval retrodiction,
IEEE Transactions on Aerospace and Electronic Systems 36:1). All of it is a function of values that the journal holds;
the live tracker is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from luchtwacht.errors import BadInput
from luchtwacht.geodesy import enu_to_polar
from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.kernels.births import start
from luchtwacht.kernels.conversion import FAR, convert
from luchtwacht.kernels.measurement import condition, condition_on_rate
from luchtwacht.kernels.motion import predict
from luchtwacht.model import Associations, Bytes, Detected, Detections, Floats, Ints, Site, Tracked
from luchtwacht.model.sight import ground_up
from luchtwacht.tracking.motion import RATES, Mode
from luchtwacht.tracking.scene import CLIMB, LOW, SPEED, USUAL_HEIGHT, Scene, heights_above
from luchtwacht.tracking.tracker import DECORRELATION
from luchtwacht.units import SECOND_NS, seconds_to_ns

LOOSE = (
    Mode(name="quiet", horizontal=0.09, vertical=0.4, prior=0.5),
    Mode(name="manoeuvre", horizontal=14.0, vertical=1.0, prior=0.5),
)
"""as the tracker's modes, but free to begin and end a climb: live, a stiff height keeps far tracks steady, but looking
back it would spread a climb over the level flight that follows, and say so with too much confidence"""
LEAST_PROBABILITY = 0.5
"""association probability from which a detection is taken to be of the track"""
CROSSING_NS = seconds_to_ns(10.0)
"""bearings at the start are crossed with those of other sensors within this time"""
LEAST_SINE = 0.2
"""of the angle between two bearings that are crossed"""
UNKNOWN_HEIGHT = 300.0
"""m, standard deviation of a height about which the first detection says nothing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothed:
    """The estimate of one object at the time of each of its detections, given all of them. Arrays are read-only."""

    time_ns: Ints
    """(n,) ns UTC, never decreasing"""
    x: Floats
    """(n, 6) east, north, up (m) and their rates (m/s), site's frame"""
    P: Floats
    """(n, 6, 6) covariance of `x`"""
    mode_probability: Floats
    """(n, modes) of each mode of motion"""
    sensor: Ints
    """(n,) index into `Site.sensors`: who made the detection"""
    height_measured: bool
    """whether any detection tells of the height; without, up is the prior's: some 150 m above ground, loosely"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """One object at each of its detections, given it and those before, mode by mode: the way there."""

    time_ns: Ints
    """(n,)"""
    x: Floats
    """(n, modes, 6)"""
    P: Floats
    """(n, modes, 6, 6)"""
    mode_probability: Floats
    """(n, modes)"""
    sensor: Ints
    """(n,)"""
    height_measured: bool

    def merged(self) -> tuple[Floats, Floats]:
        """Mean (n, 6) and covariance (n, 6, 6) over the modes."""
        return merge(self.x, self.P, self.mode_probability)


def detections_of(
    track: int,
    tracked: Iterable[Tracked],
    detected: Iterable[Detected],
    least_probability: float = LEAST_PROBABILITY,
) -> Detections:
    """The detections that were used for `track`, in order of time and id, as the journal's events name them.

    Those less probable than `least_probability` to be of the track, by the last that was said of them, are left out.
    """
    used = Associations.concatenate([event.associations.take(event.associations.track == track) for event in tracked])
    last = len(used) - 1 - np.unique(used.detection[::-1], return_index=True)[1]  # the later word counts
    ids = used.detection[last][used.probability[last] >= least_probability]
    found = [each.detections.take(np.isin(each.detections.id, ids)) for each in detected]
    rows = Detections.concatenate(found)
    return rows.take(np.lexsort((rows.id, rows.time_ns)))


def smooth(detections: Detections, site: Site, *, modes: tuple[Mode, ...] = LOOSE, rates: Floats = RATES) -> Smoothed:
    """Fixed-interval smoothing of the detections of one object.

    Args:
        detections: of one object, of any sensors and geometries, in any order.
        site: as the tracker was given it.
        modes, rates: how it moves, see `tracking.motion`; `rates` (modes, modes) in 1/s.

    Raises:
        BadInput: there is nothing from which a position can be found.
    """
    once = smooth_filtered(filter_forward(detections, site, modes=modes, rates=rates), modes=modes, rates=rates)
    again = filter_forward(detections, site, modes=modes, rates=rates, about=once.x[:, :3])
    return smooth_filtered(again, modes=modes, rates=rates)


def filter_forward(
    detections: Detections,
    site: Site,
    *,
    modes: tuple[Mode, ...] = LOOSE,
    rates: Floats = RATES,
    about: Floats | None = None,
) -> Filtered:
    """The first half of `smooth`: an interacting multiple model filter (Blom and Bar-Shalom 1988).

    Args:
        about: (n, 3) m, where the object is thought to have been at each detection, when that is known: see
            `_straightened`.
    """
    detections = detections.take(np.lexsort((detections.id, detections.time_ns)))
    scenes = [Scene(site, sensor) for sensor in site.sensors]
    places = [scene.place for scene in scenes]
    kinds, plots = _plots(detections, scenes)
    good = np.flatnonzero(kinds != c.NOTHING)
    detections, kinds, plots = detections.take(good), kinds[good], np.ascontiguousarray(plots[good])
    if about is not None:
        _straightened(plots, kinds, detections.sensor, places, about)
    n, m, h = len(good), len(modes), np.empty(6)
    if n == 0:
        raise BadInput("no detection holds a measurement")
    times, sensors = detections.time_ns, detections.sensor
    state, real, whole = np.zeros((m, c.ROW)), np.zeros((1, c.REALS)), np.zeros((1, c.WHOLES), np.int64)
    whole[0, c.UPDATES] = 2
    real[0, c.EXISTENCE], real[0, c.MODE0 : c.MODE0 + m] = 1.0, [mode.prior for mode in modes]
    used = _start(detections, site, places, kinds, plots, state)
    x, P, probability = np.empty((n, m, 6)), np.empty((n, m, 6, 6)), np.empty((n, m))
    post, loglik = np.zeros((m, c.ROW)), np.empty(m)
    for k in range(n):
        if k and times[k] > times[k - 1]:
            change, noise = steps_of(int(times[k] - times[k - 1]), modes, rates)
            predict(state, real, whole, 0, 1, m, change, noise, 1.0)
        if k or not used:
            place = places[sensors[k]]
            for i in range(m):
                _, loglik[i] = condition(state, i, post, i, kinds[k], plots, k, place, h)
            state[:] = post
            weight = real[0, c.MODE0 : c.MODE0 + m] * np.exp(loglik - loglik.max())
            real[0, c.MODE0 : c.MODE0 + m] = weight / weight.sum()
        probability[k] = real[0, c.MODE0 : c.MODE0 + m]
        x[k], P[k] = unpack(state)
    height = bool((plots[:, c.UP_MEASURED] > 0.0).any() or np.isfinite(plots[:, c.ELEVATION]).any())
    return Filtered(
        time_ns=times, x=_frozen(x), P=_frozen(P), mode_probability=_frozen(probability), sensor=sensors,
        height_measured=height,
    )  # fmt: skip


def smooth_filtered(filtered: Filtered, *, modes: tuple[Mode, ...] = LOOSE, rates: Floats = RATES) -> Smoothed:
    """The second half of `smooth`: back from the last detection to the first.

    For each pair of modes, i now and j at the next detection, one Rauch-Tung-Striebel step; then the pairs of each i
    are merged with the probability of j given i and everything seen (Koch 2000),
    which unlike there also counts what later detections say of i: see `_told`.
    """
    times = filtered.time_ns
    x, P, probability = filtered.x.copy(), filtered.P.copy(), filtered.mode_probability.copy()
    for k in range(len(times) - 2, -1, -1):
        change, noise = steps_of(int(times[k + 1] - times[k]), modes, rates)
        now, after = slice(k, k + 1), slice(k + 1, k + 2)
        x[now], P[now], probability[now] = step_back(
            (x[now], P[now], probability[now]), (x[after], P[after], probability[after]), change, noise
        )
    mean, covariance = merge(x, P, probability)
    return Smoothed(
        time_ns=times, x=_frozen(mean), P=_frozen(covariance), mode_probability=_frozen(probability),
        sensor=filtered.sensor, height_measured=filtered.height_measured,
    )  # fmt: skip


def merge(x: Floats, P: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of mixtures: `x` (n, modes, 6), `P` (n, modes, 6, 6), `weight` (n, modes) that sums to 1."""
    mean = np.einsum("nm,nma->na", weight, x)
    off = x - mean[:, None]
    covariance = np.einsum("nm,nmab->nab", weight, P + off[..., :, None] * off[..., None, :])
    return mean, 0.5 * (covariance + np.swapaxes(covariance, -1, -2))


Mixture = tuple[Floats, Floats, Floats]
"""of `n` objects: means (n, modes, 6), covariances (n, modes, 6, 6) and probabilities of the modes (n, modes)"""


def step_back(filtered: Mixture, smoothed: Mixture, change: Floats, noise: Floats) -> Mixture:
    """What later detections say of `n` objects at one time, given what they say of them at the next.

    Args:
        filtered: at this time, given what was seen until then.
        smoothed: at the next time, given everything.
        change, noise: what happens in between, as `kernels.motion.predict` takes it.
    """
    x, P, probability = filtered
    later_x, later_P, later_probability = smoothed
    joint = probability[:, :, None] * change
    given = joint / np.maximum(joint.sum(1, keepdims=True), 1e-300)
    F, Q = _matrices(noise)
    ahead = P @ F.T
    predicted = x @ F.T
    S = (F @ ahead)[:, :, None] + Q
    G = np.swapaxes(np.linalg.solve(S, np.broadcast_to(np.swapaxes(ahead, -1, -2)[:, :, None], S.shape)), -1, -2)
    pairs_x = x[:, :, None] + np.einsum("nijab,nijb->nija", G, later_x[:, None] - predicted[:, :, None])
    pairs_P = P[:, :, None] + G @ (later_P[:, None] - S) @ np.swapaxes(G, -1, -2)
    weight = later_probability[:, None] * given * _told(predicted, S, given, later_x, later_P)
    weight *= (later_probability / np.maximum(weight.sum(1), 1e-300))[:, None]
    total = weight.sum(2)
    modes = x.shape[1]
    # a mode so unlikely that nothing is left of it keeps a state that can be reckoned with
    there = total[:, :, None] > 1e-300
    shares = np.where(there, weight / np.where(there, total[:, :, None], 1.0), 1.0 / modes)
    mean, covariance = merge(pairs_x.reshape(-1, modes, 6), pairs_P.reshape(-1, modes, 6, 6), shares.reshape(-1, modes))
    return mean.reshape(x.shape), covariance.reshape(P.shape), total / total.sum(1, keepdims=True)


def _told(predicted: Floats, S: Floats, given: Floats, x: Floats, P: Floats) -> Floats:
    """(n, modes, modes) how likely what came later is, given mode i now, for each mode j next, up to a factor for j.

    What later detections say of the state of mode j is the smoothed Gaussian over the predicted one. Its mean over the
    prediction from i alone is an integral of Gaussians.

    Args:
        predicted: (n, modes, 6) from each mode i; S: (n, modes, modes, 6, 6) from i to j.
        given: (n, modes, modes) probability of i given j, from the past.
        x, P: (n, modes, 6), (n, modes, 6, 6) the smoothed Gaussians of each j.
    """
    mean = np.einsum("nij,nia->nja", given, predicted)
    off = predicted[:, :, None] - mean[:, None]
    whole = np.einsum("nij,nijab->njab", given, S + off[..., :, None] * off[..., None, :])
    later, prior, each = np.linalg.inv(P), np.linalg.inv(whole), np.linalg.inv(S)
    J = later[:, None] + each - prior[:, None]
    sound = np.linalg.eigvalsh(J).min((1, 3)) > 0.0
    J = np.where(sound[:, None, :, None, None], J, np.eye(6))
    y = np.einsum("njab,njb->nja", later, x - mean)[:, None] + np.einsum("nijab,nijb->nija", each, off)
    square = np.einsum("nija,nija->nij", y, np.linalg.solve(J, y[..., None])[..., 0])
    square -= np.einsum("nija,nijab,nijb->nij", off, each, off)
    logs = 0.5 * (square - np.linalg.slogdet(S)[1] - np.linalg.slogdet(J)[1])
    told = np.exp(logs - logs.max(1, keepdims=True))
    return np.asarray(np.where(sound[:, None], told, 1.0))


def _plots(detections: Detections, scenes: list[Scene]) -> tuple[Bytes, Floats]:
    """Kinds (n,) and plots (n, PLOT_COLUMNS) as `kernels.conversion` makes them, each for its own time."""
    n = len(detections)
    kinds, plots = np.full(n, c.NOTHING, np.int8), np.full((n, c.PLOT_COLUMNS), np.nan)
    for number in np.unique(detections.sensor).tolist():
        rows = np.flatnonzero(detections.sensor == number)
        part = detections.take(rows)
        some, them = np.empty(len(rows), np.int8), np.empty((len(rows), c.PLOT_COLUMNS))
        convert(
            part.z, part.R, part.geometry, part.time_ns, 0, 0, part.snr_db, part.rcs_dbsm, part.filtered, DECORRELATION,
            scenes[number].place, scenes[number].ground + USUAL_HEIGHT, some, them,
        )  # fmt: skip
        kinds[rows], plots[rows] = some, them
    plots[:, c.DT] = 0.0
    return kinds, plots


def _straightened(plots: Floats, kinds: Bytes, sensors: Ints, places: list[Floats], about: Floats) -> None:
    """Make positions of ranges and angles about where the object was, in place, instead of about where it was measured.

    A position made at the measured angles lies on a circle round the sensor, and its error ellipse is turned by the
    error itself. Each is right alone; many of them together pull outwards, by the range times the variances of the
    angles (25 m at 8 km and 3 degrees), and are believed to be exact there. About the smoothed position the ellipses
    hardly depend on the errors (the smoother as Gauss and Newton's method: Bell 1994, SIAM Journal on Optimization
    4:626-636).
    """
    for number in np.unique(sensors).tolist():
        rows = np.flatnonzero((sensors == number) & (kinds == c.FIX) & np.isfinite(plots[:, c.RANGE]))
        place, axes = places[number][:3], places[number][3:].reshape(3, 3)
        distance, azimuth, elevation = enu_to_polar((about[rows] - place) @ axes).T
        sa, ca, se, ce = np.sin(azimuth), np.cos(azimuth), np.sin(elevation), np.cos(elevation)
        along = np.stack([ce * sa, ce * ca, se], -1)
        across = np.stack([ca, -sa, np.zeros(len(rows))], -1) * (distance * ce)[:, None]
        above = np.stack([-se * sa, -se * ca, ce], -1) * distance[:, None]
        G = np.einsum("ab,nkb->nak", axes, np.stack([along, across, above], 1))
        turn = np.mod(plots[rows, c.AZIMUTH] - azimuth + np.pi, 2.0 * np.pi) - np.pi
        off = np.column_stack([plots[rows, c.RANGE] - distance, turn, plots[rows, c.ELEVATION] - elevation])
        plots[rows, c.X : c.Z + 1] = about[rows] + np.einsum("nak,nk->na", G, off)
        variance = plots[rows][:, [c.RANGE_VAR, c.AZIMUTH_VAR, c.ELEVATION_VAR]]
        R = np.einsum("nak,nk,nbk->nab", G, variance, G)
        plots[rows, c.R0 : c.R0 + 6] = R[:, [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]]


def _start(
    detections: Detections, site: Site, places: list[Floats], kinds: Bytes, plots: Floats, state: Floats
) -> bool:
    """Fill every row of `state` with what is known at the time of the first detection.

    Returns:
        whether the first detection has been used for it.
    """
    first, h = state[:1], np.empty(6)
    place = places[detections.sensor[0]]
    used = True
    if kinds[0] == c.FIX:
        first[0, c.P0 : c.P0 + 3] = plots[0, c.X : c.X + 3]
        first[0, c.A0 : c.A0 + 6] = plots[0, c.R0 : c.R0 + 6]
        if first[0, c.A0 + 5] >= FAR:
            first[0, c.P0 + 2] = _ground_at(site, first[0, :2]) + LOW[1]
            first[0, c.A0 + 5] = UNKNOWN_HEIGHT**2
        first[0, [c.C0, c.C0 + 3, c.C0 + 5]] = SPEED**2, SPEED**2, CLIMB**2
        if np.isfinite(plots[0, c.RATE]):
            condition_on_rate(first, 0, plots, 0, place, h)
    elif kinds[0] == c.PLANE:
        heights = heights_above(_ground_at(site, plots[0, c.X : c.X + 2]))
        rows = np.empty((3 * len(heights), c.ROW))
        start(rows, kinds[0], plots, 0, place, heights, SPEED, CLIMB, state, 0, h)
    else:
        _cross(detections, site, places, kinds, plots, first)
        used = False
    state[1:] = state[0]
    return used


def _ground_at(site: Site, place: Floats) -> float:
    """m, up coordinate of the ground at `place` (2,); flat, and as at the origin, where the site knows no terrain."""
    return float(ground_up(site, np.array([*place, 0.0]))) if site.terrain is not None else site.ground_up


def _cross(
    detections: Detections, site: Site, places: list[Floats], kinds: Bytes, plots: Floats, first: Floats
) -> None:
    """A loose beginning for a track that starts with directions or distances: near where it is first seen in full.

    The place is used to linearise about, and its covariance is wide, so that the detections it came from may be used.
    """
    early = np.flatnonzero(detections.time_ns - detections.time_ns[0] <= CROSSING_NS)
    whole = early[(kinds[early] == c.FIX) | (kinds[early] == c.PLANE)]
    if len(whole):
        point, sigma = plots[whole[0], c.X : c.X + 2], 0.0
    else:
        point, sigma = _crossing(early[np.isfinite(plots[early, c.AZIMUTH])], detections, places, plots)
    first[0, c.P0 : c.P0 + 2] = point
    first[0, c.P0 + 2] = _ground_at(site, first[0, :2]) + LOW[1]
    wide = (3.0 * sigma) ** 2 + (SPEED * CROSSING_NS / SECOND_NS) ** 2 + 300.0**2
    first[0, [c.A0, c.A0 + 3, c.A0 + 5]] = wide, wide, UNKNOWN_HEIGHT**2
    first[0, [c.C0, c.C0 + 3, c.C0 + 5]] = SPEED**2, SPEED**2, CLIMB**2


def _crossing(rows: Ints, detections: Detections, places: list[Floats], plots: Floats) -> tuple[Floats, float]:
    """Where the bearings at `rows` meet on the map, and the standard deviation along the worse axis (m).

    Raises:
        BadInput: they do not meet.
    """
    origins = np.array([places[detections.sensor[row]][:2] for row in rows]).reshape(-1, 2)
    turns = np.array([places[detections.sensor[row]][3:] for row in rows]).reshape(-1, 3, 3)
    azimuth = plots[rows, c.AZIMUTH]
    lines = turns[:, :2, 0] * np.sin(azimuth)[:, None] + turns[:, :2, 1] * np.cos(azimuth)[:, None]
    normals = np.column_stack([-lines[:, 1], lines[:, 0]])
    sines = np.abs(lines[:, :1] * lines[:, 1] - lines[:, 1:] * lines[:, 0]) if len(rows) else np.zeros((1, 1))
    apart = detections.sensor[rows][:, None] != detections.sensor[rows]
    if not len(rows) or not (apart & (sines > LEAST_SINE)).any():
        raise BadInput(
            "its first ten seconds hold no position, and no bearings of two sensors that cross",
            hint="one direction finder alone cannot place an object",
        )
    point = np.linalg.lstsq(normals, np.einsum("ij,ij->i", normals, origins), rcond=None)[0]
    distance = np.maximum(np.hypot(*(point - origins).T), 20.0)
    scale = distance * np.sqrt(plots[rows, c.AZIMUTH_VAR])
    information = np.einsum("na,nb,n->ab", normals, normals, scale**-2.0)
    return np.asarray(point), float(np.sqrt(np.linalg.eigvalsh(np.linalg.inv(information)).max()))


def steps_of(elapsed_ns: int, modes: tuple[Mode, ...], rates: Floats) -> tuple[Floats, Floats]:
    """What happens in `elapsed_ns`, as `tracking.motion.steps`, for any modes."""
    return _cached(elapsed_ns, modes, tuple(map(tuple, np.asarray(rates).tolist())))


@lru_cache(maxsize=512)
def _cached(elapsed_ns: int, modes: tuple[Mode, ...], rates: tuple[tuple[float, ...], ...]) -> tuple[Floats, Floats]:
    """Change of mode (modes, modes) and noise (modes, 8) in `elapsed_ns`, as `kernels.motion.predict` takes them."""
    from scipy.linalg import expm  # not above: a watch that starts again shows its alerts before it needs this

    t = elapsed_ns / SECOND_NS
    change = np.clip(expm(np.asarray(rates) * t), 0.0, 1.0)
    noise = np.empty((len(modes), 8))
    noise[:, 0], noise[:, 1] = t, 1.0
    grows = np.array([t**3 / 3.0, t**2 / 2.0, t])
    noise[:, 2:5] = np.array([[mode.horizontal] for mode in modes]) * grows
    noise[:, 5:8] = np.array([[mode.vertical] for mode in modes]) * grows
    change /= change.sum(1, keepdims=True)
    return _frozen(change), _frozen(noise)


def _matrices(noise: Floats) -> tuple[Floats, Floats]:
    """F (6, 6) and, for each mode, Q (modes, 6, 6) of what `noise` says."""
    F = np.eye(6)
    F[[0, 1, 2], [3, 4, 5]] = noise[0, 0]
    Q = np.zeros((len(noise), 6, 6))
    for axis, column in ((0, 2), (1, 2), (2, 5)):
        Q[:, axis, axis] = noise[:, column]
        Q[:, axis, 3 + axis] = Q[:, 3 + axis, axis] = noise[:, column + 1]
        Q[:, 3 + axis, 3 + axis] = noise[:, column + 2]
    return F, Q


_SYMMETRIC = np.array([[0, 1, 2], [1, 3, 4], [2, 4, 5]])


def unpack(state: Array) -> tuple[Floats, Floats]:
    """Means (modes, 6) and covariances (modes, 6, 6) of packed rows; see `kernels.layout`."""
    P = np.empty((len(state), 6, 6))
    P[:, :3, :3] = state[:, c.A0 + _SYMMETRIC]
    P[:, 3:, 3:] = state[:, c.C0 + _SYMMETRIC]
    P[:, :3, 3:] = state[:, c.B0 : c.B0 + 9].reshape(-1, 3, 3)
    P[:, 3:, :3] = np.swapaxes(P[:, :3, 3:], 1, 2)
    return state[:, : c.A0].copy(), P


def _frozen(array: Floats) -> Floats:
    """The same, read-only."""
    array.flags.writeable = False
    return array
