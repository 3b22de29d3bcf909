"""Everything that may be an object: a struct of arrays that grows, and shrinks again in order."""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels import layout as c
from luchtwacht.kernels._jit import Array
from luchtwacht.kernels.opinions import columns
from luchtwacht.model import Bools, Bytes, Ints
from luchtwacht.tracking.state import Rows, Singles, copied


class Bernoullis:
    """Rows as `kernels.layout` says; the first `n` are in use, in the order in which they were born."""

    def __init__(self, modes: int, sensors: int, reals: int = c.REALS) -> None:
        self.n = 0
        self.modes = modes
        self.sensors = sensors
        self.state: Singles = np.zeros((0, c.ROW), np.float32)
        self.real: Singles = np.zeros((0, reals), np.float32)
        self.whole: Ints = np.zeros((0, c.WHOLES), np.int64)
        self.looks: Ints = np.zeros((0, columns(sensors)), np.int64)

    def make_room(self, more: int) -> None:
        """Let `more` rows be appended."""
        held = len(self.real)
        if self.n + more <= held:
            return
        rows = max(2 * held, self.n + more, 64)
        self.state = _grown(self.state, rows * self.modes)
        self.real, self.whole, self.looks = (_grown(each, rows) for each in (self.real, self.whole, self.looks))

    def rows(self) -> Rows:
        """A copy of what is in use."""
        return Rows(
            state=copied(self.state[: self.n * self.modes]),
            real=copied(self.real[: self.n]),
            whole=copied(self.whole[: self.n]),
            looks=copied(self.looks[: self.n]),
        )

    def restore(self, rows: Rows) -> None:
        """Hold these and no others; they are copied."""
        self._hold(rows.state.copy(), rows.real.copy(), rows.whole.copy(), rows.looks.copy())

    def _hold(self, state: Singles, real: Singles, whole: Ints, looks: Ints) -> None:
        self.n, self.state, self.real, self.whole, self.looks = len(real), state, real, whole, looks

    def drop(self, gone: Bools) -> None:
        """Forget rows; `gone` is (n,)."""
        stays = np.flatnonzero(~gone)
        of_modes = (stays[:, None] * self.modes + np.arange(self.modes)).ravel()
        self._hold(self.state[of_modes], self.real[stays], self.whole[stays], self.looks[stays])

    @property
    def existence(self) -> Singles:
        return self.real[: self.n, c.EXISTENCE]

    def column(self, at: int) -> Ints:
        """(n,) view of a column of `whole`."""
        return self.whole[: self.n, at]

    @property
    def status(self) -> Bytes:
        return self.whole[: self.n, c.STATUS].astype(np.int8)


def _grown(array: Array, rows: int) -> Array:
    """`array` with room for `rows` rows; the new ones are zero."""
    grown = np.zeros((rows, array.shape[1]), array.dtype)
    grown[: len(array)] = array
    return grown
