"""CAT034, service messages of a radar, edition 1.29 (EUROCONTROL-SPEC-0149-2b).

    FRN item                                     octets
     1  010  source                              2
     2  000  message type                        1
     3  030  time of day                         3      1/128 s
     4  020  sector number                       1      360/256 deg
     5  041  antenna rotation period             2      1/128 s
     6  050  configuration and status            1+     compound: COM, PSR, SSR, MDS
     7  060  processing mode                     1+     compound: COM, PSR, SSR, MDS
     8  070  message counts                      1+2n   type, count
     9  100  polar window                        8      1/256 NM, 360/65536 deg
    10  110  data filter                         1
    11  120  position of the radar               8      1 m, 180/2^23 deg
    12  090  collimation error                   2      1/128 NM, 360/16384 deg
    13  RE   14  SP                              1+

Message types (000): 1 north marker, 2 sector crossing, 3 geographical filtering, 4 jamming strobe, 5 solar storm,
6 SSR jamming strobe, 7 Mode S jamming strobe.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    RESERVED_EXPANSION,
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    angle,
    code,
    compound,
    fixed,
    flags,
    latitude,
    longitude,
    quantity,
    repetitive,
    signed,
    spare,
    time_of_day,
)

NORTH_MARKER = 1
SECTOR_CROSSING = 2

_STATUS = compound(
    "050",
    "what the radar consists of and how it is",
    fixed(
        "COM",
        "whole system; NOGO 1: its data must not be used",
        flags("NOGO", "RDPC", "RDPR", "OVLRDP", "OVLXMT", "MSC", "TSV"),
        spare(1),
    ),
    None,
    None,
    fixed("PSR", "primary radar", code("ANT", 1), code("CHAB", 2), flags("OVL", "MSC"), spare(3)),
    fixed("SSR", "secondary radar", code("ANT", 1), code("CHAB", 2), flags("OVL", "MSC"), spare(3)),
    fixed(
        "MDS",
        "Mode S radar",
        code("ANT", 1),
        code("CHAB", 2),
        flags("OVLSUR", "MSC", "SCF", "DLF", "OVLSCF", "OVLDLF"),
        spare(7),
    ),
)

_MODE = compound(
    "060",
    "how much is left out because of overload",
    fixed("COM", "whole system", spare(1), code("REDRDP", 3), code("REDXMT", 3), spare(1)),
    None,
    None,
    fixed("PSR", "primary radar", code("POL", 1), code("REDRAD", 3), code("STC", 2), spare(2)),
    fixed("SSR", "secondary radar", code("REDRAD", 3), spare(5)),
    fixed("MDS", "Mode S radar", code("REDRAD", 3), code("CLU", 1), spare(4)),
)

CAT034 = Category(
    number=34,
    edition="1.29",
    subject="service messages of a radar",
    times=("030",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("000", "message type", code("", 8)),
        fixed("030", "time of day", time_of_day()),
        fixed("020", "azimuth of the antenna at a sector's start", angle("", 8)),
        fixed("041", "time of one turn of the antenna", quantity("", 16, 1 / 128, "s")),
        _STATUS,
        _MODE,
        repetitive("070", "number of messages by kind", code("TYP", 5), code("COUNT", 11)),
        fixed(
            "100",
            "window in polar coordinates",
            quantity("RHOST", 16, 1 / 256, "NM"),
            quantity("RHOEND", 16, 1 / 256, "NM"),
            angle("THETAST", 16),
            angle("THETAEND", 16),
        ),
        fixed("110", "kind of filter at work", code("", 8)),
        fixed(
            "120",
            "where the radar stands",
            signed("HGT", 16, 1.0, "m", "above mean sea level"),
            latitude("LAT", 24, 180 / 2**23),
            longitude("LON", 24, 180 / 2**23),
        ),
        fixed(
            "090",
            "error of secondary against primary",
            signed("RNG", 8, 1 / 128, "NM"),
            signed("AZM", 8, 360 / 2**14, "deg"),
        ),
        RESERVED_EXPANSION,
        SPECIAL_PURPOSE,
    ),
)
