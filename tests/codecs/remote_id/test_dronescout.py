"""Messages of DroneScout receivers: real ones, made-up ones, and what is none."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.cli.splitting import splitter_of
from luchtwacht.codecs.remote_id import BasicId, Carrier, LinkType, Location, System, decode
from luchtwacht.codecs.remote_id.dronescout import decode_dronescout
from luchtwacht.errors import BadMessage
from luchtwacht.model import Format, Frames, Source

SAMPLES = Path(__file__).parents[3].parent / "shared" / "data" / "remote_id" / "dronecot"
SOURCE = Source(id="scout", format=Format.DRONESCOUT)


def structure(*, latitude: float = 52.0, longitude: float = 5.0, serial: bytes = b"1588E04FAKE000000001") -> bytes:
    """A structure with a Basic ID, a Location and a System."""
    made = bytearray(921)
    struct.pack_into("<II20s", made, 0, 2, 1, serial)
    location = (2, 90.0, 12.5, -1.5, latitude, longitude, -1000.0, 110.0, 1, 50.0, 10, 5, 0, 3, 1, 1800.5)
    struct.pack_into("<IfffddffIfIIIIIf", made, 64, *location)
    struct.pack_into("<IIddHHffIIfI", made, 808, 1, 0, 52.01, 5.01, 1, 0, -1000.0, -1000.0, 0, 0, 45.5, 0)
    made[892] = made[894] = made[912] = 1
    return bytes(made)


def message(data: bytes, **changed: object) -> bytes:
    said = {
        "sensor ID": "scout-1",
        "RSSI": -72,
        "channel": 0,
        "timestamp": 1_735_677_508_366,
        "MAC address": "DF:72:11:D2:6B:95",
        "type": "BLE legacy",
        "UASdata": base64.b64encode(data).decode(),
    }
    return json.dumps({"protocol": 1.0, "data": said | changed}).encode()


def decoded(frame: bytes) -> list[object]:
    frames = Frames.of([frame], sequence=[1], source=[0], received_ns=[0])
    return [each.message for each in decode(frames, LinkType.ASSEMBLED).messages]


def test_what_a_receiver_heard_comes_out_as_the_messages_that_were_sent() -> None:
    said = decode_dronescout(message(structure()))
    assert (said.sensor, said.timestamp_ms, said.status) == ("scout-1", 1_735_677_508_366, None)
    basic_id, location, system = decoded(said.frame)
    assert basic_id == BasicId(id_type=1, ua_type=2, uas_id="1588E04FAKE000000001")
    assert isinstance(location, Location)
    assert (location.latitude_deg, location.longitude_deg) == (52.0, 5.0)
    assert (location.geodetic_altitude_m, location.pressure_altitude_m, location.height_m) == (110.0, None, 50.0)
    assert (location.direction_deg, location.speed_m_s, location.vertical_speed_m_s) == (90.0, 12.5, -1.5)
    assert location.timestamp_s == 1800.5
    assert isinstance(system, System)
    assert (system.operator_latitude_deg, system.operator_altitude_m) == (52.01, 45.5)


def test_a_status_says_how_the_receiver_is() -> None:
    said = decode_dronescout(b'{"protocol": 1.0, "data": {"sensor ID": "scout-1", "timestamp": 5, "status": "normal"}}')
    assert (said.sensor, said.status, said.frame) == ("scout-1", "normal", b"")


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        (b"", "json"),
        (b"{}", "json"),
        (b'{"data": {}}', "data"),
        (message(structure()[:900]), "UASdata"),
        (message(structure(), UASdata="%%%"), "UASdata or MAC address"),
        (message(structure(), **{"MAC address": "DF:72"}), "UASdata or MAC address"),
        (message(structure(serial=b"\xff" * 20)), "UASdata"),
        (message(structure(latitude=float("nan"))), "UASdata"),
    ],
)
def test_what_is_no_message_is_refused(payload: bytes, where: str) -> None:
    with pytest.raises(BadMessage) as caught:
        decode_dronescout(payload)
    assert caught.value.where == where


@given(noise=st.binary(min_size=914, max_size=930))
def test_no_structure_does_more_than_be_refused(noise: bytes) -> None:
    try:
        said = decode_dronescout(message(noise))
    except BadMessage:
        return
    decode(Frames.of([said.frame], sequence=[1], source=[0], received_ns=[0]), LinkType.ASSEMBLED)


@pytest.mark.recording
@pytest.mark.parametrize(
    ("name", "count", "carrier"),
    [
        ("BLE-legacy.json", 19, Carrier.BLUETOOTH_LEGACY),
        ("BLE-long_range.json", 4, Carrier.BLUETOOTH_EXTENDED),
        ("WiFi-NaN.json", 3, Carrier.WIFI_NAN),
        ("WiFi-beacon.json", 2, Carrier.WIFI_BEACON),
    ],
)
def test_real_messages_are_read(name: str, count: int, carrier: Carrier) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"needs the recordings beside the project: {path} is missing")
    received = list(splitter_of(SOURCE, {})(path.read_bytes(), SOURCE))
    assert len(received) == count
    frames = [decode_dronescout(payload).frame for _, payload in received]
    numbers = np.arange(count)
    held = decode(Frames.of(frames, sequence=numbers, source=numbers * 0, received_ns=numbers), LinkType.ASSEMBLED)
    assert held.rejections == ()
    assert set(held.heard.carrier.tolist()) == {carrier}
    assert len(held.locations) == count
    assert set(held.basic_ids.uas_id.tolist()) == {"1787F04BM24010011195"}
    assert np.allclose(held.locations.latitude_deg, 37.76, atol=0.01)
