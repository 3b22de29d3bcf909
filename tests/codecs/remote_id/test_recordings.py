"""Real captures; counts as an independent dissector (tshark with the Open Drone ID plug-in) gives them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from luchtwacht.codecs.remote_id import Carrier, Decoded, decode, read_capture
from luchtwacht.model import Frames, Reason

RECORDINGS = Path(__file__).parents[3].parent / "shared" / "data" / "remote_id"
pytestmark = [
    pytest.mark.recording,
    pytest.mark.skipif(not RECORDINGS.is_dir(), reason=f"no recordings in {RECORDINGS}"),
]


def decoded(name: str) -> Decoded:
    capture = read_capture((RECORDINGS / name).read_bytes())
    assert capture.whole
    count = len(capture)
    frames = Frames.of(
        [octets for _, octets in capture],
        sequence=list(range(1, count + 1)),
        source=[0] * count,
        received_ns=[time_ns for time_ns, _ in capture],
    )
    return decode(frames, capture.link)


def test_the_real_anafi() -> None:
    found = decoded("cdc_parrot_anafi4_real.pcapng")
    counts = (len(found.locations), len(found.basic_ids), len(found.systems), len(found.operator_ids))
    assert counts == (1140, 385, 385, 385)
    assert found.rejections == ()
    assert found.other == 5091 - 1140
    assert set(found.basic_ids.uas_id.tolist()) == {"1588E040445AC004418"}
    assert np.ptp(found.locations.latitude_deg) < 1e-3
    assert np.abs(found.locations.latitude_deg - 47.1987).max() < 1e-3
    assert np.isnan(found.locations.geodetic_altitude_m).all(), "it stood on the ground without a height"


def test_its_spoofed_twin_has_the_same_id_and_another_place() -> None:
    found = decoded("cdc_parrot_anafi4_spoofed.pcapng")
    assert (len(found.locations), len(found.basic_ids), len(found.systems)) == (26, 26, 26)
    assert set(found.basic_ids.uas_id.tolist()) == {"1588E040445AC004418"}
    assert np.abs(found.locations.longitude_deg - 8.54).max() < 0.05, "Zurich"
    assert Counter((each.reason, each.item) for each in found.rejections) == {(Reason.TRUNCATED, "message_pack"): 26}


@pytest.mark.parametrize(("name", "count"), [("cdc_mavic_alessa_spoofed", 10), ("cdc_mavic_multiple_spoofed", 77)])
def test_dji_beacons(name: str, count: int) -> None:
    found = decoded(f"{name}.pcapng")
    assert len(found.dji_flights) == len(found.heard) == count
    assert set(found.heard.carrier.tolist()) == {Carrier.DJI_BEACON}
    assert found.rejections == ()


def test_the_reference_beacons() -> None:
    found = decoded("wsdissector_odid_wifi_bcn_sample.pcap")
    assert Counter(found.heard.kind.tolist()) == dict.fromkeys((0, 1, 3, 4, 5), 21)
    assert found.rejections == ()
    assert set(found.operator_ids.operator_id.tolist()) == {"GBR-OP-123ABCD"}


def test_the_reference_nan_frames_beside_beacons() -> None:
    found = decoded("wsdissector_odid_wifi_sample.pcap")
    assert Counter(found.heard.carrier.tolist()) == {Carrier.WIFI_BEACON: 21, Carrier.WIFI_NAN: 21}
    assert (found.other, found.rejections) == (21, ())


def test_damaged_bluetooth_packets_are_refused_and_the_rest_stays_on_the_globe() -> None:
    found = decoded("wsdissector_odid_bt5_lr_sample.pcapng")
    assert Counter(each.item for each in found.rejections) == {"CRC": 29, "message_pack": 19}
    assert len(set(found.heard.frame.tolist())) == 244 - 19, "19 sound packets carry a pack of no messages"
    assert set(found.basic_ids.uas_id.tolist()) == {"SSEVTFG93700070"}
    assert set(found.heard.transmitter.tolist()) == {0xE07DEAEB2F1C}
    assert set(found.operator_ids.operator_id.tolist()) == {"FIN87astrdge12kxyz8"}
