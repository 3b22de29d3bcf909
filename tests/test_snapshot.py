"""Snapshots: a pipeline that goes on from one says what the pipeline that gave it says, to the byte, for ever after."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import shapely

from luchtwacht.cli.recordings import open_recording
from luchtwacht.errors import BadSnapshot
from luchtwacht.ingest import load_site
from luchtwacht.model import (
    AcknowledgeAlert,
    AlertChanged,
    Authorisation,
    AuthorisationState,
    Command,
    Format,
    Frames,
    Place,
    PutAuthorisation,
    PutZone,
    Sensor,
    SensorKind,
    Site,
    Source,
    Tick,
    WithdrawZone,
)
from luchtwacht.model.batch import Batch
from luchtwacht.model.encoding import encode_event, encode_site
from luchtwacht.model.snapshot import Snapshot
from luchtwacht.model.state import decode_state, encode_state
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.runtime.feed import PlayedFeed, to_inputs
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS, seconds_to_ns

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
START_NS = 1_777_772_400 * SECOND_NS
SPAN_S = 75

Case = tuple[Site, dict[str, str], tuple[Input, ...]]


def fed(site: Site, feed: PlayedFeed, span_s: float) -> tuple[Input, ...]:
    """What a watch takes from a feed, up to some time after its beginning."""
    inputs: list[Input] = []
    sequence, end_ns = 1, None
    for moment in feed.moments():
        end_ns = end_ns or moment.time_ns + seconds_to_ns(span_s)
        if moment.time_ns > end_ns:
            break
        inputs += to_inputs(moment, sequence)
        sequence += len(moment.arrivals) + moment.tick
    return tuple(inputs)


@cache
def scenario() -> Case:
    """A capital at night, with people who acknowledge, draw, withdraw and permit on the way."""
    site = read_scenario(embedded_scenario("capital_at_night")).site
    end_ns = START_NS + SPAN_S * SECOND_NS
    arrivals = tuple(
        takewhile(
            lambda each: each[0] < end_ns, simulate(read_scenario(embedded_scenario("capital_at_night")), START_NS)
        )
    )
    feed = PlayedFeed(
        lambda: iter(arrivals), step_ns=seconds_to_ns(site.step_s), settle_ns=seconds_to_ns(site.reorder_s)
    )
    inputs = list(fed(site, feed, SPAN_S))
    drawn = replace(site.zones[0], id="drawn", name="Drawn on the way", message={"nl": "weg", "en": "away"})
    permitted = Authorisation(
        id="permit-9",
        state=AuthorisationState.ACTIVATED,
        zones=(site.zones[0].id, "drawn"),
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(2027, 1, 1, tzinfo=UTC),
        operator_id="NLDexample",
    )
    orders = [PutZone(zone=drawn), PutAuthorisation(authorisation=permitted), WithdrawZone(zone=site.zones[-1].id)]
    orders += [AcknowledgeAlert(alert=number, note="") for number in (1, 2, 3)]
    made: list[Input] = []
    sequence = 1
    for place, each in enumerate(inputs):
        if isinstance(each, Frames):
            made.append(
                Frames.of(
                    each.payloads(),
                    sequence=np.arange(sequence, sequence + len(each)),
                    source=each.source,
                    received_ns=each.received_ns,
                )
            )
            sequence += len(each)
            last_ns = int(each.received_ns[-1])
        else:
            made.append(replace(each, sequence=sequence))
            sequence += 1
            last_ns = each.received_ns
        if orders and place % 20 == 5:
            made.append(Command(sequence=sequence, received_ns=last_ns, actor="night watch", order=orders.pop(0)))
            sequence += 1
    assert not orders
    return site, {}, tuple(made)


@cache
def campaign() -> Case:
    """Radars, cameras and direction finders of a campaign, as tables."""
    site, mappings = load_site(ROOT / "examples" / "icmcis2021" / "site.toml")
    folder = DATA / "radar_drone" / "nato_icmcis2021" / "Scenario_1_1"
    return site, mappings, fed(site, open_recording(site, mappings, folder).feed(site), 150.0)


@cache
def capture() -> Case:
    """Broadcast Remote ID of a real aircraft."""
    origin = Place(latitude=47.1987, longitude=8.7302)
    site = Site(
        id="capture",
        name="",
        origin=origin,
        sources=(
            Source(id="air", format=Format.REMOTE_ID, file="cdc_parrot_anafi4_real.pcapng", use_receive_time=True),
        ),
        sensors=(Sensor(id="receiver", kind=SensorKind.REMOTE_ID_RECEIVER, source="air", place=origin),),
    )
    return site, {}, fed(site, open_recording(site, {}, DATA / "remote_id").feed(site), 120.0)


@cache
def radar() -> Case:
    """A real air traffic radar, its blocks without times of receipt."""
    origin = Place(latitude=41.3007, longitude=2.1020, height=30.0)
    site = Site(
        id="radar",
        name="",
        origin=origin,
        sources=(
            Source(
                id="radar",
                format=Format.ASTERIX,
                file="cat048_lebl_20230502_60min.ast",
                recorded_on=date(2023, 5, 2),
                clock_tolerance_s=60.0,
            ),
        ),
        sensors=(
            Sensor(id="lebl", kind=SensorKind.RADAR_2D, source="radar", place=origin, sac=20, sic=129, period_s=4.0),
        ),
    )
    return site, {}, fed(site, open_recording(site, {}, DATA / "asterix").feed(site), 100.0)


recorded = pytest.mark.skipif(not DATA.is_dir(), reason="no recordings beside the project")
CASES = [
    scenario,
    pytest.param(campaign, marks=[pytest.mark.recording, recorded]),
    pytest.param(capture, marks=[pytest.mark.recording, recorded]),
    pytest.param(radar, marks=[pytest.mark.recording, recorded]),
]
every_case = pytest.mark.parametrize("case", CASES)
MOMENTS = (0.03, 0.37, 0.71)


def cuts(inputs: tuple[Input, ...]) -> tuple[int, ...]:
    return tuple(int(share * len(inputs)) for share in MOMENTS)


def said(pipeline: Pipeline, inputs: tuple[Input, ...]) -> list[bytes]:
    return [encode_event(event) for event in pipeline.step(inputs)]


# ---------------------------------------------------------------------- going on in a fresh process

_GO_ON = """
import sys
from pathlib import Path
import msgspec
from luchtwacht.model import Frames
from luchtwacht.model.encoding import decode_command, decode_site, decode_tick, encode_event
from luchtwacht.pipeline import Pipeline
folder = Path(sys.argv[1])
pipeline = Pipeline(
    decode_site((folder / "site").read_bytes()), msgspec.msgpack.decode((folder / "mappings").read_bytes())
)
pipeline.restore((folder / "snapshot").read_bytes())
said = []
for kind, data in msgspec.msgpack.decode((folder / "inputs").read_bytes()):
    if kind == "frames":
        payloads, sequence, source, received_ns = data
        each = Frames.of(payloads, sequence=sequence, source=source, received_ns=received_ns)
    else:
        each = {"command": decode_command, "tick": decode_tick}[kind](data)
    said += [encode_event(event) for event in pipeline.step([each])]
(folder / "said").write_bytes(msgspec.msgpack.encode([said, pipeline.snapshot()]))
"""


def in_a_fresh_process(
    folder: Path, case: Case, snapshot: bytes, inputs: tuple[Input, ...]
) -> tuple[list[bytes], bytes]:
    """What follows from `inputs` after `snapshot`, and the state after them."""
    site, mappings, _ = case
    plain: list[tuple[str, Any]] = [
        ("frames", (each.payloads(), each.sequence.tolist(), each.source.tolist(), each.received_ns.tolist()))
        if isinstance(each, Frames)
        else ("command" if isinstance(each, Command) else "tick", msgspec.msgpack.encode(each))
        for each in inputs
    ]
    (folder / "site").write_bytes(encode_site(site))
    (folder / "mappings").write_bytes(msgspec.msgpack.encode(mappings))
    (folder / "snapshot").write_bytes(snapshot)
    (folder / "inputs").write_bytes(msgspec.msgpack.encode(plain))
    subprocess.run(
        [sys.executable, "-c", _GO_ON, str(folder)],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        check=True,
        timeout=120,
    )
    events, state = msgspec.msgpack.decode((folder / "said").read_bytes())
    return events, state


@every_case
def test_a_fresh_process_goes_on_from_a_snapshot_and_says_the_same(case: Any, tmp_path: Path) -> None:
    site, mappings, inputs = case()
    at = cuts(inputs)[1]
    original = Pipeline(site, mappings)
    original.step(inputs[:at])
    snapshot = original.snapshot()
    events, state = in_a_fresh_process(tmp_path, case(), snapshot, inputs[at:])
    expected = said(original, inputs[at:])
    assert len(expected) > 20
    assert events == expected
    assert state == original.snapshot()


@every_case
def test_at_any_moment_state_and_events_go_on_the_same(case: Any) -> None:
    site, mappings, inputs = case()
    original = Pipeline(site, mappings)
    resumed: list[Pipeline] = []
    for first, last in zip((0, *cuts(inputs)), (*cuts(inputs), len(inputs)), strict=True):
        expected = said(original, inputs[first:last])
        snapshot = original.snapshot()
        for each in resumed:
            assert said(each, inputs[first:last]) == expected
            assert each.snapshot() == snapshot
        resumed.append(Pipeline(site, mappings))
        resumed[-1].restore(snapshot)
        assert resumed[-1].snapshot() == snapshot


def test_the_scenario_has_something_in_every_stage() -> None:
    """So that the other tests compare something worth comparing."""
    site, mappings, inputs = scenario()
    pipeline = Pipeline(site, mappings)
    events = pipeline.step(inputs)
    assert any(isinstance(event, AlertChanged) for event in events)
    state = pipeline.state()
    assert len(state.tracker.start.tracker.possible.real) > 5
    assert state.tracker.steps
    assert state.correlator.stories.stories
    assert state.correlator.pairs
    assert state.correlator.verdicts.standings
    assert state.correlator.authorisations.authorisations
    assert state.airspace.zones["drawn"] is not None
    assert state.airspace.zones[site.zones[-1].id] is None
    assert state.alerts.alerts
    assert state.alerts.continuity.objects
    assert any(sensor.heard_ns for sensor in state.health.sensors)


@pytest.mark.parametrize("most", [1, 11])
def test_how_inputs_were_cut_into_calls_cannot_be_seen_in_a_snapshot(most: int) -> None:
    site, mappings, inputs = scenario()
    at = cuts(inputs)[1]
    whole, pieces = Pipeline(site, mappings), Pipeline(site, mappings)
    whole.step(inputs[:at])
    for each in inputs[:at]:
        rows = range(0, len(each), most) if isinstance(each, Frames) else range(1)
        for first in rows:
            pieces.step([each.take(slice(first, first + most)) if isinstance(each, Frames) else each])
    assert pieces.snapshot() == whole.snapshot()


# ---------------------------------------------------------------------- nothing is forgotten

SCRATCH = {
    ("Bernoullis", "state"): "room beyond the rows in use",
    ("Bernoullis", "real"): "room beyond the rows in use",
    ("Bernoullis", "whole"): "room beyond the rows in use",
    ("Bernoullis", "looks"): "room beyond the rows in use",
    ("Tracker", "_room"): "room for the rows of one look",
    ("Tracker", "_oldest_ns"): "a bound, looked up again when it is reached",
    ("Outlines", "_cut"): "a zone's slabs over each ground met so far, cut again when asked",
    ("Tracker", "_used"): "what one step used; made anew in each",
    ("ReorderBuffer", "_detections"): "in the order in which it came; the state has it in the order it is given out",
    ("ReorderBuffer", "_claims"): "likewise",
    ("Settling", "_detections"): "as it was released; the state has it in the order it is given out",
    ("Settling", "_claims"): "likewise",
    ("AlertBook", "_changed"): "what one step changed; made anew in each",
    ("Register", "_picture"): "the zones in force, worked out when asked",
    ("Performance", "_horizons"): "what the land hides from each radar, worked out when asked",
    ("HeldZone", "held"): "what the calendar said last, asked again when it may have changed",
    ("HeldZone", "known"): "what the calendar said last, asked again when it may have changed",
}
"""attributes that are no state, each with the reason; whoever adds one here must be able to say why nothing that is
said depends on it"""


def differences(one: Any, two: Any, path: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Where two graphs of objects differ, scratch aside."""
    if one is two or (id(one), id(two)) in seen:
        return
    seen.add((id(one), id(two)))
    if type(one) is not type(two):
        yield f"{path}: {type(one).__name__} is {type(two).__name__}"
    elif isinstance(one, np.ndarray):
        if one.dtype != two.dtype or one.shape != two.shape or one.tobytes() != two.tobytes():
            yield path
    elif isinstance(one, shapely.Geometry):
        if not one.equals_exact(two):
            yield path
    elif isinstance(one, Batch | Enum | np.generic | str | bytes | int | type(None)):
        if one != two:
            yield f"{path}: {one!r} is {two!r}"
    elif isinstance(one, float):
        if np.float64(one).tobytes() != np.float64(two).tobytes():
            yield f"{path}: {one!r} is {two!r}"
    elif isinstance(one, dict):
        if list(one) != list(two) and set(one) != set(two):
            yield f"{path}: keys {sorted(set(one) ^ set(two), key=repr)}"
        else:
            for key in one:
                yield from differences(one[key], two[key], f"{path}[{key!r}]", seen)
    elif isinstance(one, set | frozenset):
        if one != two:
            yield path
    elif isinstance(one, list | tuple | deque):
        if len(one) != len(two):
            yield f"{path}: {len(one)} is {len(two)} long"
        for place, (a, b) in enumerate(zip(one, two, strict=False)):
            yield from differences(a, b, f"{path}[{place}]", seen)
    elif type(one).__module__.startswith("luchtwacht"):
        for name in attributes(one):
            if (type(one).__name__, name) not in SCRATCH:
                yield from differences(getattr(one, name), getattr(two, name, None), f"{path}.{name}", seen)
    elif one != two:
        yield f"{path}: {one!r}"


def attributes(value: Any) -> list[str]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return sorted({*slots, *getattr(value, "__dict__", ())} - {"__weakref__", "__dict__"})


@every_case
def test_every_attribute_of_every_stage_is_restored_or_named_as_scratch(case: Any) -> None:
    """A stage that grows an attribute and forgets it in `state` is found here, by the name of the attribute."""
    site, mappings, inputs = case()
    at = cuts(inputs)[2]
    original, resumed = Pipeline(site, mappings), Pipeline(site, mappings)
    original.step(inputs[:at])
    resumed.restore(original.snapshot())
    assert not list(differences(original, resumed, "pipeline", set()))


def test_an_attribute_that_a_stage_forgets_is_found() -> None:
    site, mappings, inputs = scenario()
    original, resumed = Pipeline(site, mappings), Pipeline(site, mappings)
    original.step(inputs[: len(inputs) // 2])
    resumed.restore(original.snapshot())
    original._alerts._forgotten = 5  # type: ignore[attr-defined]
    assert any("_forgotten" in each for each in differences(original, resumed, "pipeline", set()))


def test_what_is_named_as_scratch_exists() -> None:
    site, mappings, inputs = scenario()
    pipeline = Pipeline(site, mappings)
    pipeline.step(inputs[:50])
    found: set[tuple[str, str]] = set()
    waiting: list[Any] = [pipeline]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        elif type(one).__module__.startswith("luchtwacht") and not isinstance(one, Batch | Enum):
            found |= {(type(one).__name__, name) for name in attributes(one)}
            waiting += [getattr(one, name, None) for name in attributes(one)]
    assert set(SCRATCH) <= found


# ---------------------------------------------------------------------- what is refused


def with_changes(data: bytes, /, **changed: Any) -> bytes:
    found = msgspec.msgpack.decode(data, type=Snapshot)
    return msgspec.msgpack.encode(msgspec.structs.replace(found, **changed))


def a_snapshot() -> bytes:
    site, mappings, inputs = scenario()
    pipeline = Pipeline(site, mappings)
    pipeline.step(inputs[:40])
    return pipeline.snapshot()


def test_a_snapshot_of_another_software_is_refused_and_both_are_named() -> None:
    with pytest.raises(BadSnapshot, match=r"made by luchtwacht 0\.0\.0; this is luchtwacht"):
        Pipeline(scenario()[0]).restore(with_changes(a_snapshot(), software="luchtwacht 0.0.0"))


def test_a_snapshot_of_another_format_is_refused() -> None:
    with pytest.raises(BadSnapshot, match="format 99"):
        Pipeline(scenario()[0]).restore(with_changes(a_snapshot(), snapshot=99))


def test_a_snapshot_of_another_site_or_mapping_is_refused() -> None:
    site = scenario()[0]
    with pytest.raises(BadSnapshot, match="another site"):
        Pipeline(replace(site, step_s=0.25)).restore(a_snapshot())
    with pytest.raises(BadSnapshot, match="another site"):
        Pipeline(site, {"table.toml": "x"}).restore(a_snapshot())


@pytest.mark.parametrize("data", [b"", b"\xc1", b"nothing", msgspec.msgpack.encode({"snapshot": "one"})])
def test_bytes_that_are_no_snapshot_are_refused(data: bytes) -> None:
    with pytest.raises(BadSnapshot, match="no snapshot"):
        Pipeline(scenario()[0]).restore(data)


def test_a_state_that_is_cut_short_is_refused() -> None:
    snapshot = a_snapshot()
    state = msgspec.msgpack.decode(snapshot, type=Snapshot).state
    for length in (0, 1, len(state) // 2, len(state) - 1):
        with pytest.raises(BadSnapshot):
            Pipeline(scenario()[0]).restore(with_changes(snapshot, state=state[:length]))


def test_only_a_pipeline_that_has_taken_nothing_goes_on_from_a_snapshot() -> None:
    pipeline = Pipeline(scenario()[0])
    pipeline.step([Tick(sequence=1, received_ns=START_NS)])
    with pytest.raises(AssertionError, match="taken nothing"):
        pipeline.restore(a_snapshot())


def test_a_column_keeps_every_bit() -> None:
    odd = np.array([0.0, -0.0, np.nan, -np.inf, 5e-324, np.frombuffer(b"\x01\0\0\0\0\0\xf8\x7f")[0]])
    back = decode_state(np.ndarray, encode_state(odd))
    assert back.tobytes() == odd.tobytes()
