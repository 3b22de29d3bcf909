"""Framings, made here from their descriptions."""

from __future__ import annotations

import struct

import pytest

from luchtwacht.codecs.asterix import encode
from luchtwacht.codecs.asterix.framing import Framing, Packet, detect_framing, packets
from luchtwacht.errors import BadRecording

BLOCKS = encode(
    48, {"I048/010/SAC": [1] * 9, "I048/010/SIC": list(range(9)), "I048/140": [100.0 + n for n in range(9)]}
)
NOON_NS = 1_700_000_000_123_456_000


def udp(payload: bytes) -> bytes:
    return struct.pack(">HHHH", 8600, 8600, len(payload) + 8, 0) + payload


def ipv4(payload: bytes, *, protocol: int = 17, fragment: int = 0) -> bytes:
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, fragment, 64, protocol, 0)
    return head + bytes(8) + payload


def ipv6(payload: bytes) -> bytes:
    return struct.pack(">IHBB", 6 << 28, len(payload), 17, 64) + bytes(32) + payload


def ethernet(packet: bytes, kind: int = 0x0800, tags: bytes = b"") -> bytes:
    return (bytes(12) + tags + kind.to_bytes(2, "big") + packet).ljust(60, b"\xaa")


def pcap(link: int, captured: list[bytes], order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    made = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65_535, link)
    fraction = NOON_NS % 1_000_000_000 // (1 if magic == 0xA1B23C4D else 1_000)
    for each in captured:
        made += struct.pack(f"{order}IIII", NOON_NS // 1_000_000_000, fraction, len(each), len(each)) + each
    return made


def pcapng(link: int, captured: list[bytes], order: str = "<") -> bytes:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack(f"{order}II", kind, len(body) + 12) + body + struct.pack(f"{order}I", len(body) + 12)

    made = block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1))
    made += block(1, struct.pack(f"{order}HHI", link, 0, 0) + struct.pack(f"{order}HHBxxx", 9, 1, 9))
    for each in captured:
        head = struct.pack(f"{order}IIIII", 0, NOON_NS >> 32, NOON_NS & 0xFFFF_FFFF, len(each), len(each))
        made += block(6, head + each)
    return made


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("link", "wrap"),
    [
        (1, lambda block: ethernet(ipv4(udp(block)))),
        (1, lambda block: ethernet(ipv4(udp(block)), tags=b"\x81\x00\x00\x07")),
        (1, lambda block: ethernet(ipv6(udp(block)), kind=0x86DD)),
        (113, lambda block: bytes(14) + b"\x08\x00" + ipv4(udp(block))),
        (276, lambda block: b"\x08\x00" + bytes(18) + ipv4(udp(block))),
        (101, lambda block: ipv4(udp(block))),
        (0, lambda block: b"\x02\x00\x00\x00" + ipv4(udp(block))),
    ],
)
def test_payloads_come_out_of_captures_without_padding(order: str, link: int, wrap: object) -> None:
    assert callable(wrap)
    captured = [wrap(block) for block in BLOCKS]
    expected = [Packet(NOON_NS, block) for block in BLOCKS]
    for made in (pcap(link, captured, order), pcapng(link, captured, order)):
        assert list(packets(made)) == expected
    assert list(packets(pcap(link, captured, order, 0xA1B23C4D))) == expected


def test_what_is_not_udp_is_passed_over() -> None:
    captured = [
        ethernet(ipv4(udp(BLOCKS[0]), protocol=6)),
        ethernet(ipv4(udp(BLOCKS[0]), fragment=0x2000)),
        ethernet(ipv4(udp(BLOCKS[0]), fragment=0x0001)),
        ethernet(ipv4(udp(BLOCKS[0])), kind=0x0806),
        b"\x00",
        ethernet(ipv4(udp(BLOCKS[1]))),
    ]
    assert [each.payload for each in packets(pcap(1, captured))] == [BLOCKS[1]]
    assert list(packets(pcap(147, captured))) == []


def test_bare_blocks() -> None:
    made = b"".join(BLOCKS)
    assert detect_framing(made) is Framing.BARE
    assert list(packets(made)) == [Packet(None, block) for block in BLOCKS]


def test_gps_blocks_have_a_time_of_day() -> None:
    made = b"\xcd" * 2_200
    for number, block in enumerate(BLOCKS):
        made += block + bytes(6) + (number * 128).to_bytes(3, "big") + b"\x00"
    assert detect_framing(made) is Framing.GPS
    found = list(packets(made))
    assert [each.payload for each in found] == BLOCKS
    assert [each.time_of_day_ns for each in found] == [number * 1_000_000_000 for number in range(9)]


def test_final_blocks_have_a_time_of_day() -> None:
    made = b""
    for number, block in enumerate(BLOCKS):
        made += struct.pack(">HBBI", len(block) + 12, 0, 1, 100 * number) + block + b"\xa5" * 4
    assert detect_framing(made) is Framing.FINAL
    found = list(packets(made))
    assert [each.payload for each in found] == BLOCKS
    assert [each.time_of_day_ns for each in found] == [number * 1_000_000_000 for number in range(9)]


def framed() -> list[bytes]:
    final = b"".join(struct.pack(">HBBI", len(each) + 12, 0, 1, 0) + each + b"\xa5" * 4 for each in BLOCKS)
    gps = b"\xcd" * 2_200 + b"".join(each + bytes(10) for each in BLOCKS)
    captured = [ethernet(ipv4(udp(block))) for block in BLOCKS]
    return [b"".join(BLOCKS), final, gps, pcap(1, captured), pcapng(1, captured)]


@pytest.mark.parametrize("made", framed(), ids=["bare", "final", "gps", "pcap", "pcapng"])
def test_a_file_cut_off_anywhere_gives_what_came_before(made: bytes) -> None:
    framing = detect_framing(made)
    whole = [each.payload for each in packets(made)]
    for length in range(len(made) - 1, max(0, len(made) - 150), -1):
        found = [each.payload for each in packets(made[:length], framing)]
        kept = [each for each in found if each in whole]
        assert kept == whole[: len(kept)]
        assert len(found) - len(kept) <= 1
        assert len(kept) >= len(whole) - 10


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"hello, world", bytes(5_000), b"\x30\xff\xff"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadRecording, match="no ASTERIX recording"):
        packets(data)
