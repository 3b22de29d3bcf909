"""CAT002, service messages of one radar, edition 1.2 (EUROCONTROL-SPEC-0149-2a); followed by CAT034.

    FRN item                                     octets
     1  010  source                              2
     2  000  message type                        1
     3  020  sector number                       1      360/256 deg
     4  030  time of day                         3      1/128 s
     5  041  antenna rotation period             2      1/128 s
     6  050  configuration                       1+     chain of 7-bit codes
     7  060  processing mode                     1+     chain of 7-bit codes
     8  070  plot counts                         1+2n
     9  100  window in polar coordinates         8      1/128 NM, 360/65536 deg
    10  090  collimation error                   2      1/128 NM, 360/16384 deg
    11  080  warnings                            1+     chain of 7-bit codes
    12  (spare)   13 SP   14 RFS                 1+

Message types (000): 1 north marker, 2 sector crossing, 3 south marker, 8 activation and 9 end of blind zone filtering.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    angle,
    chain,
    code,
    fixed,
    quantity,
    random_sequence,
    repetitive,
    signed,
    time_of_day,
)

CAT002 = Category(
    number=2,
    edition="1.2",
    subject="service messages of one radar",
    times=("030",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("000", "message type", code("", 8)),
        fixed("020", "azimuth of the antenna at a sector's start", angle("", 8)),
        fixed("030", "time of day", time_of_day()),
        fixed("041", "time of one turn of the antenna", quantity("", 16, 1 / 128, "s")),
        chain("050", "configuration", code("", 7)),
        chain("060", "processing mode", code("", 7)),
        repetitive("070", "number of plots by kind", code("A", 1), code("IDENT", 5), code("COUNTER", 10)),
        fixed(
            "100",
            "window in polar coordinates",
            quantity("RS", 16, 1 / 128, "NM"),
            quantity("RE", 16, 1 / 128, "NM"),
            angle("TS", 16),
            angle("TE", 16),
        ),
        fixed(
            "090",
            "error of secondary against primary",
            signed("RE", 8, 1 / 128, "NM"),
            signed("AE", 8, 360 / 2**14, "deg"),
        ),
        chain("080", "warnings and errors", code("", 7)),
        None,
        SPECIAL_PURPOSE,
        random_sequence(),
    ),
)
