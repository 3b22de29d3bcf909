"""CAT063, state of the sensors of a tracking system, edition 1.7 (EUROCONTROL-SPEC-0149-10).

FRN item                                     octets
 1  010  source                              2
 2  015  service                             1
 3  030  time of message                     3      1/128 s
 4  050  sensor                              2
 5  060  configuration and status            1+     extended
 6  070  bias of time stamps                 2      1 ms
 7  080  range gain and bias, secondary      4      1e-5, 1/128 NM
 8  081  azimuth bias, secondary             2      360/65536 deg
 9  090  range gain and bias, primary        4      1e-5, 1/128 NM
10  091  azimuth bias, primary               2      360/65536 deg
11  092  elevation bias, primary             2      360/65536 deg
12  (spare)   13 RE   14 SP                  1+
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    RESERVED_EXPANSION,
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    code,
    extended,
    fixed,
    flags,
    signed,
    spare,
    time_of_day,
)

CAT063 = Category(
    number=63,
    edition="1.7",
    subject="state of the sensors of a tracking system",
    times=("030",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("015", "service", code("", 8)),
        fixed("030", "time of message", time_of_day()),
        fixed("050", "sensor", code("SAC", 8), code("SIC", 8)),
        extended(
            "060",
            "configuration and status",
            (code("CON", 2), flags("PSR", "SSR", "MDS", "ADS", "MLT")),
            (flags("OPS", "ODP", "OXT", "MSC", "TSV", "NPW"), spare(1)),
            (flags("TTF/EP", "TTF/VAL", "SPO/EP", "SPO/VAL"), spare(3)),
        ),
        fixed("070", "bias of time stamps", signed("", 16, 1.0, "ms")),
        fixed("080", "range, secondary", signed("SRG", 16, 1e-5, "1"), signed("SRB", 16, 1 / 128, "NM")),
        fixed("081", "azimuth bias, secondary", signed("", 16, 360 / 2**16, "deg")),
        fixed("090", "range, primary", signed("PRG", 16, 1e-5, "1"), signed("PRB", 16, 1 / 128, "NM")),
        fixed("091", "azimuth bias, primary", signed("", 16, 360 / 2**16, "deg")),
        fixed("092", "elevation bias, primary", signed("", 16, 360 / 2**16, "deg")),
        None,
        RESERVED_EXPANSION,
        SPECIAL_PURPOSE,
    ),
)
