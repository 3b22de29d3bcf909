"""MAVLink: streams as a serial line or UDP carried them, and the telemetry logs of ground stations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from luchtwacht.codecs.mavlink import (
    BasicId,
    Cut,
    GlobalPosition,
    Heartbeat,
    Location,
    Message,
    OperatorId,
    SystemTime,
    cut_log,
    cut_mavlink,
    decode_mavlink,
    packet_at,
)
from luchtwacht.codecs.mavlink.frame import NAMES
from luchtwacht.errors import BadMessage
from luchtwacht.inspection.report import Inspection, Sensor
from luchtwacht.inspection.tally import Heard, Places, Refusals, Stamp
from luchtwacht.units import SECOND_NS

STREAM, LOG = "stream", "tlog"
_FEWEST = 2
"""packets with a CRC that holds, for a file to be taken for MAVLink, unless it is one packet and nothing else"""


def mavlink_framing(head: bytes, *, whole: bool) -> str:
    """`stream`, `tlog`, or "" when these octets are neither.

    Args:
        whole: nothing follows the head.
    """
    logged, rest, lost = cut_log(head)
    if _convincing([each.cut for each in logged], lost, len(head), rest == len(head) and whole):
        return LOG
    cuts, rest, lost, damaged = cut_mavlink(head)
    return STREAM if _convincing(cuts, lost + damaged, len(head), rest == len(head) and whole) else ""


def _convincing(cuts: list[Cut], lost: int, size: int, complete: bool) -> bool:
    checked = sum(cut.checked for cut in cuts)
    if checked >= _FEWEST:
        return lost <= size // 10
    return checked == 1 == len(cuts) and not lost and complete


def inspect_mavlink(
    chunks: Iterable[bytes], framing: str, made: Inspection, progress: Callable[[int], None] = lambda octets: None
) -> Places:
    """Write into `made` what a stream or a log holds, and return where things were."""
    looking = _Looking()
    rest, octets, lost, damaged = b"", 0, 0, 0
    for chunk in chunks:
        buffer = rest + chunk
        if framing == LOG:
            logged, end, unused = cut_log(buffer)
            for each in logged:
                looking.take(buffer, each.cut, each.time_ns)
        else:
            cuts, end, unused, wrong = cut_mavlink(buffer)
            damaged += wrong
            for cut in cuts:
                looking.take(buffer, cut, None)
        lost += unused
        rest = buffer[end:]
        octets += len(chunk)
        looking.settle()
        progress(octets)
    refusals = looking.refusals
    if lost:
        refusals.add("malformed", "", lost, "octets that belong to no packet", "the stream")
    if damaged:
        refusals.add("malformed", "CRC", damaged, "the check of a packet does not hold", "the stream")
    if rest:
        refusals.add("truncated", "", 1, f"{len(rest)} octets of a packet that is not whole", "the end of the file")
    made.format, made.framing, made.payloads = "mavlink", framing, looking.count
    looking.describe(made)
    return looking.places


@dataclass(slots=True)
class _System:
    heard: Heard = field(default_factory=Heard)
    times: list[float] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    booted_s: float | None = None
    """s UTC at which its clock was zero"""
    places: list[tuple[float, float]] = field(default_factory=list)
    simulated: bool = False

    def call(self, what: str, name: str) -> None:
        known = self.names.setdefault(what, [])
        if name and name not in known:
            known.append(name)


class _Looking:
    def __init__(self) -> None:
        self.count = 0
        self.places, self.refusals = Places(), Refusals()
        self._whole = Heard()
        self._systems: dict[int, _System] = {}
        self._logged = False

    def take(self, buffer: bytes, cut: Cut, time_ns: int | None) -> None:
        self.count += 1
        one = self._systems.setdefault(cut.system, _System())
        name = NAMES.get(cut.message, f"message_{cut.message}")
        one.counts[name] = one.counts.get(name, 0) + 1
        if time_ns is not None:
            self._logged = True
            one.times.append(time_ns / SECOND_NS)
        if not cut.checked:
            return
        try:
            message = decode_mavlink(packet_at(buffer, cut))
        except BadMessage as error:
            self.refusals.add("implausible", error.where, 1, error.what, f"packet {self.count}")
            return
        if message is not None:
            self._say(one, message)

    def _say(self, one: _System, message: Message) -> None:
        match message:
            case Heartbeat():
                one.simulated |= message.simulated
            case SystemTime():
                if message.unix_us:
                    one.booted_s = message.unix_us / 1e6 - message.boot_ms / 1e3
                    self._date(one, message.boot_ms)
            case GlobalPosition():
                self._date(one, message.boot_ms)
                if message.latitude_deg or message.longitude_deg:
                    one.places.append((message.latitude_deg, message.longitude_deg))
            case Location():
                if message.latitude_deg is not None and message.longitude_deg is not None:
                    one.places.append((message.latitude_deg, message.longitude_deg))
            case BasicId():
                one.call("uas_id", message.uas_id.partition(b"\0")[0].decode("ascii", "replace"))
            case OperatorId():
                one.call("operator_id", message.operator_id)
            case _:
                pass

    def _date(self, one: _System, boot_ms: int) -> None:
        """By its own clock, where no log says when it came."""
        if one.booted_s is not None and not self._logged:
            one.times.append(one.booted_s + boot_ms / 1e3)

    def settle(self) -> None:
        """Take what was held into the counts."""
        for number, one in self._systems.items():
            times = np.array(one.times, dtype=np.float64)
            one.heard.add(times)
            self._whole.add(times)
            if one.places:
                self.places.add_geographic(f"system {number}", *np.array(one.places).T)
            one.times, one.places = [], []

    def describe(self, made: Inspection) -> None:
        stamp = Stamp("utc")
        for one in self._systems.values():
            for name, number in one.counts.items():
                made.counts[name] = made.counts.get(name, 0) + number
        made.counts = dict(sorted(made.counts.items()))
        made.targets = {"systems": len(self._systems)} if self._systems else {}
        for what in ("uas_id", "operator_id"):
            named = {name for one in self._systems.values() for name in one.names.get(what, ())}
            made.targets |= {f"{what}s": len(named)} if named else {}
        made.area, made.rejected = self.places.area, self.refusals.listed()
        if self._whole.count:
            made.time_reference, made.span_s = "utc", round(self._whole.span_s, 3)
            made.first_time, made.last_time = stamp.write(self._whole.first_s), stamp.write(self._whole.last_s)
        elif self.count:
            made.doubts.append("Nothing in it says when: no SYSTEM_TIME, and no log's times.")
        for number, one in sorted(self._systems.items()):
            sensor = Sensor(id=f"system {number}", counts=dict(sorted(one.counts.items())))
            sensor.names = {what: ", ".join(known) for what, known in one.names.items() if known}
            one.heard.describe(sensor, stamp)
            made.sensors.append(sensor)
            if one.simulated:
                made.doubts.append(f"System {number} says that it is simulated or under test.")
        kind = "telemetry log (.tlog)" if made.framing == LOG else "stream"
        systems = f"{len(self._systems)} system" + "s" * (len(self._systems) != 1)
        made.summary = f"MAVLink {kind}: {self.count:,} packets of {systems}"
