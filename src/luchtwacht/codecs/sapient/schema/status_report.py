"""StatusReport: heartbeat; how the node is, where it stands, what it can see."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "StatusReport",
        (
            Field(1, "report_id", "ulid", mandatory=True),
            Field(2, "system", "StatusReport.System", mandatory=True),
            Field(3, "info", "StatusReport.Info", mandatory=True),
            Field(4, "active_task_id", "ulid"),
            Field(5, "mode", "string", mandatory=True),
            Field(6, "power", "StatusReport.Power"),
            Field(7, "node_location", "Location"),
            Field(8, "field_of_view", "LocationOrRangeBearing"),
            Field(10, "obscuration", "LocationOrRangeBearing", repeated=True),
            Field(11, "status", "StatusReport.Status", repeated=True),
            Field(12, "coverage", "LocationOrRangeBearing", repeated=True),
        ),
    ),
    Message(
        "StatusReport.Power",
        (
            Field(3, "level", "int32", least=0, most=100),
            Field(4, "source", "StatusReport.PowerSource"),
            Field(5, "status", "StatusReport.PowerStatus"),
        ),
    ),
    Message(
        "StatusReport.Status",
        (
            Field(1, "status_level", "StatusReport.StatusLevel"),
            Field(3, "status_value", "string"),
            Field(4, "status_type", "StatusReport.StatusType", mandatory=True),
        ),
    ),
)
ENUMS = (
    Enum(
        "StatusReport.System",
        "SYSTEM_",
        {
            0: "UNSPECIFIED",
            1: "OK",
            2: "WARNING",
            3: "ERROR",
            5: "GOODBYE",
        },
    ),
    Enum(
        "StatusReport.PowerSource",
        "POWERSOURCE_",
        {
            0: "UNSPECIFIED",
            1: "OTHER",
            2: "MAINS",
            3: "INTERNAL_BATTERY",
            4: "EXTERNAL_BATTERY",
            5: "GENERATOR",
            6: "SOLAR_PV",
            7: "WIND_TURBINE",
            8: "FUEL_CELL",
        },
    ),
    Enum(
        "StatusReport.PowerStatus",
        "POWERSTATUS_",
        {
            0: "UNSPECIFIED",
            1: "OK",
            2: "FAULT",
        },
    ),
    Enum(
        "StatusReport.Info",
        "INFO_",
        {
            0: "UNSPECIFIED",
            1: "NEW",
            2: "UNCHANGED",
        },
    ),
    Enum(
        "StatusReport.StatusType",
        "STATUS_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "INTERNAL_FAULT",
            2: "EXTERNAL_FAULT",
            3: "ILLUMINATION",
            4: "WEATHER",
            5: "CLUTTER",
            6: "EXPOSURE",
            7: "MOTION_SENSITIVITY",
            8: "PTZ_STATUS",
            9: "PD",
            10: "FAR",
            11: "NOT_DETECTING",
            12: "PLATFORM",
            13: "OTHER",
        },
    ),
    Enum(
        "StatusReport.StatusLevel",
        "STATUS_LEVEL_",
        {
            0: "UNSPECIFIED",
            2: "INFORMATION_STATUS",
            3: "WARNING_STATUS",
            4: "ERROR_STATUS",
        },
    ),
)
