"""The order of the stages: the same inputs say the same, however they are handed in, live and again."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest

from luchtwacht.ingest.health import LISTENERS
from luchtwacht.journal import JournalWriter
from luchtwacht.model import AlertChanged, Event, Frames, Rejected, Tick, Tracked
from luchtwacht.model.encoding import encode_event, encode_site
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.runtime.feed import PlayedFeed, to_inputs
from luchtwacht.runtime.recorded import Rerun, periods, rerun
from luchtwacht.runtime.recorded import journal as recorded
from luchtwacht.runtime.watch import Watch
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS
SPAN_S = 50.0


@cache
def played() -> tuple[Input, ...]:
    """The first seconds of a capital at night, as a watch would take them."""
    scenario = read_scenario(embedded_scenario())
    end_ns = START_NS + seconds_to_ns(SPAN_S)
    feed = PlayedFeed(
        lambda: takewhile(lambda arrival: arrival[0] < end_ns, simulate(scenario, START_NS)),
        step_ns=seconds_to_ns(scenario.site.step_s),
        settle_ns=seconds_to_ns(scenario.site.reorder_s),
    )
    inputs: list[Input] = []
    sequence = 1
    for moment in feed.moments():
        inputs += to_inputs(moment, sequence)
        sequence += len(moment.arrivals) + moment.tick
    return tuple(inputs)


def pipeline() -> Pipeline:
    return Pipeline(read_scenario(embedded_scenario()).site)


def said(events: Iterator[Event] | tuple[Event, ...]) -> list[bytes]:
    return [encode_event(event) for event in events]


@cache
def expected() -> tuple[bytes, ...]:
    return tuple(said(pipeline().step(played())))


def cut_frames(inputs: tuple[Input, ...], most: int, seed: int) -> Iterator[Input]:
    """The same inputs, frames cut into runs of at most `most`."""
    rng = np.random.default_rng(seed)
    for each in inputs:
        if not isinstance(each, Frames):
            yield each
            continue
        first = 0
        while first < len(each):
            last = first + int(rng.integers(1, most + 1))
            yield each.take(slice(first, last))
            first = last


def joined_frames(inputs: tuple[Input, ...]) -> Iterator[Input]:
    """The frames of the whole run as one batch, without the ticks."""
    frames = [each for each in inputs if isinstance(each, Frames)]
    yield Frames.of(
        [payload for each in frames for payload in each.payloads()],
        sequence=np.concatenate([each.sequence for each in frames]),
        source=np.concatenate([each.source for each in frames]),
        received_ns=np.concatenate([each.received_ns for each in frames]),
    )


def test_it_alerts_on_the_way() -> None:
    """So that the other tests compare something worth comparing."""
    alerts = [event for event in pipeline().step(played()) if isinstance(event, AlertChanged)]
    assert alerts


@pytest.mark.parametrize("most", [1, 7])
def test_how_frames_are_cut_into_calls_cannot_be_seen_in_what_comes_out(most: int) -> None:
    watch = pipeline()
    events = [event for each in cut_frames(played(), most, seed=most) for event in watch.step([each])]
    assert said(tuple(events)) == list(expected())


def damaged(inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """The same with every fifth frame cut short, another tenth turned to noise, and one that no source would send."""
    rng = np.random.default_rng(5)
    made: list[Input] = []
    for each in inputs:
        if isinstance(each, Frames):
            payloads = each.payloads()
            for row in range(len(payloads)):
                if each.sequence[row] % 5 == 0:
                    payloads[row] = payloads[row][: len(payloads[row]) // 2]
                elif each.sequence[row] % 10 == 3:
                    payloads[row] = rng.bytes(len(payloads[row]))
                elif each.sequence[row] % 97 == 1:
                    payloads[row] = b""
            each = Frames.of(payloads, sequence=each.sequence, source=each.source, received_ns=each.received_ns)
        made.append(each)
    return tuple(made)


@pytest.mark.parametrize("most", [1, 7])
def test_nor_can_it_when_much_of_it_is_damaged(most: int) -> None:
    inputs = damaged(played())
    whole = pipeline().step(inputs)
    refused = [rejection for event in whole if isinstance(event, Rejected) for rejection in event.rejections]
    assert len(refused) > 100
    assert any(isinstance(event, Tracked) for event in whole)
    watch = pipeline()
    cut = [event for each in cut_frames(inputs, most, seed=most) for event in watch.step([each])]
    assert said(tuple(cut)) == said(whole)


def test_all_frames_at_once_say_the_same_as_frames_with_ticks_between() -> None:
    """Until the last frame: after it, only ticks tell that time passes."""
    events = said(pipeline().step(joined_frames(played())))
    assert len(events) > 200
    assert events == list(expected())[: len(events)]


def test_a_live_run_and_its_replay_say_the_same(tmp_path: Path) -> None:
    """A watch on its own threads, recording; then its journal through a new pipeline, byte for byte."""
    site = read_scenario(embedded_scenario()).site
    inputs = played()
    arrivals = [
        (int(each.received_ns[row]), int(each.source[row]), each.payload(row))
        for each in inputs
        if isinstance(each, Frames)
        for row in range(len(each))
    ]
    feed = PlayedFeed(
        lambda: iter(arrivals), step_ns=seconds_to_ns(site.step_s), settle_ns=seconds_to_ns(site.reorder_s)
    )
    writer = JournalWriter(tmp_path)
    writer.open_run(encode_site(site), {}, START_NS)
    watch = Watch(site, {}, feed, folder=tmp_path, writer=writer)
    live: list[bytes] = []
    watch.subscribe(lambda events: live.extend(said(events)))
    watch.run_to_end()
    (period,) = periods(recorded(tmp_path))
    *_, outcome = rerun(recorded(tmp_path), period)
    assert isinstance(outcome, Rerun)
    assert outcome.difference is None
    assert outcome.unrecorded == 0
    assert outcome.events == len(live)
    assert live == list(expected())


_DIGEST = """
from tests.test_pipeline import expected
import hashlib
import os
print(hashlib.sha256(b"".join(expected())).hexdigest())
"""


def test_two_replays_in_fresh_processes_are_equal_byte_for_byte() -> None:
    """With different seeds of Python's hashes, so that no set's order can hide."""
    root = Path(__file__).parent.parent
    digests = [
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert digests[0] == digests[1] == hashlib.sha256(b"".join(expected())).hexdigest()


def test_ticks_alone_say_that_sensors_are_silent_once_but_those_that_hear_nothing_of_a_quiet_sky() -> None:
    watch = pipeline()
    events = watch.step(
        Tick(sequence=number, received_ns=START_NS + number * SECOND_NS // 2) for number in range(1, 200)
    )
    sensors = read_scenario(embedded_scenario()).site.sensors
    assert len(events) == sum(sensor.kind not in LISTENERS for sensor in sensors) == len(sensors) - 1
