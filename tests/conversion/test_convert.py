from __future__ import annotations

import csv
import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.cli.test_inspect import flights, glider_lines, observed, scout, squitters, telemetry
from tests.ingest.sites import frames as field_frames
from tests.ingest.sites import site as field_site
from typer.testing import CliRunner

from luchtwacht.cli import app
from luchtwacht.codecs.asterix import Ragged, encode
from luchtwacht.codecs.remote_id import Location, encode_beacon
from luchtwacht.conversion.features import LONGEST_SILENCE_S, Ways
from luchtwacht.conversion.table import Table, Whereabouts, moments
from luchtwacht.journal import JournalWriter, read_entries
from luchtwacht.model import Tick
from luchtwacht.model.encoding import encode_site
from luchtwacht.sources.frames import encode_frame
from luchtwacht.units import SECOND_NS

RECORDINGS = Path(__file__).parents[3] / "shared" / "data"
START_NS = 1_777_777_200 * SECOND_NS  # 2026-05-03T03:00:00Z
MAVLINK = {"global_position_int": 10, "open_drone_id_basic_id": 10, "system_time": 10}
KML = "{http://www.opengis.net/kml/2.2}"
GX = "{http://www.google.com/kml/ext/2.2}"
runner = CliRunner()


def convert(*arguments: str | Path) -> str:
    """What was said."""
    result = runner.invoke(app, ["convert", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 0, result.output
    return result.output


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Rows without their moments, which are finer than Python's."""
    table = pq.read_table(path)
    return table.drop_columns([each.name for each in table.schema if "timestamp" in str(each.type)]).to_pylist()  # type: ignore[no-any-return]


def tracks_of(path: Path) -> Path:
    """A file of two system tracks that fly east for five seconds."""
    seconds = np.repeat(np.arange(5.0), 2)
    columns: dict[str, Any] = {
        "I062/010/SAC": np.full(10, 1),
        "I062/010/SIC": np.full(10, 2),
        "I062/040": np.tile([7, 9], 5),
        "I062/070": 3600.0 + seconds,
        "I062/105/LAT": np.tile([52.0, 52.5], 5),
        "I062/105/LON": 5.0 + seconds * 1e-3,
        "I062/080/MON": np.zeros(10, np.int64),
        "I062/SP": Ragged.of([b"\x02\x2a"] * 10),
    }
    path.write_bytes(b"".join(encode(62, columns)))
    return path


def test_every_column_of_a_category_comes_back_from_parquet_as_it_was_decoded(tmp_path: Path) -> None:
    convert(tracks_of(tmp_path / "two.ast"), "--to", "parquet", "--out", tmp_path)
    table = pq.read_table(tmp_path / "two.cat062.parquet")
    assert table.num_rows == 10
    assert table["I062/040"].to_pylist() == [7, 9] * 5
    assert table["time_of_day"].to_pylist() == [3600.0 + second for second in range(5) for _ in (0, 1)]
    assert table["I062/105/LAT"].to_pylist()[:2] == pytest.approx([52.0, 52.5], abs=180 / 2**25)
    assert table["I062/SP"].to_pylist()[0].endswith("2a")
    assert table["received"].null_count == 10  # bare blocks do not say it
    assert table.schema.field("I062/105/LAT").metadata == {b"unit": b"deg"}
    assert "I062/136" not in table.column_names  # an item that never occurs


def test_rows_that_come_in_many_batches_end_in_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luchtwacht.conversion.messages._AT_ONCE", 2)
    monkeypatch.setattr("luchtwacht.conversion.joining.ROWS_AT_ONCE", 3)
    convert(tracks_of(tmp_path / "two.ast"), "--to", "parquet", "--out", tmp_path)
    table = pq.read_table(tmp_path / "two.cat062.parquet")
    assert table["packet"].to_pylist() == list(range(1, 11))
    assert table["I062/040"].to_pylist() == [7, 9] * 5


def test_csv_says_the_same_as_parquet(tmp_path: Path) -> None:
    file = tracks_of(tmp_path / "two.ast")
    convert(file, "--to", "csv", "--out", tmp_path)
    convert(file, "--to", "parquet", "--out", tmp_path)
    with (tmp_path / "two.cat062.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    for row, kept in zip(rows, pq.read_table(tmp_path / "two.cat062.parquet").to_pylist(), strict=True):
        assert float(row["I062/105/LAT [deg]"]) == kept["I062/105/LAT"]
        assert int(row["I062/040"]) == kept["I062/040"]


def test_geojson_has_a_line_a_track_with_the_time_of_each_position(tmp_path: Path) -> None:
    """Longitude comes first, and a recording without times of receipt has none to give."""
    convert(tracks_of(tmp_path / "two.ast"), "--to", "geojson", "--out", tmp_path)
    features = json.loads((tmp_path / "two.geojson").read_text())["features"]
    assert [each["properties"]["name"] for each in features] == ["7", "9"]
    first = features[0]["geometry"]
    assert first["type"] == "LineString"
    assert first["coordinates"][0] == pytest.approx([5.0, 52.0], abs=1e-5)
    assert len(first["coordinates"]) == 5


def test_points_are_one_a_row_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    convert(tracks_of(tmp_path / "two.ast"), "--to", "geojson", "--points", "--out", tmp_path)
    features = json.loads((tmp_path / "two.geojson").read_text())["features"]
    assert len(features) == 10
    assert features[3]["properties"]["I062/040"] == 9
    assert "received" not in features[3]["properties"]  # nothing is said of what is not known


def test_remote_id_ways_carry_their_height_and_times(tmp_path: Path) -> None:
    lines = []
    for second in range(4):
        place = Location(
            status=2, latitude_deg=52.0, longitude_deg=5.0 + second * 1e-4, geodetic_altitude_m=100.0 + second
        )
        radio = encode_beacon(bytes.fromhex("02a1b2c3d4e5"), [place], rssi_dbm=-60, counter=second)
        lines.append(encode_frame(START_NS + second * SECOND_NS, radio))
    (tmp_path / "drone.frames").write_bytes(b"".join(lines))
    convert(tmp_path / "drone.frames", "--to", "geojson", "--out", tmp_path)
    (way,) = json.loads((tmp_path / "drone.geojson").read_text())["features"]
    assert way["geometry"]["coordinates"][2] == pytest.approx([5.0002, 52.0, 102.0])
    assert way["properties"]["times"][2] == "2026-05-03T03:00:02.000Z"
    convert(tmp_path / "drone.frames", "--to", "kml", "--out", tmp_path)
    track = ElementTree.parse(tmp_path / "drone.kml").find(f".//{GX}Track")
    assert track is not None
    assert next(each.text for each in track.iter(f"{KML}when")) == "2026-05-03T03:00:00.000Z"
    assert len(list(track.iter(f"{GX}coord"))) == 4
    mode = track.find(f"{KML}altitudeMode")
    assert mode is not None
    assert mode.text == "clampToGround"  # where the geoid is, the file does not say


@pytest.mark.parametrize(
    ("data", "tables", "ways"),
    [
        (glider_lines(), {"aircraft": 19}, ["FLRDDA5BA"]),
        (telemetry(log=True), MAVLINK, ["7"]),
        (telemetry(log=False), MAVLINK, ["7"]),
        (b"\n".join(scout(second) for second in range(5)), {"basic_id": 5, "location": 5}, ["02:a1:b2:c3:d4:e5"]),
        (b"[" + b",".join(flights(second) for second in range(5)) + b"]", {"states": 5}, ["made-up-flight"]),
        (b"\n".join(observed(second) for second in range(5)), {"observations": 5}, []),
        (b"".join(squitters(10)), {"frames": 20, "positions": 19}, ["48AAAA"]),
        (b"".join(encode_frame(START_NS, each) for each in squitters(10)), {"frames": 20, "positions": 19}, ["48AAAA"]),
        (encode_frame(START_NS, telemetry(log=False)), MAVLINK, ["7"]),
    ],
    ids=["ogn", "tlog", "mavlink", "dronescout", "network", "observation", "beast", "beast frames", "mavlink frames"],
)
def test_what_aircraft_and_people_say_becomes_tables_and_ways(
    data: bytes, tables: dict[str, int], ways: list[str], tmp_path: Path
) -> None:
    (tmp_path / "said").write_bytes(data)
    convert(tmp_path / "said", "--to", "parquet", "--out", tmp_path)
    convert(tmp_path / "said", "--to", "csv", "--out", tmp_path)
    rows = {path.suffixes[0][1:]: pq.read_table(path).num_rows for path in tmp_path.glob("said.*.parquet")}
    assert rows == tables
    convert(tmp_path / "said", "--to", "kml", "--out", tmp_path)
    convert(tmp_path / "said", "--to", "geojson", "--out", tmp_path)
    features = json.loads((tmp_path / "said.geojson").read_text())["features"]
    assert [each["properties"]["name"] for each in features if "name" in each["properties"]] == ways
    assert len(features) == (len(ways) or 5)
    longitude, latitude = features[0]["geometry"]["coordinates"][0][:2] if ways else [5.0, 52.0]
    assert (longitude, latitude) == pytest.approx((5.0, 52.0), abs=0.11)


def test_who_asks_not_to_be_tracked_is_in_no_table(tmp_path: Path) -> None:
    (tmp_path / "said").write_bytes(glider_lines())
    said = convert(tmp_path / "said", "--to", "csv", "--out", tmp_path)
    assert "1 private position" in said
    assert "DD0000" not in (tmp_path / "said.aircraft.csv").read_text()


def test_a_name_that_is_used_again_after_a_silence_is_another_way() -> None:
    ways = Ways()
    for second in (0.0, 1.0, 2.0 + LONGEST_SILENCE_S):
        columns = {
            "time": moments(np.array([START_NS + int(second * SECOND_NS)])),
            "name": np.array(["7"]),
            "lat": np.array([52.0]),
            "lon": np.array([5.0]),
        }
        assert not list(ways.take(Table("t", columns, {}, Whereabouts("lat", "lon", series="name"))))
    assert [len(way.points) for way in ways.close()] == [2, 1]


def test_a_site_turns_ranges_and_bearings_into_places_and_the_watch_into_tables(tmp_path: Path) -> None:
    """The demo's recording run through its own site: tracks, alerts, zones and sensors on one map."""
    night = tmp_path / "night"
    played = runner.invoke(app, ["simulate", "--out", str(night)])
    assert played.exit_code == 0, played.output
    for file in night.glob("*.frames"):
        lines = file.read_bytes().splitlines(keepends=True)
        begins = int(lines[0][1:].split(b",")[0])
        file.write_bytes(b"".join(x for x in lines if int(x[1:].split(b",")[0]) < begins + 40 * SECOND_NS))
    site = night / "site.toml"
    convert(tmp_path / "night", "--site", site, "--to", "kml", "--out", tmp_path)
    convert(tmp_path / "night", "--site", site, "--to", "parquet", "--out", tmp_path)
    document = ElementTree.parse(tmp_path / "night.kml")
    assert len(list(document.iter(f"{KML}Polygon"))) >= 1
    assert {mode.text for track in document.iter(f"{GX}Track") for mode in track.iter(f"{KML}altitudeMode")} >= {
        "absolute"
    }
    detections = rows_of(tmp_path / "night.detections.parquet")
    polar = [row for row in detections if row["range_m"] is not None and row["elevation_deg"] is not None]
    assert polar
    assert all(row["latitude_deg"] is not None and row["height_m"] is not None for row in polar)
    tracks = rows_of(tmp_path / "night.tracks.parquet")
    assert {row["status"] for row in tracks} >= {"tentative", "confirmed"}
    assert all(row["sigma_across_m"] > 0.0 for row in tracks)


def test_the_twin_of_a_journal_holds_every_entry_with_its_bytes(tmp_path: Path) -> None:
    """And CSV holds the same in base64."""
    writer = JournalWriter(tmp_path / "watch", signer=None)
    writer.open_run(encode_site(field_site()), {}, START_NS)
    writer.frames(field_frames(b"\x30\x00", b"", received_ns=START_NS))
    writer.tick(Tick(sequence=3, received_ns=START_NS + SECOND_NS))
    writer.close()
    convert(tmp_path / "watch", "--raw", "--to", "parquet", "--out", tmp_path)
    kept = list(read_entries(tmp_path / "watch"))
    rows = rows_of(tmp_path / "watch.entries.parquet")
    assert [(row["sequence"], row["kind"], row["data"]) for row in rows] == [
        (each.sequence, str(each.kind), each.data) for each in kept
    ]
    convert(tmp_path / "watch", "--raw", "--to", "csv", "--out", tmp_path)
    with (tmp_path / "watch.entries.csv").open(newline="") as text:
        assert [b64decode(row["data"]) for row in csv.DictReader(text)] == [each.data for each in kept]
    refused = runner.invoke(app, ["convert", str(tmp_path / "watch"), "--raw", "--to", "kml"])
    assert "--raw takes a journal" in str(refused.exception)


def test_what_is_there_is_not_written_over_unless_it_is_asked_for(tmp_path: Path) -> None:
    file = tracks_of(tmp_path / "two.ast")
    convert(file, "--to", "kml", "--out", tmp_path)
    again = runner.invoke(app, ["convert", str(file), "--to", "kml", "--out", str(tmp_path)])
    assert "is there already" in str(again.exception)
    convert(file, "--to", "kml", "--out", tmp_path, "--force")


def test_bearings_without_a_site_are_refused_with_what_to_do(tmp_path: Path) -> None:
    columns = {
        "I048/010/SAC": [1],
        "I048/010/SIC": [2],
        "I048/140": [60.0],
        "I048/040/RHO": [3.0],
        "I048/040/THETA": [9.0],
    }
    (tmp_path / "one.ast").write_bytes(b"".join(encode(48, columns) * 3))
    result = runner.invoke(app, ["convert", str(tmp_path / "one.ast"), "--to", "kml", "--out", str(tmp_path)])
    assert "give --site" in str(result.exception)
    assert not (tmp_path / "one.kml").exists()


def test_damage_is_counted_and_the_rest_is_converted(tmp_path: Path) -> None:
    file = tracks_of(tmp_path / "two.ast")
    file.write_bytes(file.read_bytes()[:-3])
    said = convert(file, "--to", "csv", "--out", tmp_path)
    assert "9 rows" in said
    assert "not converted" in said


@pytest.mark.recording
@pytest.mark.parametrize(
    ("file", "table", "rows"),
    [
        ("asterix/cat048_lebl_20230502_60min.ast", "cat048", 44_085),
        ("asterix/cat062_30min.ff", "cat062", 34_957),
        ("asterix/cat010_lebl_smr_20201002.ast", "cat010", 52_659),
        ("remote_id/cdc_parrot_anafi4_real.pcapng", "location", 1_140),
        ("remote_id/cdc_parrot_anafi4_real.pcapng", "operator_id", 385),
    ],
)
def test_a_recording_has_as_many_rows_as_its_manifest_says(tmp_path: Path, file: str, table: str, rows: int) -> None:
    if not (RECORDINGS / file).exists():
        pytest.skip(f"the recording {file} is not beside the project")
    convert(RECORDINGS / file, "--to", "parquet", "--out", tmp_path)
    stem = Path(file).name.partition(".")[0]
    assert pq.read_metadata(tmp_path / f"{stem}.{table}.parquet").num_rows == rows
