"""Damage a million inputs and see that nothing breaks.

    python -m tests.fuzz.run --count 1000000 [--target asterix] [--seed 0]

For each target: inputs a second, how many were refused in words, the slowest batch and how much memory it took in the
end. A fault is a raised exception, an input that takes more than a second of CPU, a refusal without words, or memory
that grows by more than 200 MB: it is narrowed down to one input, which is written to a file, and the run ends with 1.
The same seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

from tests.fuzz.damage import damage
from tests.fuzz.targets import TARGETS, Target

BATCH = 50
SLOWEST_S = 1.0
MOST_GROWTH_KB = 200_000


class Fault(AssertionError):
    """A target did what no input may make it do."""


def attack(target: Target, count: int, seed: int) -> tuple[int, float]:
    """Give a target `count` damaged inputs; return how many refusals it gave, and the slowest input's CPU seconds.

    Raises:
        Fault: with the input that did it.
    """
    corpus = target.corpus()
    refused, slowest = 0, 0.0
    target.take(corpus[:1])  # what is compiled or imported once is no input's fault
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for first in range(0, count, BATCH):
        inputs = [damage(seed * 1_000_003 + first + at, corpus) for at in range(min(BATCH, count - first))]
        problem, said, took = _take(target, inputs)
        if problem:
            for each in inputs:
                alone, _, _ = _take(target, [each])
                if alone:
                    raise Fault(f"{target.name}: {alone}\n{each!r}")
            raise Fault(f"{target.name}: {problem}, together only\n{inputs!r}")
        refused += said
        slowest = max(slowest, took)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    if grown_kb > MOST_GROWTH_KB:
        raise Fault(f"{target.name}: took {grown_kb:,} kB more than for one input")
    return refused, slowest


def _take(target: Target, inputs: list[bytes]) -> tuple[str, int, float]:
    """What is wrong, if anything; refusals; CPU seconds."""
    start = time.process_time()
    try:
        said = target.take(inputs)
    except Exception as error:
        return f"raised {type(error).__name__}: {error}", 0, 0.0
    took = time.process_time() - start
    if took > SLOWEST_S * (1 if len(inputs) == 1 else 5):
        return f"took {took:.1f} s of CPU", 0, took
    silent = [reason for reason, words in said if not reason or not words.strip()]
    if silent:
        return f"refused without a word: {silent[:3]}", 0, took
    return "", len(said), took / len(inputs)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="inputs over all targets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", default="", help="only targets whose name holds this")
    parser.add_argument("--out", type=Path, default=Path("fault.txt"), help="where a fault is written")
    given = parser.parse_args()
    chosen = [each for each in TARGETS if given.target in each.name]
    print(f"{'target':24}{'inputs':>10}{'refusals':>10}{'a second':>10}{'slowest':>12}")
    for target in chosen:
        count = max(given.count // len(chosen), 1)
        start = time.perf_counter()
        try:
            refused, slowest = attack(target, count, given.seed)
        except Fault as fault:
            given.out.write_text(str(fault))
            print(f"{target.name:24}FAULT, written to {given.out}: {str(fault)[:300]}")
            return 1
        rate = count / (time.perf_counter() - start)
        print(f"{target.name:24}{count:>10,}{refused:>10,}{rate:>10,.0f}{slowest * 1e3:>9.2f} ms", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
