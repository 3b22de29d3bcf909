"""`.frames` files of a Luchtwacht recording: payloads with times, which are looked at as what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from luchtwacht.codecs.adsb import split_beast
from luchtwacht.codecs.asterix.framing import Packet
from luchtwacht.codecs.remote_id import LinkType
from luchtwacht.inspection.adsb import holds_aircraft, inspect_beast, inspect_readsb, inspect_sbs
from luchtwacht.inspection.asterix import holds_asterix, inspect_asterix
from luchtwacht.inspection.documents import (
    holds_dronescout,
    holds_network,
    holds_observation,
    inspect_dronescout,
    inspect_network,
    inspect_observations,
)
from luchtwacht.inspection.mavlink import STREAM, inspect_mavlink, mavlink_framing
from luchtwacht.inspection.ogn import holds_ogn, inspect_ogn
from luchtwacht.inspection.remote_id import inspect_remote_id
from luchtwacht.inspection.report import Inspection
from luchtwacht.inspection.table import find_delimiter, inspect_table
from luchtwacht.inspection.tally import Places, Refusals
from luchtwacht.sources.frames import decode_frame

_LOOKED_AT = 20
_TEXTS = (
    (holds_aircraft, inspect_readsb),
    (holds_dronescout, inspect_dronescout),
    (holds_network, inspect_network),
    (holds_observation, inspect_observations),
)


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
    octets = (payload for _, payload in everything)
    for holds, inspect in _TEXTS:
        if payloads and all(map(holds, payloads)):
            return inspect(octets, "frames", made, progress)
    if holds_ogn([line for payload in payloads for line in payload.splitlines()]):
        return inspect_ogn((line for payload in octets for line in payload.splitlines()), "frames", made, progress)
    if all(payload.startswith(b"MSG,") for payload in payloads):
        return inspect_sbs((line for payload in octets for line in payload.splitlines()), "frames", made, progress)
    if mavlink_framing(b"".join(payloads), whole=False) == STREAM:
        return inspect_mavlink(octets, "frames", made, progress)
    if all(payload[:2] == b"\0\0" and len(payload) > 8 for payload in payloads):  # a radiotap header
        return inspect_remote_id(everything, LinkType.RADIOTAP, "frames", made, progress)
    frames, _, lost = split_beast(b"".join(payloads))
    if frames and not lost:
        places = inspect_beast(octets, made, progress)
        made.framing = "frames"
        return places
    delimiter = find_delimiter(payloads)
    if delimiter:
        places = inspect_table(octets, delimiter, made, progress)
        made.framing = "frames"
        return places
    places = inspect_asterix((Packet(stamp, payload) for stamp, payload in everything), "frames", made, progress)
    if not holds_asterix(made):
        made.format, made.plausible = "unknown", False
        made.first_octets = payloads[0][:32].hex(" ") if payloads else ""
        made.summary = f"{made.payloads:,} frames of a Luchtwacht recording, in none of the formats that are played"
    return places
