"""Places as seen from the node: azimuth from north, elevation from the horizon, range.

Extents are degrees in every coordinate system; limits of the other angles depend on it: see `plausible`.
"""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "RangeBearing",
        (
            Field(1, "elevation", "double"),
            Field(2, "azimuth", "double"),
            Field(3, "range", "double", least=0),
            Field(4, "elevation_error", "double", least=0),
            Field(5, "azimuth_error", "double", least=0),
            Field(6, "range_error", "double", least=0),
            Field(7, "coordinate_system", "RangeBearingCoordinateSystem", mandatory=True),
            Field(8, "datum", "RangeBearingDatum", mandatory=True),
        ),
    ),
    Message(
        "RangeBearingCone",
        (
            Field(1, "elevation", "double"),
            Field(2, "azimuth", "double"),
            Field(3, "range", "double", least=0),
            Field(4, "horizontal_extent", "double", least=0, most=360),
            Field(5, "vertical_extent", "double", least=0, most=180),
            Field(6, "horizontal_extent_error", "double", least=0),
            Field(7, "vertical_extent_error", "double", least=0),
            Field(8, "elevation_error", "double", least=0),
            Field(9, "azimuth_error", "double", least=0),
            Field(10, "range_error", "double", least=0),
            Field(11, "coordinate_system", "RangeBearingCoordinateSystem", mandatory=True),
            Field(12, "datum", "RangeBearingDatum", mandatory=True),
        ),
    ),
    Message(
        "LocationOrRangeBearing",
        (
            Field(1, "range_bearing", "RangeBearingCone", one_of="fov_oneof"),
            Field(2, "location_list", "LocationList", one_of="fov_oneof"),
        ),
        choose=("fov_oneof",),
    ),
)
ENUMS = (
    Enum(
        "RangeBearingCoordinateSystem",
        "RANGE_BEARING_COORDINATE_SYSTEM_",
        {
            0: "UNSPECIFIED",
            1: "DEGREES_M",
            2: "RADIANS_M",
            3: "DEGREES_KM",
            4: "RADIANS_KM",
        },
    ),
    Enum(
        "RangeBearingDatum",
        "RANGE_BEARING_DATUM_",
        {
            0: "UNSPECIFIED",
            1: "TRUE",
            2: "MAGNETIC",
            3: "GRID",
            4: "PLATFORM",
        },
    ),
)
