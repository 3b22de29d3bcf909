"""A plainly invented table, its mapping, and lines as frames."""

from __future__ import annotations

import numpy as np

from luchtwacht.codecs.table import Decoded, TableDecoder, parse_mapping
from luchtwacht.model import Frames

MAPPING = """\
received = { column = "t", unit = "s" }
[[reports]]
name = "track"
sensor = "radar"
kind = "position"
present = ["lat"]
distinct = ["when", "lat", "lon"]
filtered = true
time = { column = "when", unit = "iso8601" }
latitude = { column = "lat", unit = "deg" }
longitude = { column = "lon", unit = "deg" }
number = { column = "no" }
[reports.category]
column = "class"
[reports.category.values]
DRONE = { multirotor = 1.0, bird = 0.1 }
[[reports]]
name = "status"
sensor = "radar"
kind = "status"
present = ["state"]
state = { column = "state", operational = ["ok"], down = ["off"] }
[[reports]]
name = "padding"
kind = "ignored"
equal = { class = ["PAD"] }
"""
HEADER = b"t,when,lat,lon,no,class,state"
TRACK = b"100,1970-01-01T00:01:39.5Z,52.0,5.0,7,DRONE,"
STATUS = b"101,,,,,,ok"
SECOND_NS = 1_000_000_000


def lines(*payloads: bytes, first: int = 1) -> Frames:
    """One frame a line, received a second apart from 100 s after 1970 began."""
    count = len(payloads)
    return Frames.of(
        list(payloads),
        sequence=np.arange(first, first + count),
        source=np.zeros(count, dtype=np.int64),
        received_ns=(100 + np.arange(first - 1, first - 1 + count)) * SECOND_NS,
    )


def decoder() -> TableDecoder:
    return TableDecoder(parse_mapping(MAPPING, "radar.toml"))


def decode(*payloads: bytes) -> Decoded:
    return decoder().receive(lines(*payloads))
