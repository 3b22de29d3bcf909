"""Exit codes, the same for every command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the shell is told."""

    FINE = 0
    NO = 1
    """the question was answered with no: a replay differs, a check failed"""
    USAGE = 2
    """the command line is wrong"""
    BAD_INPUT = 3
    """a site, mapping, recording or scenario is wrong"""
    RECORD = 4
    """the journal cannot record, or cannot be read"""
    INTERRUPTED = 130
