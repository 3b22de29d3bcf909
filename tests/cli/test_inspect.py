from __future__ import annotations

import base64
import gzip
import json
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from luchtwacht.cli import app
from luchtwacht.cli.exits import Exit
from luchtwacht.codecs.adsb import AircraftState, BeastFrame, SbsMessage, encode_beast, encode_readsb, encode_sbs
from luchtwacht.codecs.adsb.cpr import position_bits
from luchtwacht.codecs.adsb.mode_s import parity
from luchtwacht.codecs.asterix import CATEGORIES, encode
from luchtwacht.codecs.asterix.plan import plan_of
from luchtwacht.codecs.mavlink import BasicId as MavlinkBasicId
from luchtwacht.codecs.mavlink import GlobalPosition, SystemTime, encode_mavlink, encode_packet
from luchtwacht.codecs.observation import Observation, Seen, encode_observation
from luchtwacht.codecs.ogn import AircraftBeacon, encode_ogn
from luchtwacht.codecs.remote_id import (
    BasicId,
    DjiFlight,
    Location,
    encode_beacon,
    encode_dji_beacon,
    encode_nan,
)
from luchtwacht.codecs.sapient import (
    MessageKind,
    SapientMessage,
    compose,
    encode_message,
    frame_message,
    write_json,
)
from luchtwacht.codecs.table import parse_mapping
from luchtwacht.errors import BadRecording
from luchtwacht.inspection import Inspection, asterix, inspect_octets, inspect_path
from luchtwacht.inspection.tally import Days, Heard, Places, Points
from luchtwacht.journal import JournalWriter
from luchtwacht.model import Frames, Tick
from luchtwacht.model.encoding import encode_site
from luchtwacht.runtime.recorded import journal as recorded
from luchtwacht.runtime.recorded import periods
from luchtwacht.simulation import embedded_scenario, read_scenario
from luchtwacht.sources.frames import encode_frame
from luchtwacht.units import SECOND_NS

RECORDINGS = Path(__file__).parents[3] / "shared" / "data"
START_NS = 1_777_777_200 * SECOND_NS  # 2026-05-03T03:00:00Z
MAC = bytes.fromhex("02a1b2c3d4e5")
runner = CliRunner()


def look(data: bytes) -> Inspection:
    made = Inspection(file="any", octets=len(data))
    inspect_octets(data, made)
    return made


def plots(times_s: list[float], *, sac: int = 20, sic: int = 129) -> list[bytes]:
    """A CAT048 block for each time."""
    count = len(times_s)
    return encode(
        48,
        {
            "I048/010/SAC": np.full(count, sac),
            "I048/010/SIC": np.full(count, sic),
            "I048/140": np.array(times_s),
            "I048/040/RHO": np.full(count, 10.0),
            "I048/040/THETA": np.full(count, 90.0),
            "I048/220": np.arange(count) % 3 + 0x48_0000,
        },
    )


def pcap(packets: list[tuple[int, bytes]], link: int) -> bytes:
    made = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link)
    for time_ns, octets in packets:
        made += (
            struct.pack("<IIII", time_ns // SECOND_NS, time_ns % SECOND_NS // 1000, len(octets), len(octets)) + octets
        )
    return made


def udp(payload: bytes) -> bytes:
    """Ethernet, IPv4 and UDP round a payload."""
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, 0x7F000001, 0x7F000001)
    return bytes(12) + b"\x08\x00" + ip + struct.pack(">HHHH", 1, 2, 8 + len(payload), 0) + payload


def final(blocks: list[bytes]) -> bytes:
    return b"".join(struct.pack(">HBBI", len(each) + 12, 0, 0, 100) + each + bytes(4) for each in blocks)


def gps(blocks: list[bytes]) -> bytes:
    return bytes(2_200) + b"".join(each + bytes(10) for each in blocks)


def beacons() -> list[tuple[int, bytes]]:
    """Ten packs of two messages, a second apart, and a frame of something else."""
    messages = [
        BasicId(id_type=1, ua_type=2, uas_id="9999MADEUP0001"),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0),
    ]
    made = [
        (START_NS + second * SECOND_NS, encode_beacon(MAC, messages, rssi_dbm=-60, counter=second))
        for second in range(10)
    ]
    return [*made, (START_NS + 10 * SECOND_NS, bytes([0, 0, 8, 0, 0, 0, 0, 0]) + b"\x88" + bytes(40))]


# ---------------------------------------------------------------------- ASTERIX


@pytest.mark.parametrize(
    ("framing", "data"),
    [
        ("bare", b"".join(plots([1.0, 2.0, 3.0]))),
        ("final", final(plots([1.0, 2.0, 3.0]))),
        ("gps", gps(plots([1.0, 2.0, 3.0]))),
        ("pcap", pcap([(START_NS, udp(each)) for each in plots([1.0, 2.0, 3.0])], 1)),
        ("frames", b"".join(encode_frame(START_NS, each) for each in plots([1.0, 2.0, 3.0]))),
    ],
)
def test_asterix_is_found_in_every_framing(framing: str, data: bytes) -> None:
    made = look(data)
    assert (made.format, made.framing, made.plausible) == ("asterix", framing, True)
    assert (made.counts, made.editions, made.payloads) == ({"048": 3}, {"048": "1.32"}, 3)
    assert (made.first_time, made.last_time, made.span_s) == ("00:00:01.000", "00:00:03.000", 2.0)
    assert [(each.id, each.counts) for each in made.sensors] == [("20/129", {"048": 3})]
    assert made.items["048"] == {"010": 3, "140": 3, "040": 3, "220": 3}
    assert made.targets == {"aircraft_addresses": 3}


def test_a_capture_says_when_it_was_received_beside_the_time_of_day_in_the_data() -> None:
    of_day = 3 * 3600.0 - 1.0
    made = look(pcap([(START_NS, udp(each)) for each in plots([of_day])], 1))
    assert (made.first_received, made.first_time) == ("2026-05-03T03:00:00.000Z", "02:59:59.000")
    assert made.doubts == []


def test_a_clock_an_hour_off_is_doubted() -> None:
    made = look(pcap([(START_NS, udp(each)) for each in plots([2 * 3600.0])], 1))
    assert made.plausible
    assert "3,600 s behind" in made.doubts[0]


def test_times_run_on_over_midnight() -> None:
    made = look(b"".join(plots([86_398.0, 86_399.5, 0.5, 2.0])))
    assert (made.first_time, made.last_time, made.span_s) == ("23:59:58.000", "00:00:02.000", 4.0)


def test_a_silence_that_is_longer_than_expected_is_a_gap_of_its_sensor_alone() -> None:
    steady = [float(second) for second in range(100)]
    broken = [time for time in steady if not 40 < time < 60]
    made = look(b"".join(plots(steady, sic=1) + plots(broken, sic=2)))
    first, second = made.sensors
    assert (first.id, first.gap_count, second.id, second.gap_count) == ("20/1", 0, "20/2", 1)
    assert [(gap.after, gap.before, gap.seconds) for gap in second.gaps] == [("00:00:40.000", "00:01:00.000", 20.0)]
    assert (first.rate_per_s, first.busiest_per_s) == (round(100 / 99, 3), 1)


def test_nothing_depends_on_where_batches_end(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join([*plots([86_398.0, 86_399.5, 0.5, 2.0]), b"\x1e\x00\x06abc", *plots([3.0] * 5, sic=2)])
    whole = look(data)
    monkeypatch.setattr("luchtwacht.inspection.asterix.PACKETS_AT_ONCE", 3)
    assert look(data) == whole
    monkeypatch.setattr("luchtwacht.inspection.asterix.OCTETS_AT_ONCE", 1)
    assert look(data) == whole


def test_what_is_refused_is_counted_with_its_first_place() -> None:
    blocks = plots([1.0] * 20)
    blocks[7:7] = [b"\x1e\x00\x06abc", b"\x1e\x00\x06abc"]  # CAT030
    (refused,) = look(b"".join(blocks)).rejected
    assert (refused.reason, refused.item, refused.count) == ("unsupported", "CAT030", 2)
    octet = sum(map(len, blocks[:7]))
    assert refused.place == f"packet 8, record 1 (its payload begins at octet {octet})"


def test_an_edition_that_does_not_fit_is_called_implausible() -> None:
    """Records whose latitudes cannot be: no gate lets them pass, and the category as a whole is not believed."""
    blocks = encode(
        62,
        {
            "I062/010/SAC": np.full(20, 1),
            "I062/010/SIC": np.full(20, 1),
            "I062/070": np.arange(20.0),
            "I062/105/LAT": np.full(20, 52.0),
            "I062/105/LON": np.full(20, 5.0),
        },
    )
    good = look(b"".join(blocks))
    assert good.plausible
    assert good.area is not None
    assert abs(good.area.south - 52.0) < 1e-5
    north = struct.pack(">i", round(52.0 / (180 / 2**25)))
    assert all(north in each for each in blocks)
    bad = look(b"".join(each.replace(north, b"\x7f\xff\xff\xff") for each in blocks))
    assert (bad.plausible, bad.counts) == (False, {})
    assert bad.doubts[0].startswith("CAT062 is implausible: 20 of 20 payloads do not fit edition 1.20 or 1.18")
    assert [(each.reason, each.item, each.count) for each in bad.rejected] == [("implausible", "I062/105/LAT", 20)]


# ---------------------------------------------------------------------- claims


def early(count: int) -> list[bytes]:
    """ADS-B reports of edition 0.26."""
    number = np.arange(count)
    columns = {"010/SAC": 0 * number, "010/SIC": 0 * number + 5, "040/ATP": 0 * number + 1, "030": 40_000.0 + number}
    columns |= {"130/LAT": 52.0 + number / 1000, "130/LON": 5.0 + number / 1000, "080": 0x484C61 + number}
    return encode(21, {f"I021/{name}": each for name, each in columns.items()}, records_per_block=1, edition="0.26")


def test_the_edition_of_a_category_is_found_in_what_fits() -> None:
    made = look(b"".join(early(20)))
    assert (made.counts, made.editions, made.rejected) == ({"021": 20}, {"021": "0.26"}, [])
    assert made.targets["aircraft_addresses"] == 20


@pytest.mark.parametrize("blocks", [1, 3])
def test_a_category_that_is_not_read_is_asterix_all_the_same(blocks: int) -> None:
    made = look(bytes([19, 0, 9, 0xE0, 0, 3, 2, 0x41, 0x6F]) * blocks)
    assert (made.format, made.plausible, made.counts) == ("asterix", True, {})
    assert "CAT019, which is not read" in made.summary
    assert [(each.item, each.count) for each in made.rejected] == [("CAT019", blocks)]


def test_a_remote_id_capture_tells_messages_transmitters_and_ids() -> None:
    made = look(pcap(beacons(), 127))
    assert (made.format, made.framing, made.payloads, made.other) == ("remote_id", "pcap", 11, 1)
    assert made.counts == {"basic_id": 10, "location": 10}
    assert (made.first_time, made.last_time) == ("2026-05-03T03:00:00.000Z", "2026-05-03T03:00:10.000Z")
    (sensor,) = made.sensors
    assert (sensor.id, sensor.names) == (
        "02:a1:b2:c3:d4:e5",
        {"carrier": "wifi_beacon", "uas_id": "9999MADEUP0001"},
    )
    assert made.area is not None
    assert (made.area.south, made.area.west) == (52.0, 5.0)


def test_nan_and_djis_own_identification_are_told_apart() -> None:
    flight = DjiFlight(
        version=2, sequence=1, state=0, serial="MADEUP0000000001", latitude_deg=52.0, longitude_deg=5.0, altitude_raw=0,
        height_raw=0, velocity_north_m_s=0.0, velocity_east_m_s=0.0, velocity_up_m_s=0.0, yaw_deg=0.0,
    )  # fmt: skip
    nan = encode_nan(MAC, [Location(status=2, latitude_deg=52.0, longitude_deg=5.0)], rssi_dbm=-60, counter=1)
    dji = encode_dji_beacon(MAC, flight, rssi_dbm=-60, counter=1)
    made = look(pcap([(START_NS, nan), (START_NS, dji)], 127))
    assert made.counts == {"dji_flight": 1, "location": 1}
    assert made.items == {"carrier": {"dji_beacon": 1, "wifi_nan": 1}}
    assert made.sensors[0].names["dji_serial"] == "MADEUP0000000001"


def test_remote_id_in_frames_is_found_too() -> None:
    made = look(b"".join(encode_frame(*each) for each in beacons()))
    assert (made.format, made.framing, made.counts) == ("remote_id", "frames", {"basic_id": 10, "location": 10})


def test_radio_traffic_without_remote_id_is_said_to_be_that() -> None:
    made = look(pcap(beacons()[-1:], 127))
    assert (made.counts, made.other) == ({}, 1)
    assert made.doubts == ["No Remote ID in it: other radio traffic, or only damaged frames."]


def document(now_s: float) -> bytes:
    aircraft = [
        AircraftState(address="480001", origin="adsb_icao", flight="MADEUP1 ", latitude_deg=52.0, longitude_deg=5.0),
        AircraftState(address="480002", origin="mlat"),
    ]
    return encode_readsb(now_s, aircraft)


@pytest.mark.parametrize(
    ("framing", "data", "documents"),
    [
        ("lines", document(1.7e9), 1),
        ("lines", b"\n".join([document(1.7e9), document(1.7e9 + 1), b"{cut"]), 3),
        ("document", msgspec.json.format(document(1.7e9), indent=2), 1),
        ("frames", encode_frame(5, document(1.7e9)), 1),
    ],
)
def test_aircraft_json_whole_in_lines_and_in_frames(framing: str, data: bytes, documents: int) -> None:
    made = look(data)
    assert (made.format, made.framing, made.payloads) == ("readsb", framing, documents)
    assert made.counts["mlat"] == made.counts["adsb_icao"] == max(documents - 1, 1)
    assert made.targets == {"aircraft_addresses": 2, "callsigns": 1}
    assert made.first_time == "2023-11-14T22:13:20.000Z"
    assert sum(each.count for each in made.rejected) == (documents == 3)


def test_base_station_lines_with_a_damaged_one() -> None:
    lines = [
        encode_sbs(
            SbsMessage(
                transmission_type=3, address="480001", generated_ns=START_NS, latitude_deg=52.0, longitude_deg=5.0
            )
        ),
        encode_sbs(SbsMessage(transmission_type=1, address="480001", generated_ns=START_NS, callsign="MADEUP1")),
        b"STA,,5,1,480001,1\r\n",
        b"MSG,3,1,1,NOTHEX,1,,,,,,,,,,,,,,,,\r\n",
        encode_sbs(SbsMessage(transmission_type=3, address="480002", generated_ns=START_NS + SECOND_NS)),
    ]
    made = look(b"".join(lines))
    assert (made.format, made.counts, made.other) == ("sbs", {"MSG,1": 1, "MSG,3": 2}, 1)
    assert [(each.item, each.place) for each in made.rejected] == [("hex", "line 4")]
    assert (made.time_reference, made.last_time) == ("receiver", "2026-05-03T03:00:01.000")


def test_beast_frames_by_length_and_downlink_format() -> None:
    frames = [
        BeastFrame(12_000_000 * second, 0x1A, bytes([17 << 3, 0x48, 0, second % 2]) + bytes(10)) for second in range(30)
    ]
    frames.append(BeastFrame(1, 5, bytes([11 << 3, 0x48, 0, 0]) + bytes(3)))
    made = look(b"".join(map(encode_beast, frames)))
    assert (made.format, made.counts) == ("beast", {"mode_s_long": 30, "mode_s_short": 1})
    assert made.items == {"downlink_format": {"DF11": 1, "DF17": 30}}
    assert made.targets == {"aircraft_addresses": 2}
    assert {each.item: each.count for each in made.rejected} == {"parity": 30}


def squitters(seconds: int, *, gps: bool = False) -> list[bytes]:
    """Two frames a second of an aircraft that flies north from 52.0, 5.0."""
    made = []
    for half in range(2 * seconds):
        latitude, odd = 52.0 + half * 1e-4, bool(half % 2)
        me = 11 << 51 | 0xC38 << 36 | int(odd) << 34
        lat, lon = position_bits(latitude, 5.0, odd=odd)
        octets = bytes([17 << 3 | 5]) + bytes.fromhex("48AAAA") + (me | lat << 17 | lon).to_bytes(7, "big")
        when_s = 36_000.0 + half / 2
        ticks = int(when_s) << 30 | round(when_s % 1 * 1e9) if gps else 12_000_000 + half * 6_000_000
        made.append(encode_beast(BeastFrame(ticks, 90, octets + parity(octets).to_bytes(3, "big"))))
    return made


def test_beast_positions_are_paired_and_drawn() -> None:
    data = b"".join(squitters(60))
    made = Inspection(file="any", octets=len(data))
    places = inspect_octets(data, made)
    assert (made.format, made.rejected) == ("beast", [])
    assert made.items["squitter"] == {"airborne_position": 120}
    assert places.series["aircraft"].seen == 119  # the first waits for its other half
    assert made.area is not None
    assert (made.area.south, made.area.north) == pytest.approx((52.0001, 52.0119), abs=1e-4)
    assert made.time_reference == "receiver"


def test_a_receiver_with_gps_says_the_time_of_day() -> None:
    made = look(b"".join(squitters(120, gps=True)))
    assert (made.time_reference, made.first_time, made.span_s) == ("time_of_day", "10:00:00.000", 119.5)
    assert look(b"".join(squitters(120))).time_reference == "receiver"


# ---------------------------------------------------------------------- what aircraft and people say of themselves


GLIDER = AircraftBeacon(
    sender="FLRDDA5BA", time_of_day_s=86_390, latitude_deg=52.1, longitude_deg=5.1, altitude_ft=1_000,
    address="DDA5BA", address_type=2, aircraft_type=1, callsign="MADEUP1",
)  # fmt: skip


def glider_lines() -> bytes:
    """Over midnight; the third asks not to be tracked."""
    said = [
        replace(GLIDER, time_of_day_s=(86_390 + second) % 86_400, latitude_deg=52.1 + second * 1e-3)
        for second in range(20)
    ]
    said[2] = replace(said[2], no_track=True, address="DD0000", latitude_deg=40.0)
    return b"# aprsc\r\n" + b"".join(map(encode_ogn, said)) + b"MADEUP1>OGNSDR,TCPIP*,qAC,X:>100000h CPU:0.5\r\n"


def test_lines_of_the_open_glider_network_tell_aircraft_and_stations_and_keep_privacy() -> None:
    made = look(glider_lines())
    assert (made.format, made.framing, made.counts, made.other) == ("ogn", "lines", {"aircraft": 20}, 2)
    assert made.targets == {"aircraft_addresses": 1, "callsigns": 1}
    assert made.items == {"aircraft_type": {"glider": 20}, "privacy": {"asks_not_to_be_tracked": 1}}
    assert (made.first_time, made.last_time, made.span_s) == ("23:59:50.000", "00:00:09.000", 19.0)
    assert made.area is not None
    assert made.area.south == pytest.approx(52.1)  # and not 40
    assert [each.id for each in made.sensors] == ["RECEIVER"]


def telemetry(*, log: bool, seconds: int = 10) -> bytes:
    """A drone that says its time, its name and its place each second, and a message that is not read."""
    made = b""
    for second in range(seconds):
        said = [
            SystemTime(unix_us=START_NS // 1_000 + second * 1_000_000, boot_ms=5_000 + second * 1_000),
            MavlinkBasicId(about=bytes(20), id_type=1, ua_type=2, uas_id=b"1588E04FAKE000000001"),
            GlobalPosition(
                boot_ms=5_000 + second * 1_000, latitude_deg=52.0 + second * 1e-4, longitude_deg=5.0,
                height_amsl_m=60.0, north_m_s=11.0, east_m_s=0.0, down_m_s=0.0,
            ),
        ]  # fmt: skip
        packets = [encode_packet(encode_mavlink(each, system=7)) for each in said]
        packets.append(bytes([0xFE, 3, 0, 7, 1, 200]) + bytes(5))
        stamp = (START_NS // 1_000 + second * 1_000_000).to_bytes(8, "big") if log else b""
        made += b"".join(stamp + packet for packet in packets)
    return made


@pytest.mark.parametrize("log", [False, True])
def test_mavlink_streams_and_logs_are_told_apart_and_dated(log: bool) -> None:
    made = look(telemetry(log=log))
    assert (made.format, made.framing) == ("mavlink", "tlog" if log else "stream")
    kinds = ("global_position_int", "message_200", "open_drone_id_basic_id", "system_time")
    assert made.counts == dict.fromkeys(kinds, 10)
    assert (made.time_reference, made.first_time, made.span_s) == ("utc", "2026-05-03T03:00:00.000Z", 9.0)
    assert made.targets == {"systems": 1, "uas_ids": 1}
    assert made.sensors[0].names == {"uas_id": "1588E04FAKE000000001"}
    assert (made.rejected, made.area is not None) == ([], True)


def test_a_log_that_is_cut_off_or_damaged_is_read_round_it() -> None:
    whole = telemetry(log=True)
    assert [each.reason for each in look(whole[:-3]).rejected] == ["truncated"]
    damaged = bytearray(whole)
    damaged[400:404] = b"\xff\xff\xff\xff"
    made = look(bytes(damaged))
    assert made.format == "mavlink"
    assert made.counts["global_position_int"] >= 8
    assert made.rejected[0].reason == "malformed"


def scout(second: int) -> bytes:
    """A message of a receiver that heard a drone."""
    structure = bytearray(921)
    struct.pack_into("<II20s", structure, 0, 2, 1, b"1588E04FAKE000000001")
    place = (2, 90.0, 5.0, 0.0, 52.0, 5.0, -1000.0, 100.0, 1, -1000.0, 10, 5, 0, 0, 0, float(second))
    struct.pack_into("<IfffddffIfIIIIIf", structure, 64, *place)
    structure[892], structure[894] = 1, 1
    data = {
        "sensor ID": "made-up-1", "RSSI": -60, "timestamp": START_NS // 1_000_000 + second * 1_000,
        "MAC address": "02:A1:B2:C3:D4:E5", "type": "BLE legacy", "UASdata": base64.b64encode(structure).decode(),
    }  # fmt: skip
    return json.dumps({"protocol": 1.0, "data": data}).encode()


def flights(second: int) -> bytes:
    state = {
        "timestamp": {"value": f"2026-05-03T03:00:{second:02}Z", "format": "RFC3339"}, "timestamp_accuracy": 0.5,
        "operational_status": "Airborne", "track": 90.0, "speed": 5.0, "speed_accuracy": "SA3mps",
        "vertical_speed": 0.0,
        "position": {"lat": 52.0, "lng": 5.0 + second * 1e-4, "alt": 100.0, "accuracy_h": "HA10m",
                     "accuracy_v": "VA10m"},
    }  # fmt: skip
    flight = {"id": "made-up-flight", "aircraft_type": "Helicopter", "current_state": state}
    return json.dumps({"timestamp": state["timestamp"], "flights": [flight]}).encode()


def observed(second: int) -> bytes:
    return encode_observation(
        Observation(
            sensor="post-1", by="patrol 3", time_ns=START_NS + second * SECOND_NS, what=Seen.DRONE, latitude=52.0,
            longitude=5.0,
        )
    )  # fmt: skip


DOCUMENTS = {
    "dronescout": (scout, {"basic_id": 5, "location": 5}),
    "network_remote_id": (flights, {"state": 5}),
    "observation": (observed, {"drone": 5}),
}


@pytest.mark.parametrize("format_", DOCUMENTS)
@pytest.mark.parametrize("framing", ["lines", "list", "frames"])
def test_json_documents_in_lines_in_a_list_and_in_frames(format_: str, framing: str) -> None:
    make, counts = DOCUMENTS[format_]
    said = [make(second) for second in range(5)]
    data = {
        "lines": b"\n".join(said),
        "list": b"[\n" + b",\n".join(said) + b"]",
        "frames": b"".join(encode_frame(START_NS, each) for each in said),
    }[framing]
    made = look(data)
    assert (made.format, made.framing, made.counts, made.payloads) == (format_, framing, counts, 5)
    assert (made.plausible, made.rejected) == (True, [])
    assert (made.first_time, made.span_s) == ("2026-05-03T03:00:00.000Z", 4.0)
    assert made.area is not None
    assert look(json.dumps(json.loads(said[0]), indent=2).encode()).framing == "document"


def test_an_answer_with_an_impossible_state_is_refused_with_its_field() -> None:
    made = look(flights(0).replace(b'"track": 90.0', b'"track": 400.0') + b"\n" + flights(1))
    assert made.counts == {"state": 1}
    assert [(each.reason, each.item, each.place) for each in made.rejected] == [
        ("implausible", "current_state.track", "document 1, flight 1")
    ]


@pytest.mark.parametrize("format_", ["ogn", "mavlink", "beast", "sbs"])
def test_frames_of_streams_are_looked_at_as_what_they_are(format_: str) -> None:
    payloads = {
        "ogn": glider_lines().splitlines(keepends=True)[1:],
        "mavlink": [telemetry(log=False)],
        "beast": squitters(20),
        "sbs": [encode_sbs(SbsMessage(transmission_type=3, address="484C61", generated_ns=START_NS))] * 3,
    }[format_]
    made = look(b"".join(encode_frame(START_NS, each) for each in payloads))
    assert (made.format, made.framing, made.plausible) == (format_, "frames", True)


NODE = "0b9b1a52-8d4e-4f3f-9a53-1f4c2b7d9e10"


def alert_acks(count: int) -> list[SapientMessage]:
    return [
        compose(
            MessageKind.ALERT_ACK,
            {"alert_id": "01HZXW5C6R8QJ1N2M3P4Q5R6S7", "alert_ack_status": 1},
            time_ns=START_NS + number * SECOND_NS,
            node_id=NODE,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("framing", "data"),
    [
        ("stream", b"".join(frame_message(encode_message(each)) for each in alert_acks(3))),
        ("lines", "\n".join(write_json(each).replace("\n", " ") for each in alert_acks(3)).encode()),
    ],
    ids=["stream", "lines"],
)
def test_sapient_messages_as_json_and_as_a_stream(framing: str, data: bytes) -> None:
    made = look(data)
    assert (made.format, made.framing, made.counts) == ("sapient", framing, {"alert_ack": 3})
    assert [(each.id, each.counts) for each in made.sensors] == [(NODE, {"alert_ack": 3})]
    assert (made.first_time, made.span_s) == ("2026-05-03T03:00:00.000Z", 2.0)


def test_a_sapient_message_with_a_fault_is_refused_with_its_field() -> None:
    text = write_json(alert_acks(1)[0]).replace(NODE, "nobody")
    made = look(text.encode())
    assert (made.format, made.framing, made.plausible) == ("sapient", "document", False)
    assert [(each.reason, each.item, each.count) for each in made.rejected] == [("malformed", "node_id", 1)]


def test_a_sapient_stream_that_is_cut_off_says_so() -> None:
    data = b"".join(frame_message(encode_message(each)) for each in alert_acks(3))
    made = look(data[:-5])
    assert made.counts == {"alert_ack": 2}
    assert [(each.reason, each.place) for each in made.rejected] == [("truncated", "after message 2")]


# ---------------------------------------------------------------------- tables, journals, the rest


TABLE = b"seconds;lat;lon;alt;what\n" + b"".join(b"%d;52.%04d;5.1;30.5;bird\n" % (1.7e9 + n, n) for n in range(50))


def test_a_table_tells_its_columns_and_gives_a_mapping_that_can_be_read() -> None:
    made = look(TABLE + b"1700000099;52\n")
    assert (made.format, made.delimiter, made.counts) == ("table", ";", {"rows": 51})
    assert [(each.name, each.kind, each.looks_like, each.unit) for each in made.columns] == [
        ("seconds", "time", "time", "s"),
        ("lat", "number", "latitude", "deg"),
        ("lon", "number", "longitude", "deg"),
        ("alt", "number", "height", "m"),
        ("what", "text", "", ""),
    ]
    assert [(each.count, each.place) for each in made.rejected] == [(1, "line 52")]
    assert (made.first_time, made.span_s) == ("2023-11-14T22:13:20.000Z", 49.0)
    mapping = parse_mapping(made.mapping.replace("?", "radar"), "made.toml")
    assert (mapping.delimiter, mapping.received.column, mapping.reports[0].kind) == (";", "seconds", "position")


def test_a_place_that_never_changes_is_the_sensors_own() -> None:
    rows = b"".join(b"%d,52.0,5.0,%d\n" % (1.7e9 + n, n) for n in range(20))
    made = look(b"time,sensor_lat,sensor_lon,bearing\n" + rows)
    assert [each.varies for each in made.columns] == [True, False, False, True]
    report = parse_mapping(made.mapping.replace("?", "finder"), "made.toml").reports[0]
    assert report.kind == "polar"


def test_a_table_without_names_says_that_a_mapping_needs_them() -> None:
    made = look(b"".join(TABLE.splitlines(keepends=True)[1:]))
    assert (made.format, made.counts, made.mapping) == ("table", {"rows": 50}, "")
    assert "needs a line of names" in made.doubts[0]


def journal(folder: Path) -> None:
    """Two periods: the site of the demonstration, then the same under another name."""
    site = read_scenario(embedded_scenario()).site
    writer = JournalWriter(folder)
    for number, each in enumerate((site, replace(site, name="Another"))):
        writer.open_run(encode_site(each), {}, START_NS)
        count = 5
        sequence = np.arange(count) + 1 + number * (count + 1)
        stamps = START_NS + sequence * SECOND_NS
        writer.frames(
            Frames.of([b"abc"] * count, sequence=sequence, source=np.zeros(count, np.int64), received_ns=stamps)
        )
        writer.tick(Tick(sequence=int(sequence[-1]) + 1, received_ns=int(stamps[-1]) + SECOND_NS))
    writer.close()


def test_a_journal_tells_its_periods_as_a_replay_would(tmp_path: Path) -> None:
    journal(tmp_path)
    made, _ = inspect_path(tmp_path)
    assert (made.format, made.counts["frame"], made.counts["tick"], made.counts["site"]) == ("journal", 10, 2, 2)
    assert [each.site for each in made.periods] == [each.site.name for each in periods(recorded(tmp_path))]
    assert (
        [each.inputs for each in made.periods]
        == [each.last - each.after for each in periods(recorded(tmp_path))]
        == [6, 6]
    )
    assert made.periods[0].first_time == "2026-05-03T03:00:01.000Z"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<?xml version='1.0'?><alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'></alert>", "a CAP alert"),
        (b'{"type": "FeatureCollection", "features": []}', "GeoJSON"),
        (b'{"a": 1, "b": 2}', "keys a, b"),
        (b"just, some words\nof prose. No table\n", "text without columns"),
        (bytes(range(256)) * 20, "Not ASTERIX"),
        (b"\x1f", "Not ASTERIX"),
    ],
)
def test_anything_else_says_what_it_is_not_and_how_it_begins(data: bytes, words: str) -> None:
    made = look(data)
    assert (made.format, made.plausible) == ("unknown", False)
    assert words in made.summary
    assert bytes.fromhex(made.first_octets) == data[:32]


def test_udp_that_is_no_asterix_is_not_taken_for_it() -> None:
    made = look(pcap([(START_NS, udp(b"hello")), (START_NS, udp(b"there, world"))], 1))
    assert (made.format, made.payloads) == ("unknown", 2)


@given(st.binary(min_size=1, max_size=400))
def test_no_octets_break_it(data: bytes) -> None:
    assert msgspec.json.decode(msgspec.json.encode(look(data)), type=Inspection).octets == len(data)


@given(st.data())
def test_damaged_files_never_break_it(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([
        final(plots([1.0, 2.0])), gps(plots([1.0, 2.0])), pcap(beacons(), 127), TABLE, document(1.7e9),
        pcap([(START_NS, udp(each)) for each in plots([1.0])], 1),
    ]))  # fmt: skip
    damaged = bytearray(whole[: data.draw(st.integers(1, len(whole)))])
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    with suppress(BadRecording):
        look(bytes(damaged))


def test_a_capture_with_an_impossible_time_is_looked_at() -> None:
    def block(kind: int, body: bytes) -> bytes:
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    for link, octets in ((127, bytes(20)), (1, udp(plots([1.0])[0] + bytes(1)))):
        octets += bytes(-len(octets) % 4)
        head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", link, 0, 0))
        late = struct.pack("<IIIII", 0, 0xFFFFFFFF, 0xFFFFFFFF, len(octets), len(octets))
        made = look(head + block(6, late + octets))
        assert (made.format, made.payloads) == ({127: "remote_id", 1: "asterix"}[link], 1)


def test_cells_whose_quotes_make_no_sense_are_cut_at_the_delimiters() -> None:
    made = look(b"a,b\n" + b"1,2\n" * 50 + b'3,"4\rx"y\n')
    assert (made.format, made.counts) == ("table", {"rows": 51})


def test_every_column_that_is_looked_for_exists() -> None:
    names = [*asterix._GEOGRAPHIC, *asterix._CARTESIAN, *(each[:2] for each in asterix._POLAR)]
    wanted = {name for pair in names for name in pair} | {name for each in asterix._TARGETS.values() for name in each}
    known = {name for category in CATEGORIES for name in plan_of(category).columns}
    assert wanted - known == set()


# ---------------------------------------------------------------------- counting


@given(st.lists(st.floats(-40_000, 40_000), min_size=1, max_size=30), st.floats(0, 86_399))
def test_days_run_on_in_any_batches(steps: list[float], first: float) -> None:
    """Steps shorter than half a day are found again."""
    true = first + np.concatenate([[0.0], np.cumsum(steps)])
    days = Days()
    cut = len(true) // 2
    got = np.concatenate([days.unwrap(np.mod(true[:cut], 86_400.0)), days.unwrap(np.mod(true[cut:], 86_400.0))])
    assert np.allclose(got, true, atol=1e-6)


def test_a_single_long_pause_among_few_reports_is_no_gap() -> None:
    heard = Heard()
    heard.add(np.array([0.0, 1.0, 2.0, 600.0]))
    assert heard.gaps() == []


def test_points_are_thinned_evenly_and_all_counted() -> None:
    points = Points("radar", False)
    for start in range(0, 400_000, 10_000):
        points.add(np.column_stack([np.arange(start, start + 10_000.0), np.zeros(10_000)]))
    kept = np.sort(points.pairs[:, 0])
    assert points.seen == 400_000
    assert 20_000 < len(kept) <= 50_000
    assert kept[-1] > 399_000
    assert np.diff(kept).max() <= 4 * points.step


def test_positions_that_are_not_known_bound_nothing() -> None:
    places = Places()
    places.add_geographic("a", np.array([np.nan]), np.array([5.0]))
    assert places.area is None
    assert places.series == {}


# ---------------------------------------------------------------------- the command


def test_json_has_all_documented_keys_whatever_the_file(tmp_path: Path) -> None:
    for name, data in (("any.txt", TABLE), ("other.csv", b"".join(plots([1.0])))):
        (tmp_path / name).write_bytes(data)
        result = runner.invoke(app, ["inspect", str(tmp_path / name), "--json"])
        assert result.exit_code == Exit.FINE
        said = json.loads(result.stdout)
        assert list(said) == list(Inspection.__struct_fields__)
    assert (said["format"], said["file"]) == ("asterix", "other.csv")  # not by its name


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guide" / "inspect.md").read_text(encoding="utf-8")
    assert [key for key in Inspection.__struct_fields__ if f"`{key}`" not in page] == []


def test_a_gzip_is_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(gzip.compress(b"".join(plots([1.0, 2.0]))))
    made, _ = inspect_path(path)
    assert (made.format, made.compressed, made.counts) == ("asterix", True, {"048": 2})


def test_a_gzip_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    noise = np.random.default_rng(1).integers(0, 86_399, 5_000).astype(float)
    packed = gzip.compress(b"".join(plots(list(np.sort(noise)))))
    path.write_bytes(packed[: len(packed) // 2])
    made, _ = inspect_path(path)
    assert 1_000 < made.counts["048"] < 4_000
    assert made.doubts[0].startswith("The gzip is cut off")


def test_gzips_one_after_another_are_one(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(b"".join(gzip.compress(each) for each in plots([1.0, 2.0, 3.0])) + bytes(10))
    made, _ = inspect_path(path)
    assert (made.counts, made.doubts) == ({"048": 3}, [])


def test_a_capture_is_read_up_to_where_it_is_damaged() -> None:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    made = look(
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        + block(1, struct.pack("<HHI", 1, 0, 0))
        + b"".join(
            block(6, struct.pack("<IIIII", 0, 0, second, len(octets), len(octets)) + octets)
            for second, octets in enumerate(map(udp, plots([1.0, 2.0])))
        )
        + struct.pack("<II", 6, 7)
        + bytes(20)
    )
    assert (made.framing, made.counts) == ("pcapng", {"048": 2})
    assert made.doubts[0].startswith("The capture is damaged")


def test_people_read_what_matters(tmp_path: Path) -> None:
    path = tmp_path / "radar.ast"
    path.write_bytes(b"".join(plots([1.0, 2.0])))
    result = runner.invoke(app, ["inspect", str(path)], env={"COLUMNS": "120"})
    assert result.exit_code == Exit.FINE
    for words in ("bare blocks: 2 records of CAT048", "20/129", "00:00:01.000 to 00:00:02.000", "2 aircraft addresses"):
        assert words in result.stdout


def test_an_unknown_file_ends_in_exit_code_3(tmp_path: Path) -> None:
    path = tmp_path / "noise.ast"
    path.write_bytes(bytes(range(255, 0, -1)))
    result = runner.invoke(app, ["inspect", str(path), "--json"])
    assert result.exit_code == Exit.BAD_INPUT
    assert json.loads(result.stdout)["first_octets"].startswith("ff fe fd")


@pytest.mark.parametrize(
    "content",
    [b"", gzip.compress(b"abc" * 100)[:11], b"\x1f\x8bnot a gzip", gzip.compress(b"")],
    ids=["empty", "cut off gzip", "no gzip", "gzip of nothing"],
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_place(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(content)
    with pytest.raises(BadRecording) as raised:
        inspect_path(path)
    assert raised.value.where == str(path)


def test_a_folder_that_is_no_journal_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="not that of a journal"):
        inspect_path(tmp_path)


@pytest.mark.parametrize("data", [b"".join(plots([1.0, 2.0])), pcap(beacons(), 127)], ids=["polar", "globe"])
def test_a_plot_is_drawn(tmp_path: Path, data: bytes) -> None:
    path, sheet = tmp_path / "recording", tmp_path / "where.png"
    path.write_bytes(data)
    result = runner.invoke(app, ["inspect", str(path), "--plot", str(sheet)])
    assert result.exit_code == Exit.FINE
    assert sheet.read_bytes().startswith(b"\x89PNG")


# ---------------------------------------------------------------------- real recordings


@pytest.mark.recording
@pytest.mark.parametrize(
    ("name", "framing", "counts", "sensors", "first", "last"),
    [
        ("cat048_lebl_20230502_60min.ast", "bare", {"048": 44_085}, ["20/129"], "08:00:00.820", "09:00:00.055"),
        ("cat062_30min.ff", "final", {"062": 34_957}, ["70/16"], "14:44:41.820", "15:14:40.031"),
        ("croatiacontrol_parsegps.gps", "gps", {"034": 3, "048": 15}, None, "00:00:01.484", "00:00:11.484"),
        ("croatiacontrol_cat_034_048.pcap", "pcap", {"034": 34, "048": 128}, None, "07:35:36.258", "07:35:56.898"),
    ],
)
def test_asterix_recordings_as_their_manifest_says(
    name: str, framing: str, counts: dict[str, int], sensors: list[str] | None, first: str, last: str
) -> None:
    made = real(f"asterix/{name}")
    assert (made.format, made.framing, made.counts, made.plausible) == ("asterix", framing, counts, True)
    assert sensors is None or [each.id for each in made.sensors] == sensors
    assert (made.first_time, made.last_time) == (first, last)


@pytest.mark.recording
def test_an_old_edition_is_not_decoded_in_silence() -> None:
    made = real("asterix/croatiacontrol_asterix.pcap")
    assert (made.format, made.plausible, made.counts) == ("asterix", False, {})
    assert made.doubts[0].startswith("CAT062 is implausible: 100 of 100")


@pytest.mark.recording
def test_a_real_drones_remote_id() -> None:
    made = real("remote_id/cdc_parrot_anafi4_real.pcapng")
    assert (made.framing, made.payloads, made.other) == ("pcapng", 5_091, 3_951)
    assert made.counts == {"basic_id": 385, "location": 1_140, "operator_id": 385, "system": 385}
    assert made.targets["uas_ids"] == made.targets["transmitters"] == 1


@pytest.mark.recording
def test_other_recordings_are_what_they_are() -> None:
    expected = {
        "remote_id/cdc_mavic_multiple_spoofed.pcapng": ("remote_id", {"dji_flight": 77}),
        "radar_drone/nato_icmcis2021/Scenario_1_1/ALVIRA_scenario.csv.gz": ("table", {"rows": 628}),
        "radar_drone/nato_icmcis2021/Scenario_1_1/truth_2020-09-29_14-10-56_v2.csv.gz": ("table", {"rows": 7_979}),
        "remote_id/dronecot/BLE-legacy.json": ("dronescout", {"basic_id": 19, "location": 19, "system": 19}),
        "remote_id/dronecot/WiFi-NaN.json": ("dronescout", {"basic_id": 3, "location": 3, "system": 3}),
        "remote_id/dronecot/sensor_status.json": ("dronescout", {"status": 1}),
        "ogn/OGFLR_Flarm.txt": ("ogn", {"aircraft": 6}),
        "ogn/OGNDVS_wx.txt": ("ogn", {}),
        "interuss_f3411/test/zurich.json": ("unknown", {}),
        "adsb/traffic_samples/rega_sg.json.gz": ("unknown", {}),
        "adsb/antirez_modes1.bin": ("unknown", {}),
        "sapient/dstl_v2_defaults/SapientAsmSimulator_Default.Alert.json": (
            "sapient",
            {"alert": 1},
        ),
        "cap/xee.cap": ("unknown", {}),
    }
    found = {name: real(name) for name in expected}
    assert {name: (made.format, made.counts) for name, made in found.items()} == expected


KINDS = {
    "asterix": {"asterix"},
    "ogn": {"ogn"},
    "sapient": {"sapient"},
    "remote_id": {"remote_id", "dronescout"},
    "radar_drone": {"table"},
    "adsb": {"table"},
    "cap": set(),
    "cot": set(),
    "geozones": set(),
    "interuss_f3411": set(),
}


@pytest.mark.recording
@pytest.mark.parametrize("folder", KINDS)
def test_no_recording_is_taken_for_what_it_is_not(folder: str) -> None:
    """What is in none of our formats is unknown, and nothing else."""
    paths = [path for path in sorted((RECORDINGS / folder).rglob("*")) if path.is_file()]
    if not paths:
        pytest.skip(f"{RECORDINGS / folder} is not here")
    found = {path.name: inspect_path(path)[0].format for path in paths if path.stat().st_size < 300_000}
    wrong = {name: format_ for name, format_ in found.items() if format_ not in KINDS[folder] | {"unknown"}}
    assert wrong == {}
    known = sum(format_ != "unknown" for format_ in found.values())
    assert known >= 0.9 * len(found) if folder in ("asterix", "ogn", "sapient", "remote_id") else True


def real(name: str) -> Inspection:
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return inspect_path(path)[0]


def test_points_that_are_thinned_do_not_keep_those_that_were_left_out() -> None:
    """Or memory would grow with the file."""
    points = Points("one", True)
    for _ in range(30):
        points.add(np.zeros((20_000, 2)))
    assert points.step > 1
    assert all(each.base is None for each in points.kept)
    assert sum(each.nbytes for each in points.kept) <= 50_000 * 16
