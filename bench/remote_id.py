"""How many Remote ID messages and frames a core takes: bytes to columns, and bytes to claims.

    python bench/remote_id.py [CAPTURE ...]

Synthetic: 30,000 beacons of 300 drones, every third with a full pack, the rest with a place alone, as real drones send
them. Beside it stands the plain way, which checks nothing: find the element anywhere, unpack each message into a
dictionary of some fields. Captures (pcap, pcapng) may be named; they are repeated to at least 30,000 frames.
Times are CPU seconds, the best of three.
"""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from luchtwacht.codecs.remote_id import (
    BasicId,
    LinkType,
    Location,
    OperatorId,
    System,
    decode,
    encode_beacon,
    read_capture,
)
from luchtwacht.ingest.remote_id import RemoteIdIngest
from luchtwacht.model import Format, Frames, Place, Sensor, SensorKind, Site, Source
from luchtwacht.units import SECOND_NS

START_NS = 1_748_779_200 * SECOND_NS
GOAL = 38_000
"""messages/s: what a plain Python decoder of one object a message did on the same kind of machine"""
FRAMES, DRONES = 30_000, 300


def synthetic() -> Frames:
    """300 drones in turn, a hundred beacons each, ten a second."""
    rng = np.random.default_rng(7)
    payloads, times = [], []
    for number in range(FRAMES):
        drone, turn = number % DRONES, number // DRONES
        mac = (0x020000000000 + drone).to_bytes(6, "big")
        place = Location(
            status=2,
            latitude_deg=52.0 + drone * 1e-4 + turn * 1e-5,
            longitude_deg=5.0 + rng.uniform(0.0, 0.1),
            geodetic_altitude_m=100.0,
            direction_deg=90.0,
            speed_m_s=12.0,
            vertical_speed_m_s=0.0,
            horizontal_accuracy=10,
            vertical_accuracy=4,
            timestamp_s=turn // 10,
        )
        pack = [place]
        if turn % 3 == 0:
            pack += [
                BasicId(id_type=1, ua_type=2, uas_id=f"XPRT0BENCH{drone:06}"),
                System(operator_location=1, operator_latitude_deg=52.0, operator_longitude_deg=5.0),
                OperatorId(operator_id=f"NLDbench{drone:06}"),
            ]
        payloads.append(encode_beacon(mac, pack, rssi_dbm=-70, counter=turn % 256))
        times.append(START_NS + turn * SECOND_NS // 10)
    return frames_of(payloads, times)


def frames_of(payloads: list[bytes], times: list[int]) -> Frames:
    count = len(payloads)
    return Frames.of(
        payloads, sequence=np.arange(1, count + 1), source=np.zeros(count, dtype=np.int64), received_ns=times
    )


def recorded(path: Path) -> tuple[Frames, LinkType]:
    capture = read_capture(path.read_bytes())
    once = list(capture)
    repeats = -(-FRAMES // len(once))
    span_ns = once[-1][0] - once[0][0] + SECOND_NS
    packets = [(time_ns + turn * span_ns, octets) for turn in range(repeats) for time_ns, octets in once]
    return frames_of([octets for _, octets in packets], [time_ns for time_ns, _ in packets]), capture.link


def plainly(frames: Frames) -> int:
    """The plain way, for beacons: no element walk, no check sequence, no signal, no plausibility, few fields."""
    location = struct.Struct("<BBBBbiiHHHBBHBB")
    found = []
    for frame in frames.payloads():
        at = frame.find(b"\xfa\x0b\xbc\x0d")
        if at < 0:
            continue
        for number in range(frame[at + 7]):
            start = at + 8 + 25 * number
            if frame[start] >> 4 == 1:
                raw = location.unpack_from(frame, start)
                found.append(
                    {
                        "status": raw[1] >> 4,
                        "direction": raw[2] + 180 * (raw[1] >> 1 & 1),
                        "speed": raw[3] * 0.75 + 63.75 if raw[1] & 1 else raw[3] * 0.25,
                        "latitude": raw[5] / 1e7,
                        "longitude": raw[6] / 1e7,
                        "altitudes": [each * 0.5 - 1000 for each in raw[7:10]],
                        "timestamp": raw[12] / 10,
                    }
                )
            else:
                found.append({"kind": frame[start] >> 4, "text": frame[start + 2 : start + 22].rstrip(b"\0")})
    return len(found)


def best(call: Callable[[], object]) -> float:
    elapsed = []
    for _ in range(3):
        before = time.process_time()
        call()
        elapsed.append(time.process_time() - before)
    return min(elapsed)


def site() -> Site:
    place = Place(latitude=52.0, longitude=5.0)
    return Site(
        id="bench",
        name="bench",
        origin=place,
        sources=(Source(id="rid", format=Format.REMOTE_ID, use_receive_time=False, clock_tolerance_s=1e9),),
        sensors=(Sensor(id="rx", kind=SensorKind.REMOTE_ID_RECEIVER, source="rid", place=place),),
    )


def report(name: str, frames: Frames, link: LinkType) -> None:
    messages = len(decode(frames, link).heard)
    ways: list[tuple[str, Callable[[], object]]] = [
        ("bytes to columns", lambda: decode(frames, link)),
        ("bytes to claims", lambda: RemoteIdIngest(site(), 0, link).receive(frames)),
    ]
    if link is LinkType.RADIOTAP:
        ways.append(("the plain way", lambda: plainly(frames)))
    print(f"{name}: {len(frames)} frames, {messages} messages")
    for way, call in ways:
        seconds = best(call)
        rate = messages / seconds
        print(
            f"  {way:<18}{rate:>12,.0f} messages/s {len(frames) / seconds:>12,.0f} frames/s {rate / GOAL:>7.1f} x goal"
        )


def main() -> None:
    print(f"goal: {GOAL:,} messages/s on one core")
    report("synthetic beacons", synthetic(), LinkType.RADIOTAP)
    for argument in sys.argv[1:]:
        frames, link = recorded(Path(argument))
        report(Path(argument).name, frames, link)


if __name__ == "__main__":
    main()
