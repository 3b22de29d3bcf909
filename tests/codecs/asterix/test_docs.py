"""The documentation says what the tables say."""

from __future__ import annotations

from pathlib import Path

from luchtwacht.codecs.asterix import CATEGORIES
from luchtwacht.codecs.asterix.framing import Framing
from luchtwacht.codecs.asterix.reference import page

FORMATS = Path(__file__).parents[3] / "docs" / "formats"


def test_the_page_of_columns_is_made_from_the_tables() -> None:
    assert (FORMATS / "asterix_columns.md").read_text(encoding="utf-8") == page()


def test_every_category_and_framing_is_described() -> None:
    text = (FORMATS / "asterix.md").read_text(encoding="utf-8")
    for category in CATEGORIES:
        assert f"| {category.number:03d} |" in text
        assert category.edition in text
    for framing in Framing:
        assert f"`{framing.value}`" in text
