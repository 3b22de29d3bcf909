"""Kernels, as they are declared, called and kept. Only modules in `kernels` with an underscore name numba."""

# mypy: disable-error-code="no-untyped-call,attr-defined,misc"

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from copy import copy
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache
from numba.core.dispatcher import _FunctionCompiler
from numba.core.lowering import Environment
from numba.core.registry import CPUDispatcher
from numba.core.runtime import rtsys
from numba.extending import intrinsic, typeof_impl
from numpy import dtype, ndarray

from luchtwacht.kernels._calling import create_wrapper
from luchtwacht.kernels._compiling import OPTIONS, EntryLibrary, Part, _PartCompiler, haste
from luchtwacht.kernels._lowering import CHECKED

Array = ndarray[Any, dtype[Any]]
"""a numpy array; shape and type stand in the docstring"""
F = TypeVar("F", bound=Callable[..., Any])


def cache_folder() -> Path:
    """Where compiled kernels are kept: a folder for every state of the kernels' sources.

    numba looks only at the file of the function it compiles: after a change in a kernel that another one calls, it
    would go on with the old code in silence. So the folder's name is the digest of all kernels, and an old state is
    never met.
    """
    digest = hashlib.sha256(f"{numba.__version__} {CHECKED}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "luchtwacht-kernels" / digest.hexdigest()[:16]


numba.config.CACHE_DIR = str(cache_folder())


class _EntryCompiler(_FunctionCompiler):
    """From a part, and the parts it calls, to machine code that Python can call."""

    def __init__(self, part: Part) -> None:
        super().__init__(part.py_func, part.targetdescr, part.targetoptions, {}, _PartCompiler)
        self._part = part

    def _compile_core(self, args: Any, return_type: Any) -> Any:
        self._part.compile(args)
        part: Any = self._part.overloads[tuple(args)]
        context = part.target_context
        library = EntryLibrary(context.codegen(), part.fndesc.qualname)
        library.enable_object_caching()
        library.add_linking_library(part.library)
        described = copy(part.fndesc)
        described.env_name += "$entry"  # what Python's side looks up is its own, however many entries hold this part
        environment = Environment.from_fndesc(described)
        create_wrapper(context, library, described, environment, part.call_helper)
        entry = context.get_executable(library, described, environment)
        return part._replace(library=library, fndesc=described, environment=environment, entry_point=entry, metadata={})


class _Kept(FunctionCache):
    """Machine code on disk. To load it nobody needs to know what numba can compile."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)  # what allocates
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


class _Entries(CPUDispatcher):
    """A kernel as Python calls it, for the types that it was called with; kept on disk."""

    def __init__(self, part: Part) -> None:
        super().__init__(part.py_func, targetoptions=part.targetoptions)
        self._compiler = _EntryCompiler(part)
        self._cache = _Kept(part.py_func)

    def compile(self, signature: Any) -> Any:
        with haste():
            return super().compile(signature)


class _Kernel:
    """A kernel: for Python a function, for other kernels a part, which is compiled once. Unused it costs nothing."""

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._options = options
        self._calls: list[Callable[..., Any]] = []

    @cached_property
    def part(self) -> Any:
        return Part(self.py_func, **self._options)

    @cached_property
    def _entries(self) -> Any:
        return _Entries(self.part)

    @property
    def signatures(self) -> list[Any]:
        """The types it was compiled for."""
        return cast(list[Any], self._entries.signatures)

    def __call__(self, *args: Any) -> Any:
        for call in self._calls:  # each looks at its arguments itself, sooner than numba would have their types
            try:
                return call(*args)
            except TypeError:
                continue
        result = self._entries(*args)
        self._calls = [each.entry_point for each in self._entries.overloads.values()]
        return result


@typeof_impl.register(_Kernel)
def _type_of(kernel: _Kernel, context: Any) -> Any:
    """What a kernel is to another one."""
    return numba.types.Dispatcher(kernel.part)


COMPILED = not numba.config.DISABLE_JIT
"""whether kernels are compiled, and do not run as plain Python"""


def kernel(function: F) -> F:
    """Compile in nopython mode, keeping the signature for the type checker.

    Kernels take plain arrays and scalars and give arrays; they never raise: NaN, -1 or a status array says what is
    wrong. Results are the same on every run: no fast-math, no parallel reductions.

    Every kernel is translated once, whoever calls it; LLVM sees it only as part of what Python calls (ADR 0128).
    """
    return cast(F, _Kernel(function, **OPTIONS)) if COMPILED else function


def inlined(function: F) -> F:
    """As `kernel`, for what stands in the innermost loops: always copied into its callers.

    A call hands every array over by value, eight words or so each: with half a dozen arrays that takes longer than many
    a kernel works.
    """
    return cast(F, _Kernel(function, **OPTIONS, forceinline=True)) if COMPILED else function


@intrinsic
def _apart(typing: Any) -> Any:
    """Tell LLVM not to copy the function in which this stands into its callers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return numba.types.void(), generate


def _nothing() -> None:
    """What `apart` is when kernels run as plain Python."""


apart: Callable[[], None] = cast(Any, _apart) if COMPILED else _nothing
"""To be called first in a long kernel that others call: copies of it would take long to compile and gain nothing."""
