"""From a kernel's Python to what `_lowering` takes, by the shortest way that numba leaves open (ADR 0128).

numba is made for any Python. Kernels are loops over arrays of numbers, and this is what they need of it; what numba
gives ready-made (`np.empty`, `range`) is made into parts too.
"""

# mypy: disable-error-code="no-untyped-call,misc,import-untyped,method-assign,arg-type,attr-defined,var-annotated"

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import binding
from numba.core import errors, ir, types
from numba.core.base import BaseContext
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import FunctionPass, PassManager, register_pass
from numba.core.lowering import Lower
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import (
    AnnotateTypes,
    BaseNativeLowering,
    IRLegalization,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.typing.templates import _OverloadFunctionTemplate
from numba.core.untyped_passes import (
    DeadBranchPrune,
    FixupArgs,
    GenericRewrites,
    InlineClosureLikes,
    IRProcessing,
    LiteralUnroll,
    MakeFunctionToJitFunction,
    ReconstructSSA,
    RewriteSemanticConstants,
    TranslateByteCode,
)

from luchtwacht.kernels._lowering import Lowering

OPTIONS = {
    "nopython": True, "boundscheck": None, "fastmath": False, "error_model": "numpy", "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}  # fmt: skip


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
        calls = [each for each in state.calltypes if isinstance(each, ir.Expr) and each.op == "call"]
        made = [state.return_type, *(state.calltypes[call].return_type for call in calls)]
        if not any(_holds_array(each) for each in made):
            state.targetctx = state.targetctx.subtarget(enable_nrt=False)
        return False


def _holds_array(kind: Any) -> bool:
    return isinstance(kind, types.Array) or any(_holds_array(each) for each in getattr(kind, "types", ()))


@register_pass(mutates_CFG=True, analysis_only=False)
class _NativeLowering(BaseNativeLowering):
    """Lowering as in `_lowering`."""

    _name = "luchtwacht_lowering"  # type: ignore[assignment]

    @property
    def lowering_class(self) -> type[Lower]:
        return Lowering


class Draft(JITCodeLibrary):
    """Code that is only copied into other code: not optimised as a whole, and never made into machine code."""

    def _optimize_final_module(self) -> None:
        """Left to the code it is copied into."""

    def _finalize_final_module(self) -> None:
        self._finalized = True


class _PartCompiler(CompilerBase):
    """From Python to LLVM's language and no further, by the passes that plain loops over arrays need."""

    PASSES: tuple[Any, ...] = (
        TranslateByteCode, FixupArgs, IRProcessing, GenericRewrites, ReconstructSSA, NopythonTypeInference,
        _CountNoReferences, PreLowerStripPhis, IRLegalization, AnnotateTypes, _NativeLowering, NoPythonBackend,
    )  # fmt: skip

    def define_pipelines(self) -> list[PassManager]:
        self.state.library = Draft(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        self.state.flags.no_compile = True
        passes = PassManager("part")
        for each in self.PASSES:
            passes.add_pass(each, each.__name__)
        passes.finalize()
        return [passes]


class _GivenCompiler(_PartCompiler):
    """The same for what numba gives ready-made, which is written for any type: what does not concern one is cut out."""

    PASSES = (
        TranslateByteCode, FixupArgs, IRProcessing, RewriteSemanticConstants, DeadBranchPrune, InlineClosureLikes,
        MakeFunctionToJitFunction, GenericRewrites, LiteralUnroll, ReconstructSSA, NopythonTypeInference,
        PreLowerStripPhis, IRLegalization, AnnotateTypes, _NativeLowering, NoPythonBackend,
    )  # fmt: skip


class Part(CPUDispatcher):
    """A kernel as other kernels call it."""

    def __init__(self, function: Any, compiler: type[CompilerBase] = _PartCompiler, **options: Any) -> None:
        super().__init__(function, targetoptions=options, pipeline_class=compiler)
        self._plain = compiler is _PartCompiler

    def get_call_template(self, args: Any, kws: Any) -> Any:
        if self._plain:
            args = tuple(types.unliteral(each) for each in args)  # a 0 is no other type than an integer
        return super().get_call_template(args, kws)

    def add_overload(self, compiled: Any) -> None:
        key = object()  # instead of an address: that is how a caller finds it
        self.targetctx.insert_user_function(key, compiled.fndesc, [compiled.library])
        self.overloads[tuple(compiled.signature.args)] = compiled._replace(entry_point=key)


class EntryLibrary(JITCodeLibrary):
    """What Python calls. Kept as machine code and two names: nobody copies it into other code."""

    def serialize_using_object_code(self) -> tuple[str, str, tuple[bytes, bytes]]:
        machine_code = self._get_compiled_object()
        names = [each.name for each in self._final_module.global_variables if each.name.startswith("_ZN08NumbaEnv")]
        calls = [each.name for each in self.get_defined_functions() if each.name.startswith("_ZN7cpython")]
        text = [f'@"{name}" = global i8* null' for name in names]
        text += [f'define void @"{name}"() {{ ret void }}' for name in calls]
        return self.name, "object", (machine_code, binding.parse_assembly("\n".join(text)).as_bitcode())


def _given(self: Any) -> Any:
    """How a function that numba gives is compiled meanwhile."""

    def decorate(**options: Any) -> Any:
        plain = {name: value for name, value in options.items() if name in ("inline", "error_model", "forceinline")}
        return lambda function: Part(function, _GivenCompiler, **{**OPTIONS, **plain})

    return decorate


class _Plain:
    """Text as it is, where numba asks for it in colour."""

    def code(self, text: str) -> str:
        return text

    errmsg = filename = indicate = highlight = reset = code


def _listed(self: Any, value: Any) -> list[Any]:
    """The variables in a part of an instruction, in order."""
    found: list[Any] = []
    _list(value, found)
    return found


def _list(value: Any, found: list[Any]) -> None:
    kind = type(value)
    if kind is ir.Var:
        found.append(value)
    elif kind is dict:
        for each in value.values():
            if type(each) not in _NO_VARIABLES:
                _list(each, found)
    elif kind is list or kind is tuple:
        for each in value:
            _list(each, found)
    elif isinstance(value, ir.Inst):
        found += value.list_vars()


_NO_VARIABLES = (ir.Loc, str, int, bool, type(None))
"""most of what an instruction consists of"""


@contextmanager
def haste() -> Iterator[None]:
    """While kernels are compiled: what numba does over and over, once.

    The garbage collector rests: a compiler makes millions of objects that live until it ends. Registries are asked once
    for what is new in them. What an operator or a function gives for arguments of some types is worked out once: numba
    tries every definition of `*`, for sets and for strings, each time two numbers are multiplied. What it then says of
    those that did not fit, which nobody reads, is not coloured. Variables of an instruction are listed without a list
    for each of its parts.
    """
    work_out, decorator, refresh = (
        types.Function.get_call_type, _OverloadFunctionTemplate._get_jit_decorator, BaseContext.refresh,
    )  # fmt: skip
    refreshed: set[int] = set()

    def once(self: Any) -> None:
        if id(self) not in refreshed:
            refreshed.add(id(self))
            refresh(self)

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        if kws:
            return work_out(self, context, args, kws)
        known = self.__dict__.setdefault("_luchtwacht_known", {})
        args = tuple(args)
        if args not in known:
            known[args] = work_out(self, context, args, kws)
        return known[args]

    collecting, colours, listed = gc.isenabled(), errors._termcolor_inst, ir.Inst._rec_list_vars
    gc.disable()
    errors._termcolor_inst = _Plain()
    ir.Inst._rec_list_vars = _listed
    types.Function.get_call_type = get_call_type
    _OverloadFunctionTemplate._get_jit_decorator = _given
    BaseContext.refresh = once
    try:
        yield
    finally:
        types.Function.get_call_type = work_out
        _OverloadFunctionTemplate._get_jit_decorator = decorator
        BaseContext.refresh = refresh
        errors._termcolor_inst, ir.Inst._rec_list_vars = colours, listed
        if collecting:
            gc.enable()
