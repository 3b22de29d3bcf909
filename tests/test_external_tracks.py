"""Tracks of somebody else's tracker, in a table: they enter under their own numbers and are not filtered twice."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from luchtwacht.ingest import Ingest
from luchtwacht.model import Format, Frames, Place, Sensor, SensorKind, Site, Source, Tick, Tracked, Tracks, TrackStatus
from luchtwacht.pipeline import Pipeline
from luchtwacht.units import SECOND_NS

START_S = 1_777_777_200
SECONDS = 25
SIGMA_M = 20.0
NORTH = (52.001, 52.006)
"""two aircraft, some 550 m apart, each of which its own system calls 7"""
MAPPING = """
{layout}
received = {{ column = "t", unit = "s" }}
[[reports]]
name = "track"
sensor = "{sensor}"
kind = "position"
filtered = {filtered}
time = {{ column = "t", unit = "s" }}
latitude = {{ column = "lat", unit = "deg" }}
longitude = {{ column = "lon", unit = "deg" }}
height = {{ column = "h", unit = "m" }}
height_datum = "WGS84"
position_sigma = {{ column = "s", unit = "m" }}
number = {{ column = "no" }}
"""
COLUMNS = ("t", "lat", "lon", "h", "s", "no")
HERE = Place(latitude=52.0, longitude=5.0, height=0.0)
SITE = Site(
    id="field",
    name="A field",
    origin=HERE,
    sources=tuple(Source(id=name, format=Format.TABLE, mapping=f"{name}.toml") for name in ("east", "west")),
    sensors=tuple(Sensor(id=name, kind=SensorKind.RADAR_3D, source=name, place=HERE) for name in ("east", "west")),
)


def mappings(layout: str, *, filtered: bool) -> dict[str, str]:
    said = 'layout = "json"' if layout == "json" else ""
    return {
        source.mapping: MAPPING.format(layout=said, sensor=source.id, filtered=str(filtered).lower())
        for source in SITE.sources
    }


def line(layout: str, second: int, system: int) -> bytes:
    """What a system says of its aircraft, which flies east at about 7 m/s."""
    cells = (START_S + second, NORTH[system], 5.0 + second * 1e-4, 100.0, SIGMA_M, 7)
    if layout == "json":
        return json.dumps(dict(zip(COLUMNS, cells, strict=True))).encode()
    return ",".join(map(str, cells)).encode()


def frames(payloads: list[tuple[int, bytes]], second: int, first: int) -> Frames:
    """Payloads of sources, received at a second."""
    count = len(payloads)
    return Frames.of(
        [payload for _, payload in payloads],
        sequence=np.arange(first, first + count),
        source=[source for source, _ in payloads],
        received_ns=np.full(count, (START_S + second) * SECOND_NS),
    )


def said(layout: str, second: int) -> list[tuple[int, bytes]]:
    """What both systems say in a second; a table begins with its header."""
    heads = [(system, ",".join(COLUMNS).encode()) for system in (0, 1)] if layout == "csv" and second == 0 else []
    return [*heads, *((system, line(layout, second, system)) for system in (0, 1))]


def watched(layout: str, *, filtered: bool) -> list[Tracks]:
    """The picture, step by step."""
    pipeline, sequence, made = Pipeline(SITE, mappings(layout, filtered=filtered)), 1, []
    for second in range(SECONDS):
        taken = frames(said(layout, second), second, sequence)
        sequence += len(taken)
        events = pipeline.step([taken, Tick(sequence=sequence, received_ns=(START_S + second) * SECOND_NS)])
        sequence += 1
        made += [event.tracks for event in events if isinstance(event, Tracked)]
    return made


@pytest.mark.parametrize("layout", ["csv", "json"])
def test_a_report_of_a_table_of_tracks_is_one_of_a_track_with_the_errors_it_states(layout: str) -> None:
    taken = Ingest(SITE, mappings(layout, filtered=True)).receive(frames(said(layout, 0), 0, 1))
    assert taken.rejections == ()
    assert taken.detections.filtered.tolist() == [True, True]
    assert taken.detections.sensor_track.tolist() == [7, 7]
    assert taken.detections.sensor.tolist() == [0, 1]
    assert np.sqrt(taken.detections.R[:, 0, 0]).tolist() == [SIGMA_M, SIGMA_M]  # neither widened nor narrowed here


@pytest.mark.parametrize("layout", ["csv", "json"])
def test_the_same_number_of_two_systems_is_two_tracks_with_numbers_of_the_watch(layout: str) -> None:
    pictures = [tracks.take(tracks.status == TrackStatus.CONFIRMED) for tracks in watched(layout, filtered=True)]
    last = pictures[-1]
    assert len(last) == 2
    assert len(set(last.track.tolist())) == 2
    north = SITE.frame.to_enu(np.radians([[each, 5.0, 0.0] for each in NORTH]))[:, 1]
    assert sorted(last.x[:, 1].tolist()) == pytest.approx(sorted(north), abs=10.0)
    for before, after in pairwise(each for each in pictures if len(each) == 2):
        assert after.track.tolist() == before.track.tolist()


@pytest.mark.parametrize("layout", ["csv", "json"])
def test_what_a_system_filtered_is_not_averaged_again_as_if_it_were_plots(layout: str) -> None:
    """Twenty-five plots with errors of their own tell far more than twenty-five estimates that share theirs."""
    sigma = {}
    for filtered in (False, True):
        tracks = watched(layout, filtered=filtered)[-1]
        tracks = tracks.take(tracks.status == TrackStatus.CONFIRMED)
        sigma[filtered] = np.sqrt(tracks.P[:, 0, 0]).min()
    assert sigma[True] > 0.8 * SIGMA_M
    assert sigma[True] > 1.5 * sigma[False]
