"""Mapped tables to detections in the site's frame."""

from __future__ import annotations

from dataclasses import replace
from math import radians

import numpy as np
import pytest
from tests.ingest.sites import HEADER, MAPPING, NOON_NS, frames, mappings, site

from luchtwacht.codecs.table import parse_mapping
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest import Ingest, Ingested, check_site
from luchtwacht.model import Category, Classification, Geometry, Reason, SensorState, record_of

NOON_S = NOON_NS // 1_000_000_000


def receive(*lines: str) -> Ingested:
    return Ingest(site(), mappings()).receive(frames(HEADER.encode(), *(line.encode() for line in lines), source=1))


def track(**cells: object) -> str:
    known: dict[str, object] = {"t": NOON_S, "when": NOON_S - 1, "lat": 52.001, "lon": 5.0, "h": 1000, "no": 7} | cells
    return ",".join(str(known.get(name, "")) for name in HEADER.split(","))


def test_a_position_is_in_the_sites_frame_with_its_height_by_the_declared_datum() -> None:
    detections = receive(track()).detections
    z = detections.z[0]
    assert z[:2] == pytest.approx([0.0, 111.27], abs=0.05)
    assert z[2] == pytest.approx(304.8 + 44.0 - 45.0, abs=0.01)  # AMSL, over a site 44 m of undulation, origin at 45 m
    assert detections.geometry.tolist() == [Geometry.POSITION]
    assert detections.time_ns.tolist() == [NOON_NS - 1_000_000_000]
    assert detections.sensor_track.tolist() == [7]
    assert detections.filtered.tolist() == [True]
    sensor = site().sensors[2]
    expected = [sensor.position_sigma_m, sensor.position_sigma_m, sensor.height_sigma_m]
    assert np.sqrt(np.diag(detections.R[0])[:3]) == pytest.approx(expected)


def test_a_height_that_is_not_there_is_not_measured() -> None:
    detections = receive(track(h="")).detections
    assert np.isnan(detections.z[0]).tolist() == [False, False, True, True]
    assert np.isnan(detections.R[0, 2]).all()
    assert detections.z[0, :2] == pytest.approx([0.0, 111.27], abs=0.05)


def test_a_deviation_in_the_table_comes_before_the_declared_one() -> None:
    assert receive(track(s=3.0)).detections.R[0, 0, 0] == pytest.approx(9.0)


def test_a_bearing_is_corrected_and_no_surer_than_the_mapping_says() -> None:
    detections = receive(track(lat="", az=355.0, s=0.5)).detections
    assert detections.z[0, 1] == pytest.approx(radians(3.0))
    assert np.isfinite(detections.z[0]).tolist() == [False, True, False, False]
    assert detections.R[0, 1, 1] == pytest.approx(radians(5.0) ** 2)
    assert detections.time_ns.tolist() == [NOON_NS]
    assert detections.sensor.tolist() == [3]


def test_reports_of_one_line_have_their_own_ids() -> None:
    taken = receive(track(az=10.0, state="ok"))
    assert record_of(taken.detections.id).tolist() == [0, 1]
    assert [each.state for each in taken.reports] == [SensorState.OPERATIONAL]


def test_a_state_is_what_the_mapping_makes_of_its_text() -> None:
    reports = receive(*(track(lat="", state=text) for text in ("ok", "off", "hm"))).reports
    assert [each.state for each in reports] == [SensorState.OPERATIONAL, SensorState.DOWN, SensorState.DEGRADED]
    assert reports[2].detail == "hm"


@pytest.mark.parametrize(
    ("cells", "reason", "item"),
    [
        ({"lat": 91.0}, Reason.IMPLAUSIBLE, "lat"),
        ({"lon": -200.0}, Reason.IMPLAUSIBLE, "lon"),
        ({"lon": ""}, Reason.MALFORMED, "track"),
        ({"when": NOON_S - 3600}, Reason.CLOCK, "time"),
        ({"when": NOON_S + 3600}, Reason.CLOCK, "time"),
        ({"h": "high"}, Reason.MALFORMED, "h"),
    ],
)
def test_what_cannot_be_is_refused_and_the_next_is_taken(cells: dict[str, object], reason: Reason, item: str) -> None:
    taken = receive(track(**cells), track())
    assert len(taken.detections) == 1
    ((rejection,)) = taken.rejections
    assert (rejection.frame, rejection.source, rejection.reason, rejection.item) == (2, 1, reason, item)


def test_a_repeated_track_counts_once_however_often_it_is_received() -> None:
    ingest = Ingest(site(), mappings())
    taken = [
        ingest.receive(frames(line.encode(), source=1, first=number))
        for number, line in enumerate([HEADER, track(), track(t=NOON_S + 1), track(lat=52.002)], start=1)
    ]
    assert [len(each.detections) for each in taken] == [0, 1, 0, 1]
    assert [each.rejections[0].reason for each in taken if each.rejections] == [Reason.DUPLICATE]


def test_a_mapping_that_names_a_sensor_of_another_source_is_refused() -> None:
    wrong = {"table.toml": MAPPING.replace('sensor = "finder"', 'sensor = "radar"')}
    with pytest.raises(BadConfiguration, match="'radar'"):
        Ingest(site(), wrong)
    with pytest.raises(BadConfiguration, match="was not given"):
        Ingest(site(), {})


def test_rows_do_not_depend_on_what_came_with_them() -> None:
    lines = [HEADER, track(), track(lat=52.3, lon=5.4), track(lat="", az=10.0), "1,2", track(lat=51.9, h="")]
    whole = Ingest(site(), mappings()).receive(frames(*(line.encode() for line in lines), source=1))
    one = Ingest(site(), mappings())
    parts = [one.receive(frames(line.encode(), source=1, first=at)) for at, line in enumerate(lines, start=1)]
    joined = Ingested.join(parts)
    assert joined.detections == whole.detections
    assert joined.rejections == whole.rejections


WORDS = """
[reports.category]
column = "no"
[reports.category.names]
"7" = ["multirotor", "fixed_wing_drone"]
"8" = ["bird"]
"""
WORDED = MAPPING.replace('[[reports]]\nname = "bearing"', WORDS + '[[reports]]\nname = "bearing"')


def test_a_word_for_categories_counts_by_the_confusion_of_the_sensor() -> None:
    rows = {"multirotor": {"multirotor": 0.6, "fixed_wing_drone": 0.3}, "bird": {"bird": 0.995}}
    declared = site()
    tracker = replace(declared.sensors[2], classification=Classification(confusion=rows))
    there = replace(declared, sensors=(*declared.sensors[:2], tracker, *declared.sensors[3:]))
    check_site(there, "site.toml")
    lines = [HEADER.encode(), track(no=7).encode(), track(no=8, lon=5.1).encode(), track(no=9, lon=5.2).encode()]
    found = Ingest(there, {"table.toml": WORDED}).receive(frames(*lines, source=1)).detections.category_probability
    np.testing.assert_allclose(found[0], [0.9, 0.45, 0.0, 0.45, 0.45])
    np.testing.assert_allclose(found[1], [0.0, 0.4975, 0.99, 0.4975, 0.4975])
    assert np.isnan(found[2]).all()


def test_words_without_a_confusion_and_words_for_nothing_are_refused() -> None:
    with pytest.raises(BadConfiguration, match="how sensor tracker confuses them is not declared"):
        Ingest(site(), {"table.toml": WORDED})
    with pytest.raises(BadConfiguration, match="wyvern"):
        parse_mapping(WORDED.replace('"bird"', '"wyvern"'), "table.toml")
    twice = WORDED.replace("[reports.category.names]", 'values = { "8" = { bird = 1.0 } }\n[reports.category.names]')
    with pytest.raises(BadConfiguration, match="in names and in values"):
        parse_mapping(twice, "table.toml")


def test_a_rate_of_modulation_is_an_opinion() -> None:
    mapping = MAPPING.replace('number = { column = "no" }', 'modulation = { column = "no", unit = "Hz" }')
    lines = [HEADER.encode(), track(no=180).encode(), track(no=6, lon=5.1).encode(), track(no=0, lon=5.2).encode()]
    found = Ingest(site(), {"table.toml": mapping}).receive(frames(*lines, source=1)).detections.category_probability
    assert found[:2].argmax(axis=1).tolist() == [Category.MULTIROTOR, Category.BIRD]
    assert np.isnan(found[2]).all()
