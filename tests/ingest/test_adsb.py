from __future__ import annotations

import gzip
import json
from itertools import pairwise
from math import radians
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luchtwacht.codecs.adsb import AircraftState, encode_readsb
from luchtwacht.geodesy import LocalFrame, from_ecef, to_ecef
from luchtwacht.ingest.adsb import ReadsbIngest
from luchtwacht.model import (
    Category,
    ClaimKind,
    Claims,
    Format,
    Frames,
    Place,
    Reason,
    Rejection,
    Sensor,
    SensorKind,
    Site,
    Source,
    frame_of,
    record_of,
)
from luchtwacht.units import FOOT, KNOT, SECOND_NS

TRAFFIC = Path(__file__).parents[2].parent / "shared" / "data" / "adsb" / "traffic_samples"
NOON_S = 1_748_779_200
ORIGIN = Place(latitude=52.0, longitude=5.0, height=45.0)


def site(*, sensors: int = 1, **source: float | bool) -> Site:
    return Site(
        id="field",
        name="A field",
        origin=ORIGIN,
        sources=(Source(id="adsb", format=Format.READSB, **source),),  # type: ignore[arg-type]
        sensors=tuple(
            Sensor(
                id=f"receiver-{number}",
                kind=SensorKind.ADS_B_RECEIVER,
                source="adsb",
                place=ORIGIN,
                position_sigma_m=50.0,
                height_sigma_m=60.0,
            )
            for number in range(sensors)
        ),
    )


def state(address: str = "484c61", **known: object) -> AircraftState:
    values: dict[str, object] = {"latitude_deg": 52.1, "longitude_deg": 5.1, "position_age_s": 0.0}
    return AircraftState(address=address, **(values | known))  # type: ignore[arg-type]


def documents(*written: tuple[float, list[AircraftState]], received_s: list[float] | None = None) -> Frames:
    payloads = [encode_readsb(NOON_S + now_s, aircraft) for now_s, aircraft in written]
    times = [round((NOON_S + each) * SECOND_NS) for each in received_s or [now_s for now_s, _ in written]]
    count = len(payloads)
    return Frames.of(payloads, sequence=list(range(1, count + 1)), source=[0] * count, received_ns=times)


def receive(*written: tuple[float, list[AircraftState]]) -> tuple[Claims, tuple[Rejection, ...]]:
    return ReadsbIngest(site(), 0).receive(documents(*written))


def test_a_state_becomes_a_claim_in_si() -> None:
    claims, rejections = receive(
        (
            0.5,
            [
                state(
                    flight="TEST12  ",
                    category="A7",
                    emergency="none",
                    position_age_s=0.4,
                    geometric_altitude_ft=1000,
                    pressure_altitude_ft=900,
                    ground_speed_kt=100.0,
                    track_deg=180.0,
                    geometric_rate_ft_min=600,
                    pressure_rate_ft_min=-600,
                    nac_p=9,
                    gva=2,
                )
            ],
        )
    )
    assert rejections == ()
    assert (frame_of(claims.id).tolist(), record_of(claims.id).tolist()) == ([1], [0])
    assert claims.kind.tolist() == [ClaimKind.ADS_B]
    assert claims.time_ns.tolist() == [NOON_S * SECOND_NS + 100_000_000]
    assert claims.aircraft_id.tolist() == ["icao:484C61"]
    assert (claims.callsign.tolist(), claims.transmitter.tolist()) == (["TEST12"], [""])
    assert (claims.category.tolist(), claims.emergency.tolist()) == ([Category.CREWED_AIRCRAFT], [0])
    frame = LocalFrame(*ORIGIN.geodetic)
    assert claims.position[0] == pytest.approx(frame.to_enu([radians(52.1), radians(5.1), 304.8]), abs=1e-6)
    assert claims.pressure_altitude.tolist() == pytest.approx([900 * FOOT])
    assert claims.velocity[0] == pytest.approx([0.0, -100 * KNOT, 3.048], abs=0.2)
    assert np.sqrt(np.diag(claims.position_covariance[0])) == pytest.approx([30 / 2.4477, 30 / 2.4477, 45 / 1.96], 1e-3)


def test_pressure_altitude_is_no_height_above_the_ellipsoid() -> None:
    claims, _ = receive((0.0, [state(pressure_altitude_ft=2000)]))
    assert np.isnan(claims.position[0, 2])
    assert np.isnan(claims.position_covariance[0, 2, 2])
    assert claims.pressure_altitude[0] == pytest.approx(609.6)


def test_far_away_the_site_s_axes_are_not_the_aircraft_s() -> None:
    """An airliner 370 km north that climbs and turns: one second of its flight, worked out in earth-centred axes."""
    latitude, longitude, height = radians(55.33), radians(5.0), 36_000 * FOOT
    far = state(
        latitude_deg=55.33,
        longitude_deg=5.0,
        geometric_altitude_ft=36_000,
        ground_speed_kt=450.0,
        track_deg=90.0,
        geometric_rate_ft_min=2_000,
        gva=1,
        nac_p=10,
    )
    claims, _ = receive((0.0, [far]))
    there, here = LocalFrame(latitude, longitude, height), LocalFrame(*ORIGIN.geodetic)
    speed, climb = 450.0 * KNOT, 2_000 * FOOT / 60
    small = 1e-3
    later = from_ecef(to_ecef([latitude, longitude, height]) + np.array([speed, 0.0, climb]) * small @ there.rotation)
    moved = (here.to_enu(later) - here.to_enu([latitude, longitude, height])) / small
    assert claims.velocity[0] == pytest.approx(moved, abs=1e-3)
    turn = here.rotation @ there.rotation.T
    expected = turn @ np.diag([(10 / 2.4477) ** 2, (10 / 2.4477) ** 2, (150 / 1.96) ** 2]) @ turn.T
    assert claims.position_covariance[0] == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_without_a_height_the_pressure_altitude_helps_to_find_east_and_north() -> None:
    known = state(latitude_deg=54.0, geometric_altitude_ft=36_000)
    guessed = state("484c62", latitude_deg=54.0, pressure_altitude_ft=36_000)
    claims, _ = receive((0.0, [known, guessed]))
    assert claims.position[1, :2] == pytest.approx(claims.position[0, :2], abs=1e-6)


def test_a_position_is_given_once() -> None:
    moving = [state(latitude_deg=52.1), state(latitude_deg=52.1, position_age_s=1.0), state(latitude_deg=52.2)]
    claims, rejections = receive(*((float(second), [each]) for second, each in enumerate(moving)))
    assert frame_of(claims.id).tolist() == [1, 3]
    assert rejections == ()


def test_rounding_of_times_makes_no_news() -> None:
    claims, _ = receive((0.0, [state()]), (1.0, [state(position_age_s=0.9)]), (2.0, [state(position_age_s=2.1)]))
    assert frame_of(claims.id).tolist() == [1]


def test_an_aircraft_that_stands_still_and_is_heard_again_is_news() -> None:
    claims, _ = receive((0.0, [state()]), (1.0, [state()]))
    assert np.diff(claims.time_ns).tolist() == [SECOND_NS]


def test_a_much_older_position_after_a_newer_one_is_no_news() -> None:
    claims, _ = receive((0.0, [state()]), (0.5, [state(latitude_deg=52.0, position_age_s=16.0)]))
    assert frame_of(claims.id).tolist() == [1]


def test_documents_out_of_order_tell_what_they_tell_in_order() -> None:
    flown = [(float(t), [state(latitude_deg=52.0 + t / 1e3, position_age_s=0.5)]) for t in range(8)]
    late = [flown[k] for k in (0, 1, 3, 2, 6, 4, 5, 7)]
    in_order, shuffled = receive(*flown)[0], receive(*late)[0]
    assert len(in_order) == 8
    order = np.argsort(shuffled.time_ns)
    assert shuffled.time_ns[order].tolist() == in_order.time_ns.tolist()
    assert shuffled.position[order, :2].tolist() == in_order.position[:, :2].tolist()


def test_states_without_a_position_are_no_claims_and_no_fault() -> None:
    assert receive((0.0, [state(latitude_deg=None, longitude_deg=None)])) == (Claims.empty(), ())


def test_addresses_that_are_not_icao_s_are_another_scheme() -> None:
    claims, _ = receive((0.0, [state("484c61"), state("~484c61", latitude_deg=52.3)]))
    assert claims.aircraft_id.tolist() == ["icao:484C61", "non-icao:484C61"]


@pytest.mark.parametrize("marks", [{"origin": "mlat"}, {"mlat": ["lat", "lon"]}, {"origin": "tisb_icao"}])
def test_a_position_that_others_measured_has_the_declared_accuracy(marks: dict[str, object]) -> None:
    claims, _ = receive((0.0, [state(nac_p=11, gva=2, geometric_altitude_ft=500, **marks)]))
    assert np.sqrt(np.diag(claims.position_covariance[0])) == pytest.approx([50.0, 50.0, 60.0], rel=1e-4)


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("A1", Category.CREWED_AIRCRAFT),
        ("A7", Category.CREWED_AIRCRAFT),
        ("B1", Category.CREWED_AIRCRAFT),
        ("B6", Category.FIXED_WING_DRONE),
        ("C1", Category.OTHER),
        ("A0", -1),
        ("", -1),
    ],
)
def test_emitter_categories(category: str, expected: int) -> None:
    assert receive((0.0, [state(category=category)]))[0].category.tolist() == [expected]


@pytest.mark.parametrize(
    ("emergency", "squawk", "expected"),
    [("none", "7000", 0), ("general", "", 1), ("lifeguard", "", 0), ("", "7700", 1), ("none", "7600", 1), ("", "", -1)],
)
def test_emergencies(emergency: str, squawk: str, expected: int) -> None:
    claims, _ = receive((0.0, [state(emergency=emergency, squawk=squawk)]))
    assert claims.emergency.tolist() == [expected]


def test_a_document_with_a_wrong_clock_is_refused_whole() -> None:
    frames = documents((0.0, [state(), state("484c62")]), (20.0, [state()]), received_s=[15.0, 20.0])
    claims, rejections = ReadsbIngest(site(), 0).receive(frames)
    assert frame_of(claims.id).tolist() == [2]
    assert [(each.reason, each.frame, each.record, each.count) for each in rejections] == [(Reason.CLOCK, 1, -1, 2)]
    claims, rejections = ReadsbIngest(site(use_receive_time=True), 0).receive(frames)
    assert claims.time_ns.tolist() == [(NOON_S + 15) * SECOND_NS] * 2 + [(NOON_S + 20) * SECOND_NS]
    assert rejections == ()


@pytest.mark.parametrize("sensors", [0, 2])
def test_documents_that_no_one_sensor_received_are_refused(sensors: int) -> None:
    claims, rejections = ReadsbIngest(site(sensors=sensors), 0).receive(documents((0.0, [state()])))
    assert len(claims) == 0
    assert [(each.reason, each.frame) for each in rejections] == [(Reason.UNDECLARED_SENSOR, 1)]


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.builds(
                state,
                st.sampled_from(["484c61", "484c62", "~484c61"]),
                latitude_deg=st.sampled_from([None, 52.1, 52.2, 55.0]),
                position_age_s=st.sampled_from([0.0, 0.9, 5.0]),
                geometric_altitude_ft=st.sampled_from([None, 1_234.0]),
                track_deg=st.just(33.0),
                ground_speed_kt=st.just(111.0),
            ),
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    ),
    st.sets(st.integers(1, 5)),
)
def test_how_documents_are_cut_into_calls_changes_no_bit(written: list[list[AircraftState]], cuts: set[int]) -> None:
    frames = documents(*((float(second), aircraft) for second, aircraft in enumerate(written)))
    claims, rejections = ReadsbIngest(site(), 0).receive(frames)
    ingest, borders = ReadsbIngest(site(), 0), [0, *sorted(cut for cut in cuts if cut < len(written)), len(written)]
    parts = [ingest.receive(frames.take(slice(a, b))) for a, b in pairwise(borders)]
    assert Claims.concatenate([part[0] for part in parts]) == claims
    assert tuple(each for part in parts for each in part[1]) == rejections


@pytest.mark.recording
def test_a_recorded_flight_low_over_lelystad_keeps_its_speed_and_track() -> None:
    """Positions of a real flight, as a receiver would write them; the speed between claims is the speed they claim."""
    path = TRAFFIC / "belevingsvlucht.json.gz"
    if not path.is_file():
        pytest.skip(f"no recording {path}")
    points = json.loads(gzip.decompress(path.read_bytes()))
    points = [each for each in points if each["altitude"] is not None][1_000:2_000]
    written = [
        (
            each["timestamp"] / 1000 - NOON_S,
            [
                AircraftState(
                    address=each["icao24"],
                    latitude_deg=each["latitude"],
                    longitude_deg=each["longitude"],
                    position_age_s=0.0,
                    geometric_altitude_ft=each["altitude"],
                    ground_speed_kt=each["groundspeed"],
                    track_deg=each["track"],
                    geometric_rate_ft_min=each["vertical_rate"],
                )
            ],
        )
        for each in points
    ]
    claims, rejections = ReadsbIngest(site(), 0).receive(documents(*written))
    assert rejections == ()
    assert len(claims) == len(points)
    elapsed_s = (claims.time_ns[20:] - claims.time_ns[:-20]) / SECOND_NS
    flown = (claims.position[20:, :2] - claims.position[:-20, :2]) / elapsed_s[:, None]
    difference = np.linalg.norm(flown - claims.velocity[10:-10, :2], axis=1)[elapsed_s < 25.0]
    assert len(difference) > 500
    assert np.median(difference) < 0.03 * np.median(np.linalg.norm(claims.velocity[:, :2], axis=1))
