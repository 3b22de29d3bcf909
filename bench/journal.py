"""The journal beside what else one could record with, on the same disk in the same run.

    python bench/journal.py                    everything in about a minute
    python bench/journal.py --paced 600        20,000 frames/s for ten minutes, as a watch would
    python bench/journal.py --kill 200         kill -9 under load, again and again, on the real file system
    python bench/journal.py --leaves 10000000  the Merkle log alone
    python bench/journal.py --bundle 1         a bundle of a gigabyte, verified: time and memory
    python bench/journal.py --gigabytes 10     a long record, opened (takes as much room on the disk)

Frames are of 1 kB, half of it incompressible, from 64 sources. All files are made in a folder of their own under
--folder (the present folder by default: choose the disk to be measured) and removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from luchtwacht.journal import JournalWriter, Signer, create_key, read_entries, read_frame, verify_bundle, write_bundle
from luchtwacht.journal.files import REAL
from luchtwacht.journal.log import log_folder, read_checkpoint
from luchtwacht.journal.reader import tail_state
from luchtwacht.journal.tiles import TileWriter, log_reader
from luchtwacht.journal.tree import check_inclusion, hash_leaf, prove_inclusion
from luchtwacht.journal.verifying import verify_journal
from luchtwacht.kernels._jit import kernel
from luchtwacht.model import Frames
from luchtwacht.runtime.recorder import GROUP_S, LEAST_REST_S

SOURCES = 64
START_NS = 1_777_777_777_000_000_000
SIGNER = Signer(create_key("watch.example/bench", seed=bytes(32)))


def batches(count: int, at_once: int, size: int) -> Iterator[Frames]:
    """`count` frames of `size` bytes in groups, one every 50 us."""
    rng = np.random.default_rng(7)
    payloads = [rng.bytes(size // 2) + b"\x2a" * (size - size // 2) for _ in range(997)]
    for first in range(1, count + 1, at_once):
        numbers = range(first, min(first + at_once, count + 1))
        yield Frames.of(
            [payloads[number % 997] for number in numbers],
            sequence=list(numbers),
            source=[number % SOURCES for number in numbers],
            received_ns=[START_NS + number * 50_000 for number in numbers],
        )


@contextmanager
def folder_in(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-journal-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def write_journal(folder: Path, frames: Iterator[Frames]) -> Iterator[None]:
    writer = JournalWriter(folder, signer=SIGNER)
    for each in frames:
        writer.frames(each)
        writer.commit()
        yield
    writer.close()


def write_mcap(folder: Path, frames: Iterator[Frames]) -> Iterator[None]:
    with (folder / "bare.mcap").open("wb") as file:
        writer = Writer(file, compression=CompressionType.ZSTD)
        writer.start()
        channels = [writer.register_channel(f"frame/{source}", "raw", 0) for source in range(SOURCES)]
        for each in frames:
            columns = each.sequence.tolist(), each.source.tolist(), each.received_ns.tolist(), each.payloads()
            for sequence, source, time_ns, data in zip(*columns, strict=True):
                writer.add_message(channels[source], time_ns, data, time_ns, sequence & 0xFFFFFFFF)
            writer.flush()
            os.fdatasync(file.fileno())
            yield
        writer.finish()


def write_sqlite(folder: Path, frames: Iterator[Frames]) -> Iterator[None]:
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table frame (sequence integer primary key, source integer, time_ns integer, data blob)")
    database.execute("create index by_time on frame (time_ns)")
    for each in frames:
        database.execute("begin")
        database.executemany(
            "insert into frame values (?, ?, ?, ?)",
            zip(each.sequence.tolist(), each.source.tolist(), each.received_ns.tolist(), each.payloads(), strict=True),
        )
        database.execute("commit")
        yield
    database.close()


def write_parquet(folder: Path, frames: Iterator[Frames]) -> Iterator[None]:
    """A row group a commit. Until the end is written nobody can read any of it, so this promises nothing."""
    schema = pa.schema({"sequence": pa.int64(), "source": pa.int32(), "time_ns": pa.int64(), "data": pa.binary()})
    with (folder / "bare.parquet").open("wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for each in frames:
                columns = each.sequence, each.source.astype(np.int32), each.received_ns, each.payloads()
                writer.write_table(pa.table([pa.array(column) for column in columns], schema=schema))
                file.flush()
                os.fdatasync(file.fileno())
                yield
        os.fdatasync(file.fileno())


def write_raw(folder: Path, frames: Iterator[Frames]) -> Iterator[None]:
    with (folder / "bare.bin").open("wb") as file:
        for each in frames:
            file.write(each.buffer)
            file.flush()
            os.fdatasync(file.fileno())
            yield


WRITERS: dict[str, Callable[[Path, Iterator[Frames]], Iterator[None]]] = {
    "journal, sealed": write_journal,
    "bare MCAP zstd": write_mcap,
    "SQLite WAL full": write_sqlite,
    "Parquet zstd": write_parquet,
    "bytes and fdatasync": write_raw,
}


OPERATOR_TRACKS = 64


def octets_of(frames: Frames) -> np.ndarray[Any, Any]:
    """(m,) the buffer's bytes."""
    return np.frombuffer(frames.buffer, dtype=np.uint8)


@kernel
def operate(
    octets: np.ndarray[Any, Any],
    start: np.ndarray[Any, Any],
    source: np.ndarray[Any, Any],
    tracks: np.ndarray[Any, Any],
) -> None:
    """The light operator: what a watch does at the very least with each frame, in the order received.

    It reads a place from the frame's first four bytes, finds the nearest of its source's tracks and moves that by an
    alpha-beta filter. The whole pipeline is measured by bench/pipeline.py.

    Args:
        octets: (m,) the buffer.
        start: (n,) where each frame begins in it.
        source: (n,) its source.
        tracks: (SOURCES, OPERATOR_TRACKS, 5) x, y (m), their rates (m/s), and how many frames it has taken; changed.
    """
    for row in range(len(start)):
        at, own = start[row], tracks[source[row]]
        x, y = octets[at] * 256.0 + octets[at + 1], octets[at + 2] * 256.0 + octets[at + 3]
        best, least = 0, np.inf
        for each in range(len(own)):
            distance = (own[each, 0] - x) ** 2 + (own[each, 1] - y) ** 2
            if distance < least:
                best, least = each, distance
        track = own[best]
        dx, dy = x - track[0] - track[2], y - track[1] - track[3]
        track[0] += track[2] + 0.5 * dx
        track[1] += track[3] + 0.5 * dy
        track[2] += 0.1 * dx
        track[3] += 0.1 * dy
        track[4] += 1.0


def percentile(values: list[float], at: float) -> float:
    return sorted(values)[min(len(values) - 1, int(at * len(values)))]


def bench_writing(parent: Path, count: int, at_once: int) -> None:
    """The writers take turns, commit by commit, so that neighbours on the machine disturb all alike."""
    print(f"\nwriting {count:,} frames of 1 kB, {at_once} a commit")
    columns = (
        ("frames/s", 10),
        ("us each", 10),
        ("CPU us", 8),
        ("commit p50", 12),
        ("p99 ms", 8),
        ("size", 7),
        ("ratio", 8),
    )
    print(" " * 22 + "".join(f"{name:>{width}}" for name, width in columns))
    with folder_in(parent) as folder:
        running = {}
        for name, write in WRITERS.items():
            (folder / name).mkdir()
            running[name] = write(folder / name, batches(count, at_once, 1000))
        times: dict[str, list[float]] = {name: [] for name in running}
        cpu = dict.fromkeys(running, 0.0)
        open_ = dict(running)
        while open_:
            for name in list(open_):
                before, used = time.perf_counter(), time.process_time()
                try:
                    next(open_[name])
                except StopIteration:
                    del open_[name]
                times[name].append(time.perf_counter() - before)
                cpu[name] += time.process_time() - used
        bare = sum(times["bare MCAP zstd"])
        for name, spent in times.items():
            total = sum(spent)
            print(
                f"{name:<22}{count / total:>10,.0f}{total / count * 1e6:>10.1f}{cpu[name] / count * 1e6:>8.1f}"
                f"{percentile(spent, 0.5) * 1e3:>12.1f}{percentile(spent, 0.99) * 1e3:>8.1f}"
                f"{size_of(folder / name) / count / 1000:>7.0%}{total / bare:>8.2f}"
            )
        bench_reading(folder, count)


def timed(call: Callable[[int], object], places: list[int]) -> float:
    """Median of one call, ms."""
    spent = []
    for place in places:
        before = time.perf_counter()
        call(place)
        spent.append(time.perf_counter() - before)
    return statistics.median(spent) * 1e3


def bench_reading(folder: Path, count: int) -> None:
    rng = np.random.default_rng(3)
    places = rng.integers(1, count - 2000, 30).tolist()
    database = sqlite3.connect(folder / "SQLite WAL full" / "bare.sqlite")
    journal = folder / "journal, sealed"

    def window(place: int) -> tuple[int, int]:
        return START_NS + place * 50_000, START_NS + (place + 1000) * 50_000

    def mcap_window(place: int) -> int:
        with (folder / "bare MCAP zstd" / "bare.mcap").open("rb") as file:
            first, last = window(place)
            return sum(1 for _ in make_reader(file).iter_messages(starting_at=first, ending_before=last))

    def sqlite_window(place: int) -> int:
        query = "select * from frame where time_ns >= ? and time_ns < ?"
        return len(database.execute(query, window(place)).fetchall())

    def parquet_window(place: int) -> int:
        first, last = window(place)
        within = [("time_ns", ">=", first), ("time_ns", "<", last)]
        return int(pq.read_table(folder / "Parquet zstd" / "bare.parquet", filters=within).num_rows)

    def journal_window(place: int) -> int:
        first, last = window(place)
        return sum(1 for _ in read_entries(journal, from_ns=first, to_ns=last))

    assert mcap_window(50) == sqlite_window(50) == parquet_window(50) == journal_window(50) == 1000
    print("\nreading, median ms                    1,000 frames by time     one frame by number")
    one = timed(lambda at: read_frame(journal, at), places)
    print(f"{'journal':<38}{timed(journal_window, places):>20.2f}{one:>24.2f}")
    print(f"{'bare MCAP':<38}{timed(mcap_window, places):>20.2f}{'-':>24}")
    one = timed(lambda at: database.execute("select * from frame where sequence = ?", (at,)).fetchone(), places)
    print(f"{'SQLite':<38}{timed(sqlite_window, places):>20.2f}{one:>24.2f}")
    print(f"{'Parquet':<38}{timed(parquet_window, places):>20.2f}{'-':>24}")
    database.close()
    before = time.perf_counter()
    entries = sum(1 for _ in read_entries(journal))
    print(f"journal read through: {entries / (time.perf_counter() - before):,.0f} entries/s")
    before = time.perf_counter()
    JournalWriter(journal, signer=SIGNER).close()
    opened = time.perf_counter() - before
    before = time.perf_counter()
    tail_state(journal)
    print(f"open to go on with: {opened * 1e3:.1f} ms, tail_state {1e3 * (time.perf_counter() - before):.1f} ms")


def bench_verifying(parent: Path, count: int, size: int) -> None:
    """Beside the wall clock the processor's, which the neighbours on the machine disturb less."""
    with folder_in(parent) as folder:
        for _ in write_journal(folder / "journal", batches(count, 1000, size)):
            pass
        before, used = time.perf_counter(), time.process_time()
        report = verify_journal(folder / "journal", keys=SIGNER.verifiers())
        whole, whole_cpu = time.perf_counter() - before, time.process_time() - used
        assert report.holds, report.text()
        path = folder / "all.bundle"
        before = time.perf_counter()
        write_bundle(folder / "journal", path, from_ns=0, to_ns=1 << 62, software="bench")
        made = time.perf_counter() - before
        before, used = time.perf_counter(), time.process_time()
        report = verify_bundle(path, keys=SIGNER.verifiers())
        spent, spent_cpu = time.perf_counter() - before, time.process_time() - used
        assert report.holds, report.text()
        print(f"\nverifying {count:,} entries of {size} B, bundle of {path.stat().st_size / 1e6:.0f} MB")
        print(f"journal verified   {count / whole:>12,.0f} entries/s {whole:>8.2f} s, {whole_cpu:.2f} s CPU")
        print(f"bundle exported    {count / made:>12,.0f} entries/s {made:>8.2f} s")
        print(
            f"bundle verified    {count / spent:>12,.0f} entries/s {spent:>8.2f} s"
            f", {spent_cpu:.2f} s CPU: {count / spent_cpu:,.0f} entries a CPU second, 1 GB in "
            f"{spent_cpu / path.stat().st_size * 1e9:.0f}"
        )


_VERIFY = """
import json, sys, time
from pathlib import Path
from luchtwacht.journal import Signer, create_key, verify_bundle
def most():
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0])
keys = Signer(create_key("watch.example/bench", seed=bytes(32))).verifiers()
before, began, used = most(), time.perf_counter(), time.process_time()
report = verify_bundle(Path(sys.argv[1]), keys=keys)
assert report.holds, report.text()
print(json.dumps([time.perf_counter() - began, time.process_time() - used, report.entries, before, most()]))
"""


def bench_great_bundle(parent: Path, gigabytes: float) -> None:
    """A bundle of about this size, of frames of 1 kB, verified by another process: how long, and in what memory."""
    with folder_in(parent) as folder:
        for _ in write_journal(folder / "journal", batches(int(gigabytes * 1e9 / 540), 4000, 1000)):
            pass
        path = folder / "great.bundle"
        write_bundle(folder / "journal", path, from_ns=0, to_ns=1 << 62, software="bench")
        shutil.rmtree(folder / "journal")
        done = subprocess.run([sys.executable, "-c", _VERIFY, path], stdout=subprocess.PIPE, text=True, check=True)
        spent, cpu, entries, before, after = json.loads(done.stdout)
        print(
            f"\na bundle of {path.stat().st_size / 1e9:.2f} GB, {entries:,} entries of 1 kB, verified in {spent:.1f} s "
            f"({cpu:.1f} s CPU); memory at most {after / 1024:.0f} MB, {before / 1024:.0f} MB of it for the program"
        )


def bench_leaves(parent: Path, count: int) -> None:
    with folder_in(parent) as folder:
        leaves = [hash_leaf(number.to_bytes(8, "big")) for number in range(min(count, 100_000))]
        log = TileWriter(folder, REAL)
        used, before = time.process_time(), time.perf_counter()
        for first in range(0, count, 1000):
            at = first % len(leaves)
            log.append(leaves[at : at + min(1000, count - first)])
            if first % 1_000_000 == 0:
                log.sync()
            root = log.root()
        log.write()
        log.sync()
        root = log.root()
        cpu, spent = time.process_time() - used, time.perf_counter() - before
        stored = size_of(folder)
        rng = np.random.default_rng(5)
        proving, checking, sizes = [], [], []
        again = []
        kept = log_reader(folder, count, REAL)
        for index in range(0, count, 256 * 256):  # what is above the lowest tiles: a few megabytes for ten million
            prove_inclusion(index, count, kept.fetch)
        for index in rng.integers(0, count, 200).tolist():
            before = time.process_time()
            prove_inclusion(index, count, kept.fetch)
            again.append(time.process_time() - before)
            reader = log_reader(folder, count, REAL)
            before = time.process_time()
            proof = prove_inclusion(index, count, reader.fetch)
            middle = time.process_time()
            assert check_inclusion(leaves[index % len(leaves)], index, count, proof, root)
            checking.append(time.process_time() - middle)
            proving.append(middle - before)
            sizes.append(32 * len(proof))
        print(f"\n{count:,} leaves, root every 1,000")
        each = spent / count * 1e6
        print(f"sealed at {cpu / count * 1e6:.2f} us CPU ({each:.2f} us) a leaf, {stored / count:.1f} B a leaf")
        print(
            f"inclusion proof, CPU: {statistics.median(proving) * 1e6:.0f} us by a new reader, "
            f"{statistics.median(again) * 1e6:.0f} us by one that goes on, {max(sizes)} B; "
            f"checked in {statistics.median(checking) * 1e6:.0f} us"
        )


def bench_paced(parent: Path, seconds: float, rate: int) -> None:
    """Frames come at a steady rate; one thread appends and has the light operator work on them, as a watch appends and
    runs its pipeline; another commits as a watch's recorder does."""
    with folder_in(parent) as folder:
        writer = JournalWriter(folder, signer=SIGNER)
        group = rate // 100
        made = list(batches(min(rate, 20_000), group, 1000))
        arrived: list[tuple[int, float]] = []
        waits: list[float] = []
        late: list[float] = []
        done = threading.Event()

        def commit() -> None:
            seen = 0
            while not (done.is_set() and not writer.pending):
                begun = time.perf_counter()
                durable = writer.commit()
                now = time.perf_counter()
                while seen < len(arrived) and arrived[seen][0] <= durable:
                    waits.append(now - arrived[seen][1])
                    seen += 1
                time.sleep(max(GROUP_S - (now - begun), LEAST_REST_S))

        thread = threading.Thread(target=commit)
        thread.start()
        used = time.process_time()
        sequence = turn = 0
        operated: list[float] = []
        state = np.zeros((SOURCES, OPERATOR_TRACKS, 5))
        operate(octets_of(made[0]), made[0].start[:0], made[0].source[:0], state)  # compiled before the clock runs
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            due = began + turn * 0.01
            time.sleep(max(0.0, due - time.perf_counter()))
            frames = made[turn % len(made)]
            numbers = np.arange(sequence + 1, sequence + 1 + len(frames))
            now = time.perf_counter()
            writer.frames(
                Frames(
                    sequence=numbers,
                    source=frames.source,
                    received_ns=START_NS + numbers * (10**9 // rate),
                    start=frames.start,
                    stop=frames.stop,
                    buffer=frames.buffer,
                )
            )
            late.append(time.perf_counter() - due)
            operate(octets_of(frames), frames.start, frames.source, state)
            operated.append(time.perf_counter() - due)
            sequence += len(frames)
            arrived.append((sequence, now))
            turn += 1
        done.set()
        thread.join()
        cpu = time.process_time() - used
        writer.close()
        kept = tail_state(folder).last_sequence
        print(f"\n{rate:,} frames/s of 1 kB for {seconds:.0f} s: {sequence - kept} of {sequence:,} lost")
        assert state[:, :, 4].sum() == sequence, "the operator did not see every frame"
        print(
            f"light operator done p50 {percentile(operated, 0.5) * 1e3:.1f} ms, "
            f"p99 {percentile(operated, 0.99) * 1e3:.1f} ms after due; "
            f"appended p99 {percentile(late, 0.99) * 1e3:.1f} ms after due; "
            f"durable p50 {percentile(waits, 0.5) * 1e3:.0f} ms, p99 {percentile(waits, 0.99) * 1e3:.0f} ms; "
            f"{cpu / sequence * 1e6:.1f} us CPU a frame"
        )


def bench_opening(parent: Path, gigabytes: float) -> None:
    """How long a long record takes to be gone on with, looked at, and read from."""
    with folder_in(parent) as folder:
        rng = np.random.default_rng(9)
        payloads = [rng.bytes(1 << 20) for _ in range(16)]
        writer = JournalWriter(folder, signer=SIGNER)
        count = int(gigabytes * 1e9 / (1 << 20))
        for first in range(1, count + 1, 16):
            numbers = list(range(first, first + 16))
            writer.frames(
                Frames.of(
                    payloads,
                    sequence=numbers,
                    source=[0] * 16,
                    received_ns=[START_NS + number * 10**8 for number in numbers],
                )
            )
            writer.commit()
        writer.close()
        spent = []
        for _ in range(5):
            before = time.perf_counter()
            JournalWriter(folder, signer=SIGNER).close()
            opened = time.perf_counter() - before
            before = time.perf_counter()
            tail_state(folder)
            looked = time.perf_counter() - before
            before = time.perf_counter()
            assert read_frame(folder, count // 2) is not None
            spent.append((opened, looked, time.perf_counter() - before))
        opened, looked, read = (statistics.median(each) * 1e3 for each in zip(*spent, strict=True))
        print(f"\na journal of {size_of(folder) / 1e9:.1f} GB, {len(list((folder / 'segments').iterdir()))} segments")
        print(f"opened to go on with in {opened:.0f} ms, looked at in {looked:.1f} ms, a frame read in {read:.0f} ms")


_FEED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from bench.journal import SIGNER, START_NS, batches
from luchtwacht.journal import JournalWriter
from luchtwacht.model import Frames
import numpy as np
writer = JournalWriter(Path(sys.argv[1]), signer=SIGNER, segment_bytes=2_000_000, checkpoint_ns=0)
last = writer.recovery.last_sequence
made = next(batches(500, 500, 1000))
print(last, flush=True)
while True:
    numbers = np.arange(last + 1, last + 501)
    writer.frames(Frames(sequence=numbers, source=made.source, received_ns=START_NS + numbers * 50_000,
                         start=made.start, stop=made.stop, buffer=made.buffer))
    last = writer.commit()
    print(last, flush=True)
"""


def bench_kills(parent: Path, times: int) -> None:
    with folder_in(parent) as folder:
        promised, opening = 0, []
        root = str(Path(__file__).resolve().parent.parent)
        for life in range(times):
            process = subprocess.Popen(
                [sys.executable, "-c", _FEED, str(folder), root], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            kept = int(process.stdout.readline())
            assert kept >= promised, f"life {life}: {promised} was promised, {kept} was there"
            time.sleep(0.003 * (life % 40))
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().split("\n")[:-1]
            process.wait()
            promised = max([promised, kept, *map(int, rest)])
        before = time.perf_counter()
        JournalWriter(folder, signer=SIGNER).close()
        opening.append(time.perf_counter() - before)
        report = verify_journal(folder, keys=SIGNER.verifiers())
        assert report.holds, report.text()
        signed = read_checkpoint(folder, REAL)
        assert signed is not None
        print(
            f"\nkilled {times} times: {promised:,} inputs were promised, none is missing; the journal of "
            f"{size_of(folder) / 1e6:.0f} MB holds ({signed.checkpoint.size:,} leaves, {log_folder(folder).name})"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--folder", type=Path, default=Path())
    arguments.add_argument("--frames", type=int, default=50_000)
    arguments.add_argument("--verify", type=int, default=200_000, help="entries; 1,000,000 for the full figure")
    arguments.add_argument("--leaves", type=int, default=500_000)
    arguments.add_argument("--paced", type=float, default=5.0, help="seconds")
    arguments.add_argument("--rate", type=int, default=20_000)
    arguments.add_argument("--kill", type=int, default=5)
    arguments.add_argument(
        "--gigabytes", type=float, default=0.2, help="of the journal to be opened; 10 for the figure"
    )
    arguments.add_argument("--bundle", type=float, default=0.05, help="GB of the great bundle; 1 for the figure")
    arguments.add_argument("--only", choices=["write", "verify", "bundle", "leaves", "paced", "kill", "open"])
    given = arguments.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "write": lambda: [bench_writing(given.folder, given.frames, each) for each in (64, 1000)] and None,
        "verify": lambda: bench_verifying(given.folder, given.verify, 100),
        "bundle": lambda: bench_great_bundle(given.folder, given.bundle),
        "leaves": lambda: bench_leaves(given.folder, given.leaves),
        "paced": lambda: bench_paced(given.folder, given.paced, given.rate),
        "kill": lambda: bench_kills(given.folder, given.kill),
        "open": lambda: bench_opening(given.folder, given.gigabytes),
    }
    for name, part in parts.items():
        if given.only in (None, name):
            part()


if __name__ == "__main__":
    main()
