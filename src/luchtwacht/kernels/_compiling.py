"""From a kernel's Python to LLVM's language, by the shortest way that numba leaves open (ADR 0128, 0152).

numba is made for any Python. Kernels are loops over arrays of numbers, and this is what they need of it: elements
addressed without asking whether an index is below 0, references counted only where something is allocated, and what
numba gives ready-made (`np.empty`, `range`) as parts too. What is written here is written into LLVM's language once
for every place where it stands, and LLVM works for as long as there is text.
"""

# mypy: disable-error-code="no-untyped-call,misc,import-untyped,method-assign,arg-type,attr-defined,var-annotated"

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import binding
from llvmlite import ir as llvm
from numba.core import analysis, cgutils, config, errors, ir, types
from numba.core.base import BaseContext
from numba.core.callwrapper import PyCallWrapper
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
from numba.np.numpy_support import as_dtype

OPTIONS = {
    "nopython": True, "boundscheck": None, "fastmath": False, "error_model": "numpy", "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}  # fmt: skip


CHECKED = bool(config.BOUNDSCHECK)
"""NUMBA_BOUNDSCHECK: whether an index outside an array raises IndexError, one below 0 too. To look for mistakes."""


class _Elements(tuple[Any, ...]):
    """The numbers of a tuple that is not made yet: most only say where in an array something stands."""


class _Builder(llvm.IRBuilder):
    """Takes nothing out of a value that was just put in: what is put together only to be handed on is never needed."""

    def extract_value(self, agg: Any, idx: Any, name: str = "") -> Any:
        wanted = list(idx) if isinstance(idx, (tuple, list)) else [idx]
        while wanted and isinstance(agg, llvm.InsertValue):
            put = agg.indices
            if put == wanted[: len(put)]:
                agg, wanted = agg.operands[1], wanted[len(put) :]
            elif wanted == put[: len(wanted)]:
                break
            else:
                agg = agg.operands[0]
        return super().extract_value(agg, wanted, name) if wanted else agg


IDLE = frozenset(("extractvalue", "insertvalue", "load", "getelementptr", "bitcast", "icmp", "xor", "or", "select"))
"""instructions without which nothing changes when nobody looks at what they give"""


def _leave_out_idle(function: Any) -> None:
    """Drop instructions whose value nobody uses."""
    wanted = [each for block in function.blocks for each in block.instructions if each.opname not in IDLE]
    used = set(map(id, wanted))
    while wanted:
        for each in wanted.pop().operands:
            if id(each) not in used:
                used.add(id(each))
                if isinstance(each, llvm.Instruction):
                    wanted.append(each)
    for block in function.blocks:
        block.instructions[:] = [each for each in block.instructions if id(each) in used]


class _Lowering(Lower):
    """From numba's language to LLVM's, shorter where kernels spend their lines: at elements of arrays.

    What is given a value once, before every use, needs no place in memory (`_held`); and what a caller lent is not
    counted.
    """

    def __init__(self, context: Any, library: Any, *rest: Any, **named: Any) -> None:
        super().__init__(context, library, *rest, **named)
        self._counted: dict[Any, bool] = {}

    def setup_function(self, fndesc: Any) -> None:
        super().setup_function(fndesc)
        self.builder.__class__ = _Builder
        self._once, self._lent = self._given_once()
        self._held: dict[str, Any] = {}

    def lower_normal_function(self, fndesc: Any) -> None:
        super().lower_normal_function(fndesc)
        _leave_out_idle(self.function)

    def _given_once(self) -> tuple[set[str], set[str]]:
        """Variables with one definition, above and before every use; and those of them that are arguments."""
        if self.func_ir.is_generator:
            return set(), set()
        uses, where, more, lent = analysis.compute_use_defs(self.blocks), {}, set(), set()
        for offset, block in self.blocks.items():
            for each in block.find_insts(ir.Assign):
                name = each.target.name
                if name in where:
                    more.add(name)
                where[name] = offset
                if isinstance(each.value, ir.Arg):
                    lent.add(name)
        above = analysis.compute_cfg_from_blocks(self.blocks).dominators()
        for offset, names in uses.usemap.items():
            for name in names:
                if name in where and (where[name] not in above[offset] or where[name] >= offset):
                    more.add(name)
        once = where.keys() - more - self._singly_assigned_vars
        return once, once & lent

    def _counts(self, typ: Any) -> bool:
        """Whether values of a type hold references to memory."""
        if typ not in self._counted:
            self._counted[typ] = self.context.enable_nrt and self.context.data_model_manager[typ].contains_nrt_meminfo()
        return self._counted[typ]

    def incref(self, typ: Any, val: Any) -> None:
        if self._counts(typ):
            super().incref(typ, val)

    def decref(self, typ: Any, val: Any) -> None:
        if self._counts(typ):
            super().decref(typ, val)

    def loadvar(self, name: str) -> Any:
        value = self._held[name] if name in self._held else super().loadvar(name)
        if isinstance(value, _Elements):
            typ = self.typeof(name)
            cast = [self.context.cast(self.builder, v, of, to) for (v, of), to in zip(value, typ, strict=True)]
            value = self._blk_local_varmap[name] = self.context.make_tuple(self.builder, typ, cast)
        return value

    def _alloca_var(self, name: str, fetype: Any) -> None:
        if name in self._lent or (name in self._once and not self._counts(fetype)):
            return
        super()._alloca_var(name, fetype)

    def delvar(self, name: str) -> None:
        if name in self._lent or isinstance(self._blk_local_varmap.get(name), _Elements):
            return
        typ = self.typeof(name)
        if name in self._blk_local_varmap:
            self.decref(typ, self._blk_local_varmap[name])
        elif self._counts(typ):
            super().delvar(name)
        elif name in self._singly_assigned_vars:
            self._singly_assigned_vars.discard(name)

    def storevar(self, value: Any, name: str, argidx: int | None = None) -> None:
        typ = self.typeof(name)
        if name in self._singly_assigned_vars:
            self._blk_local_varmap[name] = value
            return
        if self._counts(typ) and name not in self._lent:
            super().storevar(value, name, argidx)
        elif name not in self._once:
            self._alloca_var(name, typ)
            self.builder.store(value, self.getvar(name))
        if name in self._once:
            self._held[name] = self._apart(typ, value)

    def _apart(self, typ: Any, value: Any) -> Any:
        """An array taken to pieces here, so that no later use has to."""
        if not isinstance(typ, types.Array) or isinstance(value, llvm.InsertValue):
            return value
        pieces = llvm.Constant(value.type, llvm.Undefined)
        for k, each in enumerate(value.type.elements):
            if isinstance(each, llvm.ArrayType):
                for axis in range(each.count):
                    piece = self.builder.extract_value(value, [k, axis])
                    pieces = self.builder.insert_value(pieces, piece, [k, axis])
            else:
                pieces = self.builder.insert_value(pieces, self.builder.extract_value(value, k), k)
        return pieces

    def lower_assign(self, ty: Any, inst: Any) -> Any:
        value = inst.value
        if inst.target.name in self._lent and not isinstance(self.typeof("arg." + value.name), types.Omitted):
            return self.context.cast(self.builder, self.fnargs[value.index], self.typeof("arg." + value.name), ty)
        if (
            isinstance(value, ir.Expr)
            and value.op == "build_tuple"
            and inst.target.name in self._singly_assigned_vars
            and all(isinstance(self.typeof(each.name), types.Integer) for each in value.items)
        ):
            return _Elements((self.loadvar(each.name), self.typeof(each.name)) for each in value.items)
        return super().lower_assign(ty, inst)

    def lower_expr(self, resty: Any, expr: Any) -> Any:
        if expr.op in ("getitem", "static_getitem"):
            index = expr.index if expr.op == "getitem" else expr.index_var
            place = None if index is None else self._place(expr.value, index)
            if place is not None:
                array = self.typeof(expr.value.name)
                value = self.context.unpack_value(self.builder, array.dtype, place)
                return self.context.cast(self.builder, value, array.dtype, resty)
        return super().lower_expr(resty, expr)

    def lower_inst(self, inst: Any) -> Any:
        if isinstance(inst, (ir.SetItem, ir.StaticSetItem)):
            place = self._place(inst.target, inst.index if isinstance(inst, ir.SetItem) else inst.index_var)
            if place is not None:
                wanted, to = self.fndesc.calltypes[inst].args[2], self.typeof(inst.target.name).dtype
                value = self.loadvar(inst.value.name)
                value = self.context.cast(self.builder, value, self.typeof(inst.value.name), wanted)
                self.context.pack_value(self.builder, to, self.context.cast(self.builder, value, wanted, to), place)
                return None
        return super().lower_inst(inst)

    def _place(self, array: Any, index: Any) -> Any:
        """Where an element stands; None when this is no single number of a plain array."""
        typ, at = self.typeof(array.name), self.typeof(index.name)
        if not (isinstance(typ, types.Array) and typ.aligned and isinstance(typ.dtype, (types.Number, types.Boolean))):
            return None
        kinds = tuple(at) if isinstance(at, types.BaseTuple) else (at,)
        if len(kinds) != typ.ndim or typ.layout == "F" or not all(isinstance(each, types.Integer) for each in kinds):
            return None
        builder, members = self.builder, self.context.data_model_manager[typ]
        known = self._blk_local_varmap.get(index.name)
        if isinstance(known, _Elements):
            values, kinds = tuple(value for value, _ in known), tuple(kind for _, kind in known)
        elif isinstance(at, types.BaseTuple):
            whole = self.loadvar(index.name)
            values = tuple(builder.extract_value(whole, k) for k in range(typ.ndim))
        else:
            values = (self.loadvar(index.name),)
        whole = self.loadvar(array.name)
        data = builder.extract_value(whole, members.get_field_position("data"))
        shape, strides = (
            [builder.extract_value(whole, [members.get_field_position(name), k]) for k in range(typ.ndim)]
            for name in ("shape", "strides")
        )
        steps = []
        for value, kind, length in zip(values, kinds, shape, strict=True):
            step = self.context.cast(builder, value, kind, types.intp)
            if isinstance(step, llvm.Constant) and step.constant < 0:
                step = builder.add(step, length)
            if CHECKED:
                with cgutils.if_unlikely(builder, builder.icmp_unsigned(">=", step, length)):
                    self.call_conv.return_user_exc(builder, IndexError, ("index is out of bounds",), self.loc)
            steps.append(step)
        if typ.layout == "C":
            at = steps[0]
            for step, length in zip(steps[1:], shape[1:], strict=True):
                at = builder.add(builder.mul(at, length), step)
            return builder.gep(data, [at], inbounds=True)
        at = builder.mul(steps[0], strides[0])
        for step, stride in zip(steps[1:], strides[1:], strict=True):
            at = builder.add(at, builder.mul(step, stride))
        octets = builder.bitcast(data, cgutils.voidptr_t)
        return builder.bitcast(builder.gep(octets, [at]), data.type)


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
    """Lowering as above."""

    _name = "luchtwacht_lowering"  # type: ignore[assignment]

    @property
    def lowering_class(self) -> type[Lower]:
        return _Lowering


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


ARRAY_DATA, ARRAY_NDIM, ARRAY_SHAPE, ARRAY_STRIDES, ARRAY_DTYPE, ARRAY_FLAGS = 16, 24, 32, 40, 56, 64
DTYPE_ORDER, DTYPE_NUMBER = 26, 28
"""octets from the start of `PyArrayObject_fields` and `PyArray_Descr` (numpy/ndarraytypes.h, part of its binary
interface) on a machine of 64 bits"""
CONTIGUOUS, FORTRAN, WRITEABLE = 0x1, 0x2, 0x400
OTHER = "a kernel that was compiled for other arguments"
LENT = "a kernel gives back arrays that it made, not those that it was given"

for _name, _value in (
    ("ndarray", np.ndarray), ("true", True), ("false", False), ("numpy_true", np.True_), ("numpy_false", np.False_),
):  # fmt: skip
    binding.add_symbol(f"luchtwacht_{_name}", id(_value))


class Wrapper(PyCallWrapper):
    """What Python calls: looks at what it is given, and hands numbers and arrays on as they stand in memory.

    numba asks Python for the type of every argument and then, for every array, makes an owner that counts. Here an
    argument of another type than was compiled for is a TypeError, and arrays are lent for the time of the call.
    """

    def build_wrapper(self, api: Any, builder: Any, closure: Any, args: Any, kws: Any) -> None:
        self._api, self._builder = api, builder
        self._other = builder.append_basic_block("other")
        self._failed = builder.append_basic_block("failed")
        with builder.goto_block(self._other):
            api.err_set_string("PyExc_TypeError", OTHER)
            builder.branch(self._failed)
        with builder.goto_block(self._failed):
            builder.ret(api.get_null_object())
        kinds = self.fndesc.argtypes
        self._insist(builder.icmp_signed("==", api.tuple_size(args), api.py_ssize_t(len(kinds))))
        values = [self._value(kind, api.tuple_getitem(args, k)) for k, kind in enumerate(kinds)]
        owner = self.get_env(api, builder)
        status, result = self.context.call_conv.call_function(
            builder, self.func, self.fndesc.restype, kinds, values, attrs=("noinline",)
        )
        with builder.if_then(status.is_ok, likely=True):
            with builder.if_then(status.is_none):
                api.return_none()
            self._insist_on_own(self.fndesc.restype, result)
            builder.ret(api.from_native_return(self._simplified_return_type(), result, owner))
        self.context.call_conv.raise_error(builder, api, status)
        builder.branch(self._failed)

    def _insist(self, fine: Any, otherwise: Any = None) -> None:
        """Go on, or give up."""
        following = self._builder.append_basic_block("fine")
        self._builder.cbranch(fine, following, otherwise or self._other)
        self._builder.position_at_end(following)

    def _at(self, base: Any, offset: int, kind: Any) -> Any:
        """What stands so many octets after an address."""
        builder = self._builder
        octets = builder.bitcast(base, cgutils.voidptr_t)
        place = builder.gep(octets, [llvm.IntType(64)(offset)])
        return builder.load(builder.bitcast(place, kind.as_pointer()))

    def _is(self, value: Any, name: str) -> Any:
        """Whether this is that object of Python's."""
        known = self.context.get_c_value(self._builder, value.type.pointee, f"luchtwacht_{name}", dllimport=True)
        return self._builder.icmp_unsigned("==", value, known)

    def _value(self, kind: Any, given: Any) -> Any:
        """An argument as kernels take it."""
        api, builder = self._api, self._builder
        if isinstance(kind, types.Array):
            return self._array(kind, given)
        if kind == types.float64:
            value = api.float_as_double(given)
            self._insist_on_no_error(builder.fcmp_unordered("==", value, value.type(-1.0)))
            return value
        if isinstance(kind, types.Integer):
            whole = builder.call(
                api._get_function(llvm.FunctionType(api.pyobj, [api.pyobj]), "PyNumber_Index"), [given]
            )  # not of 1.5
            self._insist(cgutils.is_not_null(builder, whole), self._failed)
            value = api.long_as_longlong(whole)
            api.decref(whole)
            self._insist_on_no_error(builder.icmp_signed("==", value, value.type(-1)))
            if kind.bitwidth == 64:
                return value
            short = builder.trunc(value, llvm.IntType(kind.bitwidth))
            again = (builder.sext if kind.signed else builder.zext)(short, value.type)
            self._insist(builder.icmp_signed("==", again, value))
            return short
        if kind == types.boolean:
            yes, no = (
                builder.or_(self._is(given, one), self._is(given, other))
                for one, other in (("true", "numpy_true"), ("false", "numpy_false"))
            )
            self._insist(builder.or_(yes, no))
            return yes
        raise NotImplementedError(f"a kernel that Python calls takes arrays, int, float and bool, not {kind}")

    def _insist_on_no_error(self, suspicious: Any) -> None:
        """Where a number may stand for an error, ask whether there is one."""
        builder = self._builder
        asked, fine = builder.append_basic_block("asked"), builder.append_basic_block("fine")
        builder.cbranch(suspicious, asked, fine)
        builder.position_at_end(asked)
        builder.cbranch(cgutils.is_null(builder, self._api.err_occurred()), fine, self._failed)
        builder.position_at_end(fine)

    def _array(self, kind: Any, given: Any) -> Any:
        """The array, when it is one of this type, without a reference."""
        builder, word, short = self._builder, llvm.IntType(64), llvm.IntType(32)
        self._insist(self._is(self._at(given, 8, self._api.pyobj), "ndarray"))
        dtype = self._at(given, ARRAY_DTYPE, self._api.pyobj)
        flags = self._at(given, ARRAY_FLAGS, short)
        wanted = {"C": CONTIGUOUS, "F": FORTRAN, "A": 0}[kind.layout]
        wanted |= WRITEABLE if kind.mutable else 0
        looked = wanted | WRITEABLE  # an array that may be written is another type than one that may not
        order, number = self._at(dtype, DTYPE_ORDER, llvm.IntType(8)), self._at(dtype, DTYPE_NUMBER, short)
        native = builder.icmp_unsigned("!=", order, order.type(ord(">" if sys.byteorder == "little" else "<")))
        element = np.dtype(str(kind.dtype) if kind.dtype != types.boolean else "bool")
        alike = [builder.icmp_signed("==", number, short(each)) for each in _numbers(element)]
        same = alike[0]
        for each in alike[1:]:
            same = builder.or_(same, each)
        for each in (
            builder.icmp_signed("==", self._at(given, ARRAY_NDIM, short), short(kind.ndim)),
            builder.icmp_signed("==", builder.and_(flags, short(looked)), short(wanted)),
            native,
        ):
            same = builder.and_(same, each)
        self._insist(same)
        value = llvm.Constant(self.context.get_value_type(kind), None)
        members = self.context.data_model_manager[kind]
        shape, strides = (self._at(given, at, word.as_pointer()) for at in (ARRAY_SHAPE, ARRAY_STRIDES))
        count = word(1)
        for k in range(kind.ndim):
            length = builder.load(builder.gep(shape, [word(k)]))
            count = builder.mul(count, length)
            value = builder.insert_value(value, length, [members.get_field_position("shape"), k])
            stride = builder.load(builder.gep(strides, [word(k)]))
            value = builder.insert_value(value, stride, [members.get_field_position("strides"), k])
        value = builder.insert_value(value, count, members.get_field_position("nitems"))
        value = builder.insert_value(value, word(element.itemsize), members.get_field_position("itemsize"))
        data = self._at(given, ARRAY_DATA, value.type.elements[members.get_field_position("data")])
        return builder.insert_value(value, data, members.get_field_position("data"))

    def _insist_on_own(self, kind: Any, value: Any) -> None:
        """Whether memory that is given back has an owner."""
        if isinstance(kind, types.Array):
            builder = self._builder
            owner = builder.extract_value(value, self.context.data_model_manager[kind].get_field_position("meminfo"))
            lent = builder.append_basic_block("lent")
            with builder.goto_block(lent):
                self._api.err_set_string("PyExc_AssertionError", LENT)
                builder.branch(self._failed)
            self._insist(cgutils.is_not_null(builder, owner), lent)
        elif isinstance(kind, types.BaseTuple):
            for k, each in enumerate(kind):
                self._insist_on_own(each, self._builder.extract_value(value, k))


def _numbers(element: Any) -> list[int]:
    """Numpy's numbers of the types that are this one: C has two names for 64 bits."""
    return sorted({np.dtype(each).num for each in np.typecodes["All"] if np.dtype(each) == element})


def create_wrapper(context: Any, library: Any, described: Any, environment: Any, helper: Any) -> None:
    """Write what Python calls into the library."""
    hand_out_arrays()
    module = context.create_module("wrapper")
    kind = context.call_conv.get_function_type(described.restype, described.argtypes)
    callee = llvm.Function(module, kind, described.llvm_func_name)
    Wrapper(context, module, callee, described, environment, helper, False).build()
    library.add_ir_module(module)


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


def hand_out_arrays() -> None:
    """Let arrays that kernels return be handed to Python without unpickling numpy's class for each of them, anew."""
    from numba.core import boxing  # noqa: F401  # numba's own ways are written down when this is read
    from numba.core.pythonapi import _boxers

    _boxers.functions[types.Array] = _box_array


def _box_array(kind: Any, value: Any, c: Any) -> Any:
    """As `numba.core.boxing.box_array`, with the class among the constants as the type of its numbers is."""
    constants = as_dtype(kind.dtype), np.ndarray
    dtype, made = (c.env_manager.read_const(c.env_manager.add_const(each)) for each in constants)
    word, anything, place = llvm.IntType(32), c.pyapi.pyobj, c.pyapi.voidptr
    adapt = c.pyapi._get_function(
        llvm.FunctionType(anything, [place, anything, word, word, anything]), name="NRT_adapt_ndarray_to_python_acqref"
    )
    at = c.builder.bitcast(cgutils.alloca_once_value(c.builder, value), place)
    array = c.builder.call(adapt, [at, made, word(kind.ndim), word(int(kind.mutable)), dtype])
    c.context.nrt.decref(c.builder, kind, value)  # it is the array's now
    return array
