"""A real recording through its declared mappings: four sensors, and what the drone's GPS says of them.

The GPS log is looked at here and nowhere in the mappings.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from luchtwacht.codecs.table import line_stamper, parse_mapping
from luchtwacht.ingest import Ingest, Ingested, load_site
from luchtwacht.model import Detections, Floats, Frames, Geometry, Site
from luchtwacht.sources.mapped import Buffer, lines_of
from luchtwacht.sources.recording import read_recording
from luchtwacht.units import datetime_to_ns

EXAMPLE = Path(__file__).parents[2] / "examples" / "icmcis2021" / "site.toml"
CAMPAIGN = Path(__file__).parents[2].parent / "shared" / "data" / "radar_drone" / "nato_icmcis2021"

pytestmark = [
    pytest.mark.recording,
    pytest.mark.skipif(not CAMPAIGN.is_dir(), reason=f"the ICMCIS recordings are not beside the project ({CAMPAIGN})"),
]


@cache
def ingested(scenario: str) -> tuple[Site, Ingested, tuple[str, ...]]:
    site, mappings = load_site(EXAMPLE)

    def split(data: Buffer, name: str) -> Iterator[tuple[int, bytes]]:
        stamp, latest = line_stamper(parse_mapping(mappings[name], name)), 0
        for line in lines_of(data):
            latest = stamp(line) or latest
            yield latest, line

    splitters = {index: lambda data, source: split(data, source.mapping) for index, source in enumerate(site.sources)}
    recording = read_recording(site, CAMPAIGN / scenario, splitters)
    arrivals = list(recording.arrivals())
    frames = Frames.of(
        [payload for _, _, payload in arrivals],
        sequence=np.arange(1, len(arrivals) + 1),
        source=[source for _, source, _ in arrivals],
        received_ns=[received_ns for received_ns, _, _ in arrivals],
    )
    return site, Ingest(site, mappings).receive(frames), recording.absent


def truth_at(scenario: str, site: Site, time_ns: np.ndarray) -> Floats:
    """(n, 2) east and north of the logged drone; NaN outside the log."""
    (path,) = (CAMPAIGN / scenario).glob("truth_*.csv.gz")
    with gzip.open(path, "rt", newline="") as file:
        rows = [
            (
                datetime_to_ns(datetime.fromisoformat(row["datetime(utc)"]).replace(tzinfo=UTC)),
                float(row["latitude"]),
                float(row["longitude"]),
            )
            for row in csv.DictReader(file)
        ]
    log = np.array(rows)
    places = site.frame.to_enu(np.column_stack([np.radians(log[:, 1:]), np.full(len(log), site.origin.height)]))
    return np.column_stack(
        [np.interp(time_ns, log[:, 0], places[:, axis], left=np.nan, right=np.nan) for axis in range(2)]
    )


def of(taken: Ingested, site: Site, sensor: str) -> Detections:
    index = next(index for index, each in enumerate(site.sensors) if each.id == sensor)
    return taken.detections.take(taken.detections.sensor == index)


def test_every_report_of_scenario_1_1_counts_once() -> None:
    site, taken, absent = ingested("Scenario_1_1")
    assert absent == ()
    counts = {sensor.id: len(of(taken, site, sensor.id)) for sensor in site.sensors}
    assert counts == {"alvira": 129, "arcus": 6633, "arcus_plots": 634, "diana": 247, "venus": 584}
    told = Counter((site.sources[each.source].id, each.reason.value) for each in taken.rejections)
    assert told == {("alvira", "duplicate"): 33, ("arcus", "duplicate"): 10_332, ("arcus", "unsupported"): 15}


@pytest.mark.parametrize(("scenario", "absent"), [("Scenario_1_2_b", "arcus"), ("Scenario_2_1", "arcus")])
def test_other_scenarios_run_with_the_same_files_and_say_what_is_absent(scenario: str, absent: str) -> None:
    site, taken, sentences = ingested(scenario)
    assert [absent in each for each in sentences] == [True]
    assert all(len(of(taken, site, sensor)) > 100 for sensor in ("alvira", "diana", "venus"))
    assert {each.reason.value for each in taken.rejections} <= {"duplicate", "clock"}


@pytest.mark.parametrize(("sensor", "worst_m"), [("alvira", 20.0), ("arcus", 18.0)])
def test_radar_tracks_lie_on_the_logged_flight(sensor: str, worst_m: float) -> None:
    site, taken, _ = ingested("Scenario_1_1")
    seen = of(taken, site, sensor)
    assert set(seen.geometry.tolist()) == {Geometry.POSITION}
    away = np.hypot(*(seen.z[:, :2] - truth_at("Scenario_1_1", site, seen.time_ns)).T)
    near = away[away < 100.0]
    assert len(near) > 100
    assert np.median(near) < worst_m
    scaled = near**2 / seen.R[away < 100.0, 0, 0]
    assert 0.5 < np.median(scaled) / 1.39 < 2.0  # the median of chi-squared with two degrees of freedom


@pytest.mark.parametrize(("sensor", "share", "worst_deg"), [("venus", 0.5, 5.0), ("diana", 0.2, 5.0)])
def test_bearings_point_at_the_logged_flight(sensor: str, share: float, worst_deg: float) -> None:
    site, taken, _ = ingested("Scenario_1_1")
    seen = of(taken, site, sensor)
    declared = next(each for each in site.sensors if each.id == sensor)
    line = truth_at("Scenario_1_1", site, seen.time_ns) - site.frame.to_enu(declared.place.geodetic)[:2]
    error = np.degrees(np.angle(np.exp(1j * (np.arctan2(line[:, 0], line[:, 1]) - seen.z[:, 1]))))
    near = np.abs(error[np.isfinite(error)]) < 20.0
    assert near.mean() > share
    assert np.median(np.abs(error[np.isfinite(error)][near])) < worst_deg
