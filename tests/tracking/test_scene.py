"""Heights that no sensor measured are heights above the land that is there."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tracking.skies import at, polar, sensor, site, straight

from luchtwacht.model import Detections, Floats, SensorKind, Site
from luchtwacht.model.ground import HeightGrid, grid_of
from luchtwacht.tracking import Tracker
from luchtwacht.tracking.scene import LOW, Scene
from luchtwacht.tracking.smoothing import smooth

FLAT = sensor("flat", SensorKind.RADAR_2D, azimuth_sigma_deg=0.3, range_max_m=8_000.0)
FINDERS = tuple(
    sensor(name, SensorKind.RF_DIRECTION_FINDER, (east, 0.0), azimuth_sigma_deg=1.0, range_max_m=8_000.0)
    for name, east in (("west", -1_500.0), ("east", 1_500.0))
)
PLATEAU_M = 300.0


def land(beyond_north_deg: float) -> HeightGrid:
    """Land at 0 m, and a plateau of 300 m north of a latitude."""
    latitudes = 52.3 - 0.002 * np.arange(301)
    profile = np.where(latitudes > beyond_north_deg, PLATEAU_M, 0.0)
    return grid_of("plateau", 52.3, 4.5, (0.002, 0.002), np.tile(profile[:, None], (1, 501)))


def path(k: float) -> Floats:
    """Over the plateau, if there is one, 80 m above it."""
    return straight((1_000.0, 4_000.0, PLATEAU_M + 80.0), (6.0, 9.0, 0.0), k)


def seen(here: Site) -> Detections:
    """Fifteen seconds of it, by all sensors of the site in turn."""
    rng = np.random.default_rng(2)
    measured = (FLAT in here.sensors, True, False, False)
    looks = [(k + 0.3 * s, s) for k in range(15) for s in range(len(here.sensors))]
    return Detections.concatenate(
        [polar(here.sensors[s], s, here, at(t), path(t), rng, measured, n + 1) for n, (t, s) in enumerate(looks)]
    )


def test_objects_are_looked_for_above_the_land_round_a_sensor() -> None:
    flat, high, half = (Scene(site(FLAT, terrain=terrain), FLAT) for terrain in (None, land(51.5), land(52.0)))
    np.testing.assert_allclose(high.heights[:, 1] - flat.heights[:, 1], PLATEAU_M, atol=4.0)  # the earth is round
    np.testing.assert_allclose(high.heights[:, 2], flat.heights[:, 2], atol=1.0)
    assert half.heights[0, 1] == pytest.approx(flat.heights[0, 1] + 0.5 * PLATEAU_M, abs=15.0)
    assert half.heights[0, 2] == pytest.approx(np.hypot(LOW[2], 0.5 * PLATEAU_M), abs=5.0)


def test_a_flat_radars_new_tracks_fly_above_the_land_that_is_there() -> None:
    ups = []
    for terrain in (None, land(51.5)):
        here = site(FLAT, terrain=terrain)
        tracker, rows = Tracker(here), seen(here)
        for k in range(len(rows)):
            tracks, _ = tracker.step(int(rows.time_ns[k]) + 1, rows.take(slice(k, k + 1)))
        assert len(tracks) == 1
        ups.append(float(tracks.x[0, 2]))
    assert ups[1] - ups[0] > 0.8 * PLATEAU_M


@pytest.mark.parametrize("sensors", [(FLAT,), FINDERS])
def test_smoothing_begins_above_the_land_that_is_there(sensors: tuple) -> None:  # type: ignore[type-arg]
    """The plateau begins between the sensors and the object: it is the land under the object that counts."""
    plain, plateau = (site(*sensors, terrain=terrain) for terrain in (None, land(52.02)))
    rows = seen(plain)
    low, high = smooth(rows, plain), smooth(rows, plateau)
    assert not high.height_measured
    assert high.x[0, 2] - low.x[0, 2] == pytest.approx(PLATEAU_M, abs=40.0)


def test_over_a_plateau_a_flat_radars_place_is_nearer_by_knowing_the_land() -> None:
    plain, plateau = (site(FLAT, terrain=terrain) for terrain in (None, land(52.02)))
    rows = seen(plain)
    truth = path(0.0)[:2]
    off = [float(np.hypot(*(smooth(rows, here).x[0, :2] - truth))) for here in (plain, plateau)]
    assert off[1] < off[0]
