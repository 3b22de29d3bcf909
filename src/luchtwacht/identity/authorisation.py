"""Which permission a track flies under.

An authorisation counts while it is granted or activated, from its start until its end.

- **By identity**: it names the aircraft, or names none and names the operator, of claims that fit the track. As
  probable as the claims are the track's; less when nothing could check them; never when they are contradicted; shared
  when the same id is heard from several aircraft. With volumes of its own, only inside them.
- **By motion**, for aircraft that say nothing: the track has been inside the authorised volumes (or zones) whenever it
  was seen. That is weak, and shared among all tracks of which it is true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from luchtwacht.errors import BadCommand, BadConfiguration
from luchtwacht.identity.story import Story
from luchtwacht.model import Authorisation, AuthorisationState, Site, Volume, Zone
from luchtwacht.model.region import limits_over, region_of
from luchtwacht.model.state import changes
from luchtwacht.units import DEGREE, datetime_to_ns

UNCHECKED = 0.6
"""how far claims are believed that no sensor could check; they concern tracks that rest on nothing but those claims"""
BY_MOTION = 0.6
"""probability of a match by motion alone, when the authorisation names nobody"""
BY_MOTION_NAMED = 0.25
"""and when it names somebody who does not say who he is"""
WORTH_NAMING = 0.01
"""a match less probable than this is none"""
MARGIN_M = 100.0
"""outside a volume by less than this is near it"""
KNOWN_HEIGHT_SIGMA_M = 300.0
LONGEST_ID = 40
"""characters; `Identities.authorisation` holds no more"""
VALID = (AuthorisationState.GRANTED, AuthorisationState.ACTIVATED)


@dataclass(frozen=True, slots=True)
class Match:
    """An authorisation and how probably a track flies under it."""

    authorisation: str
    probability: float


@dataclass(frozen=True, slots=True)
class _Near:
    """A volume and what is near it."""

    volume: Volume
    footprint: Polygon | MultiPolygon
    """east, north (m), with the margin"""


@dataclass(slots=True)
class _Held:
    """An authorisation and what was worked out of it once."""

    authorisation: Authorisation
    start_ns: int
    end_ns: int
    own: tuple[_Near, ...]
    """its own volumes, with the margin"""
    strayed: set[int] = field(default_factory=set)
    """tracks that were seen elsewhere"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationsState:
    """In what the authorisations and zones differ from those of the site, and what was learnt under them."""

    authorisations: dict[str, Authorisation | None]
    """by id; none: withdrawn"""
    zones: dict[str, Zone | None]
    strayed: dict[str, list[int]]
    """by authorisation, the tracks that were seen elsewhere"""


class Authorisations:
    """Every authorisation by id."""

    def __init__(self, site: Site) -> None:
        """Raises:
        BadConfiguration: an authorisation of the site cannot be, or two have the same id.
        """
        self._site = site
        self._held: dict[str, _Held] = {}
        self._zones: dict[str, tuple[_Near, ...]] = {}
        self._zones_changed: dict[str, Zone | None] = {}
        for zone in site.zones:
            self._zones[zone.id] = self._regions_of(zone)
        for authorisation in site.authorisations:
            if authorisation.id in self._held:
                raise BadConfiguration(f"two authorisations have the id {authorisation.id!r}")
            self.put(authorisation)

    def state(self) -> AuthorisationsState:
        """What differs from the site, and what was learnt; in order of id."""
        declared = {each.id: each for each in self._site.authorisations}
        held = {name: each.authorisation for name, each in self._held.items()}
        return AuthorisationsState(
            authorisations=changes(declared, held),
            zones=dict(sorted(self._zones_changed.items())),
            strayed={name: sorted(each.strayed) for name, each in sorted(self._held.items())},
        )

    def restore(self, state: AuthorisationsState) -> None:
        """Go on from what `state` gave."""
        for name, zone in state.zones.items():
            if zone is None:
                self.withdraw_zone(name)
            else:
                self.put_zone(zone)
        for name, authorisation in state.authorisations.items():
            if authorisation is None:
                self.withdraw(name)
            else:
                self.put(authorisation)
        for name, strayed in state.strayed.items():
            self._held[name].strayed = set(strayed)

    def put(self, authorisation: Authorisation) -> None:
        """Add an authorisation, or replace the one of the same id; `BadConfiguration` when it contradicts itself."""
        where = f"authorisation {authorisation.id}"
        if not authorisation.id or len(authorisation.id) > LONGEST_ID:
            raise BadConfiguration(f"authorisation id {authorisation.id!r} must have 1 to {LONGEST_ID} characters")
        for name, moment in (("start", authorisation.start), ("end", authorisation.end)):
            if moment.tzinfo is None:
                raise BadConfiguration(
                    f"{name} {moment.isoformat()} has no time zone", where=where, hint="add Z or +02:00"
                )
        start_ns, end_ns = datetime_to_ns(authorisation.start), datetime_to_ns(authorisation.end)
        if end_ns <= start_ns:
            raise BadConfiguration(
                f"it ends ({authorisation.end}) before it starts ({authorisation.start})", where=where
            )
        own = self._regions(authorisation.volumes, where)
        self._held[authorisation.id] = _Held(authorisation, start_ns, end_ns, own)

    def withdraw(self, authorisation_id: str) -> None:
        """Forget an authorisation; `BadCommand` when there is none of that id."""
        if authorisation_id not in self._held:
            raise BadCommand(f"there is no authorisation {authorisation_id!r}")
        del self._held[authorisation_id]

    def put_zone(self, zone: Zone) -> None:
        """Learn where a zone is, for authorisations that name it and give no volumes."""
        self._zones[zone.id] = self._regions_of(zone)
        self._zones_changed[zone.id] = zone

    def _regions_of(self, zone: Zone) -> tuple[_Near, ...]:
        return self._regions(zone.volumes, f"zone {zone.id}")

    def withdraw_zone(self, zone_id: str) -> None:
        """Forget where a zone was."""
        self._zones.pop(zone_id, None)
        self._zones_changed[zone_id] = None

    def match(
        self,
        time_ns: int,
        tracks: NDArray[np.int64],
        x: NDArray[np.float64],
        P: NDArray[np.float64],
        believed: list[tuple[Story, float] | None],
        may_be_silent: NDArray[np.bool_],
    ) -> list[list[Match]]:
        """For each track every authorisation it may fly under, the most probable first, then by id.

        Args:
            tracks: (n,) numbers.
            x, P: (n, 6), (n, 6, 6) their states, site's frame.
            believed: the story of each track and how far it is believed to be the track's; none without.
            may_be_silent: (n,) may be matched by motion: measured, and not contradicted.
        """
        found: list[list[Match]] = [[] for _ in range(len(tracks))]
        where = self._places(x, P)
        for name in sorted(self._held):
            held = self._held[name]
            named = bool(held.authorisation.aircraft or held.authorisation.operator_id)
            places = held.own or tuple(
                region for zone in held.authorisation.zones for region in self._zones.get(zone, ())
            )
            inside = where.near(places)
            held.strayed.intersection_update(tracks.tolist())
            held.strayed.update(tracks[~inside].tolist())
            if held.authorisation.state not in VALID or not held.start_ns <= time_ns < held.end_ns:
                continue
            probability = np.zeros(len(tracks))
            for row, belief in enumerate(believed):
                if belief is not None and _names(held.authorisation, belief[0]) and (inside[row] or not held.own):
                    probability[row] = belief[1]
            free = 1.0 - float(probability.max(initial=0.0)) if named else 1.0
            candidates = [
                row
                for row in range(len(tracks))
                if may_be_silent[row]
                and probability[row] == 0.0
                and not (named and believed[row] is not None)
                and int(tracks[row]) not in held.strayed
            ]
            for row in candidates:
                probability[row] = (BY_MOTION_NAMED if named else BY_MOTION) * free / len(candidates)
            for row in np.flatnonzero(probability >= WORTH_NAMING).tolist():
                found[row].append(Match(name, float(probability[row])))
        return [sorted(each, key=lambda match: (-match.probability, match.authorisation)) for each in found]

    def _places(self, x: NDArray[np.float64], P: NDArray[np.float64]) -> _Places:
        """Where tracks with these states are, and how high the ground and the sea lie there."""
        geodetic = self._site.frame.from_enu(x[:, :3])
        latitude, longitude = geodetic[:, :2].T / DEGREE
        return _Places(
            x,
            np.where(P[:, 2, 2] < KNOWN_HEIGHT_SIGMA_M**2, geodetic[:, 2], np.nan),
            self._site.ground_level(latitude, longitude),
            self._site.sea_level(latitude, longitude),
        )

    def _regions(self, volumes: Iterable[Volume], where: str) -> tuple[_Near, ...]:
        made = []
        for number, volume in enumerate(volumes, start=1):
            region = region_of(volume, self._site, where=f"{where}, volume {number}")
            footprint = shapely.buffer(region.footprint, MARGIN_M)
            shapely.prepare(footprint)
            made.append(_Near(volume, footprint))
        return tuple(made)


def _names(authorisation: Authorisation, story: Story) -> bool:
    """Whether it was given to this aircraft or, when it names none, to its operator."""
    if authorisation.aircraft:
        return any(name in authorisation.aircraft for name in story.ids)
    return bool(authorisation.operator_id) and _public(authorisation.operator_id) == _public(story.operator_id)


def _public(operator_id: str) -> str:
    """An operator number without the three secret characters after its hyphen (EN 4709-002)."""
    return operator_id.partition("-")[0].upper()


@dataclass(frozen=True, slots=True)
class _Places:
    """Where tracks are."""

    x: NDArray[np.float64]
    """(n, ...) east, north (m), ..."""
    height: NDArray[np.float64]
    """(n,) m above the ellipsoid; NaN where it is not known"""
    ground: NDArray[np.float64]
    """(n,) m above the ellipsoid, under each"""
    sea: NDArray[np.float64]

    def near(self, places: tuple[_Near, ...]) -> NDArray[np.bool_]:
        """(n,) in or near one of `places`; a height that is not known is in all of them."""
        found = np.zeros(len(self.x), dtype=bool)
        for place in places:
            lower, upper = limits_over(place.volume, self.ground, self.sea)
            between = (self.height >= lower - MARGIN_M) & (self.height < upper + MARGIN_M)
            over = shapely.contains_xy(place.footprint, self.x[:, 0], self.x[:, 1])
            found |= (np.isnan(self.height) | between) & over
        return found
