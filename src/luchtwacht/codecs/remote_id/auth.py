"""Authentication: a signature over the other messages, in up to sixteen pages. ASTM F3411-22a 5.4.5.7, table 6.

    octet 0      message type 2, protocol version
    octet 1      authentication type (high nibble), page number (low nibble)
    page 0       octet 2 last page (low nibble), octet 3 length of the data in octets,
                 octets 4-7 seconds since 2019-01-01 UTC, octets 8-24 data
    other pages  octets 2-24 data

Nothing here says whether a signature holds: that needs keys and is decided elsewhere.
"""

# ruff: noqa: RUF009 - column() declares a field

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.remote_id.wire import EPOCH_2019_NS, MessageType, Octets, check_range, header
from luchtwacht.errors import BadMessage
from luchtwacht.model import Batch, Bytes, Ints, Words, column
from luchtwacht.units import SECOND_NS

FIRST_PAGE_SIZE = 17
"""octets of data in page 0"""
PAGE_SIZE = 23
"""octets of data in every other page"""
LONGEST = 255
"""octets of data that the length octet can state"""


class AuthType(IntEnum):
    """What was signed."""

    NONE = 0
    UAS_ID_SIGNATURE = 1
    OPERATOR_ID_SIGNATURE = 2
    MESSAGE_SET_SIGNATURE = 3
    NETWORK_REMOTE_ID = 4
    SPECIFIC = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPage:
    """One page."""

    auth_type: int
    """`AuthType`; 6 to 9 are reserved, 10 to 15 private"""
    page: int
    """0 to 15"""
    data: bytes
    """17 octets in page 0, 23 in the others"""
    last_page: int | None = None
    """page 0 only"""
    length: int | None = None
    """page 0 only: octets of data over all pages"""
    timestamp_ns: int | None = None
    """page 0 only: ns UTC, whole seconds"""
    version: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """The data of all pages together."""

    auth_type: int
    timestamp_ns: int
    data: bytes


@dataclass(frozen=True, kw_only=True, eq=False)
class AuthPages(Batch):
    """Authentication pages, one a row; -1 where a page does not say."""

    heard: Ints = column("i8")
    """(n,) row in `Decoded.heard`"""
    auth_type: Bytes = column("i1")
    page: Bytes = column("i1")
    last_page: Bytes = column("i1")
    length: Ints = column("i8")
    timestamp_ns: Ints = column("i8")
    data: Words = column("U46")
    """(n,) 34 hexadecimal digits in page 0, 46 in the others"""

    def message(self, row: int, version: int) -> AuthPage:
        """One row as a message."""
        first = self.page[row] == 0
        return AuthPage(
            auth_type=int(self.auth_type[row]),
            page=int(self.page[row]),
            data=bytes.fromhex(str(self.data[row])),
            last_page=int(self.last_page[row]) if first else None,
            length=int(self.length[row]) if first else None,
            timestamp_ns=int(self.timestamp_ns[row]) if first else None,
            version=version,
        )


def decode_auth_pages(octets: Octets, heard: Ints) -> tuple[AuthPages, NDArray[np.bool_]]:
    """Columns, and which rows are sound: page 0 may not announce more data than its pages can hold."""
    page = octets[:, 1] & 0x0F
    first = page == 0
    last_page = octets[:, 2] & 0x0F
    length = octets[:, 3].astype(np.int64)
    seconds = np.ascontiguousarray(octets[:, 4:8]).view("<u4").reshape(len(octets)).astype(np.int64)
    made = AuthPages(
        heard=heard,
        auth_type=octets[:, 1] >> 4,
        page=page,
        last_page=np.where(first, last_page, -1),
        length=np.where(first, length, -1),
        timestamp_ns=np.where(first, seconds * SECOND_NS + EPOCH_2019_NS, -1),
        data=np.array(
            [row[8 if at_start else 2 :].tobytes().hex() for row, at_start in zip(octets, first.tolist(), strict=True)],
            dtype="U46",
        ),
    )
    room = FIRST_PAGE_SIZE + PAGE_SIZE * last_page.astype(np.int64)
    return made, ~first | (length <= room)


def encode_auth_page(message: AuthPage) -> bytes:
    """25 octets.

    Raises:
        BadMessage: a field does not fit, or page 0 lacks one of its own fields.
    """
    auth_type = check_range(message.auth_type, 0, 15, message.auth_type, "auth_type")
    page = check_range(message.page, 0, 15, message.page, "page")
    size = PAGE_SIZE if page else FIRST_PAGE_SIZE
    check_range(len(message.data), 0, size, f"{len(message.data)} octets of data", "data")
    start = header(MessageType.AUTH, message.version) + bytes([auth_type << 4 | page])
    if not page:
        if message.last_page is None or message.length is None or message.timestamp_ns is None:
            raise BadMessage("page 0 must state its last page, length and time", where="page")
        seconds = (message.timestamp_ns - EPOCH_2019_NS) // SECOND_NS
        start += struct.pack(
            "<BBI",
            check_range(message.last_page, 0, 15, message.last_page, "last_page"),
            check_range(message.length, 0, LONGEST, message.length, "length"),
            check_range(seconds, 0, 0xFFFF_FFFF, message.timestamp_ns, "timestamp"),
        )
    return start + message.data.ljust(size, b"\0")


def split_authentication(whole: Authentication, version: int = 2) -> tuple[AuthPage, ...]:
    """The pages that carry it.

    Raises:
        BadMessage: more than 255 octets of data.
    """
    length = check_range(len(whole.data), 0, LONGEST, f"{len(whole.data)} octets of data", "data")
    rest = whole.data[FIRST_PAGE_SIZE:]
    pieces = [rest[at : at + PAGE_SIZE] for at in range(0, len(rest), PAGE_SIZE)]
    first = AuthPage(
        auth_type=whole.auth_type,
        page=0,
        data=whole.data[:FIRST_PAGE_SIZE].ljust(FIRST_PAGE_SIZE, b"\0"),
        last_page=len(pieces),
        length=length,
        timestamp_ns=whole.timestamp_ns,
        version=version,
    )
    others = (
        AuthPage(auth_type=whole.auth_type, page=number, data=piece.ljust(PAGE_SIZE, b"\0"), version=version)
        for number, piece in enumerate(pieces, start=1)
    )
    return (first, *others)


def join_authentication(pages: Sequence[AuthPage]) -> Authentication | None:
    """What pages of one transmitter say together, the latest of each number; none while a needed one is missing."""
    by_number = {page.page: page for page in pages}
    first = by_number.get(0)
    if first is None or first.last_page is None or first.length is None or first.timestamp_ns is None:
        return None
    numbers = range(first.last_page + 1)
    if any(n not in by_number or by_number[n].auth_type != first.auth_type for n in numbers):
        return None
    data = b"".join(by_number[n].data for n in numbers)[: first.length]
    return Authentication(auth_type=first.auth_type, timestamp_ns=first.timestamp_ns, data=data)
