"""`.frames` files of a Luchtwacht recording: payloads with times, which are looked at as what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from luchtwacht.codecs.asterix.framing import Packet
from luchtwacht.codecs.remote_id import Capture, LinkType
from luchtwacht.inspection.adsb import holds_aircraft, inspect_readsb
from luchtwacht.inspection.asterix import holds_asterix, inspect_asterix
from luchtwacht.inspection.remote_id import inspect_remote_id
from luchtwacht.inspection.report import Inspection
from luchtwacht.inspection.table import find_delimiter, inspect_table
from luchtwacht.inspection.tally import Places, Refusals
from luchtwacht.sources.frames import decode_frame

_LOOKED_AT = 20


def read_frame(line: bytes) -> tuple[int, bytes] | None:
    """ns UTC of receipt and payload; none when the line is no frame."""
    try:
        return decode_frame(line)
    except ValueError:
        return None


def inspect_frames(lines: Iterable[bytes], made: Inspection, progress: Callable[[int], None]) -> Places:
    """Write into `made` what the payloads hold, and return where things were."""
    refusals = Refusals()
    cut = _payloads(lines, refusals)
    first = list(islice(cut, _LOOKED_AT))
    everything = chain(first, cut)
    places = _inspect(first, everything, made, progress)
    made.rejected = [*refusals.listed(), *made.rejected]
    return places


def _payloads(lines: Iterable[bytes], refusals: Refusals) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, start=1):
        frame = read_frame(line)
        if frame is not None:
            yield frame
        elif line.strip():
            refusals.add("malformed", "frame", 1, "not [nanoseconds, base64]: was the file cut off?", f"line {number}")


def _inspect(
    first: list[tuple[int, bytes]],
    everything: Iterator[tuple[int, bytes]],
    made: Inspection,
    progress: Callable[[int], None],
) -> Places:
    payloads = [payload for _, payload in first]
    if all(map(holds_aircraft, payloads)):
        return inspect_readsb((payload for _, payload in everything), "frames", made, progress)
    if all(payload[:2] == b"\0\0" and len(payload) > 8 for payload in payloads):  # a radiotap header
        capture = Capture(LinkType.RADIOTAP, list(everything), whole=True)
        return inspect_remote_id(capture, "frames", made, progress)
    delimiter = find_delimiter(payloads)
    if delimiter:
        places = inspect_table((payload for _, payload in everything), delimiter, made, progress)
        made.framing = "frames"
        return places
    places = inspect_asterix((Packet(stamp, payload) for stamp, payload in everything), "frames", made, progress)
    if not holds_asterix(made):
        made.format, made.plausible = "unknown", False
        made.first_octets = payloads[0][:32].hex(" ") if payloads else ""
        made.summary = f"{made.payloads:,} frames of a Luchtwacht recording, in none of the formats that are played"
    return places
