"""`luchtwacht replay`: from any time, up to any time, what is different and why, and what-ifs beside the record."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from itertools import takewhile
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from luchtwacht.cli import main
from luchtwacht.cli.replay import played
from luchtwacht.cli.simulate import site_text
from luchtwacht.clock import ManualClock
from luchtwacht.ingest import load_site
from luchtwacht.journal import Entry, EntryKind, JournalWriter, Rule, read_entries, verify_journal
from luchtwacht.journal.retention import apply_retention, plan_retention
from luchtwacht.model import Event, PutZone, RetentionSettings, Site, Tracked, Zone
from luchtwacht.model.encoding import decode_event, encode_event, encode_site
from luchtwacht.runtime.feed import Arrival, PlayedFeed
from luchtwacht.runtime.playback import FASTEST
from luchtwacht.runtime.recorded import check_conclusions, journal, journal_periods, periods
from luchtwacht.runtime.watch import Watch
from luchtwacht.runtime.whatif import WhatIf
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import DAY_NS, SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS
SPAN_S = 30


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site file, and the journal of a night under it in which somebody drew a zone."""
    folder = tmp_path_factory.mktemp("home")
    path = embedded_scenario()
    (folder / "site.toml").write_text(site_text(path))
    (folder / "city.geojson").write_bytes((path.parent / "city.geojson").read_bytes())
    site, _ = load_site(folder / "site.toml")
    end_ns = START_NS + SPAN_S * SECOND_NS

    def arrivals() -> Iterator[Arrival]:
        """With the zone drawn halfway."""
        pending = True
        for each in takewhile(lambda each: each[0] < end_ns, simulate(read_scenario(path), START_NS)):
            if pending and each[0] >= START_NS + SPAN_S * SECOND_NS // 2:
                watch.report(PutZone(zone=drawn(site)))
                pending = False
            yield each

    feed = PlayedFeed(
        arrivals,
        step_ns=seconds_to_ns(site.step_s),
        settle_ns=seconds_to_ns(site.reorder_s),
    )
    writer = JournalWriter(folder / "journal")
    writer.open_run(encode_site(site), {}, START_NS)
    watch = Watch(site, {}, feed, folder=folder / "journal", writer=writer)
    watch.run_to_end()
    return folder


def drawn(site: Site) -> Zone:
    return replace(site.zones[0], id="DRAWN", name="Drawn in the night")


def replayed(home: Path, *options: str) -> tuple[int, Any, str]:
    """Exit code, the outcome as JSON, and what people are told."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["luchtwacht", "replay", str(home / "journal"), "--json", *options])
        patch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int)
    said = out.getvalue()
    return code, json.loads(said) if said.strip() else None, err.getvalue()


def digest(home: Path) -> list[bytes]:
    return [entry.data for entry in read_entries(home / "journal")]


def test_the_whole_record_comes_out_equal_snapshots_too(home: Path) -> None:
    code, (outcome,), said = replayed(home)
    assert code == 0, said
    assert outcome["difference"] is None
    assert outcome["snapshots"] == SPAN_S // 10
    assert "byte for byte" in said


def test_from_a_time_it_starts_at_the_snapshot_before_it_and_ends_where_it_should(home: Path) -> None:
    code, (outcome,), said = replayed(home, "--from", "2026-05-02T23:40:22Z", "--to", "2026-05-02T23:40:25Z")
    assert code == 0, said
    taken = list(read_entries(home / "journal", kinds=(EntryKind.SNAPSHOT,)))
    before = max(entry.sequence for entry in taken if entry.time_ns <= START_NS + 22 * SECOND_NS)
    assert outcome["from_snapshot_after"] == before
    inputs = (EntryKind.FRAME, EntryKind.TICK, EntryKind.COMMAND)
    last_ns = START_NS + 25 * SECOND_NS
    within = [
        each
        for each in read_entries(home / "journal", kinds=inputs)
        if before < each.sequence and each.time_ns <= last_ns
    ]
    assert outcome["inputs"] == len(within)
    assert 0 < outcome["events"] < 80


def test_a_time_outside_the_record_is_refused(home: Path) -> None:
    code, _, said = replayed(home, "--from", "2026-06-01T00:00:00Z")
    assert code == 3
    assert "holds nothing between these times" in said
    assert "2026-05-02T23:40" in said


def test_the_first_difference_is_told_with_its_input_its_stage_and_its_fields(home: Path, tmp_path: Path) -> None:
    """A record in which one place of one track was changed afterwards."""
    writer = JournalWriter(tmp_path / "journal")
    changed = 0
    for entry in read_entries(home / "journal"):
        if entry.kind is EntryKind.EVENT and entry.time_ns > START_NS + 20 * SECOND_NS and not changed:
            event = decode_event(entry.data)
            if isinstance(event, Tracked):
                x = event.tracks.x.copy()
                x[2, 1] += 250.0
                changed = entry.sequence
                tracks = replace(event.tracks, x=x)
                entry = Entry(
                    entry.kind, entry.sequence, entry.time_ns, -1, encode_event(replace(event, tracks=tracks))
                )
        writer._add_marked([(entry, entry.kind in (EntryKind.SITE, EntryKind.SNAPSHOT))])
        if entry.kind in (EntryKind.FRAME, EntryKind.TICK, EntryKind.COMMAND):
            writer._last_input = entry.sequence
    writer.close()
    code, (outcome,), said = replayed(tmp_path)
    difference = outcome["difference"]
    assert code == 1
    assert difference["stage"] == "the tracker"
    assert [each["field"] for each in difference["fields"]] == ["tracks.x[2][1]"]
    kept, derived = (float(difference["fields"][0][name]) for name in ("recorded", "derived"))
    assert kept == pytest.approx(derived + 250.0)
    assert difference["after_input"] <= changed
    assert difference["input"] in said.replace("\n", " ")
    assert "tracks.x[2][1]" in said


def test_without_its_radar_the_night_has_no_intruder_and_the_record_is_as_before(home: Path) -> None:
    before = digest(home)
    code, (outcome,), said = replayed(home, "--without", "radar-west")
    assert code == 0, said
    assert outcome["what_if"] == "without radar-west"
    assert "WHAT-IF" in said
    assert "The record is not touched." in said
    assert outcome["alerts"]["vanished"]
    assert all("intrusion" in each["what"] or "approach" in each["what"] for each in outcome["alerts"]["vanished"])
    assert len(outcome["tracks"]["vanished"]) > 5
    assert not outcome["tracks"]["shifted"]
    assert digest(home) == before


def test_a_source_may_be_named_in_the_place_of_its_sensors(home: Path) -> None:
    _, (by_sensor,), _ = replayed(home, "--without", "radar-west")
    _, (by_source,), _ = replayed(home, "--without", "radar")
    assert {**by_sensor, "what_if": ""} == {**by_source, "what_if": ""}


def test_a_sensor_that_is_not_there_is_refused_and_those_that_are_are_named(home: Path) -> None:
    code, _, said = replayed(home, "--without", "radar-east")
    assert code == 3
    assert "no sensor or source 'radar-east'" in said
    assert "radar-west" in said


def test_with_the_zones_of_before_it_was_drawn_a_zone_has_no_findings(home: Path) -> None:
    code, (outcome,), said = replayed(home, "--zones-of", "2026-05-02T23:40:05Z")
    assert code == 0, said
    assert outcome["findings"]["vanished"]
    assert all(each["id"].endswith("/DRAWN") for each in outcome["findings"]["vanished"])
    assert not outcome["findings"]["appeared"]


def test_with_the_zones_of_after_it_was_drawn_its_findings_come_sooner(home: Path) -> None:
    code, (outcome,), said = replayed(home, "--zones-of", "2026-05-02T23:40:25Z")
    assert code == 0, said
    assert not outcome["findings"]["vanished"]
    assert outcome["findings"]["shifted"]
    for each in outcome["findings"]["shifted"]:
        assert each["recorded"]["id"].endswith("/DRAWN")
        assert each["shift_s"] < 0


def test_zones_of_before_the_record_are_not_known(home: Path) -> None:
    code, _, said = replayed(home, "--zones-of", "2026-05-01T00:00:00Z")
    assert code == 3
    assert "begins later" in said


def test_other_zones_change_findings_and_alerts_and_leave_tracks_alone(home: Path, tmp_path: Path) -> None:
    ring = [[5.29, 52.60], [5.292, 52.60], [5.292, 52.602], [5.29, 52.602], [5.29, 52.60]]
    zone = {
        "type": "Feature",
        "properties": {"name": "Elsewhere"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "other.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [zone]}))
    code, (outcome,), said = replayed(home, "--zones", str(tmp_path / "other.geojson"))
    assert code == 0, said
    assert outcome["findings"]["vanished"]
    assert outcome["alerts"]["vanished"]
    assert not outcome["tracks"]["vanished"]
    assert not outcome["tracks"]["appeared"]
    assert not outcome["tracks"]["shifted"]


def test_under_other_rules_alerts_shift_in_time(home: Path, tmp_path: Path) -> None:
    text = (home / "site.toml").read_text()
    (tmp_path / "slow.toml").write_text("alerting.sure_s = 8.0\n" + text.replace("[alerting]", "[alerting_was]"))
    (tmp_path / "city.geojson").write_bytes((home / "city.geojson").read_bytes())
    code, (outcome,), said = replayed(home, "--site", str(tmp_path / "slow.toml"))
    assert code == 0, said
    shifted = outcome["alerts"]["shifted"]
    assert shifted
    assert all(each["shift_s"] > 0.0 for each in shifted)
    assert max(each["shift_s"] for each in shifted) >= 6.0
    assert not outcome["tracks"]["vanished"]


def test_what_is_the_same_is_called_the_same(home: Path) -> None:
    """The site file that was in force, given as another one."""
    code, (outcome,), said = replayed(home, "--site", str(home / "site.toml"))
    assert code == 0, said
    for kind in ("alerts", "tracks", "findings"):
        assert outcome[kind]["same"]
        assert not outcome[kind]["appeared"]
        assert not outcome[kind]["shifted"]


LATE = ("--from", "2026-05-02T23:40:22Z")


def test_a_what_if_begins_at_the_snapshot_before_the_time_it_is_about(home: Path) -> None:
    """With nothing otherwise it says what was recorded: what had been seen until then is known."""
    code, (outcome,), said = replayed(home, "--site", str(home / "site.toml"), *LATE)
    assert code == 0, said
    assert "from the sealed snapshot of the state of 2026-05-02" in said
    taken = [each.sequence for each in read_entries(home / "journal", kinds=(EntryKind.SNAPSHOT,))]
    assert outcome["from_snapshot_after"] == taken[1]
    assert outcome["tracks"]["same"]
    assert outcome["findings"]["same"]
    for kind in ("alerts", "tracks", "findings"):
        assert not outcome[kind]["appeared"]
        assert not outcome[kind]["vanished"]
        assert not outcome[kind]["shifted"]


def test_from_a_time_on_zones_may_be_those_of_before(home: Path) -> None:
    """The drawn zone is in the state at that time; it is taken out again."""
    code, (outcome,), said = replayed(home, "--zones-of", "2026-05-02T23:40:05Z", *LATE)
    assert code == 0, said
    assert outcome["from_snapshot_after"]
    assert outcome["findings"]["vanished"]
    assert all(each["id"].endswith("/DRAWN") for each in outcome["findings"]["vanished"])
    assert outcome["findings"]["same"]
    assert not outcome["tracks"]["vanished"]


def test_from_a_time_on_a_sensor_may_be_silent(home: Path) -> None:
    _, (whole,), _ = replayed(home, "--without", "radar-west")
    code, (outcome,), said = replayed(home, "--without", "radar-west", *LATE)
    assert code == 0, said
    assert outcome["from_snapshot_after"]
    changed = [len(each["vanished"]) + len(each["shifted"]) for each in (outcome["tracks"], outcome["findings"])]
    assert sum(changed)
    assert outcome["tracks"]["same"] > whole["tracks"]["same"]  # they were known, and coast on for a while


def test_other_sensors_cannot_go_on_from_what_these_saw(home: Path, tmp_path: Path) -> None:
    text = (home / "site.toml").read_text()
    (tmp_path / "other.toml").write_text("reorder_s = 2.0\n" + text)
    (tmp_path / "city.geojson").write_bytes((home / "city.geojson").read_bytes())
    code, (outcome,), said = replayed(home, "--site", str(tmp_path / "other.toml"), *LATE)
    assert code == 0, said
    assert outcome["from_snapshot_after"] is None
    assert "from the beginning: the other site file has other sources, sensors" in said


# ---------------------------------------------------------------------- of which part was deleted


@pytest.fixture(scope="module")
def thinned(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same record, kept to a policy under which the frames of its first 12 s had to go."""
    folder = tmp_path_factory.mktemp("thinned")
    shutil.copytree(home / "journal", folder / "journal")
    writer = JournalWriter(folder / "journal")
    plan = plan_retention(folder / "journal", RetentionSettings(frames_days=1.0), START_NS + 12 * SECOND_NS + DAY_NS)
    done = apply_retention(folder / "journal", plan, by="A", reason="policy", note=writer.note_now)
    writer.close()
    assert done.frames > 100
    return folder


def test_what_is_left_after_a_deletion_is_run_again_from_the_first_snapshot_behind_it(thinned: Path) -> None:
    code, (outcome,), said = replayed(thinned)
    assert code == 0, said
    behind = [
        each.sequence
        for each in read_entries(thinned / "journal", kinds=(EntryKind.SNAPSHOT,))
        if each.time_ns > START_NS + 12 * SECOND_NS
    ]
    assert outcome["from_snapshot_after"] == behind[0]
    assert outcome["missing"] > 100
    assert outcome["events"] > 50
    assert "inputs of the period are not on record any more" in said


def test_behind_a_deletion_any_time_can_be_begun_from(thinned: Path) -> None:
    code, (outcome,), said = replayed(thinned, *LATE)
    assert code == 0, said
    assert outcome["from_snapshot_after"]
    assert outcome["difference"] is None


def test_a_chunk_of_nothing_but_deleted_frames_counts_as_missing(thinned: Path) -> None:
    """By its seal it held so many inputs; it holds none of them any more."""
    (by_outline,) = journal_periods(thinned / "journal")
    (by_reading,) = periods(journal(thinned / "journal"))
    assert by_outline.missing == by_reading.missing > 100


def test_a_verifier_runs_again_what_is_left_and_says_from_where(thinned: Path) -> None:
    report = verify_journal(thinned / "journal", keys=[], rerun=check_conclusions)
    assert not report.failed()
    concluded = [each for each in report.checks if each.rule is Rule.CONCLUSIONS]
    assert [each.verdict for each in concluded] == ["holds", "unchecked"]
    assert "events and 1 snapshots, byte for byte" in concluded[0].sentence
    assert "was taken from the sealed snapshot" in concluded[1].sentence


# ---------------------------------------------------------------------- into the console


def shown(home: Path, from_s: float, to_s: float, what_if: WhatIf | None = None) -> tuple[Watch, list[Event]]:
    """What a console is told of a stretch that is played as fast as it goes."""
    (period,) = journal_periods(home / "journal")
    from_ns, to_ns = START_NS + seconds_to_ns(from_s), START_NS + seconds_to_ns(to_s)
    watch = played(home / "journal", period, what_if or WhatIf(), from_ns, to_ns, speed=FASTEST, clock=ManualClock())
    said: list[Event] = []
    watch.subscribe(said.extend)
    watch.start()
    began_s = monotonic()
    while not (said and watch.playback and watch.playback.state.ended) and monotonic() - began_s < 30.0:
        sleep(0.01)
    watch.stop()
    return watch, said


def recorded_between(home: Path, from_s: float, to_s: float) -> list[bytes]:
    entries = read_entries(home / "journal", kinds=(EntryKind.EVENT,))
    first_ns, last_ns = START_NS + seconds_to_ns(from_s), START_NS + seconds_to_ns(to_s)
    return [each.data for each in entries if first_ns < each.time_ns <= last_ns]


@pytest.mark.parametrize(("from_s", "to_s"), [(22.0, 27.0), (4.0, 9.0), (0.0, 40.0)])
def test_a_console_is_told_what_was_said_from_any_time_to_any_time(home: Path, from_s: float, to_s: float) -> None:
    before = digest(home)
    watch, said = shown(home, from_s, to_s)
    played_events = [encode_event(each) for each in said]
    wanted = recorded_between(home, from_s, to_s)
    assert len(wanted) > 10
    assert played_events[-len(wanted) :] == wanted
    assert watch.playback is not None
    assert watch.playback.state.position_ns <= START_NS + seconds_to_ns(to_s)
    assert digest(home) == before


def test_it_can_be_looked_at_while_the_watch_records(home: Path) -> None:
    """The one writer has the journal; whoever looks takes no lock."""
    writer = JournalWriter(home / "journal")
    try:
        _, said = shown(home, 22.0, 25.0)
        assert recorded_between(home, 22.0, 25.0)[-1] == encode_event(said[-1])
    finally:
        writer.close()


def test_a_what_if_is_played_from_its_beginning_and_cannot_be_wound_back_before_it(home: Path) -> None:
    watch, said = shown(home, 22.0, 27.0, WhatIf(without=("radar-west",)))
    assert watch.site.name.startswith("WHAT-IF (without radar-west)")
    assert watch.playback is not None
    assert watch.playback.state.first_ns == START_NS + 22 * SECOND_NS
    assert [encode_event(each) for each in said] != recorded_between(home, 22.0, 27.0)


def test_a_time_in_an_earlier_period_is_played_from_that_period(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not from the latest one, which begins later."""
    from luchtwacht.cli import replay as command

    (period,) = journal_periods(home / "journal")
    later = replace(period, first_ns=period.last_ns + SECOND_NS, last_ns=period.last_ns + 60 * SECOND_NS)
    monkeypatch.setattr("luchtwacht.runtime.recorded.journal_periods", lambda folder: [period, later])
    asked: list[object] = []
    monkeypatch.setattr(command, "_serve", lambda *given, **more: asked.append(given[1]))
    replayed(home, "--serve", *LATE)
    replayed(home, "--serve")
    assert asked == [period, later]
