"""Task: what a node is asked to do. What Luchtwacht sends and takes of it is in `refusal`."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "Task",
        (
            Field(1, "task_id", "ulid", mandatory=True),
            Field(2, "task_name", "string"),
            Field(3, "task_description", "string"),
            Field(4, "task_start_time", "Timestamp"),
            Field(5, "task_end_time", "Timestamp"),
            Field(6, "control", "Task.Control", mandatory=True),
            Field(7, "region", "Task.Region", repeated=True),
            Field(8, "command", "Task.Command"),
        ),
    ),
    Message(
        "Task.Command",
        (
            Field(1, "request", "string", one_of="command"),
            Field(2, "detection_threshold", "Task.DiscreteThreshold", one_of="command"),
            Field(3, "detection_report_rate", "Task.DiscreteThreshold", one_of="command"),
            Field(4, "classification_threshold", "Task.DiscreteThreshold", one_of="command"),
            Field(5, "mode_change", "string", one_of="command"),
            Field(6, "look_at", "LocationOrRangeBearing", one_of="command"),
            Field(9, "move_to", "LocationList", one_of="command"),
            Field(10, "patrol", "LocationList", one_of="command"),
            Field(11, "follow", "FollowObject", one_of="command"),
            Field(8, "command_parameter", "string"),
        ),
        choose=("command",),
    ),
    Message(
        "Task.Region",
        (
            Field(1, "type", "Task.RegionType", mandatory=True),
            Field(2, "region_id", "ulid", mandatory=True),
            Field(3, "region_name", "string", mandatory=True),
            Field(4, "region_area", "LocationOrRangeBearing", mandatory=True),
            Field(5, "class_filter", "Task.ClassFilter", repeated=True),
            Field(6, "behaviour_filter", "Task.BehaviourFilter", repeated=True),
        ),
    ),
    Message(
        "Task.ClassFilter",
        (
            Field(1, "parameter", "Task.Parameter", mandatory=True),
            Field(2, "type", "string", mandatory=True),
            Field(3, "sub_class_filter", "Task.SubClassFilter", repeated=True),
            Field(4, "priority", "Task.DiscreteThreshold"),
        ),
    ),
    Message(
        "Task.SubClassFilter",
        (
            Field(1, "parameter", "Task.Parameter", mandatory=True),
            Field(2, "type", "string", mandatory=True),
            Field(3, "sub_class_filter", "Task.SubClassFilter", repeated=True),
            Field(4, "priority", "Task.DiscreteThreshold"),
        ),
    ),
    Message(
        "Task.BehaviourFilter",
        (
            Field(1, "parameter", "Task.Parameter", mandatory=True),
            Field(2, "type", "string"),
            Field(3, "priority", "Task.DiscreteThreshold"),
        ),
    ),
    Message(
        "Task.Parameter",
        (
            Field(1, "name", "string", mandatory=True),
            Field(2, "operator", "Operator", mandatory=True),
            Field(3, "value", "float", mandatory=True),
        ),
    ),
)
ENUMS = (
    Enum(
        "Task.Control",
        "CONTROL_",
        {
            0: "UNSPECIFIED",
            1: "START",
            2: "STOP",
            3: "PAUSE",
        },
    ),
    Enum(
        "Task.DiscreteThreshold",
        "DISCRETE_THRESHOLD_",
        {
            0: "UNSPECIFIED",
            1: "LOW",
            2: "MEDIUM",
            3: "HIGH",
        },
    ),
    Enum(
        "Task.RegionType",
        "REGION_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "AREA_OF_INTEREST",
            2: "IGNORE",
            3: "BOUNDARY",
            4: "MOBILE_NODE_NO_GO_AREA",
            5: "MOBILE_NODE_GO_AREA",
        },
    ),
)
