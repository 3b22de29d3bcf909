from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args

import pytest
from tests.server.conftest import Served

from luchtwacht import model
from luchtwacht.server import wire
from luchtwacht.server.typescript import declarations

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference" / "api.md").read_text()
GUIDE = (ROOT / "docs" / "guide" / "console.md").read_text()
WORDS = set(re.findall(r"`([^`\n]+)`", REFERENCE))


@pytest.mark.parametrize("name", [name for name, value in declarations().items() if is_dataclass(value)])
def test_every_object_and_field_of_the_api_is_in_its_reference(name: str) -> None:
    missing = {each.name for each in fields(declarations()[name])} - WORDS
    assert missing == set()
    assert re.search(rf"\b{name}\b", REFERENCE)


def test_every_request_is_in_the_reference(served: Served) -> None:
    with served.client as client:
        paths = client.get("/openapi.json").json()["paths"]
    for path, moves in paths.items():
        for move in moves:
            assert re.search(rf"`{move.upper()} {re.escape(path)}[?`]", REFERENCE), (move, path)


def test_every_key_of_the_console_is_in_its_guide() -> None:
    table = (ROOT / "web" / "src" / "keys.ts").read_text()
    shown = set(re.findall(r'shown: "(\S)"', table)) - {"␣"}
    assert len(shown) > 15
    assert {key for key in shown if f"`{key}`" not in GUIDE} == set()


@pytest.mark.parametrize(
    ("literal", "enum"),
    [
        (wire.AlertKind, model.AlertKind),
        (wire.AlertStatus, model.AlertStatus),
        (wire.Severity, model.Severity),
        (wire.Extent, model.Extent),
    ],
)
def test_the_words_of_the_api_are_those_of_the_model(literal: object, enum: type) -> None:
    assert get_args(literal) == tuple(each.value for each in enum)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("literal", "enum"),
    [
        (wire.Status, model.TrackStatus),
        (wire.Category, model.Category),
        (wire.Verdict, model.ClaimVerdict),
        (wire.ClaimKind, model.ClaimKind),
    ],
)
def test_numbers_become_the_words_of_the_model(literal: object, enum: type) -> None:
    assert get_args(literal) == tuple(each.name.lower() for each in enum)  # type: ignore[attr-defined]


@pytest.mark.parametrize("enum", [model.NoticeKind, model.Reason, model.SensorKind, model.AuthorisationState])
def test_the_console_has_a_text_for_every_word_of_the_model(enum: type) -> None:
    english = (ROOT / "web" / "src" / "words" / "en.ts").read_text()
    prefix = {model.NoticeKind: "notice_", model.Reason: "reason_", model.AuthorisationState: "auth_"}.get(enum, "")
    words = [f"{prefix}{each.value}" for each in enum]  # type: ignore[attr-defined]
    assert [word for word in words if not re.search(rf"^  {word}:", english, re.MULTILINE)] == []
