"""The whole picture, and how it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from luchtwacht.server.wire.alerts import Alert
from luchtwacht.server.wire.declared import Authorisation, Zone
from luchtwacht.server.wire.takeoffs import TakeOff
from luchtwacht.server.wire.tracks import Findings, Identity, Tracks, Trail
from luchtwacht.server.wire.watch import Notice, RejectedCount, SensorHealth, WatchStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """Columns, one row a measured place. Transient: shown for a moment."""

    sensor: list[int] = field(default_factory=list)
    time_ms: list[int] = field(default_factory=list)
    latitude: list[float] = field(default_factory=list)
    longitude: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearings:
    """Columns, one row a measured direction without distance. Transient."""

    sensor: list[int] = field(default_factory=list)
    time_ms: list[int] = field(default_factory=list)
    azimuth_deg: list[float] = field(default_factory=list)
    sigma_deg: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything there is to see at one time."""

    time_ms: int
    tracks: Tracks
    trails: list[Trail]
    identities: list[Identity]
    findings: list[Findings]
    alerts: list[Alert]
    zones: list[Zone]
    authorisations: list[Authorisation]
    sensors: list[SensorHealth]
    rejected: list[RejectedCount]
    notices: list[Notice]
    takeoffs: list[TakeOff]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What is no longer in the picture."""

    tracks: list[int]
    zones: list[str]
    authorisations: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotMessage:
    """The whole picture: first on every connection, after a gap, and when the picture is another one."""

    kind: Literal["snapshot"] = "snapshot"
    seq: int
    picture: Picture
    status: WatchStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaMessage:
    """What changed after `base`: take away what is gone, then put in the rest."""

    kind: Literal["delta"] = "delta"
    base: int
    seq: int
    time_ms: int
    gone: Gone
    tracks: Tracks
    identities: list[Identity]
    findings: list[Findings]
    alerts: list[Alert]
    zones: list[Zone]
    authorisations: list[Authorisation]
    sensors: list[SensorHealth]
    rejected: list[RejectedCount]
    notices: list[Notice]
    takeoffs: list[TakeOff]
    plots: Plots
    bearings: Bearings


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMessage:
    """How the watch stands, once a second, also when nothing changes."""

    kind: Literal["status"] = "status"
    seq: int
    status: WatchStatus
