"""Snapshots in the journal: where they stand, that they follow from the inputs, and that a watch goes on from them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import takewhile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luchtwacht.journal import Entry, EntryKind, JournalWriter, Verdict, read_decisions_back, read_entries
from luchtwacht.model import Alert, AlertChanged, AlertStatus, Event, Frames, Notice, NoticeKind, Place, Site, Tick
from luchtwacht.model.encoding import decode_event, encode_event, encode_site
from luchtwacht.model.snapshot import Snapshot
from luchtwacht.model.state import decode_state, encode_state
from luchtwacht.pipeline import Input, Pipeline, PipelineState
from luchtwacht.runtime import recorded, snapshots
from luchtwacht.runtime.feed import Arrival, PlayedFeed
from luchtwacht.runtime.snapshots import Cadence, last_start, nearest_start
from luchtwacht.runtime.watch import Watch
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.software import software
from luchtwacht.units import SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS
SPAN_S = 45
EVERY_S = 10.0


@cache
def arrivals() -> tuple[Arrival, ...]:
    end_ns = START_NS + SPAN_S * SECOND_NS
    return tuple(takewhile(lambda each: each[0] < end_ns, simulate(read_scenario(embedded_scenario()), START_NS)))


@cache
def site() -> Site:
    return replace(read_scenario(embedded_scenario()).site, snapshot_s=EVERY_S)


def run(
    folder: Path,
    given: tuple[Arrival, ...],
    *,
    under: Site | None = None,
    settle: bool = False,
    prepare: Callable[[Watch], None] = lambda watch: None,
) -> tuple[Watch, list[Event]]:
    """A watch on these arrivals, to their end, and what it said."""
    under = under or site()
    feed = PlayedFeed(
        lambda: iter(given),
        step_ns=seconds_to_ns(under.step_s),
        settle_ns=seconds_to_ns(under.reorder_s) if settle else 0,
    )
    writer = JournalWriter(folder)
    writer.open_run(encode_site(under), {}, START_NS)
    watch = Watch(under, {}, feed, folder=folder, writer=writer, prepare=lambda tell: prepare(watch))
    said: list[Event] = []
    watch.subscribe(said.extend)
    watch.run_to_end()
    return watch, said


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a watch that was never ended on the way."""
    folder = tmp_path_factory.mktemp("whole")
    run(folder, arrivals(), settle=True)
    return folder


def kept(folder: Path, *kinds: EntryKind) -> list[Entry]:
    return list(read_entries(folder, kinds=kinds))


def without_snapshots(source: Path, folder: Path, change: object = None) -> Path:
    """The same record in another journal, each snapshot left out, or replaced by what `change` makes of it."""
    writer = JournalWriter(folder)
    for entry in read_entries(source):
        if entry.kind is EntryKind.SNAPSHOT:
            if change is None:
                continue
            entry = Entry(entry.kind, entry.sequence, entry.time_ns, -1, change(entry.data))  # type: ignore[operator]
        writer._add_marked([(entry, entry.kind is EntryKind.SNAPSHOT or entry.kind is EntryKind.SITE)])
        if entry.kind in (EntryKind.FRAME, EntryKind.TICK, EntryKind.COMMAND):
            writer._last_input = entry.sequence
    writer.close()
    return folder


def header(data: bytes, **changed: object) -> bytes:
    return msgspec.msgpack.encode(msgspec.structs.replace(msgspec.msgpack.decode(data, type=Snapshot), **changed))


# ---------------------------------------------------------------------- where they stand


def test_they_stand_before_the_first_input_behind_every_multiple_of_the_cadence(whole: Path) -> None:
    found = kept(whole, EntryKind.SNAPSHOT)
    times = {entry.sequence: entry.time_ns for entry in kept(whole, EntryKind.FRAME, EntryKind.TICK)}
    assert len(found) == SPAN_S // EVERY_S
    for entry in found:
        every = seconds_to_ns(EVERY_S)
        assert times[entry.sequence] // every < times[entry.sequence + 1] // every
        assert entry.time_ns == times[entry.sequence]


def test_they_are_the_state_of_a_pipeline_that_took_the_inputs_before_them(whole: Path) -> None:
    (period,) = recorded.periods(recorded.journal(whole))
    for entry in kept(whole, EntryKind.SNAPSHOT):
        pipeline = Pipeline(site())
        pipeline.step(recorded.inputs(recorded.journal(whole), replace(period, last=entry.sequence)))
        assert pipeline.snapshot() == entry.data


@given(
    gaps=st.lists(st.integers(0, 4 * SECOND_NS), min_size=1, max_size=40),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=40),
)
def test_where_they_stand_does_not_depend_on_how_inputs_are_cut(gaps: list[int], cuts: list[int]) -> None:
    received = START_NS + np.cumsum(gaps)

    def borders(sizes: list[int]) -> list[int]:
        """Sequence numbers of the inputs that follow a snapshot."""
        cadence, found, first = Cadence(replace(site(), snapshot_s=3.0)), [], 0
        while first < len(received):
            last = min(first + (sizes[first % len(sizes)]), len(received))
            batch: list[Input] = [
                Frames.of(
                    [b"x"] * (last - first),
                    sequence=list(range(first + 1, last + 1)),
                    source=[0] * (last - first),
                    received_ns=received[first:last],
                )
                if last - first > 1
                else Tick(sequence=last, received_ns=int(received[first]))
            ]
            for inputs, due in cadence.cut(batch):
                head = inputs[0]
                if due:
                    found.append(int(head.sequence[0]) if isinstance(head, Frames) else head.sequence)
            first = last
        return found

    every = 3 * SECOND_NS
    expected = [at + 1 for at in range(1, len(received)) if received[at] // every > received[at - 1] // every]
    assert borders(cuts) == borders([len(received)]) == expected


def test_without_a_cadence_there_are_none(tmp_path: Path) -> None:
    run(tmp_path, arrivals()[:300], under=replace(site(), snapshot_s=0.0))
    assert not kept(tmp_path, EntryKind.SNAPSHOT)


# ---------------------------------------------------------------------- they follow from the inputs


def test_a_verifier_makes_them_again(whole: Path) -> None:
    [(verdict, sentence)] = recorded.check_conclusions(lambda: read_entries(whole))
    assert verdict is Verdict.HOLDS
    assert "and 4 snapshots, byte for byte" in sentence


def test_a_forged_snapshot_is_found_and_named(whole: Path, tmp_path: Path) -> None:
    second = kept(whole, EntryKind.SNAPSHOT)[1]

    def forge(data: bytes) -> bytes:
        state = msgspec.msgpack.decode(data, type=Snapshot).state
        return header(data, state=state[:-1] + bytes([state[-1] ^ 1])) if data == second.data else data

    forged = without_snapshots(whole, tmp_path / "forged", forge)
    [(verdict, sentence)] = recorded.check_conclusions(lambda: read_entries(forged))
    assert verdict is Verdict.FAILS
    assert f"does not give the snapshot of the state after input {second.sequence:,}" in sentence


def test_snapshots_of_other_software_are_told_apart_from_forged_ones(whole: Path, tmp_path: Path) -> None:
    other = without_snapshots(whole, tmp_path / "other", lambda data: header(data, software="luchtwacht 0.0.1"))
    [(verdict, sentence)] = recorded.check_conclusions(lambda: read_entries(other))
    assert verdict is Verdict.HOLDS
    assert "4 snapshots were made by other software" in sentence


def test_a_rerun_from_a_snapshot_compares_only_what_follows(whole: Path) -> None:
    read = recorded.journal(whole)
    (period,) = recorded.periods(read)
    start = nearest_start(whole, period, START_NS + 25 * SECOND_NS)
    assert start.from_snapshot
    assert START_NS + 15 * SECOND_NS < start.after_ns < START_NS + 20 * SECOND_NS
    *_, outcome = recorded.rerun(read, period, start.pipeline, start.after)
    assert isinstance(outcome, recorded.Rerun)
    assert outcome.difference is None
    assert outcome.snapshots == 2
    assert outcome.inputs == period.last - start.after


# ---------------------------------------------------------------------- going on


def test_a_watch_goes_on_from_the_newest_and_says_what_one_says_that_never_ended(whole: Path, tmp_path: Path) -> None:
    at = len(arrivals()) * 3 // 5
    run(tmp_path, arrivals()[:at])
    watch, said = run(tmp_path, arrivals()[at:], settle=True)
    (restarted,) = [event for event in said if isinstance(event, Notice) and event.kind is NoticeKind.RESTARTED]
    assert "goes on from the state of" in restarted.detail
    (period,) = recorded.periods(recorded.journal(tmp_path))
    *_, outcome = recorded.rerun(recorded.journal(tmp_path), period)
    assert isinstance(outcome, recorded.Rerun)
    assert outcome.difference is None
    assert outcome.forged is None
    assert watch.state.frames == len(arrivals())
    (note,) = [msgspec.json.decode(each.data) for each in kept(tmp_path, EntryKind.NOTE) if b"restart" in each.data]
    assert note["snapshot"] == kept(tmp_path, EntryKind.SNAPSHOT)[1].sequence
    assert note["inputs"] < at / 2


def test_after_a_restart_consoles_are_told_what_stands_before_the_watch_gets_ready(tmp_path: Path) -> None:
    """The latest state of every alert, raised before the snapshot, and what passed lately.

    Kernels may have to be compiled first; nobody who looks for the alerts waits for that.
    """
    at = len(arrivals()) - 60
    _, first = run(tmp_path, arrivals()[:at])
    unready: list[dict[int, Alert]] = []
    watch, _ = run(tmp_path, (), prepare=lambda there: unready.append(latest(list(there.snapshot()))))
    raised = {event.alert.id: event.alert for event in first if isinstance(event, AlertChanged)}
    shown = {event.alert.id: event.alert for event in watch.snapshot() if isinstance(event, AlertChanged)}
    assert raised
    assert unready == [raised]
    assert shown == raised
    newest = kept(tmp_path, EntryKind.SNAPSHOT)[-1]
    assert any(event.time_ns < newest.time_ns - 5 * SECOND_NS for event in watch.snapshot() if hasattr(event, "tracks"))


def test_nothing_stays_shown_of_a_snapshot_whose_tracks_cannot_be_made_again(whole: Path, tmp_path: Path) -> None:
    newest, before = kept(whole, EntryKind.SNAPSHOT)[-1], kept(whole, EntryKind.SNAPSHOT)[-2]

    def spoil(data: bytes) -> bytes:
        """Another alert stands in the newest, and its tracker takes a step with a sensor that is not there."""
        if data != newest.data:
            return data
        state = decode_state(PipelineState, msgspec.msgpack.decode(data, type=Snapshot).state)
        (time_ns, detections, said), *others = state.tracker.steps
        absent = replace(detections, sensor=np.full(len(detections), 99))
        tracker = replace(state.tracker, steps=((time_ns, absent, said), *others))
        (alert,) = state.alerts.alerts
        alerts = replace(state.alerts, alerts=[alert, replace(alert, id=alert.id + 1)], next=alert.id + 2)
        return header(data, state=encode_state(replace(state, tracker=tracker, alerts=alerts)))

    folder = without_snapshots(whole, tmp_path / "spoilt", spoil)
    shown: list[int] = []
    start = last_start(
        folder, recorded.journal(folder), site(), {}, lambda after, after_ns, standing: shown.append(after)
    )
    assert start is not None
    assert shown == [newest.sequence, before.sequence]
    assert start.after == before.sequence
    watch, _ = run(folder, ())
    assert latest(list(watch.snapshot())) == latest([decode_event(each.data) for each in kept(whole, EntryKind.EVENT)])


def test_a_snapshot_of_other_software_is_left_and_the_reason_is_told(whole: Path, tmp_path: Path) -> None:
    folder = without_snapshots(whole, tmp_path / "other", lambda data: header(data, software="luchtwacht 0.0.1"))
    start = last_start(folder, recorded.journal(folder), site(), {})
    assert start is not None
    assert not start.from_snapshot
    assert start.after == 0
    assert start.reason == f"the newest snapshot was made by luchtwacht 0.0.1; this is {software()}"


def test_an_unreadable_snapshot_is_passed_over_for_an_older_one(whole: Path, tmp_path: Path) -> None:
    newest = kept(whole, EntryKind.SNAPSHOT)[-1]
    folder = without_snapshots(
        whole, tmp_path / "damaged", lambda data: header(data, state=b"nothing") if data == newest.data else data
    )
    start = last_start(folder, recorded.journal(folder), site(), {})
    assert start is not None
    assert start.after == kept(whole, EntryKind.SNAPSHOT)[-2].sequence
    assert "holds no state" in start.reason


def test_without_any_the_whole_run_is_run_again(whole: Path, tmp_path: Path) -> None:
    folder = without_snapshots(whole, tmp_path / "none")
    start = last_start(folder, recorded.journal(folder), site(), {})
    assert start is not None
    assert (start.after, start.reason) == (0, "there is no snapshot of the state")


def test_snapshots_of_an_earlier_period_are_not_gone_on_from(tmp_path: Path) -> None:
    """A, then B, then A again: the state of the first A is not that of the second."""
    third = len(arrivals()) // 3
    other = replace(site(), name="Elsewhere")
    run(tmp_path, arrivals()[:third])
    assert kept(tmp_path, EntryKind.SNAPSHOT)
    run(tmp_path, arrivals()[third : third + 5], under=other)
    begins = kept(tmp_path, EntryKind.FRAME, EntryKind.TICK, EntryKind.COMMAND)[-1].sequence
    run(tmp_path, arrivals()[third + 5 : third + 10])
    start = last_start(tmp_path, recorded.journal(tmp_path), site(), {})
    assert start is not None
    assert start.after == start.period.after == begins
    assert last_start(tmp_path, recorded.journal(tmp_path), other, {}) is None
    for period in recorded.periods(recorded.journal(tmp_path)):
        *_, outcome = recorded.rerun(recorded.journal(tmp_path), period)
        assert isinstance(outcome, recorded.Rerun)
        assert outcome.difference is None


def test_the_search_for_a_snapshot_begins_at_the_end(whole: Path) -> None:
    found = [entry.sequence for entry in read_decisions_back(whole, (EntryKind.SNAPSHOT,))]
    assert found == sorted(found, reverse=True)
    until = kept(whole, EntryKind.SNAPSHOT)[1]
    (first, *_) = read_decisions_back(whole, (EntryKind.SNAPSHOT,), until_ns=until.time_ns)
    assert first == until


def test_a_state_beyond_the_bound_is_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luchtwacht.runtime.watch.MOST_BYTES", 100)
    run(tmp_path, arrivals()[:800])
    assert not kept(tmp_path, EntryKind.SNAPSHOT)
    assert snapshots.MOST_BYTES > 1_000_000


# ---------------------------------------------------------------------- another site file


def latest(said: list[Event]) -> dict[int, Alert]:
    return {event.alert.id: event.alert for event in said if isinstance(event, AlertChanged)}


def test_open_alerts_are_taken_over_by_a_watch_under_another_site_file(tmp_path: Path) -> None:
    _, before = run(tmp_path, arrivals())
    left = latest(before)
    assert left
    other = replace(site(), name="Markerstad, redrawn", origin=Place(latitude=52.0, longitude=5.0))
    _, said = run(tmp_path, ((START_NS + 60 * SECOND_NS, 0, b"x"),), under=other)
    now = latest(said)
    assert now.keys() == left.keys()
    for id, alert in now.items():
        assert not alert.active
        assert alert.tracks == ()
        assert alert.status is left[id].status is AlertStatus.RAISED
        assert alert.steps[-1].note.startswith("the watch began anew under another site file")
        assert alert.cause == left[id].cause
    (notice,) = [event for event in said if isinstance(event, Notice) and event.kind is NoticeKind.RESTARTED]
    assert all(str(id) in notice.detail for id in left)
    *_, period = recorded.periods(recorded.journal(tmp_path))
    *_, outcome = recorded.rerun(recorded.journal(tmp_path), period)
    assert isinstance(outcome, recorded.Rerun)
    assert outcome.difference is None
    again, said = run(tmp_path, (), under=other)
    assert latest(list(again.snapshot())) == now
    assert not [
        encode_event(event) for event in said if isinstance(event, AlertChanged) and event.alert not in now.values()
    ]
