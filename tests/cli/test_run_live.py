"""`luchtwacht run` on live sensors: datagrams on loopback in, a journal that replays out."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from luchtwacht.cli.simulate import site_text
from luchtwacht.clock import SystemClock
from luchtwacht.journal import EntryKind, read_entries
from luchtwacht.model import Tracked
from luchtwacht.model.encoding import decode_event
from luchtwacht.runtime.recorded import Rerun, journal, periods, rerun
from luchtwacht.simulation import Scenario, embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS

SPAN_S = 6


def free_ports(count: int) -> list[int]:
    """UDP ports of loopback that nobody uses."""
    held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def test_datagrams_become_tracks_and_a_record_that_replays(tmp_path: Path) -> None:
    path = embedded_scenario()
    scenario = read_scenario(path)
    ports = free_ports(len(scenario.site.sources))
    text = site_text(path).replace('base_map = "city.geojson"', "")
    for old, new in zip(range(8600, 8600 + len(ports)), ports, strict=True):
        text = text.replace(f"udp://127.0.0.1:{old}", f"udp://127.0.0.1:{new}")
    (tmp_path / "site.toml").write_text(text)
    watch = subprocess.Popen(
        [
            *(sys.executable, "-m", "luchtwacht", "run", "--no-console"),
            *("--site", str(tmp_path / "site.toml"), "--journal", str(tmp_path / "journal")),
        ],
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert watch.stderr is not None
        listening = 0
        while listening < len(ports):
            line = watch.stderr.readline()
            assert line, "the watch ended before it listened"
            listening += "listening on" in line
        sent = send(scenario, ports)
        time.sleep(2.0)
        watch.send_signal(signal.SIGTERM)
        _, said = watch.communicate(timeout=120)
    finally:
        if watch.poll() is None:
            watch.kill()
            watch.communicate()
    assert watch.returncode == 130, said
    frames = [entry.data for entry in read_entries(tmp_path / "journal", kinds=(EntryKind.FRAME,))]
    assert sorted(frames) == sorted(sent)
    events = [decode_event(entry.data) for entry in read_entries(tmp_path / "journal", kinds=(EntryKind.EVENT,))]
    assert any(isinstance(event, Tracked) and len(event.tracks) for event in events)
    (period,) = periods(journal(tmp_path / "journal"))
    *_, outcome = rerun(journal(tmp_path / "journal"), period)
    assert isinstance(outcome, Rerun)
    assert outcome.difference is None


def send(scenario: Scenario, ports: list[int]) -> list[bytes]:
    """The first seconds of the scenario as datagrams, in real time; what was sent."""
    clock = SystemClock()
    start_ns = clock.now_ns()
    sent = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for received_ns, source, payload in simulate(scenario, start_ns):
            if received_ns > start_ns + SPAN_S * SECOND_NS:
                break
            time.sleep(max(received_ns - clock.now_ns(), 0) / SECOND_NS)
            out.sendto(payload, ("127.0.0.1", ports[source]))
            sent.append(payload)
    return sent
