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


FOUND = {
    "sapient json": [
        rb'{"timestamp": "2022-11-03T10:05:06Z", "nodeId": "a8654cdf", "alert": {"\ud800": 1}}',
        rb'{"timestamp": "\udc00"}',
    ],
    "grid": [b"P5" + b"5" * 50 + b"\n# Offset -108\n# Scale 0.003\n8 5\n65535\n" + bytes(80)],
    "frames": [b'[1777777200000000000,"A\xf0\x9f\x9b\xb8"]\n'],
    "observation ingest": [
        b'{"sensor": "post-1", "by": "patrol 3", "time_ns": 1777777201000000000000000, "what": "drone", '
        b'"latitude": 52.0, "longitude": 5.0}'
    ],
    "recorded files": [bytes.fromhex("1a32 0000010b4240 5a 5d484c611a1a2b3c") + b"no frame"],
    "inspect": [b'{"now": 1e+308, "aircraft": [{"hex": "484c61", "lat": 52.0, "lon": 5.0}]}'],
}
"""what damage once broke something, by target"""


@pytest.mark.parametrize("name", FOUND)
def test_what_once_broke_a_reader_does_so_no_more(name: str) -> None:
    (target,) = (each for each in TARGETS if each.name == name)
    for each in FOUND[name]:
        target.take([each])
