import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from tests.alerting.plain import INSIDE, Night, Seen

from luchtwacht.alerting.lifecycle import FINAL, MOVES, Move, after, diagram
from luchtwacht.errors import BadCommand
from luchtwacht.model import AlertStatus, AlertStep

R, A, E, J, C = AlertStatus
TABLE = {
    #               acknowledge escalate reject close worsen
    R: dict(zip(Move, (A, E, J, None, R), strict=True)),
    A: dict(zip(Move, (None, E, J, C, R), strict=True)),
    E: dict(zip(Move, (A, None, J, C, E), strict=True)),
    J: dict.fromkeys(Move),
    C: dict.fromkeys(Move),
}


def an_alert(status: AlertStatus):
    night = Night()
    night.step(Seen(1, {"z": INSIDE}))
    step = AlertStep(time_ns=1, status=status, actor="watch-2")
    return replace(night.alert(), status=status, steps=(*night.alert().steps, step))


@pytest.mark.parametrize(("status", "move"), list(itertools.product(AlertStatus, Move)))
def test_every_status_and_every_move_is_as_the_table_says(status, move):
    expected = TABLE[status][move]
    if expected is not None:
        assert after(an_alert(status), move) is expected
        return
    with pytest.raises(BadCommand, match=f"cannot {move} alert 1: it is {status} by watch-2"):
        after(an_alert(status), move)


def test_what_is_over_stays_over():
    assert not [key for key in MOVES if key[0] in FINAL]


def test_every_status_can_be_reached_and_all_but_the_last_left():
    reached, border = {R}, [R]
    while border:
        status = border.pop()
        for (before, _), then in MOVES.items():
            if before is status and then not in reached:
                reached.add(then)
                border.append(then)
    assert reached == set(AlertStatus)
    assert {before for before, _ in MOVES} == set(AlertStatus) - set(FINAL)


def test_the_diagram_shows_every_move():
    text = diagram()
    assert text.startswith("stateDiagram-v2\n    [*] --> raised")
    for (status, move), then in MOVES.items():
        assert f"    {status} --> {then}: {move} (" in text
    assert text.count("-->") == len(MOVES) + 1 + len(FINAL)


def test_the_documentation_draws_this_table():
    page = Path(__file__).parents[2] / "docs" / "reference" / "alerts.md"
    assert diagram() in page.read_text(encoding="utf-8")
