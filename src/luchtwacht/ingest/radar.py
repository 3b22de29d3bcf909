"""ASTERIX to detections: radar plots (CAT048), radars' service messages (CAT034), and the bearings and positions of
direction finders (CAT205)."""

from __future__ import annotations

import numpy as np

from luchtwacht.codecs.asterix import Records, decode
from luchtwacht.ingest.clock import split_by_clock, unwrap_time_of_day
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.ingest.tables import diagonal_covariance
from luchtwacht.model import (
    Bools,
    Detections,
    Floats,
    Frames,
    Geometry,
    Ints,
    Reason,
    Rejection,
    Sensor,
    SensorReport,
    SensorState,
    Site,
    report_ids,
)
from luchtwacht.units import DEGREE, FOOT, NAUTICAL_MILE, SECOND_NS

_NO_DETECTION = 0
"""I048/020 TYP"""
_POSITION_REPORTS = (1, 3)
_EMISSION_ENDED = 4
"""I205/000"""
_IMPAIRED = {
    "OVLRDP": "overload of the radar data processor",
    "OVLXMT": "overload of the transmission",
    "MSC": "monitoring system disconnected",
    "TSV": "its time source is not valid",
}
"""I034/050 COM: flags that leave a radar usable and impaired"""


class AsterixIngest:
    """One source of ASTERIX; its radars and direction finders are told apart by SAC and SIC."""

    def __init__(self, site: Site, source: int) -> None:
        self._site, self._source = site, source
        declared = site.sources[source]
        self._sensors = {
            (sensor.sac or 0, sensor.sic or 0): index
            for index, sensor in enumerate(site.sensors)
            if sensor.source == declared.id
        }
        self._states: dict[int, tuple[SensorState, str]] = {}

    def receive(self, frames: Frames) -> Ingested:
        """What these blocks hold."""
        decoded = decode(frames)
        parts = [Ingested(rejections=decoded.rejections)]
        for category, records in decoded.categories.items():
            match category:
                case 48:
                    parts.append(self._plots(records, frames))
                case 34:
                    parts.append(self._service(records, frames))
                case 205:
                    parts.append(self._emissions(records, frames))
                case _:
                    parts.append(self._unread(records, frames))
        joined = Ingested.join(parts)
        return Ingested(
            detections=joined.detections.take(np.argsort(joined.detections.id, kind="stable")),
            reports=joined.reports,
            rejections=tuple(sorted(joined.rejections, key=lambda each: (each.frame, each.record))),
        )

    # ------------------------------------------------------------------ categories

    def _plots(self, records: Records, frames: Frames) -> Ingested:
        """CAT048: slant range, azimuth, height of a 3-D radar as elevation, Doppler, amplitude."""
        sensors, unknown = self._who(records, frames, "I048/010")
        kind, simulated = records["I048/020/TYP"], records["I048/020/SIM"] == 1
        simulated |= records["I048/020/TST"] == 1
        rho, theta = records["I048/040/RHO"] * NAUTICAL_MILE, records["I048/040/THETA"] * DEGREE
        ours = sensors >= 0
        placed = np.isfinite(rho) & np.isfinite(theta) & (kind != _NO_DETECTION)
        rejections = [
            *unknown,
            *self._refuse_by_frame(
                ours & simulated, records, frames, Reason.SIMULATED, "I048/020", "marked as simulated or test target"
            ),
            *self._refuse_by_frame(
                ours & ~simulated & ~placed,
                records,
                frames,
                Reason.UNSUPPORTED,
                "I048/020",
                "no detection in this turn of the antenna: the radar carries a track on without a plot",
            ),
        ]
        rows = np.flatnonzero(ours & ~simulated & placed)
        height = records["I048/110/3DH"] * FOOT
        doppler = _range_rate(records)
        amplitude = records["I048/130/PAM"]
        made: list[Detections] = []
        for sensor in np.unique(sensors[rows]).tolist():
            mine = rows[sensors[rows] == sensor]
            declared = self._site.sensors[sensor]
            z = np.column_stack(
                [rho[mine], theta[mine], _elevation(height[mine], rho[mine], declared, self._site), doppler[mine]]
            )
            sigmas = np.array(
                [
                    declared.range_sigma_m,
                    declared.azimuth_sigma,
                    declared.elevation_sigma,
                    declared.doppler_sigma_m_s,
                ]
            )
            made.append(
                self._make(
                    records,
                    frames,
                    mine,
                    sensor,
                    records["I048/140"],
                    geometry=int(Geometry.POLAR),
                    z=z,
                    R=diagonal_covariance(z, np.broadcast_to(sigmas, z.shape)),
                    snr_db=amplitude[mine],
                    rcs_dbsm=_cross_section(amplitude[mine], rho[mine], declared),
                    sensor_track=records["I048/161/TRN"][mine],
                )
            )
        return self._in_time(made, rejections)

    def _emissions(self, records: Records, frames: Frames) -> Ingested:
        """CAT205: bearings and positions of what transmits; the end of an emission is a sign of life."""
        sensors, unknown = self._who(records, frames, "I205/010")
        bearing = records["I205/070"] * DEGREE
        position = np.column_stack([records["I205/050/LAT"], records["I205/050/LON"]]) * DEGREE
        kind = records["I205/000"]
        located = np.isin(kind, _POSITION_REPORTS) & np.isfinite(position).all(axis=1)
        ended = kind == _EMISSION_ENDED
        directed = ~located & ~ended & np.isfinite(bearing)
        rejections = [
            *unknown,
            *self._refuse_by_frame(
                (sensors >= 0) & ~(located | directed | ended),
                records,
                frames,
                Reason.UNSUPPORTED,
                "I205/000",
                "a report without a bearing (I205/070) or a position (I205/050)",
            ),
        ]
        made: list[Detections] = []
        for sensor in np.unique(sensors[sensors >= 0]).tolist():
            declared = self._site.sensors[sensor]
            for rows, polar in (
                (np.flatnonzero(directed & (sensors == sensor)), True),
                (np.flatnonzero(located & (sensors == sensor)), False),
            ):
                if not len(rows):
                    continue
                if polar:
                    z, R = _bearing(bearing[rows], declared)
                else:
                    z, R = self._fix(position[rows], records["I205/110"][rows], declared)
                made.append(
                    self._make(
                        records,
                        frames,
                        rows,
                        sensor,
                        records["I205/030"],
                        geometry=int(Geometry.POLAR if polar else Geometry.POSITION),
                        z=z,
                        R=R,
                        sensor_track=records["I205/160"][rows],
                    )
                )
        times = self._times(records, frames, records["I205/030"])
        alive = [
            SensorReport(
                sensor=int(sensors[row]),
                time_ns=int(times[row]),
                received_ns=int(frames.received_ns[records.frame[row]]),
                state=SensorState.OPERATIONAL,
            )
            for row in np.flatnonzero((sensors >= 0) & ended).tolist()
        ]
        taken = self._in_time(made, rejections)
        return Ingested(detections=taken.detections, reports=tuple(alive), rejections=taken.rejections)

    def _fix(self, position: Floats, uncertainty: Floats, sensor: Sensor) -> tuple[Floats, Floats]:
        """Latitude and longitude (rad) as `z` and `R` of a POSITION, at the height of the ground."""
        height = np.full(len(position), self._site.geoid_undulation_m + self._site.ground_height_m)
        z = np.full((len(position), 4), np.nan)
        z[:, :2] = self._site.frame.to_enu(np.column_stack([position, height]))[:, :2]
        sigma = np.where(np.isfinite(uncertainty) & (uncertainty > 0.0), uncertainty, sensor.position_sigma_m)
        return z, diagonal_covariance(z, np.repeat(sigma[:, None], 4, axis=1))

    def _service(self, records: Records, frames: Frames) -> Ingested:
        """CAT034: north markers and sector crossings are signs of life, I034/050 is a state.

        A message without I034/050 says nothing of the state, so the last one stands.
        """
        sensors, unknown = self._who(records, frames, "I034/010")
        times = self._times(records, frames, records["I034/030"])
        period = records["I034/041"]
        flags = {name: records[f"I034/050/COM/{name}"] for name in ("NOGO", *_IMPAIRED)}
        reports = []
        for row in np.flatnonzero(sensors >= 0).tolist():
            sensor = int(sensors[row])
            if flags["NOGO"][row] >= 0:
                self._states[sensor] = _state({name: int(values[row]) for name, values in flags.items()})
            state, detail = self._states.get(sensor, (SensorState.OPERATIONAL, ""))
            reports.append(
                SensorReport(
                    sensor=sensor,
                    time_ns=int(times[row]),
                    received_ns=int(frames.received_ns[records.frame[row]]),
                    state=state,
                    period_s=float(period[row]) if np.isfinite(period[row]) else None,
                    detail=detail,
                )
            )
        return Ingested(reports=tuple(reports), rejections=tuple(unknown))

    def _unread(self, records: Records, frames: Frames) -> Ingested:
        """A category that is decoded and has no meaning for the watch yet."""
        return Ingested(
            rejections=tuple(
                self._refuse_by_frame(
                    np.ones(len(records.frame), dtype=np.bool_),
                    records,
                    frames,
                    Reason.UNSUPPORTED,
                    f"CAT{records.category:03d}",
                    "this category is decoded, but makes no detections",
                )
            )
        )

    # ------------------------------------------------------------------ what they have in common

    def _who(self, records: Records, frames: Frames, item: str) -> tuple[Ints, list[Rejection]]:
        """Index into `Site.sensors` of each record, -1 for those nobody declared, and their rejections."""
        sac, sic = records[f"{item}/SAC"], records[f"{item}/SIC"]
        sensors = np.array(
            [self._sensors.get(pair, -1) for pair in zip(sac.tolist(), sic.tolist(), strict=True)], dtype=np.int64
        )
        refused: list[Rejection] = []
        strangers = sorted(set(zip(sac[sensors < 0].tolist(), sic[sensors < 0].tolist(), strict=True)))
        for pair in strangers:
            known = ", ".join(f"{a}/{b}" for a, b in self._sensors)
            refused += self._refuse_by_frame(
                (sac == pair[0]) & (sic == pair[1]),
                records,
                frames,
                Reason.UNDECLARED_SENSOR,
                item,
                f"no sensor of the site has SAC/SIC {pair[0]}/{pair[1]}; declared are {known or 'none'}"
                if min(pair) >= 0
                else "the record does not say who sent it",
            )
        return sensors, refused

    def _refuse_by_frame(
        self, rows: Bools, records: Records, frames: Frames, reason: Reason, item: str, detail: str
    ) -> list[Rejection]:
        """One rejection for each frame that holds any of `rows`."""
        chosen = np.flatnonzero(rows)
        inside, first, counts = np.unique(records.frame[chosen], return_index=True, return_counts=True)
        return [
            Rejection(
                frame=int(frames.sequence[frame]),
                record=int(records.record[chosen[place]]),
                source=self._source,
                reason=reason,
                item=item,
                detail=detail,
                count=int(count),
            )
            for frame, place, count in zip(inside, first, counts, strict=True)
        ]

    def _times(self, records: Records, frames: Frames, time_of_day_s: Floats) -> Ints:
        """Times of measurement: the time of day nearest to the receipt, or the receipt where there is none."""
        received_ns = frames.received_ns[records.frame]
        if self._site.sources[self._source].use_receive_time:
            return received_ns
        known = np.isfinite(time_of_day_s)
        of_day = np.rint(np.where(known, time_of_day_s, 0.0) * SECOND_NS).astype(np.int64)
        return np.asarray(np.where(known, unwrap_time_of_day(of_day, received_ns), received_ns))

    def _make(
        self, records: Records, frames: Frames, rows: Ints, sensor: int, time_of_day_s: Floats, **columns: object
    ) -> Detections:
        """Detections of one sensor from `rows` of `records`."""
        return Detections.unknown(
            len(rows),
            id=report_ids(frames.sequence[records.frame[rows]], records.record[rows]),
            time_ns=self._times(records, frames, time_of_day_s)[rows],
            received_ns=frames.received_ns[records.frame[rows]],
            sensor=sensor,
            filtered=False,
            **columns,
        )

    def _in_time(self, made: list[Detections], rejections: list[Rejection]) -> Ingested:
        detections, wrong = split_by_clock(Detections.concatenate(made), self._site.sources[self._source], self._source)
        return Ingested(detections=detections, rejections=(*rejections, *wrong))


def _bearing(bearing: Floats, sensor: Sensor) -> tuple[Floats, Floats]:
    """A bearing (rad) as `z` and `R` of a POLAR that holds nothing else."""
    z = np.full((len(bearing), 4), np.nan)
    z[:, 1] = np.mod(bearing, 2.0 * np.pi)
    return z, diagonal_covariance(z, np.full(z.shape, sensor.azimuth_sigma))


def _state(flags: dict[str, int]) -> tuple[SensorState, str]:
    """What I034/050 says of the whole system, and in words."""
    said = [_IMPAIRED[name] for name in _IMPAIRED if flags[name] == 1]
    if flags["NOGO"] == 1:
        return SensorState.DOWN, ", ".join(["operational release is inhibited (NOGO)", *said])
    return (SensorState.DEGRADED if said else SensorState.OPERATIONAL), ", ".join(said)


def _range_rate(records: Records) -> Floats:
    """m/s, positive away, where the radar gives one it does not doubt (I048/120)."""
    calculated = records["I048/120/CAL/CAL"].copy()
    calculated[records["I048/120/CAL/D"] == 1] = np.nan
    return np.asarray(calculated)


def _elevation(height_amsl: Floats, slant: Floats, sensor: Sensor, site: Site) -> Floats:
    """Elevation (rad) above the radar's horizon of a height above mean sea level (I048/110), over the curved earth.

    For a slant range r and a height h above the radar, on a sphere of radius a: sin e = (h - d) / r, where the earth
    falls away by d = (r^2 - h^2) / (2 a) to first order. NaN where no height was measured, or where it cannot be at
    that range.
    """
    earth = 6_371_000.0
    rise = height_amsl + site.geoid_undulation_m - sensor.place.height
    with np.errstate(divide="ignore", invalid="ignore"):
        sine = (rise - np.maximum(slant**2 - rise**2, 0.0) / (2.0 * earth)) / slant
        return np.where(np.abs(sine) < 1.0, np.arcsin(np.clip(sine, -1.0, 1.0)), np.nan)


def _cross_section(amplitude_db: Floats, slant: Floats, sensor: Sensor) -> Floats:
    """dBsm from amplitude and range by the radar equation, where the sensor's constant is declared."""
    if sensor.rcs_offset_db is None:
        return np.full(len(slant), np.nan)
    return np.asarray(amplitude_db + 40.0 * np.log10(np.maximum(slant, 1.0)) + sensor.rcs_offset_db)
