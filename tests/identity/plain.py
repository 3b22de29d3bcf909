"""A plainly invented sky: flights that claim, radars that see, and a correlator fed with both second by second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from luchtwacht.identity import Correlator
from luchtwacht.model import (
    Associations,
    Authorisation,
    Claims,
    Identities,
    Place,
    Sensor,
    SensorKind,
    Site,
    Tracks,
    TrackStatus,
    Zone,
)
from luchtwacht.units import SECOND_NS

ORIGIN = Place(latitude=52.0, longitude=5.0, height=43.0)
START_NS = 1_777_777_777 * SECOND_NS


def a_radar(**changes: Any) -> Sensor:
    known: dict[str, Any] = {
        "id": "radar",
        "kind": SensorKind.RADAR_3D,
        "source": "radar",
        "place": ORIGIN,
        "range_max_m": 5000.0,
        "elevation_min_deg": 0.0,
        "elevation_max_deg": 40.0,
    }
    return Sensor(**known | changes)


RECEIVER = Sensor(id="receiver", kind=SensorKind.REMOTE_ID_RECEIVER, source="receiver", place=ORIGIN)


def a_site(*sensors: Sensor, zones: tuple[Zone, ...] = (), authorisations: tuple[Authorisation, ...] = ()) -> Site:
    return Site(
        id="test",
        name="",
        origin=ORIGIN,
        sources=(),
        sensors=sensors or (a_radar(), RECEIVER),
        zones=zones,
        authorisations=authorisations,
        geoid_undulation_m=43.0,
    )


@dataclass
class Said:
    """One claim."""

    aircraft_id: str
    x: tuple[float, ...]
    transmitter: str = ""
    kind: int = 0
    category: int = -1
    operator_id: str = ""
    sigma: float = 5.0
    late_s: float = 0.0
    pressure_altitude: float = np.nan


@dataclass
class Track:
    """One measured track."""

    track: int
    x: tuple[float, ...]
    status: TrackStatus = TrackStatus.CONFIRMED
    sensors: int = 1
    category: tuple[float, ...] = (0.45, 0.1, 0.4, 0.03, 0.02)
    up_sigma: float = 20.0


class Sky:
    """A correlator and the time it is."""

    def __init__(self, site: Site | None = None) -> None:
        self.correlator = Correlator(site or a_site())
        self.seconds = 0
        self.claims = 0
        self.identities = Identities.empty()
        self.claimed = Tracks.empty()
        self.used = Associations.empty()

    @property
    def time_ns(self) -> int:
        return START_NS + self.seconds * SECOND_NS

    def step(self, tracks: list[Track], said: list[Said], sensors_up: Any = None) -> None:
        self.seconds += 1
        self.identities, self.claimed, self.used = self.correlator.step(
            self.time_ns, self._tracks(tracks), self._claims(said), sensors_up
        )

    def row(self, track: int) -> dict[str, Any]:
        """The identity of one track, by column."""
        (row,) = np.flatnonzero(self.identities.track == track)
        return {name: values[row] for name, values in self.identities.columns().items()}

    def _tracks(self, tracks: list[Track]) -> Tracks:
        count = len(tracks)
        covariance = [np.diag([100.0, 100.0, each.up_sigma**2, 1.0, 1.0, 1.0]) for each in tracks]
        return Tracks.unknown(
            count,
            track=[each.track for each in tracks],
            time_ns=self.time_ns,
            started_ns=START_NS,
            confirmed_ns=START_NS,
            updated_ns=self.time_ns,
            status=[int(each.status) for each in tracks],
            basis=0,
            x=np.array([each.x for each in tracks]).reshape(count, 6),
            P=np.array(covariance).reshape(count, 6, 6),
            existence=0.99,
            updates=5,
            sensors=[each.sensors for each in tracks],
            category_probability=np.array([each.category for each in tracks]).reshape(count, 5),
        )

    def _claims(self, said: list[Said]) -> Claims:
        count = len(said)
        first, self.claims = self.claims + 1, self.claims + count
        return Claims.unknown(
            count,
            id=np.arange(first, first + count),
            time_ns=[self.time_ns - int(each.late_s * SECOND_NS) for each in said],
            received_ns=self.time_ns,
            sensor=1,
            kind=[each.kind for each in said],
            aircraft_id=np.array([each.aircraft_id for each in said], dtype="U40"),
            transmitter=np.array([each.transmitter for each in said], dtype="U40"),
            operator_id=np.array([each.operator_id for each in said], dtype="U24"),
            position=np.array([each.x[:3] for each in said]).reshape(count, 3),
            position_covariance=np.array([np.eye(3) * each.sigma**2 for each in said]).reshape(count, 3, 3),
            velocity=np.array([each.x[3:] for each in said]).reshape(count, 3),
            pressure_altitude=[each.pressure_altitude for each in said],
            category=[each.category for each in said],
        )


def flight(second: float, start: tuple[float, float, float], velocity: tuple[float, float, float]) -> tuple[float, ...]:
    """Where a straight flight is, as a state of six."""
    return (*(s + second * v for s, v in zip(start, velocity, strict=True)), *velocity)
