"""From numba's language to LLVM's, for loops over arrays of numbers (ADR 0152).

Elements are addressed without asking whether an index is below 0, and references are counted only where something is
allocated. What is written here is written into LLVM's language once for every place where it stands, and LLVM works for
as long as there is text.
"""

# mypy: disable-error-code="no-untyped-call,misc,import-untyped,method-assign,arg-type,attr-defined,var-annotated"

from __future__ import annotations

from typing import Any

from llvmlite import ir as llvm
from numba.core import analysis, cgutils, config, ir, types
from numba.core.lowering import Lower

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


class Lowering(Lower):
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
