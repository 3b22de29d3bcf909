"""Extended squitters: ADS-B as Mode S carries it, 112 bits. ICAO Doc 9871 (2012) app. A-C, RTCA DO-260B 2.2.3.2.

    downlink format (5)  17 of a transponder, 18 of others   capability or control field (3)   address (24)
    ME (56): type code (5) and what it says                  parity (24): zero remainder of 0x1FFF409

| type code | says | class here |
|---|---|---|
| 1-4 | callsign and emitter category | `Identification` |
| 5-8 | position and movement on the ground | `SurfacePosition` |
| 9-18, 20-22 | position and altitude, barometric or geometric | `AirbornePosition` |
| 19 | velocity over ground, or through the air | `Velocity` |
| 28 | emergency and squawk | `EmergencyStatus` |
| 31 | version and accuracies | `OperationalStatus` |

Control fields of format 18: 0 ADS-B with an ICAO address, 1 with another, 2 and 5 TIS-B, 6 relayed; others are not
read. Short frames and other formats are no squitters: they are no fault and give nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, pi

from luchtwacht.errors import BadMessage

LONG = 14
"""octets"""
_POLYNOMIAL = 0xFFF409
_LETTERS = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######"
_MOVEMENT = ((2, 0.125, 0.125), (9, 0.25, 1.0), (13, 0.5, 2.0), (39, 1.0, 15.0), (94, 2.0, 70.0), (109, 5.0, 100.0),
             (124, 0.0, 175.0))  # fmt: skip
"""first code of each part, its step and its first speed (kt): DO-260B table 2-16, lower borders"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """Type codes 1 to 4."""

    callsign: str
    category: str
    """A0 to D7"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirbornePosition:
    """Type codes 9 to 18 and 20 to 22."""

    type_code: int
    altitude_ft: int | None
    geometric: bool
    """the altitude is above the ellipsoid; else pressure altitude"""
    odd: bool
    bits: tuple[int, int]
    """17 of latitude and of longitude (`cpr`)"""
    urgent: bool = False
    """surveillance status 1 or 2 is an alert; only 1, permanent, means an emergency"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfacePosition:
    """Type codes 5 to 8."""

    type_code: int
    ground_speed_kt: float | None
    track_deg: float | None
    odd: bool
    bits: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """Type code 19; of airspeeds only the vertical rate is read."""

    east_kt: float | None
    north_kt: float | None
    rate_ft_min: int | None
    geometric_rate: bool = False
    above_pressure_ft: int | None = None
    """geometric height less pressure altitude"""

    @property
    def ground_speed_kt(self) -> float | None:
        if self.east_kt is None or self.north_kt is None:
            return None
        return hypot(self.east_kt, self.north_kt)

    @property
    def track_deg(self) -> float | None:
        if self.east_kt is None or self.north_kt is None:
            return None
        return atan2(self.east_kt, self.north_kt) * 180.0 / pi % 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStatus:
    """Type code 28, subtype 1."""

    emergency: int
    """0 none, 1 general, 2 medical, 3 minimum fuel, 4 no radio, 5 unlawful interference, 6 downed"""
    squawk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationalStatus:
    """Type code 31."""

    version: int
    nac_p: int | None
    """navigation accuracy category of position, from version 1 on"""
    gva: int | None
    """geometric vertical accuracy, airborne from version 2 on"""


Content = Identification | AirbornePosition | SurfacePosition | Velocity | EmergencyStatus | OperationalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Squitter:
    """One message of an aircraft."""

    address: str
    """six hexadecimal digits, upper case"""
    icao: bool
    """whether the address is an ICAO address"""
    relayed: bool
    """it came from a ground station (TIS-B)"""
    content: Content


def _table() -> tuple[int, ...]:
    made = []
    for octet in range(256):
        value = octet << 16
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 0x800000 else 0)
        made.append(value & 0xFFFFFF)
    return tuple(made)


_PARITY = _table()


def parity(octets: bytes) -> int:
    """The remainder of a whole frame, zero when nothing was damaged; or the parity of one without its last three."""
    value = 0
    for octet in octets:
        value = (value << 8 & 0xFFFFFF) ^ _PARITY[value >> 16 ^ octet]
    return value


def decode_squitter(octets: bytes) -> Squitter | None:
    """What a frame of Mode S says; none when it is no squitter, or of a type that says nothing for a watch.

    Raises:
        BadMessage: its parity does not hold.
    """
    if len(octets) != LONG:
        return None
    kind, control = octets[0] >> 3, octets[0] & 7
    if kind not in (17, 18) or (kind == 18 and control not in (0, 1, 2, 5, 6)):
        return None
    if parity(octets[:-3]) != int.from_bytes(octets[-3:], "big"):
        raise BadMessage("the parity does not hold", where="parity")
    me = int.from_bytes(octets[4:11], "big")
    content = _content(me)
    if content is None:
        return None
    anonymous = kind == 18 and (control in (1, 5) or (control in (2, 6) and bool(me >> _IMF.get(me >> 51, 55) & 1)))
    return Squitter(
        address=octets[1:4].hex().upper(),
        icao=not anonymous,
        relayed=kind == 18 and control in (2, 5),
        content=content,
    )


_IMF = dict.fromkeys((*range(9, 19), 20, 21, 22), 48) | {19: 47} | dict.fromkeys((5, 6, 7, 8), 35)
"""where TIS-B and ADS-R put the flag for an address that is none of ICAO's (DO-260B 2.2.17.3, 2.2.18.4)"""


def _content(me: int) -> Content | None:
    code = me >> 51
    if 1 <= code <= 4:
        return _identification(me, code)
    if 5 <= code <= 8:
        return _surface(me, code)
    if 9 <= code <= 18 or 20 <= code <= 22:
        return _airborne(me, code)
    if code == 19:
        return _velocity(me)
    if code == 28 and me >> 48 & 7 == 1:
        return EmergencyStatus(emergency=me >> 45 & 7, squawk=_squawk(me >> 32 & 0x1FFF))
    if code == 31 and me >> 48 & 7 in (0, 1):
        return _status(me)
    return None


def _identification(me: int, code: int) -> Identification:
    letters = "".join(_LETTERS[me >> shift & 0x3F] for shift in range(42, -1, -6))
    return Identification(callsign=letters.replace("#", "").strip(), category=f"{'DCBA'[code - 1]}{me >> 48 & 7}")


def _bits(me: int) -> tuple[int, int]:
    return me >> 17 & 0x1FFFF, me & 0x1FFFF


def _surface(me: int, code: int) -> SurfacePosition:
    return SurfacePosition(
        type_code=code,
        ground_speed_kt=_movement(me >> 44 & 0x7F),
        track_deg=(me >> 36 & 0x7F) * 360.0 / 128.0 if me >> 43 & 1 else None,
        odd=bool(me >> 34 & 1),
        bits=_bits(me),
    )


def _movement(code: int) -> float | None:
    if code == 1:
        return 0.0
    if code == 0 or code > 124:
        return None
    first, step, speed = next(part for part in reversed(_MOVEMENT) if code >= part[0])
    return speed + (code - first) * step


def _airborne(me: int, code: int) -> AirbornePosition:
    return AirbornePosition(
        type_code=code,
        altitude_ft=_altitude(me >> 36 & 0xFFF),
        geometric=code >= 20,
        odd=bool(me >> 34 & 1),
        bits=_bits(me),
        urgent=me >> 49 & 3 == 1,
    )


def _altitude(code: int) -> int | None:
    """12 bits: with the Q bit steps of 25 ft from -1,000, else Mode C's of 100 ft (Doc 9871 A.2.3.2.4)."""
    if code == 0:
        return None
    if code & 0x10:
        return (code >> 5 << 4 | code & 0xF) * 25 - 1_000
    return _mode_c(code >> 6 << 7 | code & 0x3F)


def _mode_c(code: int) -> int | None:
    """13 bits C1 A1 C2 A2 C4 A4 M B1 D1 B2 D2 B4 D4 as feet: Gray code of 500 ft and of 100 ft (Annex 10 vol. IV
    3.1.1).
    """

    def bit(place: int) -> int:
        return code >> place & 1

    five_hundreds = 0
    for place in (4, 2, 0, 11, 9, 7, 5, 3, 1):  # D1 D2 D4 A1 A2 A4 B1 B2 B4
        five_hundreds = five_hundreds << 1 | (five_hundreds & 1) ^ bit(place)
    hundreds = 0
    for place in (12, 10, 8):  # C1 C2 C4
        hundreds = hundreds << 1 | (hundreds & 1) ^ bit(place)
    if hundreds in (0, 5, 6):
        return None
    hundreds = 5 if hundreds == 7 else hundreds
    if five_hundreds & 1:
        hundreds = 6 - hundreds
    return five_hundreds * 500 + hundreds * 100 - 1_300


def _squawk(code: int) -> str:
    """13 bits C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4 as four octal digits ABCD."""
    digits = ((11, 9, 7), (5, 3, 1), (12, 10, 8), (4, 2, 0))
    return "".join(str(sum((code >> place & 1) << weight for weight, place in enumerate(each))) for each in digits)


def _velocity(me: int) -> Velocity | None:
    subtype = me >> 48 & 7
    if not 1 <= subtype <= 4:
        return None
    east = north = None
    if subtype <= 2:
        scale = 4.0 if subtype == 2 else 1.0
        east = _signed(me >> 42 & 1, me >> 32 & 0x3FF, scale)
        north = _signed(me >> 31 & 1, me >> 21 & 0x3FF, scale)
    rate = _signed(me >> 19 & 1, me >> 10 & 0x1FF, 64.0)
    above = _signed(me >> 7 & 1, me & 0x7F, 25.0)
    return Velocity(
        east_kt=east,
        north_kt=north,
        rate_ft_min=None if rate is None else int(rate),
        geometric_rate=not me >> 20 & 1,
        above_pressure_ft=None if above is None else int(above),
    )


def _signed(negative: int, code: int, scale: float) -> float | None:
    if code == 0:
        return None
    value = (code - 1) * scale
    return -value if negative and value else value


def _status(me: int) -> OperationalStatus:
    version = me >> 13 & 7
    airborne = me >> 48 & 7 == 0
    return OperationalStatus(
        version=version,
        nac_p=me >> 8 & 0xF if version >= 1 else None,
        gva=me >> 6 & 3 if version >= 2 and airborne else None,
    )


# ---------------------------------------------------------------------- and back


def encode_squitter(address: str, content: Content, *, control: int | None = None) -> bytes:
    """A frame that says this.

    Args:
        control: of format 18; none makes it a transponder's, format 17.

    Raises:
        BadMessage: a field does not fit.
    """
    head = bytes([17 << 3 | 5 if control is None else 18 << 3 | control]) + bytes.fromhex(address)
    frame = head + _encode(content).to_bytes(7, "big")
    return frame + parity(frame).to_bytes(3, "big")


def _encode(content: Content) -> int:
    match content:
        case Identification():
            codes = [_LETTERS.index(letter) for letter in content.callsign.ljust(8)]
            if len(codes) != 8:
                raise BadMessage(f"{content.callsign!r} has more than eight letters", where="callsign")
            me = ("DCBA".index(content.category[0]) + 1) << 51 | int(content.category[1]) << 48
            return me | sum(code << shift for code, shift in zip(codes, range(42, -1, -6), strict=True))
        case AirbornePosition():
            me = content.type_code << 51 | content.urgent << 49 | _encode_altitude(content.altitude_ft) << 36
            return me | content.odd << 34 | content.bits[0] << 17 | content.bits[1]
        case SurfacePosition():
            me = content.type_code << 51 | _encode_movement(content.ground_speed_kt) << 44
            if content.track_deg is not None:
                me |= 1 << 43 | (round(content.track_deg * 128.0 / 360.0) & 0x7F) << 36
            return me | content.odd << 34 | content.bits[0] << 17 | content.bits[1]
        case Velocity():
            me = 19 << 51 | 1 << 48 | (not content.geometric_rate) << 20
            for value, sign, place, scale, most in (
                (content.east_kt, 42, 32, 1.0, 0x3FF),
                (content.north_kt, 31, 21, 1.0, 0x3FF),
                (content.rate_ft_min, 19, 10, 64.0, 0x1FF),
                (content.above_pressure_ft, 7, 0, 25.0, 0x7F),
            ):
                me |= _encode_signed(value, sign, place, scale, most)
            return me
        case EmergencyStatus():
            return 28 << 51 | 1 << 48 | content.emergency << 45 | _encode_squawk(content.squawk) << 32
        case OperationalStatus():
            return 31 << 51 | content.version << 13 | (content.nac_p or 0) << 8 | (content.gva or 0) << 6


def _encode_altitude(altitude_ft: int | None) -> int:
    if altitude_ft is None:
        return 0
    steps = (altitude_ft + 1_000) // 25
    if not 0 <= steps < 1 << 11:
        raise BadMessage(f"{altitude_ft} ft does not fit", where="altitude")
    return steps >> 4 << 5 | 0x10 | steps & 0xF


def _encode_movement(speed_kt: float | None) -> int:
    if speed_kt is None:
        return 0
    if speed_kt < 0.125:
        return 1
    first, step, speed = next(part for part in reversed(_MOVEMENT) if speed_kt >= part[2])
    return first + int((speed_kt - speed) / step) if step else first


def _encode_signed(value: float | None, sign: int, place: int, scale: float, most: int) -> int:
    if value is None:
        return 0
    code = round(abs(value) / scale) + 1
    if code > most:
        raise BadMessage(f"{value:g} does not fit", where="velocity")
    return (value < 0) << sign | code << place


def _encode_squawk(squawk: str) -> int:
    digits = ((11, 9, 7), (5, 3, 1), (12, 10, 8), (4, 2, 0))
    return sum(
        (int(digit) >> weight & 1) << place
        for digit, places in zip(squawk, digits, strict=True)
        for weight, place in enumerate(places)
    )
