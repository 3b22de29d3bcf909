"""Every recording beside the project: live, replay and verify say the same.

Each is played through a watch into a journal, run again from the journal, and handed out as a bundle that is verified
and run again. Long ones are cut to their first `SPAN_S` seconds and `FRAMES` frames, so that all of them take under a
minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice, takewhile
from pathlib import Path

import pytest

from luchtwacht.cli.recordings import open_file, open_recording
from luchtwacht.errors import LuchtwachtError
from luchtwacht.ingest import load_site
from luchtwacht.inspection import Inspection, inspect_path
from luchtwacht.journal import EntryKind, bundle_entries, create_key, open_bundle, read_entries, verify_bundle
from luchtwacht.journal.keys import Signer
from luchtwacht.journal.verifying import Rule, Verdict
from luchtwacht.model import Format, Place, Radio, Sensor, SensorKind, Site, Source
from luchtwacht.model.encoding import encode_event
from luchtwacht.runtime import recorded
from luchtwacht.runtime.feed import Arrival, PlayedFeed
from luchtwacht.runtime.handing import export_stretch
from luchtwacht.runtime.watch import Watch, open_journal
from luchtwacht.units import SECOND_NS, seconds_to_ns

DATA = Path(__file__).parents[2].parent / "shared" / "data"
EXAMPLES = Path(__file__).parents[2] / "examples"
SPAN_S, FRAMES = 25.0, 1200
SIGNER = Signer(create_key("watch.example/recordings", seed=bytes(range(32))))
SOMEWHERE = Place(latitude=52.0, longitude=5.0)

pytestmark = [
    pytest.mark.recording,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the recordings beside the project: {DATA} is missing"),
]

KINDS = {
    Format.ASTERIX: SensorKind.RADAR_2D,
    Format.REMOTE_ID: SensorKind.REMOTE_ID_RECEIVER,
    Format.DRONESCOUT: SensorKind.REMOTE_ID_RECEIVER,
    Format.OGN: SensorKind.ADS_B_RECEIVER,
    Format.SAPIENT: SensorKind.RADAR_3D,
    Format.TABLE: SensorKind.RADAR_2D,
}
CAMPAIGNS = ("Scenario_1_1", "Scenario_1_2_b", "Scenario_2_1")
NO_REPORTS = {
    "adsb/pymodes_sample_data_adsb.csv": "frames in hexadecimal, without a receiver's framing",
    "adsb/pymodes_sample_data_commb_df20.csv": "likewise",
    "adsb/pymodes_sample_data_commb_df21.csv": "likewise",
    "radar_drone/stonesoup/OpenSky_Plane_States.csv": "truth",
    "radar_drone/stonesoup/UAV_Rot.csv": "truth",
    "asterix/croatiacontrol_cat_001_002.pcap": "a link of its own, not UDP",
    "remote_id/dronecot/ua_payload.json": "what is inside a message of DroneScout, without its envelope",
}
"""what no sensor of a watch sends"""
SILENT = {
    "remote_id/cdc_mavic_multiple_spoofed.pcapng": "a maker's own way of identification",
    "remote_id/dronecot/sensor_status.json": "a receiver that is well",
}
"""recordings from which nothing follows"""


@cache
def inspected(path: Path) -> Inspection | None:
    try:
        return inspect_path(path)[0]
    except LuchtwachtError:
        return None


def files(*formats: Format) -> list[str]:
    """Those that a source of these formats could have sent, by what is in them."""
    every = sorted(each for each in DATA.rglob("*") if each.is_file())
    names = {each: inspected(each) for each in every}
    return [str(each.relative_to(DATA)) for each, made in names.items() if made and made.format in formats]


def site_of(name: str, made: Inspection) -> Site:
    """A site that takes a file for what inspection says it is; where its sensors stand is invented."""
    format = Format(made.format)
    area = made.area
    place = Place(latitude=(area.south + area.north) / 2, longitude=(area.west + area.east) / 2) if area else SOMEWHERE
    radio = Radio.NORDIC_BLE if "bt5" in name else Radio.RADIOTAP
    source = Source(
        id="it",
        format=format,
        radio=radio,
        clock_tolerance_s=1e5,
        use_receive_time=format is Format.OGN,
        recorded_on=date(2026, 5, 2),
    )
    own = [each.id.split("/") for each in made.sensors[:8]] if format is Format.ASTERIX else []
    numbered = [(int(each[0]), int(each[1])) for each in own if len(each) == 2 and each[0].isdigit()]
    if format is Format.ASTERIX and not numbered:  # an edition so old that nobody is named in it
        numbered = [(0, 0)]
    kind = SensorKind.ADS_B_RECEIVER if set(made.counts) == {"021"} else KINDS[format]
    sensors = tuple(
        Sensor(id=f"{sac}-{sic}", kind=kind, source="it", place=place, sac=sac, sic=sic) for sac, sic in numbered
    ) or (Sensor(id="it", kind=kind, source="it", place=place),)
    return Site(id="there", name="There", origin=place, sources=(source,), sensors=sensors)


def begin(arrivals: Iterator[Arrival]) -> list[Arrival]:
    """The first of them."""
    found = list(islice(arrivals, FRAMES))
    until_ns = found[0][0] + seconds_to_ns(SPAN_S) if found else 0
    return list(takewhile(lambda each: each[0] < until_ns, found))


def check(folder: Path, site: Site, mappings: dict[str, str], arrivals: list[Arrival]) -> int:
    """That live, replay and verify say the same; the number of events."""
    journal = folder / "journal"
    live: list[bytes] = []
    feed = PlayedFeed(
        lambda: iter(arrivals),
        step_ns=seconds_to_ns(site.step_s),
        settle_ns=seconds_to_ns(site.reorder_s + site.step_s),
    )
    watch = Watch(
        site, mappings, feed, folder=journal, writer=open_journal(journal, site, mappings, arrivals[0][0], SIGNER)
    )
    watch.subscribe(lambda events: live.extend(map(encode_event, events)))
    watch.run_to_end()

    (period,) = recorded.journal_periods(journal)
    again = period.pipeline()
    inputs = recorded.inputs(recorded.journal(journal), period)
    replayed = [encode_event(event) for each in inputs for event in again.step([each])]
    assert replayed == live

    whole = folder / "whole.zip"
    export_stretch(journal, whole, from_ns=0, to_ns=1 << 62, software="luchtwacht 0")
    with open_bundle(whole) as bundle:
        handed = [each.data for each in bundle_entries(bundle) if each.kind is EntryKind.EVENT]
    assert handed == live
    verified(whole)

    if any(each.time_ns < arrivals[-1][0] for each in read_entries(journal, kinds=(EntryKind.SNAPSHOT,))):
        part = folder / "part.zip"
        export_stretch(journal, part, from_ns=arrivals[-1][0] - SECOND_NS, to_ns=1 << 62, software="luchtwacht 0")
        verified(part)
    return len(live)


def verified(path: Path) -> None:
    report = verify_bundle(path, keys=SIGNER.verifiers(), rerun=recorded.check_conclusions)
    assert report.holds, report.text()
    concluded = [each for each in report.checks if each.rule is Rule.CONCLUSIONS]
    assert concluded[0].verdict is Verdict.HOLDS, report.text()


FOLDERS = ("asterix/*", "remote_id/*.pcap*", "remote_id/dronecot/*")
ALONE = sorted({str(each.relative_to(DATA)) for folder in FOLDERS for each in DATA.glob(folder)} - NO_REPORTS.keys())


@pytest.mark.parametrize("name", ALONE)
def test_a_recording_says_the_same_live_replayed_and_verified(name: str, tmp_path: Path) -> None:
    made = inspected(DATA / name)
    assert made is not None
    site = site_of(name, made)
    arrivals = begin(open_file(site, {}, DATA / name).files.arrivals())
    assert arrivals
    assert bool(check(tmp_path, site, {}, arrivals)) == (name not in SILENT)


@pytest.mark.parametrize("format", [Format.OGN, Format.SAPIENT])
def test_many_small_recordings_one_after_another(format: Format, tmp_path: Path) -> None:
    """Files of a few messages each, as one watch would take them: a hundredth of a second apart."""
    names = files(format)
    made = inspected(DATA / names[0])
    assert made is not None
    site = site_of(names[0], made)
    if format is Format.SAPIENT:
        seen = [inspected(DATA / name) for name in names]
        nodes = sorted({each.id for one in seen if one for each in one.sensors if len(each.id) == 36})
        assert nodes
        (one,) = site.sensors
        site = replace(site, sensors=tuple(replace(one, id=node, key=node) for node in nodes))
    payloads = []
    for name in names:
        try:
            payloads += [payload for _, _, payload in open_file(site, {}, DATA / name).files.arrivals()]
        except LuchtwachtError:
            payloads.append((DATA / name).read_bytes())  # not even cut into messages: a watch takes that too
    start_ns = 1_777_765_200 * SECOND_NS
    assert len(payloads) >= len(names)
    arrivals = [(start_ns + number * SECOND_NS // 100, 0, payload) for number, payload in enumerate(payloads)]
    assert check(tmp_path, site, {}, arrivals)


@pytest.mark.parametrize("scenario", CAMPAIGNS)
def test_a_campaign_of_several_sensors(scenario: str, tmp_path: Path) -> None:
    site, mappings = load_site(EXAMPLES / "icmcis2021" / "site.toml")
    recording = open_recording(site, mappings, DATA / "radar_drone" / "nato_icmcis2021" / scenario)
    assert check(tmp_path, site, mappings, begin(recording.files.arrivals()))


def test_no_recording_is_forgotten() -> None:
    """Whatever inspection takes for what a source sends is played above, or is named as something else."""
    played = {*ALONE, *files(Format.OGN, Format.SAPIENT)}
    campaigns = {each for each in files(Format.TABLE) if each.startswith("radar_drone/nato_icmcis2021/")}
    assert {each.split("/")[2] for each in campaigns} == set(CAMPAIGNS)
    every = set(files(*Format))
    assert every - played - campaigns <= set(NO_REPORTS)
