"""Where aircraft are by their squitters alone: an even and an odd message within ten seconds give a place, and that
place the next ones (DO-260B 2.2.10.3.1). Messages on the ground need the receiver's place, and give none here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from luchtwacht.codecs.adsb.cpr import global_position, local_position
from luchtwacht.codecs.adsb.mode_s import AirbornePosition

PAIR_S = 10.0
NEAR_S = 60.0
"""a place this old still says where the next is near"""
_MOST_AIRCRAFT = 20_000


@dataclass(slots=True)
class _Heard:
    halves: dict[bool, tuple[float, tuple[int, int]]] = field(default_factory=dict)
    place: tuple[float, float, float] | None = None
    """when (s), latitude, longitude"""


class Pairing:
    """Places of the aircraft that one receiver heard."""

    def __init__(self) -> None:
        self._by: dict[str, _Heard] = {}

    def take(self, address: str, said: AirbornePosition, time_s: float) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, at `time_s` of the receiver's clock; none where it cannot be told yet."""
        heard = self._by.pop(address, None) or _Heard()
        self._by[address] = heard
        if len(self._by) > _MOST_AIRCRAFT:
            del self._by[next(iter(self._by))]
        heard.halves[said.odd] = time_s, said.bits
        place = self._place(heard, said, time_s)
        if place is not None:
            heard.place = time_s, *place
        return place

    @staticmethod
    def _place(heard: _Heard, said: AirbornePosition, time_s: float) -> tuple[float, float] | None:
        if heard.place is not None and abs(time_s - heard.place[0]) <= NEAR_S:
            return local_position(said.bits, odd=said.odd, near=heard.place[1:], surface=False)
        other = heard.halves.get(not said.odd)
        if other is None or abs(time_s - other[0]) > PAIR_S:
            return None
        even, odd = (other[1], said.bits) if said.odd else (said.bits, other[1])
        return global_position(even, odd, newest_odd=said.odd)
