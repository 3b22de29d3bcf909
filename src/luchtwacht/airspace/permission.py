"""Whether a track's presence in a zone is permitted.

| restriction | permitted |
|---|---|
| NO_RESTRICTION | always: the zone only informs |
| CONDITIONAL | always: flying is allowed under conditions that a watch cannot check; a finding says where it is |
| REQ_AUTHORISATION, PROHIBITED | as probable as that it flies under an authorisation that names this zone |
"""

from __future__ import annotations

from luchtwacht.errors import BadCommand
from luchtwacht.model import Authorisation, Identities, Restriction, Site, Zone

UNBANNED = (Restriction.NO_RESTRICTION, Restriction.CONDITIONAL)


class Permissions:
    """Which authorisation names which zones."""

    def __init__(self, site: Site) -> None:
        self._zones = {each.id: frozenset(each.zones) for each in site.authorisations}

    def state(self) -> dict[str, list[str]]:
        """By authorisation, the zones it names."""
        return {name: sorted(zones) for name, zones in sorted(self._zones.items())}

    def restore(self, state: dict[str, list[str]]) -> None:
        """Go on from what `state` gave."""
        self._zones = {name: frozenset(zones) for name, zones in state.items()}

    def put(self, authorisation: Authorisation) -> None:
        """Add an authorisation, or replace the one of the same id."""
        self._zones[authorisation.id] = frozenset(authorisation.zones)

    def withdraw(self, authorisation_id: str) -> None:
        """Forget an authorisation.

        Raises:
            BadCommand: there is none of that id.
        """
        if authorisation_id not in self._zones:
            raise BadCommand(f"there is no authorisation {authorisation_id!r}")
        del self._zones[authorisation_id]

    def weigh(self, zone: Zone, identities: Identities, row: int) -> tuple[float, str]:
        """Probability that the track of `identities[row]` may be in `zone`, and the authorisation weighed, or "".

        Only an authorisation that the identity names, as the best or the runner-up, is weighed.
        """
        if zone.restriction in UNBANNED:
            return 1.0, ""
        best, under = 0.0, ""
        if row < 0:
            return best, under
        for name, probability in (
            (str(identities.authorisation[row]), float(identities.authorisation_probability[row])),
            (
                str(identities.authorisation_runner_up[row]),
                float(identities.authorisation_runner_up_probability[row]),
            ),
        ):
            if name and zone.id in self._zones.get(name, ()) and probability > best:
                best, under = probability, name
        return best, under
