from __future__ import annotations

from pathlib import Path

import pytest

from luchtwacht.server.typescript import translate, write

ROOT = Path(__file__).parents[2]


def test_the_consoles_types_are_those_of_the_server() -> None:
    committed = (ROOT / "web" / "src" / "wire.ts").read_text()
    assert committed == write(), "run: python -m luchtwacht.server.typescript > web/src/wire.ts"


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "number"),
        (list[float | None], "(number | null)[]"),
        (dict[str, float | None], "Record<string, number | null>"),
        (list[list[str]], "string[][]"),
    ],
)
def test_types_are_translated(hint: object, text: str) -> None:
    assert translate(hint, {}) == text


def test_a_type_without_translation_is_not_passed_over() -> None:
    with pytest.raises(AssertionError, match="no translation"):
        translate(bytes, {})
