from __future__ import annotations

import pytest
from tests.fuzz.damage import damage
from tests.fuzz.run import attack
from tests.fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_damage_breaks_a_reader(target: Target) -> None:
    """A few of what `python -m tests.fuzz.run` does by the million."""
    attack(target, 600, seed=1)


def test_damage_follows_from_its_seed_and_changes_nearly_everything() -> None:
    corpus = TARGETS[0].corpus()
    made = [damage(seed, corpus) for seed in range(200)]
    assert made == [damage(seed, corpus) for seed in range(200)]
    assert sum(each in corpus for each in made) < 20
