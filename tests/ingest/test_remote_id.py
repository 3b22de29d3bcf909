from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import radians
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codecs.remote_id.messages import HOUR_NS, MAC, NOON_NS, frames_of, messages

from luchtwacht.codecs.remote_id import (
    BasicId,
    DjiFlight,
    Location,
    Message,
    OperatorId,
    System,
    encode_beacon,
    encode_dji_beacon,
    read_capture,
)
from luchtwacht.geodesy import LocalFrame
from luchtwacht.ingest.remote_id import KNOWN_FOR_S, RemoteIdIngest, aircraft_id_of, unwrap_times
from luchtwacht.model import (
    Category,
    ClaimKind,
    Claims,
    Format,
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
from luchtwacht.units import SECOND_NS

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "data" / "remote_id"
ORIGIN = Place(latitude=52.0, longitude=5.0, height=45.0)
SERIAL = BasicId(id_type=1, ua_type=2, uas_id="XPRT0TEST0000001")
SESSION = BasicId(id_type=4, ua_type=2, uas_id="01" + "2001003fffe00005" * 2 + "000000")
OPERATOR = OperatorId(operator_id="NLDabcdefghijklm")
PILOT = System(
    operator_location=1, operator_latitude_deg=52.001, operator_longitude_deg=5.001, operator_altitude_m=50.0
)


def place(seconds: float = 0.0, **known: float | int | None) -> Location:
    values: dict[str, float | int | None] = {
        "status": 2,
        "latitude_deg": 52.01,
        "longitude_deg": 5.02,
        "timestamp_s": seconds,
    }
    return Location(**(values | known))  # type: ignore[arg-type]


def site(*, sensors: int = 1, origin: Place = ORIGIN, **source: float | bool) -> Site:
    return Site(
        id="field",
        name="A field",
        origin=origin,
        sources=(Source(id="rid", format=Format.REMOTE_ID, **source),),  # type: ignore[arg-type]
        sensors=tuple(
            Sensor(
                id=f"receiver-{number}",
                kind=SensorKind.REMOTE_ID_RECEIVER,
                source="rid",
                place=origin,
                position_sigma_m=12.0,
                height_sigma_m=34.0,
            )
            for number in range(sensors)
        ),
    )


def receive(
    *packs: Sequence[Message], at_s: Sequence[float] | None = None, mac: bytes = MAC, where: Site | None = None
) -> tuple[Claims, tuple[Rejection, ...]]:
    times = [NOON_NS + round((each) * SECOND_NS) for each in at_s or [0.0] * len(packs)]
    frames = frames_of(*(encode_beacon(mac, pack, rssi_dbm=-60, counter=1) for pack in packs), received_ns=times)
    return RemoteIdIngest(where or site(), 0).receive(frames)


def test_a_place_becomes_a_claim_with_all_that_its_pack_says() -> None:
    claims, rejections = receive(
        [
            place(
                359.5,
                geodetic_altitude_m=145.0,
                pressure_altitude_m=88.0,
                height_m=60.0,
                direction_deg=90.0,
                speed_m_s=10.0,
                vertical_speed_m_s=-2.0,
                horizontal_accuracy=10,
                vertical_accuracy=4,
            ),
            OPERATOR,
            PILOT,
            SERIAL,
        ],
        at_s=[360.0],
    )
    assert rejections == ()
    assert len(claims) == 1
    assert (frame_of(claims.id).tolist(), record_of(claims.id).tolist()) == ([1], [0])
    assert claims.kind.tolist() == [ClaimKind.REMOTE_ID]
    assert claims.time_ns.tolist() == [NOON_NS + 359_500_000_000]
    assert claims.received_ns.tolist() == [NOON_NS + 360 * SECOND_NS]
    assert claims.aircraft_id.tolist() == ["uas:XPRT0TEST0000001"]
    assert claims.transmitter.tolist() == ["mac:02:aa:bb:cc:dd:ee"]
    assert claims.operator_id.tolist() == ["NLDabcdefghijklm"]
    assert claims.category.tolist() == [Category.MULTIROTOR]
    assert claims.emergency.tolist() == [0]
    frame = LocalFrame(*ORIGIN.geodetic)
    assert claims.position[0] == pytest.approx(frame.to_enu([radians(52.01), radians(5.02), 145.0]), abs=0.02)
    assert claims.pilot_position[0] == pytest.approx(frame.to_enu([radians(52.001), radians(5.001), 50.0]), abs=0.02)
    assert claims.velocity[0] == pytest.approx([10.0, 0.0, -2.0], abs=0.01)
    assert claims.pressure_altitude.tolist() == [88.0]
    covariance = claims.position_covariance[0]
    assert np.sqrt(np.diag(covariance)) == pytest.approx([10 / 2.4477, 10 / 2.4477, 10 / 1.96], rel=1e-3)
    assert (covariance == covariance.T).all()


def test_height_over_take_off_is_no_height_above_the_ellipsoid() -> None:
    claims, _ = receive([place(height_m=60.0, pressure_altitude_m=100.0)])
    assert np.isnan(claims.position[0, 2])
    assert np.isfinite(claims.position[0, :2]).all()
    assert np.isnan(claims.position_covariance[0, 2, 2])
    assert claims.position_covariance[0, :2, :2] == pytest.approx(np.eye(2) * 144.0, abs=1e-3), "as declared"


def test_unknown_velocity_stays_unknown() -> None:
    claims, _ = receive([place(direction_deg=None, speed_m_s=5.0, vertical_speed_m_s=1.0)], [place(1.0, speed_m_s=5.0)])
    assert np.isnan(claims.velocity[:, :2]).all()
    assert np.isfinite(claims.velocity[0, 2])


def test_until_an_id_is_heard_the_address_names_it() -> None:
    claims, _ = receive([place(0.0)], [SERIAL], [place(1.0)], at_s=[0.0, 0.5, 1.0])
    assert claims.aircraft_id.tolist() == ["mac:02:aa:bb:cc:dd:ee", "uas:XPRT0TEST0000001"]
    assert claims.category.tolist() == [-1, Category.MULTIROTOR]


def test_what_was_said_long_ago_no_longer_holds() -> None:
    late = KNOWN_FOR_S + 0.1
    claims, _ = receive([SERIAL, OPERATOR, PILOT], [place(5.0)], [place(late)], at_s=[0.0, 5.0, late])
    assert claims.aircraft_id.tolist() == ["uas:XPRT0TEST0000001", "mac:02:aa:bb:cc:dd:ee"]
    assert claims.operator_id.tolist() == ["NLDabcdefghijklm", ""]
    assert np.isnan(claims.pilot_position[:, 0]).tolist() == [False, True]


def test_two_transmitters_are_not_mixed_up() -> None:
    other = bytes.fromhex("020000000001")
    frames = frames_of(
        encode_beacon(MAC, [SERIAL, OPERATOR], rssi_dbm=-60, counter=1),
        encode_beacon(other, [place()], rssi_dbm=-60, counter=1),
    )
    claims, _ = RemoteIdIngest(site(), 0).receive(frames)
    assert claims.aircraft_id.tolist() == ["mac:02:00:00:00:00:01"]
    assert claims.operator_id.tolist() == [""]


@pytest.mark.parametrize("ids", [(SERIAL, SESSION), (SESSION, SERIAL)])
def test_of_two_ids_the_serial_number_is_taken(ids: tuple[BasicId, BasicId]) -> None:
    claims, _ = receive([*ids, place()])
    assert claims.aircraft_id.tolist() == ["uas:XPRT0TEST0000001"]


@pytest.mark.parametrize(
    ("id_type", "uas_id", "expected"),
    [
        (0, "SERIAL", ""),
        (1, " SERIAL ", "uas:SERIAL"),
        (1, "", ""),
        (2, "PH-1AB", "uas:PH-1AB"),
        (3, "00112233445566778899aabbccddeeff" + "00000000", "session:00112233445566778899aabbccddeeff"),
        (4, "01" + "2001003fffe00005" * 2 + "000000", "session:" + "2001003fffe00005" * 2),
        (4, "e1" * 20, "session:4HQ6DYPB4HQ6DYPB4HQ6DYPB4HQ6DYPB"),
        (4, "00" * 20, ""),
        (7, "11" * 20, ""),
    ],
)
def test_aircraft_ids(id_type: int, uas_id: str, expected: str) -> None:
    assert aircraft_id_of(id_type, uas_id) == expected
    assert len(expected) <= 40


@pytest.mark.parametrize(("status", "expected"), [(0, -1), (1, 0), (2, 0), (3, 1), (4, -1), (9, -1)])
def test_only_the_emergency_status_declares_an_emergency(status: int, expected: int) -> None:
    assert receive([place(status=status)])[0].emergency.tolist() == [expected]


def test_the_same_place_again_is_counted_and_dropped() -> None:
    claims, rejections = receive(*[[place(0.0)]] * 5, [place(0.1)], at_s=[0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert len(claims) == 2
    assert [(each.reason, each.frame) for each in rejections] == [(Reason.DUPLICATE, n) for n in (2, 3, 4, 5)]


def test_another_transmitter_s_same_place_is_no_repetition() -> None:
    frames = frames_of(
        encode_beacon(MAC, [place()], rssi_dbm=-60, counter=1),
        encode_beacon(bytes(6), [place()], rssi_dbm=-60, counter=1),
    )
    assert len(RemoteIdIngest(site(), 0).receive(frames)[0]) == 2


def test_an_aircraft_without_a_clock_may_hover() -> None:
    still = [[place(timestamp_s=None)]] * 4
    claims, rejections = receive(*still, at_s=[0.0, 0.1, 1.0, 2.0])
    assert claims.time_ns.tolist() == [NOON_NS, NOON_NS + SECOND_NS, NOON_NS + 2 * SECOND_NS]
    assert [each.reason for each in rejections] == [Reason.DUPLICATE]


def test_without_a_position_there_is_no_claim() -> None:
    claims, rejections = receive([place(latitude_deg=None, longitude_deg=None), SERIAL])
    assert len(claims) == 0
    assert [(each.reason, each.item) for each in rejections] == [(Reason.UNSUPPORTED, "latitude")]


@pytest.mark.parametrize(
    ("off_s", "accepted"), [(-9.9, True), (9.9, True), (-10.1, False), (10.1, False), (1_800, False)]
)
def test_a_clock_that_is_off_is_refused(off_s: float, accepted: bool) -> None:
    claims, rejections = receive([place(off_s % 3600)], at_s=[0.0])
    assert (len(claims) == 1) == accepted
    assert [each.reason for each in rejections] == ([] if accepted else [Reason.CLOCK])
    if accepted:
        assert claims.time_ns.tolist() == [NOON_NS + round(off_s * SECOND_NS)]


def test_a_source_may_be_told_to_use_the_time_of_receipt() -> None:
    claims, rejections = receive([place(1_800.0)], at_s=[3.0], where=site(use_receive_time=True))
    assert (claims.time_ns.tolist(), rejections) == ([NOON_NS + 3 * SECOND_NS], ())


@given(st.integers(0, 36_000), st.integers(-17_999, 18_000))
def test_times_are_unwrapped_to_the_nearest_hour(tenths: int, off_tenths: int) -> None:
    true_ns = NOON_NS + tenths * SECOND_NS // 10
    received_ns = np.array([true_ns - off_tenths * SECOND_NS // 10])
    found = unwrap_times(np.array([(true_ns % HOUR_NS) / SECOND_NS]), received_ns)
    assert found[0] == true_ns or abs(off_tenths) == 18_000


@pytest.mark.parametrize("sensors", [0, 2])
def test_frames_that_no_one_sensor_heard_are_refused(sensors: int) -> None:
    claims, rejections = receive([SERIAL, place()], [OPERATOR], where=site(sensors=sensors))
    assert len(claims) == 0
    assert [(each.reason, each.frame, each.record, each.count) for each in rejections] == [
        (Reason.UNDECLARED_SENSOR, 1, -1, 2),
        (Reason.UNDECLARED_SENSOR, 2, -1, 1),
    ]


def test_dji_records_are_claims_without_a_height() -> None:
    flight = DjiFlight(
        version=2,
        sequence=7,
        state=0x1FF3,
        serial="TESTSERIAL000001",
        latitude_deg=52.01,
        longitude_deg=5.02,
        altitude_raw=55,
        height_raw=30,
        velocity_north_m_s=3.0,
        velocity_east_m_s=4.0,
        velocity_up_m_s=1.0,
        yaw_deg=10.0,
        pilot_latitude_deg=52.001,
        pilot_longitude_deg=5.001,
    )
    frame = encode_dji_beacon(MAC, flight, rssi_dbm=-50, counter=1)
    times = [NOON_NS, NOON_NS + SECOND_NS // 5, NOON_NS + SECOND_NS]
    claims, rejections = RemoteIdIngest(site(), 0).receive(frames_of(frame, frame, frame, received_ns=times))
    assert claims.time_ns.tolist() == [times[0], times[2]]
    assert [each.reason for each in rejections] == [Reason.DUPLICATE]
    assert claims.aircraft_id.tolist() == ["uas:TESTSERIAL000001"] * 2
    assert claims.velocity[0] == pytest.approx([4.0, 3.0, 1.0], abs=0.01)
    assert np.isnan(claims.position[:, 2]).all()
    assert np.isfinite(claims.pilot_position[:, :2]).all()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.booleans(), st.lists(messages, min_size=1, max_size=4)), min_size=1, max_size=8),
    st.sets(st.integers(1, 7)),
)
def test_how_frames_are_cut_into_calls_changes_no_bit(sent: list[tuple[bool, list[Message]]], cuts: set[int]) -> None:
    frames = frames_of(
        *(encode_beacon(MAC if own else bytes(6), pack, rssi_dbm=-60, counter=1) for own, pack in sent),
        received_ns=[NOON_NS + number * SECOND_NS // 3 for number in range(len(sent))],
    )
    where = site(use_receive_time=True)
    claims, rejections = RemoteIdIngest(where, 0).receive(frames)
    ingest, borders = RemoteIdIngest(where, 0), [0, *sorted(cut for cut in cuts if cut < len(sent)), len(sent)]
    parts = [ingest.receive(frames.take(slice(a, b))) for a, b in pairwise(borders)]
    assert Claims.concatenate([part[0] for part in parts]) == claims
    assert tuple(each for part in parts for each in part[1]) == rejections


def recorded(name: str, origin: Place, *, use_receive_time: bool = False) -> tuple[Claims, tuple[Rejection, ...]]:
    if not RECORDINGS.is_dir():
        pytest.skip(f"no recordings in {RECORDINGS}")
    capture = read_capture((RECORDINGS / name).read_bytes())
    frames = frames_of(*(octets for _, octets in capture), received_ns=[time_ns for time_ns, _ in capture])
    where = site(origin=origin, use_receive_time=use_receive_time)
    return RemoteIdIngest(where, 0, capture.link).receive(frames)


@pytest.mark.recording
def test_the_real_anafi_is_one_aircraft_that_stands_still() -> None:
    claims, rejections = recorded("cdc_parrot_anafi4_real.pcapng", Place(latitude=47.1987, longitude=8.7302))
    assert (len(claims), {each.reason for each in rejections}) == (124, {Reason.DUPLICATE})
    assert len(claims) + len(rejections) == 1140
    assert Counter(claims.aircraft_id.tolist()) == {"uas:1588E040445AC004418": 122, "mac:90:3a:e6:5b:c8:a8": 2}
    assert np.abs(claims.position[:, :2]).max() < 20.0
    assert np.diff(claims.time_ns) == pytest.approx(SECOND_NS, abs=1.1 * SECOND_NS)
    assert np.abs(claims.time_ns - claims.received_ns).max() < 2 * SECOND_NS


@pytest.mark.recording
def test_the_spoofed_anafi_betrays_itself_by_its_clock() -> None:
    zurich = Place(latitude=47.37, longitude=8.54)
    claims, rejections = recorded("cdc_parrot_anafi4_spoofed.pcapng", zurich)
    assert len(claims) == 0
    assert Counter(each.reason for each in rejections) == {
        Reason.TRUNCATED: 26,
        Reason.CLOCK: 13,
        Reason.DUPLICATE: 13,
    }
    claims, _ = recorded("cdc_parrot_anafi4_spoofed.pcapng", zurich, use_receive_time=True)
    assert set(claims.aircraft_id.tolist()) == {"uas:1588E040445AC004418"}
    pilot_away = np.linalg.norm(claims.pilot_position[:, :2] - claims.position[:, :2], axis=1)
    assert (pilot_away > 15_000.0).all(), "the pilot's place was copied from the real one"
