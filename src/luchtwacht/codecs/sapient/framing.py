"""SAPIENT over TCP: each message behind its length, four octets, little-endian, unsigned (BSI Flex 335 v2.0).

    length n (4) │ SapientMessage (n) │ length │ ...

Nothing else marks where a message starts. A length above the limit therefore ends the reading of that connection: no
octet after it can be trusted, and waiting for it would be waiting with what the sender names as memory. Whoever holds
the connection closes it, and the node registers anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.errors import BadMessage
from luchtwacht.model import Reason, Rejection

LENGTH_SIZE = 4
MESSAGE_LIMIT = 1_024 * 1_024
"""octets; 1,024 kB"""


@dataclass(frozen=True, slots=True)
class Received:
    """What some octets completed."""

    messages: tuple[bytes, ...]
    """in order, without their lengths"""
    rejections: tuple[Rejection, ...]


class Deframer:
    """The reading side of one connection. Keeps at most one incomplete message."""

    def __init__(self, *, source: int = 0, limit: int = MESSAGE_LIMIT) -> None:
        """
        Args:
            source: index into `Site.sources`, for rejections.
            limit: octets a message may have.
        """
        if limit < 0:
            raise ValueError(f"limit is {limit}")
        self._source, self._limit = source, limit
        self._rest = bytearray()
        self._broken = False

    @property
    def broken(self) -> bool:
        """A length above the limit was met: nothing more will be read, close the connection."""
        return self._broken

    @property
    def kept(self) -> int:
        """Octets that wait for the rest of their message."""
        return len(self._rest)

    def receive(self, octets: bytes, *, frame: int = 0) -> Received:
        """The messages that `octets` complete; what is incomplete is kept for next time.

        Args:
            frame: `Frames.sequence` under which the octets were recorded, for rejections.
        """
        if self._broken:
            return Received((), (self._reject(frame, Reason.MALFORMED, f"{len(octets)} octets after a broken frame"),))
        rest = self._rest
        rest += octets
        messages: list[bytes] = []
        at = 0
        rejections: tuple[Rejection, ...] = ()
        while len(rest) - at >= LENGTH_SIZE:
            size = int.from_bytes(rest[at : at + LENGTH_SIZE], "little")
            if size > self._limit:
                self._broken = True
                detail = f"a message of {size} octets is announced, {self._limit} is the most; close the connection"
                rejections = (self._reject(frame, Reason.MALFORMED, detail),)
                at = len(rest)
                break
            stop = at + LENGTH_SIZE + size
            if stop > len(rest):
                break
            messages.append(bytes(rest[at + LENGTH_SIZE : stop]))
            at = stop
        del rest[:at]
        return Received(tuple(messages), rejections)

    def close(self, *, frame: int = 0) -> tuple[Rejection, ...]:
        """The connection ended: the incomplete message, if there is one, as a rejection."""
        kept = len(self._rest)
        self._rest.clear()
        if not kept:
            return ()
        return (self._reject(frame, Reason.TRUNCATED, f"the connection ended {kept} octets into a message"),)

    def _reject(self, frame: int, reason: Reason, detail: str) -> Rejection:
        return Rejection(frame=frame, record=-1, source=self._source, reason=reason, item="length", detail=detail)


def frame_message(octets: bytes, *, limit: int = MESSAGE_LIMIT) -> bytes:
    """The message behind its length, as it is sent.

    Raises:
        BadMessage: longer than `limit`, so that no receiver would take it.
    """
    if len(octets) > limit:
        raise BadMessage(f"the message has {len(octets)} octets, {limit} is the most")
    return len(octets).to_bytes(LENGTH_SIZE, "little") + octets
