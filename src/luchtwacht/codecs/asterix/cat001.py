"""CAT001, plots and tracks of one radar, edition 1.4 (EUROCONTROL-SPEC-0149-2a); followed by CAT048.

Bit TYP of item 020 says whether a record is a plot or a track, and with that the order of its items.

    FRN      1   2   3   4   5   6   7   8   9   10  11  12  13  14  15  16  17  18  19  20  21  22
    plot     010 020 040 070 090 130 141 050 120 131 080 100 060 030 150                 SP  RFS
    track    010 020 161 040 042 200 070 090 141 130 131 120 170 210 050 080 100 060 030 SP  RFS 150

    010 source 2 octets · 020 what kind of report 1+ · 030 warnings 1+ · 040 position, polar 4 · 042 Cartesian 4 ·
    050 Mode 2 2 · 060, 080, 100 confidence 2, 2, 4 · 070 Mode 3/A 2 · 090 flight level 2 · 120 Doppler 1 ·
    130 plot characteristics 1+ · 131 power 1 · 141 time 2 · 150 X pulses 1 · 161 track number 2 · 170 status 1+ ·
    200 velocity 4 · 210 quality 1+ · RFS a count, then pairs of FRN and item

141 is a truncated time: it counts 1/128 s and starts again every 512 s. Distances are in 1/128 NM, unlike CAT048.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    angle,
    chain,
    code,
    extended,
    fixed,
    flags,
    quantity,
    random_sequence,
    signed,
    spare,
)

_MODE_2_PULSES = flags("QA4", "QA2", "QA1", "QB4", "QB2", "QB1", "QC4", "QC2", "QC1", "QD4", "QD2", "QD1")
_MODE_C_PULSES = flags("QC1", "QA1", "QC2", "QA2", "QC4", "QA4", "QB1", "QD1", "QB2", "QD2", "QB4", "QD4")

_DESCRIPTOR = extended(
    "020",
    "what kind of report",
    (flags("TYP", "SIM"), code("SSRPSR", 2), flags("ANT", "SPI", "RAB")),
    (flags("TST"), code("DS1DS2", 2), flags("ME", "MI"), spare(2)),
)
_POLAR = fixed("040", "measured position", quantity("RHO", 16, 1 / 128, "NM", "slant range"), angle("THETA", 16))
_CARTESIAN = fixed("042", "calculated position", signed("X", 16, 1 / 64, "NM"), signed("Y", 16, 1 / 64, "NM"))
_VELOCITY = fixed("200", "calculated velocity", quantity("GSP", 16, 2**-14, "NM/s"), angle("HDG", 16))
_MODE_3A = fixed("070", "Mode 3/A code", flags("V", "G", "L"), spare(1), code("MODE3A", 12, "four octal digits"))
_MODE_C = fixed("090", "flight level", flags("V", "G"), signed("HGT", 14, 1 / 4, "FL"))
_PLOT = chain("130", "how the plot was seen", code("", 7))
_TIME = fixed("141", "time of day modulo 512 s", quantity("", 16, 1 / 128, "s"))
_MODE_2 = fixed("050", "Mode 2 code", flags("V", "G", "L"), spare(1), code("MODE2", 12, "four octal digits"))
_DOPPLER = fixed("120", "radial speed", signed("", 8, 2**-8, "NM/s"))
_POWER = fixed("131", "received power", signed("", 8, 1.0, "dBm"))
_MODE_3A_DOUBT = fixed("080", "doubtful Mode 3/A pulses", spare(4), _MODE_2_PULSES)
_MODE_C_DOUBT = fixed(
    "100", "Mode C", flags("V", "G"), spare(2), code("MODEC", 12, "Gray code"), spare(4), _MODE_C_PULSES
)
_MODE_2_DOUBT = fixed("060", "doubtful Mode 2 pulses", spare(4), _MODE_2_PULSES)
_WARNINGS = chain("030", "warnings and errors", code("", 7))
_X_PULSES = fixed("150", "X pulses", flags("XA"), spare(1), flags("XC"), spare(2), flags("X2"), spare(2))
_STATUS = extended(
    "170",
    "track status",
    (flags("CON", "RAD", "MAN", "DOU", "RDPC"), spare(1), flags("GHO")),
    (flags("TRE"), spare(6)),
)

CAT001 = Category(
    number=1,
    edition="1.4",
    subject="plots and tracks of one radar",
    selector=("020", 0x80),
    items=(
        SOURCE_IDENTIFIER,
        _DESCRIPTOR,
        _POLAR,
        _MODE_3A,
        _MODE_C,
        _PLOT,
        _TIME,
        _MODE_2,
        _DOPPLER,
        _POWER,
        _MODE_3A_DOUBT,
        _MODE_C_DOUBT,
        _MODE_2_DOUBT,
        _WARNINGS,
        _X_PULSES,
        None,
        None,
        None,
        None,
        SPECIAL_PURPOSE,
        random_sequence(),
    ),
    alternative=(
        SOURCE_IDENTIFIER,
        _DESCRIPTOR,
        fixed("161", "track number", code("", 16)),
        _POLAR,
        _CARTESIAN,
        _VELOCITY,
        _MODE_3A,
        _MODE_C,
        _TIME,
        _PLOT,
        _POWER,
        _DOPPLER,
        _STATUS,
        chain("210", "track quality", code("", 7)),
        _MODE_2,
        _MODE_3A_DOUBT,
        _MODE_C_DOUBT,
        _MODE_2_DOUBT,
        _WARNINGS,
        SPECIAL_PURPOSE,
        random_sequence(),
        _X_PULSES,
    ),
)
