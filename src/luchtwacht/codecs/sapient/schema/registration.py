"""Registration: what a node is, can do, will report and can be asked to do.

`icd_version` decides how everything after it is read. `dependent_nodes` are node ids, hence UUIDs, and
`concurrent_tasks` is mandatory: the published schema says neither, the vectors that come with it do.
"""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "Registration",
        (
            Field(1, "node_definition", "Registration.NodeDefinition", mandatory=True, repeated=True),
            Field(2, "icd_version", "string", mandatory=True),
            Field(3, "name", "string"),
            Field(4, "short_name", "string"),
            Field(5, "capabilities", "Registration.Capability", mandatory=True, repeated=True),
            Field(6, "status_definition", "Registration.StatusDefinition", mandatory=True),
            Field(7, "mode_definition", "Registration.ModeDefinition", mandatory=True, repeated=True),
            Field(8, "dependent_nodes", "uuid", repeated=True),
            Field(9, "reporting_region", "LocationOrRangeBearing", repeated=True),
            Field(10, "config_data", "Registration.ConfigurationData", mandatory=True, repeated=True),
        ),
    ),
    Message(
        "Registration.NodeDefinition",
        (
            Field(1, "node_type", "Registration.NodeType", mandatory=True),
            Field(2, "node_sub_type", "string", repeated=True),
        ),
    ),
    Message(
        "Registration.Capability",
        (
            Field(1, "category", "string", mandatory=True),
            Field(2, "type", "string", mandatory=True),
            Field(3, "value", "string"),
            Field(4, "units", "string"),
        ),
    ),
    Message(
        "Registration.StatusDefinition",
        (
            Field(1, "status_interval", "Registration.Duration", mandatory=True),
            Field(2, "location_definition", "Registration.LocationType"),
            Field(3, "coverage_definition", "Registration.LocationType"),
            Field(4, "obscuration_definition", "Registration.LocationType"),
            Field(5, "status_report", "Registration.StatusReport", repeated=True),
            Field(6, "field_of_view_definition", "Registration.LocationType"),
        ),
    ),
    Message(
        "Registration.Duration",
        (
            Field(1, "units", "Registration.TimeUnits", mandatory=True),
            Field(3, "value", "float", mandatory=True, least=0),
        ),
    ),
    Message(
        "Registration.ModeParameter",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "value", "string", mandatory=True),
        ),
    ),
    Message(
        "Registration.LocationType",
        (
            Field(1, "location_units", "LocationCoordinateSystem", one_of="coordinates_oneof"),
            Field(2, "range_bearing_units", "RangeBearingCoordinateSystem", one_of="coordinates_oneof"),
            Field(3, "location_datum", "LocationDatum", one_of="datum_oneof"),
            Field(4, "range_bearing_datum", "RangeBearingDatum", one_of="datum_oneof"),
            Field(5, "zone", "string"),
        ),
        choose=("coordinates_oneof", "datum_oneof"),
    ),
    Message(
        "Registration.VelocityType",
        (
            Field(4, "enu_velocity_units", "ENUVelocityUnits", one_of="velocity_units_oneof"),
            Field(6, "location_datum", "LocationDatum", one_of="datum_oneof"),
            Field(7, "range_bearing_datum", "RangeBearingDatum", one_of="datum_oneof"),
            Field(8, "zone", "string"),
        ),
        choose=("velocity_units_oneof", "datum_oneof"),
    ),
    Message(
        "Registration.StatusReport",
        (
            Field(1, "category", "Registration.StatusReportCategory", mandatory=True),
            Field(2, "type", "string", mandatory=True),
            Field(3, "units", "string"),
            Field(4, "on_change", "bool"),
        ),
    ),
    Message(
        "Registration.ModeDefinition",
        (
            Field(1, "mode_name", "string", mandatory=True),
            Field(2, "mode_type", "Registration.ModeType", mandatory=True),
            Field(3, "mode_description", "string"),
            Field(4, "settle_time", "Registration.Duration", mandatory=True),
            Field(5, "maximum_latency", "Registration.Duration"),
            Field(6, "scan_type", "Registration.ScanType"),
            Field(7, "tracking_type", "Registration.TrackingType"),
            Field(8, "duration", "Registration.Duration"),
            Field(9, "mode_parameter", "Registration.ModeParameter", repeated=True),
            Field(10, "detection_definition", "Registration.DetectionDefinition", repeated=True),
            Field(11, "task", "Registration.TaskDefinition", mandatory=True),
        ),
    ),
    Message(
        "Registration.DetectionDefinition",
        (
            Field(1, "location_type", "Registration.LocationType", mandatory=True),
            Field(2, "detection_performance", "Registration.PerformanceValue", repeated=True),
            Field(3, "detection_report", "Registration.DetectionReport", repeated=True),
            Field(4, "detection_class_definition", "Registration.DetectionClassDefinition", repeated=True),
            Field(5, "behaviour_definition", "Registration.BehaviourDefinition", repeated=True),
            Field(6, "velocity_type", "Registration.VelocityType"),
            Field(7, "geometric_error", "Registration.GeometricError"),
        ),
    ),
    Message(
        "Registration.GeometricError",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "units", "string", mandatory=True),
            Field(3, "variation_type", "string", mandatory=True),
            Field(4, "performance_value", "Registration.PerformanceValue", repeated=True),
        ),
    ),
    Message(
        "Registration.PerformanceValue",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "units", "string", mandatory=True),
            Field(3, "unit_value", "string", mandatory=True),
            Field(4, "variation_type", "string"),
        ),
    ),
    Message(
        "Registration.DetectionReport",
        (
            Field(1, "category", "Registration.DetectionReportCategory", mandatory=True),
            Field(2, "type", "string", mandatory=True),
            Field(3, "units", "string", mandatory=True),
            Field(4, "on_change", "bool"),
        ),
    ),
    Message(
        "Registration.DetectionClassDefinition",
        (
            Field(1, "confidence_definition", "Registration.ConfidenceDefinition"),
            Field(2, "class_performance", "Registration.PerformanceValue", repeated=True),
            Field(3, "class_definition", "Registration.ClassDefinition", repeated=True),
            Field(4, "taxonomy_dock_definition", "Registration.TaxonomyDockDefinition", repeated=True),
        ),
    ),
    Message(
        "Registration.ClassDefinition",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "units", "string"),
            Field(3, "sub_class", "Registration.SubClass", repeated=True),
        ),
    ),
    Message(
        "Registration.SubClass",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "units", "string"),
            Field(3, "level", "int32", mandatory=True, least=0),
            Field(4, "sub_class", "Registration.SubClass", repeated=True),
        ),
    ),
    Message(
        "Registration.BehaviourDefinition",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "units", "string"),
        ),
    ),
    Message(
        "Registration.TaskDefinition",
        (
            Field(1, "concurrent_tasks", "int32", mandatory=True, least=0),
            Field(2, "region_definition", "Registration.RegionDefinition", mandatory=True),
            Field(3, "command", "Registration.Command", repeated=True),
        ),
    ),
    Message(
        "Registration.ClassFilterDefinition",
        (
            Field(1, "filter_parameter", "Registration.FilterParameter", repeated=True),
            Field(2, "sub_class_definition", "Registration.SubClassFilterDefinition", repeated=True),
            Field(3, "type", "string", mandatory=True),
        ),
    ),
    Message(
        "Registration.SubClassFilterDefinition",
        (
            Field(1, "filter_parameter", "Registration.FilterParameter", repeated=True),
            Field(2, "level", "int32", mandatory=True, least=0),
            Field(3, "type", "string", mandatory=True),
            Field(4, "sub_class_definition", "Registration.SubClassFilterDefinition", repeated=True),
        ),
    ),
    Message(
        "Registration.FilterParameter",
        (
            Field(1, "parameter", "string", mandatory=True),
            Field(2, "operators", "Operator", mandatory=True, repeated=True),
        ),
    ),
    Message(
        "Registration.BehaviourFilterDefinition",
        (
            Field(1, "filter_parameter", "Registration.FilterParameter", repeated=True),
            Field(2, "type", "string", mandatory=True),
        ),
    ),
    Message(
        "Registration.Command",
        (
            Field(2, "units", "string", mandatory=True),
            Field(3, "completion_time", "Registration.Duration", mandatory=True),
            Field(4, "type", "Registration.CommandType", mandatory=True),
        ),
    ),
    Message(
        "Registration.RegionDefinition",
        (
            Field(1, "region_type", "Registration.RegionType", mandatory=True, repeated=True),
            Field(2, "settle_time", "Registration.Duration"),
            Field(3, "region_area", "Registration.LocationType", mandatory=True, repeated=True),
            Field(4, "class_filter_definition", "Registration.ClassFilterDefinition", repeated=True),
            Field(5, "behaviour_filter_definition", "Registration.BehaviourFilterDefinition", repeated=True),
        ),
    ),
    Message(
        "Registration.TaxonomyDockDefinition",
        (
            Field(1, "Dock_class_namespace", "string", mandatory=True),
            Field(2, "Dock_class", "string", mandatory=True),
            Field(3, "Extension_subclass", "Registration.ExtensionSubclass", repeated=True),
        ),
    ),
    Message(
        "Registration.ExtensionSubclass",
        (
            Field(1, "Subclass_namespace", "string", mandatory=True),
            Field(2, "Subclass_name", "string", mandatory=True),
            Field(3, "units", "string"),
        ),
    ),
    Message(
        "Registration.ConfigurationData",
        (
            Field(1, "manufacturer", "string", mandatory=True),
            Field(2, "model", "string", mandatory=True),
            Field(3, "serial_number", "string"),
            Field(4, "hardware_version", "string"),
            Field(5, "software_version", "string"),
            Field(6, "sub_components", "Registration.ConfigurationData", repeated=True),
        ),
    ),
)
ENUMS = (
    Enum(
        "Operator",
        "OPERATOR_",
        {
            0: "UNSPECIFIED",
            1: "ALL",
            2: "GREATER_THAN",
            3: "LESS_THAN",
            4: "EQUAL",
        },
    ),
    Enum(
        "Registration.NodeType",
        "NODE_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "OTHER",
            2: "RADAR",
            3: "LIDAR",
            4: "CAMERA",
            5: "SEISMIC",
            6: "ACOUSTIC",
            7: "PROXIMITY_SENSOR",
            8: "PASSIVE_RF",
            9: "HUMAN",
            10: "CHEMICAL",
            11: "BIOLOGICAL",
            12: "RADIATION",
            13: "KINETIC",
            14: "JAMMER",
            15: "CYBER",
            16: "LDEW",
            17: "RFDEW",
            18: "MOBILE_NODE",
            19: "POINTABLE_NODE",
            20: "FUSION_NODE",
        },
    ),
    Enum(
        "Registration.TimeUnits",
        "TIME_UNITS_",
        {
            0: "UNSPECIFIED",
            1: "NANOSECONDS",
            2: "MICROSECONDS",
            3: "MILLISECONDS",
            4: "SECONDS",
            5: "MINUTES",
            6: "HOURS",
            7: "DAYS",
        },
    ),
    Enum(
        "Registration.StatusReportCategory",
        "STATUS_REPORT_CATEGORY_",
        {
            0: "UNSPECIFIED",
            1: "SENSOR",
            2: "POWER",
            3: "MODE",
            4: "STATUS",
        },
    ),
    Enum(
        "Registration.ModeType",
        "MODE_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "PERMANENT",
            2: "TEMPORARY",
            3: "DEFAULT",
        },
    ),
    Enum(
        "Registration.ScanType",
        "SCAN_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "FIXED",
            2: "SCANNING",
            3: "STEERABLE",
        },
    ),
    Enum(
        "Registration.TrackingType",
        "TRACKING_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "NONE",
            2: "TRACKLET",
            3: "TRACK",
            4: "TRACK_WITH_RE_ID",
        },
    ),
    Enum(
        "Registration.DetectionReportCategory",
        "DETECTION_REPORT_CATEGORY_",
        {
            0: "UNSPECIFIED",
            1: "DETECTION",
            2: "TRACK",
            3: "OBJECT",
            4: "SIGNAL",
        },
    ),
    Enum(
        "Registration.ConfidenceDefinition",
        "CONFIDENCE_DEFINITION_",
        {
            0: "UNSPECIFIED",
            1: "SINGLE_CLASS",
            2: "MULTI_CLASS",
        },
    ),
    Enum(
        "Registration.CommandType",
        "COMMAND_TYPE_",
        {
            0: "UNSPECIFIED",
            1: "REQUEST",
            2: "DETECTION_THRESHOLD",
            3: "DETECTION_REPORT_RATE",
            4: "CLASSIFICATION_THRESHOLD",
            5: "MODE_CHANGE",
            6: "LOOK_AT",
            7: "MOVE_TO",
            8: "PATROL",
            9: "FOLLOW",
        },
    ),
    Enum(
        "Registration.RegionType",
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
