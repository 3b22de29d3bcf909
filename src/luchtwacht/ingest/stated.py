"""What an aircraft says of itself, a row at a time: for formats that come message by message, before they are
columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan

import numpy as np

from luchtwacht.geodesy import LocalFrame
from luchtwacht.ingest.claimed import position_covariance, to_site, velocity_in_site
from luchtwacht.model import ClaimKind, Claims, Frames, Reason, Rejection, Source, report_ids
from luchtwacht.units import SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One position and what goes with it. NaN, "" and -1 are "not said"."""

    row: int
    """of the frame"""
    record: int
    time_ns: int
    aircraft_id: str
    latitude_deg: float
    longitude_deg: float
    horizontal_sigma_m: float
    """of each axis"""
    vertical_sigma_m: float
    height_m: float = nan
    """above the ellipsoid"""
    pressure_altitude_m: float = nan
    east_m_s: float = nan
    north_m_s: float = nan
    up_m_s: float = nan
    transmitter: str = ""
    callsign: str = ""
    operator_id: str = ""
    pilot: tuple[float, float, float] = (nan, nan, nan)
    """latitude, longitude (degrees), m above the ellipsoid"""
    category: int = -1
    emergency: int = -1


def to_claims(stated: list[Stated], frames: Frames, frame: LocalFrame, sensor: int, kind: ClaimKind) -> Claims:
    """Columns in the site's frame.

    Args:
        sensor: index of the receiver in `Site.sensors`.
    """
    if not stated:
        return Claims.empty()

    def column(name: str) -> np.ndarray:
        return np.array([getattr(each, name) for each in stated], dtype=np.float64)

    rows = np.array([each.row for each in stated], dtype=np.int64)
    position, axes = to_site(
        frame, column("latitude_deg"), column("longitude_deg"), column("height_m"), column("pressure_altitude_m")
    )
    pilot = np.array([each.pilot for each in stated], dtype=np.float64)
    return Claims(
        id=report_ids(frames.sequence[rows], np.array([each.record for each in stated])),
        time_ns=np.array([each.time_ns for each in stated], dtype=np.int64),
        received_ns=frames.received_ns[rows],
        sensor=np.full(len(rows), sensor, dtype=np.int64),
        kind=np.full(len(rows), kind, dtype=np.int8),
        aircraft_id=np.array([each.aircraft_id for each in stated], dtype="U40"),
        transmitter=np.array([each.transmitter for each in stated], dtype="U40"),
        callsign=np.array([each.callsign for each in stated], dtype="U16"),
        operator_id=np.array([each.operator_id for each in stated], dtype="U24"),
        position=position,
        position_covariance=position_covariance(
            axes, column("horizontal_sigma_m"), column("vertical_sigma_m"), position[:, 2]
        ),
        velocity=velocity_in_site(axes, column("east_m_s"), column("north_m_s"), column("up_m_s")),
        pressure_altitude=column("pressure_altitude_m"),
        pilot_position=to_site(frame, pilot[:, 0], pilot[:, 1], pilot[:, 2])[0],
        category=np.array([each.category for each in stated], dtype=np.int8),
        emergency=np.array([each.emergency for each in stated], dtype=np.int8),
    )


@dataclass(slots=True)
class Refusals:
    """What is refused of some frames of one source; the same fault of one frame is counted, not repeated."""

    frames: Frames
    source: int
    """index into `Site.sources`"""
    _found: dict[tuple[int, Reason, str], Rejection] = field(default_factory=dict)

    def add(self, row: int, record: int, reason: Reason, item: str, detail: str) -> None:
        """Refuse a record."""
        key = (row, reason, item)
        known = self._found.get(key)
        if known is not None:
            self._found[key] = Rejection(
                frame=known.frame,
                record=known.record,
                source=known.source,
                reason=reason,
                item=item,
                detail=known.detail,
                count=known.count + 1,
            )
            return
        self._found[key] = Rejection(
            frame=int(self.frames.sequence[row]),
            record=record,
            source=self.source,
            reason=reason,
            item=item,
            detail=detail,
        )

    def all(self, more: list[Rejection] = []) -> tuple[Rejection, ...]:  # noqa: B006 - never changed
        """Every rejection with `more`, in order of frame and record."""
        return tuple(sorted([*self._found.values(), *more], key=lambda each: (each.frame, each.record)))


def undeclared(source: Source) -> str:
    """What to do about a source without a receiver."""
    return f"declare one sensor with source = {source.id!r}; its messages do not say which of several heard them"


def clock_fault(off_ns: int, source: Source) -> str:
    """What is said of a time that is too far from its receipt."""
    return (
        f"its time is {off_ns / SECOND_NS:+.1f} s from the time of receipt, more than the "
        f"{source.clock_tolerance_s:g} s that source {source.id} allows"
    )
