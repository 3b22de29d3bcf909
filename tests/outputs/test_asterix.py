"""What an air traffic display is told, read back by libasterix: somebody else's tables and code; CAT129, which nobody
else reads, by a second decoder that shares nothing with ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.ingest.asterix_sites import AWAY, asterix_site
from tests.ingest.sites import NOON_NS, frames
from tests.oracles import asterix as oracle
from tests.oracles import cat129 as oracle129
from tests.outputs.pictures import COVARIANCE, NOW_NS, a_site, an_output, identified, tracked

from luchtwacht.codecs.asterix import CATEGORIES
from luchtwacht.geodesy import LocalFrame
from luchtwacht.ingest import Ingest
from luchtwacht.model import (
    Claimed,
    ClaimKind,
    Claims,
    Detected,
    Detections,
    Geometry,
    Notice,
    NoticeKind,
    Shown,
    TrackStatus,
)
from luchtwacht.outputs import AsterixTranslator
from luchtwacht.outputs.asterix import MOST_WAITING, STATUS_EVERY_NS
from luchtwacht.units import DEGREE, FOOT, SECOND_NS

_BY_NUMBER = {each.number: each for each in reversed(CATEGORIES)}
TRACKS_ONLY = (Shown.TRACKS,)


def read(blocks: list[bytes]) -> list[dict[str, Any]]:
    """Every record of every block, by libasterix; 129 it does not have."""
    made = []
    for block in blocks:
        assert len(block) < 1400
        made += [record | {"category": block[0]} for record in oracle.records_of(_BY_NUMBER[block[0]], block)]
    return made


def translator(**changes: Any) -> AsterixTranslator:
    return AsterixTranslator(a_site(), an_output(**{"what": TRACKS_ONLY} | changes))


def test_a_track_is_where_and_how_it_is_for_somebody_elses_decoder() -> None:
    made = translator()
    made.take((tracked(3), identified((3, "icao:484C61", "PHABC"))))
    (record,) = read(made.due(NOW_NS))
    latitude, longitude, height = LocalFrame(52.0 * DEGREE, 5.0 * DEGREE, 43.0).from_enu([300.0, 150.0, 80.0]) / [
        DEGREE,
        DEGREE,
        1.0,
    ]
    assert (record["I062/010/SAC"], record["I062/010/SIC"], record["I062/040"]) == (25, 9, 3)
    assert record["I062/070"] == pytest.approx(NOW_NS / SECOND_NS % 86_400.0)
    assert record["I062/105/LAT"] == pytest.approx(latitude, abs=3e-6)
    assert record["I062/105/LON"] == pytest.approx(longitude, abs=3e-6)
    assert record["I062/130"] * FOOT == pytest.approx(height, abs=1.0)
    assert (record["I062/185/VX"], record["I062/185/VY"]) == (3.5, 3.5)
    assert record["I062/220"] * FOOT / 60.0 == pytest.approx(3.5, abs=0.02)
    assert (record["I062/380/ADR"], record["I062/245/CHR"].strip()) == (0x484C61, "PHABC")
    flags = {name: record[f"I062/080/{name}"] for name in ("CNF", "SIM", "TSE", "TSB", "CST", "PSR", "SSR", "MON")}
    assert flags == {"CNF": 0, "SIM": 0, "TSE": 0, "TSB": 1, "CST": 0, "PSR": 0, "SSR": 1, "MON": 1}
    assert record["I062/290/PSR"] == 0.5


def test_its_covariance_is_there_in_metres_and_degrees() -> None:
    made = translator()
    made.take((tracked(3),))
    (record,) = read(made.due(NOW_NS))
    assert (record["I062/500/APC/X"], record["I062/500/APC/Y"], record["I062/500/COV"]) == (10.0, 8.0, -6.0)
    assert record["I062/500/APW/LAT"] * DEGREE * 6_371_000.0 == pytest.approx(8.0, abs=0.4)
    assert record["I062/500/AGA"] * FOOT == pytest.approx(5.0, abs=1.0)
    assert (record["I062/500/ATV/X"], record["I062/500/ATV/Y"]) == (1.0, 2.0)


def test_a_height_that_nobody_measured_is_left_out() -> None:
    wide = COVARIANCE.copy()
    wide[2, 2] = 4e6
    made = translator()
    made.take((tracked(3, P=wide),))
    (record,) = read(made.due(NOW_NS))
    assert not {"I062/130", "I062/220", "I062/500/AGA"} & record.keys()
    assert record["I062/080/SRC"] == 0


def test_tracks_are_shown_at_their_rate_and_once_more_at_their_end() -> None:
    made = translator(every_s=1.0)
    shown: list[list[tuple[int, int, int]]] = []
    for half in range(8):
        seconds = half * 0.5
        status = int(TrackStatus.TERMINATED if half == 5 else TrackStatus.CONFIRMED)
        made.take((tracked(*([3] if half <= 5 else []), seconds=seconds, status=status),))
        records = read(made.due(NOW_NS + round(seconds * SECOND_NS)))
        shown.append([(each["I062/040"], each["I062/080/TSB"], each["I062/080/TSE"]) for each in records])
    assert shown == [[(3, 1, 0)], [], [(3, 0, 0)], [], [(3, 0, 0)], [(3, 0, 1)], [], []]


def test_a_track_that_was_never_shown_has_no_end_to_show() -> None:
    made = translator()
    made.take((tracked(3, status=int(TrackStatus.TENTATIVE)),))
    assert made.due(NOW_NS) == []
    made.take((tracked(3, seconds=1.0, status=int(TrackStatus.TERMINATED)),))
    assert made.due(NOW_NS + SECOND_NS) == []


def test_yesterday_is_not_shown() -> None:
    made = translator()
    made.take((tracked(3),))
    assert made.due(NOW_NS + 3600 * SECOND_NS) == []


def test_a_claimed_track_is_no_radar_track() -> None:
    made = translator()
    made.take((tracked(-3, basis=1),))
    (record,) = read(made.due(NOW_NS))
    assert (record["I062/040"], record["I062/080/PSR"], record["I062/080/ADS"]) == (65_533, 1, 0)
    assert "I062/290/PSR" not in record


def test_a_hundred_tracks_come_in_datagrams_that_fit() -> None:
    made = translator()
    made.take((tracked(*range(1, 101)),))
    records = read(made.due(NOW_NS))
    assert [each["I062/040"] for each in records] == list(range(1, 101))


def test_one_value_that_does_not_fit_costs_one_track() -> None:
    event = tracked(1, 2, 3)
    x = event.tracks.x.copy()
    x[1, 3] = 9_999.0
    made = translator()
    made.take((tracked(1, 2, 3, x=x),))
    assert [each["I062/040"] for each in read(made.due(NOW_NS))] == [1, 3]
    assert made.left_out == 1


def test_the_system_and_its_sensors_say_how_they_are() -> None:
    made = translator(what=(Shown.STATUS,))
    system, sensor = read(made.due(NOW_NS))
    assert (system["category"], system["I065/000"], system["I065/040/NOGO"]) == (65, 1, 0)
    assert (sensor["I063/050/SAC"], sensor["I063/050/SIC"], sensor["I063/060/CON"]) == (7, 8, 0)
    assert made.due(NOW_NS + SECOND_NS) == []
    made.take((Notice(time_ns=NOW_NS, kind=NoticeKind.SENSOR_SILENT, subject="radar", detail=""),))
    _, sensor = read(made.due(NOW_NS + STATUS_EVERY_NS))
    assert sensor["I063/060/CON"] == 3


def plots(count: int = 1) -> Detections:
    R = np.diag([25.0, (0.5 * DEGREE) ** 2, (1.0 * DEGREE) ** 2, 0.25])
    return Detections.unknown(
        count,
        id=np.arange(count),
        time_ns=NOON_NS,
        received_ns=NOON_NS,
        sensor=0,
        geometry=int(Geometry.POLAR),
        z=[1500.0, 1.0, 0.1, -12.5],
        R=R,
        snr_db=14.0,
        sensor_track=-1,
    )


def test_plots_read_as_plots_also_by_our_own_reader() -> None:
    site = asterix_site()
    made = AsterixTranslator(site, an_output(what=(Shown.PLOTS,)))
    position = Detections.unknown(
        1,
        id=[9],
        time_ns=NOON_NS,
        received_ns=NOON_NS,
        sensor=0,
        geometry=int(Geometry.POSITION),
        z=[120.0, 340.0, 60.0, np.nan],
        R=np.diag([100.0, 225.0, 16.0, np.nan]),
        sensor_track=-1,
    )
    made.take((Detected(time_ns=NOON_NS, detections=Detections.concatenate([plots(), position])),))
    blocks = made.due(NOON_NS)
    polar, placed = read(blocks)
    assert (polar["I015/625/R"], polar["I015/626/DV"], polar["I015/630/RPS"]) == (1500.0, -12.5, 14)
    assert (placed["I015/600/HPP/SDHPX"], placed["I015/600/HPP/SDHPY"]) == (10.0, 15.0)
    again = Ingest(site, {}).receive(frames(*blocks)).detections
    assert again.geometry.tolist() == [Geometry.POLAR, Geometry.POSITION]
    np.testing.assert_allclose(again.z[0], [1500.0, 1.0, 0.1, -12.5], atol=1e-3)
    np.testing.assert_allclose(np.sqrt(np.diag(again.R[0])), [5.0, 0.5 * DEGREE, 1.0 * DEGREE, 0.5], rtol=0.02)
    np.testing.assert_allclose(again.z[1, :3], [120.0, 340.0, 60.0], atol=0.02)
    assert AWAY is not None


def test_too_many_plots_for_a_receiver_are_let_go_and_counted() -> None:
    made = AsterixTranslator(asterix_site(), an_output(what=(Shown.PLOTS,)))
    for _ in range(5):
        made.take((Detected(time_ns=NOON_NS, detections=plots(2000)),))
    assert made.left_out == 6000
    assert len(read(made.due(NOON_NS))) <= MOST_WAITING


def test_claims_of_unmanned_aircraft_read_back() -> None:
    site = asterix_site()
    made = AsterixTranslator(site, an_output(what=(Shown.CLAIMS,), sac=1, sic=8))
    claims = Claims.unknown(
        2,
        id=[1, 2],
        time_ns=NOON_NS,
        received_ns=NOON_NS,
        sensor=5,
        kind=[int(ClaimKind.REMOTE_ID), int(ClaimKind.ADS_B)],
        aircraft_id=["uas:1588E0000000000001", "icao:484C61"],
        operator_id=["NLDexample", ""],
        position=[[120.0, 340.0, 60.0], [0.0, 0.0, 900.0]],
        position_covariance=np.diag([100.0, 100.0, 25.0]),
        velocity=[3.0, -4.0, 1.0],
    )
    made.take((Claimed(time_ns=NOON_NS, claims=claims),))
    blocks = made.due(NOON_NS)
    assert [block[0] for block in blocks] == [129]
    (report,) = oracle129.reports_of(blocks[0])
    latitude, longitude, height = site.frame.from_enu([120.0, 340.0, 60.0]) / [DEGREE, DEGREE, 1.0]
    assert (report["source"], report["serial"], report["country"]) == ((1, 8), "000000000001", "NL")
    assert (float(report["latitude_deg"]), float(report["longitude_deg"])) == pytest.approx((latitude, longitude))
    above_sea = height - float(site.sea_level(latitude, longitude))
    assert float(report["above_sea_m"]) == pytest.approx(above_sea, abs=0.05)
    assert (report["accuracy_m"], report["of_day_s"]) == (10, NOON_NS // SECOND_NS % 86_400)
    velocity = [float(report[word]) for word in ("east_m_s", "north_m_s", "up_m_s")]
    assert velocity == pytest.approx([3.0, -4.0, 1.0])
    again = Ingest(site, {}).receive(frames(*blocks)).claims
    assert again.aircraft_id.tolist() == ["uas:000000000001"]
    np.testing.assert_allclose(again.position[0], [120.0, 340.0, 60.0], atol=0.1)
    np.testing.assert_allclose(again.velocity[0], [3.0, -4.0, 1.0], atol=0.02)
