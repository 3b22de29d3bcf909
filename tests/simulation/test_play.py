"""A scenario plays the same every time, in order of receipt, at once, and with the faults it is given."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from tests.simulation.worlds import ADS_B, FINDER, RADAR, RECEIVER, START_NS, drone, site, world

from luchtwacht.errors import BadConfiguration
from luchtwacht.simulation import (
    AdsBOutput,
    Emission,
    ObjectKind,
    RemoteIdOutput,
    SensorBehaviour,
    SimulatedObject,
    embedded_scenario,
    read_scenario,
    simulate,
    true_course,
)
from luchtwacht.simulation.play import Received

EVERYTHING = world(
    drone(emission=Emission(), remote_id=RemoteIdOutput(serial="ZZZZ3ABC")),
    drone("helicopter", kind=ObjectKind.HELICOPTER, at=(3000.0, -500.0, 250.0), ads_b=AdsBOutput(icao="f0c0de")),
    sensors=(RADAR, FINDER, RECEIVER, ADS_B),
    duration_s=30,
)


def received_from(source: int, messages: list[Received]) -> list[tuple[int, bytes]]:
    return [(time_ns, payload) for time_ns, where, payload in messages if where == source]


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    first = list(simulate(EVERYTHING, START_NS))
    assert first == list(simulate(EVERYTHING, START_NS))
    other = list(simulate(EVERYTHING.with_seed(2), START_NS))
    assert [payload for _, _, payload in first] != [payload for _, _, payload in other]


def test_messages_come_in_order_of_receipt_from_every_source() -> None:
    messages = list(simulate(EVERYTHING, START_NS))
    times = [time_ns for time_ns, _, _ in messages]
    assert times == sorted(times)
    assert {source for _, source, _ in messages} == {0, 1, 2, 3}
    assert times[0] >= START_NS
    assert times[-1] < START_NS + 31_000_000_000


def test_the_first_messages_are_there_before_the_rest_is_made() -> None:
    endless = replace(EVERYTHING, duration_s=600.0)
    first = list(islice(simulate(endless, START_NS), 50))
    assert first == list(islice(simulate(EVERYTHING, START_NS), 50))


def test_a_sensor_more_changes_nothing_for_the_others() -> None:
    alone = replace(EVERYTHING, site=site(RADAR), behaviours=())
    assert list(simulate(alone, START_NS)) == [each for each in simulate(EVERYTHING, START_NS) if each[1] == 0]


def test_latency_delays_and_jitter_reorders() -> None:
    calm = EVERYTHING.with_behaviour(SensorBehaviour(id="radar", latency_s=0.0))
    late = EVERYTHING.with_behaviour(SensorBehaviour(id="radar", latency_s=1.5))
    jittery = EVERYTHING.with_behaviour(SensorBehaviour(id="radar", latency_s=0.0, latency_jitter_s=0.5))
    on_time, delayed, mixed = (received_from(0, list(simulate(each, START_NS))) for each in (calm, late, jittery))
    assert [payload for _, payload in delayed] == [payload for _, payload in on_time]
    assert np.diff([[a[0] for a in on_time], [b[0] for b in delayed]], axis=0) == pytest.approx(1.5e9, abs=2)
    assert sorted(payload for _, payload in mixed) == sorted(payload for _, payload in on_time)
    assert [payload for _, payload in mixed] != [payload for _, payload in on_time]
    assert [time_ns for time_ns, _ in mixed] == sorted(time_ns for time_ns, _ in mixed)


def test_lost_messages_are_gone() -> None:
    lossy = EVERYTHING.with_behaviour(SensorBehaviour(id="radar", loss=0.5))
    whole, kept = (received_from(0, list(simulate(each, START_NS))) for each in (EVERYTHING, lossy))
    assert len(kept) / len(whole) == pytest.approx(0.5, abs=0.08)
    assert {payload for _, payload in kept} <= {payload for _, payload in whole}


@pytest.mark.parametrize(("name", "source"), [("radar", 0), ("finder", 1), ("receiver", 2), ("ads-b", 3)])
def test_an_outage_silences_every_kind_of_sensor(name: str, source: int) -> None:
    broken = EVERYTHING.with_behaviour(SensorBehaviour(id=name, latency_s=0.0, outages=((10.0, 20.0),)))
    times = [(time_ns - START_NS) / 1e9 for time_ns, _ in received_from(source, list(simulate(broken, START_NS)))]
    assert not [time_s for time_s in times if 10.05 < time_s < 19.95]
    assert min(times) < 10.0
    assert max(times) > 20.0


def test_the_truth_is_told_for_every_object_while_it_exists() -> None:
    truth = true_course(EVERYTHING, START_NS, step_s=0.5)
    assert set(truth.object.tolist()) == {"drone", "helicopter"}
    assert (np.diff(truth.time_ns[truth.object == "drone"]) == 500_000_000).all()
    assert np.isfinite(truth.velocity).all()


def test_a_scenario_that_names_what_is_not_there_is_refused() -> None:
    with pytest.raises(BadConfiguration, match="sensor 'sonar', which the site does not have"):
        world(behaviours=(SensorBehaviour(id="sonar"),))
    with pytest.raises(BadConfiguration, match="two objects are called 'twin'"):
        world(drone("twin"), drone("twin"))
    with pytest.raises(BadConfiguration, match="no scenario is called 'nowhere'"):
        embedded_scenario("nowhere")
    with pytest.raises(BadConfiguration, match="names source 'gone'"):
        replace(EVERYTHING, site=replace(EVERYTHING.site, sensors=(replace(RADAR, source="gone"),)), behaviours=())


def test_an_unknown_key_in_a_scenario_file_is_refused_with_the_nearest(tmp_path) -> None:
    folder = embedded_scenario().parent
    (tmp_path / "site.toml").write_text((folder / "site.toml").read_text())
    (tmp_path / "scenario.toml").write_text((folder / "scenario.toml").read_text().replace("radius_m", "radious_m", 1))
    with pytest.raises(BadConfiguration, match="radious_m"):
        read_scenario(tmp_path / "scenario.toml")


def test_nothing_is_simulated_of_an_object_that_is_not_there_yet() -> None:
    later = SimulatedObject(
        id="later",
        kind=ObjectKind.MULTIROTOR,
        at=(500.0, 0.0, 60.0),
        start_s=20.0,
        remote_id=RemoteIdOutput(serial="ZZZZ3ABC"),
    )
    scenario = world(later, sensors=(replace(RECEIVER, probability_of_detection=1.0),), duration_s=25)
    times = [(time_ns - START_NS) / 1e9 for time_ns, _, _ in simulate(scenario, START_NS)]
    assert min(times, default=0.0) >= 20.0
