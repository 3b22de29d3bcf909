"""Frames: bytes as received."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luchtwacht.model.batch import Ints

RECORDS_PER_FRAME = 65_536
"""A UDP datagram holds fewer records than this, so (frame, record) fits one number."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Frames:
    """Bytes as received, one row per datagram, line, block or chunk, in order of `sequence`.

    All payloads stand in one buffer, so that a recording of ten million blocks is one object and a codec can work on
    it in a few passes. Not a `Batch`: the buffer is not a column.
    """

    sequence: Ints
    """(n,) number of the input in the watch's own order, from 1, without gaps over frames, commands and ticks"""
    source: Ints
    """(n,) index into `Site.sources`"""
    received_ns: Ints
    """(n,) ns UTC at which the watch (or, in a recording, the recorder) received it"""
    start: Ints
    """(n,) first byte in `buffer`"""
    stop: Ints
    """(n,) one past the last byte in `buffer`"""
    buffer: bytes

    def __post_init__(self) -> None:
        lengths = set()
        for name in ("sequence", "source", "received_ns", "start", "stop"):
            values = np.ascontiguousarray(getattr(self, name), dtype=np.int64).view()
            values.flags.writeable = False
            object.__setattr__(self, name, values)
            lengths.add(values.shape)
        if len(lengths) != 1:
            raise AssertionError(f"Frames columns differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.sequence)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frames):
            return NotImplemented
        return (
            len(self) == len(other)
            and all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in ("sequence", "source", "received_ns")
            )
            and self.payloads() == other.payloads()
        )

    __hash__ = None  # type: ignore[assignment]

    def payload(self, row: int) -> bytes:
        """The bytes of one frame."""
        return self.buffer[self.start[row] : self.stop[row]]

    def payloads(self) -> list[bytes]:
        """The bytes of every frame."""
        return [self.buffer[start:stop] for start, stop in zip(self.start.tolist(), self.stop.tolist(), strict=True)]

    def take(self, rows: Ints | slice) -> Frames:
        """The frames at `rows` (indices, a mask or a slice); the buffer is shared."""
        return Frames(
            sequence=self.sequence[rows],
            source=self.source[rows],
            received_ns=self.received_ns[rows],
            start=self.start[rows],
            stop=self.stop[rows],
            buffer=self.buffer,
        )

    @classmethod
    def of(
        cls,
        payloads: list[bytes],
        *,
        sequence: list[int] | Ints,
        source: list[int] | Ints,
        received_ns: list[int] | Ints,
    ) -> Frames:
        """Frames made of separate payloads."""
        stop = np.cumsum([len(payload) for payload in payloads], dtype=np.int64)
        start = np.concatenate([np.zeros(1, dtype=np.int64), stop[:-1]]) if len(payloads) else stop
        return cls(
            sequence=np.asarray(sequence, dtype=np.int64),
            source=np.asarray(source, dtype=np.int64),
            received_ns=np.asarray(received_ns, dtype=np.int64),
            start=start,
            stop=stop,
            buffer=b"".join(payloads),
        )


def report_ids(frame: Ints, record: Ints) -> Ints:
    """The id of each report: `frame * 65536 + record`.

    A detection or claim is thereby named by the sequence number of the frame that held it and its place in that frame,
    so that the way back to the byte needs no table.
    """
    return np.asarray(frame, dtype=np.int64) * RECORDS_PER_FRAME + np.asarray(record, dtype=np.int64)


def frame_of(report: Ints | int) -> Ints:
    """The sequence number of the frame that held each report."""
    return np.asarray(report, dtype=np.int64) // RECORDS_PER_FRAME


def record_of(report: Ints | int) -> Ints:
    """The place of each report in its frame, from 0."""
    return np.asarray(report, dtype=np.int64) % RECORDS_PER_FRAME
