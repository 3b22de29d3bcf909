"""ASTERIX: which categories, of whom, when, with which items; and whether the edition can be the right one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from luchtwacht.codecs.asterix import CATEGORIES, Records, decode
from luchtwacht.codecs.asterix.framing import Framing, Packet
from luchtwacht.inspection.report import Inspection, Sensor
from luchtwacht.inspection.tally import Days, Heard, Places, Refusals, Stamp
from luchtwacht.model import Floats, Frames, Rejection
from luchtwacht.units import NAUTICAL_MILE, SECOND_NS

PACKETS_AT_ONCE = 50_000
OCTETS_AT_ONCE = 1 << 24
_SAMPLE = 5_000
"""payloads by which an edition is chosen"""
_BELIEVABLE = 0.2
"""when a larger share of a category's payloads is refused for what is in them, its edition is not believed"""
_OF_ASTERIX = re.compile(r"I\d{3}|CAT\d{3}")
_NAMED = re.compile(r"CAT(\d{3})|I(\d{3})/|category (\d+)")
_TARGETS = {
    "aircraft_addresses": ("I048/220", "I010/220", "I021/080", "I062/380/ADR"),
    "callsigns": ("I048/240", "I010/245/CHR", "I021/170", "I062/245/CHR", "I062/380/ID"),
    "track_numbers": ("I001/161", "I010/161/TRK", "I015/161", "I021/161/TRNUM", "I048/161/TRN", "I062/040"),
    "serial_numbers": ("I129/040",),
}
_GEOGRAPHIC = (
    ("I010/041/LAT", "I010/041/LON"),
    ("I015/600/P84/LATITUDE", "I015/600/P84/LONGITUDE"),
    ("I021/131/LAT", "I021/131/LON"),
    ("I021/130/LAT", "I021/130/LON"),
    ("I062/105/LAT", "I062/105/LON"),
    ("I129/080/LAT", "I129/080/LON"),
    ("I205/050/LAT", "I205/050/LON"),
)
_POLAR = (
    ("I001/040/RHO", "I001/040/THETA", NAUTICAL_MILE),
    ("I010/040/RHO", "I010/040/TH", 1.0),
    ("I048/040/RHO", "I048/040/THETA", NAUTICAL_MILE),
)
_CARTESIAN = (("I010/042/X", "I010/042/Y"), ("I062/100/X", "I062/100/Y"), ("I205/060/X", "I205/060/Y"))
_WHERE = {
    Framing.BARE: (0, 0, 0),
    Framing.GPS: (2_200, 0, 10),
    Framing.FINAL: (0, 8, 12),
}
"""framing to octets before all, before a payload, and around each payload"""


def inspect_asterix(
    packets: Iterable[Packet], framing: str, made: Inspection, progress: Callable[[int], None]
) -> Places:
    """Write into `made` what the payloads hold, and return where things were.

    Args:
        progress: called with the octets of payload taken so far.
    """
    looking = _Looking(framing)
    editions: dict[int, str] | None = None
    for batch in _batches(packets):
        editions = _editions(batch) if editions is None else editions
        looking.take(batch, editions)
        progress(looking.octets)
    looking.describe(made)
    return looking.places


def holds_asterix(made: Inspection) -> bool:
    """Whether what was inspected as ASTERIX is that: records could be read, or a category's items were recognised."""
    return bool(made.counts) or any(_OF_ASTERIX.match(each.item) for each in made.rejected)


def _batches(packets: Iterable[Packet]) -> Iterator[list[Packet]]:
    """In order, at most so many packets and octets at once."""
    batch: list[Packet] = []
    octets = 0
    for packet in packets:
        batch.append(packet)
        octets += len(packet.payload)
        if len(batch) == PACKETS_AT_ONCE or octets >= OCTETS_AT_ONCE:
            yield batch
            batch, octets = [], 0
    if batch:
        yield batch


def _frames(packets: list[Packet], before: int) -> Frames:
    count = len(packets)
    zero = np.zeros(count, dtype=np.int64)
    numbers = np.arange(before + 1, before + 1 + count)
    return Frames.of([each.payload for each in packets], sequence=numbers, source=zero, received_ns=zero)


def _editions(sample: list[Packet]) -> dict[int, str]:
    """Of each category with several editions, the one that refuses least of the sample; the newest of equals."""
    chosen: dict[int, str] = {}
    frames = _frames(sample[:_SAMPLE], 0)
    for number in sorted({each.number for each in CATEGORIES}):
        known = [each.edition for each in CATEGORIES if each.number == number]
        if len(known) > 1:
            refused = {edition: _refused(frames, number, edition) for edition in known}
            chosen[number] = min(known, key=lambda edition: (refused[edition], known.index(edition)))
    return chosen


def _refused(frames: Frames, number: int, edition: str) -> int:
    rejections = decode(frames, editions={number: edition}).rejections
    return sum(each.count for each in rejections if _category(each, frames, 0) == number)


def _category(rejection: Rejection, frames: Frames, before: int) -> int:
    """The category a rejection concerns: the one it names, or that of the payload's first block."""
    named = _NAMED.search(f"{rejection.item} {rejection.detail}")
    if named:
        return int(next(each for each in named.groups() if each))
    payload = frames.payload(rejection.frame - 1 - before)
    return payload[0] if payload else -1


class _Looking:
    def __init__(self, framing: str) -> None:
        self.framing = framing
        self.octets = 0
        self.payloads = 0
        self.places = Places()
        self._whole = Heard()
        self._received = Heard()
        self._received_days = Days()
        self._days = Days()
        self._refusals = Refusals()
        self._sensors: dict[tuple[int, int], tuple[Heard, dict[str, int]]] = {}
        self._counts: dict[int, int] = {}
        self._items: dict[int, dict[str, int]] = {}
        self._editions: dict[int, str] = {}
        self._targets: dict[str, set[object]] = {}
        self._wrong: dict[int, int] = {}
        self._sound: dict[int, int] = {}
        self._unread: set[str] = set()
        """categories, as CAT004, that there is no table for"""
        self._lag: list[Floats] = []

    def take(self, packets: list[Packet], editions: dict[int, str]) -> None:
        frames = _frames(packets, self.payloads)
        received_s = np.array(
            [np.nan if each.received_ns is None else each.received_ns / SECOND_NS for each in packets]
        )
        self._received.add(received_s)
        decoded = decode(frames, editions=editions)
        times = self._times(decoded.categories)
        for number, records in decoded.categories.items():
            self._take_category(number, records, times[number])
            self._sound[number] = self._sound.get(number, 0) + len(np.unique(records.frame))
        for records in decoded.categories.values():
            lag = received_s[records.frame] - times[records.category]
            self._lag.append(lag[np.isfinite(lag)][:1000].copy())  # a view would keep all of them
        self._take_rejections(decoded.rejections, frames)
        self.payloads += len(packets)
        self.octets += len(frames.buffer)

    def _times(self, categories: dict[int, Records]) -> dict[int, Floats]:
        """Times of day of each category's records, run on over midnight in the order in which they stand."""
        if not categories:
            return {}
        frame = np.concatenate([each.frame for each in categories.values()])
        record = np.concatenate([each.record for each in categories.values()])
        times = np.concatenate([each.time_of_day for each in categories.values()])
        order = np.lexsort((record, frame))
        times[order] = self._days.unwrap(times[order])
        parts = np.split(times, np.cumsum([len(each) for each in categories.values()])[:-1])
        return dict(zip(categories, parts, strict=True))

    def _take_category(self, number: int, records: Records, times: Floats) -> None:
        key = f"I{number:03d}"
        self._editions[number] = records.edition
        self._counts[number] = self._counts.get(number, 0) + len(records)
        items = self._items.setdefault(number, {})
        for item in dict.fromkeys(name.split("/")[1] for name in records.names):
            there = int(records.has(f"{key}/{item}").sum())
            if there:
                items[item] = items.get(item, 0) + there
        self._whole.add(times)
        sac, sic = records[f"{key}/010/SAC"], records[f"{key}/010/SIC"]
        for source in np.unique(sac * 256 + sic).tolist():
            rows = np.flatnonzero(sac * 256 + sic == source)
            who = (-1, -1) if source < 0 else divmod(source, 256)
            heard, counts = self._sensors.setdefault(who, (Heard(), {}))
            heard.add(times[rows])
            name = f"{number:03d}"
            counts[name] = counts.get(name, 0) + len(rows)
            self._take_positions(records, rows, f"CAT{number:03d} of {_name(who)}")
        for kind, columns in _TARGETS.items():
            for column in columns:
                if column in records:
                    values = records[column]
                    missing = "" if values.dtype.kind == "U" else -1
                    self._targets.setdefault(kind, set()).update(np.unique(values[values != missing]).tolist())

    def _take_positions(self, records: Records, rows: np.ndarray, name: str) -> None:
        for latitude, longitude in _GEOGRAPHIC:
            if latitude in records and np.isfinite(records[latitude][rows]).any():
                self.places.add_geographic(name, records[latitude][rows], records[longitude][rows])
                return
        for east, north in _CARTESIAN:
            if east in records and np.isfinite(records[east][rows]).any():
                self.places.add_local(name, records[east][rows], records[north][rows])
                return
        for rho, theta, unit in _POLAR:
            if rho in records:
                distance, bearing = records[rho][rows] * unit, np.radians(records[theta][rows])
                self.places.add_local(name, distance * np.sin(bearing), distance * np.cos(bearing))

    def _take_rejections(self, rejections: Iterable[Rejection], frames: Frames) -> None:
        wrong: dict[int, set[int]] = {}
        for each in rejections:
            place = f"packet {each.frame}" + (f", record {each.record + 1}" if each.record >= 0 else "")
            if self.framing in _WHERE:
                before_all, before, around = _WHERE[Framing(self.framing)]
                row = each.frame - 1 - self.payloads
                octet = before_all + before + around * (each.frame - 1) + self.octets + int(frames.start[row])
                place += f" (its payload begins at octet {octet})"
            self._refusals.add(str(each.reason), each.item, each.count, each.detail, place)
            if each.reason == "unsupported":
                self._unread.add(each.item)
            else:
                wrong.setdefault(_category(each, frames, self.payloads), set()).add(each.frame)
        for number, which in wrong.items():
            self._wrong[number] = self._wrong.get(number, 0) + len(which)

    def describe(self, made: Inspection) -> None:
        """Write what was seen."""
        stamp = Stamp("time_of_day")
        made.format, made.framing, made.payloads = "asterix", self.framing, self.payloads
        made.counts = {f"{number:03d}": count for number, count in sorted(self._counts.items())}
        made.editions = {f"{number:03d}": self._editions[number] for number in sorted(self._counts)}
        made.items = {f"{number:03d}": self._items[number] for number in sorted(self._items)}
        made.targets = {kind: len(found) for kind, found in self._targets.items() if found}
        made.area = self.places.area
        made.rejected = self._refusals.listed()
        for who, (heard, counts) in sorted(self._sensors.items()):
            sensor = Sensor(id=_name(who), counts=counts)
            heard.describe(sensor, stamp)
            made.sensors.append(sensor)
        if self._received.count:
            utc = Stamp("utc")
            made.first_received, made.last_received = (
                utc.write(self._received.first_s),
                utc.write(self._received.last_s),
            )
        if self._whole.count:
            made.time_reference, made.span_s = "time_of_day", round(self._whole.span_s, 3)
            made.first_time, made.last_time = stamp.write(self._whole.first_s), stamp.write(self._whole.last_s)
        elif self._received.count:
            made.time_reference, made.span_s = "utc", round(self._received.span_s, 3)
            made.first_time, made.last_time = made.first_received, made.last_received
        self._doubt(made)
        records = sum(self._counts.values())
        categories = ", ".join(f"CAT{number}" for number in made.counts)
        what = "no record that can be read"
        if records:
            what = f"{records:,} records of {categories}"
        elif self._unread:
            what = f"only {', '.join(sorted(self._unread))}, which is not read here"
        made.summary = f"ASTERIX, {_FRAMINGS.get(self.framing, self.framing)}: {what}"

    def _doubt(self, made: Inspection) -> None:
        for number, wrong in sorted(self._wrong.items()):
            sound = self._sound.get(number, 0)
            known = [each.edition for each in CATEGORIES if each.number == number]
            if not known or wrong <= _BELIEVABLE * (wrong + sound):
                continue
            made.plausible = False
            made.doubts.append(
                f"CAT{number:03d} is implausible: {wrong:,} of {self.payloads:,} payloads do not fit edition "
                f"{' or '.join(known)}. The sender uses another edition, or this is no CAT{number:03d}; believe none "
                "of its values."
            )
        if self._unread and self._counts:
            made.doubts.append(f"{', '.join(sorted(self._unread))}: blocks of a category that is not read here.")
        if not self._counts and not self._unread and made.plausible:
            made.plausible = False
            made.doubts.append("Nothing in it can be read as ASTERIX records; the reasons are below.")
        lag = np.concatenate(self._lag) if self._lag else np.empty(0)
        if len(lag):
            apart = float(np.median(np.mod(lag + 43_200, 86_400) - 43_200))
            if abs(apart) > 60:
                made.doubts.append(
                    f"The records' time of day is {abs(apart):,.0f} s {'behind' if apart > 0 else 'ahead of'} the "
                    "capture's clock: a clock that is wrong, a time zone, or a recording played again."
                )


_FRAMINGS = {
    "bare": "bare blocks",
    "final": '"Final" framing (.ff)',
    "gps": "GPS framing (.gps)",
    "pcap": "UDP in a pcap capture",
    "pcapng": "UDP in a pcapng capture",
    "frames": "frames of a Luchtwacht recording",
}


def _name(who: tuple[int, int]) -> str:
    """`20/129`"""
    return "not said" if who[0] < 0 else f"{who[0]}/{who[1]}"
