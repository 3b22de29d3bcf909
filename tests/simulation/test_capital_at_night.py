"""A capital at night: what the scenario promises, and what the whole watch must make of it."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from functools import cache

import numpy as np
import pytest

from luchtwacht.evaluation import Picture, Report, match, summarise
from luchtwacht.evaluation.crossings import inside
from luchtwacht.model import Alert, AlertChanged, AlertKind, Detected, Event, Frames, Rejected, Tick, Tracked
from luchtwacht.simulation import Scenario, embedded_scenario, read_scenario, simulate, true_course
from luchtwacht.units import SECOND_NS

START_NS = 1_777_772_400_000_000_000
"""2026-05-03 01:40 UTC"""
INTRUDERS = {"silent", "piloted"}


@cache
def scenario() -> Scenario:
    return read_scenario(embedded_scenario("capital_at_night"))


@cache
def run() -> tuple[Event, ...]:
    """The whole scenario through the whole pipeline, a second of received bytes at a time."""
    from luchtwacht.pipeline import Pipeline

    pipeline = Pipeline(scenario().site)
    events: list[Event] = []
    messages = list(simulate(scenario(), START_NS))
    seconds = np.array([(time_ns - START_NS) // SECOND_NS for time_ns, _, _ in messages])
    for second in np.unique(seconds).tolist():
        first, last = np.searchsorted(seconds, [second, second + 1]).tolist()
        part = messages[first:last]
        events += pipeline.step(
            [
                Frames.of(
                    [payload for _, _, payload in part],
                    sequence=list(range(first + 1, last + 1)),
                    source=[source for _, source, _ in part],
                    received_ns=[time_ns for time_ns, _, _ in part],
                )
            ]
        )
    end_ns = messages[-1][0] + 30 * SECOND_NS
    events += pipeline.step([Tick(sequence=len(messages) + 1, received_ns=end_ns)])
    return tuple(events)


@cache
def picture() -> Picture:
    events = run()
    return match(
        [event for event in events if isinstance(event, Tracked)],
        [event for event in events if isinstance(event, Detected)],
        [event for event in events if isinstance(event, AlertChanged)],
        true_course(scenario(), START_NS),
        scenario().site,
    )


@cache
def judged() -> Report:
    return summarise(picture())


def last_versions() -> dict[int, Alert]:
    return {event.alert.id: event.alert for event in run() if isinstance(event, AlertChanged)}


# -- the scenario itself ---------------------------------------------------------------------------------------------


def test_the_two_intruders_cross_when_they_should_and_nobody_else_may_be_alerted() -> None:
    truth, site = true_course(scenario(), START_NS), scenario().site
    zone = site.zones[0]
    entered = {}
    for name in dict.fromkeys(truth.object.tolist()):
        part = truth.take(truth.object == name)
        within = inside(zone, site, part.position)
        if within.any():
            entered[name] = (int(part.time_ns[np.flatnonzero(within)[0]]) - START_NS) / SECOND_NS
    assert 35.0 <= entered["silent"] <= 45.0
    assert 95.0 <= entered["piloted"] <= 105.0
    assert entered["piloted"] - entered["silent"] == pytest.approx(60.0, abs=5.0)
    assert {"filming", "helicopter", "gulls-harbour", "gulls-river", "thrushes", "heron"} <= set(entered)
    unpermitted = {each.id for each in scenario().objects if each.habit.category in (0, 1) and not each.permitted}
    assert unpermitted == INTRUDERS


def test_the_intruders_come_in_low_and_the_helicopter_passes_through_the_zone() -> None:
    truth, site = true_course(scenario(), START_NS), scenario().site
    for name in INTRUDERS:
        part = truth.take(truth.object == name)
        heights = part.position[inside(site.zones[0], site, part.position), 2] - site.ground_up
        assert heights.min() > 35.0
        assert heights.max() < 75.0
    helicopter = truth.take(truth.object == "helicopter")
    assert inside(site.zones[0], site, helicopter.position).sum() > 300


def test_the_permission_is_for_the_drone_that_films() -> None:
    site = scenario().site
    (permission,) = site.authorisations
    filming = next(each for each in scenario().objects if each.permitted)
    assert filming.remote_id is not None
    assert permission.aircraft == (f"uas:{filming.remote_id.serial}",)
    assert permission.zones == (site.zones[0].id,)
    assert all(set(zone.message or {}) == {"nl", "en"} for zone in site.zones)


def test_the_map_is_small_plain_geojson_about_the_site() -> None:
    path = embedded_scenario().parent / scenario().site.base_map
    assert path.stat().st_size < 1_500_000
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    kinds = Counter(feature["properties"]["kind"] for feature in features)
    assert set(kinds) == {"water", "park", "built", "building", "road", "rail", "label"}
    roads = {feature["properties"]["class"] for feature in features if feature["properties"]["kind"] == "road"}
    assert roads == {"motorway", "primary", "secondary", "street"}
    for feature in features:
        numbers = np.array(_flat(feature["geometry"]["coordinates"])).reshape(-1, 2)
        assert np.abs(numbers - [5.25, 52.57]).max() < 0.1
        assert feature["geometry"]["type"] in ("Point", "MultiPolygon", "Polygon", "MultiLineString")


def test_the_map_is_what_the_script_beside_it_draws() -> None:
    """One district's worth of it: drawing the whole takes longer than a test should."""
    script = runpy.run_path(str(embedded_scenario().parent / "city.py"))
    grounds, pond, _ = script["government_quarter"]()
    drawn = script["to_geojson"](script["Feature"]("park", grounds, {}))["geometry"]["coordinates"][0]
    zone = scenario().site.zones[1].volumes[0].polygon
    assert zone is not None
    corners = np.array([zone[0][k] for k in range(5)])
    nearest = np.abs(np.array(drawn)[None] - corners[:, None]).max(axis=2).min(axis=1)
    assert nearest.max() < 2e-4
    assert grounds.contains(pond)


def _flat(coordinates: list) -> list[float]:
    if isinstance(coordinates[0], float):
        return coordinates
    return [number for each in coordinates for number in _flat(each)]


# -- and what the watch makes of it ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_byte_is_rejected() -> None:
    assert [event.rejections for event in run() if isinstance(event, Rejected)] == []


@pytest.mark.slow
def test_exactly_the_two_drones_without_permission_are_alerted() -> None:
    alerted = set()
    for alert in last_versions().values():
        assert alert.kind in (AlertKind.ZONE_INTRUSION, AlertKind.ZONE_APPROACH)
        rows = np.isin(picture().estimates.track, alert.tracks) & (picture().estimates.object >= 0)
        names = Counter(picture().courses.names[row] for row in picture().estimates.object[rows].tolist())
        assert names, f"alert {alert.id} was raised for something that never was anything"
        alerted.add(names.most_common(1)[0][0])
    assert alerted == INTRUDERS
    figures = judged().alerts
    assert (figures.missed, figures.false, figures.false_approaches) == (0, 0, 0)
    assert {each.object for each in figures.crossings if each.zone == "MST-CENTRUM"} == INTRUDERS


@pytest.mark.slow
def test_each_is_alerted_within_five_seconds_of_its_true_crossing() -> None:
    for crossing in judged().alerts.crossings:
        assert -2.0 <= crossing.alerted_s <= 5.0, crossing


@pytest.mark.slow
def test_the_drones_are_tracked_while_they_fly() -> None:
    assert judged().covered > 0.9
    assert judged().error_median_m < 20.0


@pytest.mark.slow
def test_no_false_track_is_confirmed_over_the_zone() -> None:
    """The windmills outside it give some."""
    estimates, site = picture().estimates, scenario().site
    over = inside(site.zones[0], site, estimates.x[:, :3])
    near = np.isin(estimates.track, np.unique(estimates.track[estimates.nearest >= 0]))
    assert not (over & ~near).any()
