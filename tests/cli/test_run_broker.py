"""`luchtwacht run` on a broker: messages of a DroneScout receiver through a real mosquitto, claims on record."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.codecs.remote_id.test_dronescout import message, structure
from tests.sources.collecting import free_port
from tests.sources.test_broker import MOSQUITTO, broker, send

from luchtwacht.clock import SystemClock
from luchtwacht.geodesy import LocalFrame
from luchtwacht.journal import EntryKind, read_entries
from luchtwacht.model import Claimed, Claims
from luchtwacht.model.encoding import decode_event
from luchtwacht.units import DEGREE

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs Debian's mosquitto: apt-get install mosquitto")

SITE = """
id = "field"
name = "A field"
[origin]
latitude = 52.0
longitude = 5.0
[[sources]]
id = "scouts"
format = "dronescout"
connect = "mqtt://127.0.0.1:{port}/scouts/#"
use_receive_time = true
[[sensors]]
id = "roof"
kind = "remote_id_receiver"
source = "scouts"
place = {{ latitude = 52.0, longitude = 5.0 }}
"""


def scouted(latitude: float) -> bytes:
    """What a receiver publishes when it hears an aircraft at 5 degrees east."""
    heard = structure(latitude=latitude, serial=b"1588E04SCOUT00000077")
    return message(heard, timestamp=SystemClock().now_ns() // 1_000_000)


def test_what_a_scout_publishes_becomes_claims_of_a_running_watch(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "site.toml").write_text(SITE.format(port=port))
    command = (sys.executable, "-m", "luchtwacht", "run", "--no-console")
    where = ("--site", str(tmp_path / "site.toml"), "--journal", str(tmp_path / "journal"))
    with broker(tmp_path, port):
        watch = subprocess.Popen(
            [*command, *where], env=os.environ | {"XDG_STATE_HOME": str(tmp_path)}, stderr=subprocess.PIPE, text=True
        )
        try:
            assert watch.stderr is not None
            while "connected to" not in (line := watch.stderr.readline()):
                assert line, "the watch ended before it was connected"
            sent = []
            for latitude in (52.001, 52.002, 52.003):
                sent.append(scouted(latitude))
                send(port, sent[-1], topic="scouts/roof")
                send(port, b"nothing of ours", topic="elsewhere")
                time.sleep(0.7)
            time.sleep(2.0)
            watch.send_signal(signal.SIGTERM)
            _, said = watch.communicate(timeout=120)
        finally:
            if watch.poll() is None:
                watch.kill()
                watch.communicate()
    assert watch.returncode == 130, said
    assert [entry.data for entry in read_entries(tmp_path / "journal", kinds=(EntryKind.FRAME,))] == sent
    events = [decode_event(entry.data) for entry in read_entries(tmp_path / "journal", kinds=(EntryKind.EVENT,))]
    claims = Claims.concatenate([event.claims for event in events if isinstance(event, Claimed)])
    placed = claims.position[claims.aircraft_id == "uas:1588E04SCOUT00000077"]
    east_north = [
        LocalFrame(52.0 * DEGREE, 5.0 * DEGREE, 0.0).to_enu([latitude * DEGREE, 5.0 * DEGREE, 0.0])[:2]
        for latitude in (52.001, 52.002, 52.003)
    ]
    np.testing.assert_allclose(placed[:, :2], east_north, atol=0.5)
