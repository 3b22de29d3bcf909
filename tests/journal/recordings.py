"""Small journals for the tests: invented inputs and events, the same every time."""

from __future__ import annotations

from pathlib import Path

from luchtwacht.journal import Entry, JournalWriter, read_entries
from luchtwacht.journal.files import REAL, Files
from luchtwacht.model import (
    AcknowledgeAlert,
    Alert,
    AlertChanged,
    AlertKind,
    AlertStatus,
    Cause,
    Command,
    Frames,
    Notice,
    NoticeKind,
    Severity,
    Tick,
)

START_NS = 1_777_777_777_000_000_000
STEP_NS = 1_000_000
SITE = b'{"id":"test","name":"A site of the tests"}'


def frames(first: int, count: int, *, size: int = 40) -> Frames:
    """Frames first to first + count - 1, one every millisecond, from three sources."""
    numbers = range(first, first + count)
    return Frames.of(
        [f"frame {number} ".encode().ljust(size, b"x") for number in numbers],
        sequence=list(numbers),
        source=[number % 3 for number in numbers],
        received_ns=[time_of(number) for number in numbers],
    )


def time_of(sequence: int) -> int:
    return START_NS + sequence * STEP_NS


def command(sequence: int) -> Command:
    return Command(
        sequence=sequence,
        received_ns=time_of(sequence),
        actor="operator-1",
        order=AcknowledgeAlert(alert=1, note="seen"),
    )


def tick(sequence: int) -> Tick:
    return Tick(sequence=sequence, received_ns=time_of(sequence))


def notice(sequence: int) -> Notice:
    return Notice(
        time_ns=time_of(sequence), kind=NoticeKind.SENSOR_SILENT, subject="radar-1", detail=f"silent at {sequence}"
    )


def alert_changed(sequence: int) -> AlertChanged:
    cause = Cause(
        finding_time_ns=time_of(sequence),
        probability_inside=0.97,
        probability_entry=1.0,
        probability_uas=0.9,
        probability_permitted=0.02,
        distance=-12.5,
        time_to_entry=0.0,
        position=(10.0, 20.0, 60.0),
        height_sigma=4.0,
        detections=(65_536,),
    )
    return AlertChanged(
        time_ns=time_of(sequence),
        alert=Alert(
            id=1,
            kind=AlertKind.ZONE_INTRUSION,
            status=AlertStatus.RAISED,
            severity=Severity.CRITICAL,
            track=7,
            tracks=(7,),
            zone="zone-1",
            aircraft_id="",
            started_ns=START_NS,
            confirmed_ns=START_NS,
            raised_ns=time_of(sequence),
            changed_ns=time_of(sequence),
            active=True,
            cause=cause,
            steps=(),
        ),
    )


def write_small(writer: JournalWriter) -> None:
    """Three commits with every kind of entry: inputs 1 to 12."""
    writer.open_run(SITE, {"tracks": "columns = 3"}, START_NS)
    writer.frames(frames(1, 5))
    writer.events(5, time_of(5), (notice(5),))
    writer.commit()
    writer.command(command(6))
    writer.frames(frames(7, 3))
    writer.events(9, time_of(9), (alert_changed(9), notice(9)))
    writer.commit()
    writer.tick(tick(10))
    writer.frames(frames(11, 2))
    writer.commit()


def entries_of(folder: Path, files: Files = REAL) -> list[Entry]:
    return list(read_entries(folder, files=files))
