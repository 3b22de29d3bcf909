"""`.frames` files: payloads with their times of receipt, one JSON array a line.

[<ns UTC of receipt>, "<base64 of the payload>"]
"""

from __future__ import annotations

import base64

import msgspec


class _Line(msgspec.Struct, array_like=True):
    received_ns: int
    payload: str


_decoder = msgspec.json.Decoder(_Line)


def holds_frames(head: bytes) -> bool:
    """Whether a file begins like one of these: no block, capture or document starts with a bracket and a digit."""
    return head[:1] == b"[" and head[1:2].isdigit()


def decode_frame(line: bytes) -> tuple[int, bytes]:
    """ns UTC of receipt and payload.

    Raises:
        ValueError: the line is no frame; the message says why.
    """
    try:
        frame = _decoder.decode(line)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return frame.received_ns, base64.b64decode(frame.payload, validate=True)  # binascii.Error is a ValueError


def encode_frame(received_ns: int, payload: bytes) -> bytes:
    """One line."""
    return msgspec.json.encode(_Line(received_ns, base64.b64encode(payload).decode())) + b"\n"
