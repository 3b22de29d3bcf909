"""Basic ID: who the aircraft says it is. ASTM F3411-22a 5.4.5.5, table 4.

octet 0      message type 0, protocol version
octet 1      id type (high nibble), UA type (low nibble)
octets 2-21  UAS id: ASCII padded with NUL for a serial number or registration, octets for a UUID or session id
octets 22-24 reserved
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

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
from luchtwacht.errors import BadMessage
from luchtwacht.model import Batch, Bytes, Ints, Words, column


class IdType(IntEnum):
    """What the UAS id is."""

    NONE = 0
    SERIAL_NUMBER = 1
    """ANSI/CTA-2063-A"""
    REGISTRATION = 2
    """given by a civil aviation authority"""
    UTM_UUID = 3
    SESSION = 4
    """the first octet says which kind; 1 is a DRIP entity tag (RFC 9374)"""


class UaType(IntEnum):
    """What flies."""

    NONE = 0
    AEROPLANE = 1
    HELICOPTER_OR_MULTIROTOR = 2
    GYROPLANE = 3
    HYBRID_LIFT = 4
    ORNITHOPTER = 5
    GLIDER = 6
    KITE = 7
    FREE_BALLOON = 8
    CAPTIVE_BALLOON = 9
    AIRSHIP = 10
    PARACHUTE = 11
    ROCKET = 12
    TETHERED = 13
    GROUND_OBSTACLE = 14
    OTHER = 15


TEXT_IDS = (IdType.NONE, IdType.SERIAL_NUMBER, IdType.REGISTRATION)
"""Id types whose id is text; the others' ids are written as 40 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicId:
    """One Basic ID message."""

    id_type: int
    """`IdType`; 5 to 15 are reserved and kept as they came"""
    ua_type: int
    """`UaType`"""
    uas_id: str
    """text without padding; 40 hexadecimal digits for a UUID, session id or reserved id type"""
    version: int = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class BasicIds(Batch):
    """Basic ID messages, one a row."""

    heard: Ints = column("i8")
    """(n,) row in `Decoded.heard`"""
    id_type: Bytes = column("i1")
    """(n,) `IdType`"""
    ua_type: Bytes = column("i1")
    """(n,) `UaType`"""
    uas_id: Words = column("U40")
    """(n,) as `BasicId.uas_id`"""

    def message(self, row: int, version: int) -> BasicId:
        """One row as a message."""
        return BasicId(
            id_type=int(self.id_type[row]),
            ua_type=int(self.ua_type[row]),
            uas_id=str(self.uas_id[row]),
            version=version,
        )


def decode_basic_ids(octets: Octets, heard: Ints) -> tuple[BasicIds, NDArray[np.bool_]]:
    """Columns, and which rows are sound: an id that should be text and is not is damaged."""
    id_type = octets[:, 1] >> 4
    ids = octets[:, 2 : 2 + TEXT_SIZE]
    text, printable = decode_texts(ids)
    binary = id_type > IdType.REGISTRATION
    uas_id = text.astype("U40")
    for row in np.flatnonzero(binary).tolist():
        uas_id[row] = ids[row].tobytes().hex()
    made = BasicIds(heard=heard, id_type=id_type, ua_type=octets[:, 1] & 0x0F, uas_id=uas_id)
    return made, printable | binary


def encode_basic_id(message: BasicId) -> bytes:
    """25 octets.

    Raises:
        BadMessage: a field does not fit.
    """
    id_type = check_range(message.id_type, 0, 15, message.id_type, "id_type")
    ua_type = check_range(message.ua_type, 0, 15, message.ua_type, "ua_type")
    if id_type <= IdType.REGISTRATION:
        uas_id = encode_text(message.uas_id, TEXT_SIZE, "uas_id")
    else:
        try:
            uas_id = bytes.fromhex(message.uas_id)
        except ValueError:
            uas_id = b""
        if len(uas_id) != TEXT_SIZE:
            raise BadMessage(f"{message.uas_id!r} is not 40 hexadecimal digits", where="uas_id")
    return header(MessageType.BASIC_ID, message.version) + bytes([id_type << 4 | ua_type]) + uas_id + bytes(3)
