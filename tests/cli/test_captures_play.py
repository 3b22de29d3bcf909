"""Captures of a radio are played through ingest: the reference captures of Bluetooth and Wi-Fi, damage and all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from luchtwacht.cli.recordings import open_recording
from luchtwacht.codecs.remote_id import BasicId, Location, Message, encode_bluetooth
from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Format, Frames, Place, Radio, Reason, Sensor, SensorKind, Site, Source

CAPTURES = Path(__file__).parents[2].parent / "shared" / "data" / "remote_id"
HERE = Place(latitude=47.0, longitude=8.0)


def declared(name: str, radio: Radio) -> Site:
    return Site(
        id="field",
        name="A field",
        origin=HERE,
        sources=(Source(id="rid", format=Format.REMOTE_ID, file=name, radio=radio, use_receive_time=True),),
        sensors=(Sensor(id="receiver", kind=SensorKind.REMOTE_ID_RECEIVER, source="rid", place=HERE),),
    )


def played(name: str, radio: Radio) -> Ingested:
    if not (CAPTURES / name).exists():
        pytest.skip(f"needs the recordings beside the project: {CAPTURES / name} is missing")
    site = declared(name, radio)
    arrivals = list(open_recording(site, {}, CAPTURES).files.arrivals())
    numbers = np.arange(len(arrivals))
    frames = Frames.of(
        [payload for _, _, payload in arrivals],
        sequence=numbers + 1,
        source=numbers * 0,
        received_ns=np.array([received_ns for received_ns, _, _ in arrivals]),
    )
    return Ingest(site, {}).receive(frames)


@pytest.mark.recording
def test_a_damaged_capture_of_bluetooth_claims_nothing_and_says_why() -> None:
    """Its transmitter does not know where it is; what looks like a place in it is damage."""
    found = played("wsdissector_odid_bt5_lr_sample.pcapng", Radio.NORDIC_BLE)
    assert len(found.claims) == 0
    counts = Counter((each.reason, each.item) for each in found.rejections)
    assert counts[Reason.MALFORMED, "CRC"] > 20
    assert counts[Reason.UNSUPPORTED, "latitude"] > 30


@pytest.mark.parametrize("extended", [False, True])
def test_bluetooth_four_and_five_make_claims(extended: bool) -> None:
    place = Location(status=2, latitude_deg=47.01, longitude_deg=8.01, geodetic_altitude_m=450.0)
    name = BasicId(id_type=1, ua_type=2, uas_id="1588E04FAKE000000001")
    parts: list[list[Message]] = [[name, place]] if extended else [[name], [place]]
    payloads = [encode_bluetooth(b"\x02MACAD", part, rssi_dbm=-60, counter=1) for part in parts]
    numbers = np.arange(len(payloads))
    frames = Frames.of(payloads, sequence=numbers + 1, source=numbers * 0, received_ns=numbers + 1_777_802_400 * 10**9)
    found = Ingest(declared("any", Radio.NORDIC_BLE), {}).receive(frames)
    assert found.claims.aircraft_id.tolist() == ["uas:1588E04FAKE000000001"]
    assert found.rejections == ()


@pytest.mark.recording
@pytest.mark.parametrize(
    ("name", "radio"),
    [
        ("wsdissector_odid_wifi_sample.pcap", Radio.RADIOTAP),
        ("wsdissector_odid_wifi_bcn_sample.pcap", Radio.RADIOTAP),
        ("cdc_parrot_anafi4_real.pcapng", Radio.RADIOTAP),
    ],
)
def test_captures_of_wifi_give_claims(name: str, radio: Radio) -> None:
    found = played(name, radio)
    assert len(found.claims) > 3
    assert all(identity.startswith(("uas:", "mac:", "session:")) for identity in found.claims.aircraft_id.tolist())
