"""CAT065, state of a tracking system, edition 1.6 (EUROCONTROL-SPEC-0149-15).

    FRN item                                     octets
     1  010  source                              2
     2  000  message type                        1
     3  015  service                             1
     4  030  time of message                     3      1/128 s
     5  020  batch number                        1
     6  040  configuration and status            1
     7  050  report on a service                 1
     8-12 (spare)   13 RE   14 SP                1+

Message types (000): 1 state of the system, 2 end of a batch of tracks, 3 report on a service.
"""

from __future__ import annotations

from luchtwacht.codecs.asterix.specification import (
    RESERVED_EXPANSION,
    SOURCE_IDENTIFIER,
    SPECIAL_PURPOSE,
    Category,
    code,
    fixed,
    flags,
    spare,
    time_of_day,
)

CAT065 = Category(
    number=65,
    edition="1.6",
    subject="state of a tracking system",
    times=("030",),
    items=(
        SOURCE_IDENTIFIER,
        fixed("000", "message type", code("", 8)),
        fixed("015", "service", code("", 8)),
        fixed("030", "time of message", time_of_day()),
        fixed("020", "batch number", code("", 8)),
        fixed(
            "040",
            "configuration and status",
            code("NOGO", 2),
            flags("OVL", "TSV"),
            code("PSS", 2),
            flags("STTN"),
            spare(1),
        ),
        fixed("050", "report on a service", code("", 8)),
        None,
        None,
        None,
        None,
        None,
        RESERVED_EXPANSION,
        SPECIAL_PURPOSE,
    ),
)
