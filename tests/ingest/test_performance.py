"""What a sensor is not expected to see: what the land hides, and what is near the ground that is there."""

from __future__ import annotations

import numpy as np
import pytest
from tests.model.test_ground import hilly

from luchtwacht.ingest.mounting import Mounting
from luchtwacht.ingest.pairing import Pairing
from luchtwacht.ingest.performance import Performance
from luchtwacht.model import (
    Associations,
    Basis,
    Claims,
    Detections,
    Geometry,
    Identities,
    Place,
    Sensor,
    SensorKind,
    Site,
    Tracks,
    TrackStatus,
)
from luchtwacht.units import DEGREE, SECOND_NS


def radar(name: str, longitude: float, kind: SensorKind = SensorKind.RADAR_3D) -> Sensor:
    """At 20 m above sea level."""
    return Sensor(
        id=name, kind=kind, source="s", place=Place(latitude=52.0, longitude=longitude, height=60.0),
        range_max_m=20_000.0, period_s=1.0,
    )  # fmt: skip


def watched(site: Site, longitude: float, above_sea: float) -> list[float]:
    """Looks of each of two radars in ten seconds at what the second sees once a second."""
    performance = Performance(site, tuple(Mounting.of(site, k) for k in range(2)))
    place = site.frame.to_enu([52.0 * DEGREE, longitude * DEGREE, above_sea + site.geoid_undulation_m])
    z = np.full(4, np.nan)
    z[:3] = place
    for t in range(1, 11):
        time_ns = t * SECOND_NS
        seen = Detections.unknown(
            1, id=t, time_ns=time_ns - 1, received_ns=time_ns, sensor=1, geometry=int(Geometry.POSITION), z=z,
            R=np.eye(4), filtered=False,
        )  # fmt: skip
        tracks = Tracks.unknown(
            1, track=1, time_ns=time_ns, started_ns=0, confirmed_ns=0, updated_ns=time_ns,
            status=TrackStatus.CONFIRMED, basis=Basis.MEASURED, x=np.concatenate([place, np.zeros(3)])[None],
            P=np.eye(6)[None], existence=1.0, updates=9, sensors=2,
            category_probability=np.array([[1.0, 0, 0, 0, 0]]),
        )  # fmt: skip
        used = Associations(track=[1], time_ns=[time_ns - 1], detection=[t], probability=[1.0])
        performance.step(time_ns, seen, tracks, used, Identities.empty(), Claims.empty(), np.ones(2, np.bool_))
    return [each.looks for each in performance.measured]


def test_what_a_hill_hides_from_a_radar_is_no_miss_of_it() -> None:
    site = hilly(sensors=(radar("west", 5.0), radar("east", 5.12)))
    assert watched(site, 5.10, 80.0) == [0.0, pytest.approx(8.0, abs=1.5)], "80 m above the sea, behind 300 m of land"
    assert watched(site, 5.10, 900.0)[0] > 6.0, "high enough to be seen over it"
    assert watched(hilly(sensors=site.sensors, terrain=None), 5.10, 80.0)[0] > 6.0


@pytest.mark.parametrize(("reports", "expected"), [(5, True), (1, False)], ids=["five reports", "one, by chance"])
def test_a_radar_is_expected_to_report_what_it_reported_last_while_another_sees_it(
    reports: int, expected: bool
) -> None:
    site = hilly(sensors=(radar("west", 5.0), radar("east", 5.12)), terrain=None)
    performance = Performance(site, tuple(Mounting.of(site, k) for k in range(2)))
    place = np.array([4_000.0, 0.0, 300.0])
    for t in range(1, 21):
        sensors = [0, 1] if t <= reports else [1]
        seen = Detections.unknown(
            len(sensors), id=[10 * t + k for k in sensors], time_ns=t * SECOND_NS - 1, received_ns=t * SECOND_NS,
            sensor=sensors, geometry=int(Geometry.POSITION), z=np.tile([*place, np.nan], (len(sensors), 1)),
            R=np.tile(np.eye(4), (len(sensors), 1, 1)), filtered=False,
        )  # fmt: skip
        tracks = Tracks.unknown(
            1, track=1, time_ns=t * SECOND_NS, started_ns=0, confirmed_ns=0, updated_ns=0,
            status=TrackStatus.CONFIRMED, basis=Basis.MEASURED, x=np.concatenate([place, np.zeros(3)])[None],
            P=np.eye(6)[None], existence=1.0, updates=9, sensors=3,
            category_probability=np.array([[1.0, 0, 0, 0, 0]]),
        )  # fmt: skip
        used = Associations(
            track=[1] * len(seen), time_ns=seen.time_ns, detection=seen.id, probability=[1.0] * len(seen)
        )
        performance.step(t * SECOND_NS, seen, tracks, used, Identities.empty(), Claims.empty(), np.ones(2, np.bool_))
    assert performance.expects(20 * SECOND_NS).tolist() == [expected, False], "nobody but the second sees it now"
    assert performance.expects(60 * SECOND_NS).tolist() == [False, False]


def test_near_the_ground_is_near_the_ground_that_is_there() -> None:
    site = hilly(sensors=(radar("west", 5.0), radar("east", 5.12)))
    assert watched(site, 5.05, 312.0) == [0.0, 0.0], "12 m above the top of the hill"
    assert watched(site, 5.05, 350.0)[1] > 6.0


def test_the_usual_height_of_what_nobody_measured_is_over_the_ground_under_it() -> None:
    site = hilly(sensors=(radar("flat", 5.0, SensorKind.RADAR_2D),))
    pairing = Pairing(site, (Mounting.of(site, 0),))
    heights = {}
    for longitude in (5.0, 5.05):
        place = site.frame.to_enu([52.0 * DEGREE, longitude * DEGREE, 50.0])
        P = np.eye(6)
        P[2, 2] = 1e6
        tracks = Tracks.unknown(
            1, track=1, time_ns=0, started_ns=0, confirmed_ns=0, updated_ns=0, status=TrackStatus.CONFIRMED,
            basis=Basis.MEASURED, x=np.concatenate([place, np.zeros(3)])[None], P=P[None], existence=1.0, updates=9,
            sensors=1, category_probability=np.array([[1.0, 0, 0, 0, 0]]),
        )  # fmt: skip
        known, usual = pairing._heights(tracks, np.array([0]))
        assert not known[0]
        heights[longitude] = float(usual[0])
    assert heights[5.0] == pytest.approx(10.0 + 40.0 - 50.0 + 120.0, abs=1.0)
    assert heights[5.05] - heights[5.0] == pytest.approx(290.0, abs=3.0)
