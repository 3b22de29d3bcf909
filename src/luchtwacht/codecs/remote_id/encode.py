"""Messages to the radio frames in which a receiver would hand them over."""

from __future__ import annotations

from collections.abc import Sequence

from luchtwacht.codecs.remote_id.auth import AuthPage, encode_auth_page
from luchtwacht.codecs.remote_id.basic_id import BasicId, encode_basic_id
from luchtwacht.codecs.remote_id.bluetooth import encode_bluetooth_frame
from luchtwacht.codecs.remote_id.decode import Message
from luchtwacht.codecs.remote_id.dji import DjiFlight, encode_dji
from luchtwacht.codecs.remote_id.location import Location, encode_location
from luchtwacht.codecs.remote_id.message_pack import encode_pack
from luchtwacht.codecs.remote_id.operator_id import OperatorId, encode_operator_id
from luchtwacht.codecs.remote_id.self_id import SelfId, encode_self_id
from luchtwacht.codecs.remote_id.system import System, encode_system
from luchtwacht.codecs.remote_id.wifi_beacon import DJI_MARK, MARK, encode_beacon_frame
from luchtwacht.codecs.remote_id.wifi_nan import encode_nan_frame
from luchtwacht.errors import BadMessage

_ADDRESS_SIZE = 6


def encode_message(message: Message) -> bytes:
    """25 octets.

    Raises:
        BadMessage: a field does not fit.
    """
    match message:
        case BasicId():
            return encode_basic_id(message)
        case Location():
            return encode_location(message)
        case AuthPage():
            return encode_auth_page(message)
        case SelfId():
            return encode_self_id(message)
        case System():
            return encode_system(message)
        case OperatorId():
            return encode_operator_id(message)


def encode_beacon(mac: bytes, messages: Sequence[Message], *, rssi_dbm: int, counter: int) -> bytes:
    """A radiotap header and a Wi-Fi beacon with a pack of 1 to 9 messages.

    Args:
        mac: six octets, the transmitter.
        messages: of any types and versions.
        rssi_dbm: -128 to 127, as the receiver would have measured it.
        counter: message counter; its low octet is sent.

    Raises:
        BadMessage: a field does not fit.
    """
    content = MARK + bytes([counter & 0xFF]) + _pack(messages)
    return encode_beacon_frame(_address(mac), content, rssi_dbm=_signal(rssi_dbm), counter=counter)


def encode_nan(mac: bytes, messages: Sequence[Message], *, rssi_dbm: int, counter: int) -> bytes:
    """A radiotap header and a Wi-Fi NAN service discovery frame with a pack; arguments as `encode_beacon`."""
    content = bytes([counter & 0xFF]) + _pack(messages)
    return encode_nan_frame(_address(mac), content, rssi_dbm=_signal(rssi_dbm), counter=counter)


def encode_bluetooth(mac: bytes, messages: Sequence[Message], *, rssi_dbm: int, counter: int) -> bytes:
    """A Bluetooth advertisement as Nordic's sniffer hands it over: one message as Bluetooth 4, several as a Bluetooth 5
    pack; arguments as `encode_beacon`.
    """
    extended = len(messages) != 1
    content = bytes([counter & 0xFF]) + (_pack(messages) if extended else encode_message(messages[0]))
    return encode_bluetooth_frame(
        _address(mac), content, rssi_dbm=_signal(rssi_dbm), counter=counter, extended=extended
    )


def encode_dji_beacon(mac: bytes, flight: DjiFlight, *, rssi_dbm: int, counter: int) -> bytes:
    """A radiotap header and a Wi-Fi beacon with DJI's own element; arguments as `encode_beacon`."""
    content = DJI_MARK + encode_dji(flight)
    return encode_beacon_frame(_address(mac), content, rssi_dbm=_signal(rssi_dbm), counter=counter)


def _pack(messages: Sequence[Message]) -> bytes:
    return encode_pack([encode_message(each) for each in messages])


def _address(mac: bytes) -> bytes:
    if len(mac) != _ADDRESS_SIZE:
        raise BadMessage(f"{mac.hex()} is not an address of {_ADDRESS_SIZE} octets", where="mac")
    return mac


def _signal(rssi_dbm: int) -> int:
    if not -128 <= rssi_dbm <= 127:
        raise BadMessage(f"{rssi_dbm} dBm does not fit an octet", where="rssi_dbm")
    return rssi_dbm
