"""What goes over the wire, as JSON: the one place where its fields are declared.

Times are integer milliseconds since 1970-01-01 UTC (`_ms`), places WGS 84 degrees, bearings degrees clockwise from true
north, everything else SI. Heights name their datum: `_amsl_m` above mean sea level (the geoid at the site), `_agl_m`
above the ground at the site, `_ellipsoid_m` above the WGS 84 ellipsoid. `null` is "not measured" or "not known".
What is many comes as columns of equal length; what is few as objects. `docs/reference/api.md` explains each field, and
the console's types (`web/src/wire.ts`) are generated from this module; tests hold the three together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SensorTask = Literal[
    "start",
    "stop",
    "mode",
    "look_at",
    "detection_threshold",
    "report_rate",
    "status",
    "registration",
    "reset",
    "snapshot",
]

Standing = Literal["alert", "permitted", "open"]
Status = Literal["tentative", "confirmed", "coasted", "terminated"]
Category = Literal["multirotor", "fixed_wing_drone", "bird", "crewed_aircraft", "other"]
Verdict = Literal["none", "consistent", "contradicted", "unchecked"]
Seen = Literal["drone", "aircraft", "bird", "other", "flash", "smoke", "sound"]
Certainty = Literal["certain", "probable", "possible"]
ClaimKind = Literal["remote_id", "ads_b", "telemetry"]
Severity = Literal["critical", "warning", "notice"]
AlertStatus = Literal["raised", "acknowledged", "escalated", "rejected", "closed"]
AlertKind = Literal["zone_intrusion", "zone_approach", "contradicted_claim"]
Extent = Literal["in_view", "hidden", "open", "beyond", "unplaced"]
Health = Literal["ok", "silent", "degraded", "unheard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    latitude: float
    longitude: float


# ---------------------------------------------------------------------------------------------- the site


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    index: int
    id: str
    name: str
    kind: str
    source: str
    latitude: float
    longitude: float
    height_ellipsoid_m: float
    range_min_m: float
    range_max_m: float | None
    azimuth_from_deg: float
    azimuth_to_deg: float
    period_s: float
    silent_after_s: float
    takes_tasks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: str
    name: str
    latitude: float
    longitude: float
    time_zone: str
    ground_height_amsl_m: float
    geoid_undulation_m: float
    step_s: float
    horizon_s: float
    sources: list[str]
    sensors: list[Sensor]
    base_map: bool


# ---------------------------------------------------------------------------------------------- tracks


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Columns, one row a track."""

    id: list[int] = field(default_factory=list)
    time_ms: list[int] = field(default_factory=list)
    started_ms: list[int] = field(default_factory=list)
    updated_ms: list[int] = field(default_factory=list)
    status: list[Status] = field(default_factory=list)
    claimed: list[bool] = field(default_factory=list)
    standing: list[Standing] = field(default_factory=list)
    latitude: list[float] = field(default_factory=list)
    longitude: list[float] = field(default_factory=list)
    height_amsl_m: list[float | None] = field(default_factory=list)
    height_agl_m: list[float | None] = field(default_factory=list)
    height_sigma_m: list[float | None] = field(default_factory=list)
    speed_m_s: list[float] = field(default_factory=list)
    course_deg: list[float | None] = field(default_factory=list)
    climb_m_s: list[float | None] = field(default_factory=list)
    ellipse_major_m: list[float] = field(default_factory=list)
    ellipse_minor_m: list[float] = field(default_factory=list)
    ellipse_bearing_deg: list[float] = field(default_factory=list)
    existence: list[float] = field(default_factory=list)
    updates: list[int] = field(default_factory=list)
    sensors: list[list[int]] = field(default_factory=list)
    rcs_dbsm: list[float | None] = field(default_factory=list)
    category: list[Category] = field(default_factory=list)
    category_probability: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Columns, one row a past place of one track, oldest first."""

    track: int
    time_ms: list[int]
    latitude: list[float]
    longitude: list[float]
    height_amsl_m: list[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    track: int
    aircraft_id: str
    probability: float | None
    runner_up: str
    runner_up_probability: float | None
    claim_kind: ClaimKind | None
    claim_verdict: Verdict
    callsign: str
    operator_id: str
    pilot: Point | None
    authorisation: str
    authorisation_probability: float
    authorisation_runner_up: str
    authorisation_runner_up_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    zone: str
    probability_inside: float
    probability_entry: float
    time_to_entry_s: float | None
    distance_m: float
    probability_uas: float
    probability_permitted: float
    authorisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The zones near one track; an empty list when there are none any more."""

    track: int
    findings: list[Finding]


# ---------------------------------------------------------------------------------------------- alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    time_ms: int
    status: AlertStatus
    actor: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    finding_time_ms: int
    probability_inside: float | None
    probability_entry: float | None
    probability_uas: float | None
    probability_permitted: float | None
    distance_m: float | None
    time_to_entry_s: float | None
    latitude: float
    longitude: float
    height_amsl_m: float | None
    height_agl_m: float | None
    height_sigma_m: float | None
    detections: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    id: int
    kind: AlertKind
    status: AlertStatus
    severity: Severity
    active: bool
    track: int
    tracks: list[int]
    zone: str
    aircraft_id: str
    started_ms: int
    confirmed_ms: int
    raised_ms: int
    changed_ms: int
    cause: Cause
    steps: list[Step]


# ---------------------------------------------------------------------------------------------- take-offs


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffArea:
    """The smallest area that holds the take-off with this probability."""

    probability: float
    size_m2: float
    polygons: list[list[list[list[float]]]]
    """each an outer ring and its holes, of [longitude, latitude]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOff:
    """From where and when a track took off: an area, never an actor."""

    track: int
    revision: int
    extent: Extent
    half: TakeOffArea | None
    most: TakeOffArea | None
    point: Point | None
    expected_error_m: float | None
    launch_ms: int | None
    launch_from_ms: int | None
    launch_until_ms: int | None
    bearing_deg: float | None
    bearing_sigma_deg: float | None
    in_view: float | None
    first_ms: int
    first_seen: Point | None
    first_height_agl_m: float | None
    used_until_ms: int
    detections: int
    sensors: list[int]
    searching: list[int]
    wind_speed_m_s: float
    wind_from_deg: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Columns, one row a cell: the likeliest cells that together hold 99 %."""

    latitude: list[float] = field(default_factory=list)
    longitude: list[float] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)
    size_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffAnswer:
    """What is known of a take-off; nothing yet when it was only just asked for."""

    takeoff: TakeOff | None
    chances: Chances


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether something could have come from a place, with the figures behind the answer."""

    possible: bool
    return_possible: bool
    distance_m: float
    course_deg: float
    airspeed_m_s: float
    wind_along_m_s: float
    wind_across_m_s: float
    ground_speed_m_s: float
    flight_s: float | None
    aloft_s: float
    return_s: float | None
    endurance_s: float
    margin_s: float | None
    needed_ground_speed_m_s: float | None
    needed_airspeed_m_s: float | None
    reasons: list[str]


# ---------------------------------------------------------------------------------------------- zones and permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneVolume:
    rings: list[list[list[float]]]
    """rings of [longitude, latitude]; circles are drawn as 72 corners"""
    lower_m: float
    lower_reference: str
    upper_m: float | None
    upper_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    id: str
    name: str
    restriction: str
    in_force: bool
    until_ms: int | None
    """when that changes; null when not within a day"""
    volumes: list[ZoneVolume]
    times: list[str]
    reasons: list[str]
    message: dict[str, str]
    authority: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    id: str
    state: str
    in_force: bool
    zones: list[str]
    start_ms: int
    end_ms: int
    aircraft: list[str]
    operator_id: str
    purpose: str
    granted_by: str
    source: str


# ---------------------------------------------------------------------------------------------- the watch itself


BiasName = Literal["range", "azimuth", "elevation", "east", "north", "up", "time"]
Fault = Literal["blind", "weak", "cluttered", "noisy", "misaligned", "slow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorBias:
    """One way in which a sensor is off: what it adds to the truth."""

    name: BiasName
    value: float
    """m, degrees or s"""
    sigma: float
    """one standard deviation"""
    declared: float
    seen: bool
    """whether data made it better known than before any"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as declared and as measured; none: not known yet."""

    declared: float
    measured: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorNoise:
    """Standard deviation of one coordinate, m or degrees."""

    name: BiasName
    declared: float
    measured: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorFigures:
    """A sensor's registration, and its performance as measured of late."""

    time_ms: int
    applied: bool
    """whether the bias is taken off its measurements"""
    biases: list[SensorBias]
    confounded: list[list[BiasName]]
    """pairs that the data so far cannot tell apart"""
    claim_pairs: int
    sensor_pairs: int
    aircraft: int
    probability_of_detection: Figure
    looks: float
    """over which it is measured"""
    false_reports: Figure
    """a period"""
    latency_s: Figure
    period_s: Figure
    noise: list[SensorNoise]
    blind_sectors_deg: list[list[float]]
    """from and to, clockwise from north"""
    faults: list[Fault]
    corrected: bool
    """whether it is misaligned by what is known and taken off"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorHealth:
    sensor: str
    state: Health
    heard_ms: int | None
    """when a report of it last came in"""
    reports: int
    """since this server started"""
    detail: str
    code: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    """the same as of the `Notice` that said so"""
    figures: SensorFigures | None = None
    """none until it is measured"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedCount:
    source: str
    reason: str
    item: str
    count: int
    detail: str
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    time_ms: int
    kind: str
    subject: str
    detail: str
    """in English"""
    code: str = ""
    """which sentence it is; empty where only `detail` is known"""
    data: dict[str, Any] = field(default_factory=dict)
    """what it is made of, each value in the unit that its name ends with"""


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
class PlaybackStatus:
    first_ms: int
    last_ms: int
    position_ms: int
    speed: float
    paused: bool
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStatus:
    """Somebody who is shown what the watch sees."""

    id: str
    kind: str
    address: str
    receivers: int
    messages: int
    octets: int
    let_go: int
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How far a watch that takes nothing in yet is with getting ready."""

    step: int
    """of compiling kernels, from 1; 0: the record is run again"""
    steps: int
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStatus:
    time_ms: int
    running: bool
    preparing: bool
    preparation: Preparation | None
    inputs: int
    frames: int
    frames_per_s: float
    lag_ms: int
    recording: bool
    durable: int
    record_failure: str
    lost: int
    outputs: list[OutputStatus]
    playback: PlaybackStatus | None


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


# ---------------------------------------------------------------------------------------------- questions and answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A detection or claim that was used for a track."""

    id: int
    frame: int
    record: int
    time_ms: int
    sensor: str
    probability: float
    measured: dict[str, float | None]
    """what was measured, by name with unit; empty when it is no longer remembered"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """A track was lost, and what was seen later is the same object."""

    at_ms: int
    lost_ms: int
    """of the last report before"""
    former: int | None
    """number under which it was shown before it was recognised"""
    probability: float
    """that it is the same object"""
    away_m: float
    """from where it was expected"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackDetail:
    track: Tracks
    height_ellipsoid_m: float | None
    trail: Trail
    identity: Identity | None
    findings: list[Finding]
    alerts: list[int]
    reports: list[Report]
    """newest first"""
    recognition: Recognition | None
    """the last time that it was lost and recognised"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDetail:
    sequence: int
    source: str
    format: str
    received_ms: int
    received_ns: str
    """exact, as text"""
    length: int
    sha256: str
    hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTick:
    time_ms: int
    severity: Severity
    alert: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    playback: PlaybackStatus | None
    density: list[int]
    alerts: list[AlertTick]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthAnswer:
    ok: bool
    status: WatchStatus
    consoles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Who says it, and what they add."""

    actor: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What somebody saw or heard: at a place, or from the post along a bearing; with neither it is only put on
    record.
    """

    actor: str
    sensor: str
    """the observer's post"""
    what: Seen
    certainty: Certainty = "probable"
    count: int = 1
    time_ms: int | None = None
    """when; none: now"""
    latitude: float | None = None
    longitude: float | None = None
    height_m: float | None = None
    """above the ground, estimated"""
    radius_m: float | None = None
    """within which it was"""
    bearing_deg: float | None = None
    elevation_deg: float | None = None
    range_m: float | None = None
    """estimated"""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """An observation is on record."""

    frame: int
    """under which number its bytes can be had"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorOrder:
    """What somebody asks of a sensor, with what the task needs."""

    actor: str
    task: SensorTask
    mode: str = ""
    level: str = ""
    """low, medium or high"""
    latitude: float | None = None
    """degrees"""
    longitude: float | None = None
    """degrees"""
    height: float = 0.0
    """m above the ellipsoid"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFor:
    """How long one kind of data is kept."""

    what: Literal["personal", "frames", "events", "decisions"]
    days: float | None
    """none: until somebody decides otherwise"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A legal hold: of this time nothing is deleted."""

    id: str
    by: str
    reason: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is deleted from the record when it is old, and what is held."""

    policy: list[KeptFor]
    holds: list[Held]
    """by name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """What somebody wants held: a stretch of time, or the time of an alert with an hour before and after."""

    actor: str
    id: str
    """small letters, digits and -"""
    reason: str
    from_ms: int | None = None
    to_ms: int | None = None
    alert: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackOrder:
    """Any of them; what is left out stays."""

    paused: bool | None = None
    speed: float | None = None
    seek_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request was not carried out (RFC 9457 members)."""

    title: str
    status: int
    detail: str


Json = dict[str, Any]
