"""CAT010, surface movement reports of one sensor, edition 1.1 (EUROCONTROL-SPEC-0149-7).

    FRN item                                     octets
     1  010  source                              2
     2  000  message type                        1
     3  020  what kind of report                 1+     extended
     4  140  time of day                         3      1/128 s
     5  041  position                            8      180/2^31 deg
     6  040  measured position, polar            4      1 m, 360/65536 deg
     7  042  position, Cartesian                 4      1 m
     8  200  velocity, polar                     4      2^-14 NM/s, 360/65536 deg
     9  202  velocity, Cartesian                 4      1/16 m/s
    10  161  track number                        2      low 12 bits
    11  170  track status                        1+     extended
    12  060  Mode 3/A code                       2
    13  220  aircraft address                    3
    14  245  identification                      7
    15  250  Mode S registers                    1+8n
    16  300  vehicle fleet                       1
    17  090  flight level                        2      1/4 FL, low 14 bits
    18  091  measured height                     2      6.25 ft
    19  270  size and orientation                1+     extended
    20  550  state of the system                 1
    21  310  pre-programmed message              1
    22  500  standard deviation of position      4      0.25 m
    23  280  presence                            1+2n   1 m, 0.15 deg
    24  131  amplitude of the primary plot       1
    25  210  acceleration                        2      1/16 m/s2
    26  (spare)   27 SP   28 RE                  1+

Message types (000): 1 target report, 2 start of update cycle, 3 periodic status, 4 event-triggered status.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    RESERVED_EXPANSION,
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    angle,
    code,
    extended,
    fixed,
    flags,
    icao,
    latitude,
    longitude,
    quantity,
    repetitive,
    signed,
    spare,
    time_of_day,
)

_LSB = 180 / 2**31

CAT010 = Category(
    number=10,
    edition="1.1",
    subject="surface movement reports of one sensor",
    times=("140",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("000", "message type", code("", 8)),
        extended(
            "020",
            "what kind of report",
            (code("TYP", 3), flags("DCR", "CHN", "GBS", "CRT")),
            (flags("SIM", "TST", "RAB"), code("LOP", 2), code("TOT", 2)),
            (flags("SPI"), spare(6)),
        ),
        fixed("140", "time of day", time_of_day()),
        fixed("041", "position", latitude("LAT", 32, _LSB), longitude("LON", 32, _LSB)),
        fixed("040", "measured position", quantity("RHO", 16, 1.0, "m"), angle("TH", 16)),
        fixed("042", "position from the reference point", signed("X", 16, 1.0, "m"), signed("Y", 16, 1.0, "m")),
        fixed("200", "calculated velocity", quantity("GSP", 16, 2**-14, "NM/s"), angle("TRA", 16)),
        fixed("202", "calculated velocity", signed("VX", 16, 1 / 16, "m/s"), signed("VY", 16, 1 / 16, "m/s")),
        fixed("161", "track number", spare(4), code("TRK", 12)),
        extended(
            "170",
            "track status",
            (flags("CNF", "TRE"), code("CST", 2), flags("MAH", "TCC", "STH")),
            (code("TOM", 2), code("DOU", 3), code("MRS", 2)),
            (flags("GHO"), spare(6)),
        ),
        fixed("060", "Mode 3/A code", flags("V", "G", "L"), spare(1), code("MODE3A", 12, "four octal digits")),
        fixed("220", "24-bit address", code("", 24)),
        fixed("245", "identification", code("STI", 2, "where it comes from"), spare(6), icao("CHR")),
        repetitive("250", "Mode S registers", code("MBDATA", 56), code("BDS1", 4), code("BDS2", 4)),
        fixed("300", "vehicle fleet", code("", 8)),
        fixed("090", "flight level", flags("V", "G"), signed("FL", 14, 1 / 4, "FL")),
        fixed("091", "measured height", signed("", 16, 6.25, "ft")),
        extended(
            "270",
            "size and orientation",
            (quantity("LENGTH", 7, 1.0, "m"),),
            (angle("ORIENTATION", 7),),
            (quantity("WIDTH", 7, 1.0, "m"),),
        ),
        fixed("550", "state of the system", code("NOGO", 2), flags("OVL", "TSV", "DIV", "TTF"), spare(2)),
        fixed("310", "pre-programmed message", flags("TRB"), code("MSG", 7)),
        fixed(
            "500",
            "standard deviation of position",
            quantity("DEVX", 8, 0.25, "m", saturates=True),
            quantity("DEVY", 8, 0.25, "m", saturates=True),
            signed("COVXY", 16, 0.25, "m"),
        ),
        repetitive("280", "where else it was seen", signed("DRHO", 8, 1.0, "m"), signed("DTHETA", 8, 0.15, "deg")),
        fixed("131", "amplitude of the primary plot", code("", 8)),
        fixed("210", "acceleration", signed("AX", 8, 1 / 16, "m/s2"), signed("AY", 8, 1 / 16, "m/s2")),
        None,
        SPECIAL_PURPOSE,
        RESERVED_EXPANSION,
    ),
)
