"""Where one look ends and the next begins."""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels._jit import Array, kernel


@kernel
def split(times: Array, ids: Array, sensors: Array, names: Array, spans: Array) -> Array:
    """Cut detections in order of (sensor, time, id) into looks.

    Args:
        times: (n,) ns.  ids: (n,).  sensors: (n,).  names: (n,) the sensor's own track numbers, -1 where it gave none.
        spans: (sensors,) ns, longest look of each sensor.

    Returns:
        (looks + 1,) where each look starts; none has the same name twice. Empty when they are in another order.
    """
    n = times.shape[0]
    for i in range(1, n):
        if sensors[i] != sensors[i - 1]:
            if sensors[i] < sensors[i - 1]:
                return np.empty(0, np.int64)
        elif times[i] < times[i - 1] or (times[i] == times[i - 1] and ids[i] < ids[i - 1]):
            return np.empty(0, np.int64)
    borders = np.empty(n + 1, np.int64)
    count = 0
    size = 16
    while size < 2 * n:
        size *= 2
    table = np.empty(size, np.int64)  # names met, by open addressing; `met` says in which look
    met = np.zeros(size, np.int64)
    first = 0
    for i in range(n):
        new = i == 0 or sensors[i] != sensors[first] or times[i] - times[first] > spans[sensors[i]]
        if names[i] >= 0:
            slot = (((names[i] ^ (names[i] >> 20)) & 0xFFFFF) * 40503) & (size - 1)
            stamp = count + 1 if new else count
            while met[slot] != 0 and table[slot] != names[i]:
                slot = (slot + 1) & (size - 1)
            if met[slot] == stamp:
                new = True
                stamp += 1
            table[slot] = names[i]
            met[slot] = stamp
        if new:
            borders[count] = i
            count += 1
            first = i
    borders[count] = n
    return borders[: count + 1]
