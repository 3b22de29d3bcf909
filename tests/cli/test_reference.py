"""The page about the commands says what the commands say; help is quick."""

import subprocess
import sys
from pathlib import Path

from luchtwacht.cli.exits import Exit
from luchtwacht.cli.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m luchtwacht.cli.reference > docs/reference/commands.md"
    )


def test_every_exit_code_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"\n| {code.value} | " in text for code in Exit)


def test_help_imports_nothing_heavy() -> None:
    """What makes `--help` slow is what it imports; the time itself is the bench's business."""
    heavy = "numpy", "numba", "scipy", "shapely", "fastapi", "matplotlib", "cryptography"
    code = f"import sys\nfrom luchtwacht.cli import app\nprint([name for name in {heavy!r} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_an_error_names_what_where_and_what_to_do(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('id = "x"\nnmae = "X"\n')
    outcome = subprocess.run(
        [sys.executable, "-m", "luchtwacht", "run", "--site", str(site), "--no-console"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == Exit.BAD_INPUT
    assert "nmae" in outcome.stderr
    assert "line 2" in outcome.stderr
    assert "did you mean name?" in outcome.stderr
