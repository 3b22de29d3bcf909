"""The site: what a watch is told before it starts. One TOML file becomes one frozen `Site`.

Declarations keep the units a person writes (degrees, seconds), named in the field; properties give SI and radians.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from math import cos, inf, pi, sin

import numpy as np
from numpy.typing import ArrayLike

from luchtwacht.geodesy import Floats, LocalFrame
from luchtwacht.model.ground import HeightGrid
from luchtwacht.model.link import (
    ApiLink,
    HttpLink,
    Link,
    MqttLink,
    SerialLink,
    TailLink,
    TcpLink,
    TcpServerLink,
    UdpLink,
)
from luchtwacht.model.registration import Bias, RegistrationMode
from luchtwacht.model.zone import Authorisation, Zone
from luchtwacht.units import DEGREE


class SensorKind(StrEnum):
    """What a sensor is; it decides how its messages become detections or claims."""

    RADAR_3D = "radar_3d"
    RADAR_2D = "radar_2d"
    RF_DIRECTION_FINDER = "rf_direction_finder"
    RF_LOCATOR = "rf_locator"
    CAMERA = "camera"
    ACOUSTIC = "acoustic"
    SPOTTER = "spotter"
    REMOTE_ID_RECEIVER = "remote_id_receiver"
    ADS_B_RECEIVER = "ads_b_receiver"
    TELEMETRY = "telemetry"
    """a link to the own fleet"""


CLAIM_RECEIVERS = (SensorKind.REMOTE_ID_RECEIVER, SensorKind.ADS_B_RECEIVER, SensorKind.TELEMETRY)
"""Sensors that hear what aircraft say and measure nothing."""


class Format(StrEnum):
    """What a source's bytes are."""

    ASTERIX = "asterix"
    TABLE = "table"
    """delimited text, with a mapping"""
    REMOTE_ID = "remote_id"
    """frames of a radio with ASTM F3411 messages, as `Source.radio` says"""
    READSB = "readsb"
    """`aircraft.json` of readsb and tar1090"""
    OBSERVATION = "observation"
    """what people saw and heard, handed in through the API"""
    SAPIENT = "sapient"
    """messages of BSI Flex 335, each behind its length"""
    SBS = "sbs"
    """BaseStation lines of a Mode S receiver, port 30003"""
    BEAST = "beast"
    """frames of a Mode S receiver, port 30005"""
    OGN = "ogn"
    """lines of the Open Glider Network: FLARM, FANET, SafeSky and others"""
    MAVLINK = "mavlink"
    """telemetry of the own fleet"""
    DRONESCOUT = "dronescout"
    """JSON of DroneScout Remote ID receivers"""
    NETWORK_REMOTE_ID = "network_remote_id"
    """answers of a Remote ID service provider (ASTM F3411-22a)"""


STREAM_FORMATS = (
    Format.ASTERIX, Format.TABLE, Format.READSB, Format.SBS, Format.BEAST, Format.OGN, Format.MAVLINK,
    Format.DRONESCOUT, Format.SAPIENT,
)  # fmt: skip
"""Formats that say where one payload ends and the next begins, so that they can come as a stream."""
CLAIM_FORMATS = (
    Format.REMOTE_ID, Format.READSB, Format.SBS, Format.BEAST, Format.OGN, Format.MAVLINK, Format.DRONESCOUT,
    Format.NETWORK_REMOTE_ID,
)  # fmt: skip
"""Formats that carry nothing but what aircraft say of themselves; ASTERIX and tables carry measurements too."""
STREAM_LINKS = (TcpLink, TcpServerLink, SerialLink, TailLink)
LINKS_OF: dict[Format, tuple[type[Link], ...]] = {
    Format.NETWORK_REMOTE_ID: (HttpLink,),
    Format.OBSERVATION: (ApiLink, MqttLink),
    Format.SAPIENT: (TcpLink, TcpServerLink),
}
"""The ways of formats that come in few"""


class Radio(StrEnum):
    """What a radio's frames start with."""

    RADIOTAP = "radiotap"
    """802.11 after a radiotap header"""
    IEEE802_11 = "ieee802_11"
    """bare 802.11"""
    BLUETOOTH_LE = "bluetooth_le"
    """the link layer of Bluetooth low energy: access address, PDU, CRC"""
    BLUETOOTH_LE_WITH_PHDR = "bluetooth_le_with_phdr"
    """the same after a header with channel, signal and flags"""
    NORDIC_BLE = "nordic_ble"
    """the same after the header of Nordic Semiconductor's sniffer"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point in WGS 84."""

    latitude: float
    """degrees"""
    longitude: float
    """degrees"""
    height: float = 0.0
    """m above the ellipsoid"""

    @property
    def geodetic(self) -> tuple[float, float, float]:
        """Latitude, longitude (rad) and ellipsoidal height (m)."""
        return self.latitude * DEGREE, self.longitude * DEGREE, self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that sends bytes."""

    id: str
    format: Format
    connect: str = ""
    """the way its bytes come, as `model.link` reads it: `udp://127.0.0.1:8600`; empty when frames are handed in"""
    login: str = ""
    """for tcp: a line that is sent once connected, as an APRS server wants it; it is recorded, so no secret"""
    radio: Radio = Radio.RADIOTAP
    """for remote_id: what each frame starts with"""
    area_m: float = 2_000.0
    """for network_remote_id: how far round the site's origin flights are asked for"""
    poll_s: float = 1.0
    """for http and https: time between two questions"""
    secret: str = ""
    """where a password (MQTT) or bearer token (HTTP) is kept, never itself: `env:NAME` or `file:PATH`"""
    file: str = ""
    """name pattern of this source's file in a recording folder: `ALVIRA_*.csv*`"""
    mapping: str = ""
    """file relative to the site file: of tables the mapping; of SAPIENT, which can do without, what its classes mean"""
    clock_tolerance_s: float = 10.0
    """how far a report's own time may be from the time it was received, before it is refused"""
    use_receive_time: bool = False
    """take the time of receipt for the time of measurement: for sensors without a usable clock"""
    editions: dict[str, str] = field(default_factory=dict)
    """for ASTERIX: the edition its sender uses, by category (`{ "062" = "1.18" }`); the newest that is read where it is
    not said"""
    recorded_on: date | None = None
    """UTC day on which a recorded file begins that does not say it itself (bare ASTERIX): 2026-05-02"""
    recorded_at: time | None = None
    """UTC time of day at which a recorded file begins that only counts from there (Beast without GPS): 14:03:20"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """How far a sensor's word for what it sees is to be trusted."""

    memory_s: float | None = None
    """once it has said what an object is, it says the same again for about so long, right or wrong; 0: every report is
    judged anew; none: learnt from how it repeats itself"""
    confusion: dict[str, dict[str, float]] = field(default_factory=dict)
    """by what an object is (a category in lower case), in which share of its reports it is called each category; what
    is left it calls nothing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One sensor: where, what, how well, how connected."""

    id: str
    name: str = ""
    kind: SensorKind
    source: str
    """`Source.id` through which its reports come"""
    place: Place
    sac: int | None = None
    """ASTERIX system area code, with `sic` the sensor's identity in I048/010"""
    sic: int | None = None
    key: str = ""
    """the sensor's identity in other formats, when a source carries more than one; of a SAPIENT node its UUID"""
    north_deg: float | None = None
    """for sensors that measure azimuths from another north (magnetic, grid, their platform's bow): where that points,
    clockwise from true north; none where it is not known"""
    range_sigma_m: float = 10.0
    azimuth_sigma_deg: float = 0.5
    elevation_sigma_deg: float = 1.0
    doppler_sigma_m_s: float = 0.5
    position_sigma_m: float = 10.0
    """per horizontal axis, for sensors that report positions"""
    height_sigma_m: float = 20.0
    probability_of_detection: float = 0.9
    """for an object it is made for, inside its coverage, once a period"""
    false_reports: float = 1.0
    """expected number of false reports a period over the whole coverage"""
    period_s: float = 1.0
    """time between two looks at the same object"""
    range_min_m: float = 0.0
    range_max_m: float = inf
    elevation_min_deg: float = -90.0
    elevation_max_deg: float = 90.0
    azimuth_from_deg: float = 0.0
    azimuth_to_deg: float = 360.0
    """clockwise from `azimuth_from_deg`"""
    blind_speed_m_s: float = 0.0
    """below this radial speed a Doppler radar sees nothing"""
    threshold_snr_db: float | None = None
    """dB, signal over noise from which it reports an echo; given, the strength of an echo tells objects from noise"""
    silent_after_s: float = 10.0
    """without anything from it for this long it is called silent"""
    rcs_offset_db: float | None = None
    """dB to add to reported amplitude plus 40 log10 of range (m) for the radar cross-section in dBsm; none: unknown"""
    latency_s: float = 1.0
    """its reports usually come within this time after they were measured"""
    classification: Classification = field(default_factory=Classification)
    registration: RegistrationMode = RegistrationMode.APPLY
    """what is done with the bias that is estimated on line"""
    bias: Bias = field(default_factory=Bias)
    """what it adds to the truth, as `luchtwacht calibrate` found it: taken off every measurement"""

    @property
    def azimuth_sigma(self) -> float:
        """rad"""
        return self.azimuth_sigma_deg * DEGREE

    @property
    def elevation_sigma(self) -> float:
        """rad"""
        return self.elevation_sigma_deg * DEGREE


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessDeclaration:
    """A witness (C2SP tlog-witness) that signs this site's checkpoints too."""

    url: str
    """its prefix: checkpoints are posted to `<url>/add-checkpoint`"""
    key: str
    """its public key, as `luchtwacht witness` prints it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingSettings:
    """Who else vouches for the record."""

    witnesses: tuple[WitnessDeclaration, ...] = ()
    every_s: float = 10.0
    """witnesses are asked this often"""
    time_stamps: str = ""
    """where an authority answers requests for time stamps (RFC 3161): `https://tsa.example/`"""
    time_stamp_certificate: str = ""
    """PEM file of that authority or of who vouches for it, relative to the site file"""
    time_stamp_every_s: float = 3600.0


class OutputKind(StrEnum):
    """The language in which others are shown what the watch sees."""

    ASTERIX = "asterix"
    SAPIENT = "sapient"


class Shown(StrEnum):
    """What an output shows."""

    TRACKS = "tracks"
    """CAT062; SAPIENT detection reports"""
    PLOTS = "plots"
    """what sensors measured: CAT015"""
    CLAIMS = "claims"
    """what unmanned aircraft say of themselves: CAT129"""
    STATUS = "status"
    """how the watch and its sensors are: CAT065 and CAT063; SAPIENT status reports, which are always sent"""
    ALERTS = "alerts"
    """SAPIENT alerts"""


SHOWN_BY = {
    OutputKind.ASTERIX: (Shown.TRACKS, Shown.PLOTS, Shown.CLAIMS, Shown.STATUS),
    OutputKind.SAPIENT: (Shown.TRACKS, Shown.ALERTS, Shown.STATUS),
}
OUTPUT_LINKS: dict[OutputKind, tuple[type[Link], ...]] = {
    OutputKind.ASTERIX: (UdpLink, TcpLink, TcpServerLink),
    OutputKind.SAPIENT: (TcpLink,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Somebody who is shown what the watch sees."""

    id: str
    kind: OutputKind
    address: str
    """the way, as `model.link` reads it: `udp://239.1.2.3:8600`"""
    what: tuple[Shown, ...] = (Shown.TRACKS, Shown.STATUS)
    sac: int = 0
    """ASTERIX system area code of this system, with `sic` its identity in I062/010"""
    sic: int = 0
    node_id: str = ""
    """UUID of this node for SAPIENT; by default made of the site's and the output's id"""
    every_s: float = 1.0
    """a track is shown this often"""
    guard_s: float = 60.0
    """the number of a track that ended is not given to another before this long"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSettings:
    """What may be tuned in the tracker; the defaults hold for drones under a short-range radar."""

    support_s: float = 5.0
    """a sensor supports a track when it contributed within this time"""
    coast_s: float = 2.5
    """a confirmed track without any detection for this long is coasted"""
    terminate_s: float = 12.0
    """without any detection for this long it is terminated"""
    confirm_existence: float = 0.98
    """a track is confirmed above this existence probability"""
    terminate_existence: float = 0.01
    """and terminated below this"""
    rollback_s: float = 5.0
    """reports later than `Site.reorder_s` by no more than this are used as if they had come in time: the tracker goes
    back and forward again"""
    stitch_s: float = 45.0
    """a confirmed track that was lost goes on under its number when its object is seen again within this; 0: never"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirspaceSettings:
    """Zone verdicts."""

    horizon_s: float = 30.0
    """entries are foretold this far ahead"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertingSettings:
    """When a person is called."""

    inside: float = 0.9
    """probability inside from which an intrusion is raised"""
    entry: float = 0.8
    """probability of entry from which an approach is raised"""
    uas: float = 0.5
    """and at least this probable an unmanned aircraft"""
    permitted: float = 0.5
    """and less probable permitted than this"""
    sure_s: float = 1.5
    """a condition must have held this long, an approach counting for the intrusion it becomes, before anybody is
    called: what flickers is doubt, not an event"""
    clear_s: float = 10.0
    """an alert stays active until its condition was false for this long"""
    escalate_after_s: float = 60.0
    """an alert that nobody has acknowledged for this long, by event time, is escalated"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffSettings:
    """How the place of take-off is looked for."""

    wind_speed_m_s: float = 0.0
    wind_from_deg: float = 0.0
    """whence the wind blows, clockwise from north, as weather reports say it"""
    longest_s: float = 600.0
    """a drone is thought to have left at most this long before it was first seen"""

    @property
    def wind(self) -> tuple[float, float]:
        """east, north (m/s) towards which the air moves"""
        towards = self.wind_from_deg * DEGREE + pi
        return self.wind_speed_m_s * sin(towards), self.wind_speed_m_s * cos(towards)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """After how many days what is deleted from the record; none: kept until somebody decides otherwise."""

    personal_days: float | None = None
    """what is about persons: operators and pilots in claims and identities, and the bytes they came in"""
    frames_days: float | None = None
    """bytes as received"""
    events_days: float | None = None
    """what was concluded: detections, tracks, findings"""
    decisions_days: float | None = None
    """alerts, commands, and what changed zones and authorisations"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything a watch is told before it starts."""

    id: str
    name: str
    origin: Place
    """origin of the site's local frame"""
    sources: tuple[Source, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    outputs: tuple[Output, ...] = ()
    include: tuple[str, ...] = ()
    """patterns of files, relative to the site file, that declare more `[[sources]]` and `[[sensors]]`; empty once they
    were read"""
    zones: tuple[Zone, ...] = ()
    zone_files: tuple[str, ...] = ()
    """published data sets (ED-269, ED-318, GeoJSON), relative to the site file; empty once their zones were read into
    `zones`"""
    zones_within_km: float = 50.0
    """of published zones, those are taken that come this near to the origin"""
    authorisations: tuple[Authorisation, ...] = ()
    time_zone: str = "Europe/Amsterdam"
    """IANA name, for what people read"""
    geoid_undulation_m: float = 0.0
    """height of mean sea level above the ellipsoid at the site"""
    ground_height_m: float = 0.0
    """height of the ground above mean sea level at the site, until terrain is given"""
    geoid_file: str = ""
    """grid of the height of mean sea level above the ellipsoid, relative to the site file; empty once it was read"""
    terrain_file: str = ""
    """grid of the height of the ground above mean sea level, likewise"""
    geoid: HeightGrid | None = None
    terrain: HeightGrid | None = None
    step_s: float = 0.5
    """the pipeline concludes every `step_s` of event time"""
    reorder_s: float = 1.0
    """reports may come this much out of order"""
    snapshot_s: float = 10.0
    """the pipeline's state is recorded every so many seconds of event time, so that a restart has little to run again;
    0 for never"""
    base_map: str = ""
    """GeoJSON with local features to draw under everything, relative to the site file"""
    tracking: TrackingSettings = field(default_factory=TrackingSettings)
    airspace: AirspaceSettings = field(default_factory=AirspaceSettings)
    alerting: AlertingSettings = field(default_factory=AlertingSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    takeoff: TakeOffSettings = field(default_factory=TakeOffSettings)
    sealing: SealingSettings = field(default_factory=SealingSettings)

    @property
    def frame(self) -> LocalFrame:
        """The site's north-up local frame."""
        return LocalFrame(*self.origin.geodetic)

    def sea_level(self, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
        """(...) m above the ellipsoid, of mean sea level at (...) places; `geoid_undulation_m` beyond the grid."""
        return self._or(self.geoid, self.geoid_undulation_m, latitude_deg, longitude_deg)

    def ground_level(self, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
        """(...) m above the ellipsoid, of the ground; `ground_height_m` above the sea beyond the grid."""
        above_sea = self._or(self.terrain, self.ground_height_m, latitude_deg, longitude_deg)
        return above_sea + self.sea_level(latitude_deg, longitude_deg)

    @staticmethod
    def _or(grid: HeightGrid | None, otherwise: float, latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> Floats:
        if grid is None:
            return np.full(np.broadcast(latitude_deg, longitude_deg).shape, otherwise)
        found = grid.at(latitude_deg, longitude_deg)
        return np.where(np.isnan(found), otherwise, found)

    @property
    def learns_biases(self) -> bool:
        """Whether registration learns of any sensor."""
        return any(
            sensor.kind not in CLAIM_RECEIVERS and sensor.registration is not RegistrationMode.OFF
            for sensor in self.sensors
        )

    @property
    def ground_up(self) -> float:
        """m, up coordinate of the ground at the origin in the site's frame."""
        return self.ground_height_m + self.geoid_undulation_m - self.origin.height
