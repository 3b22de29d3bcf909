"""A stretch of a capital's night is handed out: about an area, and with secrets kept. Everything still verifies."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile
from math import radians
from pathlib import Path

import msgspec
import numpy as np
import pytest
import verifier.luchtwacht_verify as alone
from mcap.reader import make_reader
from mcap.stream_reader import StreamReader

from luchtwacht.errors import BadInput
from luchtwacht.journal import (
    Entry,
    EntryKind,
    JournalWriter,
    bundle_entries,
    open_bundle,
    read_entries,
    verify_bundle,
)
from luchtwacht.journal.keys import Signer, create_key
from luchtwacht.model import AlertChanged, Claimed, Site, Tracked
from luchtwacht.model.encoding import decode_event
from luchtwacht.model.snapshot import decode_snapshot, encode_snapshot
from luchtwacht.model.state import decode_state, encode_state
from luchtwacht.pipeline import PipelineState
from luchtwacht.runtime.area import area_of
from luchtwacht.runtime.feed import PlayedFeed
from luchtwacht.runtime.handing import export_stretch
from luchtwacht.runtime.recorded import check_conclusions
from luchtwacht.runtime.retaining import site_on_record
from luchtwacht.runtime.watch import Watch, open_journal
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS
SIGNER = Signer(create_key("watch.example/capital", seed=bytes(range(32))))
TRUSTED = SIGNER.verifiers()
WHO = {"by": "the press office", "reason": "places of sensors are secret"}


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("capital") / "journal"
    scenario = read_scenario(embedded_scenario())
    end_ns = START_NS + 40 * SECOND_NS
    feed = PlayedFeed(
        lambda: takewhile(lambda arrival: arrival[0] < end_ns, simulate(scenario, START_NS)),
        step_ns=seconds_to_ns(scenario.site.step_s),
        settle_ns=seconds_to_ns(scenario.site.reorder_s),
    )
    writer = open_journal(folder, scenario.site, {}, START_NS, SIGNER)
    Watch(scenario.site, {}, feed, folder=folder, writer=writer).run_to_end()
    return folder


def hand(journal: Path, path: Path, **wanted: object) -> list[Entry]:
    """The entries of a bundle that both verifiers accept."""
    export_stretch(journal, path, from_ns=0, to_ns=1 << 62, software="luchtwacht 0", **wanted)  # type: ignore[arg-type]
    report = verify_bundle(path, keys=TRUSTED)
    assert report.holds, report.text()
    assert alone.verify(path, [alone.read_key(str(each)) for each in TRUSTED]).holds
    with open_bundle(path) as bundle:
        return list(bundle_entries(bundle))


def every_byte(path: Path) -> bytes:
    """What is in a bundle, packed and unpacked: the file, its members, and every message in the record."""
    parts = [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        parts += [archive.read(name) for name in archive.namelist()]
        record = archive.read("record.mcap")
    parts += [message.data for _, _, message in make_reader(io.BytesIO(record)).iter_messages()]
    parts += [repr(each).encode() for each in StreamReader(io.BytesIO(record)).records]
    return b"\n".join(parts)


def ways_to_write(degrees: float) -> Iterator[bytes]:
    """Of one coordinate: what a test can think of, apart from how the exporter searches."""
    for value in (degrees, radians(degrees)):
        yield from (struct.pack(f"{order}d", value) for order in "<>")
    for scale in (10_000_000, 2**31 / 180, 2**30 / 180, 2**25 / 180):
        yield from (struct.pack(f"{order}i", round(degrees * scale)) for order in "<>")
    yield f"{degrees:.7f}".rstrip("0").encode()
    yield f"{degrees:.5f}".encode()


def pilots(journal: Path) -> list[tuple[float, float]]:
    """Every claimed pilot's latitude and longitude, degrees."""
    site = site_on_record(journal)
    found = []
    for entry in read_entries(journal, kinds=(EntryKind.EVENT,)):
        event = decode_event(entry.data)
        if isinstance(event, Claimed):
            rows = event.claims.pilot_position
            rows = np.nan_to_num(rows[np.isfinite(rows[:, :2]).all(axis=1)])
            found += [(float(a) / DEGREE, float(b) / DEGREE) for a, b, _ in site.frame.from_enu(rows).tolist()]
    return sorted({(round(a, 7), round(b, 7)) for a, b in found})


def operators(journal: Path) -> set[str]:
    named: set[str] = set()
    for entry in read_entries(journal, kinds=(EntryKind.EVENT,)):
        event = decode_event(entry.data)
        if isinstance(event, Claimed):
            named |= set(event.claims.operator_id.tolist()) - {""}
    return named


def test_where_sensors_stand_is_nowhere_in_the_bundle(journal: Path, tmp_path: Path) -> None:
    site = site_on_record(journal)
    path = tmp_path / "secret.zip"
    shown = hand(journal, path, withhold=["sensor-place"], **WHO)
    content = every_byte(path)
    whole = tmp_path / "whole.zip"
    hand(journal, whole)
    open_content = every_byte(whole)
    for sensor in site.sensors:
        for degrees in (sensor.place.latitude, sensor.place.longitude):
            ways = [each for each in ways_to_write(degrees) if len(each.strip(b"\0")) >= 4]
            assert any(each in open_content for each in ways), "the test would not find it"
            assert not [each for each in ways if each in content], (sensor.id, degrees)
    (config,) = [each for each in shown if each.kind is EntryKind.SITE]
    plain = msgspec.json.decode(config.data)
    assert [each["place"] for each in plain["sensors"]] == [None] * len(site.sensors)
    assert plain["zones"]
    measuring = {number for number, source in enumerate(site.sources) if source.id.startswith("radar")}
    assert not measuring & {each.source for each in shown if each.kind is EntryKind.FRAME}


def test_who_flies_and_from_where_is_nowhere_in_the_bundle(journal: Path, tmp_path: Path) -> None:
    path = tmp_path / "secret.zip"
    places, names = pilots(journal), operators(journal)
    assert places
    hand(journal, path, withhold=["pilot-position", "operator-id"], **WHO)
    content = every_byte(path)
    for pair in places:
        for degrees in pair:
            assert not [each for each in ways_to_write(degrees) if len(each.strip(b"\0")) >= 4 and each in content]
    for name in names:
        assert name.encode() not in content
        assert name.encode("utf-32-le") not in content


def test_a_secret_that_stands_elsewhere_too_takes_that_entry_with_it(journal: Path, tmp_path: Path) -> None:
    """A mapping, a note or an event that happens to name the secret place is not shown at all."""
    from luchtwacht.runtime.withholding import Withholder

    site = site_on_record(journal)
    secret = Withholder(site, ["sensor-place"])
    secret.read(read_entries(journal, kinds=(EntryKind.SITE,)))
    place = site.sensors[0].place
    for told in (f"radar at {place.latitude!r} N", f"\0{struct.pack('<d', place.longitude).decode('latin-1')}\1"):
        entry = Entry(EntryKind.NOTE, 1, START_NS, -1, told.encode("latin-1"))
        assert secret.answer(entry) == "sensor-place"
    assert secret.answer(Entry(EntryKind.NOTE, 1, START_NS, -1, b"nothing of the kind")) is None


def test_what_came_from_one_source_is_withheld(journal: Path, tmp_path: Path) -> None:
    site = site_on_record(journal)
    source = site.sources[0].id
    shown = hand(journal, tmp_path / "secret.zip", withhold=[f"frames:{source}"], **WHO)
    seen = {each.source for each in shown if each.kind is EntryKind.FRAME}
    assert 0 not in seen
    assert len(seen) == len(site.sources) - 1
    with pytest.raises(BadInput, match="nothing is known as 'frames:nowhere'"):
        hand(journal, tmp_path / "secret.zip", withhold=["frames:nowhere"], **WHO)


def test_whoever_opens_the_bundle_sees_what_is_withheld_by_whom_and_why(journal: Path, tmp_path: Path) -> None:
    path = tmp_path / "secret.zip"
    hand(journal, path, withhold=["sensor-place"], **WHO)
    report = verify_bundle(path, keys=TRUSTED, rerun=check_conclusions)
    told = report.text()
    assert "withheld by the press office as sensor-place (places of sensors are secret)" in told
    assert "the inputs were not run again: part of what was received is left out" in told


def alerts_of(entries: list[Entry]) -> list[AlertChanged]:
    events = [decode_event(each.data) for each in entries if each.kind is EntryKind.EVENT]
    return [each for each in events if isinstance(each, AlertChanged)]


def test_a_bundle_about_an_area_has_its_alerts_and_the_frames_behind_them(journal: Path, tmp_path: Path) -> None:
    site = site_on_record(journal)
    every = list(read_entries(journal))
    alert = alerts_of(every)[0].alert
    latitude, longitude, _ = site.frame.from_enu(alert.cause.position).tolist()
    wanted = f"circle:{latitude / DEGREE},{longitude / DEGREE},300"
    path = tmp_path / "area.zip"
    shown = hand(journal, path, area=wanted)
    assert alert.id in {each.alert.id for each in alerts_of(shown)}
    frames = {each.sequence for each in shown if each.kind is EntryKind.FRAME}
    for change in alerts_of(shown):
        assert {detection >> 16 for detection in change.alert.cause.detections} <= frames
    all_frames = [each for each in every if each.kind is EntryKind.FRAME]
    assert 0 < len(frames) < len(all_frames) / 2
    assert path.stat().st_size < _size_of_all(journal, tmp_path)
    by_sequence = {each.sequence: each for each in all_frames}
    assert all(by_sequence[each.sequence] == each for each in shown if each.kind is EntryKind.FRAME)
    report = verify_bundle(path, keys=TRUSTED, rerun=check_conclusions)
    assert report.holds
    assert f"as not being about {wanted}" in report.text()
    assert "the inputs were not run again" in report.text()


def _size_of_all(journal: Path, tmp_path: Path) -> int:
    path = tmp_path / "all.zip"
    hand(journal, path)
    return path.stat().st_size


def test_every_track_in_the_area_is_followed_to_its_frames(journal: Path, tmp_path: Path) -> None:
    site = site_on_record(journal)
    zone = site.zones[0].id
    area = area_of(zone, site)
    shown = hand(journal, tmp_path / "zone.zip", area=zone)
    frames = {each.sequence for each in shown if each.kind is EntryKind.FRAME}
    for entry in read_entries(journal, kinds=(EntryKind.EVENT,)):
        event = decode_event(entry.data)
        if isinstance(event, Tracked) and len(event.tracks):
            inside = event.tracks.track[area.holds(event.tracks.x)]
            used = event.associations.detection[np.isin(event.associations.track, inside)]
            assert {each >> 16 for each in used.tolist()} <= frames


def test_an_area_is_said_in_many_ways(journal: Path, tmp_path: Path) -> None:
    site = site_on_record(journal)
    middle = site.origin
    box = f"bbox:{middle.longitude - 0.01},{middle.latitude - 0.01},{middle.longitude + 0.01},{middle.latitude + 0.01}"
    ring = [[middle.longitude + a, middle.latitude + b] for a, b in ((-0.01, -0.01), (0.01, -0.01), (0.01, 0.01))]
    drawn = tmp_path / "drawn.geojson"
    drawn.write_bytes(msgspec.json.encode({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))
    whole = area_of(box, site).footprint.area
    assert area_of(str(drawn), site).footprint.area == pytest.approx(whole / 2, rel=0.01)
    assert area_of(f"circle:{middle.latitude},{middle.longitude},100", site).footprint.area == pytest.approx(
        np.pi * 100**2, rel=0.01
    )
    for bad in ("nowhere", "bbox:1,2,3", "circle:a,b,c"):
        with pytest.raises(BadInput, match="is no area"):
            area_of(bad, site)


def test_an_area_and_a_secret_go_together(journal: Path, tmp_path: Path) -> None:
    site: Site = site_on_record(journal)
    path = tmp_path / "both.zip"
    shown = hand(journal, path, area=site.zones[0].id, withhold=["sensor-place"], **WHO)
    assert shown
    with open_bundle(path) as bundle:
        assert {each.what for each in bundle.manifest.withheld} == {"area", "sensor-place"}


def test_ten_seconds_are_run_again_from_the_snapshot_before_them(journal: Path, tmp_path: Path) -> None:
    """And the bundle holds no more than that; what was not run again is said."""
    path = tmp_path / "middle.zip"
    from_ns, to_ns = START_NS + 23 * SECOND_NS, START_NS + 33 * SECOND_NS
    export_stretch(journal, path, from_ns=from_ns, to_ns=to_ns, software="luchtwacht 0")
    with open_bundle(path) as bundle:
        shown = list(bundle_entries(bundle))
    every = list(read_entries(journal))
    state = max(
        (each for each in every if each.kind is EntryKind.SNAPSHOT and each.time_ns <= from_ns),
        key=lambda each: each.sequence,
    )
    assert state in shown
    assert len(shown) < len(every) / 2
    wanted = [each for each in every if from_ns <= each.time_ns < to_ns]
    assert [each for each in shown if from_ns <= each.time_ns < to_ns] == wanted
    report = verify_bundle(path, keys=TRUSTED, rerun=check_conclusions)
    assert report.holds, report.text()
    (compared,) = re.findall(r"gives the same ([\d,]+) events and (\d) snapshots, byte for byte", report.text())
    assert int(compared[0].replace(",", "")) >= sum(each.kind is EntryKind.EVENT for each in wanted)
    assert compared[1] == "1"
    assert f"after input {state.sequence:,}, was taken from the sealed snapshot of it" in report.text()
    apart = alone.verify(path, [alone.read_key(str(each)) for each in TRUSTED])
    assert apart.holds
    assert f"a snapshot of the state after input {state.sequence}" in apart.text()


def _forged(journal: Path, folder: Path, change: Callable[[PipelineState], PipelineState]) -> int:
    """A journal whose keeper changed the snapshot of 20 s and sealed it; the input after which it stands."""
    writer = JournalWriter(folder, signer=SIGNER)
    changed = 0
    for entry in read_entries(journal):
        if entry.kind is EntryKind.SNAPSHOT and not changed and entry.time_ns > START_NS + 15 * SECOND_NS:
            found = decode_snapshot(entry.data)
            state = encode_state(change(decode_state(PipelineState, found.state)))
            data = encode_snapshot(state, software=found.software, configuration=found.configuration)
            entry, changed = Entry(entry.kind, entry.sequence, entry.time_ns, -1, data), entry.sequence
        own = entry.kind in (EntryKind.SITE, EntryKind.COMMAND, EntryKind.NOTE, EntryKind.SNAPSHOT)
        writer._add_marked([(entry, own)])
        if entry.kind in (EntryKind.FRAME, EntryKind.TICK, EntryKind.COMMAND):
            writer._last_input = entry.sequence
    writer.close()
    return changed


def _without_zones(state: PipelineState) -> PipelineState:
    zones = dict.fromkeys(each.id for each in read_scenario(embedded_scenario()).site.zones)
    return replace(state, airspace=replace(state.airspace, zones=zones))


def _one_frame_more(state: PipelineState) -> PipelineState:
    return replace(state, frames=state.frames + 1)


@pytest.mark.parametrize(
    ("change", "shows"),
    [(_without_zones, "says something else than the record"), (_one_frame_more, "does not give the snapshot")],
)
def test_a_false_snapshot_is_found_though_it_is_sealed(
    journal: Path, tmp_path: Path, change: Callable[[PipelineState], PipelineState], shows: str
) -> None:
    """Whoever holds the key can seal a false state: what follows from it is not what is on record."""
    sequence = _forged(journal, tmp_path / "forged", change)
    path = tmp_path / "middle.zip"
    from_ns, to_ns = START_NS + 23 * SECOND_NS, START_NS + 40 * SECOND_NS
    export_stretch(tmp_path / "forged", path, from_ns=from_ns, to_ns=to_ns, software="luchtwacht 0")
    report = verify_bundle(path, keys=TRUSTED, rerun=check_conclusions)
    assert not report.holds
    (said,) = [each.sentence for each in report.failed()]
    assert shows in said
    assert f"from the sealed snapshot of the state after input {sequence:,}" in said


def test_the_whole_run_can_be_run_again(journal: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    late = START_NS + 30 * SECOND_NS
    export_stretch(journal, path, from_ns=late, to_ns=1 << 62, software="luchtwacht 0", from_run=True)
    report = verify_bundle(path, keys=TRUSTED, rerun=check_conclusions)
    assert report.holds, report.text()
    assert "running the inputs again gives the same" in report.text()
