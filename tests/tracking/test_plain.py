"""The kernels as plain Python say what they say compiled: where numba cannot be, or is not to be believed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tests.tracking.test_state import HERE, on

from luchtwacht.tracking import Tracker

SECONDS = 8
PLAIN = f"""
import numpy as np
from luchtwacht.kernels._jit import COMPILED
from luchtwacht.tracking import Tracker
from tests.tracking.test_state import HERE, on

assert not COMPILED
tracks, used = on(Tracker(HERE), 0, {SECONDS})[-1]
np.savez(
    "plain.npz", track=tracks.track, x=tracks.x, existence=tracks.existence, category=tracks.category_probability,
    used=used.detection,
)
"""


def test_plain_python_gives_the_tracks_that_compiled_kernels_give(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), str(root / "src"), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAIN], check=True, cwd=tmp_path, timeout=300,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path},
    )  # fmt: skip
    plain = np.load(tmp_path / "plain.npz")
    tracks, used = on(Tracker(HERE), 0, SECONDS)[-1]
    assert len(tracks) >= 3
    assert plain["track"].tolist() == tracks.track.tolist()
    assert plain["used"].tolist() == used.detection.tolist()
    np.testing.assert_allclose(plain["x"], tracks.x, rtol=1e-3, atol=0.05)  # of numbers kept in single precision
    np.testing.assert_allclose(plain["existence"], tracks.existence, atol=1e-3)
    np.testing.assert_allclose(plain["category"], tracks.category_probability, atol=1e-2)
