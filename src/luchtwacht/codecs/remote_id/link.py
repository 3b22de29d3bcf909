"""What a radio's frame starts with, and what all carriers say of a Remote ID transmission found in one."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class LinkType(IntEnum):
    """Link types as pcap numbers them (the tcpdump group's LINKTYPE registry)."""

    IEEE802_11 = 105
    """bare 802.11 frames, without a check sequence"""
    RADIOTAP = 127
    """802.11 frames after a radiotap header"""
    BLUETOOTH_LE = 251
    """access address, PDU and CRC of the Bluetooth low energy link layer"""
    BLUETOOTH_LE_WITH_PHDR = 256
    """the same after a 10-octet header with channel, signal and flags"""
    NORDIC_BLE = 272
    """the same after the header of Nordic Semiconductor's sniffer"""
    ASSEMBLED = -1
    """no link of pcap: messages that a receiver took apart, put together again (`dronescout`)"""


class Carrier(IntEnum):
    """How a message travelled."""

    WIFI_BEACON = 0
    WIFI_NAN = 1
    BLUETOOTH_LEGACY = 2
    """Bluetooth 4 advertising: one message each"""
    BLUETOOTH_EXTENDED = 3
    """Bluetooth 5 extended advertising, any PHY: packs"""
    DJI_BEACON = 4
    """DJI's own element in a Wi-Fi beacon"""


class Advert(NamedTuple):
    """One Remote ID transmission in one frame."""

    carrier: Carrier
    transmitter: int
    """48-bit address, first octet highest"""
    rssi_dbm: float
    """NaN where the radio did not say"""
    counter: int
    """message counter; -1 where the carrier has none"""
    start: int
    """offset in the frame of the first message (or pack, or DJI record)"""
    stop: int
    """one past its last octet"""


def format_mac(address: int) -> str:
    """`90:3a:e6:5b:c8:a8`"""
    return address.to_bytes(6, "big").hex(":")


def parse_mac(text: str) -> int:
    """The inverse of `format_mac`; raises `ValueError` for anything else."""
    octets = bytes.fromhex(text.replace(":", ""))
    if len(octets) != 6:
        raise ValueError(f"{text!r} is not an address of six octets")
    return int.from_bytes(octets, "big")
