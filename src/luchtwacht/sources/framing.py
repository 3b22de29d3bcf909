"""Where one payload ends and the next begins in a stream of bytes. Nothing is decoded, and no byte is lost.

| format | in a datagram | in a stream |
|---|---|---|
| table | its lines | lines |
| readsb | one document | lines, one document each |
| asterix | as it is: one or more blocks | blocks, by their own length |
| sapient | one message with its length | messages with their lengths |
| sbs, ogn | its lines, together | whole lines, as many as came at once |
| beast, mavlink | as it is | whole frames or packets, as many as came at once |
| dronescout | one document | lines, one document each |
| remote_id | one frame of the radio | not carried by streams |
| network_remote_id | not carried by datagrams | not carried by streams |
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Protocol

from luchtwacht.model import Format

LONGEST_LINE = 4 * 1024 * 1024
"""bytes; what grows beyond it without an end is handed over as it is, to be refused and counted"""
_BLOCK_HEADER = 3
_LENGTH = 4
LONGEST_MESSAGE = 1024 * 1024
"""octets of a SAPIENT message"""


class Framer(Protocol):
    """Cuts one stream."""

    @property
    def patience_s(self) -> float | None:
        """How long the other side may take over one payload, and to send its first; none: as long as it likes."""
        ...

    @property
    def lost(self) -> bool:
        """Whether there is no telling any more where a payload begins: nothing that follows is of use."""
        ...

    def take(self, data: bytes) -> list[bytes]:
        """The payloads that are complete with `data`."""
        ...

    def rest(self) -> bytes:
        """What is left when the stream has ended; afterwards the framer is as new."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes that were taken and belong to a payload that is not complete."""
        ...


class LineFramer:
    """Lines, without their ends."""

    patience_s = None
    lost = False

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            lines.append(self.rest())
        return [line.removesuffix(b"\r") for line in lines]

    def rest(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest

    @property
    def waiting(self) -> int:
        return len(self._rest)


class BlockFramer:
    """ASTERIX data blocks: an octet of category, two octets of length that count all three (EUROCONTROL-SPEC-0149,
    part 1, 4.3). After a length that cannot be, there is no telling where a block begins: all that came is one payload.
    """

    patience_s = None
    lost = False

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes]:
        held, at, blocks = self._rest + data, 0, []
        while len(held) - at >= _BLOCK_HEADER:
            length = int.from_bytes(held[at + 1 : at + 3], "big")
            if length < _BLOCK_HEADER:
                blocks.append(held[at:])
                at = len(held)
                break
            if len(held) - at < length:
                break
            blocks.append(held[at : at + length])
            at += length
        self._rest = held[at:]
        return blocks

    def rest(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest

    @property
    def waiting(self) -> int:
        return len(self._rest)


class LengthFramer:
    """SAPIENT: four octets of length, little-endian, and so many octets (BSI Flex 335 v2.0); they stay together. A
    length that no message has is where everything ends: what came with it is one payload, to be refused and counted.
    """

    patience_s = 60.0

    def __init__(self) -> None:
        self._rest = bytearray()
        self._lost = False

    @property
    def lost(self) -> bool:
        return self._lost

    def take(self, data: bytes) -> list[bytes]:
        held, at, messages = self._rest, 0, []
        held += data
        while len(held) - at >= _LENGTH and not self._lost:
            size = int.from_bytes(held[at : at + _LENGTH], "little")
            self._lost = size > LONGEST_MESSAGE
            stop = len(held) if self._lost else at + _LENGTH + size
            if stop > len(held):
                break
            messages.append(bytes(held[at:stop]))
            at = stop
        del held[:at]
        return messages

    def rest(self) -> bytes:
        rest = bytes(self._rest)
        self._rest.clear()
        self._lost = False
        return rest

    @property
    def waiting(self) -> int:
        return len(self._rest)


class LinesFramer(LineFramer):
    """Whole lines, as many as came at once: for senders of thousands of short lines a second."""

    def take(self, data: bytes) -> list[bytes]:
        lines = super().take(data)
        return [b"\n".join(lines)] if lines else []


class BeastFramer:
    """Whole frames of a Mode S receiver, as many as came at once: 1A, a type, then 6 octets of time, 1 of signal and
    2, 7 or 14 by the type, where every 1A is sent twice. What is no frame goes along, to be refused and counted.
    """

    patience_s = None
    lost = False
    _SIZES = MappingProxyType({0x31: 9, 0x32: 14, 0x33: 21})

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes]:
        held = self._rest + data
        whole = self._whole(held)
        self._rest = held[whole:]
        return [held[:whole]] if whole else []

    def _whole(self, held: bytes) -> int:
        """Octets up to the end of the last frame that is complete."""
        at = 0
        while True:
            start = held.find(0x1A, at)
            if start < 0:
                return len(held)
            if start + 1 >= len(held):
                return start
            size = self._SIZES.get(held[start + 1])
            at = start + 2
            while size and at < len(held) and (held[at] != 0x1A or held[at + 1 : at + 2] == b"\x1a"):
                at += 2 if held[at] == 0x1A else 1
                size -= 1
            if size and (at >= len(held) or (held[at] == 0x1A and at + 1 == len(held))):
                return start

    def rest(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest

    @property
    def waiting(self) -> int:
        return len(self._rest)


class MavlinkFramer:
    """Whole packets, as many as came at once: FE and FD begin one, and its second octet is the length of its payload.
    What is no packet goes along, to be refused and counted.
    """

    patience_s = None
    lost = False

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes]:
        held, at = self._rest + data, 0
        while at < len(held):
            if held[at] not in (0xFE, 0xFD):
                at += 1
                continue
            if len(held) - at < 3:
                break
            size = held[at + 1] + (8 if held[at] == 0xFE else 12 + (13 if held[at + 2] & 1 else 0))
            if len(held) - at < size:
                break
            at += size
        self._rest = held[at:]
        return [held[:at]] if at else []

    def rest(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest

    @property
    def waiting(self) -> int:
        return len(self._rest)


STREAMS: dict[Format, type[Framer]] = {
    Format.TABLE: LineFramer,
    Format.READSB: LineFramer,
    Format.DRONESCOUT: LineFramer,
    Format.SBS: LinesFramer,
    Format.OGN: LinesFramer,
    Format.BEAST: BeastFramer,
    Format.MAVLINK: MavlinkFramer,
    Format.ASTERIX: BlockFramer,
    Format.SAPIENT: LengthFramer,
}
"""How a stream of each format is cut; a format that is not named comes in datagrams only."""


def split_datagram(data: bytes, format: Format) -> list[bytes]:
    """The payloads of one datagram."""
    return data.splitlines() if format == Format.TABLE and data else [data]
