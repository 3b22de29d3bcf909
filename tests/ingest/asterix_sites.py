"""A plainly invented site whose sensors all speak ASTERIX, through one source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from tests.ingest.sites import NOON_NS, PLACE, frames

from luchtwacht.codecs import asterix
from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Format, Place, Sensor, SensorKind, Site, Source

NOON_S = 43_200.0
AWAY = Place(latitude=52.02, longitude=5.03, height=50.0)
RADAR, SURFACE, DRONE_RADAR, SYSTEM, STATION, PASSER = range(6)
EARLY = ("0.26", "0.23")
"""editions of CAT021 that call their time 030"""
SIC = {RADAR: 2, SURFACE: 4, DRONE_RADAR: 5, SYSTEM: 6, STATION: 7, PASSER: 8}


def asterix_site() -> Site:
    kinds = {
        RADAR: SensorKind.RADAR_2D,
        SURFACE: SensorKind.RADAR_2D,
        DRONE_RADAR: SensorKind.RADAR_3D,
        SYSTEM: SensorKind.RADAR_3D,
        STATION: SensorKind.ADS_B_RECEIVER,
        PASSER: SensorKind.REMOTE_ID_RECEIVER,
    }
    return Site(
        id="field",
        name="A field",
        origin=PLACE,
        geoid_undulation_m=44.0,
        ground_height_m=1.0,
        sources=(Source(id="all", format=Format.ASTERIX),),
        sensors=tuple(
            Sensor(id=kind.value + str(index), kind=kind, source="all", place=AWAY, sac=1, sic=SIC[index])
            for index, kind in kinds.items()
        ),
    )


def message(category: int, sensor: int, count: int = 1, edition: str | None = None, **columns: Any) -> bytes:
    """A block of `count` records of a sensor at noon (or by `time`); `_` in a name stands for `/`, a leading `I` for
    nothing."""
    times = {1: "141", 15: "145", 21: "073", 62: "070", 10: "140", 16: "140", 129: "070"}
    identity = "050" if category == 63 else "010"
    known: dict[str, Any] = {f"{identity}/SAC": 1, f"{identity}/SIC": SIC[sensor]}
    known["030" if edition in EARLY else times.get(category, "030")] = NOON_S % 512.0 if category == 1 else NOON_S
    known |= {name.removeprefix("I").replace("_", "/"): value for name, value in columns.items()}
    named = {f"I{category:03d}/{name}": np.broadcast_to(np.asarray(value), count) for name, value in known.items()}
    at_once = 1 if category == 129 else count
    return b"".join(asterix.encode(category, named, records_per_block=at_once, edition=edition))


def receive(*payloads: bytes, received_ns: int = NOON_NS, **site: Any) -> Ingested:
    return Ingest(replace(asterix_site(), **site), {}).receive(frames(*payloads, received_ns=received_ns))
