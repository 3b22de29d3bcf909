"""`luchtwacht run` with a SAPIENT sensor below, a SAPIENT node above and an air traffic display beside, by sockets."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from math import cos, radians
from pathlib import Path

import pytest
from tests.codecs.sapient.vectors import FUSION
from tests.ingest.nodes import RADAR, registering, seen, status
from tests.oracles import asterix as oracle

from luchtwacht.clock import SystemClock
from luchtwacht.codecs.asterix import CATEGORIES
from luchtwacht.codecs.sapient import (
    Deframer,
    MessageKind,
    SapientMessage,
    compose,
    decode_message,
    encode_message,
    frame_message,
    ulid_of,
)
from luchtwacht.geodesy import LocalFrame
from luchtwacht.journal import EntryKind, read_entries
from luchtwacht.model import AlertChanged, AlertStatus, Outgoing
from luchtwacht.model.encoding import decode_event
from luchtwacht.runtime.recorded import Rerun, journal, periods, rerun
from luchtwacht.units import DEGREE, SECOND_NS

SITE = """\
id = "chain"
name = "A chain"
origin = {{ latitude = 52.0, longitude = 5.0, height = 50.0 }}
[alerting]
sure_s = 0.5
[[sources]]
id = "nodes"
format = "sapient"
connect = "tcp-listen://127.0.0.1:{below}"
[[sensors]]
id = "radar"
kind = "radar_3d"
source = "nodes"
place = {{ latitude = 52.0, longitude = 5.0, height = 50.0 }}
key = "{radar}"
period_s = 0.5
range_max_m = 5000.0
[[outputs]]
id = "above"
kind = "sapient"
address = "tcp://127.0.0.1:{above}"
what = ["tracks", "alerts"]
[[outputs]]
id = "tower"
kind = "asterix"
address = "udp://127.0.0.1:{display}"
sac = 25
sic = 9
[[zones]]
id = "field"
name = "A field"
restriction = "PROHIBITED"
[[zones.volumes]]
circle = {{ latitude = 52.0, longitude = 5.0, radius = 3000.0 }}
upper = 2000.0
"""
CAT062 = next(each for each in CATEGORIES if each.number == 62)
LOOKS_S, LOOK_S = 12.0, 0.25
RANGE_M, ELEVATION_DEG, SPEED_M_S = 1000.0, 8.0, 10.0


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


def azimuth_deg(since_s: float) -> float:
    """Where the drone is: it circles the radar, from north, at `SPEED_M_S`."""
    return since_s * SPEED_M_S / RANGE_M / DEGREE


class Sensor:
    """A radar that registers, and sees one drone circling it."""

    def __init__(self) -> None:
        self.answers: list[SapientMessage] = []

    async def work(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        hearing = asyncio.create_task(self._hear(reader))
        clock, begun_ns = SystemClock(), SystemClock().now_ns()
        writer.write(registering(RADAR, begun_ns))
        writer.write(status(RADAR, begun_ns))
        await until(lambda: bool(self.answers), 300.0)  # kernels may have to be compiled first
        begun_ns = clock.now_ns()
        drone = ulid_of(begun_ns, "drone")
        while (since_s := (clock.now_ns() - begun_ns) / SECOND_NS) < LOOKS_S:
            bearing = {"azimuth": azimuth_deg(since_s), "elevation": ELEVATION_DEG, "range": RANGE_M}
            bearing |= {"azimuth_error": 0.3, "elevation_error": 0.5, "range_error": 5.0}
            bearing |= {"coordinate_system": 1, "datum": 1}
            classes = [{"type": "UAV Rotary Wing", "confidence": 0.9}]
            now_ns = clock.now_ns()
            report = ulid_of(now_ns, "report")
            writer.write(
                seen(RADAR, now_ns, report_id=report, object_id=drone, range_bearing=bearing, classification=classes)
            )
            await writer.drain()
            await asyncio.sleep(LOOK_S)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        writer.close()

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        deframer = Deframer()
        while data := await reader.read(65_536):
            self.answers += [decode_message(octets) for octets in deframer.receive(data).messages]


class Above:
    """A higher node that takes the registration and acknowledges every alert."""

    def __init__(self) -> None:
        self.heard: list[SapientMessage] = []

    def of(self, kind: MessageKind) -> list[SapientMessage]:
        return [message for message in self.heard if message.kind is kind]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deframer, acknowledged = Deframer(), set[str]()
        while data := await reader.read(65_536):
            for octets in deframer.receive(data).messages:
                message = decode_message(octets)
                self.heard.append(message)
                if message.kind is MessageKind.REGISTRATION:
                    self._say(writer, MessageKind.REGISTRATION_ACK, {"acceptance": True})
                elif message.kind is MessageKind.ALERT and message.content.alert_id not in acknowledged:
                    acknowledged.add(message.content.alert_id)
                    content = {"alert_id": message.content.alert_id, "alert_ack_status": 1, "reason": ["on it"]}
                    self._say(writer, MessageKind.ALERT_ACK, content)
        writer.close()

    def _say(self, writer: asyncio.StreamWriter, kind: MessageKind, content: dict[str, object]) -> None:
        message = compose(kind, content, time_ns=SystemClock().now_ns(), node_id=FUSION)
        writer.write(frame_message(encode_message(message)))


def expected(latitude: float, longitude: float) -> float:
    """m from where the drone flies, on its circle about the radar."""
    east, north, _ = LocalFrame(52.0 * DEGREE, 5.0 * DEGREE, 50.0).to_enu([latitude, longitude, 189.0])
    ground = RANGE_M * cos(radians(ELEVATION_DEG))
    return abs(float((east**2 + north**2) ** 0.5) - ground)


@pytest.mark.slow
def test_from_a_sensor_below_to_a_node_above_and_a_display_beside(tmp_path: Path) -> None:
    below, above_port = free_port(), free_port()
    display = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    display.bind(("127.0.0.1", 0))
    display.setblocking(False)
    ports = {"below": below, "above": above_port, "display": display.getsockname()[1], "radar": RADAR}
    (tmp_path / "site.toml").write_text(SITE.format(**ports))
    above, sensor, blocks = Above(), Sensor(), list[bytes]()

    async def main() -> None:
        server = await asyncio.start_server(above.serve, "127.0.0.1", above_port)
        watch = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "luchtwacht", "run", "--no-console"),
            *("--site", str(tmp_path / "site.toml"), "--journal", str(tmp_path / "journal")),
            env=os.environ | {"XDG_STATE_HOME": str(tmp_path)},
            stderr=asyncio.subprocess.PIPE,
        )
        assert watch.stderr is not None
        said = b""
        async with asyncio.timeout(120.0):
            while b"listening on" not in said:
                line = await watch.stderr.readline()
                said += line
                assert line, said.decode()
        reading = asyncio.create_task(watch.stderr.read())
        try:
            # the kernels are compiled or loaded while sensors may already talk
            await until(lambda: bool(above.of(MessageKind.STATUS_REPORT)))
            await sensor.work(below)
            await asyncio.sleep(1.0)
        finally:
            watch.send_signal(signal.SIGTERM)
            await watch.wait()
            said += await reading
            server.close()
        assert watch.returncode == 130, said.decode()
        while True:
            try:
                blocks.append(display.recv(65_536))
            except BlockingIOError:
                return

    try:
        asyncio.run(main())
    finally:
        display.close()

    assert sensor.answers[0].kind is MessageKind.REGISTRATION_ACK
    assert sensor.answers[0].content.acceptance

    reports = above.of(MessageKind.DETECTION_REPORT)
    assert len(reports) >= 4
    assert len({each.content.object_id for each in reports}) == 1
    for each in reports:
        assert expected(each.content.location.y * DEGREE, each.content.location.x * DEGREE) < 60.0
    assert reports[-1].content.classification[0].sub_class[0].confidence > 0.5

    tracks = [record for block in blocks if block[0] == 62 for record in oracle.records_of(CAT062, block)]
    assert len(tracks) >= 4
    assert {(each["I062/010/SAC"], each["I062/010/SIC"]) for each in tracks} == {(25, 9)}
    assert len({each["I062/040"] for each in tracks}) == 1
    for track in tracks:
        assert expected(track["I062/105/LAT"] * DEGREE, track["I062/105/LON"] * DEGREE) < 60.0
    assert any(block[0] == 65 for block in blocks)

    events = [decode_event(entry.data) for entry in read_entries(tmp_path / "journal", kinds=(EntryKind.EVENT,))]
    alerts = [event.alert for event in events if isinstance(event, AlertChanged)]
    acknowledged = [alert for alert in alerts if alert.status == AlertStatus.ACKNOWLEDGED]
    assert acknowledged
    assert acknowledged[-1].steps[-1].actor == "above"
    assert FUSION in acknowledged[-1].steps[-1].note
    sent = [event.kind for event in events if isinstance(event, Outgoing)]
    assert sent[0] == "registration_ack"

    (period,) = periods(journal(tmp_path / "journal"))
    *_, outcome = rerun(journal(tmp_path / "journal"), period)
    assert isinstance(outcome, Rerun)
    assert outcome.difference is None
