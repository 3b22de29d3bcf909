"""Alert: something a person should look at, at a place or in a region, with files and detections that show it."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "Alert",
        (
            Field(1, "alert_id", "ulid", mandatory=True),
            Field(2, "alert_type", "Alert.AlertType"),
            Field(3, "status", "Alert.AlertStatus"),
            Field(4, "description", "string"),
            Field(5, "range_bearing", "RangeBearing", one_of="location_oneof"),
            Field(6, "location", "Location", one_of="location_oneof"),
            Field(7, "region_id", "ulid"),
            Field(8, "priority", "Alert.DiscretePriority"),
            Field(9, "ranking", "float", least=0, most=1),
            Field(10, "confidence", "float", least=0, most=1),
            Field(11, "associated_file", "AssociatedFile", repeated=True),
            Field(12, "associated_detection", "AssociatedDetection", repeated=True),
            Field(13, "additional_information", "string"),
        ),
    ),
)
ENUMS = (
    Enum(
        "Alert.AlertType",
        "ALERT_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "INFORMATION",
            2: "WARNING",
            3: "CRITICAL",
            4: "ERROR",
            5: "FATAL",
            6: "MODE_CHANGE",
        },
    ),
    Enum(
        "Alert.AlertStatus",
        "ALERT_STATUS_",
        {
            0: "UNSPECIFIED",
            1: "ACTIVE",
            2: "ACKNOWLEDGE",
            3: "REJECT",
            4: "IGNORE",
            5: "CLEAR",
        },
    ),
    Enum(
        "Alert.DiscretePriority",
        "DISCRETE_PRIORITY_",
        {
            0: "UNSPECIFIED",
            1: "LOW",
            2: "MEDIUM",
            3: "HIGH",
        },
    ),
)
