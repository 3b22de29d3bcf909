"""Velocity in local east, north and up, and its units (metres or kilometres an hour)."""

from __future__ import annotations

from luchtwacht.codecs.sapient.table import Enum, Field, Message

MESSAGES = (
    Message(
        "ENUVelocity",
        (
            Field(1, "east_rate", "double", mandatory=True),
            Field(2, "north_rate", "double", mandatory=True),
            Field(3, "up_rate", "double"),
            Field(4, "east_rate_error", "double", least=0),
            Field(5, "north_rate_error", "double", least=0),
            Field(6, "up_rate_error", "double", least=0),
        ),
    ),
    Message(
        "ENUVelocityUnits",
        (
            Field(1, "east_north_rate_units", "SpeedUnits", mandatory=True),
            Field(2, "up_rate_units", "SpeedUnits"),
        ),
    ),
)
ENUMS = (
    Enum(
        "SpeedUnits",
        "SPEED_UNITS_",
        {
            0: "UNSPECIFIED",
            1: "MS",
            2: "KPH",
        },
    ),
)
