"""Makes `terrain.asc` of the scenario beside it: a valley between two ridges. Invented.

python land.py > terrain.asc
"""

import numpy as np

LATITUDE, LONGITUDE, STEP = 50.80, 5.90, 0.001
ROWS, COLUMNS = 121, 181


def heights() -> np.ndarray:
    """(rows, columns) m above the sea, from north to south and west to east."""
    north = np.linspace(60, -60, ROWS)[:, None] * STEP * 111_195.0
    east = np.linspace(-90, 90, COLUMNS)[None, :] * STEP * 111_195.0 * np.cos(np.radians(LATITUDE))
    bend = east - 1500.0 - 200.0 * np.sin(north / 1200.0)
    ridge = 130.0 * np.exp(-((bend / 380.0) ** 2)) * (1.0 + 0.15 * np.sin(north / 700.0))
    west = 90.0 * np.exp(-(((east + 2400.0 + 0.15 * north) / 600.0) ** 2))
    knoll = 60.0 * np.exp(-(((east - 600.0) / 150.0) ** 2) - ((north + 600.0) / 150.0) ** 2)
    land: np.ndarray = 105.0 + ridge + west + knoll
    return land


def main() -> None:
    """Print the grid (Esri ASCII)."""
    print(f"ncols {COLUMNS}\nnrows {ROWS}")
    print(f"xllcenter {LONGITUDE - 90 * STEP:.3f}\nyllcenter {LATITUDE - 60 * STEP:.3f}")
    print(f"cellsize {STEP}\nNODATA_value -9999")
    for row in heights():
        print(" ".join(f"{height:.0f}" for height in row))


if __name__ == "__main__":
    main()
