from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.fake_watch import START_NS, FakeWatch, make_site

from luchtwacht import model
from luchtwacht.server.estimates import ellipses
from luchtwacht.server.live import encode
from luchtwacht.server.picture import LOST_NS, Change, Picture
from luchtwacht.units import SECOND_NS


def recorded(steps: int) -> list[tuple[model.Event, ...]]:
    """What the fake watch says in its first `steps` half seconds."""
    watch = FakeWatch()
    said: list[tuple[model.Event, ...]] = []
    watch.subscribe(said.append)
    watch.advance(steps)
    return said


def test_the_same_events_give_the_same_picture_however_they_are_cut() -> None:
    said = recorded(60)
    one, two = Picture(make_site()), Picture(make_site())
    for events in said:
        one.apply(events)
    two.apply([event for events in said for event in events])
    assert encode(one.read()) == encode(two.read())


def test_a_track_says_where_it_is_in_degrees_and_named_datums() -> None:
    site = make_site()
    picture = Picture(site)
    for events in recorded(3):
        picture.apply(events)
    tracks = picture.read().tracks
    row = tracks.id.index(3)
    flyer = next(each for each in FakeWatch().flyers if each.track == 3)
    east, north, up, *_ = flyer.state(1.5)
    back = site.frame.to_enu(
        [
            np.radians(tracks.latitude[row]),
            np.radians(tracks.longitude[row]),
            tracks.height_amsl_m[row] + site.geoid_undulation_m,
        ]
    )
    assert back == pytest.approx([east, north, up], abs=0.1)
    assert tracks.height_agl_m[row] == pytest.approx(tracks.height_amsl_m[row] - site.ground_height_m, abs=0.11)
    assert tracks.course_deg[row] == pytest.approx(48.0, abs=0.1)
    assert tracks.speed_m_s[row] == pytest.approx(11.0, abs=0.05)


def test_a_height_that_was_never_measured_is_not_shown() -> None:
    picture = Picture(make_site())
    for events in recorded(3):
        picture.apply(events)
    tracks = picture.read().tracks
    row = tracks.id.index(8)
    assert (tracks.height_amsl_m[row], tracks.height_agl_m[row], tracks.height_sigma_m[row]) == (None, None, None)


def test_an_alert_and_a_permission_show_in_how_a_track_stands() -> None:
    picture = Picture(make_site())
    for events in recorded(360):
        picture.apply(events)
    whole = picture.read()
    standing = dict(zip(whole.tracks.id, whole.tracks.standing, strict=True))
    assert standing[3] == "alert"
    assert standing[4] == "permitted"
    assert standing[6] == "open"
    assert {alert.track for alert in whole.alerts if alert.active} >= {3, -2}


def test_a_confirmed_track_that_ends_is_shown_as_lost_for_a_while_and_then_goes() -> None:
    picture, watch = Picture(make_site()), FakeWatch()
    watch.subscribe(lambda events: changes.append(picture.apply(events)))
    changes: list[Change] = []
    watch.advance(41)
    tracks = picture.read().tracks
    assert tracks.status[tracks.id.index(10)] == "terminated"
    watch.advance(int(LOST_NS / SECOND_NS * 2) - 4)
    assert 10 in picture.read().tracks.id
    changes.clear()
    watch.advance(8)
    assert 10 not in picture.read().tracks.id
    assert [track for change in changes for track in change.gone_tracks] == [10]


def test_a_tentative_track_that_ends_goes_at_once() -> None:
    site = make_site()
    picture = Picture(site)
    base = {
        "track": 5, "time_ns": START_NS, "started_ns": START_NS, "updated_ns": START_NS, "basis": 0, "x": 0.0,
        "P": np.eye(6), "existence": 0.5, "updates": 1, "sensors": 1, "category_probability": 0.2,
    }  # fmt: skip
    for status in (model.TrackStatus.TENTATIVE, model.TrackStatus.TERMINATED):
        tracks = model.Tracks.unknown(1, status=int(status), **base)
        change = picture.apply(
            [model.Tracked(time_ns=START_NS, tracks=tracks, associations=model.Associations.empty())]
        )
    assert picture.read().tracks.id == []
    assert list(change.gone_tracks) == [5]


def test_the_way_back_from_a_track_to_the_byte_is_told() -> None:
    picture = Picture(make_site())
    for events in recorded(10):
        picture.apply(events)
    detail = picture.read_track(3)
    assert detail is not None
    newest = detail.reports[0]
    assert newest.frame == 10
    assert newest.id == newest.frame * model.RECORDS_PER_FRAME + newest.record
    assert newest.sensor == "radar-north"
    assert set(newest.measured) == {"range_m", "azimuth_deg", "elevation_deg"}
    assert picture.read_track(4711) is None


def test_a_track_that_ended_is_back_when_it_is_recognised() -> None:
    site = make_site()
    picture = Picture(site)
    base = {
        "track": 5, "started_ns": START_NS, "confirmed_ns": START_NS, "updated_ns": START_NS, "basis": 0, "x": 0.0,
        "P": np.eye(6), "existence": 0.5, "updates": 1, "sensors": 1, "category_probability": 0.2,
    }  # fmt: skip
    for second, status in enumerate((model.TrackStatus.TERMINATED, model.TrackStatus.CONFIRMED)):
        time_ns = START_NS + 20 * second * SECOND_NS
        tracks = model.Tracks.unknown(1, time_ns=time_ns, status=int(status), **base)
        picture.apply([model.Tracked(time_ns=time_ns, tracks=tracks, associations=model.Associations.empty())])
    picture.apply(
        [model.Reidentified(time_ns=time_ns, track=5, former=9, lost_ns=START_NS, probability=0.97, away=31.24)]
    )
    picture.pass_time(time_ns + 10 * LOST_NS, Change())
    assert picture.read().tracks.id == [5]
    detail = picture.read_track(5)
    assert detail is not None
    assert detail.recognition is not None
    assert detail.recognition.at_ms - detail.recognition.lost_ms == 20_000
    assert (detail.recognition.former, detail.recognition.away_m) == (9, 31.2)


def test_what_is_said_anew_of_a_report_replaces_what_was_said() -> None:
    picture = Picture(make_site())
    for events in recorded(10):
        picture.apply(events)
    before = picture.read_track(3)
    assert before is not None
    newest, older, last = before.reports[0], before.reports[3], before.reports[-1]
    events = [event for event in recorded(10)[-1] if isinstance(event, model.Tracked)]
    anew = model.Associations(
        track=[3, 3, 3],
        time_ns=[each.time_ms * 1_000_000 for each in (newest, older, last)],
        detection=[newest.id, older.id, 4711 * model.RECORDS_PER_FRAME],
        probability=[0.0, 0.25, 0.75],
    )
    picture.apply([model.Tracked(time_ns=events[-1].time_ns, tracks=events[-1].tracks, associations=anew)])
    after = picture.read_track(3)
    assert after is not None
    assert newest.id not in [each.id for each in after.reports]
    (corrected,) = [each for each in after.reports if each.id == older.id]
    assert (corrected.probability, corrected.measured) == (0.25, older.measured)
    assert 4711 in [each.frame for each in after.reports]
    times = [each.time_ms for each in after.reports]
    assert times == sorted(times, reverse=True)


def test_a_zone_comes_into_force_by_its_schedule_and_says_until_when() -> None:
    picture = Picture(make_site())
    zone = next(zone for zone in picture.read().zones if zone.id == "reserve-day")
    assert zone.in_force is False
    change = Change()
    picture.pass_time(START_NS, change)
    assert set(change.zones) == {"ban-centre", "prison-east", "reserve-day"}
    night = next(zone for zone in picture.read().zones if zone.id == "reserve-day")
    assert not night.in_force
    assert night.until_ms == (START_NS + (3 * 3600 + 46 * 60) * SECOND_NS) // 1_000_000  # 06:00 in Amsterdam
    change = Change()
    picture.pass_time(START_NS + 4 * 3600 * SECOND_NS, change)
    assert "reserve-day" in change.zones
    assert next(zone for zone in picture.read().zones if zone.id == "reserve-day").in_force


def test_a_withdrawn_zone_and_permission_go() -> None:
    picture = Picture(make_site())
    change = picture.apply(
        [
            model.ZoneChanged(time_ns=START_NS, id="prison-east", zone=None),
            model.AuthorisationChanged(time_ns=START_NS, id="permit-film", authorisation=None),
        ]
    )
    message = picture.read_changes(change, base=1, seq=2)
    assert message.gone.zones == ["prison-east"]
    assert message.gone.authorisations == ["permit-film"]
    assert "prison-east" not in {zone.id for zone in message.zones}


def test_refused_input_is_counted_by_source_reason_and_item() -> None:
    picture = Picture(make_site())
    rejection = model.Rejection(
        frame=1, record=0, source=0, reason=model.Reason.TRUNCATED, item="I048/040", detail="first", count=2
    )
    later = replace(rejection, detail="last", count=1)
    picture.apply([model.Rejected(time_ns=START_NS, rejections=(rejection, later))])
    (counted,) = picture.read().rejected
    assert (counted.source, counted.reason, counted.item, counted.count, counted.detail) == (
        "radar-north",
        "truncated",
        "I048/040",
        3,
        "last",
    )


def test_notices_change_what_is_said_of_a_sensors_health() -> None:
    picture = Picture(make_site())

    def health() -> str:
        return next(each for each in picture.read().sensors if each.sensor == "adsb").state

    states = [health()]
    for kind in (
        model.NoticeKind.SENSOR_SILENT,
        model.NoticeKind.SENSOR_HEARD,
        model.NoticeKind.SENSOR_CLOCK,
        model.NoticeKind.SENSOR_RESTORED,
    ):
        picture.apply([model.Notice(time_ns=START_NS, kind=kind, subject="adsb", detail="said so")])
        states.append(health())
    assert states == ["unheard", "silent", "ok", "degraded", "ok"]


def test_bearings_and_plots_are_told_apart() -> None:
    picture = Picture(make_site())
    change = Change.merged(picture.apply(events) for events in recorded(4))
    assert set(change.bearings.sensor) == {1}
    assert set(change.plots.sensor) == {0}
    assert all(0.0 <= azimuth < 360.0 for azimuth in change.bearings.azimuth_deg)


@settings(max_examples=200)
@given(
    st.floats(0.1, 100.0),
    st.floats(0.1, 100.0),
    st.floats(0.0, np.pi),
)
def test_an_ellipse_has_the_axes_it_was_made_with(a: float, b: float, turn: float) -> None:
    axis = np.array([np.sin(turn), np.cos(turn)])  # east, north; `turn` clockwise from north
    across = np.array([axis[1], -axis[0]])
    P = a**2 * np.outer(axis, axis) + b**2 * np.outer(across, across)
    major, minor, bearing = ellipses(P[None])[0]
    assert [major, minor] == pytest.approx(sorted([a, b], reverse=True), rel=1e-5, abs=1e-4)
    if abs(a - b) > 0.01:
        expected = np.degrees(turn) + (0.0 if a > b else 90.0)
        assert abs((bearing - expected + 90.0) % 180.0 - 90.0) < 0.5
