"""CAT048, target reports of one radar, edition 1.32 (EUROCONTROL-SPEC-0149-4).

    FRN item                                     octets
     1  010  source                              2
     2  140  time of day                         3      1/128 s
     3  020  what kind of report                 1+     extended
     4  040  measured position, polar            4      1/256 NM slant range, 360/65536 deg
     5  070  Mode 3/A code                       2
     6  090  flight level                        2      1/4 FL, two's complement in the low 14 bits
     7  130  plot characteristics                1+     compound: SRL SRR SAM PRL PAM RPD APD
     8  220  aircraft address                    3
     9  240  aircraft identification             6      8 characters of 6 bits
    10  250  Mode S registers                    1+8n
    11  161  track number                        2      low 12 bits
    12  042  calculated position, Cartesian      4      1/128 NM
    13  200  calculated velocity, polar          4      2^-14 NM/s, 360/65536 deg
    14  170  track status                        1+     extended
    15  210  track quality                       4
    16  030  warnings and classification         1+     chain of 7-bit codes
    17  080  confidence of Mode 3/A pulses       2
    18  100  Mode C, Gray code, and confidence   4
    19  110  height of a 3D radar                2      25 ft, two's complement in the low 14 bits
    20  120  radial Doppler speed                1+     compound: CAL, RDS
    21  230  communications, flight status       2
    22  260  ACAS resolution advisory            7
    23  055  Mode 1   24 050 Mode 2   25 065 and 26 060 their confidence
    27  SP   28  RE                              1+

020/TYP: 0 none, 1 primary, 2 secondary, 3 secondary and primary, 4 Mode S all-call, 5 Mode S roll-call, 6 and 7 the
same with primary. 020/SIM and 020/TST: simulated and test target. 090: V 1 not validated, G 1 garbled.
120/CAL: positive is moving away from the radar; D 1 the speed is doubtful.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    RESERVED_EXPANSION,
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    Field,
    angle,
    chain,
    code,
    compound,
    extended,
    fixed,
    flags,
    icao,
    quantity,
    repetitive,
    signed,
    spare,
    time_of_day,
)

_KNOWN = "1: the next bit says something"


def _announced(name: str, bits: int = 1) -> tuple[Field, Field]:
    """A value behind a bit that says whether it is filled in."""
    return code(f"{name}/EP", 1, _KNOWN), code(f"{name}/VAL", bits)


_DESCRIPTOR = extended(
    "020",
    "what kind of report, by what kind of detection",
    (code("TYP", 3), flags("SIM", "RDP", "SPI", "RAB")),
    (flags("TST", "ERR", "XPP", "ME", "MI"), code("FOEFRI", 2)),
    (_announced("ADSB"), _announced("SCN"), _announced("PAI"), spare(1)),
    (_announced("ACASXV", 4), _announced("POXPR")),
    (_announced("POACT"), _announced("DTFXPR"), _announced("DTFACT"), spare(1)),
    (_announced("IRMXPR"), _announced("IRMACT"), spare(3)),
)

_PLOT = compound(
    "130",
    "how the plot was seen",
    fixed("SRL", "run length, secondary", quantity("", 8, 360 / 2**13, "deg")),
    fixed("SRR", "number of replies", code("", 8)),
    fixed("SAM", "amplitude, secondary", signed("", 8, 1.0, "dBm")),
    fixed("PRL", "run length, primary", quantity("", 8, 360 / 2**13, "deg")),
    fixed("PAM", "amplitude, primary", signed("", 8, 1.0, "dBm")),
    fixed("RPD", "range, primary less secondary", signed("", 8, 1 / 256, "NM")),
    fixed("APD", "azimuth, primary less secondary", signed("", 8, 360 / 2**14, "deg")),
)

_DOPPLER = compound(
    "120",
    "radial speed",
    fixed("CAL", "calculated by the radar", flags("D"), spare(5), signed("CAL", 10, 1.0, "m/s", "away from the radar")),
    repetitive(
        "RDS",
        "as measured, ambiguous",
        quantity("DOP", 16, 1.0, "m/s"),
        quantity("AMB", 16, 1.0, "m/s"),
        quantity("FRQ", 16, 1.0, "MHz"),
    ),
)

_MODE_2_PULSES = flags("QA4", "QA2", "QA1", "QB4", "QB2", "QB1", "QC4", "QC2", "QC1", "QD4", "QD2", "QD1")
_MODE_C_PULSES = flags("QC1", "QA1", "QC2", "QA2", "QC4", "QA4", "QB1", "QD1", "QB2", "QD2", "QB4", "QD4")

CAT048 = Category(
    number=48,
    edition="1.32",
    subject="target reports of one radar",
    times=("140",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("140", "time of day", time_of_day()),
        _DESCRIPTOR,
        fixed(
            "040",
            "measured position",
            quantity("RHO", 16, 1 / 256, "NM", "slant range"),
            angle("THETA", 16, "clockwise from the radar's north"),
        ),
        fixed("070", "Mode 3/A code", flags("V", "G", "L"), spare(1), code("MODE3A", 12, "four octal digits")),
        fixed("090", "flight level", flags("V", "G"), signed("FL", 14, 1 / 4, "FL", "pressure altitude")),
        _PLOT,
        fixed("220", "24-bit address", code("", 24)),
        fixed("240", "call sign or registration as sent", icao("")),
        repetitive("250", "Mode S registers", code("MBDATA", 56), code("BDS1", 4), code("BDS2", 4)),
        fixed("161", "track number", spare(4), code("TRN", 12)),
        fixed(
            "042",
            "calculated position",
            signed("X", 16, 1 / 128, "NM", "east of the radar"),
            signed("Y", 16, 1 / 128, "NM", "north of the radar"),
        ),
        fixed("200", "calculated velocity", quantity("GSP", 16, 2**-14, "NM/s"), angle("HDG", 16)),
        extended(
            "170",
            "track status",
            (flags("CNF"), code("RAD", 2), flags("DOU", "MAH"), code("CDM", 2)),
            (flags("TRE", "GHO", "SUP", "TCC"), spare(3)),
        ),
        fixed(
            "210",
            "standard deviations of the track",
            quantity("SIGX", 8, 1 / 128, "NM", saturates=True),
            quantity("SIGY", 8, 1 / 128, "NM", saturates=True),
            quantity("SIGV", 8, 2**-14, "NM/s", saturates=True),
            quantity("SIGH", 8, 360 / 2**12, "deg", saturates=True),
        ),
        chain("030", "warnings, errors, classification", code("", 7)),
        fixed("080", "doubtful Mode 3/A pulses", spare(4), _MODE_2_PULSES),
        fixed("100", "Mode C", flags("V", "G"), spare(2), code("MODEC", 12, "Gray code"), spare(4), _MODE_C_PULSES),
        fixed("110", "height measured by a 3D radar", spare(2), signed("3DH", 14, 25.0, "ft", "above mean sea level")),
        _DOPPLER,
        fixed(
            "230",
            "capabilities and flight status",
            code("COM", 3),
            code("STAT", 3),
            flags("SI"),
            spare(1),
            flags("MSSC", "ARC", "AIC", "B1A"),
            code("B1B", 4),
        ),
        fixed("260", "ACAS resolution advisory, register 3,0", code("", 56)),
        fixed("055", "Mode 1 code", flags("V", "G", "L"), code("MODE1", 5)),
        fixed("050", "Mode 2 code", flags("V", "G", "L"), spare(1), code("MODE2", 12, "four octal digits")),
        fixed("065", "doubtful Mode 1 pulses", spare(3), flags("QA4", "QA2", "QA1", "QB2", "QB1")),
        fixed("060", "doubtful Mode 2 pulses", spare(4), _MODE_2_PULSES),
        SPECIAL_PURPOSE,
        RESERVED_EXPANSION,
    ),
)
