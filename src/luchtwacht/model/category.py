"""What kind of thing flies."""

from __future__ import annotations

from enum import IntEnum


class Category(IntEnum):
    """The classes a track is told apart into; the index into every `category_probability` column."""

    MULTIROTOR = 0
    FIXED_WING_DRONE = 1
    BIRD = 2
    CREWED_AIRCRAFT = 3
    OTHER = 4


UAS_CATEGORIES = (Category.MULTIROTOR, Category.FIXED_WING_DRONE)
"""The categories to which zones for unmanned aircraft apply (EU 2019/947, article 15)."""
