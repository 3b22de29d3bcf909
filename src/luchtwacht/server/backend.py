"""What the server asks of a running watch.

The server knows a watch only through `Backend`: a picture's worth of recent events, every event that follows, a way to
give orders, and the bytes of a frame. The runtime fulfils it; tests fulfil it with events made by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from luchtwacht.journal.requests import Hold, Release
from luchtwacht.model import Event, Grounds, Order, Site

Listener = Callable[[tuple[Event, ...]], None]
"""Called on the event loop's thread with what the pipeline said, in order. An empty tuple means that the picture is
another one now (somebody went to another time): ask for a snapshot."""


@dataclass(frozen=True, slots=True)
class RawFrame:
    """Bytes as received."""

    source: int
    """index into `Site.sources`"""
    received_ns: int
    """ns UTC"""
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How far a watch is with getting ready."""

    step: int
    """which step of compiling or loading kernels is at work, from 1; 0: the record is run again"""
    steps: int
    """how many there are"""
    elapsed_ns: int
    """of the machine's time since the watch was started"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStatus:
    """How an output stands."""

    id: str
    kind: str
    address: str
    receivers: int
    """connections; 1 for datagrams"""
    messages: int
    """datagrams or messages that were sent"""
    octets: int
    let_go: int
    """messages that could not be sent"""
    trouble: str
    """why nothing is shown now; "" when all is well"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the watch itself stands."""

    running: bool
    """whether inputs are being taken"""
    inputs: int
    """sequence number of the last input"""
    frames: int
    """frames taken so far"""
    frames_per_s: float
    """frames taken a second of the machine's time, of late"""
    lag_ns: int
    """ns by which the watch's event time is behind the machine's clock; 0 when a recording is played"""
    recording: bool
    """whether this watch keeps a journal"""
    durable: int
    """sequence number of the last input that is on disk"""
    record_failure: str = ""
    """why the journal cannot record now; "" when it can"""
    lost: int = 0
    """inputs that could not be kept"""
    preparation: Preparation | None = None
    """while it runs but takes nothing in yet: kernels are compiled, or the record is run again"""
    outputs: tuple[OutputStatus, ...] = ()
    """others who are shown what the watch sees, in the order of the site"""


class PlaybackState(Protocol):
    """Where a played feed stands; times are event time, ns UTC."""

    @property
    def first_ns(self) -> int: ...
    @property
    def last_ns(self) -> int: ...
    @property
    def position_ns(self) -> int: ...
    @property
    def speed(self) -> float: ...
    @property
    def paused(self) -> bool: ...
    @property
    def ended(self) -> bool: ...


class Playback(Protocol):
    """The pace of a recording or a simulation."""

    @property
    def state(self) -> PlaybackState: ...
    def play(self) -> None: ...
    def pause(self) -> None: ...
    def set_speed(self, speed: float) -> None:
        """So many times real time.

        Raises:
            ValueError: not a positive number.
        """
        ...

    def seek(self, time_ns: int) -> None:
        """Go to an event time within the feed."""
        ...


class Backend(Protocol):
    """A running watch, as the server sees it. Everything is called on the event loop's thread."""

    @property
    def site(self) -> Site: ...
    @property
    def base_map(self) -> bytes | None:
        """GeoJSON with local features to draw under everything."""
        ...

    @property
    def playback(self) -> Playback | None:
        """None for a live watch."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called from now on; returns how to end it."""
        ...

    def snapshot(self) -> tuple[Event, ...]:
        """Recent events, from which the whole present picture can be built."""
        ...

    async def command(self, actor: str, order: Order) -> tuple[Event, ...]:
        """Carry out an order; answers with what followed once the command is on disk.

        Raises:
            BadCommand: the present state does not allow it.
            RecordError: it could not be recorded; it was carried out all the same.
        """
        ...

    async def hand_in(self, source: int, payload: bytes) -> int:
        """Take a payload of a source (an index into `Site.sources`); answers with its frame's number once it is on
        disk.

        Raises: as `command`.
        """
        ...

    async def holds(self) -> tuple[Hold, ...]:
        """The legal holds on the record, by name; RecordError when it cannot be read."""
        ...

    async def hold(self, asked: Hold | Release) -> None:
        """Hold a stretch of the record, or release one. Counts when this returns, and goes on record soon after.

        Raises:
            BadCommand: this watch records nothing.
            RecordError: the request says too little, or cannot be kept.
        """
        ...

    async def grounds(self, track: int) -> Grounds | None:
        """What the tracker's judgement of a track's category rests on; none when no sensor holds such a track now."""
        ...

    def frame(self, sequence: int) -> RawFrame | None:
        """The bytes of one frame; none when it was not kept."""
        ...

    def now_ns(self) -> int:
        """Event time of the watch."""
        ...

    def status(self) -> Status:
        """How the watch itself stands."""
        ...

    def density(self, bins: int) -> tuple[int, ...]:
        """Frames of the played feed in `bins` equal parts of its time, as far as known; empty for a live watch."""
        ...
