"""Mapped tables to detections and sensor reports, in the site's frame."""

from __future__ import annotations

from dataclasses import replace
from math import nan, pi

import numpy as np

from luchtwacht.codecs.table import (
    HeightDatum,
    Mapping,
    ReportKind,
    ReportMapping,
    TableDecoder,
    TableReports,
    TableState,
    parse_mapping,
)
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest.clock import split_by_clock
from luchtwacht.ingest.confusion import CATEGORIES, confusion_of, said
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.ingest.modulation import joined, of_rate
from luchtwacht.ingest.stated import Stated, to_claims
from luchtwacht.model import (
    CLAIM_RECEIVERS,
    Bools,
    Category,
    ClaimKind,
    Claims,
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
from luchtwacht.units import DEGREE

_OF_MEASUREMENTS = (ReportKind.POSITION, ReportKind.POLAR, ReportKind.CLAIM)
_PRINTED = {"deg": DEGREE, "m": 1.0}
_POSSIBLE = {
    "latitude": (-pi / 2.0, pi / 2.0, "deg"),
    "longitude": (-pi, 2.0 * pi, "deg"),
    "height": (-12_000.0, 100_000.0, "m"),
    "range": (0.0, 1e6, "m"),
    "azimuth": (-2.0 * pi, 4.0 * pi, "deg"),
    "elevation": (-pi / 2.0, pi / 2.0, "deg"),
}
"""least and most of each quantity, in SI; an azimuth may have been counted on over north, or corrected by an offset"""
_PLAIN = np.eye(len(Category))
"""what an aircraft claims to be is weighed by identification"""
_POLAR = ("range", "azimuth", "elevation", "range_rate")


class TableIngest:
    """One source of delimited text.

    Args:
        site, source: the site, and which of its sources this is.
        mapping: text of the mapping file.

    Raises:
        BadConfiguration: the mapping is wrong, or names a sensor that this source does not have.
    """

    def __init__(self, site: Site, source: int, mapping: str) -> None:
        self._site, self._source = site, source
        declared = site.sources[source]
        self._mapping: Mapping = parse_mapping(mapping, declared.mapping)
        ids = [sensor.id for sensor in site.sensors if sensor.source == declared.id]
        for report in self._mapping.reports:
            if report.kind != ReportKind.IGNORED and report.sensor not in ids:
                raise BadConfiguration(
                    f"report {report.name} is of sensor {report.sensor!r}, which source {declared.id} does not have",
                    where=declared.mapping,
                    hint=f"its sensors are {', '.join(ids) or 'none'}",
                )
            kind = next((sensor.kind for sensor in site.sensors if sensor.id == report.sensor), None)
            if report.kind in _OF_MEASUREMENTS and (kind in CLAIM_RECEIVERS) == (report.kind != ReportKind.CLAIM):
                what = "says what aircraft claim" if report.kind == ReportKind.CLAIM else "says what was measured"
                raise BadConfiguration(
                    f"report {report.name} {what}, but its sensor {report.sensor} is a {kind}",
                    where=declared.mapping,
                    hint=f"claims are heard by a {' or '.join(CLAIM_RECEIVERS)}, measurements made by all others",
                )
        self._sensors = {sensor.id: index for index, sensor in enumerate(site.sensors)}
        reports = tuple(self._understood(report, declared.mapping) for report in self._mapping.reports)
        self._mapping = replace(self._mapping, reports=reports)
        self._decoder = TableDecoder(self._mapping)

    def _understood(self, report: ReportMapping, where: str) -> ReportMapping:
        """The report with a likelihood for every word that names categories."""
        if report.category is None or not report.category.names or report.kind == ReportKind.IGNORED:
            return report
        sensor = self._site.sensors[self._sensors[report.sensor]]
        confusion = _PLAIN if report.kind == ReportKind.CLAIM else confusion_of(sensor)
        if confusion is None:
            raise BadConfiguration(
                f"report {report.name} names categories, but how sensor {sensor.id} confuses them is not declared",
                where=where,
                hint="declare [sensors.classification.confusion] in the site file, or likelihoods in values",
            )
        meant = {
            text: dict(zip(CATEGORIES, said(confusion, named).tolist(), strict=True))
            for text, named in report.category.names.items()
        }
        return replace(report, category=replace(report.category, values={**report.category.values, **meant}))

    def state(self) -> TableState:
        """What the decoder remembers."""
        return self._decoder.state()

    def restore(self, state: TableState) -> None:
        """Go on from what `state` gave."""
        self._decoder.restore(state)

    def receive(self, frames: Frames) -> Ingested:
        """What these lines hold."""
        decoded = self._decoder.receive(frames)
        rejections = list(decoded.rejections)
        detections: list[Detections] = []
        claims: list[Claims] = []
        reports: list[SensorReport] = []
        for record, kind in enumerate(decoded.reports):
            if not len(kind):
                continue
            index = self._sensors[kind.mapping.sensor]
            if kind.mapping.kind == ReportKind.STATUS:
                reports += _status(kind, frames, index)
                continue
            if kind.mapping.kind == ReportKind.CLAIM:
                claimed, refused = self._claims(kind, frames, index, record)
                claims.append(claimed)
            else:
                made, refused = self._detections(kind, frames, index, record)
                detections.append(made)
            rejections += refused
        joined, said = Detections.concatenate(detections), Claims.concatenate(claims)
        return Ingested(
            detections=joined.take(np.argsort(joined.id, kind="stable")),
            claims=said.take(np.argsort(said.id, kind="stable")),
            reports=tuple(sorted(reports, key=lambda each: each.received_ns)),
            rejections=tuple(sorted(rejections, key=lambda each: each.frame)),
        )

    def _detections(
        self, kind: TableReports, frames: Frames, index: int, record: int
    ) -> tuple[Detections, list[Rejection]]:
        """The reports of one kind as detections; those that cannot be, as rejections."""
        sensor, declared = self._site.sensors[index], self._site.sources[self._source]
        ids = report_ids(frames.sequence[kind.frame], np.full(len(kind), record))
        received_ns = frames.received_ns[kind.frame]
        position = kind.mapping.kind == ReportKind.POSITION
        z, R = self._position(kind, sensor) if position else _polar(kind, sensor)
        detections = Detections.unknown(
            len(kind),
            id=ids,
            time_ns=received_ns if declared.use_receive_time else kind.time_ns,
            received_ns=received_ns,
            sensor=index,
            geometry=int(Geometry.POSITION if position else Geometry.POLAR),
            z=z,
            R=R,
            snr_db=kind.value("snr"),
            rcs_dbsm=kind.value("rcs"),
            sensor_track=np.nan_to_num(kind.value("number"), nan=-1.0).astype(np.int64),
            filtered=kind.mapping.filtered,
            category_probability=joined(kind.category, of_rate(kind.value("modulation"))),
        )
        usable = np.isfinite(z[:, :2]).all(axis=1) if position else np.isfinite(z[:, :3]).any(axis=1)
        usable, refused = self._sift(kind, frames, record, np.asarray(usable))
        in_time, wrong = split_by_clock(detections.take(usable), declared, self._source)
        return in_time, refused + wrong

    def _claims(self, kind: TableReports, frames: Frames, index: int, record: int) -> tuple[Claims, list[Rejection]]:
        """The reports of one kind as claims; those that cannot be, as rejections."""
        sensor, declared = self._site.sensors[index], self._site.sources[self._source]
        ids = kind.texts["aircraft_id"]
        usable = np.isfinite(kind.value("latitude")) & np.isfinite(kind.value("longitude"))
        usable = np.asarray(usable & np.array([bool(id) for id in ids], dtype=np.bool_))
        usable, refused = self._sift(kind, frames, record, usable)
        course, speed = kind.value("track"), kind.value("speed")
        east = np.where(np.isfinite(kind.value("east")), kind.value("east"), speed * np.sin(course))
        north = np.where(np.isfinite(kind.value("north")), kind.value("north"), speed * np.cos(course))
        category = np.where(np.isfinite(kind.category[:, 0]), np.argmax(np.nan_to_num(kind.category), axis=1), -1)
        across = _or_declared(kind.value("position_sigma"), sensor.position_sigma_m)
        up_sigma = _or_declared(kind.value("height_sigma"), sensor.height_sigma_m)
        height = self._ellipsoidal_height(kind, sensor)
        stated = [
            Stated(
                row=int(kind.frame[row]),
                record=record,
                time_ns=int(frames.received_ns[kind.frame[row]] if declared.use_receive_time else kind.time_ns[row]),
                aircraft_id=ids[row],
                callsign=kind.texts["callsign"][row] if "callsign" in kind.texts else "",
                operator_id=kind.texts["operator_id"][row] if "operator_id" in kind.texts else "",
                latitude_deg=float(kind.value("latitude")[row]) / DEGREE,
                longitude_deg=float(kind.value("longitude")[row]) / DEGREE,
                height_m=float(height[row]),
                east_m_s=float(east[row]),
                north_m_s=float(north[row]),
                up_m_s=float(kind.value("climb")[row]),
                horizontal_sigma_m=float(across[row]),
                vertical_sigma_m=float(up_sigma[row]),
                pilot=(
                    float(kind.value("pilot_latitude")[row]) / DEGREE,
                    float(kind.value("pilot_longitude")[row]) / DEGREE,
                    nan,
                ),
                category=int(category[row]),
            )
            for row in np.flatnonzero(usable).tolist()
        ]
        claims = to_claims(stated, frames, self._site.frame, index, ClaimKind.TELEMETRY)
        in_time, wrong = split_by_clock(claims, declared, self._source)
        return in_time, refused + wrong

    def _sift(self, kind: TableReports, frames: Frames, record: int, usable: Bools) -> tuple[Bools, list[Rejection]]:
        """Which reports hold something that can be; the others as rejections."""
        refused = [
            self._refusal(
                int(frames.sequence[row]), record, Reason.MALFORMED, kind.mapping.name, "holds no measurement"
            )
            for row in kind.frame[~usable].tolist()
        ]
        for name, (lowest, highest, unit) in _POSSIBLE.items():
            values = kind.value(name)
            impossible = usable & ((values < lowest) | (values > highest))
            refused += [
                self._refusal(
                    int(frames.sequence[kind.frame[place]]),
                    record,
                    Reason.IMPLAUSIBLE,
                    kind.mapping.quantities()[name].column,
                    f"{name} {values[place] / _PRINTED[unit]:g} {unit} cannot be",
                )
                for place in np.flatnonzero(impossible).tolist()
            ]
            usable &= ~impossible
        return usable, refused

    def _refusal(self, frame: int, record: int, reason: Reason, item: str, detail: str) -> Rejection:
        return Rejection(frame=frame, record=record, source=self._source, reason=reason, item=item, detail=detail)

    def _position(self, kind: TableReports, sensor: Sensor) -> tuple[Floats, Floats]:
        """Latitude, longitude and perhaps a height as `z` and `R` of a POSITION."""
        height = self._ellipsoidal_height(kind, sensor)
        known = np.isfinite(height)
        origin = self._site.origin.height
        geodetic = np.column_stack([kind.value("latitude"), kind.value("longitude"), np.where(known, height, origin)])
        z = np.full((len(kind), 4), np.nan)
        z[:, :3] = self._site.frame.to_enu(geodetic)
        z[~known, 2] = np.nan
        R = np.full((len(kind), 4, 4), np.nan)
        across = _or_declared(kind.value("position_sigma"), sensor.position_sigma_m) ** 2
        R[:, :2, :2] = across[:, None, None] * np.eye(2)
        up = _or_declared(kind.value("height_sigma"), sensor.height_sigma_m) ** 2
        R[known, 2, :3] = R[known, :3, 2] = 0.0
        R[known, 2, 2] = up[known]
        return z, R

    def _ellipsoidal_height(self, kind: TableReports, sensor: Sensor) -> Floats:
        """Height above the ellipsoid (m), by the datum the mapping declares."""
        latitude, longitude = kind.value("latitude") / DEGREE, kind.value("longitude") / DEGREE
        match kind.mapping.height_datum:
            case HeightDatum.WGS84:
                return kind.value("height")
            case HeightDatum.AMSL:
                return kind.value("height") + self._site.sea_level(latitude, longitude)
            case HeightDatum.AGL:
                return kind.value("height") + self._site.ground_level(latitude, longitude)
            case HeightDatum.SENSOR:
                return kind.value("height") + sensor.place.height


def _status(kind: TableReports, frames: Frames, sensor: int) -> list[SensorReport]:
    """Signs of life, with the state and its text where the table gives one."""
    declared, texts = kind.mapping.state, kind.state or ("",) * len(kind)
    return [
        SensorReport(
            sensor=sensor,
            time_ns=time_ns,
            received_ns=received_ns,
            state=declared.state(text) if declared else SensorState.OPERATIONAL,
            detail=text,
        )
        for time_ns, received_ns, text in zip(
            kind.time_ns.tolist(), frames.received_ns[kind.frame].tolist(), texts, strict=True
        )
    ]


def _or_declared(values: Floats, declared: float) -> Floats:
    """What the table says, or the sensor's declaration where it says nothing."""
    return np.where(np.isfinite(values) & (values > 0.0), values, declared)


def _polar(kind: TableReports, sensor: Sensor) -> tuple[Floats, Floats]:
    """Range, azimuth, elevation and range rate as `z` and `R` of a POLAR."""
    z = np.column_stack([kind.value(name) for name in _POLAR])
    z[:, 1] = np.mod(z[:, 1], 2.0 * np.pi)
    sigmas = np.column_stack(
        [
            _or_declared(kind.value("range_sigma"), sensor.range_sigma_m),
            _or_declared(kind.value("azimuth_sigma"), sensor.azimuth_sigma),
            _or_declared(kind.value("elevation_sigma"), sensor.elevation_sigma),
            np.full(len(kind), sensor.doppler_sigma_m_s),
        ]
    )
    return z, diagonal_covariance(z, sigmas)


def diagonal_covariance(z: Floats, sigmas: Floats) -> Floats:
    """Independent errors: (n, 4, 4) from (n, 4) standard deviations, NaN in rows and columns that were not measured."""
    measured = np.isfinite(z)
    R = np.where(measured[:, :, None] & measured[:, None, :], 0.0, np.nan)
    rows: Ints = np.arange(4)
    R[:, rows, rows] = np.where(measured, sigmas**2, np.nan)
    return R
