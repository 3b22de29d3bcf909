"""CAT016, configuration of an independent non-cooperative sensor (INCS), edition 1.0 (EUROCONTROL-SPEC-0149-28).

FRN item                                     octets
 1  010  source                              2
 2  015  service                             1
 3  000  message type                        1
 4  140  time of day                         3      1/128 s
 5  200  reporting period                    1      1 s
 6  300  transmitter-receiver pairs          1+6n
 7  400  reference point                     8      180/2^31 deg
 8  405  its height                          2      0.25 m
 9  410  transmitters                        1+21n
10  420  receivers                           1+12n
11  SP                                       1+
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    code,
    fixed,
    latitude,
    longitude,
    quantity,
    repetitive,
    signed,
    spare,
    time_of_day,
)

_LSB = 180 / 2**31
_PLACE = (latitude("LAT", 32, _LSB), longitude("LON", 32, _LSB), signed("ALT", 16, 0.25, "m"))

CAT016 = Category(
    number=16,
    edition="1.0",
    subject="configuration of an independent non-cooperative sensor",
    times=("140",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("015", "service", code("", 8)),
        fixed("000", "message type", code("", 8)),
        fixed("140", "time of day", time_of_day()),
        fixed("200", "reporting period", quantity("", 8, 1.0, "s")),
        repetitive("300", "pairs", code("PID", 16), code("TID", 16), code("RID", 16)),
        fixed("400", "reference point", latitude("LAT", 32, _LSB), longitude("LON", 32, _LSB)),
        fixed("405", "height of the reference point", signed("", 16, 0.25, "m")),
        repetitive(
            "410",
            "transmitters",
            code("TID", 16),
            _PLACE,
            signed("TTO", 32, 2.0, "ns", "offset of transmission"),
            spare(4),
            quantity("ATO", 20, 1.0, "ns", "its accuracy"),
            code("PCI", 16),
        ),
        repetitive("420", "receivers", code("RID", 16), _PLACE),
        SPECIAL_PURPOSE,
    ),
)
