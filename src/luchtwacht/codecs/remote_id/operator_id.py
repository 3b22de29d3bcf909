"""Operator ID: who flies it, by the number of the registration. ASTM F3411-22a 5.4.5.10, table 9.

octet 0      message type 5, protocol version
octet 1      operator id type: 0 given by a civil aviation authority, 201-255 private
octets 2-21  operator id, ASCII padded with NUL
octets 22-24 reserved
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.remote_id.wire import (
    TEXT_SIZE,
    MessageType,
    Octets,
    check_range,
    decode_texts,
    encode_text,
    header,
)
from luchtwacht.model import Batch, Ints, Words, column


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorId:
    """One Operator ID message."""

    operator_id: str
    operator_id_type: int = 0
    version: int = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class OperatorIds(Batch):
    """Operator ID messages, one a row."""

    heard: Ints = column("i8")
    """(n,) row in `Decoded.heard`"""
    operator_id_type: Ints = column("i8")
    operator_id: Words = column("U20")

    def message(self, row: int, version: int) -> OperatorId:
        """One row as a message."""
        return OperatorId(
            operator_id=str(self.operator_id[row]), operator_id_type=int(self.operator_id_type[row]), version=version
        )


def decode_operator_ids(octets: Octets, heard: Ints) -> tuple[OperatorIds, NDArray[np.bool_]]:
    """Columns, and which rows hold printable text."""
    text, printable = decode_texts(octets[:, 2 : 2 + TEXT_SIZE])
    return OperatorIds(heard=heard, operator_id_type=octets[:, 1].astype(np.int64), operator_id=text), printable


def encode_operator_id(message: OperatorId) -> bytes:
    """25 octets.

    Raises:
        BadMessage: a field does not fit.
    """
    kind = check_range(message.operator_id_type, 0, 255, message.operator_id_type, "operator_id_type")
    text = encode_text(message.operator_id, TEXT_SIZE, "operator_id")
    return header(MessageType.OPERATOR_ID, message.version) + bytes([kind]) + text + bytes(3)
