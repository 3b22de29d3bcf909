"""A capture of a gigabyte, made by repetition: how long inspect and convert take, and how much memory of their own.

    python bench/large.py [--gigabytes 1] [--folder DIR]

The same for a tenth of it, so that it can be seen that memory does not grow with the file. "own memory" is the most
that was not backed by a file (RssAnon of proc(5)); pages of the mapped capture can be taken back at any time.
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


def packets() -> bytes:
    """A minute and a half of an invented radar, a record a datagram, as pcap writes Ethernet."""
    chance = np.random.default_rng(1)
    blocks = encode(
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
    made = []
    for number, block in enumerate(blocks):
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 28 + len(block), 0, 0, 64, 17, 0, 0x7F000001, 0x7F000001)
        frame = bytes(12) + b"\x08\x00" + ip + struct.pack(">HHHH", 1, 2, 8 + len(block), 0) + block
        seconds, micros = divmod(number * 5_000, 1_000_000)
        made.append(struct.pack("<IIII", 1_777_777_200 + seconds, micros, len(frame), len(frame)) + frame)
    return b"".join(made)


def own_memory(command: list[str]) -> tuple[float, float]:
    """Seconds that a command takes, and the most megabytes of its own that it had."""
    began, most = time.perf_counter(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        while running.poll() is None:
            for line in Path(f"/proc/{running.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    most = max(most, int(line.split()[1]))
            time.sleep(0.05)
        if running.returncode:
            said = running.stderr.read().decode() if running.stderr else ""
            raise SystemExit(f"{' '.join(command)} ended with {running.returncode}: {said}")
    return time.perf_counter() - began, most / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=0.1)
    parser.add_argument("--folder", type=Path, default=Path())
    given = parser.parse_args()
    repeated = packets()
    print(f"{'file':>10} {'what':>10} {'seconds':>9} {'own memory':>12}")
    for size in (given.gigabytes / 10.0, given.gigabytes):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            path = Path(folder) / "large.pcap"
            with path.open("wb") as file:
                file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1))
                for _ in range(round(size * 1e9 / len(repeated))):
                    file.write(repeated)
            luchtwacht = [sys.executable, "-m", "luchtwacht"]
            for name, command in (
                ("inspect", ["inspect", str(path), "--json"]),
                ("convert", ["convert", str(path), "--to", "parquet", "--out", folder]),
            ):
                seconds, megabytes = own_memory([*luchtwacht, *command])
                print(f"{size * 1e3:7,.0f} MB {name:>10} {seconds:9.1f} {megabytes:9,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
