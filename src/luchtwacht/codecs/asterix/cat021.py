"""CAT021, ADS-B reports of a ground station, edition 2.7 (EUROCONTROL-SPEC-0149-12). Reports of editions 2.1 to 2.6
read the same but for what those did not yet have. Editions before 1.0, which many stations still send, order their
items otherwise: they are the second and third table below.

    FRN item                                     octets
     1  010  source                              2
     2  040  what kind of report                 1+     extended
     3  161  track number                        2      low 12 bits
     4  015  service                             1
     5  071  time the position holds for         3      1/128 s
     6  130  position                            6      180/2^23 deg
     7  131  position, fine                      8      180/2^30 deg
     8  072  time the velocity holds for         3      1/128 s
     9  150  airspeed or Mach                    2
    10  151  true airspeed                       2      1 kt
    11  080  aircraft address                    3
    12  073  time the position was received      3      1/128 s
    13  074  the same, fine                      4      2^-30 s
    14  075  time the velocity was received      3      1/128 s
    15  076  the same, fine                      4      2^-30 s
    16  140  geometric height                    2      6.25 ft
    17  090  quality                             1+     extended
    18  210  version                             1
    19  070  Mode 3/A code                       2
    20  230  roll angle                          2      0.01 deg
    21  145  flight level                        2      1/4 FL
    22  152  magnetic heading                    2      360/65536 deg
    23  200  target status                       1
    24  155  barometric vertical rate            2      6.25 ft/min
    25  157  geometric vertical rate             2      6.25 ft/min
    26  160  ground vector                       4      2^-14 NM/s, 360/65536 deg
    27  165  rate of turn                        2      1/32 deg/s
    28  077  time of transmission                3      1/128 s
    29  170  identification                      6
    30  020  emitter category                    1
    31  220  weather                             1+     compound
    32  146  selected altitude                   2      25 ft
    33  148  final selected altitude             2      25 ft
    34  110  intent                              1+     compound
    35  016  service management                  1      0.5 s
    36  008  operational status                  1
    37  271  surface capabilities                1+     extended
    38  132  amplitude                           1      1 dBm
    39  250  Mode S registers                    1+8n
    40  260  ACAS resolution advisory            7
    41  400  receiver                            1
    42  295  ages of the data                    1+     compound, 0.1 s
    43-47 (spare)   48 RE   49 SP                1+

Edition 0.26; 0.24 and 0.25 lack 070 and 131, and 0.23 has a position of 2 x 24 bits (180/2^23 deg) as well:
     1  010   2  040    3  030 time, 1/128 s     4  130 position, 180/2^25 deg   5  080   6  140   7  090
     8  210   9  230   10  145  11  150  12  151 13  152  14  155  15  157  16  160  17  165  18  170
    19  095 velocity accuracy   20  032 accuracy of the time, 1/256 s   21  200  22  020  23  220  24  146  25  148
    26  110  27  070  28  131 amplitude   29-33 (spare)   34 RE  35 SP

020: 13 unmanned aircraft. 074/FSI, 076/FSI: 0 same second as 073 or 075, 1 the next, 2 the one before.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    RESERVED_EXPANSION,
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    Item,
    angle,
    code,
    compound,
    either,
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

_LSB_24 = 180 / 2**23
_LSB_32 = 180 / 2**30


def _age(name: str, meaning: str) -> Item:
    """Seconds since the last update; the largest value means that or more."""
    return fixed(name, meaning, quantity("", 8, 0.1, "s", saturates=True))


_DESCRIPTOR = extended(
    "040",
    "what kind of report",
    (code("ATP", 3), code("ARC", 2), flags("RC", "RAB")),
    (flags("DCR", "GBS", "SIM", "TST", "SAA"), code("CL", 2)),
    (spare(1), flags("LLC", "IPC", "NOGO", "CPR", "LDPJ", "RCF")),
    (flags("TBC/EP"), code("TBC/VAL", 6)),
    (flags("MBC/EP"), code("MBC/VAL", 6)),
)

_QUALITY = extended(
    "090",
    "quality",
    (code("NUCRNACV", 3), code("NUCPNIC", 4)),
    (code("NICBARO", 1), code("SIL", 2), code("NACP", 4)),
    (spare(2), flags("SILS"), code("SDA", 2), code("GVA", 2)),
    (code("PIC", 4), flags("SRC"), spare(2)),
    (spare(2), flags("VALSTATE/EP"), code("VALSTATE/VAL", 2), flags("VD", "VQ")),
    (quantity("VALDISTP1", 7, 128.0, "m"),),
    (quantity("VALDISTP2", 7, 1.0, "m"),),
    (quantity("VALDISTQUALP1", 7, 128.0, "m"),),
    (quantity("VALDISTQUALP2", 7, 1.0, "m"),),
)

_INTENT = compound(
    "110",
    "intent",
    extended("TIS", "whether intent follows", (flags("NAV", "NVB"), spare(5))),
    repetitive(
        "TID",
        "points the aircraft intends to pass",
        flags("TCA", "NC"),
        code("TCPN", 6),
        signed("ALT", 16, 10.0, "ft"),
        latitude("LAT", 24, _LSB_24),
        longitude("LON", 24, _LSB_24),
        code("PT", 4),
        code("TD", 2),
        flags("TRA", "TOA"),
        quantity("TOV", 24, 1.0, "s"),
        quantity("TTR", 16, 0.01, "NM"),
    ),
)

_AGES = compound(
    "295",
    "time since each value was last received",
    _age("AOS", "operational status"),
    _age("TRD", "kind of report"),
    _age("M3A", "Mode 3/A"),
    _age("QI", "quality"),
    _age("TI1", "intent"),
    _age("MAM", "amplitude"),
    _age("GH", "geometric height"),
    _age("FL", "flight level"),
    _age("SAL", "selected altitude"),
    _age("FSA", "final selected altitude"),
    _age("AS", "airspeed"),
    _age("TAS", "true airspeed"),
    _age("MH", "magnetic heading"),
    _age("BVR", "barometric vertical rate"),
    _age("GVR", "geometric vertical rate"),
    _age("GV", "ground vector"),
    _age("TAR", "rate of turn"),
    _age("TI2", "identification"),
    _age("TS", "target status"),
    _age("MET", "weather"),
    _age("ROA", "roll angle"),
    _age("ARA", "ACAS resolution advisory"),
    _age("SCC", "surface capabilities"),
)

_MODE_3A = code("MODE3A", 12, "four octal digits")
_GEOMETRIC_HEIGHT = fixed("140", "geometric height", signed("", 16, 6.25, "ft", "above the ellipsoid"))
_ROLL_ANGLE = fixed("230", "roll angle", signed("", 16, 0.01, "deg", "right wing down"))
_FLIGHT_LEVEL = fixed("145", "flight level", signed("", 16, 1 / 4, "FL", "pressure altitude"))
_MAGNETIC_HEADING = fixed("152", "magnetic heading", angle("", 16))
_IDENTIFICATION = fixed("170", "call sign or registration as sent", icao(""))
_EMITTER = fixed("020", "emitter category", code("", 8))
_WEATHER = compound(
    "220",
    "weather",
    fixed("WS", "wind speed", quantity("", 16, 1.0, "kt")),
    fixed("WD", "wind direction", quantity("", 16, 1.0, "deg")),
    fixed("TMP", "temperature", signed("", 16, 1 / 4, "degC")),
    fixed("TRB", "turbulence", code("", 8)),
)
_FINAL_ALTITUDE = fixed("148", "final selected altitude", flags("MV", "AH", "AM"), signed("ALT", 13, 25.0, "ft"))

CAT021 = Category(
    number=21,
    edition="2.7",
    subject="ADS-B reports of a ground station",
    times=("071", "073", "077"),
    items=(
        SOURCE_IDENTIFIER,
        _DESCRIPTOR,
        fixed("161", "track number", spare(4), code("TRNUM", 12)),
        fixed("015", "service", code("", 8)),
        fixed("071", "time the position holds for", time_of_day()),
        fixed("130", "position", latitude("LAT", 24, _LSB_24), longitude("LON", 24, _LSB_24)),
        fixed("131", "position, fine", latitude("LAT", 32, _LSB_32), longitude("LON", 32, _LSB_32)),
        fixed("072", "time the velocity holds for", time_of_day()),
        fixed(
            "150",
            "airspeed or Mach number",
            code("IM", 1, "0 airspeed, 1 Mach"),
            either("IM", quantity("IAS", 15, 2**-14, "NM/s"), quantity("MACH", 15, 0.001, "Mach")),
        ),
        fixed("151", "true airspeed", flags("RE"), quantity("TAS", 15, 1.0, "kt")),
        fixed("080", "24-bit address", code("", 24)),
        fixed("073", "time the position was received", time_of_day()),
        fixed("074", "its part of a second", code("FSI", 2), quantity("TOMRP", 30, 2**-30, "s")),
        fixed("075", "time the velocity was received", time_of_day()),
        fixed("076", "its part of a second", code("FSI", 2), quantity("TOMRP", 30, 2**-30, "s")),
        _GEOMETRIC_HEIGHT,
        _QUALITY,
        fixed("210", "version of the standard", spare(1), flags("VNS"), code("VN", 3), code("LTT", 3)),
        fixed("070", "Mode 3/A code", spare(4), _MODE_3A),
        _ROLL_ANGLE,
        _FLIGHT_LEVEL,
        _MAGNETIC_HEADING,
        fixed("200", "target status", flags("ICF", "LNAV", "ME"), code("PS", 3), code("SS", 2)),
        fixed("155", "barometric vertical rate", flags("RE"), signed("BVR", 15, 6.25, "ft/min")),
        fixed("157", "geometric vertical rate", flags("RE"), signed("GVR", 15, 6.25, "ft/min")),
        fixed("160", "ground vector", flags("RE"), quantity("GS", 15, 2**-14, "NM/s"), angle("TA", 16)),
        fixed("165", "rate of turn", spare(6), signed("TAR", 10, 1 / 32, "deg/s")),
        fixed("077", "time of transmission", time_of_day()),
        _IDENTIFICATION,
        _EMITTER,
        _WEATHER,
        fixed("146", "selected altitude", code("SAS", 1), code("S", 2), signed("ALT", 13, 25.0, "ft")),
        _FINAL_ALTITUDE,
        _INTENT,
        fixed("016", "time between reports", quantity("", 8, 0.5, "s")),
        fixed("008", "operational status", flags("RA"), code("TC", 2), flags("TS", "ARV", "CDTIA", "NOTTCAS", "SA")),
        extended(
            "271",
            "surface capabilities",
            (spare(2), flags("POA", "CDTIS", "B2LOW", "RAS", "IDENT")),
            (code("LW", 4), spare(3)),
        ),
        fixed("132", "amplitude", signed("", 8, 1.0, "dBm")),
        repetitive("250", "Mode S registers", code("MBDATA", 56), code("BDS1", 4), code("BDS2", 4)),
        fixed(
            "260",
            "ACAS resolution advisory",
            code("TYP", 5),
            code("STYP", 3),
            code("ARA", 14),
            code("RAC", 4),
            code("RAT", 1),
            code("MTE", 1),
            code("TTI", 2),
            code("TID", 26),
        ),
        fixed("400", "receiver", code("", 8)),
        _AGES,
        None,
        None,
        None,
        None,
        None,
        RESERVED_EXPANSION,
        SPECIAL_PURPOSE,
    ),
)


def _early(edition: str, position: Item, *last: Item | None) -> Category:
    """An edition before 1.0: how it writes positions, and its items 27 and 28."""
    return Category(
        number=21,
        edition=edition,
        subject="ADS-B reports of a ground station",
        times=("030",),
        items=(
            SOURCE_IDENTIFIER,
            fixed(
                "040",
                "what kind of report",
                flags("DCR", "GBS", "SIM", "TST", "RAB", "SAA", "SPI"),
                spare(1),
                code("ATP", 3),
                code("ARC", 2),
                spare(3),
            ),
            fixed("030", "time the position holds for", time_of_day()),
            position,
            fixed("080", "24-bit address", code("", 24)),
            _GEOMETRIC_HEIGHT,
            fixed("090", "quality", code("AC", 2), code("MN", 2), code("DC", 2), spare(6), code("PA", 4, "NUCp")),
            fixed("210", "link", spare(3), flags("DTI", "MDS", "UAT", "VDL", "OTR")),
            _ROLL_ANGLE,
            _FLIGHT_LEVEL,
            fixed(
                "150",
                "airspeed or Mach number",
                code("IM", 1, "0 airspeed, 1 Mach"),
                either("IM", quantity("IAS", 15, 2**-14, "NM/s"), quantity("MACH", 15, 0.001, "Mach")),
            ),
            fixed("151", "true airspeed", quantity("", 16, 1.0, "kt")),
            _MAGNETIC_HEADING,
            fixed("155", "barometric vertical rate", signed("", 16, 6.25, "ft/min")),
            fixed("157", "geometric vertical rate", signed("", 16, 6.25, "ft/min")),
            fixed("160", "ground vector", signed("GS", 16, 2**-14, "NM/s"), angle("TA", 16)),
            extended("165", "rate of turn", (code("TI", 2), spare(5)), (signed("ROT", 7, 1 / 4, "deg/s"),)),
            _IDENTIFICATION,
            fixed("095", "velocity accuracy", code("", 8)),
            fixed("032", "accuracy of the time", quantity("", 8, 2**-8, "s")),
            fixed("200", "target status", code("", 8)),
            _EMITTER,
            _WEATHER,
            fixed("146", "selected altitude", code("SAS", 1), code("SRC", 2), signed("ALT", 13, 25.0, "ft")),
            _FINAL_ALTITUDE,
            _INTENT,
            *last,
            None,
            None,
            None,
            None,
            None,
            RESERVED_EXPANSION,
            SPECIAL_PURPOSE,
        ),
    )


CAT021_0_26 = _early(
    "0.26",
    fixed("130", "position", latitude("LAT", 32, 180 / 2**25), longitude("LON", 32, 180 / 2**25)),
    fixed("070", "Mode 3/A code", flags("V", "G", "L"), spare(1), _MODE_3A),
    fixed("131", "amplitude", code("", 8)),
)

CAT021_0_23 = _early(
    "0.23", fixed("130", "position", latitude("LAT", 24, _LSB_24), longitude("LON", 24, _LSB_24)), None, None
)
