"""One line of the Open Glider Network. APRS101 (1.0.1) ch. 6-8; glidernet/ogn-aprs-protocol for the comment.

    ICAA8CBA8>OGFLR,qAS,MontCAIO:/114949h4512.44N\\01059.12E^190/106/A=009522 !W33! id21A8CBA8 -039fpm ... gps1x2
    sender   >to   ,path        : time    latitude  longitude track/kt alt ft thousandths  type and address  climb

`!Wxy!` adds a digit to the minutes of latitude and of longitude. `id` holds two hexadecimal digits (bit 7 stealth, bit
6 no tracking, bits 5-2 aircraft type, bits 1-0 address type) and the address; Naviter's form has four and the address.
`gps4x5` is the accuracy in metres, horizontal and vertical. A part of the comment that is not known is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from luchtwacht.errors import BadMessage

LONGEST_LINE = 512
"""octets: APRS-IS sends no longer ones"""

RANDOM, ICAO, FLARM, OGN = range(4)
"""address types; Naviter's form has more"""

_LINE = re.compile(r"(?P<sender>[A-Za-z0-9-]{1,9})>(?P<path>[^:]*):(?P<rest>.*)", re.DOTALL)
_POSITION = re.compile(
    r"[/@](?P<first>\d\d)(?P<middle>\d\d)(?P<last>\d\d)(?P<clock>[hz])"
    r"(?P<lat_deg>\d\d)(?P<lat_min>\d\d\.\d\d)(?P<south>[NS])(?P<table>.)"
    r"(?P<lon_deg>\d\d\d)(?P<lon_min>\d\d\.\d\d)(?P<west>[EW])(?P<symbol>.)"
    r"(?:(?P<track>\d\d\d)/(?P<speed>\d\d\d))?(?:/A=(?P<altitude>-?\d{5,6}))?(?P<comment>.*)",
    re.DOTALL,
)
_THOUSANDTHS = re.compile(r"!W(\d)(\d)!")
_ID = re.compile(r"\bid([0-9A-F]{2}|[0-9A-F]{4})([0-9A-F]{6})\b")
_CLIMB = re.compile(r"([+-]\d+)fpm\b")
_ACCURACY = re.compile(r"\bgps(\d+)x(\d+)")
_CALLSIGN = re.compile(r"\bfn([A-Z0-9]{2,8})\b")
_RECEIVER_SYMBOLS = ("I&", "L&", "/_", "/n_")
_WEATHER = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftBeacon:
    """What an aircraft said; `None` and "" are "not said"."""

    sender: str
    time_of_day_s: int
    """UTC"""
    latitude_deg: float
    longitude_deg: float
    track_deg: int | None = None
    ground_speed_kt: int | None = None
    altitude_ft: int | None = None
    """above mean sea level"""
    climb_ft_min: int | None = None
    address: str = ""
    """six hexadecimal digits"""
    address_type: int = RANDOM
    aircraft_type: int = 0
    """0 unknown, 1 glider, 2 tow plane, 3 helicopter, 4 skydiver, 5 drop plane, 6 hang glider, 7 paraglider, 8 powered,
    9 jet, 11 balloon, 12 airship, 13 unmanned, 15 static"""
    stealth: bool = False
    no_track: bool = False
    """its owner asks that it is not tracked"""
    horizontal_accuracy_m: int | None = None
    vertical_accuracy_m: int | None = None
    callsign: str = ""


def decode_ogn(line: bytes) -> AircraftBeacon | None:
    """One line; none for what is no aircraft's position: the server's remarks, receivers, weather, status.

    Raises:
        BadMessage: no line of APRS, or a position that cannot be.
    """
    if not line.strip() or line.startswith(b"#"):
        return None
    if len(line) > LONGEST_LINE:
        raise BadMessage(f"{len(line)} octets; a line has at most {LONGEST_LINE}", where="line")
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    found = _LINE.fullmatch(text)
    if found is None:
        raise BadMessage(f"{text[:40]!r} is no line of APRS", where="line")
    rest = found["rest"]
    if rest[:1] in (">", "") or "TCPIP*" in found["path"]:
        return None
    position = _POSITION.fullmatch(rest)
    if position is None:
        raise BadMessage(f"{rest[:40]!r} is no position with a time", where="position")
    if position["symbol"] == _WEATHER or position["table"] + position["symbol"] in _RECEIVER_SYMBOLS:
        return None
    return _beacon(found["sender"], position)


def _beacon(sender: str, position: re.Match[str]) -> AircraftBeacon:
    comment = position["comment"]
    more = _THOUSANDTHS.search(comment)
    latitude = _degrees(position, "lat", more[1] if more else "0")
    longitude = _degrees(position, "lon", more[2] if more else "0")
    if latitude > 90.0 or longitude > 180.0:
        raise BadMessage(f"{latitude:g}, {longitude:g} is no place on earth", where="position")
    hour, minute, second = (int(position[part]) for part in ("first", "middle", "last"))
    if position["clock"] == "z":  # day of the month, hour, minute
        hour, minute, second = minute, second, 0
    if hour > 23 or minute > 59 or second > 59:
        raise BadMessage(f"{hour:02}:{minute:02}:{second:02} is no time of day", where="time")
    track = None if position["track"] is None else int(position["track"])
    if track is not None and track > 360:
        raise BadMessage(f"a track of {track} degrees", where="track")
    identity, climb = _ID.search(comment), _CLIMB.search(comment)
    accuracy, callsign = _ACCURACY.search(comment), _CALLSIGN.search(comment)
    details, address, address_type, aircraft_type = 0, "", RANDOM, 0
    if identity is not None:
        address = identity[2]
        details = int(identity[1], 16) << (0 if len(identity[1]) == 4 else 8)
        aircraft_type = details >> 10 & 0xF
        address_type = details >> 4 & 0x3F if len(identity[1]) == 4 else details >> 8 & 0x3
    return AircraftBeacon(
        sender=sender,
        time_of_day_s=hour * 3600 + minute * 60 + second,
        latitude_deg=-latitude if position["south"] == "S" else latitude,
        longitude_deg=-longitude if position["west"] == "W" else longitude,
        track_deg=None if not track else track % 360,  # 000 is "not known"; north is written 360
        ground_speed_kt=None if position["speed"] is None else int(position["speed"]),
        altitude_ft=None if position["altitude"] is None else int(position["altitude"]),
        climb_ft_min=None if climb is None else int(climb[1]),
        address=address,
        address_type=address_type,
        aircraft_type=aircraft_type,
        stealth=bool(details & 0x8000),
        no_track=bool(details & 0x4000),
        horizontal_accuracy_m=None if accuracy is None else int(accuracy[1]),
        vertical_accuracy_m=None if accuracy is None else int(accuracy[2]),
        callsign="" if callsign is None else callsign[1],
    )


def _degrees(position: re.Match[str], axis: str, digit: str) -> float:
    minutes = int(position[f"{axis}_min"].replace(".", "") + digit)
    if minutes >= 60_000:
        raise BadMessage(f"{minutes / 1000:g} minutes of arc", where="position")
    return (int(position[f"{axis}_deg"]) * 60_000 + minutes) / 60_000.0


def receiver_of(line: bytes) -> str:
    """The station that heard a line: the last of its path; "" when it names none."""
    path = line.partition(b":")[0].partition(b">")[2]
    return path.rpartition(b",")[2].decode("ascii", "replace")[:9]


def encode_ogn(beacon: AircraftBeacon, *, receiver: str = "RECEIVER") -> bytes:
    """A line that says this, with its end."""
    hours, rest = divmod(beacon.time_of_day_s, 3600)
    latitude, south = round(abs(beacon.latitude_deg) * 60_000), beacon.latitude_deg < 0
    longitude, west = round(abs(beacon.longitude_deg) * 60_000), beacon.longitude_deg < 0
    text = f"{beacon.sender}>OGFLR,qAS,{receiver}:/{hours:02}{rest // 60:02}{rest % 60:02}h"
    text += f"{latitude // 60_000:02}{latitude % 60_000 // 10 / 100:05.2f}{'S' if south else 'N'}/"
    text += f"{longitude // 60_000:03}{longitude % 60_000 // 10 / 100:05.2f}{'W' if west else 'E'}'"
    if beacon.ground_speed_kt is not None:
        track = 0 if beacon.track_deg is None else beacon.track_deg or 360
        text += f"{track:03}/{beacon.ground_speed_kt:03}"
    if beacon.altitude_ft is not None:
        text += f"/A={beacon.altitude_ft:06}"
    text += f" !W{latitude % 10}{longitude % 10}!"
    if beacon.address:
        details = beacon.stealth << 7 | beacon.no_track << 6 | beacon.aircraft_type << 2 | beacon.address_type
        text += f" id{details:02X}{beacon.address}"
    if beacon.climb_ft_min is not None:
        text += f" {beacon.climb_ft_min:+04}fpm"
    if beacon.horizontal_accuracy_m is not None:
        text += f" gps{beacon.horizontal_accuracy_m}x{beacon.vertical_accuracy_m or 0}"
    if beacon.callsign:
        text += f" fn{beacon.callsign}"
    return text.encode() + b"\r\n"
