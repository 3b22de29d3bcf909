"""SAPIENT, BSI Flex 335 v2.0: what sensors, fusion nodes and commanders of a counter-drone network say to each other.

`Deframer` takes messages out of a stream, `decode` reads many, `decode_message` one; `compose` and `encode_message`
make them. The messages stand as tables in `schema/`. protobuf is imported when the first message is met.
"""

from luchtwacht.codecs.sapient.decode import Decoded, Refusal, decode
from luchtwacht.codecs.sapient.detections import DetectionReports, ReportClasses, ReportInfos, ReportSignals
from luchtwacht.codecs.sapient.edition import Edition, edition_of
from luchtwacht.codecs.sapient.forms import UUID
from luchtwacht.codecs.sapient.framing import LENGTH_SIZE, MESSAGE_LIMIT, Deframer, Received, frame_message
from luchtwacht.codecs.sapient.ids import node_id_of, ulid_of
from luchtwacht.codecs.sapient.json_text import octets_of_json, read_json, write_json
from luchtwacht.codecs.sapient.message import (
    MessageKind,
    SapientMessage,
    compose,
    decode_message,
    encode_message,
    sender_of,
    sent_ns,
)
from luchtwacht.codecs.sapient.problem import Problem
from luchtwacht.codecs.sapient.refusal import EFFECTORS, SENSING_REQUESTS, refusal_of_addressee

__all__ = [
    "EFFECTORS",
    "LENGTH_SIZE",
    "MESSAGE_LIMIT",
    "SENSING_REQUESTS",
    "UUID",
    "Decoded",
    "Deframer",
    "DetectionReports",
    "Edition",
    "MessageKind",
    "Problem",
    "Received",
    "Refusal",
    "ReportClasses",
    "ReportInfos",
    "ReportSignals",
    "SapientMessage",
    "compose",
    "decode",
    "decode_message",
    "edition_of",
    "encode_message",
    "frame_message",
    "node_id_of",
    "octets_of_json",
    "read_json",
    "refusal_of_addressee",
    "sender_of",
    "sent_ns",
    "ulid_of",
    "write_json",
]
