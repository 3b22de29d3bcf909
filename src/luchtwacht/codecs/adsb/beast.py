"""Beast: the binary stream of Mode S receivers (port 30005), after the Mode-S Beast's manual.

    0x1A, type, time (6, big-endian, 12 MHz counter), signal (1), octets of the frame

Type `1` is Mode A/C (2 octets), `2` Mode S short (7), `3` Mode S long (14). Every 0x1A after the type is sent twice, so
a single one starts a frame wherever it stands. Types that are not known are passed over up to the next start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from luchtwacht.errors import BadMessage

ESCAPE = 0x1A
_SIZES = {0x31: 2, 0x32: 7, 0x33: 14}
_TYPES = {size: kind for kind, size in _SIZES.items()}
_HEAD_SIZE = 7
TICKS_PER_SECOND = 12_000_000
_FULL_SCALE = 255


_CALCULATED = 0xFF00_4D4C_4154
"""written instead of a time by those who feed back what several receivers calculated"""
_DAY_S = 86_400
_NANOSECOND_BITS = 30


@dataclass(frozen=True, slots=True)
class BeastFrame:
    """One frame as the receiver heard it."""

    ticks: int
    """12 MHz counter of the receiver, 48 bits; some count nanoseconds of the day instead"""
    signal: int
    """0 to 255, proportional to the amplitude; 255 is full scale"""
    octets: bytes
    """2 (Mode A/C), 7 or 14 (Mode S)"""


def split_beast(buffer: bytes) -> tuple[list[BeastFrame], bytes, int]:
    """Whole frames, what is left for next time, and how many octets belonged to no frame.

    What is left is never longer than one escaped frame.
    """
    cut, rest, lost = cut_beast(buffer)
    return [frame for frame, _ in cut], buffer[rest:], lost


def cut_beast(buffer: bytes) -> tuple[list[tuple[BeastFrame, int]], int, int]:
    """Whole frames, each with where it ends; where the first that is not whole begins; octets of no frame."""
    frames: list[tuple[BeastFrame, int]] = []
    at, lost = 0, 0
    while True:
        start = buffer.find(ESCAPE, at)
        if start < 0:
            return frames, len(buffer), lost + len(buffer) - at
        lost += start - at
        if start + 1 >= len(buffer):
            return frames, start, lost
        size = _SIZES.get(buffer[start + 1])
        if size is None:
            at = start + 2
            lost += at - start
            continue
        content, end = _unescape(buffer, start + 2, _HEAD_SIZE + size)
        if content is not None:
            frame = BeastFrame(int.from_bytes(content[:6], "big"), content[6], bytes(content[_HEAD_SIZE:]))
            frames.append((frame, end))
            at = end
        elif end < 0:
            return frames, start, lost
        else:
            lost += end - start
            at = end


def of_the_day(ticks: Iterable[int]) -> bool:
    """Whether these are the seconds (18 bits) and nanoseconds (30 bits) of the day in UTC, as receivers with GPS write
    them, and no count at 12 MHz.

    Such nanoseconds are always less than 10^9. A counter passes what lies between that and 2^30, 7 of 100 of its
    values, every 90 s; so a hundred frames or more over that long tell the two apart. Fewer are taken for a counter.
    """
    mask = (1 << _NANOSECOND_BITS) - 1
    count, least, most = 0, 1 << 48, 0
    for each in ticks:
        if each in (0, _CALCULATED):
            continue
        if each >> _NANOSECOND_BITS >= _DAY_S or each & mask >= 1_000_000_000:
            return False
        count, least, most = count + 1, min(least, each), max(most, each)
    return count >= 100 and most - least >= 1 << _NANOSECOND_BITS


def seconds_of(ticks: int, *, gps: bool = False) -> float | None:
    """s of the receiver's clock: since midnight UTC with `gps`, otherwise since any time; none where it says none."""
    if ticks in (0, _CALCULATED):
        return None
    if gps:
        return (ticks >> _NANOSECOND_BITS) + (ticks & (1 << _NANOSECOND_BITS) - 1) / 1e9
    return ticks / TICKS_PER_SECOND


def _unescape(buffer: bytes, at: int, size: int) -> tuple[bytearray | None, int]:
    """`size` octets from `at` on, and where they end; none and -1 when the buffer ends before, none and the place of
    the next start when another frame begins in between.
    """
    content = bytearray()
    while len(content) < size:
        if at >= len(buffer):
            return None, -1
        octet = buffer[at]
        if octet == ESCAPE:
            if at + 1 >= len(buffer):
                return None, -1
            if buffer[at + 1] != ESCAPE:
                return None, at
            at += 1
        content.append(octet)
        at += 1
    return content, at


def encode_beast(frame: BeastFrame) -> bytes:
    """One frame, escaped.

    Raises:
        BadMessage: of a length that no type has, or a field that does not fit.
    """
    kind = _TYPES.get(len(frame.octets))
    if kind is None:
        raise BadMessage(f"a frame of {len(frame.octets)} octets; Mode S has 7 or 14, Mode A/C 2", where="octets")
    if not 0 <= frame.ticks < 1 << 48 or not 0 <= frame.signal <= _FULL_SCALE:
        raise BadMessage(f"ticks {frame.ticks} or signal {frame.signal} does not fit", where="ticks")
    content = frame.ticks.to_bytes(6, "big") + bytes([frame.signal]) + frame.octets
    return bytes([ESCAPE, kind]) + content.replace(b"\x1a", b"\x1a\x1a")
