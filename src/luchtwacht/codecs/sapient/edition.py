"""The edition of the standard that a node speaks. It says so once, in its registration, as `icd_version`."""

from __future__ import annotations

from enum import StrEnum


class Edition(StrEnum):
    """Editions that are read. The values are what `icd_version` says."""

    V1 = "BSI Flex 335 v1.0"
    """read leniently: most parts have the same numbers on the wire as in v2, what they hold is not promised"""
    V2 = "BSI Flex 335 v2.0"


def edition_of(icd_version: str) -> Edition | None:
    """The edition that `icd_version` names; None when it is neither."""
    try:
        return Edition(icd_version.strip())
    except ValueError:
        return None
