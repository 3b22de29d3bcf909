"""Bearings of every kind of sensor, from a table, meet in a track where their lines cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.ingest.receivers import HERE, NOON_NS

from luchtwacht.model import Format, Frames, Sensor, SensorKind, Site, Source, Tick, Tracked
from luchtwacht.pipeline import Pipeline
from luchtwacht.units import SECOND_NS

TARGET = np.array([700.0, 900.0, 150.0])


def mapping(elevation: bool) -> str:
    text = 'layout = "json"\n'
    for name in ("west", "east"):
        text += f"""[[reports]]
name = "{name}"
kind = "polar"
sensor = "{name}"
equal = {{ post = ["{name}"] }}
time = {{ column = "t", unit = "ns" }}
azimuth = {{ column = "az", unit = "deg" }}
"""
        text += 'elevation = { column = "el", unit = "deg" }\n' if elevation else ""
    return text


@pytest.mark.parametrize(
    "kind", [SensorKind.RF_DIRECTION_FINDER, SensorKind.ACOUSTIC, SensorKind.CAMERA, SensorKind.SPOTTER]
)
def test_two_posts_of_any_kind_make_one_track(kind: SensorKind) -> None:
    elevation = kind in (SensorKind.CAMERA, SensorKind.SPOTTER)
    west = Sensor(id="west", kind=kind, source="table", place=HERE, azimuth_sigma_deg=1.0, elevation_sigma_deg=1.0)
    east = replace(west, id="east", place=replace(HERE, longitude=5.02))
    table = Source(id="table", format=Format.TABLE, mapping="table.toml")
    site = Site(id="field", name="A field", origin=HERE, sources=(table,), sensors=(west, east))
    pipeline = Pipeline(site, {"table.toml": mapping(elevation)})
    places, counts = [], []
    for second in range(25):
        now_ns = NOON_NS + second * SECOND_NS
        lines = []
        for post in site.sensors:
            across, along, up = TARGET - site.frame.to_enu(np.array([post.place.geodetic]))[0]
            azimuth = np.degrees(np.arctan2(across, along))
            height = np.degrees(np.arctan2(up, np.hypot(across, along)))
            lines.append(f'{{"post": "{post.id}", "t": {now_ns}, "az": {azimuth!s}, "el": {height!s}}}'.encode())
        frames = Frames.of(
            lines, sequence=[second * 3 + 1, second * 3 + 2], source=[0, 0], received_ns=[now_ns, now_ns]
        )
        for event in pipeline.step([frames, Tick(sequence=second * 3 + 3, received_ns=now_ns)]):
            if isinstance(event, Tracked) and len(event.tracks):
                counts.append(len(event.tracks))
                places.append(event.tracks.x[0, :3])
    assert counts
    assert counts[-1] == 1
    size = 3 if elevation else 2
    assert np.linalg.norm(places[-1][:size] - TARGET[:size]) < 100.0
