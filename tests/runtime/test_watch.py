"""A watch on its thread: people give orders, go back, and are warned when the disk refuses."""

import asyncio
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import pytest
from tests.journal.disk import SimulatedFiles

from luchtwacht.clock import SystemClock
from luchtwacht.errors import BadCommand, RecordError
from luchtwacht.journal import EntryKind, JournalWriter, read_entries
from luchtwacht.model import AcknowledgeAlert, AlertChanged, AlertStatus, Basis, Event, Frames, Tracked, TrackStatus
from luchtwacht.model.encoding import encode_site
from luchtwacht.pipeline import Input
from luchtwacht.runtime.feed import PlayedFeed, to_inputs
from luchtwacht.runtime.playback import FASTEST, Playback
from luchtwacht.runtime.recorded import Rerun, periods, rerun
from luchtwacht.runtime.recorded import journal as recorded
from luchtwacht.runtime.recorder import Recorder
from luchtwacht.runtime.watch import Watch
from luchtwacht.simulation import Scenario, embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS
SPAN_S = 30
END_NS = START_NS + SPAN_S * SECOND_NS
PATIENCE_S = 60.0


def a_watch(folder: Path) -> Watch:
    """The first seconds of a capital at night, played as fast as they go, then lingering."""
    scenario = read_scenario(embedded_scenario())
    site = scenario.site
    feed = PlayedFeed(
        lambda: takewhile(lambda arrival: arrival[0] < END_NS, simulate(scenario, START_NS)),
        step_ns=seconds_to_ns(site.step_s),
        settle_ns=seconds_to_ns(site.reorder_s),
    )
    writer = JournalWriter(folder)
    writer.open_run(encode_site(site), {}, START_NS)
    playback = Playback(SystemClock(), first_ns=START_NS, last_ns=END_NS, speed=FASTEST)
    return Watch(site, {}, feed, folder=folder, writer=writer, playback=playback)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; the test fails when it never does."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.02)


def all_on_disk(watch: Watch) -> bool:
    """Whether everything that was taken is on the disk, and what followed from it too: no commit is under way."""
    assert watch._recorder is not None
    writer = watch._recorder._writer
    with writer._committing:
        return writer.durable == watch.state.inputs and not writer.pending


def alerts_in(events: tuple[Event, ...]) -> list[AlertChanged]:
    return [event for event in events if isinstance(event, AlertChanged)]


def test_an_order_is_answered_when_it_is_on_disk_and_the_record_replays(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)

    async def night() -> None:
        watch.start(asyncio.get_running_loop())
        assert watch.playback is not None
        playback = watch.playback
        await until(lambda: playback.state.ended)
        (alert,) = {event.alert.id: event.alert for event in alerts_in(watch.snapshot())}.values()
        (changed,) = alerts_in(await watch.command("desk 1", AcknowledgeAlert(alert=alert.id, note="seen")))
        assert changed.alert.status is AlertStatus.ACKNOWLEDGED
        assert changed.alert.steps[-1].actor == "desk 1"
        commands = list(read_entries(tmp_path, kinds=(EntryKind.COMMAND,)))
        assert len(commands) == 1
        with pytest.raises(BadCommand, match="no alert 99"):
            await watch.command("desk 1", AcknowledgeAlert(alert=99))
        inputs = watch.state.inputs
        shown = [event for event in watch.snapshot() if isinstance(event, Tracked)][-1].tracks
        living = shown.take((shown.status != TrackStatus.TERMINATED) & (shown.basis == Basis.MEASURED))
        assert len(living)
        grounds = await watch.grounds(int(living.track[0]))
        assert grounds is not None
        assert grounds.probability == tuple(living.category_probability[0].tolist())
        assert await watch.grounds(10**6) is None
        assert watch.state.inputs == inputs, "looking is no order"

    asyncio.run(night())
    watch.stop()
    (period,) = periods(recorded(tmp_path))
    *_, outcome = rerun(recorded(tmp_path), period)
    assert isinstance(outcome, Rerun)
    assert outcome.difference is None


def test_going_back_shows_the_past_refuses_orders_and_adds_nothing_to_the_record(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)
    shown: list[tuple[Event, ...]] = []

    async def night() -> None:
        watch.subscribe(shown.append)
        watch.start(asyncio.get_running_loop())
        assert watch.playback is not None
        playback = watch.playback
        await until(lambda: playback.state.ended and all_on_disk(watch))
        kept = sum(1 for _ in read_entries(tmp_path))
        playback.set_speed(1.0)
        playback.pause()
        shown.clear()
        playback.seek(START_NS + 10 * SECOND_NS)
        await until(lambda: () in shown)
        pictures = [event for event in watch.snapshot() if isinstance(event, Tracked)]
        assert pictures
        assert pictures[-1].time_ns <= START_NS + 10 * SECOND_NS
        with pytest.raises(BadCommand, match="past"):
            await watch.command("desk 1", AcknowledgeAlert(alert=1))
        playback.set_speed(FASTEST)
        playback.play()
        await until(lambda: playback.state.ended)
        assert [event for event in watch.snapshot() if isinstance(event, Tracked)][-1].time_ns > END_NS - 2 * SECOND_NS
        assert sum(1 for _ in read_entries(tmp_path)) == kept

    asyncio.run(night())
    watch.stop()


def test_a_frame_can_be_walked_back_to_its_bytes(tmp_path: Path) -> None:
    watch = a_watch(tmp_path)

    async def night() -> None:
        watch.start(asyncio.get_running_loop())
        assert watch.playback is not None
        playback = watch.playback
        await until(lambda: playback.state.ended and all_on_disk(watch))
        found = watch.frame(1)
        assert found is not None
        (first,) = [entry for entry in read_entries(tmp_path, kinds=(EntryKind.FRAME,)) if entry.sequence == 1]
        assert found == (first.source, first.time_ns, first.data)
        assert watch.frame(10**9) is None

    asyncio.run(night())
    watch.stop()


def inputs_of(scenario: Scenario) -> list[Input]:
    """The inputs of the first seconds."""
    made: list[Input] = []
    arrivals = takewhile(lambda arrival: arrival[0] < START_NS + 5 * SECOND_NS, simulate(scenario, START_NS))
    for moment in PlayedFeed(lambda: arrivals, step_ns=SECOND_NS, settle_ns=0).moments():
        made += to_inputs(moment, last(made) + 1)
    return made


def last(inputs: list[Input]) -> int:
    """Sequence number of the last input."""
    if not inputs:
        return 0
    return int(inputs[-1].sequence[-1]) if isinstance(inputs[-1], Frames) else inputs[-1].sequence


class FullDisk(SimulatedFiles):
    """A disk that refuses to sync while it is full."""

    full = False

    def call(self, name: str) -> OSError | None:
        return OSError(28, "No space left on device") if self.full and name in ("append", "sync") else None


def test_a_full_disk_is_said_loudly_and_nothing_is_lost_once_there_is_room() -> None:
    disk = FullDisk(seed=1)
    folder = Path("/journal")
    scenario = read_scenario(embedded_scenario())
    writer = JournalWriter(folder, files=disk)
    writer.open_run(encode_site(scenario.site), {}, START_NS)
    told: list[str] = []
    recorder = Recorder(writer, on_change=lambda state: told.append(state.failure))
    inputs = inputs_of(scenario)
    first, second = inputs[: len(inputs) // 2], inputs[len(inputs) // 2 :]
    recorder.record(first, last(first), START_NS, ())
    assert recorder.wait(last(first), PATIENCE_S)
    disk.full = True
    recorder.record(second, last(second), START_NS, ())
    assert not recorder.wait(last(second), 0.5)
    assert "No space left" in recorder.state.failure
    disk.full = False
    assert recorder.wait(last(second), PATIENCE_S)
    recorder.close()
    assert "No space left" in told[0]
    assert told[-1] == ""
    assert recorder.state.lost == 0


def test_a_disk_that_refuses_to_the_end_is_an_error_at_the_end() -> None:
    disk = FullDisk(seed=1)
    scenario = read_scenario(embedded_scenario())
    writer = JournalWriter(Path("/journal"), files=disk)
    writer.open_run(encode_site(scenario.site), {}, START_NS)
    recorder = Recorder(writer)
    disk.full = True
    inputs = inputs_of(scenario)
    recorder.record(inputs, last(inputs), START_NS, ())
    with pytest.raises(RecordError, match="No space left"):
        recorder.close()
