"""Tracks against the zones in force: inside or not, entering or not, permitted or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from luchtwacht.airspace.forecast import ACCELERATION_DENSITY, entries, flights
from luchtwacht.airspace.gaussian import over_interval, over_polygons
from luchtwacht.airspace.permission import Permissions
from luchtwacht.airspace.register import HeldZone, Register
from luchtwacht.model import UAS_CATEGORIES, Authorisation, Findings, Identities, Site, Tracks, TrackStatus, Zone
from luchtwacht.model.region import Levels
from luchtwacht.units import DEGREE

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

UNMEASURED_HEIGHT_SIGMA_M = 300.0
"""a track whose height is less certain than this has none (see `Tracks.P`)"""
USUAL_HEIGHT_SIGMA_M = 60.0
"""height above ground of a drone whose height nobody measured: half a normal distribution that leaves 95 % below the
120 m of the open category (EU 2019/947, UAS.OPEN.010(2))"""
SIGMAS = 4.0
"""the tracker's uncertainty is followed this far when zones near it are looked for"""
LEAST_REACH_M = 300.0
GREATEST_SPREAD_M = 2_000.0
"""an uncertainty greater than this finds no further zones: such a track says nothing about any of them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirspaceState:
    """Zones and authorisations as they were changed since the watch began."""

    zones: dict[str, Zone | None]
    """by id, where they differ from the site's; none: withdrawn"""
    permissions: dict[str, list[str]]
    """by authorisation, the zones it names"""


class Airspace:
    """Zones, which of them are in force, and what they mean for each track."""

    def __init__(self, site: Site) -> None:
        """Raises:
        BadConfiguration: a zone of the site cannot be, or two have the same id.
        """
        self._site = site
        self._frame = site.frame
        self._horizon_s = site.airspace.horizon_s
        self._register = Register(site)
        self._permissions = Permissions(site)

    def state(self) -> AirspaceState:
        """What differs from the site."""
        return AirspaceState(zones=self._register.state(), permissions=self._permissions.state())

    def restore(self, state: AirspaceState) -> None:
        """Go on from what `state` gave."""
        self._register.restore(state.zones)
        self._permissions.restore(state.permissions)

    def put_zone(self, zone: Zone) -> None:
        """Add a zone, or replace the one of the same id; `BadConfiguration` when it contradicts itself."""
        self._register.put(zone)

    def withdraw_zone(self, zone_id: str) -> None:
        """Forget a zone; `BadCommand` when there is none of that id."""
        self._register.withdraw(zone_id)

    def put_authorisation(self, authorisation: Authorisation) -> None:
        """Learn which zones an authorisation names."""
        self._permissions.put(authorisation)

    def withdraw_authorisation(self, authorisation_id: str) -> None:
        """Forget an authorisation; `BadCommand` when there is none of that id."""
        self._permissions.withdraw(authorisation_id)

    def in_force(self, time_ns: int) -> tuple[Zone, ...]:
        """The zones that hold at `time_ns` (ns UTC), in order of id."""
        return tuple(each.zone for each in self._register.in_force(time_ns))

    def check(self, time_ns: int, tracks: Tracks, identities: Identities) -> Findings:
        """Every confirmed and coasted track against every zone in force near it.

        Near is what it may reach within the horizon, and never less than 300 m.

        Args:
            time_ns: ns UTC, for which `tracks` hold.
            tracks: any; tentative and terminated ones are left out.
            identities: of those tracks; a track without one counts by its own categories and as not permitted.
        """
        live = (tracks.status == TrackStatus.CONFIRMED) | (tracks.status == TrackStatus.COASTED)
        rows = np.flatnonzero(live)
        rows = rows[np.argsort(tracks.track[rows], kind="stable")]
        tracks = tracks.take(rows)
        pairs = self._register.near(time_ns, tracks.x[:, :2], self._reach(tracks))
        if not pairs.shape[1]:
            return Findings.empty()
        zones = self._register.in_force(time_ns)
        of, which = pairs
        levels = self._levels(tracks)
        x, P = self._above_ellipsoid(tracks, levels)
        inside, entry, when = self._verdicts(x, P, of, which, zones, levels)
        distance = self._distance(tracks, of, which, zones)
        identity_row = _rows_of(identities, tracks)
        uas = _probability_uas(tracks, identities, identity_row)
        permitted = [
            self._permissions.weigh(zones[zone].zone, identities, int(identity_row[track]))
            for track, zone in zip(of.tolist(), which.tolist(), strict=True)
        ]
        return Findings(
            track=tracks.track[of],
            zone=np.array([zones[zone].zone.id for zone in which.tolist()], dtype="U40"),
            time_ns=np.full(len(of), time_ns),
            probability_inside=inside,
            probability_entry=entry,
            time_to_entry=when,
            distance=distance,
            probability_uas=uas[of],
            probability_permitted=np.array([each for each, _ in permitted]),
            authorisation=np.array([each for _, each in permitted], dtype="U40"),
        )

    def _reach(self, tracks: Tracks) -> Floats:
        """m, how far each track may come within the horizon."""
        ahead, P = self._horizon_s, tracks.P
        spread = P[:, :2, :2] + ahead * (P[:, :2, 3:5] + P[:, 3:5, :2]) + ahead**2 * P[:, 3:5, 3:5]
        sigma = np.sqrt(np.trace(spread, axis1=1, axis2=2) + ACCELERATION_DENSITY[0] * ahead**3 / 3.0)
        speed = np.hypot(tracks.x[:, 3], tracks.x[:, 4])
        reach = speed * ahead + np.minimum(SIGMAS * sigma, GREATEST_SPREAD_M)
        return np.asarray(np.maximum(reach, LEAST_REACH_M))

    def _levels(self, tracks: Tracks) -> list[Levels]:
        """Ground and sea under each track now, in whole metres where they come from grids."""
        if self._site.terrain is None and self._site.geoid is None:
            return [Levels.of(self._site)] * len(tracks)
        places = self._frame.from_enu(tracks.x[:, :3])[:, :2] / DEGREE
        sea = self._site.sea_level(places[:, 0], places[:, 1])
        ground = self._site.ground_level(places[:, 0], places[:, 1])
        return [Levels(*each) for each in zip(np.rint(ground).tolist(), np.rint(sea).tolist(), strict=True)]

    def _above_ellipsoid(self, tracks: Tracks, levels: list[Levels]) -> tuple[Floats, Floats]:
        """States with height above the ellipsoid in place of up; where none was measured, the usual one."""
        x, P = tracks.x.copy(), tracks.P.copy()
        x[:, 2] = self._frame.from_enu(tracks.x[:, :3])[:, 2]
        unmeasured = ~(P[:, 2, 2] < UNMEASURED_HEIGHT_SIGMA_M**2)
        x[unmeasured, 2] = np.array([each.ground for each in levels])[unmeasured]
        x[unmeasured, 5] = 0.0
        for axis, variance in ((2, USUAL_HEIGHT_SIGMA_M**2), (5, 0.0)):
            P[unmeasured, axis, :] = 0.0
            P[unmeasured, :, axis] = 0.0
            P[unmeasured, axis, axis] = variance
        return x, P

    def _verdicts(
        self, x: Floats, P: Floats, of: Ints, which: Ints, zones: tuple[HeldZone, ...], levels: list[Levels]
    ) -> tuple[Floats, Floats, Floats]:
        """P(inside), P(entry) and time to entry of each pair of track and zone, over the ground under the track now."""
        cut = [
            zones[zone].outlines.slabs(levels[track]) for track, zone in zip(of.tolist(), which.tolist(), strict=True)
        ]
        slabs = [slab for each in cut for slab in each]
        if not slabs:  # zones that at these places lie wholly in the ground
            nothing = np.zeros(len(of))
            return nothing, nothing.copy(), np.full(len(of), np.nan)
        pair = np.repeat(np.arange(len(of)), [len(each) for each in cut])
        track = of[pair]
        lower, upper = np.array([slab.lower for slab in slabs]), np.array([slab.upper for slab in slabs])
        edges = np.concatenate([slab.edges for slab in slabs])
        row = np.repeat(np.arange(len(slabs)), [len(slab.edges) for slab in slabs])

        content = over_slabs(x[track], P[track], lower, upper, edges, row)
        inside: Floats = np.clip(np.bincount(pair, weights=content, minlength=len(of)), 0.0, 1.0)

        outlines = np.array([slab.outline for slab in slabs], dtype=object)
        over = shapely.contains_xy(outlines, x[track, 0], x[track, 1])
        flying, flight = np.unique(track, return_inverse=True)
        start, stop = flights(x[flying], P[flying], self._horizon_s)
        hit, when = entries(start[flight], stop[flight], lower, upper, over, edges, row)
        entered = np.zeros((len(of), hit.shape[1]), dtype=bool)
        np.logical_or.at(entered, pair, hit)
        entry: Floats = np.maximum(entered[:, 1:].mean(axis=1), inside)
        earliest = np.full(len(of), np.inf)
        np.minimum.at(earliest, pair, np.where(np.isnan(when), np.inf, when))
        return inside, entry, np.where(np.isfinite(earliest), earliest * self._horizon_s, np.nan)

    def _distance(self, tracks: Tracks, of: Ints, which: Ints, zones: tuple[HeldZone, ...]) -> Floats:
        """m to the border, negative inside the outline."""
        points = shapely.points(tracks.x[of, :2])
        borders = np.array([zones[zone].border for zone in which.tolist()], dtype=object)
        footprints = np.array([zones[zone].footprint for zone in which.tolist()], dtype=object)
        distance = shapely.distance(borders, points)
        return np.asarray(np.where(shapely.contains(footprints, points), -distance, distance))


def over_slabs(x: Floats, P: Floats, lower: Floats, upper: Floats, edges: Floats, row: Ints) -> Floats:
    """Probability that each Gaussian lies in its slab.

    The height's interval is taken exactly, and the plane's Gaussian is then conditioned on the height being inside it
    (by mean and covariance), so that a radar's slanting error ellipsoid is not taken for an upright one.

    Args:
        x, P: (n, 6), (n, 6, 6); the third is a height above the ellipsoid.
        lower, upper: (n,) m.
        edges, row: outlines, as in `over_polygons`.
    """
    variance = P[:, 2, 2]
    vertical, height, left = over_interval(x[:, 2], np.sqrt(variance), lower, upper)
    gain = P[:, :2, 2] / variance[:, None]
    mean = x[:, :2] + gain * (height - x[:, 2])[:, None]
    covariance = P[:, :2, :2] + (left - variance)[:, None, None] * gain[:, :, None] * gain[:, None, :]
    return vertical * over_polygons(mean, covariance, edges, row)


def _rows_of(identities: Identities, tracks: Tracks) -> Ints:
    """(n,) the row of `identities` for each track, -1 without one."""
    where = {track: row for row, track in enumerate(identities.track.tolist())}
    return np.array([where.get(track, -1) for track in tracks.track.tolist()], dtype=np.intp)


def _probability_uas(tracks: Tracks, identities: Identities, row: Ints) -> Floats:
    category = tracks.category_probability.copy()
    known = row >= 0
    category[known] = identities.category_probability[row[known]]
    return np.asarray(category[:, [int(each) for each in UAS_CATEGORIES]].sum(axis=1))
