"""Retention: what is deleted from a record when it is old, what is held, and the trace that deletion leaves.

The leaf of everything that was ever recorded stays, and with it every proof; what is deleted is the content. Rules:

1. Nothing is deleted that is not on record as deleted first: a note with who, why and exactly what, committed and
   sealed before the first segment is touched.
2. A segment is written again beside the old one, checked against its seals, and put in its place in one step. After a
   crash it is the old one or the new one; applying again goes on where it stopped.
3. What a hold covers is not deleted. A hold counts from the moment it is on the disk, recorded or not yet.
4. Configuration, notes and ticks stay.
"""

from luchtwacht.journal.requests import Hold, Release, request
from luchtwacht.journal.retention.applying import Applied, apply_retention
from luchtwacht.journal.retention.holds import holds_in_force
from luchtwacht.journal.retention.plan import Plan, SegmentPlan, plan_retention

__all__ = [
    "Applied",
    "Hold",
    "Plan",
    "Release",
    "SegmentPlan",
    "apply_retention",
    "holds_in_force",
    "plan_retention",
    "request",
]
