"""What files say, in the items and units of their own standards: one table a category or kind of message.

Nothing is left out that could be read: an item that is absent is an empty cell. What could not be read is counted by
reason and is in no table. Everything goes by in batches, so that a file of any size can be converted. Packets, records
and documents are counted from 1, as `luchtwacht inspect` counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import degrees
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from luchtwacht.codecs.adsb import BeastFrame, SbsMessage, decode_readsb, decode_sbs, split_beast
from luchtwacht.codecs.adsb.beast import of_the_day, seconds_of
from luchtwacht.codecs.adsb.mode_s import AirbornePosition, decode_squitter
from luchtwacht.codecs.adsb.pairing import Pairing
from luchtwacht.codecs.asterix import Records
from luchtwacht.codecs.asterix import decode as decode_asterix
from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.codecs.remote_id import LinkType, format_mac
from luchtwacht.codecs.remote_id import decode as decode_remote_id
from luchtwacht.codecs.sapient import Deframer, MessageKind, SapientMessage, decode_message, read_json, write_json
from luchtwacht.codecs.table.decoder import split_line
from luchtwacht.codecs.table.numbers import BadText
from luchtwacht.conversion.table import Table, Values, Whereabouts, moments
from luchtwacht.errors import BadMessage, Refused
from luchtwacht.model import Batch, Frames, Ints, Rejection
from luchtwacht.units import FOOT

Payloads = Iterable[tuple[int, bytes]]
"""(ns UTC of receipt, -1 where the file does not say it; octets), in order"""

_AT_ONCE = 20_000
_OCTETS_AT_ONCE = 1 << 24
_GEOGRAPHIC = {
    10: ("I010/041/LAT", "I010/041/LON", "I010/161/TRK"),
    15: ("I015/600/P84/LATITUDE", "I015/600/P84/LONGITUDE", "I015/161"),
    21: ("I021/131/LAT", "I021/131/LON", "I021/080"),
    62: ("I062/105/LAT", "I062/105/LON", "I062/040"),
    129: ("I129/080/LAT", "I129/080/LON", "I129/040"),
    205: ("I205/050/LAT", "I205/050/LON", ""),
}
"""category to latitude, longitude and whose they are"""
_SAPIENT_DEGREES = {1: 1.0, 2: degrees(1.0)}
"""LocationCoordinateSystem in degrees and in radians, to degrees"""


class Tally:
    """What was not converted, by reason and item."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}

    def add(self, reason: str, item: str, count: int = 1) -> None:
        """Count."""
        self.counts[reason, item] = self.counts.get((reason, item), 0) + count

    def take(self, rejections: Iterable[Rejection]) -> None:
        """Count those of a decoder."""
        for each in rejections:
            self.add(str(each.reason), each.item, each.count)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def batches(payloads: Payloads) -> Iterator[tuple[int, Ints, list[bytes]]]:
    """How many went before, times of receipt and payloads; at most so many at once."""
    times: list[int] = []
    batch: list[bytes] = []
    octets = before = 0
    for received_ns, payload in payloads:
        times.append(received_ns)
        batch.append(payload)
        octets += len(payload)
        if len(batch) == _AT_ONCE or octets >= _OCTETS_AT_ONCE:
            yield before, np.array(times, np.int64), batch
            before, times, batch, octets = before + len(batch), [], [], 0
    if batch:
        yield before, np.array(times, np.int64), batch


def _frames(before: int, received_ns: Ints, payloads: list[bytes]) -> Frames:
    count = len(payloads)
    return Frames.of(
        payloads,
        sequence=np.arange(before + 1, before + 1 + count),
        source=np.zeros(count, np.int64),
        received_ns=received_ns,
    )


# ---------------------------------------------------------------------- ASTERIX


def asterix(
    payloads: Payloads, tally: Tally, editions: Mapping[str, str], items: Mapping[str, Iterable[str]]
) -> Iterator[Table]:
    """`cat048` and so on: every item that occurs, in the standard's units.

    Args:
        editions: by category as three digits.
        items: the items that occur in the file, likewise, so that the others need no column.
    """
    chosen = {int(category): edition for category, edition in editions.items()}
    for before, received_ns, batch in batches(payloads):
        decoded = decode_asterix(_frames(before, received_ns, batch), editions=chosen)
        tally.take(decoded.rejections)
        for number, records in decoded.categories.items():
            yield _category(records, before, received_ns, set(items[f"{number:03d}"]))


def _category(records: Records, before: int, received_ns: Ints, items: set[str]) -> Table:
    columns: dict[str, Values] = {
        "packet": before + 1 + records.frame,
        "record": records.record + 1,
        "received": moments(received_ns[records.frame]),
        "time_of_day": records.time_of_day,
    }
    units = {"time_of_day": "s"}
    for name in records.names:
        if name.split("/")[1] in items:
            columns[name] = _readable(records[name])
            if unit := records.unit(name):
                units[name] = unit
    latitude, longitude, whose = _GEOGRAPHIC.get(records.category, ("", "", ""))
    if latitude not in columns:
        latitude, longitude = latitude.replace("131", "130"), longitude.replace("131", "130")
    where = None
    if latitude in columns:
        where = Whereabouts(latitude, longitude, time="received", series=whose if whose in columns else "")
    return Table(f"cat{records.category:03d}", columns, units, where)


def _readable(values: Values) -> Values:
    """Octets of explicit items as hexadecimal text; everything else as it is."""
    if not isinstance(values, Ragged) or values.values.dtype != np.uint8:
        return values
    return _text(row.tobytes().hex() for row in values)


# ---------------------------------------------------------------------- Remote ID


def remote_id(payloads: Payloads, tally: Tally, link: LinkType) -> Iterator[Table]:
    """`basic_id`, `location`, `auth`, `self_id`, `system`, `operator_id`, `dji_flight`."""
    for before, received_ns, batch in batches(payloads):
        decoded = decode_remote_id(_frames(before, received_ns, batch), link)
        tally.take(decoded.rejections)
        heard = decoded.heard
        for name, rows in (
            ("basic_id", decoded.basic_ids),
            ("location", decoded.locations),
            ("auth", decoded.auth_pages),
            ("self_id", decoded.self_ids),
            ("system", decoded.systems),
            ("operator_id", decoded.operator_ids),
            ("dji_flight", decoded.dji_flights),
        ):
            if not len(rows):
                continue
            whose = heard.take(rows.heard)
            columns: dict[str, Values] = {
                "packet": before + 1 + whose.frame,
                "record": whose.record + 1,
                "received": moments(received_ns[whose.frame]),
                "transmitter": np.array([format_mac(each) for each in whose.transmitter.tolist()]),
                "rssi_dbm": whose.rssi_dbm,
            }
            columns |= _columns_of(rows, without=("heard",))
            where = None
            if "latitude_deg" in columns:
                height = "geodetic_altitude_m" if "geodetic_altitude_m" in columns else ""
                where = Whereabouts("latitude_deg", "longitude_deg", height, "received", "transmitter")
            yield Table(name, columns, {}, where)


def _columns_of(batch: Batch, *, without: tuple[str, ...] = ()) -> dict[str, Values]:
    """Columns of a batch as they are; one of several numbers a row becomes one for each."""
    made: dict[str, Values] = {}
    for name, values in batch.columns().items():
        if name in without:
            continue
        if values.ndim == 1 and values.dtype.kind in "fiUbu":
            made[name] = values.astype(np.int64) if values.dtype.kind in "iu" else values
        elif values.dtype == np.uint8:
            made[name] = np.array([row.tobytes().hex() for row in values], dtype=f"<U{2 * values.shape[1] or 1}")
        else:
            made |= {f"{name}_{index}": values[:, index] for index in range(values.shape[1])}
    return made


# ---------------------------------------------------------------------- ADS-B receivers


def readsb(payloads: Payloads, tally: Tally) -> Iterator[Table]:
    """`aircraft`: a row an aircraft in a document."""
    for before, received_ns, batch in batches(payloads):
        decoded = decode_readsb(_frames(before, received_ns, batch))
        tally.take(decoded.rejections)
        states = decoded.states
        if not len(states):
            continue
        columns: dict[str, Values] = {
            "document": before + 1 + states.frame,
            "record": states.record + 1,
            "time": moments(states.now_ns),
        }
        columns |= _columns_of(states, without=("frame", "record", "now_ns"))
        columns["height_m"] = states.geometric_altitude_ft * FOOT
        where = Whereabouts("latitude_deg", "longitude_deg", "height_m", series="address")
        yield Table("aircraft", columns, {}, where)


def sbs(payloads: Payloads, tally: Tally) -> Iterator[Table]:
    """`messages`: a row a `MSG` line. Their times are the receiver's, of a zone that they do not say."""
    for _, _, lines in batches(payloads):
        messages: list[SbsMessage] = []
        for line in lines:
            try:
                message = decode_sbs(line)
            except BadMessage as error:
                tally.add("malformed", error.where)
                continue
            if message is not None:
                messages.append(message)
        if messages:
            columns = _objects(messages, skip=("generated_ns",))
            columns = {"time": moments(np.array([each.generated_ns for each in messages], np.int64)), **columns}
            yield Table("messages", columns, {}, Whereabouts("latitude_deg", "longitude_deg", series="address"))


_NUMBERS = ("altitude_ft", "ground_speed_kt", "track_deg", "latitude_deg", "longitude_deg", "vertical_rate_ft_min")


def _objects(messages: list[SbsMessage], *, skip: tuple[str, ...]) -> dict[str, Values]:
    """Fields as columns: numbers with NaN, flags as 1, 0 and -1."""
    made: dict[str, Values] = {}
    for name in SbsMessage.__slots__:
        if name in skip:
            continue
        values = [getattr(each, name) for each in messages]
        if name in _NUMBERS:
            made[name] = np.array([np.nan if each is None else each for each in values])
        elif name in ("address", "callsign", "squawk"):
            made[name] = np.array(values, dtype=np.str_)
        else:
            made[name] = np.array([-1 if each is None else int(each) for each in values], np.int64)
    return made


def beast(chunks: Iterable[bytes], tally: Tally) -> Iterator[Table]:
    """`frames`: Mode S and Mode A/C frames as the receiver heard them; `positions`: what pairs of them say, with the
    receiver's clock in seconds, as nothing says the day.
    """
    rest, pairing = b"", Pairing()
    gps: bool | None = None
    for chunk in chunks:
        frames, rest, lost = split_beast(rest + chunk)
        if lost:
            tally.add("malformed", "octets that belong to no frame", lost)
        if frames:
            gps = of_the_day([each.ticks for each in frames]) if gps is None else gps
            yield Table("frames", _beast_columns(frames), {})
            positions = _beast_positions(frames, pairing, gps)
            if positions is not None:
                yield positions
    if rest:
        tally.add("truncated", "frame")


def _beast_positions(frames: list[BeastFrame], pairing: Pairing, gps: bool) -> Table | None:
    rows: list[tuple[str, float, float, float, float, bool]] = []
    for frame in frames:
        try:
            squitter = decode_squitter(frame.octets)
        except BadMessage:
            continue  # it stands among the frames as it came
        if squitter is None or not isinstance(squitter.content, AirbornePosition):
            continue
        said, seconds = squitter.content, seconds_of(frame.ticks, gps=gps)
        address = squitter.address if squitter.icao else f"~{squitter.address}"
        place = None if seconds is None else pairing.take(address, said, seconds)
        if place is not None and seconds is not None:
            altitude = np.nan if said.altitude_ft is None else float(said.altitude_ft)
            rows.append((address, seconds, *place, altitude, said.geometric))
    if not rows:
        return None
    names, seconds_, latitudes, longitudes, altitudes, geometric = zip(*rows, strict=True)
    columns: dict[str, Values] = {
        "address": np.array(names, np.str_),
        "receiver_s": np.array(seconds_),
        "latitude_deg": np.array(latitudes),
        "longitude_deg": np.array(longitudes),
        "altitude_ft": np.array(altitudes),
        "geometric": np.array(geometric, np.bool_),
    }
    where = Whereabouts("latitude_deg", "longitude_deg", series="address")
    return Table("positions", columns, {}, where)


def _beast_columns(frames: list[BeastFrame]) -> dict[str, Values]:
    return {
        "ticks": np.array([each.ticks for each in frames], np.int64),
        "signal": np.array([each.signal for each in frames], np.int64),
        "downlink_format": np.array(
            [min(each.octets[0] >> 3, 24) if len(each.octets) > 2 else -1 for each in frames], np.int64
        ),
        "octets": np.array([each.octets.hex() for each in frames], dtype="<U28"),
    }


# ---------------------------------------------------------------------- SAPIENT


def sapient_stream(chunks: Iterable[bytes], tally: Tally) -> Iterator[Table]:
    """Messages of a TCP stream, see `sapient_json`."""

    def messages() -> Iterator[bytes]:
        deframer = Deframer()
        for chunk in chunks:
            received = deframer.receive(chunk, frame=0)
            yield from received.messages
            tally.take(received.rejections)
            if deframer.broken:
                return
        tally.take(deframer.close(frame=0))

    return _sapient(messages(), decode_message, tally)


def sapient_json(documents: Iterable[bytes], tally: Tally) -> Iterator[Table]:
    """`detection_report`, `alert` and so on: the envelope, where a place is given the place, and the message whole."""
    return _sapient(documents, lambda document: read_json(document.decode("utf-8-sig")), tally)


def _sapient(octets: Iterable[bytes], read: Callable[[bytes], SapientMessage], tally: Tally) -> Iterator[Table]:
    held: dict[MessageKind, list[SapientMessage]] = {}
    count = 0
    for each in octets:
        try:
            message = read(each)
        except (BadMessage, UnicodeDecodeError) as error:
            tally.add("malformed", error.where if isinstance(error, BadMessage) else "text")
            continue
        except Refused:
            tally.add("unsupported", "")
            continue
        held.setdefault(message.kind, []).append(message)
        count += 1
        if count % _AT_ONCE == 0:
            yield from (_sapient_table(kind, messages) for kind, messages in held.items())
            held = {}
    yield from (_sapient_table(kind, messages) for kind, messages in held.items())


def _sapient_table(kind: MessageKind, messages: list[SapientMessage]) -> Table:
    columns: dict[str, Values] = {
        "time": moments(np.array([each.time_ns for each in messages], np.int64)),
        "node_id": _text(each.node_id for each in messages),
        "destination_id": _text(each.destination_id for each in messages),
    }
    where = None
    if kind is MessageKind.DETECTION_REPORT:
        places = np.array([_sapient_place(each) for each in messages])
        columns |= {
            "object_id": _text(each.content.object_id for each in messages),
            "latitude_deg": places[:, 0],
            "longitude_deg": places[:, 1],
            "height_m": places[:, 2],
        }
        where = Whereabouts("latitude_deg", "longitude_deg", "height_m", series="object_id")
    columns["message"] = _text(msgspec.json.format(write_json(each), indent=-1) for each in messages)
    return Table(str(kind), columns, {}, where)


def _sapient_place(message: SapientMessage) -> tuple[float, float, float]:
    """Degrees, and m above the ellipsoid where that is the datum it names; NaN where it gives none."""
    content = message.content
    scale = _SAPIENT_DEGREES.get(content.location.coordinate_system) if content.HasField("location") else None
    if scale is None:
        return (np.nan, np.nan, np.nan)
    place = content.location
    height = place.z if place.HasField("z") and place.datum == 1 else np.nan
    return (place.y * scale, place.x * scale, height)


def _text(values: Iterable[str]) -> NDArray[Any]:
    return np.array(list(values), dtype=np.str_)


# ---------------------------------------------------------------------- delimited text


def delimited(lines: Payloads, tally: Tally, delimiter: str, names: list[str], *, header: bool) -> Iterator[Table]:
    """`rows`: the cells as text; what they mean only a mapping can say.

    Args:
        names: of the columns.
        header: the first line, and any that equals it, holds the names.
    """
    first: list[str] | None = None
    for _, _, batch in batches(lines):
        rows: list[list[str]] = []
        for line in batch:
            if not line.strip():
                continue
            try:
                cells = split_line(line, delimiter, first=first is None)
            except BadText:
                tally.add("malformed", "line")
                continue
            if first is None:
                first = cells
            if header and cells == first:
                continue
            if len(cells) != len(names):
                tally.add("malformed", "number of cells")
                continue
            rows.append(cells)
        if rows:
            table = np.array(rows, dtype=np.str_)
            yield Table("rows", {name: table[:, place] for place, name in enumerate(names)}, {})
