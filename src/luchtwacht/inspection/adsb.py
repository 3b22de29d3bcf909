"""What receivers of ADS-B write: `aircraft.json` documents, BaseStation lines, Beast frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
import numpy as np

from luchtwacht.codecs.adsb import BeastFrame, decode_readsb, decode_sbs, split_beast
from luchtwacht.codecs.adsb.beast import of_the_day, seconds_of
from luchtwacht.codecs.adsb.mode_s import AirbornePosition, Identification, Squitter, decode_squitter
from luchtwacht.codecs.adsb.pairing import Pairing
from luchtwacht.errors import BadMessage
from luchtwacht.inspection.report import Inspection, Sensor
from luchtwacht.inspection.tally import Heard, Places, Refusals, Stamp, add_counts
from luchtwacht.model import Frames
from luchtwacht.units import SECOND_NS

DOCUMENTS_AT_ONCE = 200
LINES_AT_ONCE = 20_000


class _Now(msgspec.Struct):
    now: float
    aircraft: list[msgspec.Raw]


_now = msgspec.json.Decoder(_Now)


def holds_aircraft(document: bytes) -> bool:
    """Whether this is an `aircraft.json` document."""
    try:
        return _now.decode(document).now > 0
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def inspect_readsb(
    documents: Iterable[bytes], framing: str, made: Inspection, progress: Callable[[int], None] = lambda octets: None
) -> Places:
    """Write into `made` what `aircraft.json` documents hold, and return where things were."""
    places, heard, refusals = Places(), Heard(), Refusals()
    counts: dict[str, int] = {}
    items: dict[str, int] = {}
    addresses: set[str] = set()
    callsigns: set[str] = set()
    taken, octets = 0, 0
    for batch in _batches(documents, DOCUMENTS_AT_ONCE):
        zero = np.zeros(len(batch), dtype=np.int64)
        numbers = np.arange(taken + 1, taken + 1 + len(batch))
        decoded = decode_readsb(Frames.of(batch, sequence=numbers, source=zero, received_ns=zero))
        states = decoded.states
        refusals.take(decoded.rejections, "document", "aircraft")
        heard.add(np.array([now for now in map(_written_s, batch) if now is not None]))
        origins, of_each = np.unique(states.origin, return_counts=True)
        add_counts(
            counts, {str(o) or "not said": int(n) for o, n in zip(origins.tolist(), of_each.tolist(), strict=True)}
        )
        for name in ("latitude_deg", "geometric_altitude_ft", "pressure_altitude_ft", "ground_speed_kt", "track_deg"):
            items[name] = items.get(name, 0) + int(np.isfinite(getattr(states, name)).sum())
        addresses.update(states.address.tolist())
        callsigns.update(states.flight[states.flight != ""].tolist())
        places.add_geographic("aircraft", states.latitude_deg, states.longitude_deg)
        taken += len(batch)
        octets += sum(map(len, batch))
        progress(octets)
    made.format, made.framing, made.payloads = "readsb", framing, taken
    made.counts, made.items = dict(sorted(counts.items())), {"aircraft": {k: v for k, v in items.items() if v}}
    _describe(made, heard, refusals, places, "utc", sum(counts.values()))
    made.targets = _targets(addresses, callsigns)
    made.summary = (
        f"aircraft.json of readsb or tar1090: {taken:,} documents, {sum(counts.values()):,} states of "
        f"{len(addresses):,} aircraft"
    )
    return places


def _written_s(document: bytes) -> float | None:
    try:
        return _now.decode(document).now
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def inspect_sbs(
    lines: Iterable[bytes], framing: str, made: Inspection, progress: Callable[[int], None] = lambda octets: None
) -> Places:
    """Write into `made` what BaseStation lines hold, and return where things were."""
    places, heard, refusals = Places(), Heard(), Refusals()
    counts: dict[str, int] = {}
    addresses: set[str] = set()
    callsigns: set[str] = set()
    taken, octets, other = 0, 0, 0
    for batch in _batches(lines, LINES_AT_ONCE):
        times: list[float] = []
        found: list[tuple[float, float]] = []
        for number, line in enumerate(batch, start=taken + 1):
            octets += len(line)
            try:
                message = decode_sbs(line)
            except BadMessage as error:
                refusals.add("malformed", error.where, 1, error.what, f"line {number}")
                continue
            if message is None:
                other += 1
                continue
            kind = f"MSG,{message.transmission_type}"
            counts[kind] = counts.get(kind, 0) + 1
            times.append(message.generated_ns / SECOND_NS)
            addresses.add(message.address)
            if message.callsign:
                callsigns.add(message.callsign)
            if message.latitude_deg is not None and message.longitude_deg is not None:
                found.append((message.latitude_deg, message.longitude_deg))
        heard.add(np.array(times, dtype=np.float64))
        if found:
            places.add_geographic("aircraft", *np.array(found).T)
        taken += len(batch)
        progress(octets)
    made.format, made.framing, made.payloads, made.other = "sbs", framing, taken, other
    made.counts = dict(sorted(counts.items()))
    _describe(made, heard, refusals, places, "receiver", sum(counts.values()))
    made.targets = _targets(addresses, callsigns)
    made.summary = f"BaseStation (SBS) lines: {sum(counts.values()):,} messages of {len(addresses):,} aircraft"
    made.doubts.append("BaseStation lines do not say their time zone: the times are the receiver's, local or UTC.")
    return places


_BEAST_SIZES = {2: "mode_ac", 7: "mode_s_short", 14: "mode_s_long"}
_WITH_ADDRESS = (11, 17, 18)
"""downlink formats whose second to fourth octet is the address in clear"""


def inspect_beast(
    chunks: Iterable[bytes], made: Inspection, progress: Callable[[int], None] = lambda octets: None
) -> Places:
    """Write into `made` what a Beast stream holds, and return where the aircraft said that they were."""
    looking = _Beast()
    rest, octets, lost = b"", 0, 0
    for chunk in chunks:
        frames, rest, unused = split_beast(rest + chunk)
        if unused and not lost:
            looking.refusals.add("malformed", "", 0, "octets that belong to no frame", f"near octet {octets}")
        lost += unused
        octets += len(chunk)
        looking.take(frames)
        progress(octets)
    if lost:
        looking.refusals.add("malformed", "", lost, "", "")
    if rest:
        refused = f"{len(rest)} octets of a frame that is not whole"
        looking.refusals.add("truncated", "", 1, refused, "the end of the file")
    made.format, made.framing = "beast", "stream"
    looking.describe(made)
    return looking.places


class _Beast:
    """Frames of one receiver, batch by batch."""

    def __init__(self) -> None:
        self.places, self.refusals = Places(), Refusals()
        self._heard, self._pairing = Heard(), Pairing()
        self._counts: dict[str, int] = {}
        self._formats: dict[str, int] = {}
        self._said: dict[str, int] = {}
        self._addresses: set[str] = set()
        self._callsigns: set[str] = set()
        self._gps: bool | None = None
        self._taken = 0

    def take(self, frames: list[BeastFrame]) -> None:
        if self._gps is None and frames:
            self._gps = of_the_day([frame.ticks for frame in frames])
        seconds = [seconds_of(frame.ticks, gps=bool(self._gps)) for frame in frames]
        self._heard.add(np.array([each for each in seconds if each is not None], dtype=np.float64))
        found: list[tuple[float, float]] = []
        before = 0.0
        for frame, time_s in zip(frames, seconds, strict=True):
            self._taken += 1
            before = before if time_s is None else time_s
            add_counts(self._counts, {_BEAST_SIZES[len(frame.octets)]: 1})
            if len(frame.octets) == 2:
                continue
            format_ = min(frame.octets[0] >> 3, 24)
            add_counts(self._formats, {f"DF{format_}": 1})
            squitter = self._squitter(frame.octets)
            if format_ in _WITH_ADDRESS:
                self._addresses.add(frame.octets[1:4].hex().upper())
            if squitter is not None:
                place = self._take_squitter(squitter, before)
                found += [place] if place else []
        if found:
            self.places.add_geographic("aircraft", *np.array(found).T)

    def _squitter(self, octets: bytes) -> Squitter | None:
        try:
            return decode_squitter(octets)
        except BadMessage as error:
            self.refusals.add("malformed", error.where, 1, error.what, f"frame {self._taken}")
            return None

    def _take_squitter(self, squitter: Squitter, time_s: float) -> tuple[float, float] | None:
        add_counts(self._said, {type(squitter.content).__name__: 1})
        match squitter.content:
            case Identification() as said:
                self._callsigns |= {said.callsign} if said.callsign else set()
            case AirbornePosition() as said:
                key = squitter.address if squitter.icao else f"~{squitter.address}"
                return self._pairing.take(key, said, time_s)
            case _:
                pass
        return None

    def describe(self, made: Inspection) -> None:
        made.payloads, made.counts = self._taken, dict(sorted(self._counts.items()))
        made.items = {"downlink_format": dict(sorted(self._formats.items()))}
        said = {_words(name): count for name, count in sorted(self._said.items())}
        made.items |= {"squitter": said} if said else {}
        reference = "time_of_day" if self._gps else "receiver"
        _describe(made, self._heard, self.refusals, self.places, reference, self._taken)
        made.targets = _targets(self._addresses, self._callsigns)
        addresses = f"{len(self._addresses):,} address" + "es" * (len(self._addresses) != 1)
        count = f"{self._taken:,} frames, {addresses} in clear"
        made.summary = f"Beast stream of a Mode S receiver: {count}"
        clock = "nanoseconds of the day, UTC" if self._gps else "12 MHz counter"
        made.doubts.append(
            f"Times are the receiver's {clock}. The parity of squitters (DF17, DF18) is checked, and of other formats "
            "cannot be; positions on the ground are not drawn, as they need the receiver's place."
        )


def _words(name: str) -> str:
    """`AirbornePosition` as `airborne_position`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _describe(
    made: Inspection, heard: Heard, refusals: Refusals, places: Places, reference: str, messages: int
) -> None:
    stamp = Stamp(reference)
    made.area, made.rejected = places.area, refusals.listed()
    sensor = Sensor(id="receiver", counts=dict(made.counts))
    heard.describe(sensor, stamp)
    made.sensors = [sensor]
    if heard.count:
        made.time_reference, made.span_s = reference, round(heard.span_s, 3)
        made.first_time, made.last_time = stamp.write(heard.first_s), stamp.write(heard.last_s)
    if not messages:
        made.plausible = False
        made.doubts.append("Nothing in it can be read; the reasons are below.")


def _targets(addresses: set[str], callsigns: set[str]) -> dict[str, int]:
    found = {"aircraft_addresses": len(addresses), "callsigns": len(callsigns)}
    return {what: count for what, count in found.items() if count}


def _batches(values: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for value in values:
        batch.append(value)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
