"""A capture of a gigabyte, made by repetition: how long inspect, convert and run --from take, and how much memory.

    python bench/large.py [--gigabytes 1] [--folder DIR] [--only inspect convert run]

The same for a tenth of it, so that it can be seen that memory does not grow with the file. "own memory" is the most
that was not backed by a file (RssAnon of proc(5)); "with pages" counts those of the mapped capture too (VmRSS), which
the system can take back at any time.

`run` plays datagrams of the greatest size, of a category that is not read: it is the recording that is to be large, not
the picture. The capture's clock goes on from one repetition to the next.
"""

from __future__ import annotations

import argparse
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from luchtwacht.codecs.asterix import encode

RECORDS = 20_000
BEGINS_S = 1_777_777_200
SITE = """
id = "field"
name = "A field"
[origin]
latitude = 52.0
longitude = 5.0
[[sources]]
id = "radar"
format = "asterix"
file = "large.pcap"
[[sensors]]
id = "radar"
kind = "radar_3d"
source = "radar"
sac = 1
sic = 2
place = { latitude = 52.0, longitude = 5.0 }
"""


def plots() -> list[bytes]:
    """A minute and a half of an invented radar, a record a block."""
    chance = np.random.default_rng(1)
    return encode(
        48,
        {
            "I048/010/SAC": np.full(RECORDS, 1),
            "I048/010/SIC": np.full(RECORDS, 2),
            "I048/140": 36_000.0 + np.arange(RECORDS) / 200.0,
            "I048/020/TYP": np.full(RECORDS, 1),
            "I048/040/RHO": chance.uniform(0.5, 60.0, RECORDS),
            "I048/040/THETA": chance.uniform(0.0, 360.0, RECORDS),
            "I048/161/TRN": chance.integers(0, 4096, RECORDS),
        },
    )


def unread() -> list[bytes]:
    """Blocks as long as a datagram can be, of a category that is not read."""
    return [bytes([250]) + (1_450).to_bytes(2, "big") + bytes(1_447)] * 2_000


def write(path: Path, blocks: list[bytes], octets: float) -> None:
    """A pcap of Ethernet, a datagram every 5 ms, of about so many octets."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
    number = 0
    with path.open("wb") as file:
        size = file.write(head)
        while size < octets:
            for block in blocks:
                ip = struct.pack(">BBHHHBBHII", 0x45, 0, 28 + len(block), 0, 0, 64, 17, 0, 0x7F000001, 0x7F000001)
                frame = bytes(12) + b"\x08\x00" + ip + struct.pack(">HHHH", 1, 2, 8 + len(block), 0) + block
                seconds, micros = divmod(number * 5_000, 1_000_000)
                size += file.write(struct.pack("<IIII", BEGINS_S + seconds, micros, len(frame), len(frame)) + frame)
                number += 1


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds that a command takes, and the most megabytes that it had: of its own, and with pages of files."""
    began, own, paged = time.perf_counter(), 0, 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        while running.poll() is None:
            for line in Path(f"/proc/{running.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    own = max(own, int(line.split()[1]))
                elif line.startswith("VmRSS"):
                    paged = max(paged, int(line.split()[1]))
            time.sleep(0.05)
        if running.returncode:
            said = running.stderr.read().decode() if running.stderr else ""
            raise SystemExit(f"{' '.join(command)} ended with {running.returncode}: {said}")
    return time.perf_counter() - began, own / 1e3, paged / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=0.1)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument(
        "--only", nargs="+", choices=("inspect", "convert", "run"), default=("inspect", "convert", "run")
    )
    given = parser.parse_args()
    print(f"{'file':>10} {'what':>10} {'seconds':>9} {'own memory':>12} {'with pages':>12}")
    for size in (given.gigabytes / 10.0, given.gigabytes):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            path, site = Path(folder) / "large.pcap", Path(folder) / "site.toml"
            site.write_text(SITE)
            played = ["--site", str(site), "--from", folder, "--journal", f"{folder}/journal"]
            commands = {
                "inspect": ["inspect", str(path), "--json"],
                "convert": ["convert", str(path), "--to", "parquet", "--out", folder],
                "run": ["run", *played, "--speed", "100000", "--no-console"],
            }
            if set(given.only) - {"run"}:
                write(path, plots(), size * 1e9)
            for name in given.only:
                if name == "run":
                    write(path, unread(), size * 1e9)
                seconds, own, paged = measured([sys.executable, "-m", "luchtwacht", *commands[name]])
                print(f"{size * 1e3:7,.0f} MB {name:>10} {seconds:9.1f} {own:9,.0f} MB {paged:9,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
