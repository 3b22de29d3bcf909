"""What is compiled does what Python says, also where the compiler takes a shorter way than numba's own."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import TypingError
from numba.core.runtime import _nrt_python as nrt
from numba.core.runtime import rtsys

from luchtwacht.kernels._jit import COMPILED, Array, kernel


@kernel
def last_of_each(table: Array) -> float:
    total = 0.0
    for i in range(table.shape[0]):
        total += table[i, -1] * table[-1, 0]
    return total


@kernel
def gathered(table: Array, rows: Array, chosen: Array) -> float:
    total = 0.0
    for k in range(rows.shape[0]):
        if chosen[k]:
            total += table[rows[k], k]
    return total


@kernel
def written(table: Array, octets: Array, flags: Array) -> None:
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            at = i, j
            table[at] = i + 10 * j + len(at)
            octets[i] = i - 1
            flags[i] = i % 2 == 0
    table[0, -1] = -1


@kernel
def either(first: Array, second: Array, swap: bool) -> Array:
    """The argument itself, under another name, or another."""
    chosen = first
    if swap:
        chosen = second
    return chosen


@kernel
def total_of_either(first: Array, second: Array, swap: bool) -> float:
    total = 0.0
    for value in either(first, second, swap):
        total += value
    return total


@kernel
def doubled(values: Array) -> Array:
    out = np.empty(values.shape[0])
    for i in range(values.shape[0]):
        out[i] = 2.0 * values[i]
    return out


@kernel
def allocated(values: Array, rounds: int) -> tuple[Array, Array]:
    """Arrays that are made, replaced, cut and dropped in loops and branches."""
    values = values[1:]
    old = np.zeros(values.shape[0])
    for k in range(rounds):
        new = doubled(values)
        if k % 3 == 0:
            old, new = new, old
            continue
        for i in range(new.shape[0]):
            new[i] += old[i]
        if new[0] > 1e9:
            return old, new
        old = new[:]
    return old, doubled(values)[1:]


@kernel
def late(values: Array, least: float) -> int:
    """A variable that only some ways through the loop give a value."""
    found = -1
    for i in range(values.shape[0]):
        if values[i] >= least:
            found = i
            if i > 2:
                break
        here = i
        if values[i] < 0.0:
            here = 100
            found = here
    return found


def plain(function: object) -> object:
    """The same kernel as Python runs it."""
    return getattr(function, "py_func", function)


def test_an_index_that_is_written_down_may_count_from_the_end() -> None:
    table = np.arange(12.0).reshape(3, 4)
    assert last_of_each(table) == sum(table[:, -1]) * table[-1, 0]
    assert last_of_each(table[:, ::2]) == sum(table[:, 2]) * table[-1, 0]
    assert last_of_each(np.asfortranarray(table)) == sum(table[:, -1]) * table[-1, 0]


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64, np.int64])
def test_an_index_may_be_any_whole_number(kind: type) -> None:
    table = np.arange(600.0).reshape(200, 3)
    rows = np.array([3, 127, 100], kind)
    assert gathered(table, rows, np.array([True, False, True])) == table[3, 0] + table[100, 2]


def test_a_number_takes_the_type_of_the_array_it_is_written_to() -> None:
    table, octets, flags = np.zeros((3, 4), np.float32), np.zeros(3, np.int8), np.zeros(3, np.bool_)
    written(table, octets, flags)
    wanted = np.add.outer(np.arange(3), 10 * np.arange(4)) + 2.0
    wanted[0, -1] = -1
    assert np.array_equal(table, wanted)
    assert octets.tolist() == [-1, 0, 1]
    assert flags.tolist() == [True, False, True]
    wide = np.zeros((6, 8))
    written(wide[::2, ::2], octets, flags)
    assert np.array_equal(wide[::2, ::2], wanted)
    assert not wide[1::2].any()


@pytest.mark.parametrize("swap", [False, True])
def test_an_argument_may_be_given_back_to_another_kernel_but_not_to_python(swap: bool) -> None:
    first, second = np.full(1000, 1.0), np.full(1000, 2.0)
    assert total_of_either(first, second, swap) == 1000.0 + 1000.0 * swap
    if COMPILED:
        with pytest.raises(AssertionError, match="arrays that it made"):
            either(first, second, swap)


@pytest.mark.skipif(not COMPILED, reason="kernels run as plain Python")
def test_what_is_allocated_in_a_kernel_is_given_up_again() -> None:
    values = np.arange(50.0)
    assert np.array_equal(allocated(values, 7)[0], plain(allocated)(values, 7)[0])  # type: ignore[operator]
    nrt.memsys_enable_stats()
    before = rtsys.get_allocation_stats()
    for rounds in range(20):
        for got, wanted in zip(allocated(values, rounds), plain(allocated)(values, rounds), strict=True):  # type: ignore[operator]
            assert np.array_equal(got, wanted)
        del got, wanted
    after = rtsys.get_allocation_stats()
    nrt.memsys_disable_stats()
    assert after.mi_alloc > before.mi_alloc
    assert after.mi_alloc - before.mi_alloc == after.mi_free - before.mi_free


@pytest.mark.parametrize("least", [-2.0, 0.0, 1.5, 2.5, 3.5, 9.0])
def test_a_variable_may_get_its_value_on_some_ways_only(least: float) -> None:
    for values in (np.array([0.0, 3.0, -1.0, 2.0, 3.0, 4.0]), np.array([-1.0]), np.empty(0)):
        assert late(values, least) == plain(late)(values, least)  # type: ignore[operator]


@pytest.mark.skipif(not COMPILED, reason="kernels run as plain Python")
def test_with_bounds_checked_an_index_outside_is_an_error(tmp_path: Path) -> None:
    """Otherwise nothing looks: what a kernel is given is its callers' business."""
    (tmp_path / "outside.py").write_text(
        "from luchtwacht.kernels._jit import kernel\n@kernel\ndef at(values, i):\n    return values[i]\n"
    )
    code = """
import numpy as np, outside
for index in 2, 3, -1:
    try:
        print(index, outside.at(np.zeros(3), index))
    except IndexError as error:
        print(index, error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    outside = "index is out of bounds"
    assert done.stdout.splitlines() == ["2 0.0", f"3 {outside}", f"-1 {outside}"]


@kernel
def scaled(values: Array, factor: float, times: int, minus: bool) -> Array:
    out = np.empty(values.shape)
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            out[i, j] = values[i, j] * factor**times * (-1.0 if minus else 1.0)
    return out


def frozen(array: Array) -> Array:
    array = array.copy()
    array.flags.writeable = False
    return array


PLAIN = np.arange(12.0).reshape(3, 4)
GIVEN = [
    PLAIN, frozen(PLAIN), PLAIN[:, ::2], PLAIN[::-1], PLAIN.T, PLAIN[:0], PLAIN.astype(np.float32),
    PLAIN.astype(np.int64), PLAIN.astype(np.longlong), PLAIN.astype(np.int8), PLAIN > 3.0,
    pickle.loads(pickle.dumps(PLAIN)),
    np.frombuffer(b"\0" + PLAIN.tobytes(), np.uint8)[1:].view(np.float64).reshape(3, 4),
]  # fmt: skip


@pytest.mark.skipif(not COMPILED, reason="kernels run as plain Python")
def test_whatever_array_comes_it_is_read_as_what_it_is() -> None:
    """Each is another type, in any order, also when the last one looked like it."""
    for given in GIVEN + GIVEN[::-1]:
        before = sys.getrefcount(given)
        assert np.array_equal(scaled(given, 2.0, 3, False), given * 8.0)
        assert sys.getrefcount(given) == before


def test_numbers_are_read_as_what_they_are() -> None:
    for factor in 2.0, 2, np.float64(2.0), np.int8(2), True:
        for times in 3, np.int64(3), np.int8(3), True:
            for minus in False, True, np.True_, np.False_:
                wanted = PLAIN * float(factor) ** int(times) * (-1.0 if minus else 1.0)
                assert np.array_equal(scaled(PLAIN, factor, times, minus), wanted)
    assert np.array_equal(scaled(PLAIN, -1.0, 1, False), -PLAIN)  # a number that stands for an error elsewhere
    assert np.array_equal(scaled(PLAIN, -1.0, -1, False), -PLAIN)
    assert scaled(PLAIN, 4.0, 0.5, False)[0, 1] == 2.0  # type: ignore[arg-type]  # 0.5 is not 0


@pytest.mark.parametrize(
    "arguments",
    [(), (PLAIN,), (PLAIN, 2.0, 3, False, 1), ([[1.0]], 2.0, 3, False), (None, 2.0, 3, False), (PLAIN, "2", 3, False),
     (PLAIN, 2.0, 2**70, False)],
)  # fmt: skip
def test_what_no_kernel_takes_is_an_error(arguments: tuple[object, ...]) -> None:
    scaled(PLAIN, 2.0, 3, False)
    if COMPILED:
        with pytest.raises((TypeError, TypingError, OverflowError)):
            scaled(*arguments)  # type: ignore[arg-type]
