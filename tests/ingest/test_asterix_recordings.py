"""Real ASTERIX through ingest: how much of it is a measurement, and where."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from luchtwacht.codecs.asterix.framing import packets
from luchtwacht.ingest.asterix import AsterixIngest
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.model import Format, Frames, Geometry, Place, Reason, Sensor, SensorKind, Site, Source
from luchtwacht.units import DAY_NS, SECOND_NS

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "data" / "asterix"
MIDNIGHT_NS = 20_000 * DAY_NS

pytestmark = [
    pytest.mark.recording,
    pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"the recordings are not beside the project ({RECORDINGS})"),
]


@cache
def ingested(name: str, kind: SensorKind, sac: int, sic: int, place: Place, second: float, hours: float) -> Ingested:
    """A recording received at one moment, by a site whose clock tolerance covers its length."""
    site = Site(
        id="there",
        name="There",
        origin=place,
        sources=(Source(id="file", format=Format.ASTERIX, clock_tolerance_s=hours * 3600.0),),
        sensors=(Sensor(id="it", kind=kind, source="file", place=place, sac=sac, sic=sic, position_sigma_m=50.0),),
    )
    payloads = [each.payload for each in packets((RECORDINGS / name).read_bytes())]
    frames = Frames.of(
        payloads,
        sequence=np.arange(1, len(payloads) + 1),
        source=np.zeros(len(payloads), dtype=np.int64),
        received_ns=np.full(len(payloads), MIDNIGHT_NS + round(second * SECOND_NS)),
    )
    return AsterixIngest(site, 0).receive(frames)


def counted(taken: Ingested) -> Counter[tuple[Reason, str]]:
    found: Counter[tuple[Reason, str]] = Counter()
    for each in taken.rejections:
        found[each.reason, each.item] += each.count
    return found


def seconds(taken: Ingested) -> tuple[float, float]:
    of_day = (taken.detections.time_ns - MIDNIGHT_NS) / SECOND_NS
    return float(of_day.min()), float(of_day.max())


def test_an_hour_of_a_secondary_radar_has_no_height_as_pressure_is_none() -> None:
    place = Place(latitude=41.3007, longitude=2.1021, height=50.0)
    taken = ingested("cat048_lebl_20230502_60min.ast", SensorKind.RADAR_2D, 20, 129, place, 30_600.0, 1.0)
    assert len(taken.detections) == 43_913
    assert counted(taken) == {(Reason.UNSUPPORTED, "I048/020"): 172}
    assert np.isnan(taken.detections.z[:, 2]).all()


def test_two_hours_of_a_surface_radar_are_plots_of_its_tracks_and_its_state() -> None:
    place = Place(latitude=41.2956, longitude=2.0951, height=60.0)
    taken = ingested("cat010_lebl_smr_20201002.ast", SensorKind.RADAR_2D, 0, 7, place, 32_400.0, 2.0)
    detections = taken.detections
    assert (len(detections), len(taken.reports)) == (37_570, 15_089)
    assert taken.rejections == ()
    assert set(detections.geometry.tolist()) == {Geometry.POLAR}
    assert detections.filtered.all()
    assert len(np.unique(detections.sensor_track)) == 745
    assert detections.z[:, 0].min() > 400.0
    assert detections.z[:, 0].max() < 3000.0
    assert np.isnan(detections.z[:, 2:]).all()
    assert seconds(taken) == pytest.approx((28_801.6, 36_061.8), abs=1.0)


def test_half_an_hour_of_system_tracks_is_filtered_and_has_no_height_as_pressure_is_none() -> None:
    place = Place(latitude=55.2, longitude=23.0, height=0.0)
    taken = ingested("cat062_30min.ff", SensorKind.RADAR_3D, 70, 16, place, 54_000.0, 1.0)
    detections = taken.detections
    assert (len(detections), len(taken.reports)) == (34_502, 202)
    assert counted(taken) == {(Reason.UNSUPPORTED, "I062/080"): 253}
    assert detections.filtered.all()
    assert len(np.unique(detections.sensor_track)) == 191
    assert np.isfinite(detections.z[:, :2]).all()
    assert np.isnan(detections.z[:, 2]).all()
    assert np.hypot(detections.z[:, 0], detections.z[:, 1]).max() < 700e3
    assert np.sqrt(detections.R[:, 0, 0]) == pytest.approx(50.0, rel=0.01)
    assert seconds(taken) == pytest.approx((53_081.8, 54_880.0), abs=1.0)


def test_consecutive_positions_of_a_system_track_are_those_of_one_flight() -> None:
    place = Place(latitude=55.2, longitude=23.0, height=0.0)
    detections = ingested("cat062_30min.ff", SensorKind.RADAR_3D, 70, 16, place, 54_000.0, 1.0).detections
    order = np.lexsort((detections.time_ns, detections.sensor_track))
    same = np.diff(detections.sensor_track[order]) == 0
    elapsed = np.diff(detections.time_ns[order])[same] / SECOND_NS
    apart = np.hypot(*np.diff(detections.z[order, :2], axis=0)[same].T)
    near = (elapsed > 1.0) & (elapsed < 20.0)
    speed = apart[near] / elapsed[near]
    assert near.sum() > 30_000
    assert np.quantile(speed, 0.99) < 350.0


def test_two_vehicles_with_adsb_are_claims_on_the_airport_s_ground() -> None:
    place = Place(latitude=61.475, longitude=-7.879)
    taken = ingested("croatiacontrol_cat21_re.ast", SensorKind.ADS_B_RECEIVER, 0, 1, place, 28_803.0, 0.1)
    assert len(taken.detections) == 0
    assert taken.claims.aircraft_id.tolist() == ["icao:000001", "icao:000002"]
    assert taken.claims.category.tolist() == [-1, 4]
    assert np.hypot(taken.claims.position[:, 0], taken.claims.position[:, 1]).max() < 100.0
    assert np.isnan(taken.claims.position[:, 2]).all()
    assert np.isnan(taken.claims.pressure_altitude).all()
