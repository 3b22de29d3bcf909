"""Remote ID captures: which messages, of which transmitters and aircraft, when and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from luchtwacht.codecs.remote_id import Carrier, Decoded, LinkType, MessageType, decode, format_mac
from luchtwacht.inspection.report import Inspection, Sensor
from luchtwacht.inspection.tally import Heard, Places, Refusals, Stamp
from luchtwacht.model import Frames
from luchtwacht.units import SECOND_NS

FRAMES_AT_ONCE = 2_000
_LINKS = {
    105: "802.11 frames",
    127: "802.11 frames with radiotap",
    251: "Bluetooth low energy",
    256: "Bluetooth low energy",
    272: "Bluetooth low energy (Nordic sniffer)",
}
_DJI = "dji_flight"
_LATEST_NS = 2**63 - 1
"""a damaged capture may say any time; later ones become this, in the year 2262"""


@dataclass(slots=True)
class _Transmitter:
    heard: Heard = field(default_factory=Heard)
    counts: dict[str, int] = field(default_factory=dict)
    carriers: set[str] = field(default_factory=set)
    names: dict[str, list[str]] = field(default_factory=dict)

    def call(self, what: str, name: str) -> None:
        known = self.names.setdefault(what, [])
        if name and name not in known:
            known.append(name)


def inspect_remote_id(
    packets: Iterable[tuple[int, bytes]],
    link: LinkType,
    framing: str,
    made: Inspection,
    progress: Callable[[int], None] = lambda octets: None,
) -> Places:
    """Write into `made` what packets (ns UTC, octets) of one link type hold, and return where things were.

    Args:
        progress: called with the octets taken so far.
    """
    looking = Looking()
    octets = first = 0
    rest = iter(packets)
    while batch := list(islice(rest, FRAMES_AT_ONCE)):
        looking.take(batch, first, link)
        first += len(batch)
        octets += sum(len(payload) for _, payload in batch)
        progress(octets)
    made.format, made.framing, made.payloads, made.other = "remote_id", framing, first, looking.other
    looking.describe(made)
    messages = sum(made.counts.values())
    senders = f"{len(made.sensors)} transmitter" + "s" * (len(made.sensors) != 1)
    what = f"{messages:,} messages of {senders}" if messages else "no Remote ID in it"
    made.summary = f"Remote ID, {framing} of {_LINKS[link]}: {what}"
    return looking.places


class Looking:
    """Radio frames of any link, batch by batch.

    Args:
        unit: what a file calls one of them.
    """

    def __init__(self, unit: str = "packet") -> None:
        self._unit = unit
        self.other = 0
        self.places = Places()
        self._whole = Heard()
        self._refusals = Refusals()
        self._by: dict[int, _Transmitter] = {}
        self._counts: dict[str, int] = {}
        self._carriers: dict[str, int] = {}
        self._ids: dict[str, set[str]] = {}

    def take(self, batch: list[tuple[int, bytes]], before: int, link: LinkType) -> None:
        """Count a batch of (ns UTC, frame) after which `before` came already."""
        stamps = np.array([min(stamp, _LATEST_NS) for stamp, _ in batch], dtype=np.int64)
        frames = Frames.of(
            [payload for _, payload in batch],
            sequence=np.arange(before + 1, before + 1 + len(batch)),
            source=np.zeros(len(batch), dtype=np.int64),
            received_ns=stamps,
        )
        decoded = decode(frames, link)
        self._whole.add(stamps / SECOND_NS)
        self.other += decoded.other
        self._refusals.take(decoded.rejections, self._unit, "message")
        heard = decoded.heard
        times = stamps[heard.frame] / SECOND_NS
        kinds, carriers = heard.kind.tolist(), heard.carrier.tolist()
        for address in np.unique(heard.transmitter).tolist():
            rows = np.flatnonzero(heard.transmitter == address)
            one = self._by.setdefault(address, _Transmitter())
            one.heard.add(times[rows])
            for row in rows.tolist():
                kind = _DJI if kinds[row] < 0 else MessageType(kinds[row]).name.lower()
                carrier = Carrier(carriers[row]).name.lower()
                for counts, name in ((one.counts, kind), (self._counts, kind), (self._carriers, carrier)):
                    counts[name] = counts.get(name, 0) + 1
                one.carriers.add(carrier)
        self._take_names(decoded)
        self._take_places(decoded)

    def _take_names(self, decoded: Decoded) -> None:
        transmitter = decoded.heard.transmitter
        for what, plural, batch, names in (
            ("uas_id", "uas_ids", decoded.basic_ids, decoded.basic_ids.uas_id),
            ("operator_id", "operator_ids", decoded.operator_ids, decoded.operator_ids.operator_id),
            ("dji_serial", "dji_serials", decoded.dji_flights, decoded.dji_flights.serial),
        ):
            pairs = dict.fromkeys(zip(transmitter[batch.heard].tolist(), names.tolist(), strict=True))
            for address, name in pairs:
                self._by[address].call(what, name)
                if name:
                    self._ids.setdefault(plural, set()).add(name)

    def _take_places(self, decoded: Decoded) -> None:
        for batch in (decoded.locations, decoded.dji_flights):
            sender = decoded.heard.transmitter[batch.heard]
            for address in np.unique(sender).tolist():
                rows = sender == address
                self.places.add_geographic(format_mac(address), batch.latitude_deg[rows], batch.longitude_deg[rows])

    def describe(self, made: Inspection, *, silent: bool = False) -> None:
        """Write what was seen.

        Args:
            silent: that nothing was heard is no surprise.
        """
        stamp = Stamp("utc")
        made.counts = dict(sorted(self._counts.items()))
        made.items = {"carrier": dict(sorted(self._carriers.items()))} if self._carriers else {}
        made.targets = {"transmitters": len(self._by)} if self._by else {}
        made.targets |= {what: len(names) for what, names in self._ids.items()}
        made.area, made.rejected = self.places.area, self._refusals.listed()
        if self._whole.count:
            made.time_reference, made.span_s = "utc", round(self._whole.span_s, 3)
            made.first_time, made.last_time = stamp.write(self._whole.first_s), stamp.write(self._whole.last_s)
            made.first_received, made.last_received = made.first_time, made.last_time
        for address, one in sorted(self._by.items(), key=lambda each: -sum(each[1].counts.values())):
            names = {what: ", ".join(known) for what, known in one.names.items() if known}
            sensor = Sensor(id=format_mac(address), counts=dict(sorted(one.counts.items())))
            sensor.names = {"carrier": ", ".join(sorted(one.carriers))} | names
            one.heard.describe(sensor, stamp)
            made.sensors.append(sensor)
        if not self._counts and not silent:
            made.doubts.append("No Remote ID in it: other radio traffic, or only damaged frames.")
