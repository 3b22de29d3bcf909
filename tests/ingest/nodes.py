"""A plainly invented site with SAPIENT nodes, and what they send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from tests.codecs.sapient.vectors import OTHER_ULID, ULID, registration

from luchtwacht.codecs.sapient import MessageKind, compose, encode_message, frame_message
from luchtwacht.codecs.sapient.classes import message_class
from luchtwacht.ingest import Ingest, Ingested
from luchtwacht.model import Format, Frames, Place, Sensor, SensorKind, Site, Source
from luchtwacht.units import SECOND_NS

START_NS = 1_780_000_000 * SECOND_NS
RADAR, CAMERA, RECEIVER = (f"0f8fad5b-d9cb-469f-a165-7086772895{number:02d}" for number in range(3))
STRANGER = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
PLACE = Place(latitude=52.0, longitude=5.0, height=50.0)


def node_site(**changes: Any) -> Site:
    kinds = {RADAR: SensorKind.RADAR_3D, CAMERA: SensorKind.CAMERA, RECEIVER: SensorKind.REMOTE_ID_RECEIVER}
    site = Site(
        id="field",
        name="A field",
        origin=PLACE,
        geoid_undulation_m=44.0,
        sources=(Source(id="nodes", format=Format.SAPIENT),),
        sensors=tuple(
            Sensor(id=kind.value, kind=kind, source="nodes", place=PLACE, key=node) for node, kind in kinds.items()
        ),
    )
    return replace(site, **changes)


def sent(kind: MessageKind, content: dict[str, Any], node: str = RADAR, time_ns: int = START_NS) -> bytes:
    """A message of a node as it comes over TCP."""
    return frame_message(encode_message(compose(kind, content, time_ns=time_ns, node_id=node)))


def unchecked(node: str, time_ns: int = START_NS, **content: Any) -> bytes:
    """A message that the standard, or this software, would not send."""
    envelope = message_class()(node_id=node, **content)
    envelope.timestamp.seconds, envelope.timestamp.nanos = divmod(time_ns, SECOND_NS)
    return frame_message(envelope.SerializeToString())


def registering(node: str = RADAR, time_ns: int = START_NS, **changes: Any) -> bytes:
    """Registration with a velocity in metres a second, errors as standard deviations and two modes."""
    fields = registration()
    mode = dict(fields["mode_definition"][0])
    units = {"location_units": 1, "location_datum": 1}
    speed = {"enu_velocity_units": {"east_north_rate_units": 1, "up_rate_units": 1}, "location_datum": 1}
    definition: dict[str, Any] = {
        "location_type": units,
        "velocity_type": speed,
        "geometric_error": {"type": "Standard Deviation", "units": "metres", "variation_type": "none"},
    }
    definition |= changes.pop("definition", {})
    mode |= {"tracking_type": changes.pop("tracking_type", 3), "detection_definition": [definition]}
    commands = changes.pop("commands", ())
    if commands:
        second = {"units": 4, "value": 1.0}
        mode["task"] = mode["task"] | {
            "command": [{"type": each, "units": "none", "completion_time": second} for each in commands]
        }
    fields["mode_definition"] = [mode, mode | {"mode_name": "Staring", "mode_type": 2}]
    return sent(MessageKind.REGISTRATION, fields | changes, node, time_ns)


def status(node: str = RADAR, time_ns: int = START_NS, **changes: Any) -> bytes:
    fields = {"report_id": ULID, "system": "SYSTEM_OK", "info": "INFO_NEW", "mode": "Default"}
    return sent(MessageKind.STATUS_REPORT, fields | changes, node, time_ns)


def seen(node: str = RADAR, time_ns: int = START_NS, **changes: Any) -> bytes:
    """A detection, by default at a range of 1 km, due east, level."""
    bearing = {"azimuth": 90.0, "elevation": 0.0, "range": 1000.0, "coordinate_system": 1, "datum": 1}
    fields: dict[str, Any] = {"report_id": ULID, "object_id": OTHER_ULID, "range_bearing": bearing}
    fields |= changes
    given = {name: value for name, value in fields.items() if value is not None}
    return sent(MessageKind.DETECTION_REPORT, given, node, time_ns)


def located(node: str = RADAR, time_ns: int = START_NS, **place: Any) -> bytes:
    """A detection by coordinates, in degrees above the ellipsoid unless said otherwise."""
    other = {name: place.pop(name) for name in ("classification", "id", "state", "enu_velocity") if name in place}
    where = {"x": 5.01, "y": 52.01, "z": 150.0, "coordinate_system": 1, "datum": 1} | place
    where = {name: value for name, value in where.items() if value is not None}
    return seen(node, time_ns, range_bearing=None, location=where, **other)


def frames_of(*payloads: bytes, first: int = 1, received_ns: int = START_NS) -> Frames:
    return Frames.of(
        list(payloads),
        sequence=np.arange(first, first + len(payloads)),
        source=np.zeros(len(payloads), dtype=np.int64),
        received_ns=np.full(len(payloads), received_ns),
    )


def receive(*payloads: bytes, mappings: dict[str, str] | None = None, **changes: Any) -> Ingested:
    return Ingest(node_site(**changes), mappings or {}).receive(frames_of(*payloads))
