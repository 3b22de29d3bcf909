"""Modules are loaded and a watch is put together without looking for garbage meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """What is made inside stays until the end of the process.

    Going through it all again and again would take an eighth of the time to the first alert, and later, in the middle
    of the watch, several times as long as a step; so it is left out of collections for good.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
