"""What ingest makes of frames."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from luchtwacht.model import Claims, Detections, Notice, Outgoing, Rejection, SensorReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """Everything that some frames held, in order of report id."""

    detections: Detections = field(default_factory=Detections.empty)
    claims: Claims = field(default_factory=Claims.empty)
    reports: tuple[SensorReport, ...] = ()
    """what sensors said of themselves"""
    rejections: tuple[Rejection, ...] = ()
    said: tuple[tuple[int, Notice | Outgoing], ...] = ()
    """`Frames.sequence`, and what follows from that frame at once: answers to its sender, and notices"""

    def without(self, sensors: frozenset[int]) -> Ingested:
        """The same as if these sensors (indexes into `Site.sensors`) had said nothing."""
        gone = sorted(sensors)
        return replace(
            self,
            detections=self.detections.take(~np.isin(self.detections.sensor, gone)),
            claims=self.claims.take(~np.isin(self.claims.sensor, gone)),
            reports=tuple(report for report in self.reports if report.sensor not in sensors),
        )

    @classmethod
    def join(cls, parts: list[Ingested]) -> Ingested:
        """Several as one, in order."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            detections=Detections.concatenate([part.detections for part in parts]),
            claims=Claims.concatenate([part.claims for part in parts]),
            reports=tuple(report for part in parts for report in part.reports),
            rejections=tuple(rejection for part in parts for rejection in part.rejections),
            said=tuple(each for part in parts for each in part.said),
        )
