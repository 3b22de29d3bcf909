"""Commands: what a person, or a machine in a person's name, told the watch to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from luchtwacht.model.alert import Alert
from luchtwacht.model.site import Place
from luchtwacht.model.zone import Authorisation, Zone


class AcknowledgeAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody has seen it and is on it."""

    alert: int
    note: str = ""


class EscalateAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody else must look."""

    alert: int
    note: str = ""


class RejectAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """It was no event; the reason is required."""

    alert: int
    note: str


class CloseAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """It is over and dealt with."""

    alert: int
    note: str = ""


class PutZone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Add a zone, or replace the one of the same id."""

    zone: Zone


class WithdrawZone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The zone ends now."""

    zone: str


class PutAuthorisation(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Add an authorisation, or replace the one of the same id."""

    authorisation: Authorisation


class WithdrawAuthorisation(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The authorisation ends now."""

    authorisation: str


class FindTakeOff(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody wants to know from where a track took off."""

    track: int


class TakeOver(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The machine hands over what was open when a watch ended, to one that begins anew under another site file."""

    alerts: tuple[Alert, ...]
    """as they last stood"""
    reason: str
    """one sentence: why a new watch began"""


class SensorTask(StrEnum):
    """What a sensor may be asked. Nothing here moves anything or acts on anything."""

    START = "start"
    STOP = "stop"
    MODE = "mode"
    """change to `TaskSensor.mode`"""
    LOOK_AT = "look_at"
    """point at `TaskSensor.place`"""
    DETECTION_THRESHOLD = "detection_threshold"
    """`TaskSensor.level`"""
    REPORT_RATE = "report_rate"
    """`TaskSensor.level`"""
    STATUS = "status"
    REGISTRATION = "registration"
    RESET = "reset"
    SNAPSHOT = "snapshot"


class TaskSensor(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody asks a sensor for something."""

    sensor: str
    """`Sensor.id`"""
    task: SensorTask
    mode: str = ""
    level: str = ""
    """low, medium or high"""
    place: Place | None = None


class LinkState(StrEnum):
    """How the way to a source stands."""

    CONNECTED = "connected"
    """bytes can come; also when they can again"""
    LOST = "lost"
    """nothing can come; it is tried again"""
    DROPPED = "dropped"
    """what was sent did not all reach us: the kernel had no room, or a file was cut while we looked away"""


class ReportLink(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """The machine says how the way to a source stands, so that it is on record beside the bytes.

    What is empty is left out of its bytes, so that an older record's order is the same bytes again.
    """

    source: str
    """`Source.id`"""
    state: LinkState
    detail: str
    """one sentence, in English"""
    link: str = ""
    """which way or peer it is about, where there is one"""
    why: str = ""
    """what was wrong, in the words of the system"""
    lost: int = 0
    """messages that were dropped, where that is known"""


Order = (
    AcknowledgeAlert
    | EscalateAlert
    | RejectAlert
    | CloseAlert
    | PutZone
    | WithdrawZone
    | PutAuthorisation
    | WithdrawAuthorisation
    | FindTakeOff
    | TaskSensor
    | ReportLink
    | TakeOver
)
"""What can be commanded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An order with who gave it and when."""

    sequence: int
    """number of the input, as `Frames.sequence`"""
    received_ns: int
    """ns UTC"""
    actor: str
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time passes, even when nothing comes in."""

    sequence: int
    """number of the input, as `Frames.sequence`"""
    received_ns: int
    """ns UTC"""
