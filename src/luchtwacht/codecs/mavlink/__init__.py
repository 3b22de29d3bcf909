"""MAVLink telemetry: the few messages that say where an aircraft is and which."""

from luchtwacht.codecs.mavlink.frame import Cut, Packet, cut_mavlink, encode_packet, packet_at, split_mavlink
from luchtwacht.codecs.mavlink.log import Logged, cut_log
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
    "Cut",
    "GlobalPosition",
    "GpsRaw",
    "Heartbeat",
    "Location",
    "Logged",
    "Message",
    "OperatorId",
    "Packet",
    "SystemInfo",
    "SystemTime",
    "cut_log",
    "cut_mavlink",
    "decode_mavlink",
    "encode_mavlink",
    "encode_packet",
    "packet_at",
    "split_mavlink",
]
