"""What the sensors measured, as the bytes that they would send: through the same codecs that read them.

    radar               ASTERIX CAT048 plots with CAT034 sector messages and north markers; a datagram a sector
    direction finder    ASTERIX CAT205 bearing reports; a datagram each
    Remote ID receiver  an 802.11 beacon with radiotap header each
    ADS-B receiver      readsb's `aircraft.json`, whole, once a period

Nothing in the bytes says that they are simulated: I048/020 SIM stays 0, because a watch keeps targets so marked out of
its picture, and the whole picture is what is to be tried here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from luchtwacht.codecs import adsb, asterix, remote_id
from luchtwacht.errors import BadConfiguration
from luchtwacht.model import SensorKind
from luchtwacht.simulation.scenario import Heights, RemoteIdOutput, Scenario
from luchtwacht.simulation.sensors import (
    FALSE,
    Floats,
    Looks,
    Mount,
    claimed_error,
    listen,
    look_around,
    mount,
    reaches,
    received_power_dbm,
)
from luchtwacht.simulation.trajectory import Paths, lay_paths, raise_to
from luchtwacht.units import DAY_NS, DEGREE, FOOT, FOOT_PER_MINUTE, KNOT, NAUTICAL_MILE, SECOND_NS

_SENSOR_STREAM = 2
_NORTH_MARKER, _SECTOR_CROSSING = 1, 2
_PRIMARY = 1
"""I048/020 TYP: single primary detection"""
_SYSTEM_BEARING = 2
"""I205/000"""
_DBM_TO_DBUV = 107.0
"""in 50 ohm"""
_WIFI_HZ = 2.437e9
_TRANSPONDER_DBM, _TRANSPONDER_HZ = 51.0, 1.09e9
_REMEMBERED_S = 15.0
"""readsb goes on listing a position for so long"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it leaves a sensor."""

    time_s: float
    """true time since the start of the scenario"""
    payload: bytes


@dataclass(frozen=True)
class Stage:
    """Everything a sensor needs to be simulated."""

    scenario: Scenario
    paths: Paths
    mount: Mount
    start_ns: int
    """ns UTC at which the scenario's time is 0"""
    seed: tuple[int, ...]

    def generator(self, stream: int) -> np.random.Generator:
        """Chances of one kind for this sensor alone."""
        return np.random.default_rng([*self.seed, stream])

    def clock_ns(self, time_s: float) -> int:
        """ns UTC by the sensor's own clock."""
        return self.start_ns + round(float(self.mount.own_clock_s(time_s)) * SECOND_NS)

    def time_of_day_s(self, time_s: Floats) -> Floats:
        """Seconds since midnight UTC by the sensor's own clock."""
        into_day = self.start_ns % DAY_NS / SECOND_NS
        return np.asarray(np.mod(into_day + self.mount.own_clock_s(time_s), DAY_NS / SECOND_NS))

    def periods(self) -> range:
        """Numbers of the sensor's periods."""
        return range(int(np.ceil(self.scenario.duration_s / self.mount.sensor.period_s)))


def stages(scenario: Scenario, start_ns: int) -> list[Stage]:
    """One stage a sensor of the site, in its order, all over the same paths."""
    paths = lay_paths(scenario)
    return [
        Stage(
            scenario=scenario,
            paths=paths,
            mount=mount(scenario.site, index, behaviour, scenario.weather),
            start_ns=start_ns,
            seed=(scenario.seed, _SENSOR_STREAM, index),
        )
        for index, behaviour in enumerate(scenario.behaviours)
    ]


def transmissions(stage: Stage) -> Iterator[Sent]:
    """What one sensor sends, in order of `time_s`, made as it is asked for.

    Raises:
        BadConfiguration: sensors of this kind cannot be simulated.
    """
    kind = stage.mount.sensor.kind
    if kind not in _SPEAKERS:
        raise BadConfiguration(
            f"sensor '{stage.mount.sensor.id}' is a {kind}, which cannot be simulated",
            hint=f"kinds that can: {', '.join(_SPEAKERS)}",
        )
    return _SPEAKERS[kind](stage)


# -- radar ---------------------------------------------------------------------------------------------------------


def _radar(stage: Stage) -> Iterator[Sent]:
    """Turn by turn: the plots of each sector when the antenna has left it, with the sector that begins."""
    mount, rng = stage.mount, stage.generator(0)
    sectors, period = mount.behaviour.sectors, mount.sensor.period_s
    for turn in stage.periods():
        looks = look_around(mount, stage.paths, turn, rng)
        plots = _plots(stage, looks)
        borders_s = (turn + np.arange(sectors) / sectors) * period
        service = _sector_messages(stage, borders_s)
        sector = np.clip(((looks.time_s / period - turn) * sectors).astype(np.int64), 0, sectors - 1)
        for number in range(sectors):
            if not mount.dark(borders_s[number]):
                yield Sent(float(borders_s[number]), service[number])
            mine = [plots[row] for row in np.flatnonzero(sector == number).tolist()]
            if mine:
                yield Sent(float(borders_s[number]) + period / sectors, b"".join(mine))


def _plots(stage: Stage, looks: Looks) -> list[bytes]:
    """A CAT048 block for each plot."""
    if not len(looks):
        return []
    sensor = stage.mount.sensor
    distance, azimuth, _, rate = looks.polar.T
    columns: dict[str, Any] = {
        **_source(stage, 48, len(looks)),
        "I048/140": stage.time_of_day_s(looks.time_s),
        "I048/020/TYP": np.full(len(looks), _PRIMARY),
        "I048/040/RHO": distance / NAUTICAL_MILE,
        "I048/040/THETA": np.mod(azimuth / DEGREE, 360.0),
        "I048/120/CAL/D": np.zeros(len(looks), dtype=np.int64),
        "I048/120/CAL/CAL": np.clip(rate, -511.0, 511.0),
    }
    if sensor.rcs_offset_db is not None:
        amplitude = looks.rcs_dbsm - 40.0 * np.log10(distance) - sensor.rcs_offset_db
        columns["I048/130/PAM"] = np.clip(amplitude, -128.0, 127.0)
    if sensor.kind is SensorKind.RADAR_3D:
        site = stage.scenario.site
        sea = float(site.sea_level(sensor.place.latitude, sensor.place.longitude))
        columns["I048/110/3DH"] = (site.frame.from_enu(stage.mount.position(looks.polar))[:, 2] - sea) / FOOT
    return asterix.encode(48, columns, records_per_block=1)


def _sector_messages(stage: Stage, borders_s: Floats) -> list[bytes]:
    """A CAT034 block for each sector that begins; the first is a north marker."""
    count = len(borders_s)
    columns = {
        **_source(stage, 34, count),
        "I034/000": np.where(np.arange(count) == 0, _NORTH_MARKER, _SECTOR_CROSSING),
        "I034/030": stage.time_of_day_s(borders_s),
        "I034/020": np.arange(count) * 360.0 / count,
        "I034/041": np.full(count, stage.mount.sensor.period_s),
    }
    return asterix.encode(34, columns, records_per_block=1)


def _source(stage: Stage, category: int, count: int) -> dict[str, Any]:
    """I…/010."""
    sensor = stage.mount.sensor
    return {
        f"I{category:03d}/010/SAC": np.full(count, sensor.sac or 0),
        f"I{category:03d}/010/SIC": np.full(count, sensor.sic or 0),
    }


# -- direction finder ----------------------------------------------------------------------------------------------


def _direction_finder(stage: Stage) -> Iterator[Sent]:
    """Every bearing as it is taken."""
    rng, number = stage.generator(0), 0
    for period in stage.periods():
        looks = listen(stage.mount, stage.paths, period, rng)
        reports = _bearings(stage, looks, number)
        number += len(reports)
        yield from (Sent(time_s, payload) for time_s, payload in zip(looks.time_s.tolist(), reports, strict=True))


def _bearings(stage: Stage, looks: Looks, number: int) -> list[bytes]:
    """A CAT205 block for each bearing."""
    if not len(looks):
        return []
    bearing = np.mod(looks.polar[:, 1] / DEGREE, 360.0)
    heard = [_emitter(stage, index, time_s) for index, time_s in zip(looks.object, looks.time_s, strict=True)]
    columns = {
        **_source(stage, 205, len(looks)),
        "I205/000": np.full(len(looks), _SYSTEM_BEARING),
        "I205/030": stage.time_of_day_s(looks.time_s),
        "I205/040": (number + np.arange(len(looks))) % 256,
        "I205/090": np.array([channel for channel, _ in heard]),
        "I205/070": bearing,
        "I205/080": bearing,
        "I205/180": np.array([level for _, level in heard]),
    }
    return asterix.encode(205, columns, records_per_block=1)


def _emitter(stage: Stage, index: int, time_s: float) -> tuple[str, float]:
    """Channel and level (dBµV) of what was heard; a false bearing is weak and on the busiest channel."""
    emission = stage.paths.objects[index].emission if index != FALSE else None
    if emission is None:
        return "2.4 GHz", 8.0
    position, velocity = stage.paths.at(np.array([index]), np.array([time_s]))
    distance = float(stage.mount.polar(position, velocity)[0, 0])
    return emission.channel, received_power_dbm(emission.power_dbm, distance, _WIFI_HZ) + _DBM_TO_DBUV


# -- Remote ID -----------------------------------------------------------------------------------------------------


def _remote_id_receiver(stage: Stage) -> Iterator[Sent]:
    """Every beacon that reaches the receiver."""
    moments = []
    for index, each in enumerate(stage.paths.objects):
        if each.remote_id is not None:
            period = each.remote_id.period_s
            first = stage.paths.start_s[index] + stage.generator(1 + index).random() * period
            times = np.arange(first, min(stage.paths.end_s[index], stage.scenario.duration_s), period)
            moments += [(time_s, index, number) for number, time_s in enumerate(times.tolist())]
    rng = stage.generator(0)
    for time_s, index, number in sorted(moments):
        position, velocity = stage.paths.at(np.array([index]), np.array([time_s]))
        if reaches(stage.mount, position, rng)[0] and not stage.mount.dark(np.array([time_s]))[0]:
            yield Sent(time_s, _beacon(stage, index, number, time_s, position[0], velocity[0]))


def _beacon(stage: Stage, index: int, number: int, time_s: float, position: Floats, velocity: Floats) -> bytes:
    """A message pack with all a drone must say."""
    said = stage.paths.objects[index].remote_id
    assert said is not None
    frame = stage.scenario.site.frame
    error = claimed_error(said.position_sigma_m, [stage.scenario.seed, 3, index], time_s)
    claimed = frame.from_enu(position + error + np.array(said.offset))
    take_off = stage.paths.position[stage.paths.offset[index]]
    course = float(np.mod(np.arctan2(velocity[0], velocity[1]) / DEGREE, 360.0))
    messages: list[remote_id.Message] = [
        remote_id.BasicId(
            id_type=remote_id.IdType.SERIAL_NUMBER,
            ua_type=remote_id.UaType.HELICOPTER_OR_MULTIROTOR,
            uas_id=said.serial,
        ),
        remote_id.Location(
            status=remote_id.Status.AIRBORNE,
            latitude_deg=claimed[0] / DEGREE,
            longitude_deg=claimed[1] / DEGREE,
            geodetic_altitude_m=float(claimed[2]),
            height_m=float(position[2] - take_off[2]),
            direction_deg=min(course, 359.0),
            speed_m_s=float(np.hypot(velocity[0], velocity[1])),
            vertical_speed_m_s=float(np.clip(velocity[2], -62.0, 62.0)),
            horizontal_accuracy=remote_id.horizontal_accuracy_class(2.45 * said.position_sigma_m),
            vertical_accuracy=remote_id.vertical_accuracy_class(3.0 * said.position_sigma_m),
            speed_accuracy=remote_id.speed_accuracy_class(0.9),
            timestamp_s=(stage.start_ns + round(time_s * SECOND_NS)) % (3600 * SECOND_NS) / SECOND_NS,
            timestamp_accuracy_s=0.1,
        ),
        _system(stage, index, said, time_s),
    ]
    if said.operator_id:
        messages.append(remote_id.OperatorId(operator_id=said.operator_id))
    distance = float(np.linalg.norm(position - stage.mount.place))
    rssi = round(float(np.clip(received_power_dbm(said.power_dbm, distance, _WIFI_HZ), -110.0, 0.0)))
    mac = bytes.fromhex(said.mac.replace(":", ""))
    return remote_id.encode_beacon(mac, messages, rssi_dbm=rssi, counter=number % 256)


def _system(stage: Stage, index: int, said: RemoteIdOutput, time_s: float) -> remote_id.System:
    """Where the pilot stands."""
    site, each = stage.scenario.site, stage.paths.objects[index]
    place, heights = (said.pilot, Heights.GROUND) if said.pilot else (each.at, each.heights)
    pilot = site.frame.from_enu(raise_to(heights, np.array([place]), site)[0])
    return remote_id.System(
        operator_location=remote_id.OperatorLocation.LIVE if said.pilot else remote_id.OperatorLocation.TAKE_OFF,
        operator_latitude_deg=pilot[0] / DEGREE,
        operator_longitude_deg=pilot[1] / DEGREE,
        operator_altitude_m=float(pilot[2]),
        classification_type=1,
        eu_category=2,
        timestamp_ns=(stage.start_ns + round(time_s * SECOND_NS)) // SECOND_NS * SECOND_NS,
    )


# -- ADS-B ---------------------------------------------------------------------------------------------------------


def _ads_b_receiver(stage: Stage) -> Iterator[Sent]:
    """A document once a period with everything heard of late; also when that is nothing."""
    rng, period = stage.generator(0), stage.mount.sensor.period_s
    heard: dict[int, tuple[float, Floats, Floats]] = {}
    for number in stage.periods():
        now_s = (number + 1) * period
        for index, each in enumerate(stage.paths.objects):
            time_s = now_s - (0.1 + 0.4 * stage.generator(1 + index).random()) * period
            if each.ads_b is not None and stage.paths.exists(index, time_s):
                position, velocity = stage.paths.at(np.array([index]), np.array([time_s]))
                if reaches(stage.mount, position, rng)[0]:
                    heard[index] = (time_s, position[0], velocity[0])
        heard = {index: last for index, last in heard.items() if now_s - last[0] < _REMEMBERED_S}
        if not stage.mount.dark(np.array([now_s]))[0]:
            states = [_aircraft(stage, index, now_s, *heard[index]) for index in sorted(heard)]
            yield Sent(now_s, adsb.encode_readsb(stage.clock_ns(now_s) / SECOND_NS, states))


def _aircraft(
    stage: Stage, index: int, now_s: float, time_s: float, position: Floats, velocity: Floats
) -> adsb.AircraftState:
    """One entry of the document."""
    said = stage.paths.objects[index].ads_b
    assert said is not None
    error = claimed_error(said.position_sigma_m, [stage.scenario.seed, 3, index], time_s)
    latitude, longitude, height = stage.scenario.site.frame.from_enu(position + error + np.array(said.offset)).tolist()
    distance = float(np.linalg.norm(position - stage.mount.place))
    course = float(np.mod(np.arctan2(velocity[0], velocity[1]) / DEGREE, 360.0))
    return adsb.AircraftState(
        address=said.icao,
        origin="adsb_icao",
        flight=said.callsign.ljust(8) if said.callsign else "",
        category=said.emitter,
        emergency="none",
        latitude_deg=round(latitude / DEGREE, 6),
        longitude_deg=round(longitude / DEGREE, 6),
        position_age_s=round(now_s - time_s, 1),
        age_s=round(now_s - time_s, 1),
        geometric_altitude_ft=round(height / FOOT / 25.0) * 25.0,
        ground_speed_kt=round(float(np.hypot(velocity[0], velocity[1])) / KNOT, 1),
        track_deg=round(course, 2) % 360.0,
        geometric_rate_ft_min=round(float(velocity[2]) / FOOT_PER_MINUTE / 64.0) * 64.0,
        nac_p=9,
        gva=2,
        rssi_dbfs=round(received_power_dbm(_TRANSPONDER_DBM, distance, _TRANSPONDER_HZ) + 20.0, 1),
    )


_SPEAKERS: dict[SensorKind, Callable[[Stage], Iterator[Sent]]] = {
    SensorKind.RADAR_3D: _radar,
    SensorKind.RADAR_2D: _radar,
    SensorKind.RF_DIRECTION_FINDER: _direction_finder,
    SensorKind.REMOTE_ID_RECEIVER: _remote_id_receiver,
    SensorKind.ADS_B_RECEIVER: _ads_b_receiver,
}
