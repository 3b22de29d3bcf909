"""Plainly invented sites, and frames for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from luchtwacht.codecs import asterix
from luchtwacht.model import Format, Frames, Place, Sensor, SensorKind, Site, Source
from luchtwacht.units import DAY_NS, SECOND_NS

PLACE = Place(latitude=52.0, longitude=5.0, height=45.0)
MIDNIGHT_NS = 20_000 * DAY_NS
NOON_NS = MIDNIGHT_NS + DAY_NS // 2
MAPPING = """\
received = { column = "t", unit = "s" }
[[reports]]
name = "track"
sensor = "tracker"
kind = "position"
present = ["lat"]
distinct = ["when", "lat", "lon"]
filtered = true
time = { column = "when", unit = "s" }
latitude = { column = "lat", unit = "deg" }
longitude = { column = "lon", unit = "deg" }
height = { column = "h", unit = "ft" }
height_datum = "AMSL"
position_sigma = { column = "s", unit = "m" }
number = { column = "no" }
[[reports]]
name = "bearing"
sensor = "finder"
kind = "polar"
present = ["az"]
azimuth = { column = "az", unit = "deg", offset = 8.0 }
azimuth_sigma = { column = "s", unit = "deg", at_least = 5.0 }
[[reports]]
name = "state"
sensor = "tracker"
kind = "status"
present = ["state"]
state = { column = "state", operational = ["ok"], down = ["off"] }
"""
HEADER = "t,when,lat,lon,h,s,no,az,state"


def site(**settings: object) -> Site:
    """A radar with SAC/SIC 1/2 and a direction finder 1/3 through one source, and a table of two sensors."""
    made = Site(
        id="field",
        name="A field",
        origin=PLACE,
        geoid_undulation_m=44.0,
        ground_height_m=1.0,
        sources=(
            Source(id="radars", format=Format.ASTERIX),
            Source(id="table", format=Format.TABLE, mapping="table.toml"),
        ),
        sensors=(
            Sensor(
                id="radar", kind=SensorKind.RADAR_3D, source="radars", place=PLACE, sac=1, sic=2, rcs_offset_db=-200.0
            ),
            Sensor(id="rf", kind=SensorKind.RF_DIRECTION_FINDER, source="radars", place=PLACE, sac=1, sic=3),
            Sensor(id="tracker", kind=SensorKind.RADAR_2D, source="table", place=PLACE),
            Sensor(id="finder", kind=SensorKind.RF_DIRECTION_FINDER, source="table", place=PLACE),
        ),
    )
    return replace(made, **settings)  # type: ignore[arg-type]


def mappings() -> dict[str, str]:
    return {"table.toml": MAPPING}


def frames(*payloads: bytes, source: int = 0, received_ns: int = NOON_NS, apart_ns: int = 0, first: int = 1) -> Frames:
    count = len(payloads)
    return Frames.of(
        list(payloads),
        sequence=np.arange(first, first + count),
        source=np.full(count, source),
        received_ns=received_ns + apart_ns * np.arange(count),
    )


def plots(count: int = 1, **columns: object) -> bytes:
    """One CAT048 block of `count` plots of the radar at noon; columns by the last parts of their names."""
    known: dict[str, object] = {
        "010/SAC": 1,
        "010/SIC": 2,
        "140": 43_200.0,
        "020/TYP": 1,
        "040/RHO": 2.0,
        "040/THETA": 90.0,
    }
    known |= {name.removeprefix("I").replace("_", "/"): value for name, value in columns.items()}
    named = {f"I048/{name}": np.broadcast_to(np.asarray(value), count) for name, value in known.items()}
    (block,) = asterix.encode(48, named, records_per_block=count)
    return block


def block(category: int, **columns: object) -> bytes:
    """One block with one record; `_` in a name stands for `/`."""
    named = {f"I{category:03d}/{name.replace('_', '/')}": [value] for name, value in columns.items()}
    return asterix.encode(category, named)[0]


def at_second(second: float) -> int:
    return NOON_NS + round(second * SECOND_NS)
