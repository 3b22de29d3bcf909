"""Nothing acknowledged is lost, whatever the disk does."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

from tests.journal.disk import PowerCut, SimulatedFiles, refusal
from tests.journal.recordings import SITE, START_NS, STEP_NS, alert_changed, command, frames, notice, tick, time_of

from luchtwacht.errors import RecordError
from luchtwacht.journal import Entry, EntryKind, JournalWriter, read_entries
from luchtwacht.journal.checkpoint import Checkpoint, SignedCheckpoint
from luchtwacht.journal.keys import Signer, create_key
from luchtwacht.journal.verifying import verify_journal
from luchtwacht.model.delicate import command_pieces
from luchtwacht.model.encoding import encode_command, encode_event, encode_tick

FOLDER = Path("/journal")
SEEDS = 500
"""for each of the two tests; a seed has several lives of a watch"""


SIGNER = Signer(create_key("watch.example/sim", seed=bytes(32)))


class Watch:
    """Feeds one journal through any number of lives, and remembers what it was promised."""

    def __init__(self, seed: int) -> None:
        self.seed, self.rng = seed, random.Random(seed)
        self.disk = SimulatedFiles(seed + 1)
        self.appended: list[Entry] = []
        """what is on record or on its way there, as the watch knows it"""
        self.promised = 0
        """how many of `appended` were acknowledged"""
        self.checkpoints: dict[int, bytes] = {}
        """size to root of every checkpoint that anybody may have seen"""

    def open(self) -> JournalWriter:
        writer = JournalWriter(
            FOLDER,
            files=self.disk,
            entropy=self.rng.randbytes,
            signer=SIGNER,
            checkpoint_ns=self.rng.choice((0, 5 * STEP_NS)),
            chunk_entries=self.rng.choice((1, 3, 8)),
            segment_bytes=self.rng.choice((900, 3_000, 100_000)),
        )
        self.see(writer)
        return writer

    def see(self, writer: JournalWriter) -> None:
        if writer.checkpoint:
            signed = writer.checkpoint.checkpoint
            assert self.checkpoints.setdefault(signed.size, signed.root) == signed.root

    @property
    def last(self) -> int:
        return max((each.sequence for each in self.appended if each.kind in ("frame", "command", "tick")), default=0)

    def live(self, steps: int) -> None:
        writer = self.open()
        if self.rng.random() < 0.5:
            self.append(Entry(EntryKind.SITE, self.last, START_NS, -1, SITE))
            writer.open_run(SITE, {}, START_NS)
        for _ in range(steps):
            self.step(writer)
        if self.rng.random() < 0.5:
            try:
                writer.close()
                self.promised = len(self.appended)
            except RecordError:
                pass
            self.see(writer)

    def append(self, *entries: Entry) -> None:
        self.appended += entries

    def step(self, writer: JournalWriter) -> None:
        first = self.last + 1
        match self.rng.randrange(5):
            case 0 | 1:
                made = frames(first, self.rng.randint(1, 6), size=self.rng.choice((30, 90)))
                self.append(
                    *(
                        Entry(EntryKind.FRAME, *row)
                        for row in zip(
                            made.sequence.tolist(),
                            made.received_ns.tolist(),
                            made.source.tolist(),
                            made.payloads(),
                            strict=True,
                        )
                    )
                )
                writer.frames(made)
            case 2:
                given = command(first)
                data = encode_command(given)
                self.append(Entry(EntryKind.COMMAND, first, given.received_ns, -1, data, command_pieces(data)))
                writer.command(given)
            case 3:
                self.append(Entry(EntryKind.TICK, first, time_of(first), -1, encode_tick(tick(first))))
                writer.tick(tick(first))
            case 4:
                said = (notice(self.last), alert_changed(self.last))
                self.append(*(Entry(EntryKind.EVENT, self.last, START_NS, -1, encode_event(each)) for each in said))
                writer.events(self.last, START_NS, said)
        if self.rng.random() < 0.7:
            try:
                durable = writer.commit()
            except RecordError:
                assert writer.pending == ("cannot record" in writer.failure)
                assert writer.pending or "cannot be sealed" in writer.failure
                durable = writer.durable
            if not writer.pending:
                assert durable == self.last
                self.promised = len(self.appended)
            self.see(writer)

    def record(self) -> list[Entry]:
        """What is on record, but for the journal's own notes."""
        if FOLDER / "segments" not in self.disk.folders:
            return []
        return [each for each in read_entries(FOLDER, files=self.disk) if each.kind is not EntryKind.NOTE]

    def check(self) -> None:
        """After any end: all that was promised is there, then perhaps more of what was appended, and nothing else."""
        self.disk.before_call = lambda number, name: None
        found = self.record()
        assert found == self.appended[: len(found)]
        assert len(found) >= self.promised
        before_opening = len(found)
        writer = self.open()
        kept = self.record()
        assert len(kept) == before_opening
        self.appended = kept
        self.promised = len(kept)
        assert writer.recovery.last_sequence == self.last
        assert not writer.recovery.damaged
        if writer.recovery.bytes_cut:
            assert writer.recovery.torn in self.disk.names(FOLDER / "segments")
        self.see(writer)
        writer.close()
        self.see(writer)
        if self.seed % 3:
            return
        report = verify_journal(FOLDER, keys=SIGNER.verifiers(), known=self.seen(), files=self.disk)
        assert not report.failed(), report.text()

    def seen(self) -> list[SignedCheckpoint]:
        """Every checkpoint that anybody may have seen, as its holder would bring it to a verifier."""
        made = [Checkpoint(SIGNER.origin, size, root) for size, root in self.checkpoints.items()]
        return [SignedCheckpoint(each, SIGNER.sign(each.text(), 0, slow=False)) for each in made]


def test_power_cuts_at_any_call_lose_nothing_promised() -> None:
    for seed in range(SEEDS):
        watch = Watch(seed)
        for _ in range(2):
            until = watch.disk.calls + watch.rng.randint(1, 120)

            def cut(number: int, name: str, until: int = until) -> None:
                if number >= until:
                    raise PowerCut

            watch.disk.before_call = cut
            with suppress(PowerCut):
                watch.live(watch.rng.randint(1, 12))
            if watch.rng.random() < 0.8:
                watch.disk.cut_power()
            else:
                watch.disk.kill()
            watch.check()


def test_a_disk_that_refuses_now_and_then_loses_nothing_promised() -> None:
    for seed in range(SEEDS):
        watch = Watch(seed)
        faults = random.Random(seed)
        rate = faults.choice((0.02, 0.1, 0.4))
        writer = watch.open()
        watch.disk.before_call = lambda number, name, faults=faults, rate=rate: (  # type: ignore[misc]
            refusal(faults) if faults.random() < rate else None
        )
        for _ in range(15):
            watch.step(writer)
        if faults.random() < 0.5:  # the cause is gone: everything remembered reaches the disk
            watch.disk.before_call = lambda number, name: None
            writer.commit()
            watch.promised = len(watch.appended)
        if faults.random() < 0.5:
            watch.disk.cut_power()
        else:
            watch.disk.kill()
            watch.check()
