"""A sensor's figures for people: in their units, beside what was declared, and nothing said that is not known."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from luchtwacht.model import Bias, Fault, Notice, NoticeKind, Place, Sensor, SensorKind, SensorMeasured, Site
from luchtwacht.server.picture import Picture
from luchtwacht.server.sensor_figures import encode_figures
from luchtwacht.units import DEGREE

RADAR = Sensor(
    id="radar", kind=SensorKind.RADAR_3D, source="s", place=Place(latitude=52.0, longitude=5.0),
    bias=Bias(azimuth_deg=0.25),
)  # fmt: skip
SITE = Site(id="s", name="s", origin=Place(latitude=52.0, longitude=5.0), sources=(), sensors=(RADAR,))
nan = math.nan


def measured(*faults: Fault) -> SensorMeasured:
    return SensorMeasured(
        time_ns=5_000_000_000, sensor="radar", applied=True,
        bias=(4.0, 1.5 * DEGREE, 0.0, 0.0, 0.0, 0.0, 0.25), bias_sigma=(1.0, 0.05 * DEGREE, nan, 3.0, 3.0, 3.0, 0.05),
        bias_seen=(True, True, False, False, False, False, True), confounded=(("azimuth", "north"),),
        claim_pairs=200, sensor_pairs=10, aircraft=3, probability_of_detection=0.45, opportunities=41.25,
        blind_sectors=((0.5, 1.0),), false_reports=nan, noise=(1.5, nan, 1.0), latency_s=0.1, period_s=nan,
        faults=faults,
    )  # fmt: skip


def test_biases_are_told_in_metres_degrees_and_seconds() -> None:
    figures = encode_figures(measured(), RADAR)
    assert [each.name for each in figures.biases] == ["range", "azimuth", "east", "north", "up", "time"]
    azimuth = figures.biases[1]
    assert (azimuth.value, azimuth.sigma, azimuth.declared, azimuth.seen) == (1.5, 0.05, 0.25, True)
    assert figures.confounded == [["azimuth", "north"]]


def test_what_is_measured_stands_beside_what_was_declared() -> None:
    figures = encode_figures(measured(Fault.WEAK), RADAR)
    assert (figures.probability_of_detection.declared, figures.probability_of_detection.measured) == (0.9, 0.45)
    assert figures.false_reports.measured is None
    assert figures.period_s.measured is None
    assert [(each.name, each.declared, each.measured) for each in figures.noise] == [
        ("range", 10.0, 15.0),
        ("elevation", 1.0, 1.0),
    ]
    assert figures.blind_sectors_deg[0] == pytest.approx([28.6, 57.3])
    assert figures.faults == ["weak"]


def said(kind: NoticeKind) -> Notice:
    return Notice(time_ns=5_000_000_000, kind=kind, subject="radar", detail="so it is")


def test_a_sensor_is_well_again_only_when_nothing_is_wrong_any_more() -> None:
    picture = Picture(SITE)
    picture.apply([measured(Fault.WEAK, Fault.SLOW), said(NoticeKind.SENSOR_WEAK), said(NoticeKind.SENSOR_SLOW)])
    assert picture.read().sensors[0].state == "degraded"
    picture.apply([measured(Fault.SLOW), said(NoticeKind.SENSOR_AS_DECLARED)])
    assert picture.read().sensors[0].state == "degraded"
    picture.apply([measured(), said(NoticeKind.SENSOR_AS_DECLARED)])
    health = picture.read().sensors[0]
    assert health.state == "ok"
    assert health.figures is not None
    assert health.figures == encode_figures(replace(measured()), RADAR)


def misaligned(*others: Fault, corrected: bool) -> SensorMeasured:
    return replace(measured(Fault.MISALIGNED, *others), corrected=corrected)


def test_a_sensor_that_is_misaligned_and_corrected_is_well_and_says_so() -> None:
    picture = Picture(SITE)
    picture.apply([measured(), said(NoticeKind.SENSOR_HEARD)])
    picture.apply([misaligned(corrected=False), said(NoticeKind.SENSOR_MISALIGNED)])
    assert picture.read().sensors[0].state == "degraded"
    picture.apply([misaligned(corrected=True), said(NoticeKind.SENSOR_MISALIGNED)])
    health = picture.read().sensors[0]
    assert (health.state, health.detail) == ("ok", "so it is")
    assert health.figures is not None
    assert health.figures.corrected


def test_a_correction_hides_no_other_trouble() -> None:
    picture = Picture(SITE)
    picture.apply([measured(Fault.SLOW), said(NoticeKind.SENSOR_SLOW)])
    picture.apply([misaligned(Fault.SLOW, corrected=True), said(NoticeKind.SENSOR_MISALIGNED)])
    assert picture.read().sensors[0].state == "degraded"
    picture.apply([misaligned(corrected=True), said(NoticeKind.SENSOR_AS_DECLARED)])
    assert picture.read().sensors[0].state == "ok"
    picture.apply([said(NoticeKind.SENSOR_SILENT), said(NoticeKind.SENSOR_MISALIGNED)])
    assert picture.read().sensors[0].state == "silent"
