"""How many SAPIENT messages a core takes: bytes to checked columns, and what of it is parsing alone.

    python bench/sapient.py

Synthetic: 20,000 detection reports of a radar (range and bearing, errors, velocity, two classes) and as many with all
that the standard knows of a detection. "parsing" is protobuf's own reader and six fields of each message, nothing
checked; "peer" is the same with the classes of sapient-proto, generated from the published schema, where they are
installed, and "to dictionaries" protobuf's own reader and its way to plain values (MessageToDict), which is what one
does without columns; "deframing" takes the lengths off a stream in pieces of 64 KiB.
Times are CPU seconds, the best of three.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from luchtwacht.codecs.sapient import Deframer, MessageKind, compose, decode, encode_message, frame_message
from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.model import Frames
from luchtwacht.units import SECOND_NS

GOAL = 50_000
"""messages/s parsed to columns"""
MESSAGES = 20_000
START_NS = 1_748_779_200 * SECOND_NS
NODE = "0f8fad5b-d9cb-469f-a165-70867728950e"
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PIECE = 65_536


def radar(number: int) -> dict[str, Any]:
    """What a radar says of one object at one look."""
    return {
        "report_id": ULID,
        "object_id": ULID,
        "range_bearing": {
            "azimuth": number % 360,
            "elevation": 5.0,
            "range": 500.0 + number % 4000,
            "azimuth_error": 0.5,
            "elevation_error": 1.0,
            "range_error": 5.0,
            "coordinate_system": 1,
            "datum": 1,
        },
        "detection_confidence": 0.9,
        "classification": [{"type": "UAV", "confidence": 0.7}, {"type": "Bird", "confidence": 0.3}],
        "enu_velocity": {"east_rate": 3.0, "north_rate": 4.0, "up_rate": 0.1},
    }


def everything(number: int) -> dict[str, Any]:
    """All that the standard knows of a detection."""
    place = {"x": 4.9, "y": 52.3, "z": 100.0, "x_error": 5.0, "y_error": 5.0, "coordinate_system": 1, "datum": 1}
    link = {"node_id": NODE, "object_id": ULID}
    return radar(number) | {
        "range_bearing": None,
        "location": place,
        "task_id": ULID,
        "state": "tracked",
        "track_info": [{"type": "snr", "value": "12", "error": 1.0}],
        "prediction_location": {"location": place},
        "object_info": [{"type": "rcs", "value": "-20"}],
        "behaviour": [{"type": "loitering", "confidence": 0.6}],
        "associated_file": [{"type": "image", "url": "https://example.invalid/1"}],
        "signal": [{"amplitude": 1.0, "centre_frequency": 2.4e9}],
        "associated_detection": [link],
        "derived_detection": [link],
        "colour": "grey",
        "id": "invented",
    }


def messages(make: Callable[[int], dict[str, Any]]) -> list[bytes]:
    return [
        encode_message(
            compose(
                MessageKind.DETECTION_REPORT,
                {name: value for name, value in make(number).items() if value is not None},
                time_ns=START_NS + number * SECOND_NS // 100,
                node_id=NODE,
            )
        )
        for number in range(MESSAGES)
    ]


def frames_of(payloads: list[bytes]) -> Frames:
    count = len(payloads)
    return Frames.of(
        payloads,
        sequence=np.arange(1, count + 1),
        source=np.zeros(count, dtype=np.int64),
        received_ns=np.full(count, START_NS),
    )


def parse(payloads: list[bytes]) -> int:
    """Protobuf's reader and six fields."""
    read = message_class().FromString
    found = []
    for octets in payloads:
        envelope = read(octets)
        report = envelope.detection_report
        stamp = envelope.timestamp
        found.append(
            (
                envelope.node_id,
                stamp.seconds,
                stamp.nanos,
                report.object_id,
                report.report_id,
                report.range_bearing.range,
            )
        )
    return len(found)


def read_by_peer(payloads: list[bytes]) -> int:
    """The classes of sapient-proto, and the same six fields."""
    read = published().FromString
    found = []
    for octets in payloads:
        envelope = read(octets)
        report, stamp = envelope.detection_report, envelope.timestamp
        found.append(
            (
                envelope.node_id,
                stamp.seconds,
                stamp.nanos,
                report.object_id,
                report.report_id,
                report.range_bearing.range,
            )
        )
    return len(found)


def published() -> Any:
    from sapient_msg.bsi_flex_335_v2_0 import sapient_message_pb2

    return sapient_message_pb2.SapientMessage


def to_dictionaries(payloads: list[bytes]) -> int:
    from google.protobuf.json_format import MessageToDict

    read = message_class().FromString
    return len([MessageToDict(read(octets)) for octets in payloads])


def deframe(stream: bytes) -> int:
    deframer = Deframer()
    return sum(len(deframer.receive(stream[at : at + PIECE]).messages) for at in range(0, len(stream), PIECE))


def best(call: Callable[[], object]) -> float:
    elapsed = []
    for _ in range(3):
        before = time.process_time()
        call()
        elapsed.append(time.process_time() - before)
    return min(elapsed)


def report(name: str, payloads: list[bytes]) -> None:
    frames = frames_of(payloads)
    stream = b"".join(map(frame_message, payloads))
    found = decode(frames)
    if len(found.detections) != len(payloads) or found.rejections:
        raise AssertionError(f"{len(found.detections)} of {len(payloads)} became rows: {found.rejections[:1]}")
    print(f"{name}: {len(payloads)} messages of {len(payloads[0])} octets")
    ways: list[tuple[str, Callable[[], object]]] = [
        ("bytes to columns", lambda: decode(frames)),
        ("parsing", lambda: parse(payloads)),
        ("peer", lambda: read_by_peer(payloads)),
        ("to dictionaries", lambda: to_dictionaries(payloads)),
        ("deframing", lambda: deframe(stream)),
    ]
    rates = {way: len(payloads) / best(call) for way, call in ways}
    ours = rates["bytes to columns"]
    for way, rate in rates.items():
        print(f"  {way:<18}{rate:>12,.0f} messages/s {rate / GOAL:>7.1f} x goal {ours / rate:>7.2f} ours by this")


def main() -> None:
    print(f"goal: {GOAL:,} messages/s to columns on one core")
    report("radar", messages(radar))
    report("everything", messages(everything))


if __name__ == "__main__":
    main()
