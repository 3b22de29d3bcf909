"""What Python calls of a compiled kernel, and how arrays go in and come out (ADR 0153)."""

# mypy: disable-error-code="no-untyped-call,misc,import-untyped,method-assign,arg-type,attr-defined,var-annotated"

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from llvmlite import binding
from llvmlite import ir as llvm
from numba.core import cgutils, types
from numba.core.callwrapper import PyCallWrapper
from numba.np.numpy_support import as_dtype

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
