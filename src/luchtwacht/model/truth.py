"""Truth: where things really were, as a simulator knows it or a GPS logger on the aircraft wrote it down."""

from __future__ import annotations

from dataclasses import dataclass

from luchtwacht.model.batch import Batch, Bytes, Floats, Ints, Words, column


@dataclass(frozen=True, kw_only=True, eq=False)
class Truth(Batch):
    """One known state of one object a row, in order of time within each object. Never an input of the pipeline."""

    object: Words = column("U40")
    """(n,) name of the object"""
    time_ns: Ints = column("i8")
    """(n,) ns UTC"""
    category: Bytes = column("i1")
    """(n,) `Category`"""
    permitted: Bytes = column("i1")
    """(n,) 1 flies with permission, 0 without, -1 not known"""
    position: Floats = column("f8", 3)
    """(n, 3) east, north, up (m), site's frame"""
    velocity: Floats = column("f8", 3)
    """(n, 3) east, north, up (m/s), site's frame; NaN where not known"""
