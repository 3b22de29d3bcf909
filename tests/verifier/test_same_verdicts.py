"""Two programs without a line in common say the same of every bundle, sound or tampered with."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import venv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest
import verifier.luchtwacht_verify as alone
from tests.journal.recordings import alert_changed, command, frames, notice, time_of
from tests.journal.test_retention import RetentionSettings, apply
from tests.journal.test_retention import write as write_retained
from tests.journal.test_verify import KEY, SIGNER, SLOW_KEY, TRUSTED, _mend, latest, member, rebuild, write_journal

from luchtwacht.journal import Answer, Entry, JournalWriter, SignedCheckpoint, verify_bundle, write_bundle
from luchtwacht.journal.entry import EntryKind
from luchtwacht.journal.keys import Signer, create_key
from luchtwacht.journal.segment import Group, Head, SegmentEncoder, decode_head, read_group, scan, split_body

KEYS = [alone.read_key(str(each)) for each in TRUSTED]
EVER = {"from_ns": 0, "to_ns": 1 << 62, "software": "luchtwacht 0"}


def both(path: Path, known: tuple[SignedCheckpoint, ...] = ()) -> tuple[bool, set[str]]:
    """What both say, when they say the same: whether it holds, and which rules fail by the stand-alone verifier."""
    ours = verify_bundle(path, keys=TRUSTED, known=known)
    theirs = alone.verify(path, KEYS, [alone.read_checkpoint(str(each).encode()) for each in known])
    assert theirs.holds == ours.holds, ours.text() + theirs.text()
    assert theirs.failed() <= {each.rule.value for each in ours.failed()}, ours.text() + theirs.text()
    if theirs.holds:
        assert (theirs.entries, theirs.withheld, theirs.reasons) == (ours.entries, ours.withheld, ours.reasons)
        told = {(rule, verdict) for rule, verdict, _ in theirs.checks if rule != "conclusions"}
        assert told == {(each.rule.value, each.verdict.value) for each in ours.checks}
    return theirs.holds, theirs.failed()


def write(folder: Path, signer: Signer = SIGNER, salt: int = 0) -> Path:
    """A journal of many small chunks with every kind of entry."""
    rng = random.Random(salt)
    writer = JournalWriter(folder, signer=signer, entropy=rng.randbytes, chunk_entries=3, checkpoint_ns=0)
    writer.open_run(b'{"id":"test","sensors":[{"place":{"latitude":52.5}}]}', {"tracks": "columns = 3"}, time_of(0))
    for first in range(1, 40, 8):
        writer.frames(frames(first, 5))
        writer.command(command(first + 5))
        writer.events(first + 5, time_of(first + 5), (alert_changed(first), notice(first)))
        writer.commit()
        writer.frames(frames(first + 6, 2))
        writer.commit()
    writer.close()
    return folder


def no_actors(entry: Entry) -> Answer:
    return dict.fromkeys(range(len(entry.pieces)), "actor")


def some(entry: Entry) -> Answer:
    if entry.sequence in (9, 17) and entry.kind is EntryKind.FRAME:
        return "frames:radar"
    return "area" if 20 < entry.sequence < 30 else no_actors(entry)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "journal")


@pytest.fixture
def bundle(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "incident.zip"
    write_bundle(folder, path, withhold=some, area="a place", by="somebody", reason="why not", **EVER)
    return path


def test_what_was_left_alone_holds(folder: Path, bundle: Path, tmp_path: Path) -> None:
    assert both(bundle) == (True, set())
    whole = tmp_path / "whole.zip"
    write_bundle(folder, whole, **EVER)
    assert both(whole) == (True, set())
    part = tmp_path / "part.zip"
    write_bundle(folder, part, from_ns=time_of(17), to_ns=time_of(22), software="luchtwacht 0")
    assert both(part) == (True, set())


def test_both_know_the_signatures_of_every_kind_of_key(tmp_path: Path) -> None:
    write_journal(tmp_path / "journal", signer=Signer(KEY, slow=(SLOW_KEY,)))
    path = tmp_path / "slow.zip"
    write_bundle(tmp_path / "journal", path, **EVER)
    keys = [each.verifier for each in (KEY, SLOW_KEY)]
    report = alone.verify(path, [alone.read_key(str(each)) for each in keys])
    assert report.holds
    assert "ML-DSA-44" in report.text()
    other = create_key(SLOW_KEY.name, SLOW_KEY.kind, seed=bytes(32)).verifier
    assert "signature" in alone.verify(path, [alone.read_key(str(other))]).failed()
    assert not alone.verify(path, []).holds


def test_what_was_deleted_is_named_by_both(tmp_path: Path) -> None:
    write_retained(tmp_path / "journal")
    apply(tmp_path / "journal", RetentionSettings(frames_days=5, personal_days=5))
    path = tmp_path / "thin.zip"
    write_bundle(tmp_path / "journal", path, **EVER)
    assert both(path) == (True, set())
    assert "no longer in the journal" in alone.verify(path, KEYS).text()


def test_a_flipped_bit_in_any_byte_is_found_by_both(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "journal", signer=SIGNER)
    writer.command(command(1))
    writer.frames(frames(2, 1, size=4))
    writer.close()
    path = tmp_path / "small.zip"
    write_bundle(tmp_path / "journal", path, withhold=no_actors, **EVER)
    sound = path.read_bytes()
    assert both(path)[0]
    for at in range(len(sound)):
        broken = bytearray(sound)
        broken[at] ^= 1 << (at * 5 % 8)
        path.write_bytes(broken)
        assert alone.verify(path, KEYS).failed() == {"form"}, at
        if at % 20 == 0:
            assert not both(path)[0]


def test_whatever_a_forger_mends_both_say_the_same(bundle: Path) -> None:
    """Bytes changed, cut out and put in, every checksum and sum made good again."""
    rng = random.Random(11)
    members = {name: member(bundle, name) for name in ("record.mcap", "checkpoint", "manifest.json")}
    sound = bundle.read_bytes()
    for _ in range(500):
        name = rng.choice(["record.mcap", *members])
        data = bytearray(members[name])
        at = rng.randrange(len(data))
        match rng.randrange(3):
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + rng.randrange(1, 60)]
            case 2:
                data[at:at] = data[rng.randrange(len(data)) :][: rng.randrange(1, 90)]
        if name == "record.mcap":
            _mend(data)
        bundle.write_bytes(sound)
        rebuild(bundle, {name: bytes(data)})
        both(bundle)


class Parts:
    """The groups of a bundle's record, to be put together otherwise as somebody without the key could."""

    def __init__(self, path: Path) -> None:
        self.path = path
        record = member(path, "record.mcap")
        file = _Bytes(record)
        self.head = decode_head(record)
        self.groups = [each for each in scan(file, len(record)) if isinstance(each, Group)]
        self.bodies = [record[each.body : each.end] for each in self.groups]

    def rebuild(self, order: list[int], head: Head | None = None) -> None:
        """The record of these groups in this order, with an index of its own."""
        first = self.groups[order[0]].seal.descriptor
        encoder = SegmentEncoder(head or Head(0, first.first_leaf, first.first_input - 1, 0))
        parts = [encoder.encode_head()]
        for at in order:
            group, body = self.groups[at], self.bodies[at]
            encoder.adopt(Group(encoder.size, group.seal), split_body(body))
            parts += [group.seal.encode(), body]
        parts.append(encoder.encode_end())
        rebuild(self.path, {"record.mcap": b"".join(parts)})


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def size(self) -> int:
        return len(self._data)

    def read(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda order: order[:3] + order[4:], "log"),
        (lambda order: order[:-1], "log"),
        (lambda order: order[1:], "log"),
        (lambda order: [*order[:4], order[3], *order[4:]], "order"),
        (lambda order: [*order[:2], order[3], order[2], *order[4:]], "order"),
        (lambda order: order[::-1], "order"),
    ],
    ids=["dropped", "dropped at the end", "dropped at the beginning", "repeated", "swapped", "reversed"],
)
def test_chunks_dropped_repeated_or_moved_are_found_and_named(
    folder: Path, tmp_path: Path, change: Callable[[list[int]], list[int]], named: str
) -> None:
    path = tmp_path / "whole.zip"
    write_bundle(folder, path, **EVER)
    parts = Parts(path)
    parts.rebuild(list(range(len(parts.groups))))
    assert both(path)[0]
    parts.rebuild(change(list(range(len(parts.groups)))))
    holds, failed = both(path)
    assert not holds
    assert {named, "log"} <= failed


def test_a_chunk_of_another_journal_is_found(folder: Path, tmp_path: Path) -> None:
    path, foreign = tmp_path / "whole.zip", tmp_path / "foreign.zip"
    write_bundle(folder, path, **EVER)
    write_bundle(write(tmp_path / "other", salt=1), foreign, **EVER)
    mine, theirs = Parts(path), Parts(foreign)
    mine.groups[2], mine.bodies[2] = theirs.groups[2], theirs.bodies[2]
    mine.rebuild(list(range(len(mine.groups))))
    assert both(path) == (False, {"log"})
    write_bundle(folder, path, **EVER)
    rebuild(path, {"record.mcap": member(foreign, "record.mcap")})
    assert both(path) == (False, {"log"})
    rebuild(path, {"checkpoint": member(foreign, "checkpoint"), "manifest.json": member(foreign, "manifest.json")})
    assert both(path)[0]  # now it is the other bundle, whole


@pytest.mark.parametrize("what", ["dropped", "repeated", "reordered", "altered"])
def test_entries_changed_inside_a_chunk_that_is_sealed_anew_are_found(folder: Path, tmp_path: Path, what: str) -> None:
    path = tmp_path / "whole.zip"
    write_bundle(folder, path, **EVER)
    parts = Parts(path)
    entries = [Entry(EntryKind.FRAME, each, time_of(each), each % 3, b"frame %d" % each) for each in (1, 2, 3)]
    match what:
        case "dropped":
            del entries[1]
        case "repeated":
            entries.insert(1, entries[1])
        case "reordered":
            entries[0], entries[1] = entries[1], entries[0]
        case _:
            entries[1] = Entry(EntryKind.FRAME, 2, time_of(2), 2, b"forged")
    number = next(at for at, each in enumerate(parts.groups) if each.seal.descriptor.last_input > 1)
    old = parts.groups[number].seal.descriptor
    maker = SegmentEncoder(Head(old.segment, old.first_leaf, old.first_input - 1, 0))
    maker.encode_head()
    data, _ = maker.encode_group(entries, [], b"k" * 32, 0)
    forged = _Bytes(bytes(maker.size - len(data)) + data)
    group = read_group(forged, maker.size - len(data))
    parts.groups[number], parts.bodies[number] = group, forged.read(group.body, group.seal.length)
    parts.rebuild(list(range(len(parts.groups))))
    holds, failed = both(path)
    assert not holds
    assert "log" in failed


def test_a_checkpoint_rolled_back_or_of_a_fork_is_found_by_who_saw_another(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "whole.zip"
    early = latest(folder)
    writer = JournalWriter(folder, signer=SIGNER)
    writer.frames(frames(41, 5))
    writer.close()
    late = latest(folder)
    write_bundle(folder, path, known=[early], **EVER)
    assert both(path, (early, late)) == (True, set())
    assert "the checkpoint of size" in alone.verify(path, KEYS, [alone.read_checkpoint(str(early).encode())]).text()
    fork = tmp_path / "fork"
    write(fork, salt=5)
    assert latest(fork).checkpoint.size == early.checkpoint.size
    assert both(path, (latest(fork),)) == (False, {"history"})
    write_bundle(fork, path, **EVER)
    assert both(path, (early,)) == (False, {"history"})
    rebuild(path, {"checkpoint": str(early).encode()})
    assert both(path) == (False, {"log"})
    shutil.copytree(folder, tmp_path / "rolled")
    (tmp_path / "rolled" / "log" / "checkpoint").write_text(str(early))
    write_bundle(tmp_path / "rolled", path, **EVER)
    assert both(path)[0]  # alone it is a beginning of the record, and true
    assert (
        "cannot be seen from a bundle" in alone.verify(path, KEYS, [alone.read_checkpoint(str(late).encode())]).text()
    )


def test_a_withheld_piece_with_something_in_its_place_is_found(bundle: Path) -> None:
    """Every checksum is made good, and the salts of something else are put in."""
    parts = Parts(bundle)
    number = next(at for at, body in enumerate(parts.bodies) if body[0] == 0x83)
    body = bytearray(parts.bodies[number])
    size = struct.unpack_from("<Q", body, 1)[0]
    body[9 + size - 1] ^= 1
    seal = parts.groups[number].seal
    parts.groups[number] = replace(parts.groups[number], seal=replace(seal, crc=crc32(bytes(body))))
    parts.bodies[number] = bytes(body)
    parts.rebuild(list(range(len(parts.groups))), parts.head)
    holds, failed = both(bundle)
    assert not holds
    assert "content" in failed


@pytest.mark.slow
def test_the_package_installs_on_its_own_and_works(folder: Path, tmp_path: Path) -> None:
    """From its folder alone, into an environment with nothing of Luchtwacht; what it needs is borrowed from here."""
    project = tmp_path / "verifier"
    shutil.copytree(
        Path(alone.__file__).parent,
        project,
        ignore=shutil.ignore_patterns("__pycache__", "build", "dist", "*.egg-info"),
    )
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    alone_env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    run = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(project)],
        capture_output=True,
        text=True,
        check=False,
        env=alone_env,
    )
    if run.returncode and "No matching distribution" in run.stderr + run.stdout:
        pytest.skip("what it needs cannot be installed here")
    assert run.returncode == 0, run.stderr
    path, key = tmp_path / "whole.zip", tmp_path / "site.pub"
    write_bundle(folder, path, **EVER)
    key.write_text(str(KEY.verifier))
    found = subprocess.run(
        [home / "bin" / "luchtwacht-verify", path, "--key", key],
        capture_output=True,
        text=True,
        check=False,
        env=alone_env,
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("the bundle whole.zip: holds\n")
    missing = subprocess.run([python, "-c", "import luchtwacht"], capture_output=True, check=False, env=alone_env)
    assert missing.returncode


def test_the_command_says_what_it_found_and_exits_accordingly(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key = tmp_path / "whole.zip", tmp_path / "site.pub"
    write_bundle(folder, path, **EVER)
    key.write_text(str(KEY.verifier))
    assert alone.main([str(path), "--key", str(key)]) == 0
    assert "holds" in capsys.readouterr().out
    path.write_bytes(path.read_bytes()[:-1])
    assert alone.main([str(path), "--key", str(key)]) == 1
    assert "DOES NOT HOLD" in capsys.readouterr().out
    key.write_text("no key")
    assert alone.main([str(path), "--key", str(key)]) == 2


def test_the_two_share_no_code() -> None:
    text = Path(alone.__file__).read_text()
    assert "import luchtwacht" not in text
    assert "from luchtwacht" not in text
