"""Registration: how far a sensor is off, as declared and as estimated, and how well it really measures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import nan

from luchtwacht.units import DEGREE

BIASES = ("range", "azimuth", "elevation", "east", "north", "up", "time")
"""the ways in which a sensor may be off, in the order of every vector of them; SI: m, rad, rad, m, m, m, s"""
BIAS_UNITS = (1.0, DEGREE, DEGREE, 1.0, 1.0, 1.0, 1.0)
"""what a person's unit of each (m, degrees, s) is in SI"""


class RegistrationMode(StrEnum):
    """What is done with an estimated bias."""

    APPLY = "apply"
    """taken off every measurement, its doubt added to the noise, and shown"""
    SHOW = "show"
    """estimated and shown; only the declared bias is taken off"""
    OFF = "off"
    """not estimated; only the declared bias is taken off"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """What a sensor adds to the truth, and how sure that is.

    A sensor that stands east of where it is declared has a positive `east_m`; one whose clock is ahead a positive
    `time_s`. Each `_sigma` is one standard deviation; without one, a common default is taken.
    """

    range_m: float = 0.0
    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    east_m: float = 0.0
    north_m: float = 0.0
    up_m: float = 0.0
    time_s: float = 0.0
    range_sigma_m: float | None = None
    azimuth_sigma_deg: float | None = None
    elevation_sigma_deg: float | None = None
    east_sigma_m: float | None = None
    north_sigma_m: float | None = None
    up_sigma_m: float | None = None
    time_sigma_s: float | None = None

    @property
    def mean(self) -> tuple[float, ...]:
        """In the order and units of `BIASES`."""
        said = (
            self.range_m, self.azimuth_deg, self.elevation_deg, self.east_m, self.north_m, self.up_m, self.time_s,
        )  # fmt: skip
        return tuple(value * unit for value, unit in zip(said, BIAS_UNITS, strict=True))

    @property
    def sigma(self) -> tuple[float, ...]:
        """In the order and units of `BIASES`; NaN where it is not said."""
        said = (
            self.range_sigma_m, self.azimuth_sigma_deg, self.elevation_sigma_deg, self.east_sigma_m,
            self.north_sigma_m, self.up_sigma_m, self.time_sigma_s,
        )  # fmt: skip
        return tuple(nan if value is None else value * unit for value, unit in zip(said, BIAS_UNITS, strict=True))


class Fault(StrEnum):
    """How a sensor can fall short of its declaration while it is at work."""

    BLIND = "blind"
    """sees nothing where others see: everywhere, or in a sector"""
    WEAK = "weak"
    """sees less often than declared"""
    CLUTTERED = "cluttered"
    """reports much more than there is"""
    NOISY = "noisy"
    """its measurements scatter more than declared"""
    MISALIGNED = "misaligned"
    """its bias is not, or no longer, the one declared"""
    SLOW = "slow"
    """its reports come late"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorMeasured:
    """How a sensor stands: its registration, and its performance as measured of late. NaN: not known yet."""

    time_ns: int
    sensor: str
    """`Sensor.id`"""
    applied: bool
    """whether the estimate is taken off its measurements"""
    bias: tuple[float, ...]
    """(7,) as estimated, in the order and units of `BIASES`; what it adds to the truth"""
    bias_sigma: tuple[float, ...]
    """(7,) one standard deviation; NaN for what this kind of sensor does not have"""
    bias_seen: tuple[bool, ...]
    """(7,) whether data made it better known than before any"""
    confounded: tuple[tuple[str, str], ...]
    """pairs of `BIASES` that the data so far cannot tell apart"""
    claim_pairs: int
    """measurements held against claims, so far"""
    sensor_pairs: int
    """measurements held against those of another sensor, so far"""
    aircraft: int
    """aircraft whose claims count at present"""
    probability_of_detection: float
    opportunities: float
    """how many looks it is measured over, fading"""
    blind_sectors: tuple[tuple[float, float], ...]
    """from and to, rad clockwise from north: nothing seen there where others see"""
    false_reports: float
    """a period"""
    noise: tuple[float, ...]
    """(3,) measured over declared standard deviation: range, azimuth, elevation; east, north, up for positions"""
    latency_s: float
    """mean time from measurement to receipt"""
    period_s: float
    """time between two looks at the same object"""
    faults: tuple[Fault, ...]
    corrected: bool = False
    """whether it is misaligned by what is known and taken off: nobody need do anything now"""
