"""What deserves an alert: the conditions that hold in one step.

| rule | holds when | severity |
|---|---|---|
| zone intrusion | P(inside) >= `inside`, P(uas) >= `uas`, P(permitted) < `permitted` | critical |
| zone approach | P(entry) >= `entry`, likewise, and no intrusion | warning |
| contradicted claim | the identity's claim is contradicted | notice |

The thresholds are those of `AlertingSettings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from luchtwacht.model import (
    AlertingSettings,
    AlertKind,
    ClaimVerdict,
    Findings,
    Identities,
    Severity,
    Tracks,
)
from luchtwacht.model.category import UAS_CATEGORIES

SEVERITY = {
    AlertKind.ZONE_INTRUSION: Severity.CRITICAL,
    AlertKind.ZONE_APPROACH: Severity.WARNING,
    AlertKind.CONTRADICTED_CLAIM: Severity.NOTICE,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule that holds for a track now."""

    kind: AlertKind
    track: int
    zone: str
    """"" when no zone is concerned"""
    probability_inside: float
    probability_entry: float
    probability_uas: float
    probability_permitted: float
    distance: float
    """m; NaN without a zone"""
    time_to_entry: float
    """s; NaN when it does not enter"""

    @property
    def concerns_zone(self) -> bool:
        """An approach and the intrusion it becomes are one event; a false claim is another."""
        return self.kind is not AlertKind.CONTRADICTED_CLAIM


def conditions(
    settings: AlertingSettings, tracks: Tracks, identities: Identities, findings: Findings
) -> list[Condition]:
    """Every rule that holds, in order of track, then zone, then claims.

    Args:
        tracks: those that live; findings and identities of others are left out.
    """
    live = set(tracks.track.tolist())
    banned = (findings.probability_uas >= settings.uas) & (findings.probability_permitted < settings.permitted)
    inside = banned & (findings.probability_inside >= settings.inside)
    entering = banned & (findings.probability_entry >= settings.entry)
    found = [
        Condition(
            kind=AlertKind.ZONE_INTRUSION if inside[row] else AlertKind.ZONE_APPROACH,
            track=int(findings.track[row]),
            zone=str(findings.zone[row]),
            probability_inside=float(findings.probability_inside[row]),
            probability_entry=float(findings.probability_entry[row]),
            probability_uas=float(findings.probability_uas[row]),
            probability_permitted=float(findings.probability_permitted[row]),
            distance=float(findings.distance[row]),
            time_to_entry=float(findings.time_to_entry[row]),
        )
        for row in np.flatnonzero(inside | entering).tolist()
        if int(findings.track[row]) in live
    ]
    found += [
        Condition(
            kind=AlertKind.CONTRADICTED_CLAIM,
            track=int(identities.track[row]),
            zone="",
            probability_inside=0.0,
            probability_entry=0.0,
            probability_uas=float(identities.category_probability[row, list(UAS_CATEGORIES)].sum()),
            probability_permitted=0.0,
            distance=nan,
            time_to_entry=nan,
        )
        for row in np.flatnonzero(identities.claim_verdict == ClaimVerdict.CONTRADICTED).tolist()
        if int(identities.track[row]) in live
    ]
    return sorted(found, key=lambda each: (each.track, not each.concerns_zone, each.zone))
