"""Late frames through the whole pipeline: the tracks of shuffled input are those of sorted input."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.ingest.degraded import arrivals, busy_field, busy_world
from tests.test_pipeline import cut_frames, joined_frames, played, said

from luchtwacht.cli.recordings import open_recording
from luchtwacht.ingest import load_site
from luchtwacht.ingest.mounting import AZIMUTH
from luchtwacht.model import (
    AlertChanged,
    Basis,
    Detected,
    Event,
    Floats,
    Frames,
    Reason,
    RegistrationMode,
    Rejected,
    Site,
    Tick,
    Tracked,
    Tracks,
    TrackStatus,
)
from luchtwacht.model.batch import layout
from luchtwacht.pipeline import Input, Pipeline
from luchtwacht.simulation import SensorBehaviour, embedded_scenario, read_scenario
from luchtwacht.units import DEGREE, SECOND_NS, seconds_to_ns

EXAMPLE = Path(__file__).parent.parent / "examples" / "icmcis2021" / "site.toml"
CAMPAIGN = Path(__file__).parents[1].parent / "shared" / "data" / "radar_drone" / "nato_icmcis2021"


def received(frames: Frames, received_ns: Floats) -> tuple[Input, ...]:
    """The frames in order of a new time of receipt, with their own sequence numbers, and a tick every half second."""
    order = np.argsort(received_ns, kind="stable")
    payloads = frames.payloads()
    made: list[tuple[int, int, Input]] = [
        (
            int(received_ns[row]),
            1,
            Frames.of(
                [payloads[row]],
                sequence=frames.sequence[row : row + 1],
                source=frames.source[row : row + 1],
                received_ns=received_ns[row : row + 1].astype(np.int64),
            ),
        )
        for row in order.tolist()
    ]
    first, last = int(frames.received_ns.min()), int(received_ns.max()) + 12 * SECOND_NS
    made += [
        (time_ns, 0, Tick(sequence=10**7 + k, received_ns=time_ns))
        for k, time_ns in enumerate(range(first, last, SECOND_NS // 2))
    ]
    return tuple(each for _, _, each in sorted(made, key=lambda one: one[:2]))


def delayed(frames: Frames, seed: int, share: float, most_s: float, sparing: int = 10) -> Floats:
    """Times of receipt of which a share comes up to `most_s` later; the first of every source come in time."""
    rng = np.random.default_rng(seed)
    delay = (rng.random(len(frames)) < share) * rng.uniform(0.0, most_s, len(frames)) * SECOND_NS
    for source in np.unique(frames.source).tolist():
        delay[np.flatnonzero(frames.source == source)[:sparing]] = 0.0
    return np.asarray(frames.received_ns + delay.astype(np.int64))


def measured(event: Tracked) -> Tracks:
    return event.tracks.take((event.tracks.basis == Basis.MEASURED) & (event.tracks.status != TrackStatus.TERMINATED))


def conclusions(events: tuple[Event, ...]) -> tuple[dict[int, Tracks], dict[int, frozenset[int]]]:
    """By time: what was in the air, and the ids of all detections released until then."""
    tracks = {event.time_ns: measured(event) for event in events if isinstance(event, Tracked)}
    known: frozenset[int] = frozenset()
    released = {}
    for event in events:
        if isinstance(event, Detected):
            known |= set(event.detections.id.tolist())
            released[event.time_ns] = known
    return tracks, released


def compare(ordered: tuple[Event, ...], shuffled: tuple[Event, ...]) -> tuple[int, int]:
    """Conclusions that rest on the same reports, all held to be the same to the bit; and how many there were."""
    (wanted, wanted_from), (got, got_from) = conclusions(ordered), conclusions(shuffled)
    compared, number = 0, {}
    for time_ns in sorted(wanted_from):
        if got_from.get(time_ns) != wanted_from[time_ns]:
            continue
        one, two = wanted.get(time_ns, Tracks.empty()), got.get(time_ns, Tracks.empty())
        compared += 1
        assert len(one) == len(two), time_ns
        first, second = np.lexsort((one.updates, *one.x.T)), np.lexsort((two.updates, *two.x.T))
        for name, _, _ in layout(Tracks):
            if name != "track":
                assert getattr(one, name)[first].tobytes() == getattr(two, name)[second].tobytes(), (time_ns, name)
        for theirs, mine in zip(one.track[first].tolist(), two.track[second].tolist(), strict=True):
            assert number.setdefault(theirs, mine) == mine
    assert len(set(number.values())) == len(number)
    return compared, len(wanted_from)


def late(events: tuple[Event, ...]) -> int:
    return sum(
        rejection.count
        for event in events
        if isinstance(event, Rejected)
        for rejection in event.rejections
        if rejection.reason is Reason.LATE
    )


def capital() -> Site:
    """Without corrections learnt on line: they are what is known when a report is concluded on, late or not."""
    return unregistered(read_scenario(embedded_scenario()).site)


def unregistered(site: Site) -> Site:
    return replace(site, sensors=tuple(replace(each, registration=RegistrationMode.SHOW) for each in site.sensors))


@cache
def frames_of_capital() -> Frames:
    (joined,) = joined_frames(played())
    assert isinstance(joined, Frames)
    return joined


@cache
def shuffled_capital() -> tuple[Input, ...]:
    frames = frames_of_capital()
    return received(frames, delayed(frames, 4, 0.03, 4.5))


def test_late_frames_of_a_capital_at_night_change_no_track() -> None:
    frames = frames_of_capital()
    ordered = Pipeline(capital()).step(received(frames, frames.received_ns))
    shuffled = Pipeline(capital()).step(shuffled_capital())
    compared, total = compare(ordered, shuffled)
    assert compared > 8
    assert compared < total
    assert late(shuffled) == 0
    assert {event.alert.zone for event in shuffled if isinstance(event, AlertChanged)} == {
        event.alert.zone for event in ordered if isinstance(event, AlertChanged)
    }


def field_frames(seconds: float, seed: int) -> tuple[Site, Frames]:
    """Two radars that are off and a direction finder over eight drones, four of which say where they are."""
    site = busy_field()
    scenario = busy_world(
        seconds,
        SensorBehaviour(id="west", azimuth_bias_deg=1.2, range_bias_m=25.0, clock_error_s=0.6),
        SensorBehaviour(id="east", azimuth_bias_deg=-0.8),
        seed=seed,
    )
    taken = arrivals(scenario)
    return site, Frames.of(
        [payload for _, _, payload in taken],
        sequence=np.arange(1, len(taken) + 1),
        source=[source for _, source, _ in taken],
        received_ns=[received_ns for received_ns, _, _ in taken],
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_while_biases_are_learnt_and_taken_off_late_frames_change_no_track(seed: int) -> None:
    site, frames = field_frames(60.0, seed)
    one, other = Pipeline(site), Pipeline(site)
    ordered = one.step(received(frames, frames.received_ns))
    shuffled = other.step(received(frames, delayed(frames, seed + 10, 0.04, 4.5)))
    compared, total = compare(ordered, shuffled)
    assert 15 < compared < total
    assert late(shuffled) == 0
    assert corrections(ordered) == corrections(shuffled)
    learnt = [each.state().measuring.registration.adjustment for each in (one, other)]
    assert learnt[0].theta.tobytes() == learnt[1].theta.tobytes(), "they learnt the same"
    assert learnt[0].P.tobytes() == learnt[1].P.tobytes()
    assert abs(learnt[0].theta[AZIMUTH]) > 0.9 * DEGREE, "and something"
    west = {
        float(z)
        for event in ordered
        if isinstance(event, Detected)
        for z in event.detections.R[event.detections.sensor == 0, 0, 0]
    }
    assert len(west) > 2, "and what was taken off changed on the way"


def corrections(events: tuple[Event, ...]) -> dict[int, bytes]:
    """By id, what the tracker was given of each detection."""
    given: dict[int, bytes] = {}
    for event in events:
        if isinstance(event, Detected):
            of = event.detections
            for row, each in enumerate(of.id.tolist()):
                given[each] = of.time_ns[row].tobytes() + of.z[row].tobytes() + of.R[row].tobytes()
    return given


def test_how_late_frames_are_cut_into_calls_cannot_be_seen() -> None:
    whole = said(Pipeline(capital()).step(shuffled_capital()))
    watch = Pipeline(capital())
    assert said(tuple(event for each in shuffled_capital() for event in watch.step([each]))) == whole
    frames = [each for each in shuffled_capital() if isinstance(each, Frames)]
    joined = Frames.of(
        [payload for each in frames for payload in each.payloads()],
        sequence=np.concatenate([each.sequence for each in frames]),
        source=np.concatenate([each.source for each in frames]),
        received_ns=np.concatenate([each.received_ns for each in frames]),
    )
    without_ticks = said(Pipeline(capital()).step([joined]))
    assert len(without_ticks) > 200
    assert without_ticks == whole[: len(without_ticks)]
    watch = Pipeline(capital())
    assert without_ticks == said(
        tuple(event for each in cut_frames((joined,), 5, seed=1) for event in watch.step([each]))
    )


def test_without_a_window_what_is_late_is_recorded_and_counted() -> None:
    site = capital()
    strict = replace(site, tracking=replace(site.tracking, rollback_s=0.0))
    assert late(Pipeline(strict).step(shuffled_capital())) > 5


@pytest.mark.recording
@pytest.mark.skipif(not CAMPAIGN.is_dir(), reason=f"the ICMCIS recordings are not beside the project ({CAMPAIGN})")
@pytest.mark.parametrize("scenario", ["Scenario_1_1"])
def test_a_real_recording_shuffled_within_seconds_gives_the_same_tracks(scenario: str) -> None:
    site, mappings = load_site(EXAMPLE)
    site = unregistered(site)
    arrivals = list(open_recording(site, mappings, CAMPAIGN / scenario).files.arrivals())
    frames = Frames.of(
        [payload for _, _, payload in arrivals],
        sequence=np.arange(1, len(arrivals) + 1),
        source=[source for _, source, _ in arrivals],
        received_ns=[received_ns for received_ns, _, _ in arrivals],
    )
    frames = frames.take(frames.received_ns < frames.received_ns.min() + seconds_to_ns(240.0))
    ordered = Pipeline(site, mappings).step(received(frames, frames.received_ns))
    shuffled = Pipeline(site, mappings).step(received(frames, delayed(frames, 9, 0.05, 4.0)))
    assert late(shuffled) == late(ordered)
    compared, total = compare(ordered, shuffled)
    assert compared > 20
    assert compared < total
