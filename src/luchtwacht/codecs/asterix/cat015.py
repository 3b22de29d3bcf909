"""CAT015, reports of an independent non-cooperative sensor (INCS), edition 1.2 (EUROCONTROL-SPEC-0149-28): the drone
radar's category, with a standard deviation and correlation beside every measured value.

    FRN item                                     octets
     1  010  source                              2
     2  000  message type                        1
     3  015  service                             1
     4  020  what kind of report                 1+     extended
     5  030  warnings                            1+     chain of 7-bit codes
     6  145  time the values hold for            3      1/128 s
     7  161  track or plot number                2
     8  170  status                              1+     extended
     9  050  update period                       2      1/128 s
    10  270  size and orientation                1+     compound
    11  300  class with probability              1+2n
    12  400  transmitter-receiver pair           5
    13  600  horizontal position                 1+     compound, 180/2^31 deg
    14  601  height                              1+     compound, 0.01 m
    15  602  horizontal velocity                 1+     compound, 0.01 m/s
    16  603  horizontal acceleration             1+     compound, 1/16 m/s2
    17  604  vertical velocity                   1+     compound, 0.01 m/s
    18  605  vertical acceleration               1+     compound, 0.01 m/s2
    19  480  associated reports                  1+5n
    20  625  range                               1+     compound, 0.1 m
    21  626  Doppler                             1+     compound, 0.01 m/s
    22  627  azimuth                             1+     compound, 360/2^16 deg
    23  628  elevation                           1+     compound, 180/2^16 deg
    24  630  path quality                        1+     compound, 1 dB
    25  631  contour                             1+8n
    26  SP                                       1+

Correlations are in 1/128, from -1 to 127/128. 020/TTAX: 0 actual, 1 reference, 2 synthetic, 3 simulated or replayed.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    Field,
    Item,
    angle,
    chain,
    code,
    compound,
    extended,
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

_FINE = 360 / 2**19
"""deg"""
_HALF_TURN = 180 / 2**16
"""deg"""
_LSB = 180 / 2**31
"""deg"""


def _correlation(name: str) -> Field:
    return signed(name, 8, 1 / 128, "1")


def _correlations(reference: str, meaning: str, *names: str) -> Item:
    return fixed(reference, meaning, tuple(_correlation(name) for name in names))


def _deviation(name: str, bits: int, lsb: float, unit: str) -> Field:
    return quantity(name, bits, lsb, unit, saturates=True)


CAT015 = Category(
    number=15,
    edition="1.2",
    subject="reports of an independent non-cooperative sensor",
    times=("145",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("000", "message type", code("MT", 7), code("RG", 1)),
        fixed("015", "service", code("", 8)),
        extended("020", "what kind of report", (code("MOMU", 2), code("TTAX", 2), code("SCD", 2), spare(1))),
        chain("030", "warnings and errors", code("", 7)),
        fixed("145", "time the values hold for", time_of_day()),
        fixed("161", "track or plot number", code("", 16)),
        extended("170", "status", (flags("BIZ", "BAZ", "TUR"), spare(1), flags("CSTP", "CSTH", "CNF"))),
        fixed("050", "update period", spare(2), quantity("UPD", 14, 1 / 128, "s")),
        compound(
            "270",
            "size and orientation",
            fixed("LEN", "length", quantity("", 16, 0.01, "m")),
            fixed("WDT", "width", quantity("", 16, 0.01, "m")),
            fixed("HGT", "height", quantity("", 16, 0.01, "m")),
            fixed("ORT", "orientation", angle("", 16)),
        ),
        repetitive("300", "class with probability", code("CLS", 9), code("PRB", 7, "percent")),
        fixed("400", "pair and observation", code("PID", 16), code("ON", 24)),
        compound(
            "600",
            "horizontal position",
            fixed("P84", "position", latitude("LATITUDE", 32, _LSB), longitude("LONGITUDE", 32, _LSB)),
            fixed(
                "HPR",
                "resolution",
                quantity("RSHPX", 16, 0.5, "m"),
                quantity("RSHPY", 16, 0.5, "m"),
                _correlation("CORSHPXY"),
            ),
            fixed(
                "HPP",
                "standard deviations",
                _deviation("SDHPX", 16, 0.25, "m"),
                _deviation("SDHPY", 16, 0.25, "m"),
                _correlation("COSDHPXY"),
            ),
        ),
        compound(
            "601",
            "height",
            fixed("GH", "height", signed("", 24, 0.01, "m", "above the ellipsoid")),
            fixed("RSGH", "resolution", quantity("", 24, 0.01, "m")),
            fixed("SDGH", "standard deviation", _deviation("", 24, 0.01, "m")),
            fixed("CI6", "interval of 67 %", quantity("UCI6", 12, 16.0, "m"), quantity("LCI6", 12, 16.0, "m")),
            fixed("CI9", "interval of 95 %", quantity("UCI9", 12, 16.0, "m"), quantity("LCI9", 12, 16.0, "m")),
            _correlations("COGHHP", "with horizontal position", "X", "Y"),
            _correlations("COGHHV", "with horizontal velocity", "X", "Y"),
            _correlations("COGHHA", "with horizontal acceleration", "X", "Y"),
        ),
        compound(
            "602",
            "horizontal velocity",
            fixed("HV", "velocity", signed("X", 20, 0.01, "m/s", "east"), signed("Y", 20, 0.01, "m/s", "north")),
            fixed(
                "RSHV",
                "resolution",
                quantity("X", 16, 0.01, "m/s"),
                quantity("Y", 16, 0.01, "m/s"),
                _correlation("CORSHVXY"),
            ),
            fixed(
                "SDHV",
                "standard deviations",
                _deviation("X", 16, 0.01, "m/s"),
                _deviation("Y", 16, 0.01, "m/s"),
                _correlation("COHVXY"),
            ),
            _correlations("COHVHP", "with horizontal position", "COHVXHPX", "COHVXHPY", "COHVYHPX", "COHVYHPY"),
        ),
        compound(
            "603",
            "horizontal acceleration",
            fixed(
                "HA",
                "acceleration",
                signed("X", 12, 1 / 16, "m/s2", "east"),
                signed("Y", 12, 1 / 16, "m/s2", "north"),
            ),
            fixed(
                "SDHA",
                "standard deviations",
                _deviation("X", 12, 1 / 16, "m/s2"),
                _deviation("Y", 12, 1 / 16, "m/s2"),
                _correlation("COHAXY"),
            ),
            _correlations("COHAHP", "with horizontal position", "COHAXHPX", "COHAXHPY", "COHAYHPX", "COAYHPY"),
            _correlations("COHAHV", "with horizontal velocity", "COHAXHVX", "COHAXHVY", "COHAYHVX", "COHAYHVY"),
        ),
        compound(
            "604",
            "vertical velocity",
            fixed("VV", "velocity", signed("", 24, 0.01, "m/s", "up")),
            fixed("RSVV", "resolution", quantity("", 16, 0.01, "m/s")),
            fixed("SDVV", "standard deviation", _deviation("SDVV", 16, 0.01, "m/s"), _correlation("COVVGH")),
            _correlations("COVVHP", "with horizontal position", "X", "Y"),
            _correlations("COVVHV", "with horizontal velocity", "X", "Y"),
            _correlations("COVVHA", "with horizontal acceleration", "X", "Y"),
        ),
        compound(
            "605",
            "vertical acceleration",
            fixed("VA", "acceleration", signed("", 16, 0.01, "m/s2", "up")),
            fixed(
                "RSVA",
                "standard deviation",
                _deviation("SDVA", 16, 0.01, "m/s2"),
                _correlation("COVAGH"),
                _correlation("COVAVV"),
            ),
            _correlations("COVAHP", "with horizontal position", "X", "Y"),
            _correlations("COVAHV", "with horizontal velocity", "X", "Y"),
            _correlations("COVAHA", "with horizontal acceleration", "X", "Y"),
        ),
        repetitive("480", "associated reports", code("", 40)),
        compound(
            "625",
            "range; of a pair, the whole path",
            fixed("R", "range", signed("", 24, 0.1, "m")),
            fixed("RSR", "resolution", quantity("", 24, 0.1, "m")),
            fixed("SDR", "standard deviation", _deviation("", 24, 0.1, "m")),
            fixed("RR", "rate", signed("", 24, 0.1, "m/s")),
            fixed("RSRR", "resolution of the rate", quantity("", 24, 0.1, "m/s")),
            fixed("SDRR", "standard deviation of the rate", _deviation("SDRR", 24, 0.1, "m/s"), _correlation("CORRR")),
            fixed("RA", "acceleration", signed("", 16, 1 / 64, "m/s2")),
            fixed(
                "SDRA",
                "standard deviation of the acceleration",
                _deviation("SDRA", 16, 1 / 128, "m/s2"),
                _correlation("CORAR"),
                _correlation("CORARR"),
            ),
        ),
        compound(
            "626",
            "Doppler",
            fixed("DV", "velocity", signed("", 24, 0.01, "m/s")),
            fixed("SDDV", "standard deviation", _deviation("", 16, 1 / 64, "m/s")),
            fixed("DA", "acceleration", signed("", 16, 1 / 64, "m/s2")),
            fixed(
                "SDDA",
                "standard deviation of the acceleration",
                _deviation("SDDA", 16, 1 / 64, "m/s2"),
                _correlation("CODADV"),
            ),
            _correlations("CODVR", "of velocity and range", ""),
            _correlations("CODVRR", "of velocity and range rate", ""),
            _correlations("CODVRA", "of velocity and range acceleration", ""),
            _correlations("CODAR", "of acceleration and range", ""),
            _correlations("CODARR", "of acceleration and range rate", ""),
            _correlations("CODARA", "of acceleration and range acceleration", ""),
        ),
        compound(
            "627",
            "azimuth, clockwise from geographic north",
            fixed("AZ", "azimuth", angle("", 16)),
            fixed("RSAZ", "resolution", quantity("", 16, _FINE, "deg")),
            fixed("SDASZ", "standard deviation", _deviation("", 16, _FINE, "deg")),
            fixed("AZR", "rate", signed("", 16, _HALF_TURN, "deg/s")),
            fixed(
                "SDAZR",
                "standard deviation of the rate",
                _deviation("SDAZR", 16, _FINE, "deg/s"),
                _correlation("COAZRAZ"),
            ),
            fixed("AZEX", "extent", angle("S", 16, "start"), angle("E", 16, "end")),
        ),
        compound(
            "628",
            "elevation",
            fixed("EL", "elevation", signed("", 16, _HALF_TURN, "deg")),
            fixed("RSEL", "resolution", quantity("", 16, _FINE, "deg")),
            fixed("SDEL", "standard deviation", _deviation("", 16, _FINE, "deg")),
            fixed("ER", "rate", signed("", 16, _HALF_TURN, "deg/s")),
            fixed(
                "SDER",
                "standard deviation of the rate",
                _deviation("SDELR", 16, _FINE, "deg/s"),
                _correlation("COELREL"),
            ),
            fixed(
                "ELEX", "extent", signed("S", 16, _HALF_TURN, "deg", "start"), signed("E", 16, _HALF_TURN, "deg", "end")
            ),
        ),
        compound(
            "630",
            "path quality",
            fixed("DPP", "power, direct path", signed("", 8, 1.0, "dB")),
            fixed("DPS", "signal to noise, direct path", signed("", 8, 1.0, "dB")),
            fixed("RPP", "power, reflected path", spare(7), signed("RPP", 9, 1.0, "dB")),
            fixed("RPS", "signal to noise, reflected path", signed("", 8, 1.0, "dB")),
        ),
        repetitive(
            "631",
            "contour",
            angle("AZCON", 16),
            signed("ELCON", 16, _HALF_TURN, "deg"),
            quantity("RGCONSTOP", 16, 10_000 / 2**16, "m"),
            quantity("RGCONSTART", 16, 10_000 / 2**16, "m"),
        ),
        SPECIAL_PURPOSE,
    ),
)
