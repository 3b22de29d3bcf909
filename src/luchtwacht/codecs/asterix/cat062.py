"""CAT062, system tracks, edition 1.20 (EUROCONTROL-SPEC-0149-9); 1.18 differs in three places, below.

    FRN item                                     octets
     1  010  source                              2
     2  (spare)
     3  015  service                             1
     4  070  time of the track                   3      1/128 s
     5  105  position                            8      180/2^25 deg
     6  100  position, Cartesian                 6      0.5 m
     7  185  velocity, Cartesian                 4      0.25 m/s
     8  210  acceleration, Cartesian             2      0.25 m/s2
     9  060  Mode 3/A code                       2
    10  245  identification                      7
    11  380  data from the aircraft              1+     compound, 28 sub-items
    12  040  track number                        2
    13  080  track status                        1+     extended
    14  290  ages of the sensors' updates        1+     compound, 1/4 s
    15  200  mode of movement                    1
    16  295  ages of the data                    1+     compound, 1/4 s
    17  136  measured flight level               2      1/4 FL
    18  130  geometric altitude                  2      6.25 ft
    19  135  barometric altitude                 2      1/4 FL
    20  220  rate of climb                       2      6.25 ft/min
    21  390  flight plan                         1+     compound
    22  270  size and orientation                1+     extended
    23  300  vehicle fleet                       1
    24  110  Mode 5                              1+     compound
    25  120  Mode 2 code                         2
    26  510  composed track number               3+     chain
    27  500  accuracies                          1+     compound
    28  340  last measurement                    1+     compound
    29-33 (spare)   34 RE   35 SP                1+

080: CNF 1 tentative; SIM 1 simulated; TSE 1 last message of the track; TSB 1 first; CST 1 coasted; PSR, SSR, MDS, ADS
1: that kind of sensor has not contributed of late. 105 and 130 are WGS 84, 130 above its ellipsoid.
"""

from __future__ import annotations

from dataclasses import replace

from luchtwacht.codecs.asterix.specification import (
    RESERVED_EXPANSION,
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    Field,
    Item,
    angle,
    chain,
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
    text,
    time_of_day,
)

_LSB_32 = 180 / 2**25
_LSB_24 = 180 / 2**23
_CODES = (code("MBDATA", 56), code("BDS1", 4), code("BDS2", 4))


def _age(name: str, meaning: str, bits: int = 8) -> Item:
    """Seconds since the last update; the largest value means that or more."""
    return fixed(name, meaning, quantity("", bits, 1 / 4, "s", saturates=True))


def _altitude(reference: str, meaning: str, *before: Field) -> Item:
    """A selected altitude behind a few flags."""
    return fixed(reference, meaning, before, signed("ALT", 13, 25.0, "ft"))


_AIRCRAFT = (
    fixed("ADR", "24-bit address", code("", 24)),
    fixed("ID", "call sign or registration as sent", icao("")),
    fixed("MHG", "magnetic heading", angle("", 16)),
    fixed(
        "IAS",
        "indicated airspeed or Mach number",
        code("IM", 1, "0 airspeed, 1 Mach"),
        either("IM", quantity("IAS", 15, 2**-14, "NM/s"), quantity("MACH", 15, 0.001, "Mach")),
    ),
    fixed("TAS", "true airspeed", quantity("", 16, 1.0, "kt")),
    _altitude("SAL", "selected altitude", code("SAS", 1), code("SRC", 2)),
    _altitude("FSS", "final selected altitude", *flags("MV", "AH", "AM")),
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
    fixed(
        "COM",
        "capabilities and flight status",
        code("COM", 3),
        code("STAT", 3),
        spare(2),
        flags("SSC", "ARC", "AIC", "B1A"),
        code("B1B", 4),
    ),
    fixed(
        "SAB",
        "status as sent by ADS-B",
        code("AC", 2),
        code("MN", 2),
        code("DC", 2),
        flags("GBS"),
        spare(6),
        code("STAT", 3),
    ),
    fixed("ACS", "ACAS resolution advisory, register 3,0", code("", 56)),
    fixed("BVR", "barometric vertical rate", signed("", 16, 6.25, "ft/min")),
    fixed("GVR", "geometric vertical rate", signed("", 16, 6.25, "ft/min")),
    fixed("RAN", "roll angle", signed("", 16, 0.01, "deg", "right wing down")),
    fixed("TAR", "rate of turn", code("TI", 2), spare(6), signed("ROT", 7, 1 / 4, "deg/s"), spare(1)),
    fixed("TAN", "track angle", angle("", 16)),
    fixed("GS", "ground speed", signed("", 16, 2**-14, "NM/s")),
    fixed("VUN", "class of velocity uncertainty", code("", 8)),
    fixed(
        "MET",
        "weather",
        flags("WS", "WD", "TMP", "TRB"),
        spare(4),
        quantity("WSD", 16, 1.0, "kt"),
        quantity("WDD", 16, 1.0, "deg"),
        signed("TMPD", 16, 1 / 4, "degC"),
        code("TRBD", 8),
    ),
    fixed("EMC", "emitter category", code("", 8)),
    fixed("POS", "position", latitude("LAT", 24, _LSB_24), longitude("LON", 24, _LSB_24)),
    fixed("GAL", "geometric altitude", signed("", 16, 6.25, "ft")),
    fixed("PUN", "class of position uncertainty", spare(4), code("PUN", 4)),
    repetitive("BDSDATA", "Mode S registers", _CODES),
    fixed("IAR", "indicated airspeed", quantity("", 16, 1.0, "kt")),
    fixed("MAC", "Mach number", quantity("", 16, 0.008, "Mach")),
    fixed("BPS", "barometric pressure setting less 800 mb", spare(4), quantity("BPS", 12, 0.1, "mb")),
)

_STATUS = (
    (flags("MON", "SPI", "MRH"), code("SRC", 3), flags("CNF")),
    (flags("SIM", "TSE", "TSB", "FPC", "AFF", "STP", "KOS"),),
    (flags("AMA"), code("MD4", 2), flags("ME", "MI"), code("MD5", 2)),
    (flags("CST", "PSR", "SSR", "MDS", "ADS", "SUC", "AAC"),),
    (code("SDS", 2), code("EMS", 3), flags("PFT", "FPLT")),
    (flags("DUPT", "DUPF", "DUPM", "SFC", "IDD", "IEC", "MLAT"),),
)

_SENSOR_AGES = compound(
    "290",
    "time since each kind of sensor last contributed",
    _age("TRK", "any; age of the track"),
    _age("PSR", "primary radar"),
    _age("SSR", "secondary radar"),
    _age("MDS", "Mode S radar"),
    _age("ADS", "ADS-C", 16),
    _age("ES", "ADS-B, 1090 extended squitter"),
    _age("VDL", "ADS-B, VDL mode 4"),
    _age("UAT", "ADS-B, UAT"),
    _age("LOP", "magnetic loop"),
    _age("MLT", "multilateration"),
)

_DATA_AGES = compound(
    "295",
    "time since each value was last received",
    _age("MFL", "measured flight level"),
    _age("MD1", "Mode 1"),
    _age("MD2", "Mode 2"),
    _age("MDA", "Mode 3/A"),
    _age("MD4", "Mode 4"),
    _age("MD5", "Mode 5"),
    _age("MHG", "magnetic heading"),
    _age("IAS", "indicated airspeed or Mach"),
    _age("TAS", "true airspeed"),
    _age("SAL", "selected altitude"),
    _age("FSS", "final selected altitude"),
    _age("TID", "intent"),
    _age("COM", "capabilities and flight status"),
    _age("SAB", "status as sent by ADS-B"),
    _age("ACS", "ACAS resolution advisory"),
    _age("BVR", "barometric vertical rate"),
    _age("GVR", "geometric vertical rate"),
    _age("RAN", "roll angle"),
    _age("TAR", "rate of turn"),
    _age("TAN", "track angle"),
    _age("GSP", "ground speed"),
    _age("VUN", "velocity uncertainty"),
    _age("MET", "weather"),
    _age("EMC", "emitter category"),
    _age("POS", "position"),
    _age("GAL", "geometric altitude"),
    _age("PUN", "position uncertainty"),
    _age("MB", "Mode S registers"),
    _age("IAR", "indicated airspeed"),
    _age("MAC", "Mach number"),
    _age("BPS", "barometric pressure setting"),
)

_FLIGHT_PLAN = compound(
    "390",
    "from the flight plan",
    fixed("TAG", "system the plan comes from", code("SAC", 8), code("SIC", 8)),
    fixed("CS", "call sign", text("", 7)),
    fixed("IFI", "flight number of the network manager", code("TYP", 2), spare(3), code("NBR", 27)),
    fixed("FCT", "kind of flight", code("GATOAT", 2), code("FR1FR2", 2), code("RVSM", 2), flags("HPR"), spare(1)),
    fixed("TAC", "type of aircraft", text("", 4)),
    fixed("WTC", "wake turbulence category", text("", 1)),
    fixed("DEP", "departure", text("", 4)),
    fixed("DST", "destination", text("", 4)),
    fixed("RDS", "runway", text("NU1", 1), text("NU2", 1), text("LTR", 1)),
    fixed("CFL", "cleared flight level", quantity("", 16, 1 / 4, "FL")),
    fixed("CTL", "position in control", code("CENTRE", 8), code("POSITION", 8)),
    repetitive(
        "TOD",
        "times of departure and arrival",
        code("TYP", 5),
        code("DAY", 2),
        spare(4),
        code("HOR", 5),
        spare(2),
        code("MIN", 6),
        flags("AVS"),
        spare(1),
        code("SEC", 6),
    ),
    fixed("AST", "stand", text("", 6)),
    fixed("STS", "state of the stand", code("EMP", 2), code("AVL", 2), spare(4)),
    fixed("STD", "departure route", text("", 7)),
    fixed("STA", "arrival route", text("", 7)),
    fixed("PEM", "Mode 3/A before an emergency", spare(3), flags("VA"), code("MODE3A", 12)),
    fixed("PEC", "call sign before an emergency", text("", 7)),
)

_MODE_5 = compound(
    "110",
    "Mode 5 and extended Mode 1",
    fixed("SUM", "summary", flags("M5", "ID", "DA", "M1", "M2", "M3", "MC", "X")),
    fixed("PMN", "PIN, origin, mission", spare(2), code("PIN", 14), spare(3), code("NAT", 5), spare(2), code("MIS", 6)),
    fixed("POS", "position", latitude("LAT", 24, _LSB_24), longitude("LON", 24, _LSB_24)),
    fixed("GA", "GNSS altitude", spare(1), flags("RES"), signed("GA", 14, 25.0, "ft")),
    fixed("EM1", "extended Mode 1", spare(4), code("EM1", 12, "four octal digits")),
    fixed("TOS", "time offset of POS and GA", signed("", 8, 1 / 128, "s")),
    fixed("XP", "X pulses", spare(3), flags("X5", "XC", "X3", "X2", "X1")),
)

_ACCURACIES = compound(
    "500",
    "standard deviations",
    fixed(
        "APC",
        "position, Cartesian",
        quantity("X", 16, 0.5, "m", saturates=True),
        quantity("Y", 16, 0.5, "m", saturates=True),
    ),
    fixed("COV", "covariance of X and Y, as a length: its sign times the root of its size", signed("", 16, 0.5, "m")),
    fixed(
        "APW",
        "position, WGS 84",
        quantity("LAT", 16, _LSB_32, "deg", saturates=True),
        quantity("LON", 16, _LSB_32, "deg", saturates=True),
    ),
    fixed("AGA", "geometric altitude", quantity("", 8, 6.25, "ft", saturates=True)),
    fixed("ABA", "barometric altitude", quantity("", 8, 1 / 4, "FL", saturates=True)),
    fixed(
        "ATV",
        "velocity, Cartesian",
        quantity("X", 8, 0.25, "m/s", saturates=True),
        quantity("Y", 8, 0.25, "m/s", saturates=True),
    ),
    fixed(
        "AA",
        "acceleration, Cartesian",
        quantity("X", 8, 0.25, "m/s2", saturates=True),
        quantity("Y", 8, 0.25, "m/s2", saturates=True),
    ),
    fixed("ARC", "rate of climb", quantity("", 8, 6.25, "ft/min", saturates=True)),
)


def _measured(height: Field) -> Item:
    return compound(
        "340",
        "the measurement that last updated the track",
        fixed("SID", "its sensor", code("SAC", 8), code("SIC", 8)),
        fixed("POS", "its position, polar", quantity("RHO", 16, 1 / 256, "NM"), angle("THETA", 16)),
        fixed("HEIGHT", "its height", height),
        fixed("MDC", "its Mode C", flags("V", "G"), signed("LMC", 14, 1 / 4, "FL")),
        fixed("MDA", "its Mode 3/A", flags("V", "G", "L"), spare(1), code("MODE3A", 12, "four octal digits")),
        fixed("TYP", "its kind", code("TYP", 3), flags("SIM", "RAB", "TST"), spare(2)),
    )


CAT062 = Category(
    number=62,
    edition="1.20",
    subject="system tracks",
    times=("070",),
    items=(
        SOURCE_IDENTIFIER,
        None,
        fixed("015", "service", code("", 8)),
        fixed("070", "time for which the track holds", time_of_day()),
        fixed("105", "position", latitude("LAT", 32, _LSB_32), longitude("LON", 32, _LSB_32)),
        fixed(
            "100",
            "position from the reference point",
            signed("X", 24, 0.5, "m", "east"),
            signed("Y", 24, 0.5, "m", "north"),
        ),
        fixed("185", "velocity", signed("VX", 16, 0.25, "m/s", "east"), signed("VY", 16, 0.25, "m/s", "north")),
        fixed("210", "acceleration", signed("AX", 8, 0.25, "m/s2", "east"), signed("AY", 8, 0.25, "m/s2", "north")),
        fixed("060", "Mode 3/A code", flags("V", "G", "CH"), spare(1), code("MODE3A", 12, "four octal digits")),
        fixed("245", "identification", code("STI", 2, "where it comes from"), spare(6), icao("CHR")),
        compound("380", "from the aircraft", *_AIRCRAFT),
        fixed("040", "track number", code("", 16)),
        extended("080", "track status", *_STATUS),
        _SENSOR_AGES,
        fixed("200", "how it moves", code("TRANS", 2), code("LONG", 2), code("VERT", 2), flags("ADF"), spare(1)),
        _DATA_AGES,
        fixed("136", "flight level as measured", signed("", 16, 1 / 4, "FL")),
        fixed("130", "geometric altitude", signed("", 16, 6.25, "ft", "above the WGS 84 ellipsoid")),
        fixed(
            "135",
            "barometric altitude",
            code("QNH", 1, "1: corrected for local pressure"),
            signed("CTB", 15, 1 / 4, "FL"),
        ),
        fixed("220", "rate of climb", signed("", 16, 6.25, "ft/min")),
        _FLIGHT_PLAN,
        extended(
            "270",
            "size and orientation",
            (quantity("LENGTH", 7, 1.0, "m"),),
            (angle("ORIENTATION", 7),),
            (quantity("WIDTH", 7, 1.0, "m"),),
        ),
        fixed("300", "vehicle fleet", code("", 8)),
        _MODE_5,
        fixed("120", "Mode 2 code", spare(4), code("MODE2", 12, "four octal digits")),
        chain("510", "numbers in the systems that contribute", code("IDENT", 8), code("TRACK", 15)),
        _ACCURACIES,
        _measured(signed("", 16, 25.0, "ft")),
        None,
        None,
        None,
        None,
        None,
        RESERVED_EXPANSION,
        SPECIAL_PURPOSE,
    ),
)


def _replaced(category: Category, edition: str, *items: Item) -> Category:
    """Another edition, in which these items differ."""
    others = {item.reference: item for item in items}
    return replace(
        category,
        edition=edition,
        items=tuple(others.get(item.reference, item) if item else None for item in category.items),
    )


CAT062_1_18 = _replaced(
    CAT062,
    "1.18",
    compound(
        "380", "from the aircraft", *_AIRCRAFT[:24], repetitive("MB", "Mode S registers", _CODES), *_AIRCRAFT[25:]
    ),
    extended("080", "track status", *_STATUS[:5], (flags("DUPT", "DUPF", "DUPM", "SFC", "IDD", "IEC"), spare(1))),
    _measured(quantity("", 16, 25.0, "ft")),
)
