"""The one place that names numba."""

from __future__ import annotations

import gc
import hashlib
import operator
import os
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import FunctionPass, PassManager, register_pass
from numba.core.dispatcher import _FunctionCompiler  # type: ignore[attr-defined]
from numba.core.ir import Expr
from numba.core.lowering import Environment  # type: ignore[attr-defined]
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import (
    AnnotateTypes,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import FixupArgs, GenericRewrites, IRProcessing, ReconstructSSA, TranslateByteCode
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


class _Draft(JITCodeLibrary):
    """Code that is only copied into other code: not optimised as a whole, and never made into machine code."""

    def _optimize_final_module(self) -> None:
        """Left to the code it is copied into."""

    def _finalize_final_module(self) -> None:
        self._finalized = True


@register_pass(mutates_CFG=False, analysis_only=True)
class _CountNoReferences(FunctionPass):
    """Where nothing is allocated, nothing can be freed: no references to arrays are counted.

    Counting is an atomic addition for every array handed to a function that is copied into another, and one more when
    it ends: in loops over pairs that took as long as the work.
    """

    _name = "luchtwacht_count_no_references"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        calls = [each for each in state.calltypes if isinstance(each, Expr) and each.op == "call"]
        made = [state.return_type, *(state.calltypes[call].return_type for call in calls)]
        if not any(_holds_array(each) for each in made):
            state.targetctx = state.targetctx.subtarget(enable_nrt=False)
        return False


def _holds_array(kind: Any) -> bool:
    return isinstance(kind, numba.types.Array) or any(_holds_array(each) for each in getattr(kind, "types", ()))


class _PartCompiler(CompilerBase):
    """From Python to LLVM's language and no further, by the passes that plain loops over arrays need."""

    PASSES = (
        TranslateByteCode, FixupArgs, IRProcessing, GenericRewrites, ReconstructSSA, NopythonTypeInference,
        _CountNoReferences, PreLowerStripPhis, IRLegalization, AnnotateTypes, NativeLowering, NoPythonBackend,
    )  # fmt: skip

    def define_pipelines(self) -> list[PassManager]:
        self.state.library = _Draft(  # type: ignore[no-untyped-call]
            self.state.targetctx.codegen(), self.state.func_id.func_qualname
        )
        self.state.flags.no_compile = True
        passes = PassManager("part")
        for each in self.PASSES:
            passes.add_pass(each, each.__name__)
        passes.finalize()
        return [passes]


class _Part(CPUDispatcher):
    """A kernel as other kernels call it."""

    def add_overload(self, compiled: Any) -> None:
        key = object()  # instead of an address: that is how a caller finds it
        self.targetctx.insert_user_function(key, compiled.fndesc, [compiled.library])
        self.overloads[tuple(compiled.signature.args)] = compiled._replace(entry_point=key)


class _EntryCompiler(_FunctionCompiler):  # type: ignore[misc]
    """From a part, and the parts it calls, to machine code that Python can call."""

    def __init__(self, part: _Part) -> None:
        super().__init__(part.py_func, part.targetdescr, part.targetoptions, {}, _PartCompiler)
        self._part = part

    def _compile_core(self, args: Any, return_type: Any) -> Any:
        self._part.compile(args)
        part: Any = self._part.overloads[tuple(args)]
        context = part.target_context
        library = context.codegen().create_library(part.fndesc.qualname)
        library.enable_object_caching()
        library.add_linking_library(part.library)
        described = copy(part.fndesc)
        described.env_name += "$entry"  # what Python's side looks up is its own, however many entries hold this part
        environment = Environment.from_fndesc(described)
        context.create_cpython_wrapper(library, described, environment, part.call_helper)
        entry = context.get_executable(library, described, environment)
        return part._replace(library=library, fndesc=described, environment=environment, entry_point=entry, metadata={})


class _Kernel(CPUDispatcher):
    """A kernel as Python calls it, kept on disk; for other kernels it is a part, which is compiled once."""

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        super().__init__(function, targetoptions=options)
        self._part = _Part(function, targetoptions=options, pipeline_class=_PartCompiler)
        self._compiler = _EntryCompiler(self._part)
        self.enable_caching()

    def compile(self, signature: Any) -> Any:
        collecting = gc.isenabled()
        gc.disable()  # a compiler makes millions of objects that live until it ends: looking for garbage is a fifth
        try:
            return super().compile(signature)
        finally:
            if collecting:
                gc.enable()

    def get_call_template(self, args: Any, kws: Any) -> Any:
        plain = tuple(numba.types.unliteral(each) for each in args)  # a 0 is no other type than an integer
        return self._part.get_call_template(plain, kws)

    def get_overload(self, signature: Any) -> Any:
        return self._part.get_overload(signature)


def _remember_operators() -> None:
    """Let numba work out once, not at every place where it stands, what an operator gives for operands of some types.

    It tries every definition of `*` there is, for sets and for strings, each time two numbers are multiplied.
    """
    operators = {each for each in vars(operator).values() if callable(each)}
    work_out = numba.types.Function.get_call_type

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        if kws or self.typing_key not in operators:
            return work_out(self, context, args, kws)
        known = self.__dict__.setdefault("_luchtwacht_known", {})
        args = tuple(args)
        if args not in known:
            known[args] = work_out(self, context, args, kws)
        return known[args]

    numba.types.Function.get_call_type = get_call_type  # type: ignore[method-assign]


_remember_operators()
COMPILED = not numba.config.DISABLE_JIT  # type: ignore[attr-defined]
"""whether kernels are compiled, and do not run as plain Python"""
OPTIONS = {
    "nopython": True, "boundscheck": None, "fastmath": False, "error_model": "numpy", "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}  # fmt: skip


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
