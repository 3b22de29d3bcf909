"""Made-up drones that leave the ground, under many conditions: the worlds of `bench/origin.py`.

How they leave is thought up apart from what `tracking.departures` believes: straight up, part of the way or on a slope,
with or without a pause, thrown; to 25 to 120 m, one in ten as high as 1,000 m; straight on, or with turns. They leave
evenly over a disc that is wider than what a sensor sees and fly for as long as the model thinks possible, so that also
those are met that come from afar: what is asked is not where they left but where they were first seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Any
from zlib import crc32

import numpy as np
from scipy.ndimage import gaussian_filter

from luchtwacht.model import Detections, Floats, Format, Ints, Place, Sensor, SensorKind, Site, Source
from luchtwacht.model.ground import grid_of
from luchtwacht.model.sight import ground_up
from luchtwacht.model.site import TakeOffSettings
from luchtwacht.simulation import ObjectKind, Scenario, SimulatedObject, measure
from luchtwacht.simulation.scenario import Emission, Fly, Heights, Hover, Leg
from luchtwacht.simulation.sensors import mount
from luchtwacht.simulation.trajectory import Paths, lay_paths
from luchtwacht.tracking.takeoffs import FEWEST, MOST_KEPT, WINDOW_NS
from luchtwacht.units import SECOND_NS

START_NS = 1_800_000_000_000_000_000
ORIGIN = Place(latitude=52.0, longitude=5.0)
TURNS_A_M = 1.0 / 1_200.0
TURN_DEG = 40.0
"""of those that do not fly straight: turns a metre, and how far (standard deviation)"""
HILL_M, HILLS, GRID, CROSSING_M = 1_600.0, (40.0, 160.0), 460, 120.0
"""m across a hill; m from valley to top; crossings of the grid along either side, and m between them"""
EARTH_RADIUS = 6_371_000.0
ALONE_NS = int(2.5 * SECOND_NS)
"""for so long a bearing waits for another that crosses it, as `tracking.triangulation` has it"""


def radar(name: str = "radar", at: tuple[float, float] = (0.0, 0.0), **declared: Any) -> Sensor:
    """A radar on a mast of 10 m: 1 Hz, 10 m, 0.5 and 1 degree, 0.9, sees to the ground as far as 15 km."""
    usual: dict[str, Any] = {
        "kind": SensorKind.RADAR_3D, "range_max_m": 15_000.0, "elevation_min_deg": -1.0, "elevation_max_deg": 40.0,
        "probability_of_detection": 0.9, "false_reports": 0.0,
    }  # fmt: skip
    frame = Site(id="s", name="s", origin=ORIGIN).frame
    latitude, longitude, height = frame.from_enu([at[0], at[1], 10.0])
    place = Place(latitude=float(np.degrees(latitude)), longitude=float(np.degrees(longitude)), height=float(height))
    return Sensor(id=name, source="s", place=place, **{**usual, **declared})


def finder(name: str, at: tuple[float, float]) -> Sensor:
    """A direction finder: a bearing of 1.5 degrees a second, as far as 8 km."""
    return radar(
        name, at, kind=SensorKind.RF_DIRECTION_FINDER, range_max_m=8_000.0, azimuth_sigma_deg=1.5,
        elevation_min_deg=-90.0, elevation_max_deg=90.0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What there is to see a drone leave."""

    sensors: tuple[Sensor, ...]
    about: str
    away_m: float = 15_000.0
    """drones leave evenly over a disc of this radius"""
    seconds: float = 60.0
    """how long they are watched"""
    hills: bool = False
    wind: tuple[float, float] = (0.0, 0.0)
    """m/s, and degrees from where it blows"""
    emits: bool = False
    """whether direction finders hear them"""


COARSE: dict[str, Any] = {"range_sigma_m": 30.0, "azimuth_sigma_deg": 1.5, "elevation_sigma_deg": 3.0, "period_s": 2.5,
          "probability_of_detection": 0.6}  # fmt: skip
FLAT: dict[str, Any] = {"kind": SensorKind.RADAR_2D}
LONG_S, FAR_M = 608.0, 22_000.0
CONDITIONS = {
    "in view": Condition(sensors=(radar(),), about="one radar that sees to the ground"),
    "beam": Condition(
        sensors=(radar(range_max_m=10_000.0, elevation_min_deg=0.4),), about="nothing below 0.4 degrees",
        away_m=FAR_M, seconds=LONG_S,
    ),
    "high beam": Condition(
        sensors=(radar(range_max_m=6_000.0, elevation_min_deg=1.5),), about="nothing below 1.5 degrees",
        away_m=12_000.0, seconds=LONG_S,
    ),
    "sector": Condition(
        sensors=(radar(range_max_m=8_000.0, azimuth_from_deg=20.0, azimuth_to_deg=110.0),),
        about="a sector of 90 degrees", away_m=FAR_M, seconds=LONG_S,
    ),
    "hills": Condition(sensors=(radar(range_max_m=10_000.0),), about="hilly land, known", away_m=FAR_M,
                       seconds=LONG_S, hills=True),
    "coarse": Condition(sensors=(radar(**COARSE),), about="three times the noise, 0.6 a look in 2.5 s", seconds=100.0),
    "coarse beam": Condition(
        sensors=(radar(**COARSE, range_max_m=10_000.0, elevation_min_deg=0.4),), about="the same, above 0.4 degrees",
        away_m=FAR_M, seconds=LONG_S,
    ),
    "2-D": Condition(sensors=(radar(**FLAT),), about="no elevation"),
    "two radars": Condition(
        sensors=(
            radar("one", range_max_m=8_000.0, elevation_min_deg=0.6),
            radar("two", (5_000.0, 2_000.0), **FLAT, range_max_m=6_000.0, elevation_min_deg=0.3, period_s=2.0),
        ),
        about="3-D above 0.6 degrees and 2-D above 0.3", away_m=FAR_M, seconds=LONG_S,
    ),
    "radar and finder": Condition(
        sensors=(radar("one", range_max_m=8_000.0, elevation_min_deg=0.6), finder("rf", (3_000.0, -1_000.0))),
        about="a radar above 0.6 degrees and a direction finder", away_m=FAR_M, seconds=LONG_S, emits=True,
    ),
    "wind": Condition(
        sensors=(radar(range_max_m=8_000.0, elevation_min_deg=0.6),), about="12 m/s of wind, a radar above 0.6 degrees",
        away_m=FAR_M, seconds=LONG_S, wind=(12.0, 240.0),
    ),
    "two finders": Condition(
        sensors=(finder("west", (-2_000.0, 0.0)), finder("east", (2_000.0, 500.0))), about="bearings of two places",
        away_m=6_000.0, seconds=300.0, emits=True,
    ),
}  # fmt: skip


def world(condition: Condition, run: int) -> tuple[Scenario, str]:
    """One drone that takes off somewhere, and how it leaves; the same for the same `run`."""
    rng = np.random.default_rng([run, crc32(condition.about.encode())])
    away, bearing = condition.away_m * np.sqrt(rng.random()), rng.uniform(0.0, 2.0 * np.pi)
    here = away * np.array([np.sin(bearing), np.cos(bearing)])
    thrown = rng.random() < 0.1
    how = "thrown" if thrown else str(rng.choice(["up", "part", "slope"], p=[0.55, 0.28, 0.17]))
    share = {"up": 1.0, "part": rng.uniform(0.1, 0.9)}.get(how, 0.0)
    climb = rng.uniform(1.5, 5.5)
    speed = rng.uniform(13.0, 25.0) if thrown else rng.uniform(5.0, 22.0)
    height = rng.uniform(25.0, 120.0) if rng.random() < 0.9 else 120.0 * (1_000.0 / 120.0) ** rng.random()
    pause_s = rng.uniform(2.0, 12.0) if rng.random() < 0.3 else 0.0
    course = rng.uniform(0.0, 2.0 * np.pi)
    turns_a_m = TURNS_A_M if rng.random() < 0.6 else 0.0
    sends_s = 0.0 if rng.random() < 0.75 else rng.uniform(0.0, condition.seconds)
    strength, from_deg = condition.wind
    towards = np.radians(from_deg + 180.0)
    drift = rng.uniform(0.0, 0.2) * strength * np.array([np.sin(towards), np.cos(towards)])
    legs: list[Leg] = []
    at = here
    if share:
        at = at + drift * share * height / climb
        legs.append(Fly(to=(*at.tolist(), share * height), speed_m_s=float(np.hypot(climb, np.hypot(*drift)))))
        if pause_s:
            legs.append(Hover(seconds=pause_s))
    if share < 1.0:
        at = at + speed * (1.0 - share) * height / climb * np.array([np.sin(course), np.cos(course)])
        legs.append(Fly(to=(*at.tolist(), height), speed_m_s=float(np.hypot(speed, climb))))
    flown = 0.0
    while flown < speed * condition.seconds:
        leg = min(rng.exponential(1.0 / turns_a_m) + 150.0 if turns_a_m else inf, 30_000.0)
        at = at + leg * np.array([np.sin(course), np.cos(course)])
        legs.append(Fly(to=(*at.tolist(), height), speed_m_s=speed))
        course += np.radians(TURN_DEG) * rng.normal()
        flown += leg
    drone = SimulatedObject(
        id="drone", kind=ObjectKind.MULTIROTOR, at=(*here.tolist(), 0.0), legs=tuple(legs),
        start_s=rng.uniform(5.0, 8.0),
        emission=Emission(from_s=sends_s) if condition.emits else None,
    )  # fmt: skip
    site = Site(
        id="bench", name="bench", origin=ORIGIN, sources=(Source(id="s", format=Format.TABLE),),
        sensors=condition.sensors, takeoff=TakeOffSettings(wind_speed_m_s=strength, wind_from_deg=from_deg),
    )  # fmt: skip
    made = Scenario(name="take-off", site=site, duration_s=condition.seconds, seed=run + 1, objects=(drone,))
    return (hilly(made, run) if condition.hills else made), how


def hilly(flat: Scenario, run: int) -> Scenario:
    """The same flight over land with hills, which the site knows; a different land every run."""
    rng = np.random.default_rng([run, 78])
    rough = gaussian_filter(rng.normal(size=(GRID, GRID)), HILL_M / 2.0 / CROSSING_M)
    rough = (rough - rough.min()) / np.ptp(rough) * rng.uniform(*HILLS)
    step = CROSSING_M / 111_195.0, CROSSING_M / 111_195.0 / np.cos(np.radians(52.0))
    north, west = 52.0 + step[0] * GRID / 2, 5.0 - step[1] * GRID / 2
    terrain = grid_of("hills", north, west, step, rough)
    here = float(terrain.at(52.0, 5.0))
    mast = replace(ORIGIN, height=here + 10.0)
    sensors = tuple(
        replace(each, place=replace(each.place, height=each.place.height + here)) for each in flat.site.sensors
    )
    site = replace(flat.site, terrain=terrain, ground_height_m=here, origin=replace(mast, height=here), sensors=sensors)
    (drone,) = flat.objects
    if rng.random() < 0.7:
        left = np.array([[drone.at[0], drone.at[1], 0.0]])
        base = float(ground_up(site, left)[0]) + here + float(np.square(left).sum()) / (2.0 * EARTH_RADIUS)
        legs = tuple(
            Fly(to=_lifted(leg.to, base), speed_m_s=leg.speed_m_s) if isinstance(leg, Fly) else leg
            for leg in drone.legs
        )
        drone = replace(drone, heights=Heights.SEA, at=_lifted(drone.at, base), legs=legs)
    return replace(flat, site=site, objects=(drone,))


def _lifted(place: tuple[float, float, float], by: float) -> tuple[float, float, float]:
    return place[0], place[1], place[2] + by


def among_false_plots(made: Scenario, reports: float) -> Scenario:
    """The same with so many false plots a period of every sensor."""
    sensors = tuple(replace(each, false_reports=reports) for each in made.site.sensors)
    return replace(made, site=replace(made.site, sensors=sensors))


def ever_seen(made: Scenario, paths: Paths) -> bool:
    """Whether any sensor covers it for a few seconds at all: the others need not be flown."""
    times = np.arange(paths.start_s[0], paths.end_s[0], 1.0)
    position, velocity = paths.at(np.zeros(len(times), np.int64), times)
    for number, behaviour in enumerate(made.behaviours):
        eye = mount(made.site, number, behaviour)
        if eye.sees(position, eye.polar(position, velocity)).sum() >= FEWEST:
            return True
    return False


def scans(made: Scenario) -> Iterator[tuple[Detections, Ints]]:
    """What `measure` gives, without the drone before its take-off: standing ready it is not meant to be seen."""
    took_off = START_NS + round(made.objects[0].start_s * SECOND_NS)
    for rows, objects in measure(made, START_NS):
        kept = (objects != 0) | (rows.time_ns >= took_off)
        yield rows.take(kept), objects[kept]


def beginning(made: Scenario) -> Detections:
    """The drone's own detections of the first seconds, as many as are kept of a track.

    The lone bearings of one direction finder make no track: it begins where two cross or where a radar sees it.
    """
    mine: list[Detections] = []
    first_ns = 0
    for rows, objects in scans(made):
        rows = rows.take(objects == 0)
        if not len(rows):
            continue
        now_ns = int(rows.time_ns[-1])
        if not first_ns:
            mine = [each for each in mine if int(each.time_ns[-1]) > now_ns - ALONE_NS]
            heard = {int(sensor) for each in [*mine, rows] for sensor in each.sensor.tolist()}
            if len(heard) > 1 or np.isfinite(rows.z[:, 0]).any():
                first_ns = min(int(each.time_ns[0]) for each in [*mine, rows])
        mine.append(rows.take(rows.time_ns <= first_ns + WINDOW_NS) if first_ns else rows)
        if first_ns and now_ns > first_ns + WINDOW_NS:
            break
    if not first_ns:
        return Detections.empty()
    found = Detections.concatenate(mine)
    found = found.take(np.lexsort((found.id, found.time_ns)))
    return found.take(slice(0, MOST_KEPT))


def truth(made: Scenario) -> tuple[Floats, int]:
    """(2,) east and north of the take-off, and ns UTC of it."""
    paths = lay_paths(made)
    return paths.position[0, :2], START_NS + round(float(paths.start_s[0]) * SECOND_NS)
