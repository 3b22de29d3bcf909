"""BaseStation lines (port 30003): what a receiver decoded, one message a line of 22 comma-separated fields.

    MSG,type,session,aircraft,hex,flight,date,time,date logged,time logged,
    callsign,altitude ft,ground speed kt,track deg,latitude,longitude,vertical rate ft/min,squawk,alert,emergency,SPI,
    on ground

Dates are `YYYY/MM/DD`, times `HH:MM:SS.mmm`, and say in no way which time zone they are in: receivers write local time
or UTC. An empty field is not known; flags are 0 or -1 (some write 1). A message of one type fills only some fields:
callsign in 1; surface place in 2; altitude and place in 3; velocity in 4; altitude in 5 and 7; squawk in 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from luchtwacht.errors import BadMessage
from luchtwacht.units import datetime_to_ns, ns_to_datetime

FIELDS = 22
LONGEST_LINE = 1_024
"""octets; a stream without line ends is no BaseStation stream"""
_TRUE = ("-1", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class SbsMessage:
    """One `MSG` line; `None` and "" are "not known"."""

    transmission_type: int
    """1 to 8"""
    address: str
    """six hexadecimal digits, upper case"""
    generated_ns: int
    """ns by the receiver's clock and in its time zone, as if that were UTC"""
    callsign: str = ""
    altitude_ft: float | None = None
    """pressure altitude"""
    ground_speed_kt: float | None = None
    track_deg: float | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    vertical_rate_ft_min: float | None = None
    squawk: str = ""
    alert: bool | None = None
    emergency: bool | None = None
    identification: bool | None = None
    """SPI: the pilot pressed "ident" """
    on_ground: bool | None = None


def split_lines(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Whole lines without their ends, and what is left for next time.

    A rest longer than any line is given as a line, so that it is refused and does not grow for ever.
    """
    *lines, rest = buffer.split(b"\n")
    if len(rest) > LONGEST_LINE:
        lines, rest = [*lines, rest], b""
    return [line.rstrip(b"\r") for line in lines], rest


def decode_sbs(line: bytes) -> SbsMessage | None:
    """One line; none for an empty line and for lines that are no `MSG` (selections, new ids, status).

    Raises:
        BadMessage: a `MSG` with a field missing or wrong, or no BaseStation line at all.
    """
    try:
        fields = [each.strip() for each in line.decode("ascii").split(",")]
    except UnicodeDecodeError as error:
        raise BadMessage("not ASCII", where="line") from error
    if fields == [""] or fields[0] in ("SEL", "ID", "AIR", "STA", "CLK"):
        return None
    if fields[0] != "MSG" or len(fields) != FIELDS:
        raise BadMessage(f"{len(fields)} fields that start with {fields[0][:8]!r}, not MSG and {FIELDS}", where="line")
    address = fields[4].upper()
    if len(address) != 6 or not all(each in "0123456789ABCDEF" for each in address):
        raise BadMessage(f"{fields[4]!r} is not six hexadecimal digits", where="hex")
    return SbsMessage(
        transmission_type=int(_number(fields[1], "type", 1, 8) or 0),
        address=address,
        generated_ns=_moment(fields[6], fields[7]),
        callsign=fields[10],
        altitude_ft=_number(fields[11], "altitude", -5_000, 200_000),
        ground_speed_kt=_number(fields[12], "ground speed", 0, 10_000),
        track_deg=_number(fields[13], "track", -360, 720),
        latitude_deg=_number(fields[14], "latitude", -90, 90),
        longitude_deg=_number(fields[15], "longitude", -180, 180),
        vertical_rate_ft_min=_number(fields[16], "vertical rate", -100_000, 100_000),
        squawk=fields[17],
        alert=_flag(fields[18]),
        emergency=_flag(fields[19]),
        identification=_flag(fields[20]),
        on_ground=_flag(fields[21]),
    )


def encode_sbs(message: SbsMessage) -> bytes:
    """One line with its end."""
    moment = ns_to_datetime(message.generated_ns)
    date, time = moment.strftime("%Y/%m/%d"), moment.strftime("%H:%M:%S.%f")[:-3]
    numbers: Sequence[float | None] = (
        message.altitude_ft,
        message.ground_speed_kt,
        message.track_deg,
        message.latitude_deg,
        message.longitude_deg,
        message.vertical_rate_ft_min,
    )
    flags = (message.alert, message.emergency, message.identification, message.on_ground)
    fields = ["MSG", str(message.transmission_type), "1", "1", message.address, "1", date, time, date, time]
    fields += [message.callsign, *("" if each is None else repr(each) for each in numbers), message.squawk]
    fields += ["" if each is None else "-1" if each else "0" for each in flags]
    return ",".join(fields).encode("ascii") + b"\r\n"


def _number(text: str, item: str, lowest: float, highest: float) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise BadMessage(f"{text[:40]!r} is no number", where=item) from None
    if not lowest <= value <= highest:
        raise BadMessage(f"{value} is outside {lowest:g} to {highest:g}", where=item)
    return value


def _moment(date: str, time: str) -> int:
    try:
        return datetime_to_ns(datetime.strptime(f"{date} {time}", "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC))
    except ValueError:
        raise BadMessage(f"{date[:40]!r} and {time[:40]!r} are no date and time", where="date") from None


def _flag(text: str) -> bool | None:
    return text in _TRUE if text else None
