"""CAT129, identification of unmanned aircraft, edition 1.2 (EUROCONTROL, 12 June 2019).

    FRN item                                     octets
     1  010  source                              2
     2  015  destination                         2
     3  020  manufacturer                        3      text
     4  030  model                               3      text
     5  040  serial number                       12     text
     6  050  country of registration             2      text
     7  070  time of day                         3      1/128 s
     8  080  position                            8      180/2^30 deg
     9  090  altitude above mean sea level       3      0.1 m
    10  100  altitude above ground               3      0.1 m
    11  110  accuracy of the GNSS position       2      1 m
    12  120  operational risk                    1
    13  SP                                       1+
    14  185  horizontal velocity                 5      2 x 20 bits, 0.01 m/s
    15  220  vertical velocity                   3      low 20 bits, 0.01 m/s

One record a block; 010, 050 and 080 are mandatory. The document gives item 120 three octets in its text and one in
its table of items; the table is followed here. With 180/2^30 deg, 32 bits cover two turns, so that the gates have
something to catch. Read from a public reading of the document, not from the document itself.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    SPECIAL_PURPOSE,
    Category,
    code,
    fixed,
    latitude,
    longitude,
    quantity,
    signed,
    spare,
    text,
    time_of_day,
)

CAT129 = Category(
    number=129,
    edition="1.2",
    subject="identification of unmanned aircraft",
    times=("070",),
    items=(
        fixed("010", "identity of the source", code("SAC", 8, "area"), code("SIC", 8, "system")),
        fixed("015", "identity of the destination", code("SAC", 8, "area"), code("SIC", 8, "system")),
        fixed("020", "manufacturer", text("", 3)),
        fixed("030", "model", text("", 3)),
        fixed("040", "serial number", text("", 12)),
        fixed("050", "country of registration", text("", 2)),
        fixed("070", "time of day", time_of_day()),
        fixed("080", "position", latitude("LAT", 32, 180 / 2**30), longitude("LON", 32, 180 / 2**30)),
        fixed("090", "altitude", signed("", 24, 0.1, "m", "above mean sea level")),
        fixed("100", "altitude", signed("", 24, 0.1, "m", "above ground")),
        fixed("110", "accuracy of the GNSS position", quantity("", 16, 1.0, "m", saturates=True)),
        fixed("120", "operational risk", code("", 8)),
        SPECIAL_PURPOSE,
        fixed(
            "185",
            "horizontal velocity",
            signed("VX", 20, 0.01, "m/s", "east"),
            signed("VY", 20, 0.01, "m/s", "north"),
        ),
        fixed("220", "vertical velocity", spare(4), signed("", 20, 0.01, "m/s", "up")),
    ),
)
