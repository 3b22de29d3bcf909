"""Channels: which MCAP channel an entry is on."""

from __future__ import annotations

from functools import lru_cache

from luchtwacht.journal import mcap
from luchtwacht.journal.entry import KINDS, Entry, EntryKind

FRAME_CHANNEL = 16
"""frames of source s are on channel 16 + s; the other kinds on channels 1 to 15 by their code"""
_ENCODINGS = {
    EntryKind.SITE: "json",
    EntryKind.MAPPING: "json",
    EntryKind.COMMAND: "msgpack",
    EntryKind.TICK: "msgpack",
    EntryKind.EVENT: "msgpack",
    EntryKind.NOTE: "json",
    EntryKind.SNAPSHOT: "msgpack",
}
_LATER = (EntryKind.SNAPSHOT,)
"""kinds whose channel is declared in the group that first needs it"""
_RECORDS = {
    code: mcap.encode_channel(code, kind.value, _ENCODINGS[kind], {"kind": kind.value})
    for code, kind in enumerate(KINDS, start=1)
    if kind in _ENCODINGS
}
FIXED_CHANNELS = {code: record for code, record in _RECORDS.items() if KINDS[code - 1] not in _LATER}
"""declared at the beginning of every segment"""
_CHANNEL_OF = {kind: code for code, kind in enumerate(KINDS, start=1) if kind in _ENCODINGS}
KIND_OF = {code: kind for kind, code in _CHANNEL_OF.items()}
SOURCES = (1 << 16) - FRAME_CHANNEL
"""a site may have this many sources"""


def channel_of(entry: Entry) -> int:
    if entry.kind is not EntryKind.FRAME:
        return _CHANNEL_OF[entry.kind]
    if not 0 <= entry.source < SOURCES:
        raise AssertionError(f"source {entry.source} has no channel")
    return FRAME_CHANNEL + entry.source


def fixed_channels() -> set[int]:
    """The channels that every segment declares at its beginning."""
    return set(FIXED_CHANNELS)


@lru_cache(maxsize=4096)
def later_channel(channel: int) -> bytes:
    """The record of a channel that is declared in the group that first needs it."""
    if channel < FRAME_CHANNEL:
        return _RECORDS[channel]
    source = channel - FRAME_CHANNEL
    return mcap.encode_channel(
        channel, f"frame/{source}", "raw", {"kind": EntryKind.FRAME.value, "source": str(source)}
    )
