"""A recording larger than the memory: what is held does not grow with the file, whatever is done with it."""

from __future__ import annotations

import base64
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.codecs.remote_id.test_capture import block, interface

from luchtwacht.codecs.remote_id import LinkType, Location, encode_bluetooth

WALKED_MB = (8, 40)
WORKED_MB = (70, 140)
"""beyond the batches in which a decoder and the journal work"""
PLAYED_MB = (70, 250)
MARGIN_KB = 16_000
"""half of what holding the difference would take, or less"""
START_S = 1_777_777_200
RECEIVER = """
[[sources]]
id = "one"
format = "remote_id"
radio = "bluetooth_le"
file = "one*"
[[sensors]]
id = "receiver"
kind = "remote_id_receiver"
source = "one"
place = { latitude = 52.0, longitude = 5.0 }
"""
RADAR = """
[[sources]]
id = "one"
format = "asterix"
file = "one*"
[[sensors]]
id = "radar"
kind = "radar_3d"
source = "one"
sac = 1
sic = 2
place = { latitude = 52.0, longitude = 5.0 }
"""
SITE = 'id = "field"\nname = "A field"\n[origin]\nlatitude = 52.0\nlongitude = 5.0\n'

WALK = """
import sys
from pathlib import Path
from luchtwacht.cli.places import open_site
from luchtwacht.cli.recordings import open_recording

site, mappings = open_site(Path(sys.argv[1]))
recording = open_recording(site, mappings, Path(sys.argv[2]))
assert sum(1 for _ in recording.files.arrivals()) == len(recording.files) > 1_000
"""
"""walks through a recording as a watch does"""

Writer = Callable[[Path, float], None]


def udp(payload: bytes) -> bytes:
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, 0x7F000001, 0x7F000001)
    return bytes(12) + b"\x08\x00" + ip + struct.pack(">HHHH", 1, 2, 8 + len(payload), 0) + payload


def plots() -> bytes:
    """A block of a category that is not read: the longer it is, the less is to be done with it."""
    return bytes([250]) + (1_300).to_bytes(2, "big") + bytes(1_297)


def advertisement() -> bytes:
    place = Location(status=2, latitude_deg=52.01, longitude_deg=5.01, geodetic_altitude_m=90.0)
    return encode_bluetooth(b"\x02MACAD", [place], rssi_dbm=-60, counter=1)


def pcap(link: int, *packets: bytes) -> Writer:
    def write(path: Path, megabytes: float) -> None:
        with path.open("wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link))
            for number in range(round(megabytes * 1e6 * len(packets) / sum(16 + len(each) for each in packets))):
                seconds, micros = divmod(number * 1_000, 1_000_000)
                octets = packets[number % len(packets)]
                file.write(struct.pack("<IIII", START_S + seconds, micros, len(octets), len(octets)) + octets)

    return write


def pcapng(link: int, octets: bytes) -> Writer:
    def write(path: Path, megabytes: float) -> None:
        head = block("<", 0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + interface("<", link, None)
        with path.open("wb") as file:
            file.write(head)
            for number in range(round(megabytes * 1e6 / (32 + len(octets)))):
                time_us = START_S * 1_000_000 + number * 1_000
                said = struct.pack("<IIIII", 0, time_us >> 32, time_us & 0xFFFFFFFF, len(octets), len(octets))
                file.write(block("<", 6, said + octets))

    return write


def frames(octets: bytes) -> Writer:
    def write(path: Path, megabytes: float) -> None:
        said = base64.b64encode(octets).decode()
        with path.open("w") as file:
            for number in range(round(megabytes * 1e6 / (26 + len(said)))):
                file.write(f'[{START_S * 10**9 + number * 10**6},"{said}"]\n')

    return write


def own_kb(*command: str) -> int:
    """The most memory that a command had which no file stands behind (RssAnon of proc(5)), in kB."""
    most = 0
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as running:
        while running.poll() is None:
            for line in Path(f"/proc/{running.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    most = max(most, int(line.split()[1]))
            time.sleep(0.01)
        assert running.stderr is not None
        assert running.returncode == 0, running.stderr.read()
    return most


def folder(at: Path, declared: str, write: Writer, megabytes: float) -> Path:
    """A site file, and beside it a folder with a recording."""
    (at / "recording").mkdir(parents=True)
    (at / "site.toml").write_text(SITE + declared)
    write(at / "recording" / "one", megabytes)
    return at


@pytest.mark.parametrize(
    ("declared", "write"),
    [
        pytest.param(RADAR, pcap(1, udp(plots())), id="pcap of ASTERIX"),
        pytest.param(RADAR, frames(plots()), id="frames"),
        pytest.param(RECEIVER, pcap(LinkType.BLUETOOTH_LE, bytes(1_500)), id="pcap of a radio"),
        pytest.param(RECEIVER, pcapng(LinkType.BLUETOOTH_LE, bytes(1_500)), id="pcapng of a radio"),
    ],
)
def test_a_recording_is_walked_through_without_being_held(declared: str, write: Writer, tmp_path: Path) -> None:
    most = []
    for megabytes in WALKED_MB:
        made = folder(tmp_path / f"{megabytes}", declared, write, megabytes)
        most.append(own_kb("-c", WALK, str(made / "site.toml"), str(made / "recording")))
    assert most[1] < most[0] + MARGIN_KB


@pytest.mark.slow
@pytest.mark.parametrize("command", ["inspect", "convert"])
def test_a_capture_of_a_radio_is_looked_at_and_converted_without_being_held(command: str, tmp_path: Path) -> None:
    most = []
    for megabytes in WORKED_MB:
        path = tmp_path / f"{megabytes}.pcap"
        pcap(LinkType.NORDIC_BLE, advertisement(), *[bytes(900)] * 50)(path, megabytes)
        more = ("--json",) if command == "inspect" else ("--to", "parquet", "--out", str(tmp_path))
        most.append(own_kb("-m", "luchtwacht", command, str(path), *more))
    assert most[1] < most[0] + MARGIN_KB


@pytest.mark.slow
def test_a_watch_plays_a_recording_without_holding_it(tmp_path: Path) -> None:
    """How much waits for the disk at once (at most some tens of MB) is chance, so the difference is larger here."""
    most = []
    for number, megabytes in enumerate((1, *PLAYED_MB)):  # the first compiles the kernels, where none are kept
        made = folder(tmp_path / f"{number}", RADAR, pcap(1, udp(plots())), megabytes)
        told = (
            "--site",
            str(made / "site.toml"),
            "--from",
            str(made / "recording"),
            "--journal",
            str(made / "journal"),
        )
        most.append(own_kb("-m", "luchtwacht", "run", *told, "--speed", "100000", "--no-console"))
    assert most[2] < most[1] + 500 * (PLAYED_MB[1] - PLAYED_MB[0])
