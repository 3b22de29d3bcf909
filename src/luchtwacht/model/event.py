"""Events: everything the pipeline says, in the order it says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from luchtwacht.model.alert import Alert
from luchtwacht.model.claim import Claims
from luchtwacht.model.detection import Detections
from luchtwacht.model.finding import Findings
from luchtwacht.model.identity import Identities
from luchtwacht.model.registration import SensorMeasured
from luchtwacht.model.takeoff import Chances, TakeOff
from luchtwacht.model.track import Associations, Tracks
from luchtwacht.model.zone import Authorisation, Zone


class Reason(StrEnum):
    """Why input was not used."""

    UNKNOWN_FORMAT = "unknown_format"
    """the bytes are not in the source's format at all"""
    TRUNCATED = "truncated"
    """ends before it should"""
    MALFORMED = "malformed"
    """a field does not follow its standard or mapping"""
    IMPLAUSIBLE = "implausible"
    """well-formed, and cannot be: latitude 4330 degrees, time of day past midnight"""
    UNSUPPORTED = "unsupported"
    """a category, edition or message type that is not read"""
    UNDECLARED_SENSOR = "undeclared_sensor"
    """no sensor of the site answers to its identity"""
    CLOCK = "clock"
    """the time it carries is too far from the time it was received"""
    LATE = "late"
    """older than the watermark: recorded, no longer used for tracks"""
    DUPLICATE = "duplicate"
    """the same report again"""
    SIMULATED = "simulated"
    """marked by its sender as simulated or test target; kept out of the live picture"""
    PRIVATE = "private"
    """its owner asks that it is not tracked"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Input that was not used: counted, recorded, and the stream goes on."""

    frame: int
    """`Frames.sequence`"""
    record: int
    """place in the frame, from 0; -1 for the whole frame"""
    source: int
    """index into `Site.sources`"""
    reason: Reason
    item: str
    """the field, item, column or category concerned: `I048/040`, `latitude`, `CAT999`; "" for the whole"""
    detail: str
    """one sentence with the offending value and what to do"""
    count: int = 1
    """how many records this stands for"""


class NoticeKind(StrEnum):
    """What the watch says of itself."""

    SENSOR_SILENT = "sensor_silent"
    SENSOR_HEARD = "sensor_heard"
    SENSOR_DEGRADED = "sensor_degraded"
    SENSOR_RESTORED = "sensor_restored"
    SENSOR_CLOCK = "sensor_clock"
    NODE_REGISTERED = "node_registered"
    NODE_REFUSED = "node_refused"
    """nobody's node, or an effector"""
    NODE_OBJECTED = "node_objected"
    """it could not use what it was sent"""
    SENSOR_ALERT = "sensor_alert"
    """a sensor calls for attention"""
    TASK_SENT = "task_sent"
    TASK_ANSWERED = "task_answered"
    OBSERVATION = "observation"
    """somebody saw or heard something"""
    SOURCE_CONNECTED = "source_connected"
    SOURCE_LOST = "source_lost"
    SOURCE_DROPPED = "source_dropped"
    SENSOR_BLIND = "sensor_blind"
    SENSOR_WEAK = "sensor_weak"
    SENSOR_CLUTTERED = "sensor_cluttered"
    SENSOR_NOISY = "sensor_noisy"
    SENSOR_MISALIGNED = "sensor_misaligned"
    SENSOR_SLOW = "sensor_slow"
    SENSOR_AS_DECLARED = "sensor_as_declared"
    COMMAND_REFUSED = "command_refused"
    RESTARTED = "restarted"
    """the watch goes on after an end; said to people, and to the journal in a note of its own"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Input was not used: what was refused of one frame, at the time it was received."""

    time_ns: int
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """Detections released to the tracker, in order of time and id."""

    time_ns: int
    detections: Detections


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Claims released to identification, in order of time and id."""

    time_ns: int
    claims: Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """Every live track at `time_ns`, the ones that ended in this step, and what was used for them."""

    time_ns: int
    tracks: Tracks
    associations: Associations


@dataclass(frozen=True, slots=True, kw_only=True)
class Reidentified:
    """A track that was lost goes on: what was seen since under another number, or none, is the same object."""

    time_ns: int
    track: int
    """`Tracks.track`, the number that the object had before it was lost and has again"""
    former: int
    """number under which it was shown since it is seen again, which nobody uses any more; -1 where it was not shown"""
    lost_ns: int
    """ns UTC of the last detection before"""
    probability: float
    """that it is the same object"""
    away: float
    """m, on the map, from where it was expected to where it was recognised"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The identity of every confirmed or coasted track."""

    time_ns: int
    identities: Identities


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Confirmed and coasted tracks against zones in force."""

    time_ns: int
    findings: Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanged:
    """An alert was raised, moved or changed."""

    time_ns: int
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffFound:
    """From where a track took off, found for the first time or again."""

    time_ns: int
    takeoff: TakeOff
    chances: Chances


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChanged:
    """A zone was added, replaced or withdrawn (`zone` is then none)."""

    time_ns: int
    id: str
    zone: Zone | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationChanged:
    """An authorisation was added, replaced or withdrawn (`authorisation` is then none)."""

    time_ns: int
    id: str
    authorisation: Authorisation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to a sensor: an answer to what it sent, or a task. It is sent once it is on record."""

    time_ns: int
    source: int
    """index into `Site.sources`"""
    node: str
    """to whom, by the name that it has for itself"""
    kind: str
    """kind of message, by its standard"""
    input: int
    """sequence number of the frame or command that it answers"""
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about the watch itself that people should know."""

    time_ns: int
    kind: NoticeKind
    subject: str
    """sensor or source id, or the actor of a refused command"""
    detail: str
    """one sentence, in English: made from the code and the data by `notices.sentence`"""
    code: str = ""
    """which sentence it is, a key of `notices.SENTENCES`; empty in records from before there were codes"""
    data: dict[str, Any] = field(default_factory=dict)
    """what the sentence is made of, each value in the unit that its name ends with"""


Event = (
    Rejected
    | Detected
    | Claimed
    | Tracked
    | Reidentified
    | Identified
    | Found
    | AlertChanged
    | TakeOffFound
    | ZoneChanged
    | AuthorisationChanged
    | Outgoing
    | Notice
    | SensorMeasured
)
"""What the pipeline may say."""
