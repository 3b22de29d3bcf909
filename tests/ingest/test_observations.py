"""What people saw becomes detections with the errors people make, and is told to everybody; nothing follows from
smoke.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.ingest.receivers import HERE, NOON_NS, UNDULATION_M, frames, heard, reasons

from luchtwacht.codecs.observation import Certainty, Observation, Seen, decode_observation, encode_observation
from luchtwacht.errors import BadMessage
from luchtwacht.ingest.observations import RANGE_ERROR
from luchtwacht.model import Category, Format, Geometry, Notice, NoticeKind, Reason, Sensor, SensorKind, Site, Source
from luchtwacht.units import DEGREE, SECOND_NS

POST = Sensor(
    id="post-1",
    kind=SensorKind.SPOTTER,
    source="people",
    place=HERE,
    position_sigma_m=150.0,
    azimuth_sigma_deg=5.0,
    elevation_sigma_deg=8.0,
)
SITE = Site(
    id="field",
    name="A field",
    origin=HERE,
    geoid_undulation_m=UNDULATION_M,
    sources=(Source(id="people", format=Format.OBSERVATION, connect="api:", clock_tolerance_s=900.0),),
    sensors=(POST,),
)


def seen(**said: Any) -> Observation:
    told: dict[str, Any] = {"sensor": "post-1", "by": "patrol 3", "time_ns": NOON_NS, "what": Seen.DRONE} | said
    return Observation(**told)


def test_what_is_encoded_decodes_to_the_same() -> None:
    said = seen(bearing_deg=45.0, elevation_deg=10.0, range_m=800.0, count=2, note="two lights")
    assert decode_observation(encode_observation(said)) == said


def test_a_bearing_is_a_line_with_the_post_s_errors() -> None:
    found = heard(SITE, frames(encode_observation(seen(bearing_deg=-315.0, elevation_deg=10.0))))
    (geometry,) = found.detections.geometry.tolist()
    assert geometry == Geometry.POLAR
    assert found.detections.z[0, 1:3] == pytest.approx([45.0 * DEGREE, 10.0 * DEGREE])
    assert np.isnan(found.detections.z[0, 0])
    assert np.sqrt(found.detections.R[0, 1, 1]) == pytest.approx(5.0 * DEGREE)
    assert np.sqrt(found.detections.R[0, 2, 2]) == pytest.approx(8.0 * DEGREE)
    assert found.detections.time_ns.tolist() == [NOON_NS]


def test_an_estimated_range_is_wrong_by_a_part_of_itself() -> None:
    found = heard(SITE, frames(encode_observation(seen(bearing_deg=45.0, range_m=2_000.0))))
    assert np.sqrt(found.detections.R[0, 0, 0]) == pytest.approx(RANGE_ERROR * 2_000.0)


def test_a_place_is_no_better_than_the_post_or_the_observer_says() -> None:
    for radius_m, sigma in ((None, 150.0), (100.0, 150.0), (1_000.0, 500.0)):
        said = seen(latitude=52.01, longitude=5.01, height_m=100.0, radius_m=radius_m)
        found = heard(SITE, frames(encode_observation(said)))
        assert found.detections.geometry.tolist() == [Geometry.POSITION]
        assert np.sqrt(found.detections.R[0, 0, 0]) == pytest.approx(sigma)
        assert found.detections.z[0, 2] == pytest.approx(100.0 + UNDULATION_M - HERE.height, abs=0.5)
        assert np.sqrt(found.detections.R[0, 2, 2]) >= 40.0


def test_the_surer_the_observer_the_stronger_the_opinion() -> None:
    opinions = []
    for certainty in (Certainty.CERTAIN, Certainty.PROBABLE, Certainty.POSSIBLE):
        payload = encode_observation(seen(bearing_deg=45.0, certainty=certainty))
        likelihood = heard(SITE, frames(payload)).detections.category_probability[0]
        assert likelihood[Category.MULTIROTOR] == 1.0
        opinions.append(float(likelihood[Category.BIRD]))
    assert opinions == sorted(opinions)
    assert opinions[0] > 0.0


@pytest.mark.parametrize("what", [Seen.FLASH, Seen.SMOKE, Seen.SOUND])
def test_what_is_no_object_is_told_and_makes_no_detection(what: Seen) -> None:
    found = heard(SITE, frames(encode_observation(seen(what=what, bearing_deg=45.0, note="by the quay"))))
    assert len(found.detections) == 0
    ((frame, notice),) = found.said
    assert frame == 1
    assert isinstance(notice, Notice)
    assert (notice.kind, notice.subject) == (NoticeKind.OBSERVATION, "post-1")
    assert what.value in notice.detail
    assert notice.detail.endswith("bearing 45°, by patrol 3: by the quay")


def test_without_a_place_it_is_only_told() -> None:
    found = heard(SITE, frames(encode_observation(seen(count=3))))
    assert len(found.detections) == 0
    assert found.said[0][1].detail.startswith("3 × drone")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "item"),
    [
        ({"bearing_deg": 400.0}, "bearing_deg"),
        ({"latitude": 52.0}, "latitude"),
        ({"latitude": 52.0, "longitude": 5.0, "bearing_deg": 1.0}, "bearing_deg"),
        ({"elevation_deg": 5.0}, "bearing_deg"),
        ({"count": 0}, "count"),
        ({"by": " "}, "by"),
        ({"note": "x" * 2_001}, "note"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(said: dict[str, Any], item: str) -> None:
    with pytest.raises(BadMessage) as caught:
        decode_observation(encode_observation(seen(**said)))
    assert caught.value.where == item
    assert reasons(heard(SITE, frames(encode_observation(seen(**said))))) == [(1, Reason.MALFORMED, item)]


def test_noise_strangers_and_what_was_long_ago_are_refused() -> None:
    stranger, old = seen(sensor="post-9"), seen(bearing_deg=45.0, time_ns=NOON_NS - 3_600 * SECOND_NS)
    found = heard(SITE, frames(b"noise", encode_observation(stranger), encode_observation(old)))
    assert [reason for _, reason, _ in reasons(found)] == [Reason.MALFORMED, Reason.UNDECLARED_SENSOR, Reason.CLOCK]


def test_a_tracker_takes_two_posts_bearings_for_one_object() -> None:
    """Seen from two places, again and again: where the lines cross there is a track."""
    from luchtwacht.model import Frames, Tick, Tracked
    from luchtwacht.pipeline import Pipeline

    away = replace(POST, id="post-2", place=replace(HERE, longitude=5.02))
    posts = tuple(replace(each, azimuth_sigma_deg=1.0, elevation_sigma_deg=1.0) for each in (POST, away))
    pipeline = Pipeline(replace(SITE, sensors=posts))
    target = np.array([700.0, 900.0, 150.0])
    tracks = 0
    for second in range(20):
        now_ns = NOON_NS + second * SECOND_NS
        payloads = []
        for post in posts:
            east, north, up = target - SITE.frame.to_enu(np.array([post.place.geodetic]))[0]
            bearing, elevation = np.degrees(np.arctan2(east, north)), np.degrees(np.arctan2(up, np.hypot(east, north)))
            said = seen(sensor=post.id, time_ns=now_ns, bearing_deg=float(bearing), elevation_deg=float(elevation))
            payloads.append(encode_observation(said))
        given = Frames.of(
            payloads, sequence=[second * 3 + 1, second * 3 + 2], source=[0, 0], received_ns=[now_ns, now_ns]
        )
        for event in pipeline.step([given, Tick(sequence=second * 3 + 3, received_ns=now_ns)]):
            if isinstance(event, Tracked) and len(event.tracks):
                tracks = max(tracks, len(event.tracks))
                place = event.tracks.x[0, :3]
    assert tracks == 1
    assert np.linalg.norm(place - target) < 150.0
