from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luchtwacht.codecs.adsb import AircraftState, AircraftStates, decode_readsb, encode_readsb
from luchtwacht.errors import BadMessage
from luchtwacht.model import Frames, Reason
from luchtwacht.units import SECOND_NS

DOCUMENT = b"""{"now":1700000000.25,"messages":12345,"aircraft":[
{"hex":"484c61","type":"adsb_icao","flight":"TEST12  ","alt_baro":2100,"alt_geom":2225,"gs":120.5,"track":270.0,
"baro_rate":-64,"geom_rate":-128,"squawk":"7000","emergency":"none","category":"A7","lat":52.3,"lon":4.7,"nac_p":9,
"gva":2,"seen_pos":0.4,"seen":0.1,"rssi":-12.1,"mlat":[],"tisb":[],"unheard_of":{"a":[1]}},
{"hex":"~2abcde","type":"tisb_other","alt_baro":"ground","lat":52.31,"lon":4.76,"seen_pos":3.0,"tisb":["lat","lon"]},
{"hex":"484c62","type":"mode_s","alt_baro":35000,"seen":2.0}]}"""

states = st.builds(
    AircraftState,
    address=st.from_regex(r"~?[0-9a-f]{6}", fullmatch=True),
    origin=st.sampled_from(["", "adsb_icao", "mlat", "tisb_other"]),
    flight=st.text("ABC123", max_size=8),
    category=st.sampled_from(["", "A1", "B6"]),
    emergency=st.sampled_from(["", "none", "general"]),
    latitude_deg=st.none() | st.floats(-90, 90),
    longitude_deg=st.none() | st.floats(-180, 180),
    position_age_s=st.none() | st.floats(0, 60),
    geometric_altitude_ft=st.none() | st.floats(-1000, 60_000),
    pressure_altitude_ft=st.none() | st.just("ground") | st.floats(-1000, 60_000),
    ground_speed_kt=st.none() | st.floats(0, 900),
    track_deg=st.none() | st.floats(0, 360),
    nac_p=st.none() | st.integers(0, 11),
)


def frames_of(*payloads: bytes) -> Frames:
    count = len(payloads)
    return Frames.of(list(payloads), sequence=list(range(1, count + 1)), source=[0] * count, received_ns=[0] * count)


def columns_of(aircraft: list[AircraftState]) -> AircraftStates:
    return decode_readsb(frames_of(encode_readsb(1.7e9, aircraft))).states


def test_a_document_as_readsb_writes_it() -> None:
    decoded = decode_readsb(frames_of(DOCUMENT))
    found = decoded.states
    assert decoded.rejections == ()
    assert found.now_ns.tolist() == [1_700_000_000_250_000_000] * 3
    assert found.record.tolist() == [0, 1, 2]
    assert found.address.tolist() == ["484C61", "2ABCDE", "484C62"]
    assert found.icao.tolist() == [True, False, True]
    assert found.flight.tolist() == ["TEST12", "", ""]
    assert found.on_ground.tolist() == [False, True, False]
    assert found.pressure_altitude_ft[[0, 2]].tolist() == [2100.0, 35_000.0]
    assert np.isnan(found.pressure_altitude_ft[1])
    assert np.isnan(found.latitude_deg).tolist() == [False, False, True]
    assert (found.nac_p.tolist(), found.gva.tolist()) == ([9, -1, -1], [2, -1, -1])
    assert found.relayed.tolist() == [False, True, False]
    assert not found.multilaterated.any()


@given(st.lists(states, max_size=5))
def test_what_is_encoded_comes_back(aircraft: list[AircraftState]) -> None:
    document = json.loads(encode_readsb(1.7e9, aircraft))
    found = columns_of(aircraft)
    assert [each["hex"][-6:].upper() for each in document["aircraft"]] == found.address.tolist()
    for name in ("latitude_deg", "longitude_deg", "geometric_altitude_ft", "ground_speed_kt", "track_deg"):
        sent = [np.nan if getattr(each, name) is None else getattr(each, name) for each in aircraft]
        assert np.array_equal(getattr(found, name), np.array(sent, dtype=float), equal_nan=True), name
    assert found.on_ground.tolist() == [each.pressure_altitude_ft == "ground" for each in aircraft]
    assert found.now_ns.tolist() == [1_700_000_000 * SECOND_NS] * len(aircraft)


@pytest.mark.parametrize(
    ("aircraft", "reason", "item"),
    [
        ('{"hex":"484c61","lat":"x"}', Reason.MALFORMED, "lat"),
        ('{"hex":"484c6"}', Reason.MALFORMED, "hex"),
        ('{"lat":1.0}', Reason.MALFORMED, ""),
        ('{"hex":"484c61","alt_baro":"sky"}', Reason.MALFORMED, "alt_baro"),
        ('{"hex":"484c61","lat":90.1,"lon":1}', Reason.IMPLAUSIBLE, "lat"),
        ('{"hex":"484c61","seen_pos":-1}', Reason.IMPLAUSIBLE, "seen_pos"),
        ('{"hex":"484c61","alt_geom":1e300}', Reason.IMPLAUSIBLE, "alt_geom"),
        ("7", Reason.MALFORMED, ""),
    ],
)
def test_a_bad_aircraft_is_refused_alone(aircraft: str, reason: Reason, item: str) -> None:
    document = f'{{"now":1,"aircraft":[{{"hex":"484c61"}},{aircraft},{{"hex":"484c62"}}]}}'.encode()
    decoded = decode_readsb(frames_of(document))
    assert decoded.states.record.tolist() == [0, 2]
    assert [(each.record, each.reason, each.item) for each in decoded.rejections] == [(1, reason, item)]


def test_every_truncation_is_refused_whole() -> None:
    for size in range(len(DOCUMENT)):
        decoded = decode_readsb(frames_of(DOCUMENT[:size]))
        assert len(decoded.states) == 0
        assert [each.reason for each in decoded.rejections] == [Reason.TRUNCATED]


@pytest.mark.parametrize(
    "payload", [b"[]", b"null", b"\xff", b'{"aircraft":[]}', b'{"now":-1,"aircraft":[]}', b"[" * 9_999]
)
def test_what_is_no_aircraft_json_is_named(payload: bytes) -> None:
    (rejection,) = decode_readsb(frames_of(payload)).rejections
    assert rejection.record == -1
    assert rejection.reason in (Reason.UNKNOWN_FORMAT, Reason.IMPLAUSIBLE, Reason.TRUNCATED)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(DOCUMENT) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_corruption_never_raises(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(DOCUMENT)
    for at, value in changes:
        damaged[at] = value
    found = decode_readsb(frames_of(bytes(damaged))).states
    assert not (np.abs(found.latitude_deg) > 90.0).any()


def test_what_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(BadMessage):
        encode_readsb(1.0, [AircraftState(address="KLM123")])
    with pytest.raises(BadMessage):
        encode_readsb(1.0, [AircraftState(address="484c61", latitude_deg=float("nan"), longitude_deg=1.0)])
