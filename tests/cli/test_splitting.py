"""Recorded files are cut into payloads with their times of receipt, and what cannot be dated is said."""

from __future__ import annotations

import base64
import gzip
import json
import struct
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np
import pytest
from tests.cli.test_inspect import DOCUMENTS, START_NS, flights, glider_lines, scout, squitters, telemetry

from luchtwacht.cli.recordings import open_recording, write_recording
from luchtwacht.cli.splitting import splitter_of
from luchtwacht.codecs.adsb import BeastFrame, encode_beast
from luchtwacht.codecs.asterix import encode
from luchtwacht.codecs.remote_id import LinkType
from luchtwacht.errors import BadRecording
from luchtwacht.ingest import Ingest
from luchtwacht.model import Format, Frames, Place, Radio, Sensor, SensorKind, Site, Source, Truth
from luchtwacht.sources.frames import encode_frame
from luchtwacht.units import DAY_NS, SECOND_NS, datetime_to_ns

DAY = date(2023, 5, 2)
MIDNIGHT_NS = datetime_to_ns(datetime(2023, 5, 2, tzinfo=UTC))
HERE = Place(latitude=52.0, longitude=5.0, height=45.0)
RADAR = Source(id="radar", format=Format.ASTERIX, file="radar*", recorded_on=DAY)
RECEIVER = Source(id="receiver", format=Format.REMOTE_ID, file="receiver*")
ADS_B = Source(id="ads_b", format=Format.READSB, file="ads_b*")


def split(data: bytes, source: Source) -> list[tuple[int, bytes]]:
    return list(splitter_of(source, {})(data, source))


def plot(time_of_day_s: float) -> bytes:
    """One block with one plot."""
    columns = {
        "I048/010/SAC": np.array([1]),
        "I048/010/SIC": np.array([2]),
        "I048/140": np.array([time_of_day_s]),
        "I048/020/TYP": np.array([1]),
        "I048/040/RHO": np.array([1.0]),
        "I048/040/THETA": np.array([45.0]),
    }
    (block,) = encode(48, columns)
    return block


def mapped_seconds(received: list[tuple[int, bytes]]) -> list[float]:
    return [(time_ns - MIDNIGHT_NS) / SECOND_NS for time_ns, _ in received]


def pcap(packets: list[tuple[int, bytes]], link: int) -> bytes:
    head = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65_535, link)
    return head + b"".join(
        struct.pack("<IIII", time_ns // SECOND_NS, time_ns % SECOND_NS, len(octets), len(octets)) + octets
        for time_ns, octets in packets
    )


# ---------------------------------------------------------------------- bare ASTERIX


def test_bare_blocks_are_received_at_their_own_time_of_day_on_the_declared_day() -> None:
    blocks = [plot(36_000.0), plot(36_000.5), plot(36_001.0)]
    received = split(b"".join(blocks), RADAR)
    assert mapped_seconds(received) == [36_000.0, 36_000.5, 36_001.0]
    assert [payload for _, payload in received] == blocks


def test_a_file_that_does_not_say_its_day_asks_for_it() -> None:
    undated = Source(id="radar", format=Format.ASTERIX)
    with pytest.raises(BadRecording, match="recorded_on") as error:
        split(plot(36_000.0), undated)
    assert "radar" in error.value.hint


def test_the_day_goes_on_after_midnight_and_a_straggler_stays_before_it() -> None:
    received = split(b"".join(plot(time) for time in (86_399.0, 1.0, 86_399.5, 2.0)), RADAR)
    assert mapped_seconds(received) == [86_399.0, 86_401.0, 86_401.0, 86_402.0]


def test_what_cannot_be_decoded_keeps_its_place_and_reaches_the_pipeline() -> None:
    unknown = bytes([250, 0, 5, 1, 2])
    truncated = plot(36_002.0)[:-2]
    received = split(plot(36_000.0) + unknown + plot(36_001.0) + truncated, RADAR)
    assert mapped_seconds(received) == [36_000.0, 36_000.0, 36_001.0, 36_001.0]
    assert received[1][1] == unknown
    assert b"".join(payload for _, payload in received).endswith(truncated)


def test_a_recording_without_any_time_of_day_is_refused() -> None:
    with pytest.raises(BadRecording, match="time of day"):
        split(bytes([250, 0, 5, 1, 2]) * 3, RADAR)


def test_text_is_no_asterix_recording() -> None:
    with pytest.raises(BadRecording, match="no ASTERIX recording"):
        split(b"time,azimuth\n1,2\n", RADAR)


# ---------------------------------------------------------------------- recorders and captures


def final(payload: bytes, time_of_day_s: float) -> bytes:
    """One packet as the "Final" recorders write it."""
    size = 8 + len(payload) + 4
    return struct.pack(">HBBI", size, 0, 0, round(time_of_day_s * 100)) + payload + b"\xa5" * 4


def test_the_clock_of_a_final_recorder_counts_and_its_time_zone_is_taken_off() -> None:
    local = [(36_000.0, 43_200.25), (36_001.0, 43_201.25), (36_002.0, 43_202.25)]
    received = split(b"".join(final(plot(of_day), clock) for of_day, clock in local), RADAR)
    assert mapped_seconds(received) == [36_000.25, 36_001.25, 36_002.25]


def udp(payload: bytes) -> bytes:
    """An Ethernet frame with an IPv4 datagram."""
    datagram = struct.pack(">HHHH", 8600, 8600, 8 + len(payload), 0) + payload
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    return bytes(12) + b"\x08\x00" + header + datagram


def test_a_capture_of_datagrams_says_itself_when_they_came() -> None:
    undated = Source(id="radar", format=Format.ASTERIX)
    block = plot(36_000.0)
    times = [MIDNIGHT_NS + 7, MIDNIGHT_NS + 9]
    assert split(pcap([(time_ns, udp(block)) for time_ns in times], 1), undated) == [(each, block) for each in times]


def test_a_capture_of_a_radio_gives_its_frames_as_they_were() -> None:
    frames = [(MIDNIGHT_NS + 1, b"\0\0\x08\0\0\0\0\0\x80\0"), (MIDNIGHT_NS + 2, b"\0\0\x08\0\0\0\0\0\x40\0")]
    assert split(pcap(frames, LinkType.RADIOTAP), RECEIVER) == frames


def test_bare_radio_frames_get_an_empty_radiotap_header() -> None:
    (received,) = split(pcap([(MIDNIGHT_NS, b"\x80\0rest")], LinkType.IEEE802_11), RECEIVER)
    assert received == (MIDNIGHT_NS, b"\0\0\x08\0\0\0\0\0\x80\0rest")


def test_a_capture_of_another_radio_is_refused_and_says_what_to_declare() -> None:
    capture = pcap([(MIDNIGHT_NS, b"x")], LinkType.BLUETOOTH_LE)
    with pytest.raises(BadRecording, match="bluetooth_le") as error:
        split(capture, RECEIVER)
    assert "radio = 'bluetooth_le'" in error.value.hint
    assert split(capture, replace(RECEIVER, radio=Radio.BLUETOOTH_LE)) == [(MIDNIGHT_NS, b"x")]


# ---------------------------------------------------------------------- aircraft.json


def test_documents_one_a_line_are_received_when_they_were_written_and_damage_stays_in_place() -> None:
    lines = [b'{"now":1683000000.5,"aircraft":[]}', b'{"now":1683', b'{"now":1683000002.0,"aircraft":[]}']
    times = [1_683_000_000_500_000_000, 1_683_000_000_500_000_000, 1_683_000_002_000_000_000]
    assert split(b"\n".join(lines) + b"\n", ADS_B) == list(zip(times, lines, strict=True))


def test_one_document_over_many_lines_is_one_frame() -> None:
    document = b'{\n "now": 1683000000,\n "aircraft": []\n}\n'
    assert split(document, ADS_B) == [(1_683_000_000 * SECOND_NS, document)]


def test_lines_of_something_else_are_no_documents() -> None:
    with pytest.raises(BadRecording, match=r"aircraft\.json"):
        split(b"MSG,3,1,1,484C61\n", ADS_B)


# ---------------------------------------------------------------------- what aircraft and people say of themselves


def test_every_format_has_its_recordings() -> None:
    for each in Format:
        if each is not Format.TABLE:
            assert split(b"", Source(id="any", format=each)) == []


BEAST = Source(id="squitters", format=Format.BEAST, recorded_on=DAY, recorded_at=time(10, 0, 0))


def test_beast_that_only_counts_begins_when_it_is_declared_to() -> None:
    stream = squitters(3)
    received = split(b"noise" + b"".join(stream) + stream[0][:5], BEAST)
    assert mapped_seconds(received) == [36_000.0, 36_000.5, 36_001.0, 36_001.5, 36_002.0, 36_002.5, 36_002.5]
    assert b"".join(payload for _, payload in received) == b"noise" + b"".join(stream) + stream[0][:5]
    for undated, hint in (({"recorded_at": None}, "recorded_at"), ({"recorded_on": None}, "recorded_on")):
        with pytest.raises(BadRecording, match="only counts") as error:
            split(b"".join(stream), replace(BEAST, **undated))
        assert hint in error.value.hint


def test_beast_of_a_receiver_with_gps_needs_the_day_alone() -> None:
    received = split(b"".join(squitters(120, gps=True)), replace(BEAST, recorded_at=None))
    assert mapped_seconds(received)[:2] == [36_000.0, 36_000.5]


def test_beast_without_any_time_is_refused() -> None:
    with pytest.raises(BadRecording, match="says a time"):
        split(encode_beast(BeastFrame(0, 9, bytes(14))) * 3, BEAST)


TELEMETRY = Source(id="fleet", format=Format.MAVLINK)


@pytest.mark.parametrize("log", [False, True])
def test_mavlink_is_dated_by_its_log_or_its_own_clock(log: bool) -> None:
    received = split(telemetry(log=log), TELEMETRY)
    assert len(received) == 40
    assert [(time_ns - START_NS) // SECOND_NS for time_ns, _ in received[::4]] == list(range(10))
    assert b"".join(payload for _, payload in received) == telemetry(log=False)


def test_what_is_damaged_in_a_log_reaches_the_pipeline() -> None:
    whole = telemetry(log=True)
    received = split(whole[:100] + b"junk" + whole[100:-4], TELEMETRY)
    assert any(b"junk" in payload for _, payload in received)
    assert received[-1][1].endswith(whole[-8:-4])


def test_mavlink_that_says_no_time_is_refused() -> None:
    with pytest.raises(BadRecording, match="when it came") as error:
        split(bytes([0xFE, 3, 0, 7, 1, 200]) + bytes(5), TELEMETRY)
    assert "tlog" in error.value.hint


@pytest.mark.parametrize("format_", DOCUMENTS)
def test_json_documents_come_when_they_say(format_: str) -> None:
    said = [DOCUMENTS[format_][0](second) for second in range(3)]
    expected = [(START_NS + second * SECOND_NS, each) for second, each in enumerate(said)]
    source = Source(id="any", format=Format(format_))
    assert split(b"\n".join(said), source) == expected
    assert [time_ns for time_ns, _ in split(b"[" + b",".join(said) + b"]", source)] == [each for each, _ in expected]
    with pytest.raises(BadRecording, match="nothing in it is"):
        split(b'{"some": "thing"}', source)


def test_details_come_with_the_flights_before_them() -> None:
    details = b'{"details": {"id": "made-up-flight", "operator_id": "MADEUP"}}'
    provider = Source(id="any", format=Format.NETWORK_REMOTE_ID)
    received = split(flights(0) + b"\n" + details + b"\n" + flights(1), provider)
    assert [time_ns - START_NS for time_ns, _ in received] == [0, 0, SECOND_NS]
    undated = json.dumps({"flights": json.loads(flights(7))["flights"]}).encode()
    assert split(undated, provider)[0][0] == START_NS + 7 * SECOND_NS  # by its latest state


def test_recordings_of_every_claim_play_through_the_watch() -> None:
    """From the raw file to claims, with the watch's own ingest."""
    raw = {
        Format.BEAST: b"".join(squitters(20)),
        Format.MAVLINK: telemetry(log=True),
        Format.OGN: glider_lines(),
        Format.DRONESCOUT: b"\n".join(scout(second) for second in range(5)),
        Format.NETWORK_REMOTE_ID: b"\n".join(flights(second) for second in range(5)),
    }
    count = {}
    for format_, data in raw.items():
        source = Source(id="one", format=format_, recorded_on=DAY, recorded_at=time(10))
        kind = SensorKind.TELEMETRY if format_ is Format.MAVLINK else SensorKind.REMOTE_ID_RECEIVER
        receiver = Sensor(id="receiver", kind=kind, source="one", place=HERE, key="made-up-1")
        watched = Site(id="made-up", name="Made up", origin=HERE, sources=(source,), sensors=(receiver,))
        received = split(data, source)
        frames = Frames.of(
            [payload for _, payload in received],
            sequence=np.arange(1, len(received) + 1),
            source=np.zeros(len(received), np.int64),
            received_ns=np.array([time_ns for time_ns, _ in received]),
        )
        count[format_] = len(Ingest(watched, {}).receive(frames).claims)
    assert count == {
        Format.BEAST: 39, Format.MAVLINK: 10, Format.OGN: 19, Format.DRONESCOUT: 5, Format.NETWORK_REMOTE_ID: 5,
    }  # fmt: skip


# ---------------------------------------------------------------------- folders


def site(*sources: Source) -> Site:
    kinds = {
        Format.ASTERIX: SensorKind.RADAR_3D,
        Format.REMOTE_ID: SensorKind.REMOTE_ID_RECEIVER,
        Format.READSB: SensorKind.ADS_B_RECEIVER,
    }
    sensors = [
        Sensor(id=each.id, kind=kinds[each.format], source=each.id, place=HERE, sac=1, sic=2) for each in sources
    ]
    return Site(id="made-up", name="Made up", origin=HERE, sources=sources, sensors=tuple(sensors))


def no_truth() -> Truth:
    return Truth.empty()


def test_what_is_written_is_read_back_in_order_of_receipt(tmp_path: Path) -> None:
    sources = (
        Source(id="radar", format=Format.ASTERIX, file="radar.frames"),
        Source(id="receiver", format=Format.REMOTE_ID, file="receiver.frames"),
        Source(id="ads_b", format=Format.READSB, file="ads_b.frames"),
    )
    arrivals = [(MIDNIGHT_NS + at, at % 3, bytes([at, 91, 123])) for at in range(9)]
    count = write_recording(tmp_path, site(*sources), arrivals, no_truth(), site_text="")
    assert count == 9
    assert list(open_recording(site(*sources), {}, tmp_path).files.arrivals()) == arrivals


def test_a_folder_may_hold_files_of_any_kind_side_by_side_and_lack_some(tmp_path: Path) -> None:
    (tmp_path / "radar_1.ast.gz").write_bytes(gzip.compress(plot(10.0)))
    (tmp_path / "radar_2.ast").write_bytes(plot(11.0))
    (tmp_path / "receiver.pcap").write_bytes(pcap([(MIDNIGHT_NS + 10_500_000_000, b"\0\0\x08\0")], LinkType.RADIOTAP))
    recording = open_recording(site(RADAR, RECEIVER, ADS_B), {}, tmp_path)
    assert [(time_ns - MIDNIGHT_NS, source) for time_ns, source, _ in recording.files.arrivals()] == [
        (10 * SECOND_NS, 0),
        (10_500_000_000, 1),
        (11 * SECOND_NS, 0),
    ]
    (absent,) = recording.absent
    assert "ads_b" in absent


def test_an_error_names_the_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "radar.frames"
    file.write_bytes(encode_frame(5, b"x") + b"[6, not base64]\n")
    with pytest.raises(BadRecording, match="line 2") as error:
        open_recording(site(RADAR), {}, tmp_path)
    assert error.value.where == str(file)


@pytest.mark.parametrize("payload", [b"", b"\0" * 3, bytes(range(256))])
def test_a_line_of_frames_holds_any_payload(payload: bytes) -> None:
    line = encode_frame(MIDNIGHT_NS, payload)
    assert base64.b64encode(payload) in line
    assert split(line, RADAR) == [(MIDNIGHT_NS, payload)]


# ---------------------------------------------------------------------- real recordings

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def recordings() -> Path:
    if not RECORDINGS.is_dir():
        pytest.skip("the recordings are not here: ../shared/data beside the project")
    return RECORDINGS


@pytest.mark.recording
def test_an_hour_of_a_radar_lasts_an_hour(recordings: Path) -> None:
    received = split((recordings / "asterix/cat048_lebl_20230502_60min.ast").read_bytes(), RADAR)
    seconds = mapped_seconds(received)
    assert len(received) == 44_085
    assert 8 * 3600 < seconds[0] < 8 * 3600 + 2
    assert 9 * 3600 - 2 < seconds[-1] < 9 * 3600 + 2
    assert seconds == sorted(seconds)


@pytest.mark.recording
def test_a_recording_over_midnight_lasts_half_a_second(recordings: Path) -> None:
    received = split((recordings / "asterix/ifsnop_midnight_cross.gps").read_bytes(), RADAR)
    assert 0 < received[-1][0] - received[0][0] < SECOND_NS
    assert received[0][0] < MIDNIGHT_NS + DAY_NS < received[-1][0]


@pytest.mark.recording
def test_a_real_capture_of_a_radio_gives_every_frame(recordings: Path) -> None:
    received = split((recordings / "remote_id/cdc_parrot_anafi4_real.pcapng").read_bytes(), RECEIVER)
    assert len(received) == 5_091
    assert 122 * SECOND_NS < received[-1][0] - received[0][0] < 124 * SECOND_NS
