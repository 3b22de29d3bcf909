"""What a watch loads before it shows what stands."""

import subprocess
import sys

STARTING = """
import sys
import luchtwacht.cli.console, luchtwacht.cli.live, luchtwacht.runtime.sealing, luchtwacht.server.serve
print(*sorted(name for name in sys.modules if name.count(".") < 2))
"""


def test_a_watch_starts_without_what_only_later_steps_need() -> None:
    """Each of these takes a tenth of a second and more."""
    loaded = subprocess.run([sys.executable, "-c", STARTING], capture_output=True, text=True, check=True).stdout.split()
    assert "luchtwacht.pipeline" in loaded
    late = {"scipy.special", "scipy.sparse", "scipy.ndimage", "scipy.linalg", "scipy.optimize", "pyarrow", "matplotlib"}
    assert not late & set(loaded)
