"""WGS 84 to earth-centred (ECEF) to a site's north-up local frame (ENU), on arrays.

Angles are radians, lengths metres, heights above the WGS 84 ellipsoid. Any leading shape is allowed; the last axis
holds the three coordinates. Figures of the ellipsoid: NGA.STND.0036 (WGS 84), table 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

SEMI_MAJOR_AXIS = 6_378_137.0
"""metre"""
FLATTENING = 1.0 / 298.257223563
ECCENTRICITY_SQUARED = FLATTENING * (2.0 - FLATTENING)
_SEMI_MINOR_AXIS = SEMI_MAJOR_AXIS * (1.0 - FLATTENING)
_SECOND_ECCENTRICITY_SQUARED = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED)

Floats = NDArray[np.float64]


def to_ecef(geodetic: ArrayLike) -> Floats:
    """Latitude, longitude (rad) and ellipsoidal height (m), shape (..., 3), to ECEF metres, shape (..., 3)."""
    geodetic = np.asarray(geodetic, dtype=np.float64)
    latitude, longitude, height = geodetic[..., 0], geodetic[..., 1], geodetic[..., 2]
    sine = np.sin(latitude)
    normal = SEMI_MAJOR_AXIS / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sine**2)
    across = (normal + height) * np.cos(latitude)
    up = (normal * (1.0 - ECCENTRICITY_SQUARED) + height) * sine
    return np.stack([across * np.cos(longitude), across * np.sin(longitude), up], axis=-1)


def from_ecef(ecef: ArrayLike) -> Floats:
    """ECEF metres, shape (..., 3), to latitude, longitude (rad) and ellipsoidal height (m), shape (..., 3).

    Bowring's formula (Survey Review 23:181, 1976) followed by two Newton steps on the reduced latitude: below a
    micrometre from the ground to 100 km up. Not for points within a few kilometres of the earth's centre.
    """
    ecef = np.asarray(ecef, dtype=np.float64)
    x, y, z = ecef[..., 0], ecef[..., 1], ecef[..., 2]
    across = np.hypot(x, y)
    reduced = np.arctan2(z * SEMI_MAJOR_AXIS, across * _SEMI_MINOR_AXIS)
    for _ in range(3):
        latitude = np.arctan2(
            z + _SECOND_ECCENTRICITY_SQUARED * _SEMI_MINOR_AXIS * np.sin(reduced) ** 3,
            across - ECCENTRICITY_SQUARED * SEMI_MAJOR_AXIS * np.cos(reduced) ** 3,
        )
        reduced = np.arctan2((1.0 - FLATTENING) * np.sin(latitude), np.cos(latitude))
    sine, cosine = np.sin(latitude), np.cos(latitude)
    height = across * cosine + z * sine - SEMI_MAJOR_AXIS * np.sqrt(1.0 - ECCENTRICITY_SQUARED * sine**2)
    return np.stack([latitude, np.arctan2(y, x), height], axis=-1)


def turned(vectors: ArrayLike, rotation: Floats) -> Floats:
    """`rotation` (3, 3) times each of (..., 3) vectors, with the sums written out.

    A matrix product rounds differently for one row than for many, and a replay must give the same bits however its
    input is cut.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([row[0] * x + row[1] * y + row[2] * z for row in rotation], axis=-1)


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """A site's north-up local frame: east, north, up in metres from an origin on or near the ground.

    The up axis is the ellipsoid's normal at the origin; 20 km away it is 31 m above the curved earth, which the
    conversions account for exactly.
    """

    latitude: float
    """rad, of the origin"""
    longitude: float
    """rad, of the origin"""
    height: float
    """m above the ellipsoid, of the origin"""

    @property
    def rotation(self) -> Floats:
        """Shape (3, 3); ECEF differences to east, north, up."""
        sine_lat, cosine_lat = np.sin(self.latitude), np.cos(self.latitude)
        sine_lon, cosine_lon = np.sin(self.longitude), np.cos(self.longitude)
        return np.array(
            [
                [-sine_lon, cosine_lon, 0.0],
                [-sine_lat * cosine_lon, -sine_lat * sine_lon, cosine_lat],
                [cosine_lat * cosine_lon, cosine_lat * sine_lon, sine_lat],
            ]
        )

    def to_enu(self, geodetic: ArrayLike) -> Floats:
        """Latitude, longitude (rad), ellipsoidal height (m) to east, north, up (m); shape (..., 3)."""
        origin = to_ecef([self.latitude, self.longitude, self.height])
        return turned(to_ecef(geodetic) - origin, self.rotation)

    def from_enu(self, enu: ArrayLike) -> Floats:
        """East, north, up (m) to latitude, longitude (rad), ellipsoidal height (m); shape (..., 3)."""
        origin = to_ecef([self.latitude, self.longitude, self.height])
        return from_ecef(turned(enu, self.rotation.T) + origin)

    def axes_at(self, latitude: float, longitude: float) -> Floats:
        """Shape (3, 3); turns a vector in the local frame of another place into this frame's axes.

        Two places 20 km apart have verticals that differ by 0.18 degrees, which a radar's elevation must not ignore.
        """
        there = LocalFrame(latitude, longitude, 0.0)
        return turned(there.rotation, self.rotation).T


def polar_to_enu(polar: ArrayLike) -> Floats:
    """Slant range (m), azimuth (rad, clockwise from true north), elevation (rad) to east, north, up (m)."""
    polar = np.asarray(polar, dtype=np.float64)
    distance, azimuth, elevation = polar[..., 0], polar[..., 1], polar[..., 2]
    ground = distance * np.cos(elevation)
    return np.stack([ground * np.sin(azimuth), ground * np.cos(azimuth), distance * np.sin(elevation)], axis=-1)


def enu_to_polar(enu: ArrayLike) -> Floats:
    """East, north, up (m) to slant range (m), azimuth (rad in [0, 2 pi), clockwise from north), elevation (rad)."""
    enu = np.asarray(enu, dtype=np.float64)
    east, north, up = enu[..., 0], enu[..., 1], enu[..., 2]
    ground = np.hypot(east, north)
    azimuth = np.mod(np.arctan2(east, north), 2.0 * np.pi)
    return np.stack([np.hypot(ground, up), azimuth, np.arctan2(up, ground)], axis=-1)


# -- transverse Mercator -------------------------------------------------------------------------------------------

_UTM_SCALE, _UTM_EAST, _UTM_SOUTH = 0.9996, 500_000.0, 10_000_000.0
_N = FLATTENING / (2.0 - FLATTENING)
"""third flattening"""
_RECTIFYING = SEMI_MAJOR_AXIS / (1.0 + _N) * (1.0 + _N**2 / 4.0 + _N**4 / 64.0 + _N**6 / 256.0)
"""m, radius of the sphere that has the meridians' length"""
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360 - 81 * _N**5 / 512 + 96199 * _N**6 / 604800,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440 + 46 * _N**5 / 105 - 1118711 * _N**6 / 3870720,
    17 * _N**3 / 480 - 37 * _N**4 / 840 - 209 * _N**5 / 4480 + 5569 * _N**6 / 90720,
    4397 * _N**4 / 161280 - 11 * _N**5 / 504 - 830251 * _N**6 / 7257600,
    4583 * _N**5 / 161280 - 108847 * _N**6 / 3991680,
    20648693 * _N**6 / 638668800,
)
"""Karney 2011, doi 10.1007/s00190-011-0445-3, equation 36"""


def from_utm(easting: ArrayLike, northing: ArrayLike, zone: int, *, south: bool) -> tuple[Floats, Floats]:
    """Latitude and longitude (rad) of UTM coordinates (m), by Krueger's series to the sixth order (Karney 2011,
    equations 11 and 15 to 20): within nanometres as far as 3,000 km from the zone's meridian.
    """
    xi = (np.asarray(northing, dtype=np.float64) - (_UTM_SOUTH if south else 0.0)) / (_UTM_SCALE * _RECTIFYING)
    eta = (np.asarray(easting, dtype=np.float64) - _UTM_EAST) / (_UTM_SCALE * _RECTIFYING)
    xi_1, eta_1 = xi, eta
    for order, beta in enumerate(_BETA, start=1):
        xi_1 = xi_1 - beta * np.sin(2 * order * xi) * np.cosh(2 * order * eta)
        eta_1 = eta_1 - beta * np.cos(2 * order * xi) * np.sinh(2 * order * eta)
    conformal = np.sin(xi_1) / np.hypot(np.sinh(eta_1), np.cos(xi_1))
    tangent = conformal
    eccentricity = ECCENTRICITY_SQUARED**0.5
    for _ in range(4):
        secant = np.hypot(1.0, tangent)
        sigma = np.sinh(eccentricity * np.arctanh(eccentricity * tangent / secant))
        guess = tangent * np.hypot(1.0, sigma) - sigma * secant
        slope = (1.0 + (1.0 - ECCENTRICITY_SQUARED) * tangent**2) / ((1.0 - ECCENTRICITY_SQUARED) * secant)
        tangent = tangent + (conformal - guess) / np.hypot(1.0, guess) * slope
    meridian = np.radians(6.0 * zone - 183.0)
    return np.arctan(tangent), meridian + np.arctan2(np.sinh(eta_1), np.cos(xi_1))
