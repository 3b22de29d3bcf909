"""CAT205, reports of a radio direction finder, edition 1.0 (EUROCONTROL-SPEC-0149-36).

    FRN item                                     octets
     1  010  source                              2
     2  015  service identification              1
     3  000  message type                        1
     4  030  time of day                         3      1/128 s
     5  040  report number                       1
     6  090  radio channel                       7      text
     7  050  position                            8      180/2^25 deg
     8  060  position, Cartesian                 6      0.5 m
     9  070  local bearing                       2      0.01 deg
    10  080  system bearing                      2      0.01 deg
    11  100  quality of measurement              1
    12  110  estimated uncertainty               1      100 m
    13  120  contributing sensors                1+n
    14  130  conflicting transmitter, position   8      180/2^25 deg
    15  140  conflicting transmitter, Cartesian  6      0.5 m
    16  150  conflicting transmitter, uncertainty 1     100 m
    17  160  track number                        2
    18  170  sensor                              1
    19  180  signal level                        2      0.01 dBuV
    20  190  signal quality                      1
    21  200  signal elevation                    2      0.01 deg
    22  SP                                       1+

Message types (000): 1 system position report, 2 system bearing report, 3 system position report of conflicting
transmission, 4 system detection end report, 5 sensor data report. In a bearing report, 050 and 060 hold where the
bearing starts: the sensor. Bearings run clockwise from geographic north: 070 at that place, 080 in the Cartesian plane
of the system's reference point.
"""

from __future__ import annotations

from dataclasses import replace

from luchtwacht.codecs.asterix.specification import (
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    Field,
    code,
    fixed,
    latitude,
    longitude,
    quantity,
    repetitive,
    signed,
    text,
    time_of_day,
)

_LSB = 180 / 2**25


def _bearing() -> Field:
    """0 to 360 degrees in hundredths."""
    return replace(quantity("", 16, 0.01, "deg"), wraps=360.0)


CAT205 = Category(
    number=205,
    edition="1.0",
    subject="reports of a radio direction finder",
    times=("030",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("015", "service", code("", 8)),
        fixed("000", "message type", code("", 8)),
        fixed("030", "time of day", time_of_day()),
        fixed("040", "report number", code("", 8)),
        fixed("090", "radio channel", text("", 7)),
        fixed("050", "position of the transmitter", latitude("LAT", 32, _LSB), longitude("LON", 32, _LSB)),
        fixed(
            "060",
            "position of the transmitter from the reference point",
            signed("X", 24, 0.5, "m", "east"),
            signed("Y", 24, 0.5, "m", "north"),
        ),
        fixed("070", "bearing from the sensor", _bearing()),
        fixed("080", "bearing from the reference point", _bearing()),
        fixed("100", "quality of measurement", code("", 8)),
        fixed("110", "estimated uncertainty of the position", quantity("", 8, 100.0, "m", saturates=True)),
        repetitive("120", "sensors that contributed", code("", 8)),
        fixed("130", "position of a conflicting transmitter", latitude("LAT", 32, _LSB), longitude("LON", 32, _LSB)),
        fixed(
            "140",
            "position of a conflicting transmitter from the reference point",
            signed("X", 24, 0.5, "m", "east"),
            signed("Y", 24, 0.5, "m", "north"),
        ),
        fixed("150", "uncertainty of the conflicting position", quantity("", 8, 100.0, "m", saturates=True)),
        fixed("160", "track number", code("", 16)),
        fixed("170", "sensor", code("", 8)),
        fixed("180", "signal level", signed("", 16, 0.01, "dBuV")),
        fixed("190", "signal quality", code("", 8)),
        fixed("200", "elevation of the signal", signed("", 16, 0.01, "deg")),
        SPECIAL_PURPOSE,
    ),
)
