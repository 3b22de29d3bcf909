"""Where the published messages of the standard are found, and small messages of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from luchtwacht.codecs.sapient import MessageKind, SapientMessage, compose

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "sapient"
NODE = "0f8fad5b-d9cb-469f-a165-70867728950e"
FUSION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OTHER_ULID = "01BX5ZZKBKACTAV9WEVGEMMVRZ"
TIME_NS = 1_780_000_000_123_456_789


def published(folder: str) -> list[Path]:
    """The published messages in a folder, in order of their names; skips the test when they are not here."""
    found = sorted((FOLDER / folder).glob("*.json"))
    if not found:
        pytest.skip(f"needs the published messages in {folder} beside the project")
    return found


def text_of(path: Path) -> str:
    return path.read_text("utf-8-sig")


def detection(**changes: Any) -> dict[str, Any]:
    """A radar's detection report, fields changed or, with None, left out."""
    fields = {
        "report_id": ULID,
        "object_id": OTHER_ULID,
        "range_bearing": {
            "azimuth": 90.0,
            "elevation": 4.5,
            "range": 1500.0,
            "range_error": 10.0,
            "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M",
            "datum": "RANGE_BEARING_DATUM_TRUE",
        },
        "detection_confidence": 0.75,
        "classification": [{"type": "Bird", "confidence": 0.25}, {"type": "UAV", "confidence": 0.5}],
        "enu_velocity": {"east_rate": 3.0, "north_rate": -4.0},
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}


def registration(*node_types: str, icd_version: str = "BSI Flex 335 v2.0") -> dict[str, Any]:
    """The least that registers a node."""
    seconds = {"units": "TIME_UNITS_SECONDS", "value": 5.0}
    units = {"location_units": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M", "location_datum": "LOCATION_DATUM_WGS84_E"}
    return {
        "node_definition": [{"node_type": node_type} for node_type in node_types or ("NODE_TYPE_RADAR",)],
        "icd_version": icd_version,
        "capabilities": [{"category": "Radar", "type": "Range"}],
        "status_definition": {"status_interval": seconds},
        "mode_definition": [
            {
                "mode_name": "Default",
                "mode_type": "MODE_TYPE_DEFAULT",
                "settle_time": seconds,
                "task": {
                    "concurrent_tasks": 1,
                    "region_definition": {
                        "region_type": ["REGION_TYPE_AREA_OF_INTEREST"],
                        "settle_time": seconds,
                        "region_area": [units],
                    },
                },
            }
        ],
        "config_data": [{"manufacturer": "Invented", "model": "One"}],
    }


def task(**command: Any) -> dict[str, Any]:
    return {"task_id": ULID, "control": "CONTROL_START", "command": command}


def made(kind: MessageKind, content: dict[str, Any], *, destination_id: str = "") -> SapientMessage:
    return compose(kind, content, time_ns=TIME_NS, node_id=NODE, destination_id=destination_id)
