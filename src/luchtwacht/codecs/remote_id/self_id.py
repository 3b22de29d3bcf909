"""Self ID: what the operator wants to say. ASTM F3411-22a 5.4.5.8, table 7.

octet 0      message type 3, protocol version
octet 1      description type: 0 text, 1 emergency, 2 extended status, 201-255 private
octets 2-24  description, ASCII padded with NUL
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.remote_id.wire import MessageType, Octets, check_range, decode_texts, encode_text, header
from luchtwacht.model import Batch, Ints, Words, column

DESCRIPTION_SIZE = 23
"""octets"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfId:
    """One Self ID message."""

    description_type: int
    """0 text, 1 emergency, 2 extended status, 3 to 200 reserved, above private"""
    description: str
    version: int = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class SelfIds(Batch):
    """Self ID messages, one a row."""

    heard: Ints = column("i8")
    """(n,) row in `Decoded.heard`"""
    description_type: Ints = column("i8")
    description: Words = column("U23")

    def message(self, row: int, version: int) -> SelfId:
        """One row as a message."""
        return SelfId(
            description_type=int(self.description_type[row]), description=str(self.description[row]), version=version
        )


def decode_self_ids(octets: Octets, heard: Ints) -> tuple[SelfIds, NDArray[np.bool_]]:
    """Columns, and which rows hold printable text."""
    text, printable = decode_texts(octets[:, 2:])
    return SelfIds(heard=heard, description_type=octets[:, 1].astype(np.int64), description=text), printable


def encode_self_id(message: SelfId) -> bytes:
    """25 octets.

    Raises:
        BadMessage: a field does not fit.
    """
    kind = check_range(message.description_type, 0, 255, message.description_type, "description_type")
    text = encode_text(message.description, DESCRIPTION_SIZE, "description")
    return header(MessageType.SELF_ID, message.version) + bytes([kind]) + text
