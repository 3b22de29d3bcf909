"""DetectionReport: where one object was seen, how surely, and what it may be.

The time of validity is the envelope's `timestamp`. Confidences are probabilities, 0 to 1. A predicted location must
have a place: the published schema does not say so, the vectors that come with it do.
"""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Field, Message

MESSAGES = (
    Message(
        "DetectionReport",
        (
            Field(1, "report_id", "ulid", mandatory=True),
            Field(2, "object_id", "ulid", mandatory=True),
            Field(3, "task_id", "ulid"),
            Field(4, "state", "string"),
            Field(5, "range_bearing", "RangeBearing", one_of="location_oneof"),
            Field(6, "location", "Location", one_of="location_oneof"),
            Field(7, "detection_confidence", "float", least=0, most=1),
            Field(8, "track_info", "DetectionReport.TrackObjectInfo", repeated=True),
            Field(9, "prediction_location", "DetectionReport.PredictedLocation"),
            Field(10, "object_info", "DetectionReport.TrackObjectInfo", repeated=True),
            Field(11, "classification", "DetectionReport.DetectionReportClassification", repeated=True),
            Field(12, "behaviour", "DetectionReport.Behaviour", repeated=True),
            Field(13, "associated_file", "AssociatedFile", repeated=True),
            Field(14, "signal", "DetectionReport.Signal", repeated=True),
            Field(15, "associated_detection", "AssociatedDetection", repeated=True),
            Field(16, "derived_detection", "DetectionReport.DerivedDetection", repeated=True),
            Field(19, "enu_velocity", "ENUVelocity", one_of="velocity_oneof"),
            Field(22, "colour", "string"),
            Field(23, "id", "string"),
        ),
        choose=("location_oneof",),
    ),
    Message(
        "DetectionReport.PredictedLocation",
        (
            Field(1, "range_bearing", "RangeBearing", one_of="predicted_location_oneof"),
            Field(2, "location", "Location", one_of="predicted_location_oneof"),
            Field(3, "predicted_timestamp", "Timestamp"),
        ),
        choose=("predicted_location_oneof",),
    ),
    Message(
        "DetectionReport.TrackObjectInfo",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "value", "string", mandatory=True),
            Field(3, "error", "float", least=0),
        ),
    ),
    Message(
        "DetectionReport.DetectionReportClassification",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "confidence", "float", least=0, most=1),
            Field(3, "sub_class", "DetectionReport.SubClass", repeated=True),
        ),
    ),
    Message(
        "DetectionReport.SubClass",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "confidence", "float", least=0, most=1),
            Field(3, "level", "int32", mandatory=True, least=0),
            Field(4, "sub_class", "DetectionReport.SubClass", repeated=True),
        ),
    ),
    Message(
        "DetectionReport.Behaviour",
        (
            Field(1, "type", "string", mandatory=True),
            Field(2, "confidence", "float", least=0, most=1),
        ),
    ),
    Message(
        "DetectionReport.Signal",
        (
            Field(1, "amplitude", "float", mandatory=True),
            Field(2, "start_frequency", "float", least=0),
            Field(3, "centre_frequency", "float", mandatory=True, least=0),
            Field(4, "stop_frequency", "float", least=0),
            Field(5, "pulse_duration", "float", least=0),
        ),
    ),
    Message(
        "DetectionReport.DerivedDetection",
        (
            Field(1, "timestamp", "Timestamp"),
            Field(2, "node_id", "uuid", mandatory=True),
            Field(3, "object_id", "ulid", mandatory=True),
        ),
    ),
)
