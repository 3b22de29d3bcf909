"""What a person may ask of a sensor, as a Task. Nothing that moves or follows: see `codecs/sapient/refusal.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from luchtwacht.errors import BadCommand
from luchtwacht.ingest.sapient.node import Node
from luchtwacht.model import SensorTask, TaskSensor
from luchtwacht.model.notices import asked

_REQUESTS = {
    SensorTask.START: "Start",
    SensorTask.STOP: "Stop",
    SensorTask.STATUS: "Status",
    SensorTask.REGISTRATION: "Registration",
    SensorTask.RESET: "Reset",
    SensorTask.SNAPSHOT: "Take Snapshot",
}
_LEVELLED = {
    SensorTask.DETECTION_THRESHOLD: ("detection_threshold", 2),
    SensorTask.REPORT_RATE: ("detection_report_rate", 3),
}
"""field of Task.Command, Registration.CommandType"""
_REQUEST, _MODE_CHANGE, _LOOK_AT = 1, 5, 6
"""Registration.CommandType"""
_LEVELS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A task that was given."""

    sensor: int
    """index into `Site.sensors`"""
    asked: dict[str, Any]
    """what was asked, as notices tell it (`model.notices.asked`)"""
    asked_ns: int


def task_content(order: TaskSensor, node: Node, task_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The Task's fields, and what it asks as notices tell it.

    Raises:
        BadCommand: the node has registered no such command or mode, or the order lacks what the task needs.
    """
    command, kind, more = _command(order, node)
    words = {"task": str(order.task), **more}
    can = {each for mode in node.modes for each in mode.commands}
    if can and kind not in can:
        raise BadCommand(f"sensor {order.sensor} has not registered that it can be told to {asked(words)}")
    content = {"task_id": task_id, "task_name": str(order.task), "control": "CONTROL_START", "command": command}
    return content, words


def _command(order: TaskSensor, node: Node) -> tuple[dict[str, Any], int, dict[str, Any]]:
    if order.task in _REQUESTS:
        request = _REQUESTS[order.task]
        return {"request": request}, _REQUEST, {}
    if order.task in _LEVELLED:
        if order.level not in _LEVELS:
            raise BadCommand(f"level {order.level!r} is none", hint=f"one of {', '.join(_LEVELS)}")
        name, kind = _LEVELLED[order.task]
        return {name: f"DISCRETE_THRESHOLD_{order.level.upper()}"}, kind, {"level": order.level}
    if order.task == SensorTask.MODE:
        modes = [mode.name for mode in node.modes]
        if order.mode not in modes:
            raise BadCommand(f"sensor {order.sensor} has no mode {order.mode!r}", hint=f"one of {', '.join(modes)}")
        return {"mode_change": order.mode}, _MODE_CHANGE, {"mode": order.mode}
    if order.place is None:
        raise BadCommand("look_at needs a place")
    place = {
        "x": order.place.longitude,
        "y": order.place.latitude,
        "z": order.place.height,
        "coordinate_system": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
        "datum": "LOCATION_DATUM_WGS84_E",
    }
    where = {"latitude": order.place.latitude, "longitude": order.place.longitude}
    return {"look_at": {"location_list": {"locations": [place]}}}, _LOOK_AT, where
