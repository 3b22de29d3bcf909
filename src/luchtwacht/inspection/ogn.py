"""Lines of the Open Glider Network: which aircraft, by which stations, when and where.

Who asks not to be tracked is counted, and neither named nor drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np

from luchtwacht.codecs.ogn import AircraftBeacon, decode_ogn, receiver_of
from luchtwacht.errors import BadMessage
from luchtwacht.inspection.report import Inspection, Sensor
from luchtwacht.inspection.tally import Days, Heard, Places, Refusals, Stamp

LINES_AT_ONCE = 20_000
APRS = re.compile(rb"[A-Za-z0-9-]{3,12}>[A-Z0-9]{3,9}(?:,[A-Za-z0-9,*-]+:|:[>/@!=;])")
_KINDS = (
    "unknown", "glider", "tow_plane", "helicopter", "skydiver", "drop_plane", "hang_glider", "paraglider", "powered",
    "jet", "balloon", "airship", "unmanned_balloon", "unmanned", "reserved", "static",
)  # fmt: skip


def holds_ogn(lines: list[bytes]) -> bool:
    """Whether these are lines of APRS, or an APRS server's own remarks between them."""
    told = [line for line in lines if line.strip() and not line.startswith(b"#")]
    return bool(told) and sum(APRS.match(line) is not None for line in told) >= 0.8 * len(told)


def inspect_ogn(
    lines: Iterable[bytes], framing: str, made: Inspection, progress: Callable[[int], None] = lambda octets: None
) -> Places:
    """Write into `made` what the lines hold, and return where things were."""
    looking = _Looking()
    taken = octets = 0
    for line in lines:
        taken += 1
        octets += len(line)
        looking.take(line, taken)
        if taken % LINES_AT_ONCE == 0:
            looking.settle()
            progress(octets)
    looking.settle()
    progress(octets)
    made.format, made.framing, made.payloads, made.other = "ogn", framing, taken, looking.other
    looking.describe(made)
    return looking.places


class _Looking:
    def __init__(self) -> None:
        self.other = 0
        self.places = Places()
        self._whole, self._refusals, self._days = Heard(), Refusals(), Days()
        self._stations: dict[str, tuple[Heard, dict[str, int]]] = {}
        self._kinds: dict[str, int] = {}
        self._private = 0
        self._addresses: set[str] = set()
        self._callsigns: set[str] = set()
        self._held: list[tuple[str, AircraftBeacon]] = []

    def take(self, line: bytes, number: int) -> None:
        try:
            beacon = decode_ogn(line)
        except BadMessage as error:
            self._refusals.add("malformed", error.where, 1, error.what, f"line {number}")
            return
        if beacon is None:
            self.other += 1
        else:
            self._held.append((receiver_of(line), beacon))

    def settle(self) -> None:
        """Take what was held into the counts."""
        times = self._days.unwrap(np.array([float(beacon.time_of_day_s) for _, beacon in self._held]))
        self._whole.add(times)
        places = []
        by_station: dict[str, list[float]] = {}
        for (station, beacon), time_s in zip(self._held, times.tolist(), strict=True):
            kind = _KINDS[beacon.aircraft_type]
            self._kinds[kind] = self._kinds.get(kind, 0) + 1
            _, counts = self._stations.setdefault(station, (Heard(), {}))
            counts["aircraft"] = counts.get("aircraft", 0) + 1
            by_station.setdefault(station, []).append(time_s)
            if beacon.stealth or beacon.no_track:
                self._private += 1
                continue
            self._addresses.add(beacon.address or beacon.sender)
            self._callsigns |= {beacon.callsign} if beacon.callsign else set()
            places.append((beacon.latitude_deg, beacon.longitude_deg))
        for station, when in by_station.items():
            self._stations[station][0].add(np.array(when))
        if places:
            self.places.add_geographic("aircraft", *np.array(places).T)
        self._held = []

    def describe(self, made: Inspection) -> None:
        stamp = Stamp("time_of_day")
        count = sum(self._kinds.values())
        made.counts = {"aircraft": count} if count else {}
        made.items = {"aircraft_type": dict(sorted(self._kinds.items()))} if count else {}
        if self._private:
            made.items["privacy"] = {"asks_not_to_be_tracked": self._private}
            made.doubts.append(f"{self._private:,} lines ask that the aircraft is not tracked: counted, not shown.")
        targets = {"aircraft_addresses": len(self._addresses), "callsigns": len(self._callsigns)}
        made.targets = {what: number for what, number in targets.items() if number}
        made.area, made.rejected = self.places.area, self._refusals.listed()
        if self._whole.count:
            made.time_reference, made.span_s = "time_of_day", round(self._whole.span_s, 3)
            made.first_time, made.last_time = stamp.write(self._whole.first_s), stamp.write(self._whole.last_s)
        for id, (heard, counts) in sorted(self._stations.items(), key=lambda each: -sum(each[1][1].values())):
            station = Sensor(id=id or "not said", counts=counts)
            heard.describe(station, stamp)
            made.sensors.append(station)
        made.summary = (
            f"Lines of the Open Glider Network (APRS): {count:,} positions of {len(self._addresses):,} aircraft"
        )
        if not count and not self.other:
            made.plausible = False
            made.doubts.append("Nothing in it can be read; the reasons are below.")
