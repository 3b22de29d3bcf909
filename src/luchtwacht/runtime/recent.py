"""What a console that connects now must be told: enough recent events to build the whole picture."""

from __future__ import annotations

from collections import deque

from luchtwacht.model import (
    AlertChanged,
    AuthorisationChanged,
    Event,
    Notice,
    Rejected,
    TakeOffFound,
    ZoneChanged,
)

KEPT_TAKE_OFFS = 500


class Recent:
    """Every alert, zone and authorisation in its latest state, the latest take-offs and notices, and all else of the
    last while."""

    def __init__(self, keep_ns: int, keep_notices: int = 200) -> None:
        self._keep_ns = keep_ns
        self._passing: deque[Event] = deque()
        self._notices: deque[Notice] = deque(maxlen=keep_notices)
        self._rejections: dict[tuple[int, str, str], Rejected] = {}
        self._alerts: dict[int, AlertChanged] = {}
        self._takeoffs: dict[int, TakeOffFound] = {}
        self._zones: dict[str, ZoneChanged] = {}
        self._authorisations: dict[str, AuthorisationChanged] = {}

    def add(self, events: tuple[Event, ...]) -> None:
        """Take in what the pipeline said."""
        for event in events:
            match event:
                case AlertChanged():
                    self._alerts[event.alert.id] = event
                case TakeOffFound():
                    self._takeoffs.pop(event.takeoff.track, None)
                    self._takeoffs[event.takeoff.track] = event
                    if len(self._takeoffs) > KEPT_TAKE_OFFS:
                        del self._takeoffs[next(iter(self._takeoffs))]
                case ZoneChanged():
                    self._zones[event.id] = event
                case AuthorisationChanged():
                    self._authorisations[event.id] = event
                case Notice():
                    self._notices.append(event)
                case Rejected():
                    self._count(event)
                case _:
                    self._passing.append(event)
        if events:
            oldest = events[-1].time_ns - self._keep_ns
            while self._passing and self._passing[0].time_ns < oldest:
                self._passing.popleft()

    def _count(self, event: Rejected) -> None:
        """Rejections of one source, reason and item become one, with the sum of their counts and the latest detail."""
        from dataclasses import replace

        for rejection in event.rejections:
            key = (rejection.source, rejection.reason, rejection.item)
            before = self._rejections.get(key)
            count = rejection.count + (before.rejections[0].count if before else 0)
            self._rejections[key] = Rejected(time_ns=event.time_ns, rejections=(replace(rejection, count=count),))

    def events(self) -> tuple[Event, ...]:
        """In an order from which a picture can be built: settings, passing things, then alerts."""
        return (
            *self._zones.values(),
            *self._authorisations.values(),
            *self._rejections.values(),
            *self._notices,
            *self._passing,
            *(self._alerts[key] for key in sorted(self._alerts)),
            *self._takeoffs.values(),
        )

    def clear(self) -> None:
        """Forget everything: another time is being looked at."""
        self.__init__(self._keep_ns, self._notices.maxlen or 0)  # type: ignore[misc]
