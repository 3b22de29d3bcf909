"""Places by coordinates: x is longitude or easting, y latitude or northing, z height.

What lies within which limits depends on `coordinate_system`: see `plausible`.
"""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message("LocationList", (Field(1, "locations", "Location", mandatory=True, repeated=True),)),
    Message(
        "Location",
        (
            Field(1, "x", "double", mandatory=True),
            Field(2, "y", "double", mandatory=True),
            Field(3, "z", "double"),
            Field(4, "x_error", "double", least=0),
            Field(5, "y_error", "double", least=0),
            Field(6, "z_error", "double", least=0),
            Field(7, "coordinate_system", "LocationCoordinateSystem", mandatory=True),
            Field(8, "datum", "LocationDatum", mandatory=True),
            Field(9, "utm_zone", "string"),
        ),
    ),
)
ENUMS = (
    Enum(
        "LocationCoordinateSystem",
        "LOCATION_COORDINATE_SYSTEM_",
        {
            0: "UNSPECIFIED",
            1: "LAT_LNG_DEG_M",
            2: "LAT_LNG_RAD_M",
            5: "UTM_M",
        },
    ),
    Enum(
        "LocationDatum",
        "LOCATION_DATUM_",
        {
            0: "UNSPECIFIED",
            1: "WGS84_E",
            2: "WGS84_G",
        },
    ),
)
