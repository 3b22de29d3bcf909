"""Network Remote ID by polling a service provider: flights in views, then the details of flights that are new.

`connect` is the provider's base, to which `/uss/flights?view=` and `/uss/flights/{id}/details` are added (ASTM
F3411-22a A4). A view may be at most 7 km from corner to corner for its flights to be shown one by one
(NetMaxDisplayAreaDiagonal, 4.7.2), so a larger area is asked for in several. Each answer is handed over as it came;
only the ids in it are looked at.
"""

from __future__ import annotations

from math import ceil, cos, pi, radians, sqrt
from urllib.parse import quote

import msgspec

from luchtwacht.model import HttpLink, Place
from luchtwacht.sources.outlet import Outlet
from luchtwacht.sources.polling import Questioner, Unanswered, open_client, poll_regularly
from luchtwacht.sources.secret import read_secret

LONGEST_DIAGONAL_M = 7_000.0
MOST_FLIGHTS = 2_000
"""whose details are remembered as asked for"""
ASK_AGAIN = 60
"""polls after which the details of a flight that goes on are asked for again"""
_METRES_PER_DEGREE = 6_371_008.8 * pi / 180.0


class _Flight(msgspec.Struct):
    id: str


class _Flights(msgspec.Struct):
    flights: list[_Flight]


_flights = msgspec.json.Decoder(_Flights)


def views_round(origin: Place, half_m: float) -> list[str]:
    """A square round a place as views that may be asked for, each `south,west,north,east` in degrees.

    Args:
        half_m: half the length of its side.
    """
    side_m = LONGEST_DIAGONAL_M / sqrt(2.0) * 0.999
    count = max(ceil(2.0 * half_m / side_m), 1)
    north_deg = half_m / _METRES_PER_DEGREE
    east_deg = half_m / (_METRES_PER_DEGREE * cos(radians(origin.latitude)))
    south, west = origin.latitude - north_deg, origin.longitude - east_deg
    height, width = 2.0 * north_deg / count, 2.0 * east_deg / count
    return [
        f"{south + row * height:.6f},{west + column * width:.6f},"
        f"{south + (row + 1) * height:.6f},{west + (column + 1) * width:.6f}"
        for row in range(count)
        for column in range(count)
    ]


async def run_network_remote_id(link: HttpLink, outlet: Outlet, origin: Place) -> None:
    """Ask every `Source.poll_s` until cancelled.

    Raises:
        BadConfiguration: the declared secret is not there.
    """
    base = link.url.rstrip("/")
    views = views_round(origin, outlet.source.area_m)
    asked: dict[str, int] = {}
    """by flight, polls since its details came; the one that is known longest first"""

    async with open_client(read_secret(outlet.source)) as client:
        questioner = Questioner(client)

        async def poll() -> None:
            found: dict[str, None] = {}
            for view in views:
                body = await questioner.ask(f"{base}/uss/flights?view={quote(view, safe=',')}", remember=False)
                assert body is not None
                outlet.take(body)
                found |= dict.fromkeys(_ids(body))
            for id in found:
                asked[id] = asked.get(id, ASK_AGAIN - 1) + 1
                if asked[id] < ASK_AGAIN:
                    continue
                try:
                    body = await questioner.ask(f"{base}/uss/flights/{quote(id, safe='')}/details", remember=False)
                except Unanswered as why:
                    raise Unanswered(f"details of flight {id}: {why}", why.wait_s) from why
                assert body is not None
                outlet.take(body)
                asked[id] = 0
            while len(asked) > MOST_FLIGHTS:
                del asked[next(iter(asked))]

        await poll_regularly(poll, str(link), outlet)


def _ids(body: bytes) -> list[str]:
    """Flights in an answer; none where it is no such answer, which whoever decodes it will say."""
    try:
        return [flight.id for flight in _flights.decode(body).flights]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
