"""Remote ID as it is broadcast: radio frames to messages and back. ASTM F3411-22a, ASD-STAN prEN 4709-002.

One message type a file; what carries them in `wifi_beacon`, `wifi_nan` and `bluetooth`; recordings in `capture`.
"""

from luchtwacht.codecs.remote_id.auth import (
    Authentication,
    AuthPage,
    AuthPages,
    AuthType,
    join_authentication,
    split_authentication,
)
from luchtwacht.codecs.remote_id.basic_id import BasicId, BasicIds, IdType, UaType
from luchtwacht.codecs.remote_id.capture import Capture, read_capture
from luchtwacht.codecs.remote_id.decode import Decoded, Heard, HeardMessage, Message, decode
from luchtwacht.codecs.remote_id.dji import DjiFlight, DjiFlights
from luchtwacht.codecs.remote_id.encode import (
    encode_beacon,
    encode_bluetooth,
    encode_dji_beacon,
    encode_message,
    encode_nan,
)
from luchtwacht.codecs.remote_id.link import Carrier, LinkType, format_mac, parse_mac
from luchtwacht.codecs.remote_id.location import (
    HORIZONTAL_ACCURACY_M,
    SPEED_ACCURACY_M_S,
    VERTICAL_ACCURACY_M,
    HeightType,
    Location,
    Locations,
    Status,
    horizontal_accuracy_class,
    speed_accuracy_class,
    vertical_accuracy_class,
)
from luchtwacht.codecs.remote_id.operator_id import OperatorId, OperatorIds
from luchtwacht.codecs.remote_id.self_id import SelfId, SelfIds
from luchtwacht.codecs.remote_id.system import OperatorLocation, System, Systems
from luchtwacht.codecs.remote_id.wire import MessageType

__all__ = [
    "HORIZONTAL_ACCURACY_M",
    "SPEED_ACCURACY_M_S",
    "VERTICAL_ACCURACY_M",
    "AuthPage",
    "AuthPages",
    "AuthType",
    "Authentication",
    "BasicId",
    "BasicIds",
    "Capture",
    "Carrier",
    "Decoded",
    "DjiFlight",
    "DjiFlights",
    "Heard",
    "HeardMessage",
    "HeightType",
    "IdType",
    "LinkType",
    "Location",
    "Locations",
    "Message",
    "MessageType",
    "OperatorId",
    "OperatorIds",
    "OperatorLocation",
    "SelfId",
    "SelfIds",
    "Status",
    "System",
    "Systems",
    "UaType",
    "decode",
    "encode_beacon",
    "encode_bluetooth",
    "encode_dji_beacon",
    "encode_message",
    "encode_nan",
    "format_mac",
    "horizontal_accuracy_class",
    "join_authentication",
    "parse_mac",
    "read_capture",
    "speed_accuracy_class",
    "split_authentication",
    "vertical_accuracy_class",
]
