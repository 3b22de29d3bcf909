"""Whose claims a track's are, what it is, and what it may do.

`Correlator` is the stage. Claims are gathered into stories (`story.py`), weighed against tracks (`correlation.py`) and
held against what sensors should have seen (`verdict.py`, `coverage.py`); what nobody measured becomes a track of its
own (`claimed.py`). Then category (`classification.py`) and permission (`authorisation.py`).

`Hindsight` is the same evidence on what can change no more, for those who learn from it.
"""

from luchtwacht.identity.correlator import Correlator, CorrelatorState
from luchtwacht.identity.hindsight import Hindsight, HindsightState

__all__ = ["Correlator", "CorrelatorState", "Hindsight", "HindsightState"]
