"""Message pack: several messages in one transmission. ASTM F3411-22a 5.4.5.11, table 10.

octet 0      message type 15, protocol version
octet 1      size of one message: 25
octet 2      number of messages, 1 to 9
octets 3-    the messages
"""

from __future__ import annotations

from collections.abc import Sequence

from luchtwacht.codecs.remote_id.damage import Damaged
from luchtwacht.codecs.remote_id.wire import MESSAGE_SIZE, NEWEST_VERSION, MessageType, header
from luchtwacht.errors import BadMessage
from luchtwacht.model import Reason

LARGEST = 9
"""messages in one pack"""
_HEADER_SIZE = 3


def locate_messages(frame: bytes, start: int, stop: int) -> tuple[range, int]:
    """Offsets in `frame` of the whole messages in `frame[start:stop]`, which holds a pack or one single message, and
    how many more the pack announces: some transmitters' element is a few octets too short for its last message.

    Octets after the last message are left alone: elements and adverts may be padded.

    Raises:
        Damaged: cut short, or not a pack.
    """
    if start >= stop:
        raise Damaged(Reason.TRUNCATED, "message", "the element ends before its first message")
    if frame[start] >> 4 != MessageType.PACK:
        if stop - start < MESSAGE_SIZE:
            raise Damaged(Reason.TRUNCATED, "message", f"{stop - start} of {MESSAGE_SIZE} octets of a message")
        return range(start, start + MESSAGE_SIZE, MESSAGE_SIZE), 0
    if stop - start < _HEADER_SIZE:
        raise Damaged(Reason.TRUNCATED, "message_pack", "the element ends in the header of its pack")
    size, count = frame[start + 1], frame[start + 2]
    if size != MESSAGE_SIZE:
        raise Damaged(Reason.MALFORMED, "message_pack", f"messages of {size} octets where {MESSAGE_SIZE} are wanted")
    if not 1 <= count <= LARGEST:
        raise Damaged(Reason.MALFORMED, "message_pack", f"a pack of {count} messages where 1 to {LARGEST} are allowed")
    first = start + _HEADER_SIZE
    whole = min(count, (stop - first) // MESSAGE_SIZE)
    return range(first, first + whole * MESSAGE_SIZE, MESSAGE_SIZE), count - whole


def encode_pack(messages: Sequence[bytes], version: int = NEWEST_VERSION) -> bytes:
    """A pack of messages of 25 octets each.

    Raises:
        BadMessage: none, more than nine, or one of another size.
    """
    if not 1 <= len(messages) <= LARGEST:
        raise BadMessage(f"a pack holds 1 to {LARGEST} messages, not {len(messages)}", where="message_pack")
    if any(len(each) != MESSAGE_SIZE for each in messages):
        raise BadMessage(f"every message in a pack has {MESSAGE_SIZE} octets", where="message_pack")
    return header(MessageType.PACK, version) + bytes([MESSAGE_SIZE, len(messages)]) + b"".join(messages)
