import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.airspace.plain import a_site, a_zone

from luchtwacht.airspace import Airspace, decode_ed269, decode_ed318, decode_geojson, decode_zones
from luchtwacht.airspace.published import Notes, applicability
from luchtwacht.airspace.schedule import Calendar
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import HeightReference, Place, Restriction, Weekday
from luchtwacht.units import datetime_to_ns

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "geozones"
needs_recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no published zone sets beside the project")

SQUARE = [[5.0, 52.0], [5.1, 52.0], [5.1, 52.1], [5.0, 52.1], [5.0, 52.0]]
ED269 = {
    "title": "invented",
    "features": [
        {
            "identifier": "TST001",
            "country": "NLD",
            "name": "Test square",
            "type": "COMMON",
            "restriction": "REQ_AUTHORISATION",
            "reason": ["AIR_TRAFFIC"],
            "message": "ask first",
            "applicability": [
                {
                    "permanent": "NO",
                    "startDateTime": "2026-03-29T01:00:00Z",
                    "endDateTime": "2026-10-25T00:59:59.00Z",
                    "schedule": [{"day": ["MON", "TUE"], "startTime": "06:00:00Z", "endTime": "14:30:00.00Z"}],
                }
            ],
            "zoneAuthority": [{"name": "Test authority"}],
            "geometry": [
                {
                    "uomDimensions": "FT",
                    "lowerLimit": 0,
                    "lowerVerticalReference": "AGL",
                    "upperLimit": 1000,
                    "upperVerticalReference": "AMSL",
                    "horizontalProjection": {"type": "Polygon", "coordinates": [SQUARE]},
                },
                {
                    "uomDimensions": "M",
                    "lowerLimit": 10,
                    "lowerVerticalReference": "WGS84",
                    "upperLimit": 99999,
                    "upperVerticalReference": "AGL",
                    "horizontalProjection": {"type": "Circle", "center": [5.05, 52.05], "radius": 800},
                },
            ],
        }
    ],
}
ED318 = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "coordinates": [SQUARE], "layer": {"upper": 400, "uom": "ft", "lower": 100}},
                    {
                        "type": "Point",
                        "coordinates": [5.05, 52.05],
                        "extent": {"subType": "Circle", "radius": 250},
                        "layer": {"upper": 99999, "upperReference": "AMSL", "lower": 0, "lowerReference": "AGL"},
                    },
                ],
            },
            "properties": {
                "identifier": "TST318",
                "name": [{"text": "Proef", "lang": "nl-NL"}, {"text": "Trial", "lang": "en-GB"}],
                "type": "REQ_AUTHORIZATION",
                "message": [{"text": "eerst vragen", "lang": "nl"}, {"text": "ask first", "lang": "en-GB"}],
                "limitedApplicability": [
                    {"schedule": [{"day": ["ANY"], "startTime": "16:00:00+02:00", "endTime": "01:00:00+02:00"}]}
                ],
            },
        }
    ],
}


def test_an_ed269_zone_is_read_in_metres_and_utc():
    (zone,), problems = decode_ed269(json.dumps(ED269), source="test.json")
    assert problems == ()
    assert (zone.id, zone.name, zone.restriction) == ("TST001", "Test square", Restriction.REQ_AUTHORISATION)
    polygon, circle = zone.volumes
    assert polygon.upper == pytest.approx(304.8)
    assert (polygon.lower_reference, polygon.upper_reference) == (HeightReference.AGL, HeightReference.AMSL)
    assert polygon.polygon is not None
    assert polygon.polygon[0][1] == (5.1, 52.0)
    assert circle.circle is not None
    assert (circle.circle.radius, circle.upper, circle.lower_reference) == (800.0, None, HeightReference.WGS84)
    (period,) = zone.applicability
    assert period.start == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert [(each.start, each.end, each.days) for each in period.schedule] == [
        ("06:00", "14:30", (Weekday.MON, Weekday.TUE))
    ]
    assert (zone.time_zone, zone.authority, zone.source) == ("UTC", "Test authority", "test.json")
    assert zone.message == {"und": "ask first"}


def test_an_ed318_zone_is_read_with_its_layers_and_languages():
    (zone,), problems = decode_ed318(json.dumps(ED318))
    assert problems == ()
    assert (zone.name, zone.restriction) == ("Trial", Restriction.REQ_AUTHORISATION)
    assert zone.message == {"nl": "eerst vragen", "en": "ask first"}
    square, circle = zone.volumes
    assert (square.lower, square.upper) == pytest.approx((30.48, 121.92))
    assert (circle.upper, circle.upper_reference) == (None, HeightReference.AMSL)
    (daily,) = zone.applicability[0].schedule
    assert (daily.start, daily.end) == ("14:00", "23:00")


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: d["features"]])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_wrapper_and_byte_order_mark_make_no_difference(wrap, mark):
    assert decode_ed269((mark + json.dumps(wrap(ED269))).encode()) == decode_ed269(json.dumps(ED269))


def test_the_form_is_recognised_by_its_content():
    assert decode_zones(json.dumps(ED269)) == decode_ed269(json.dumps(ED269))
    assert decode_zones(json.dumps(ED318)) == decode_ed318(json.dumps(ED318))
    drawn = {
        "type": "Feature",
        "properties": {"id": "mine", "upper": 120},
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
    }
    (zone,), _ = decode_zones(json.dumps(drawn))
    assert (zone.id, zone.restriction, zone.volumes[0].upper) == ("mine", Restriction.PROHIBITED, 120.0)


@pytest.mark.parametrize(
    ("change", "field", "kept"),
    [
        (lambda z: z.update(restriction="FORBIDDEN"), "[0].restriction", False),
        (lambda z: z.pop("restriction"), "[0].restriction", False),
        (lambda z: z.update(geometry=[]), "[0].geometry", False),
        (lambda z: z["geometry"][0].update(uomDimensions="FL"), "[0].geometry[0].unit", False),
        (lambda z: z["geometry"][0].update(upperLimit="high"), "[0].geometry[0].upper", False),
        (
            lambda z: z["geometry"][0]["horizontalProjection"].update(type="Line"),
            "[0].geometry[0].horizontalProjection.type",
            False,
        ),
        (
            lambda z: z["geometry"][0]["horizontalProjection"]["coordinates"][0].__setitem__(0, [52.0, 95.0]),
            "[0].geometry[0].horizontalProjection.coordinates[0][0]",
            False,
        ),
        (lambda z: z["geometry"][0].update(lowerVerticalReference="STD"), "[0].geometry[0].lowerReference", True),
        (lambda z: z["applicability"][0].update(startDateTime="tomorrow"), "[0].applicability[0].startDateTime", True),
        (
            lambda z: z["applicability"][0]["schedule"][0].update(day=["FUNDAY"]),
            "[0].applicability[0].schedule[0].day",
            True,
        ),
        (
            lambda z: z["applicability"][0]["schedule"][0].update(startTime="25:00"),
            "[0].applicability[0].schedule[0].startTime",
            True,
        ),
    ],
)
def test_a_problem_is_named_by_zone_and_field(change, field, kept):
    published = copy.deepcopy(ED269)
    change(published["features"][0])
    zones, problems = decode_ed269(json.dumps(published))
    assert len(zones) == kept
    assert [(each.zone, each.field) for each in problems] == [("TST001", field)]


def test_a_period_that_cannot_be_read_leaves_the_zone_in_force():
    published = copy.deepcopy(ED269)
    published["features"][0]["applicability"][0]["endDateTime"] = "some day"
    (zone,), _ = decode_ed269(json.dumps(published))
    assert Calendar.of(zone).in_force(datetime_to_ns(datetime(2031, 1, 5, 3, tzinfo=UTC)))


def test_one_bad_zone_does_not_stop_the_others():
    published = copy.deepcopy(ED269)
    published["features"] = [None, {"identifier": "x"}, 7, *published["features"]]
    zones, problems = decode_ed269(json.dumps(published))
    assert [zone.id for zone in zones] == ["TST001"]
    assert len(problems) == 3


def test_an_identifier_used_twice_is_kept_apart():
    published = copy.deepcopy(ED269)
    published["features"] *= 3
    zones, problems = decode_ed269(json.dumps(published))
    assert [zone.id for zone in zones] == ["TST001", "TST001/2", "TST001/3"]
    assert {each.field for each in problems} == {"identifier"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (("06:00:00Z", "14:30:00Z"), ("06:00", "14:30", Weekday.MON)),
        (("06:00:00.00Z", "23:59:59.00Z"), ("06:00", "24:00", Weekday.MON)),
        (("06:00", "14:30"), ("06:00", "14:30", Weekday.MON)),
        (("01:00:00+02:00", "05:00:00+02:00"), ("23:00", "03:00", Weekday.SUN)),
        (("20:00:00-05:00", "23:00:00-05:00"), ("01:00", "04:00", Weekday.TUE)),
        (("00:00:00Z", "23:59:59Z"), ("00:00", "24:00", Weekday.MON)),
    ],
)
def test_times_of_day_as_published(text, expected):
    period = {"schedule": [{"day": ["MON"], "startTime": text[0], "endTime": text[1]}]}
    notes = Notes()
    (read,), time_zone = applicability([period], "p", "Europe/Amsterdam", notes)
    (daily,) = read.schedule
    assert (daily.start, daily.end, *daily.days) == expected
    assert time_zone == ("Europe/Amsterdam" if text[0] == "06:00" else "UTC")
    assert notes.problems == []


def test_daylight_events_are_taken_as_the_whole_day_and_said_so():
    period = {"schedule": [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]}
    notes = Notes()
    (read,), _ = applicability([period], "p", "UTC", notes)
    assert (read.schedule[0].start, read.schedule[0].end) == ("00:00", "24:00")
    assert [each.field for each in notes.problems] == ["p[0].schedule[0].startEvent", "p[0].schedule[0].endEvent"]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe{}", "{", "7", '{"a": 1}', "[" * 100_000])
def test_what_holds_no_zones_is_refused(data):
    for decode in (decode_ed269, decode_ed318, decode_geojson, decode_zones):
        with pytest.raises(BadConfiguration):
            decode(data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**9) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def _places(thing, path=()):
    yield path
    children = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, child in children:
        yield from _places(child, (*path, key))


@settings(max_examples=300, deadline=None)
@given(data=st.data(), value=_JSON, which=st.sampled_from([ED269, ED318]))
def test_anything_in_any_place_is_a_problem_and_never_a_crash(data, value, which):
    published = copy.deepcopy(which)
    path = data.draw(st.sampled_from([each for each in _places(published) if len(each) >= 3]))
    parent = published
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    decode = decode_ed269 if which is ED269 else decode_ed318
    zones, problems = decode(json.dumps(published))
    assert len(zones) == 1 or problems
    for zone in zones:  # and what was read holds together
        assert zone.id
        assert all((volume.circle is None) != (volume.polygon is None) for volume in zone.volumes)
        Calendar.of(zone)


@pytest.mark.recording
@needs_recordings
def test_the_whole_austrian_set_loads_and_works():
    zones, problems = decode_ed269((RECORDINGS / "at_austrocontrol_ed269.json").read_bytes())
    assert problems == ()
    assert len(zones) == 288
    by_rule = [sum(zone.restriction is rule for zone in zones) for rule in Restriction]
    assert by_rule == [1, 228, 12, 47]  # PROHIBITED, REQ_AUTHORISATION, CONDITIONAL, NO_RESTRICTION
    assert sum(volume.upper is None for zone in zones for volume in zone.volumes) == 194
    assert any("de" in (zone.message or {}) for zone in zones)
    site = a_site(*zones, origin=Place(latitude=47.6, longitude=14.0), ground_height_m=500.0)
    airspace = Airspace(site)
    scheduled = [zone for zone in zones if any(each.schedule for each in zone.applicability)]
    assert len(scheduled) >= 5
    for zone in scheduled:
        day = [
            zone.id in [each.id for each in airspace.in_force(datetime_to_ns(datetime(2026, 7, 15, hour, tzinfo=UTC)))]
            for hour in range(24)
        ]
        assert any(day)
    monday_night = datetime_to_ns(datetime(2026, 7, 13, 2, tzinfo=UTC))
    assert len(airspace.in_force(monday_night)) < len(airspace.in_force(monday_night + 6 * 3600 * 10**9))


@pytest.mark.recording
@needs_recordings
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("interuss/geo-awareness-che-1.json", 6),
        ("interuss/cis_source_sample_ed318.json", 3),
        ("ed318_official/examples_Example_Collection.json", 2),
        ("ed318_official/examples_Example_GeoZone_2_Layers.json", 1),
        ("ed318_official/examples_Example_GeoZone_Circle.json", 1),
        ("ed318_official/examples_Example_GeoZone_with_extension.json", 1),
    ],
)
def test_published_examples_load_and_work(name, count):
    zones, problems = decode_zones((RECORDINGS / name).read_bytes())
    assert len(zones) == count
    assert {each.field for each in problems} <= {"identifier"}
    Airspace(a_site(*zones))


def test_a_set_of_zones_may_be_put_beside_ones_own():
    (zone,), _ = decode_ed318(json.dumps(ED318))
    names = [
        each.id
        for each in Airspace(a_site(a_zone(), zone)).in_force(datetime_to_ns(datetime(2026, 5, 3, 15, tzinfo=UTC)))
    ]
    assert names == ["TST318", "centre"]
