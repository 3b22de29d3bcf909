"""The one place that names numba."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import intrinsic
from numpy import dtype, ndarray

Array = ndarray[Any, dtype[Any]]
"""a numpy array; shape and type stand in the docstring"""
F = TypeVar("F", bound=Callable[..., Any])


def cache_folder() -> Path:
    """Where compiled kernels are kept: a folder for every state of the kernels' sources.

    numba looks only at the file of the function it compiles: after a change in a kernel that another one calls, it
    would go on with the old code in silence. So the folder's name is the digest of all kernels, and an old state is
    never met.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "luchtwacht-kernels" / digest.hexdigest()[:16]


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: F) -> F:
    """Compile in nopython mode, keeping the signature for the type checker.

    Kernels take plain arrays and scalars and give arrays; they never raise: NaN, -1 or a status array says what is
    wrong. Results are the same on every run: no fast-math, no parallel reductions.
    """
    return cast(F, numba.njit(cache=True, fastmath=False, error_model="numpy")(function))


def inlined(function: F) -> F:
    """As `kernel`, for what stands in the innermost loops: always copied into its callers.

    A call hands every array over by value, eight words or so each: with half a dozen arrays that takes longer than many
    a kernel works.
    """
    return cast(F, numba.njit(cache=True, fastmath=False, error_model="numpy", forceinline=True)(function))


@intrinsic
def _apart(typing: Any) -> Any:
    """Tell LLVM not to copy the function in which this stands into its callers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return numba.types.void(), generate


def _nothing() -> None:
    """What `apart` is when kernels run as plain Python."""


apart: Callable[[], None] = _nothing if numba.config.DISABLE_JIT else cast(Any, _apart)  # type: ignore[attr-defined]
"""To be called first in a long kernel that others call: copies of it would take long to compile and gain nothing."""
