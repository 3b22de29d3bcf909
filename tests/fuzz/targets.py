"""Everything that reads bytes from outside, each with sound input to damage.

A target takes a batch of inputs and returns what was refused of them. It must neither raise nor hang nor grow, whatever
it is given, but for the errors that its docstring promises; those are refusals too, and must say what is wrong.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from functools import cache, partial
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from tests.cli.test_inspect import (
    MAC,
    beacons,
    final,
    flights,
    glider_lines,
    gps,
    observed,
    pcap,
    plots,
    scout,
    squitters,
    telemetry,
    udp,
)
from tests.codecs.asterix.blocks import invented
from tests.codecs.grid.test_grid import ASCII, gtx, pgm
from tests.codecs.sapient.vectors import NODE, TIME_NS, detection
from tests.ingest.nodes import RADAR, located, registering, status
from tests.ingest.nodes import seen as node_seen
from tests.ingest.sites import HEADER, MAPPING, NOON_NS, mappings
from tests.ingest.sites import site as field_site

from luchtwacht.airspace import decode_zones
from luchtwacht.cli.splitting import splitter_of
from luchtwacht.codecs.adsb import (
    AircraftState,
    BeastFrame,
    SbsMessage,
    decode_readsb,
    decode_sbs,
    encode_beast,
    encode_readsb,
    encode_sbs,
    split_beast,
)
from luchtwacht.codecs.adsb.mode_s import decode_squitter
from luchtwacht.codecs.asterix import CATEGORIES, decode, encode
from luchtwacht.codecs.asterix.framing import packets
from luchtwacht.codecs.grid import read_grid
from luchtwacht.codecs.mavlink import cut_log, decode_mavlink, split_mavlink
from luchtwacht.codecs.observation import decode_observation
from luchtwacht.codecs.ogn import decode_ogn
from luchtwacht.codecs.remote_id import (
    BasicId,
    LinkType,
    Location,
    encode_beacon,
    encode_bluetooth,
    encode_nan,
    read_capture,
)
from luchtwacht.codecs.remote_id import decode as decode_remote_id
from luchtwacht.codecs.remote_id.dronescout import decode_dronescout
from luchtwacht.codecs.remote_id.network import Fault, decode_network
from luchtwacht.codecs.sapient import (
    Deframer,
    MessageKind,
    compose,
    encode_message,
    frame_message,
    read_json,
    write_json,
)
from luchtwacht.codecs.sapient import decode as decode_sapient
from luchtwacht.codecs.table import parse_mapping
from luchtwacht.errors import BadInput, Refused
from luchtwacht.ingest import Ingest
from luchtwacht.inspection import Inspection, inspect_octets, read_frame
from luchtwacht.model import Format, Frames, Rejection, SensorKind, Site, Source
from luchtwacht.model.link import parse_link
from luchtwacht.sources.frames import holds_frames
from luchtwacht.units import SECOND_NS

RECORDINGS = Path(__file__).parents[3] / "shared" / "data"
Said = list[tuple[str, str]]
"""reason and words of each refusal"""


@dataclass(frozen=True)
class Target:
    name: str
    corpus: Callable[[], list[bytes]]
    take: Callable[[list[bytes]], Said]


def frames(payloads: list[bytes]) -> Frames:
    count = len(payloads)
    return Frames.of(
        payloads,
        sequence=np.arange(1, count + 1),
        source=np.zeros(count, np.int64),
        received_ns=np.full(count, NOON_NS),
    )


def said(rejections: tuple[Rejection, ...]) -> Said:
    return [(str(each.reason), each.detail) for each in rejections]


def one_by_one(take: Callable[[bytes], object]) -> Callable[[list[bytes]], Said]:
    """For what promises an error: it must be one of ours, and say something."""

    def taking(inputs: list[bytes]) -> Said:
        found: Said = []
        for each in inputs:
            try:
                take(each)
            except (BadInput, Refused) as error:
                found.append((type(error).__name__, str(error)))
        return found

    return taking


def recorded(*names: str, at_most: int = 40_000) -> list[bytes]:
    """The beginnings of recordings, where they are beside the project."""
    return [path.read_bytes()[:at_most] for name in names for path in sorted(RECORDINGS.glob(name))]


def whole(*names: str, at_most: int = 60_000) -> list[bytes]:
    """Documents that are not longer, likewise."""
    return [each for each in recorded(*names, at_most=at_most + 1) if len(each) <= at_most]


# ---------------------------------------------------------------------- corpora


@cache
def blocks() -> list[bytes]:
    made = [block for each in CATEGORIES for block in encode(each.number, invented(each, 6, 7), edition=each.edition)]
    return made + plots([43_200.0 + second for second in range(5)], sac=1, sic=2)


@cache
def asterix_files() -> list[bytes]:
    plain = blocks()[:20]
    return [
        b"".join(plain), final(plain), gps(plain), pcap([(NOON_NS, udp(each)) for each in plain], 1),
        *recorded("asterix/*.pcap", "asterix/*.gps", "asterix/*.ff", at_most=12_000),
    ]  # fmt: skip


@cache
def radio() -> list[bytes]:
    told = [
        BasicId(id_type=1, ua_type=2, uas_id="9999MADEUP0001"),
        Location(status=2, latitude_deg=52.0, longitude_deg=5.0),
    ]
    return [frame for _, frame in beacons()] + [
        encode_beacon(MAC, told, rssi_dbm=-60, counter=1), encode_nan(MAC, told, rssi_dbm=-60, counter=1),
        *captured("remote_id/cdc*.pcapng", "remote_id/wsdissector_odid_wifi*"),
    ]  # fmt: skip


@cache
def bluetooth() -> list[bytes]:
    place = Location(status=2, latitude_deg=52.0, longitude_deg=5.0)
    return [encode_bluetooth(MAC, [place], rssi_dbm=-60, counter=1), *captured("remote_id/*bt5*")]


def captured(*names: str) -> list[bytes]:
    return [
        payload
        for name in names
        for path in sorted(RECORDINGS.glob(name))
        for _, payload in islice(read_capture(path.read_bytes()), 60)
    ]


@cache
def captures() -> list[bytes]:
    return [pcap(beacons(), 127), pcap(beacons(), 105), *recorded("remote_id/*.pcap*", at_most=8_000)]


@cache
def documents() -> list[bytes]:
    states = [
        AircraftState(
            address="484c61", latitude_deg=52.0, longitude_deg=5.0, geometric_altitude_ft=900.0, flight="MADEUP1"
        ),
        AircraftState(address="~000001", pressure_altitude_ft="ground"),
    ]
    return [encode_readsb(NOON_NS / SECOND_NS, states)]


@cache
def sbs_lines() -> list[bytes]:
    return [
        encode_sbs(SbsMessage(transmission_type=kind, address="484C61", generated_ns=NOON_NS, **fields))
        for kind, fields in ((3, {"latitude_deg": 52.0, "longitude_deg": 5.0}), (4, {"ground_speed_kt": 30.0}))
    ]


@cache
def beast_octets() -> list[bytes]:
    return [
        b"".join(
            encode_beast(BeastFrame(ticks=12 * at, signal=26, octets=bytes(range(at, at + 14)))) for at in range(20)
        )
    ]


@cache
def sapient_octets() -> list[bytes]:
    message = compose(MessageKind.DETECTION_REPORT, detection(), time_ns=TIME_NS, node_id=NODE)
    return [encode_message(message), *filter(None, map(_encoded, recorded("sapient/*True/*.json", at_most=1 << 20)))]


def _encoded(document: bytes) -> bytes:
    """As sent; empty for what may be read and not sent."""
    try:
        return encode_message(read_json(document.decode("utf-8-sig")))
    except Refused:
        return b""


@cache
def sapient_texts() -> list[bytes]:
    message = compose(MessageKind.DETECTION_REPORT, detection(), time_ns=TIME_NS, node_id=NODE)
    return [write_json(message).encode(), *recorded("sapient/*/*.json", "sapient/*/*.xml")]


@cache
def rows() -> list[bytes]:
    noon = NOON_NS // SECOND_NS
    return [
        HEADER.encode(),
        f"{noon},{noon},52.0,5.0,300,10,7,,".encode(),
        f"{noon},,,,,,,210.5,ok".encode(),
        f'{noon},"{noon}",52.1,5.1,,,8,,off'.encode(),
    ]


@cache
def zone_sets() -> list[bytes]:
    square = [[[5.0, 52.0], [5.1, 52.0], [5.1, 52.1], [5.0, 52.0]]]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": square},
        "properties": {"identifier": "A", "restriction": "PROHIBITED", "upper": 120},
    }
    plain = {"type": "FeatureCollection", "features": [feature]}
    return [json.dumps(plain).encode(), *whole("geozones/**/*.json", "geozones/**/*.geojson")]


@cache
def grids() -> list[bytes]:
    return [ASCII, pgm(5, 8), gtx(np.zeros((3, 4)), 52.0, 5.0, 0.25)]


@cache
def squitter_octets() -> list[bytes]:
    """A payload each: frames with positions in pairs, and recorded long frames."""
    frames_ = squitters(10)
    noted = [
        encode_beast(BeastFrame(12 * at, 40, bytes.fromhex(row.split(b",")[1].strip().decode())))
        for text in recorded("adsb/pymodes_sample_data_adsb.csv", at_most=4_000)
        for at, row in enumerate(text.splitlines()[:60])
        if len(row.split(b",")) > 1 and len(row.split(b",")[1].strip()) == 28
    ]
    return [*frames_, b"".join(frames_), *noted]


@cache
def glider_network() -> list[bytes]:
    lines = [line for text in recorded("ogn/*.txt") for line in text.splitlines() if line.strip()]
    return [glider_lines(), *glider_lines().splitlines(keepends=True), *lines]


@cache
def mavlink_octets() -> list[bytes]:
    return [telemetry(log=False, seconds=2), telemetry(log=False, seconds=1)[:120]]


@cache
def scout_documents() -> list[bytes]:
    lines = [line for text in recorded("remote_id/dronecot/BLE*.json") for line in text.splitlines()]
    return [scout(0), scout(1), *lines[:6], *recorded("remote_id/dronecot/sensor_status.json")]


@cache
def network_answers() -> list[bytes]:
    details = {
        "id": "made-up-flight", "operator_id": "MADEUP", "uas_id": {"serial_number": "1588E04FAKE000000001"},
        "operator_location": {"position": {"lat": 52.0, "lng": 5.0}, "altitude": {"value": 40.0}},
    }  # fmt: skip
    return [flights(0), flights(1), json.dumps({"details": details}).encode()]


@cache
def observations() -> list[bytes]:
    return [observed(0), observed(1)]


@cache
def raw_files() -> list[tuple[Format, bytes]]:
    """A recorder's file of each format that has one."""
    return [
        (Format.ASTERIX, b"".join(blocks()[:10])), (Format.ASTERIX, asterix_files()[1]),
        (Format.REMOTE_ID, captures()[0]), (Format.READSB, documents()[0]), (Format.SBS, b"".join(sbs_lines())),
        (Format.BEAST, b"".join(squitters(5))), (Format.OGN, glider_lines()),
        (Format.MAVLINK, telemetry(log=True, seconds=2)), (Format.MAVLINK, telemetry(log=False, seconds=2)),
        (Format.DRONESCOUT, scout(0) + b"\n" + scout(1)), (Format.NETWORK_REMOTE_ID, flights(0) + b"\n" + flights(1)),
        (Format.OBSERVATION, observed(0)), (Format.SAPIENT, frame_message(sapient_octets()[0])),
    ]  # fmt: skip


# ---------------------------------------------------------------------- targets


_KINDS = {
    Format.REMOTE_ID: SensorKind.REMOTE_ID_RECEIVER,
    Format.DRONESCOUT: SensorKind.REMOTE_ID_RECEIVER,
    Format.NETWORK_REMOTE_ID: SensorKind.REMOTE_ID_RECEIVER,
    Format.MAVLINK: SensorKind.TELEMETRY,
    Format.OBSERVATION: SensorKind.SPOTTER,
    Format.SAPIENT: SensorKind.RADAR_3D,
}


def _site(format_: Format) -> Site:
    """One source of a format, with a sensor of each kind that it may have."""
    made = field_site()
    if format_ is Format.ASTERIX:
        return field_site(sources=made.sources[:1], sensors=made.sensors[:2])
    if format_ is Format.TABLE:
        return field_site(sources=made.sources[1:], sensors=made.sensors[2:])
    kind = _KINDS.get(format_, SensorKind.ADS_B_RECEIVER)
    key = RADAR if format_ is Format.SAPIENT else "made-up-1"
    id_ = "post-1" if format_ is Format.OBSERVATION else "receiver"
    receiver = made.sensors[0].__class__(id=id_, kind=kind, source="one", place=made.origin, key=key)
    return field_site(sources=(Source(id="one", format=format_),), sensors=(receiver,))


def ingest(format_: Format, inputs: list[bytes]) -> Said:
    """Through the ingester, which keeps a state from one input to the next."""
    return said(Ingest(_site(format_), mappings()).receive(frames(inputs)).rejections)


def _inspect(octets: bytes) -> None:
    if octets:
        inspect_octets(octets, Inspection(file="any", octets=len(octets)))


def _sapient_stream(inputs: list[bytes]) -> Said:
    found: Said = []
    for each in inputs:
        deframer = Deframer()
        found += said(deframer.receive(each, frame=1).rejections) + said(deframer.close(frame=1))
    return found


def _beast(inputs: list[bytes]) -> Said:
    for each in inputs:
        whole, rest, lost = split_beast(each)
        assert lost + len(rest) <= len(each)
        assert all(len(frame.octets) in (2, 7, 14) for frame in whole)
    return []


def _lines(inputs: list[bytes]) -> Said:
    for each in inputs:
        for line in each.splitlines():
            read_frame(line)
    return []


def _mavlink(inputs: list[bytes]) -> Said:
    found: Said = []
    for each in inputs:
        packets_, rest, lost, damaged = split_mavlink(each)
        assert len(rest) + lost + damaged <= len(each)
        found += one_by_one(lambda _, all_=packets_: [decode_mavlink(one) for one in all_])([each])
        logged, end, unused = cut_log(each)
        assert unused <= end <= len(each)
        assert all(one.cut.end <= end for one in logged)
    return found


def _network(inputs: list[bytes]) -> Said:
    found: Said = []
    for each in inputs:
        answer = decode_network(each)
        for one in answer if isinstance(answer, list) else [answer]:
            if isinstance(one, Fault):
                found.append((one.item, one.detail))
    return found


def _split(inputs: list[bytes]) -> Said:
    """Files of every format, as each of them: no octet is lost but the ends of lines, and no time runs back."""
    found: Said = []
    for each in inputs:
        for format_ in (Format.BEAST, Format.MAVLINK, Format.OGN, Format.SBS, Format.DRONESCOUT,
                        Format.NETWORK_REMOTE_ID, Format.OBSERVATION, Format.SAPIENT, Format.READSB):  # fmt: skip
            source = Source(id="one", format=format_, recorded_on=date(2026, 5, 3), recorded_at=time(3))
            try:
                made = list(splitter_of(source, {})(each, source))
            except (BadInput, Refused) as error:
                found.append((type(error).__name__, str(error)))
                continue
            assert all(one[0] <= other[0] for one, other in pairwise(made))
            if format_ is Format.BEAST and not holds_frames(each):
                assert b"".join(payload for _, payload in made) == each
    return found


def _links(octets: bytes) -> None:
    """What stands behind `connect` and in addresses, which people type."""
    parse_link(octets.decode("utf-8", "replace"))


def _capture(octets: bytes) -> None:
    capture = read_capture(octets)
    assert len(capture) == sum(1 for _ in capture)


def _files(octets: bytes) -> None:
    for packet in packets(octets):
        assert len(packet.payload) <= len(octets)


TARGETS = [
    Target("asterix", blocks, lambda inputs: said(decode(frames(inputs)).rejections)),
    Target("asterix ingest", blocks, partial(ingest, Format.ASTERIX)),
    Target("asterix framing", asterix_files, one_by_one(_files)),
    Target("remote id wi-fi", radio, lambda inputs: said(decode_remote_id(frames(inputs)).rejections)),
    Target("remote id bluetooth", bluetooth,
           lambda inputs: said(decode_remote_id(frames(inputs), LinkType.NORDIC_BLE).rejections)),
    Target("remote id ingest", radio, partial(ingest, Format.REMOTE_ID)),
    Target("remote id capture", captures, one_by_one(_capture)),
    Target("readsb", documents, lambda inputs: said(decode_readsb(frames(inputs)).rejections)),
    Target("readsb ingest", documents, partial(ingest, Format.READSB)),
    Target("sbs", sbs_lines, one_by_one(decode_sbs)),
    Target("sbs ingest", sbs_lines, partial(ingest, Format.SBS)),
    Target("beast", beast_octets, _beast),
    Target("mode s", lambda: [each.octets for octets in squitter_octets() for each in split_beast(octets)[0]],
           one_by_one(decode_squitter)),
    Target("beast ingest", squitter_octets, partial(ingest, Format.BEAST)),
    Target("ogn", lambda: [line for each in glider_network() for line in each.splitlines()], one_by_one(decode_ogn)),
    Target("ogn ingest", glider_network, partial(ingest, Format.OGN)),
    Target("mavlink", lambda: [*mavlink_octets(), telemetry(log=True, seconds=2)], _mavlink),
    Target("mavlink ingest", mavlink_octets, partial(ingest, Format.MAVLINK)),
    Target("dronescout", scout_documents, one_by_one(decode_dronescout)),
    Target("dronescout ingest", scout_documents, partial(ingest, Format.DRONESCOUT)),
    Target("network remote id", network_answers, _network),
    Target("network remote id ingest", network_answers, partial(ingest, Format.NETWORK_REMOTE_ID)),
    Target("observation", observations, one_by_one(decode_observation)),
    Target("observation ingest", observations, partial(ingest, Format.OBSERVATION)),
    Target("recorded files", lambda: [data for _, data in raw_files()], _split),
    Target("link", lambda: [b"udp://239.1.2.3:8600?interface=127.0.0.1", b"tcp://127.0.0.1:30005", b"mqtts://u@h:1/t",
                            b"serial:/dev/ttyUSB0?baud=115200", b"https://example.org/a.json"], one_by_one(_links)),
    Target("sapient", sapient_octets, lambda inputs: said(decode_sapient(frames(inputs)).rejections)),
    Target("sapient ingest", lambda: [registering(), registering(), status(), node_seen(), located()],
           partial(ingest, Format.SAPIENT)),
    Target("sapient json", sapient_texts, one_by_one(lambda octets: read_json(octets.decode("utf-8", "replace")))),
    Target("sapient stream", lambda: [frame_message(each) for each in sapient_octets()], _sapient_stream),
    Target("table ingest", rows, partial(ingest, Format.TABLE)),
    Target("table mapping", lambda: [MAPPING.encode()],
           one_by_one(lambda octets: parse_mapping(octets.decode("utf-8", "replace"), "mapping.toml"))),
    Target("zones", zone_sets, one_by_one(decode_zones)),
    Target("grid", grids, one_by_one(lambda octets: read_grid(octets, "N52E005.hgt"))),
    Target("frames", lambda: [b'[1777777200000000000,"AAAA"]\n'], _lines),
    Target("inspect", lambda: [*asterix_files(), *captures(), *documents(), *sbs_lines(), *beast_octets(), *rows(),
                               *(data for _, data in raw_files()),
                               struct.pack("<I", 9)], one_by_one(_inspect)),
]  # fmt: skip
