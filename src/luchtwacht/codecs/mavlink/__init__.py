"""MAVLink telemetry: the few messages that say where an aircraft is and which."""

from luchtwacht.codecs.mavlink.frame import Packet, encode_packet, split_mavlink
from luchtwacht.codecs.mavlink.messages import (
    BasicId,
    GlobalPosition,
    GpsRaw,
    Heartbeat,
    Location,
    Message,
    OperatorId,
    SystemInfo,
    SystemTime,
    decode_mavlink,
    encode_mavlink,
)

__all__ = [
    "BasicId",
    "GlobalPosition",
    "GpsRaw",
    "Heartbeat",
    "Location",
    "Message",
    "OperatorId",
    "Packet",
    "SystemInfo",
    "SystemTime",
    "decode_mavlink",
    "encode_mavlink",
    "encode_packet",
    "split_mavlink",
]
