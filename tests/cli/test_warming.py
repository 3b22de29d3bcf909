"""Getting ready is told step by step, on the terminal and to the page."""

from __future__ import annotations

import pytest

from luchtwacht.cli.warming import STEPS, warm_kernels


def test_every_step_of_getting_ready_is_told_and_a_log_gets_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int]] = []
    warm_kernels(lambda step, steps: told.append((step, steps)))
    assert told == [(step, STEPS) for step in range(1, STEPS + 1)]
    said = capsys.readouterr().err
    assert said.startswith("preparing: kernels are loaded, or compiled once on this machine")
    assert said.count("preparing") == 1
