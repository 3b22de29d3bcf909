"""DroneScout receivers: what each heard becomes claims of that sensor, its status a report of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.codecs.remote_id.test_dronescout import message, structure
from tests.ingest.receivers import NOON_NS, check_cuts_and_snapshots, frames, geodetic, heard, reasons, site

from luchtwacht.model import ClaimKind, Format, Reason, SensorKind, SensorState
from luchtwacht.units import SECOND_NS

SCOUTS = site(Format.DRONESCOUT, kind=SensorKind.REMOTE_ID_RECEIVER, keys=("scout-1", "scout-2"))
HALF_PAST_NS = NOON_NS // (3_600 * SECOND_NS) * 3_600 * SECOND_NS + 1_800 * SECOND_NS
"""the structure's Location is of half a second later"""


def status(said: str) -> bytes:
    return b'{"data": {"sensor ID": "scout-2", "timestamp": 5, "status": "%s"}}' % said.encode()


def test_each_receiver_claims_what_it_heard() -> None:
    payloads = [message(structure()), message(structure(latitude=52.001), **{"sensor ID": "scout-2"})]
    found = heard(SCOUTS, frames(*payloads, start_ns=HALF_PAST_NS))
    assert found.rejections == ()
    claims = found.claims
    assert claims.sensor.tolist() == [0, 1]
    assert set(claims.kind.tolist()) == {ClaimKind.REMOTE_ID}
    assert set(claims.aircraft_id.tolist()) == {"uas:1588E04FAKE000000001"}
    assert set(claims.transmitter.tolist()) == {"mac:df:72:11:d2:6b:95"}
    assert geodetic(SCOUTS, claims)[0] == pytest.approx([52.0, 5.0, 110.0], abs=1e-3)
    assert claims.time_ns.tolist() == [HALF_PAST_NS + SECOND_NS // 2] * 2


def test_the_same_location_again_is_a_repetition() -> None:
    found = heard(SCOUTS, frames(message(structure()), message(structure()), start_ns=HALF_PAST_NS))
    assert len(found.claims) == 1
    assert [reason for _, reason, _ in reasons(found)] == [Reason.DUPLICATE]


def test_a_status_is_a_report_of_its_sensor() -> None:
    found = heard(SCOUTS, frames(status("normal"), status("no antenna")))
    assert [(each.sensor, each.state) for each in found.reports] == [
        (1, SensorState.OPERATIONAL),
        (1, SensorState.DEGRADED),
    ]
    assert "no antenna" in found.reports[1].detail


def test_strangers_and_noise_are_refused() -> None:
    found = heard(SCOUTS, frames(message(structure(), **{"sensor ID": "scout-3"}), b"noise", message(b"short")))
    assert [reason for _, reason, _ in reasons(found)] == [
        Reason.UNDECLARED_SENSOR,
        Reason.UNKNOWN_FORMAT,
        Reason.MALFORMED,
    ]
    assert "scout-3" in found.rejections[0].detail


def test_one_receiver_needs_no_key() -> None:
    alone = replace(SCOUTS, sensors=(replace(SCOUTS.sensors[0], key=""),))
    assert len(heard(alone, frames(message(structure()), start_ns=HALF_PAST_NS)).claims) == 1


def test_cuts_and_snapshots_change_nothing() -> None:
    payloads = [message(structure()), message(structure(latitude=52.001), **{"sensor ID": "scout-2"}), b"noise"]
    check_cuts_and_snapshots(SCOUTS, frames(*payloads, message(structure()), start_ns=HALF_PAST_NS))
