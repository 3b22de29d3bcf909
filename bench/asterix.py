"""How many ASTERIX records a core takes, beside aviconv-asterix, pyasteryx and libasterix, on the same files.

    python bench/asterix.py [FILE ...] [--peers N]

Without files: the five largest recordings beside the project; where there are none, 20,000 invented records of CAT048.

Ours: bytes to columns. "columns" gathers every time, position, identity, velocity and Doppler column there is, scaled;
"all" gathers every column of the category; "index" only finds records and items. aviconv-asterix types a subset of the
items and keeps the rest as text, and so does pyasteryx, which reads CAT021, 048 and 062. libasterix is given its first
`--peers` blocks (2,000), parsed, with the same columns read that it has values for. Times are CPU seconds, the best of
three for ours and of one for the others, all in one run; compiling is done before. Framing is taken off before.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path = [
    each for each in sys.path if Path(each).resolve() != Path(__file__).resolve().parent
]  # this is no `asterix`

import asterix.base as base  # noqa: E402
import asterix.generated as generated  # noqa: E402
import numpy as np  # noqa: E402
from aviconv_asterix import iter_records  # noqa: E402
from pyasteryx import Decoder  # noqa: E402

from luchtwacht.codecs.asterix import CATEGORIES, decode, encode  # noqa: E402
from luchtwacht.codecs.asterix.framing import packets  # noqa: E402
from luchtwacht.model import Frames  # noqa: E402

WANTED = {
    1: "020 040 042 070 090 120 141 161 200",
    10: "010 020 040 041 042 060 090 091 140 161 200 202 220 245",
    48: "010 020 040 042 070 090 110 120 140 161 200 220 240",
    62: "010 015 040 060 070 080 100 105 130 135 136 185 220 245 380/ADR 380/ID 500",
}
"""items of time, position, identity, velocity and Doppler"""
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "asterix"
GOALS = {48: 500_000, 62: 250_000}


def best(times: int, work: Callable[[], int]) -> float:
    """Records a CPU second."""
    found = []
    for _ in range(times):
        start = time.process_time()
        count = work()
        found.append((time.process_time() - start) / max(count, 1))
    return 1 / min(found)


def frames_of(payloads: list[bytes]) -> Frames:
    count = len(payloads)
    zeros = np.zeros(count, dtype=np.int64)
    return Frames.of(payloads, sequence=np.arange(1, count + 1), source=zeros, received_ns=zeros)


def ours(frames: Frames, which: str) -> int:
    """Decode and gather; how many records."""
    count = 0
    for number, records in decode(frames).categories.items():
        count += len(records)
        wanted = tuple(f"I{number:03d}/{item}" for item in WANTED.get(number, "").split())
        for name in records.names:
            if which == "all" or (which == "columns" and name.startswith(wanted)):
                records[name]
    return count


def aviconv(payloads: list[bytes]) -> int:
    return sum(1 for _ in iter_records(b"".join(payloads), skip_errors=True))


def pyasteryx(payloads: list[bytes]) -> int:
    count = sum(1 for _ in Decoder(on_error="skip").iter_messages(b"".join(payloads)))
    if not count:
        raise LookupError("none of its records")
    return count


def libasterix(payloads: list[bytes]) -> int:
    """Parse, and read the items wanted."""
    specs = {each.number: each for each in reversed(CATEGORIES)}
    count = 0
    for payload in payloads:
        blocks = base.RawDatablock.parse(base.Bits.from_bytes(payload))
        for block in blocks if isinstance(blocks, list) else []:
            number = block.get_category()
            if number not in specs or number not in generated.manifest["CATS"]:
                continue
            wanted = WANTED.get(number, "").split()
            major, minor = (int(part) for part in specs[number].edition.split("."))
            spec = next(each for each in generated.manifest["CATS"][number] if each.cv_edition == (major, minor))
            if not hasattr(spec.cv_uap, "cv_record"):
                continue
            for record in spec.cv_uap.parse(block.get_raw_records()):
                count += 1
                for item in wanted:
                    found = record.items_regular.get(item[:3])
                    if found is not None:
                        read(found.arg.arg)
    return count


def read(variation: Any) -> None:
    """The values in an item: of an element its quantity or number, of all others those of what they hold."""
    rule = getattr(type(variation), "cv_rule", None)
    if rule is not None and hasattr(variation, "bs"):
        content = getattr(rule, "cv_content", None)
        if content is not None and hasattr(content, "cv_lsb"):
            content(variation.bs)._as_quantity()
        else:
            variation.bs.to_uinteger()
        return
    inner = getattr(variation, "arg", [])
    for each in inner.values() if isinstance(inner, dict) else inner:
        for one in each if isinstance(each, list) else [each]:
            if hasattr(one, "cv_non_spare"):
                read(one.arg.arg.arg)
            elif hasattr(one, "cv_name"):
                read(one.arg.arg)


def recordings(files: list[Path]) -> list[tuple[str, list[bytes]]]:
    """Name and payloads of each file that is measured."""
    files = files or sorted(BESIDE.glob("*"), key=lambda path: -path.stat().st_size)[:5]
    found = [(path.name, [packet.payload for packet in packets(path.read_bytes())]) for path in files]
    if found:
        return found
    chance = np.random.default_rng(1)
    count = 20_000
    columns: dict[str, Any] = {
        "I048/010/SAC": np.full(count, 1),
        "I048/010/SIC": np.full(count, 2),
        "I048/140": np.sort(chance.uniform(0.0, 86_000.0, count)),
        "I048/020/TYP": np.full(count, 1),
        "I048/040/RHO": chance.uniform(0.5, 60.0, count),
        "I048/040/THETA": chance.uniform(0.0, 360.0, count),
        "I048/161/TRN": chance.integers(0, 4096, count),
        "I048/220": chance.integers(1, 1 << 24, count),
    }
    return [("invented CAT048", encode(48, columns, records_per_block=4))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--peers", type=int, default=2_000, help="blocks given to libasterix")
    given = parser.parse_args()
    heads = ("index", "columns", "all", "aviconv", "ratio", "pyasteryx", "ratio", "libasterix", "ratio")
    print(f"{'file':32} {'records':>8}" + "".join(f" {head:>10}" for head in heads))
    for name, payloads in recordings(given.files):
        frames = frames_of(payloads)
        speed = {which: best(3, partial(ours, frames, which)) for which in ("all", "index", "columns")}
        row = f"{name[:32]:32} {ours(frames, 'index'):8}"
        row += "".join(f" {speed[which]:10,.0f}" for which in ("index", "columns", "all"))
        for peer in (
            partial(aviconv, payloads),
            partial(pyasteryx, payloads),
            partial(libasterix, payloads[: given.peers]),
        ):
            try:
                theirs = best(1, peer)
                row += f" {theirs:10,.0f} {speed['columns'] / theirs:10.0f}"
            except Exception as error:  # a peer that cannot read the file is said to be so
                row += f" {type(error).__name__[:21]:>21}"
        print(row)
        categories = list(decode(frames).categories)
        if len(categories) == 1 and categories[0] in GOALS:
            goal = GOALS[categories[0]]
            print(f"{'':32} goal {goal:,} records/s with columns: {speed['columns'] / goal:.2f} times")


if __name__ == "__main__":
    main()
