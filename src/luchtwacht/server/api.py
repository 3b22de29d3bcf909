"""The API: each handler parses, calls one function, encodes. Fields are those of `wire`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from hashlib import sha256
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Request, WebSocket
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.websockets import WebSocketDisconnect

from luchtwacht import model
from luchtwacht.codecs.observation import (
    Certainty,
    Observation,
    Seen,
    decode_observation,
    encode_observation,
)
from luchtwacht.errors import BadCommand, BadInput, BadMessage, RecordError
from luchtwacht.journal.requests import Hold, Release
from luchtwacht.server import wire
from luchtwacht.server.backend import Backend
from luchtwacht.server.declarations import encode_site, to_ms
from luchtwacht.server.live import LiveFeed, encode
from luchtwacht.server.takeoffs import encode_reach
from luchtwacht.tracking.reach import reach

T = TypeVar("T")
Move = Literal["acknowledge", "escalate", "reject", "close"]
ORDERS: dict[str, Callable[[int, str], model.Order]] = {
    "acknowledge": lambda alert, note: model.AcknowledgeAlert(alert=alert, note=note),
    "escalate": lambda alert, note: model.EscalateAlert(alert=alert, note=note),
    "reject": lambda alert, note: model.RejectAlert(alert=alert, note=note),
    "close": lambda alert, note: model.CloseAlert(alert=alert, note=note),
}
LONGEST_TEXT = 2_000
HOLD_NAME = re.compile(r"[a-z0-9-]{1,40}")
HOUR_MS = 3_600_000
BINS = 240
HEARTBEAT_S = 15.0
PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": wire.Problem, "description": says}
    for code, says in (
        (400, "the request cannot be"),
        (404, "there is no such thing now"),
        (409, "the present state does not allow it"),
        (503, "carried out, but not on record"),
    )
}


class Refusal(Exception):
    """A request that is not carried out, with what to say and the HTTP status."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail
        super().__init__(detail)


def answer(value: object, status: int = 200) -> Response:
    """A wire value as an HTTP answer that is never kept by the browser."""
    return Response(encode(value), status, media_type="application/json", headers={"cache-control": "no-store"})


def answer_refusal(_: Request, refusal: Exception) -> Response:
    """RFC 9457."""
    assert isinstance(refusal, Refusal)
    problem = wire.Problem(title=refusal.title, status=refusal.status, detail=refusal.detail)
    return Response(encode(problem), refusal.status, media_type="application/problem+json")


class ReachQuestion(BaseModel):
    """A place to have come from; a track, or a place, to have come to; what it can do, and the wind."""

    model_config = ConfigDict(extra="forbid")

    latitude: float = Field(ge=-90.0, le=90.0, description="degrees, of the place asked about")
    longitude: float = Field(ge=-180.0, le=180.0, description="degrees")
    track: int | None = Field(None, description="the track it is asked of: to where it was first seen, and flown since")
    to_latitude: float | None = Field(None, ge=-90.0, le=90.0, description="degrees; instead of a track")
    to_longitude: float | None = Field(None, ge=-180.0, le=180.0, description="degrees; instead of a track")
    airspeed_m_s: float = Field(gt=0.0, le=200.0)
    endurance_s: float = Field(gt=0.0, le=172_800.0)
    wind_speed_m_s: float | None = Field(None, ge=0.0, le=100.0, description="as the site declares, when left out")
    wind_from_deg: float = Field(0.0, ge=0.0, le=360.0, description="whence it blows")


def create_router(backend: Backend, live: LiveFeed) -> APIRouter:
    """Everything under `/api/v1`."""
    router = APIRouter(prefix="/api/v1", responses=PROBLEMS)

    @router.get("/site", response_model=wire.Site, summary="The site: its place, sensors and sources")
    async def get_site() -> Response:
        return answer(encode_site(backend.site, base_map=backend.base_map is not None))

    @router.get("/basemap", response_class=Response, summary="Local features to draw under everything, as GeoJSON")
    async def get_base_map() -> Response:
        if backend.base_map is None:
            raise Refusal(404, "no base map", "the site declares no base_map")
        return Response(backend.base_map, media_type="application/geo+json")

    @router.get("/health", response_model=wire.HealthAnswer, summary="Whether the watch runs, and is recorded")
    async def get_health() -> Response:
        status = live.status()
        good = status.running and not status.record_failure
        return answer(wire.HealthAnswer(ok=good, status=status, consoles=live.consoles), 200 if good else 503)

    @router.get("/picture", response_model=wire.Picture, summary="Everything there is to see now")
    async def get_picture() -> Response:
        return answer(live.picture.read())

    @router.get("/tracks/{track}", response_model=wire.TrackDetail, summary="One track, and the reports that made it")
    async def get_track(track: int) -> Response:
        detail = live.picture.read_track(track)
        if detail is None:
            raise Refusal(404, "no such track", f"track {track} is not in the picture now")
        return answer(detail)

    @router.get(
        "/tracks/{track}/category",
        response_model=wire.CategoryGrounds,
        summary="What its category rests on",
    )
    async def get_category(track: int) -> Response:
        grounds = await backend.grounds(track)
        found = live.picture.read_grounds(grounds) if grounds is not None else None
        if found is None:
            raise Refusal(404, "no grounds", f"no sensor holds track {track} now")
        return answer(found)

    @router.get(
        "/tracks/{track}/takeoff", response_model=wire.TakeOffAnswer, summary="From which area and when it took off"
    )
    async def get_takeoff(track: int) -> Response:
        return answer(find_takeoff(live, track))

    @router.post(
        "/tracks/{track}/takeoff",
        response_model=wire.TakeOffAnswer,
        summary="Have the take-off of a track found; the answer comes in the live feed",
    )
    async def ask_takeoff(track: int, word: wire.Word) -> Response:
        await command(backend, word.actor, model.FindTakeOff(track=track))
        known = live.picture.read_takeoff(track)
        return answer(known or wire.TakeOffAnswer(takeoff=None, chances=wire.Chances()))

    @router.get("/reach", response_model=wire.Reach, summary="Could it have come from there?")
    async def get_reach(question: Annotated[ReachQuestion, Query()]) -> Response:
        return answer(judge_reach(live, question))

    @router.get("/frames/{sequence}", response_model=wire.FrameDetail, summary="The bytes of one frame as received")
    async def get_frame(sequence: Annotated[int, Path(ge=1)]) -> Response:
        return answer(await asyncio.to_thread(read_frame, backend, sequence))

    @router.get("/alerts", response_model=list[wire.Alert], summary="Every alert, also closed ones")
    async def get_alerts() -> Response:
        return answer(live.picture.alerts)

    @router.get(
        "/alerts/stream", response_class=StreamingResponse, summary="Alerts as they change (server-sent events)"
    )
    async def stream_alerts(request: Request) -> StreamingResponse:
        last = request.headers.get("last-event-id", "")
        stream = alert_events(live, int(last) if last.isdecimal() else -1)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"cache-control": "no-store"})

    @router.get("/alerts/{alert}", response_model=wire.Alert, summary="One alert")
    async def get_alert(alert: int) -> Response:
        return answer(find_alert(live, alert))

    @router.post("/alerts/{alert}/{move}", response_model=wire.Alert, summary="Acknowledge, escalate, reject or close")
    async def move_alert(alert: int, move: Move, word: wire.Word) -> Response:
        find_alert(live, alert)
        await command(backend, word.actor, ORDERS[move](alert, checked_note(move, word)))
        return answer(find_alert(live, alert))

    @router.post("/sensors/{sensor}/task", response_model=list[wire.Notice], summary="Ask a sensor for something")
    async def task_sensor(sensor: str, wanted: wire.SensorOrder) -> Response:
        latitude, longitude, place = wanted.latitude, wanted.longitude, None
        if latitude is not None and longitude is not None:
            place = model.Place(latitude=latitude, longitude=longitude, height=wanted.height)
        task = model.SensorTask(wanted.task)
        order = model.TaskSensor(sensor=sensor, task=task, mode=wanted.mode, level=wanted.level, place=place)
        await command(backend, wanted.actor, order)
        return answer(live.picture.read().notices)

    @router.post("/observations", response_model=wire.Observed, summary="Put on record what somebody saw or heard")
    async def observe(seen: wire.Observation) -> Response:
        return answer(wire.Observed(frame=await hand_in(backend, seen)))

    @router.get("/zones", response_model=list[wire.Zone], summary="Zones, and whether they are in force now")
    async def get_zones() -> Response:
        return answer(live.picture.read().zones)

    @router.put("/zones/{zone}", response_model=list[wire.Zone], summary="Add a zone, or replace the one of that id")
    async def put_zone(
        zone: str, declaration: model.Zone, actor: Annotated[str, Query(min_length=1, max_length=80)]
    ) -> Response:
        if declaration.id != zone:
            raise Refusal(400, "two ids", f"the address says {zone!r}, the zone {declaration.id!r}")
        await command(backend, actor, model.PutZone(zone=declaration))
        return answer(live.picture.read().zones)

    @router.delete("/zones/{zone}", response_model=list[wire.Zone], summary="End a zone now")
    async def withdraw_zone(zone: str, actor: Annotated[str, Query(min_length=1, max_length=80)]) -> Response:
        await command(backend, actor, model.WithdrawZone(zone=zone))
        return answer(live.picture.read().zones)

    @router.get("/authorisations", response_model=list[wire.Authorisation], summary="Permissions to fly in zones")
    async def get_authorisations() -> Response:
        return answer(live.picture.read().authorisations)

    @router.put(
        "/authorisations/{authorisation}", response_model=list[wire.Authorisation], summary="Add or replace one"
    )
    async def put_authorisation(
        authorisation: str, declaration: model.Authorisation, actor: Annotated[str, Query(min_length=1, max_length=80)]
    ) -> Response:
        if declaration.id != authorisation:
            raise Refusal(400, "two ids", f"the address says {authorisation!r}, the authorisation {declaration.id!r}")
        await command(backend, actor, model.PutAuthorisation(authorisation=declaration))
        return answer(live.picture.read().authorisations)

    @router.delete("/authorisations/{authorisation}", response_model=list[wire.Authorisation], summary="End one now")
    async def withdraw_authorisation(
        authorisation: str, actor: Annotated[str, Query(min_length=1, max_length=80)]
    ) -> Response:
        await command(backend, actor, model.WithdrawAuthorisation(authorisation=authorisation))
        return answer(live.picture.read().authorisations)

    @router.get("/retention", response_model=wire.Retention, summary="How long what is kept, and what is held")
    async def get_retention() -> Response:
        return answer(await read_retention(backend))

    @router.post("/retention/holds", response_model=wire.Retention, summary="Hold a stretch of the record; counts now")
    async def hold(order: wire.HoldOrder) -> Response:
        wanted = checked_hold(live, order)
        if wanted.id in {each.id for each in await asked(backend.holds())}:
            raise Refusal(409, "held already", f"{wanted.id!r} is held already; release it first, or take another name")
        await asked(backend.hold(wanted))
        return answer(await read_retention(backend))

    @router.post("/retention/holds/{hold}/release", response_model=wire.Retention, summary="End a hold")
    async def release(hold: str, word: wire.Word) -> Response:
        if hold not in {each.id for each in await asked(backend.holds())}:
            raise Refusal(404, "no such hold", f"nothing is held as {hold!r}")
        await asked(backend.hold(Release(id=hold, by=checked_actor(word.actor), reason=checked_reason(word.note))))
        return answer(await read_retention(backend))

    @router.get(
        "/playback", response_model=wire.Timeline, summary="Where a recording stands, its density and its alerts"
    )
    async def get_playback() -> Response:
        return answer(read_timeline(backend, live))

    @router.post("/playback", response_model=wire.Timeline, summary="Play, pause, change speed, go to a time")
    async def order_playback(order: wire.PlaybackOrder) -> Response:
        steer(backend, order)
        return answer(read_timeline(backend, live))

    @router.websocket("/live")
    async def follow(websocket: WebSocket) -> None:
        await websocket.accept()
        await follow_live(websocket, live)

    return router


def find_alert(live: LiveFeed, id: int) -> wire.Alert:
    alert = live.picture.alert(id)
    if alert is None:
        raise Refusal(404, "no such alert", f"there is no alert {id}")
    return alert


async def read_retention(backend: Backend) -> wire.Retention:
    policy = backend.site.retention
    return wire.Retention(
        policy=[
            wire.KeptFor(what="personal", days=policy.personal_days),
            wire.KeptFor(what="frames", days=policy.frames_days),
            wire.KeptFor(what="events", days=policy.events_days),
            wire.KeptFor(what="decisions", days=policy.decisions_days),
        ],
        holds=[
            wire.Held(id=each.id, by=each.by, reason=each.reason, from_ms=to_ms(each.from_ns), to_ms=to_ms(each.to_ns))
            for each in await asked(backend.holds())
        ],
    )


def checked_hold(live: LiveFeed, order: wire.HoldOrder) -> Hold:
    """What is to be held, in the words of the record."""
    if not HOLD_NAME.fullmatch(order.id):
        raise Refusal(400, "no name", "a hold's name has 1 to 40 small letters, digits and -")
    if order.alert is not None:
        alert = find_alert(live, order.alert)
        from_ms, to_ms = alert.started_ms - HOUR_MS, max(alert.changed_ms, alert.raised_ms) + HOUR_MS
    elif order.from_ms is not None and order.to_ms is not None and 0 <= order.from_ms < order.to_ms:
        from_ms, to_ms = order.from_ms, order.to_ms
    else:
        raise Refusal(400, "what to hold", "give an alert, or from_ms and a later to_ms")
    return Hold(
        id=order.id,
        by=checked_actor(order.actor),
        reason=checked_reason(order.reason),
        from_ns=max(from_ms, 0) * 1_000_000,
        to_ns=to_ms * 1_000_000,
    )


def checked_reason(text: str) -> str:
    """Why something is held or released, without blanks around it: it goes on record."""
    reason = text.strip()
    if not reason or len(reason) > LONGEST_TEXT:
        raise Refusal(400, "reason required", f"say why, in at most {LONGEST_TEXT} characters")
    return reason


def judge_reach(live: LiveFeed, question: ReachQuestion) -> wire.Reach:
    """Fly there in thought. A track that lives has flown on since it was first seen: that comes off its endurance."""
    wind = live.picture.site.takeoff.wind
    if question.wind_speed_m_s is not None:
        given = model.TakeOffSettings(wind_speed_m_s=question.wind_speed_m_s, wind_from_deg=question.wind_from_deg)
        wind = given.wind
    end, aloft_s = None, 0.0
    if question.track is not None:
        known = live.picture.first_seen(question.track)
        if known is None:
            raise Refusal(404, "no such track", f"track {question.track} is not in the picture now")
        end, aloft_s = known
    elif question.to_latitude is not None and question.to_longitude is not None:
        end = wire.Point(latitude=question.to_latitude, longitude=question.to_longitude)
    if end is None:
        raise Refusal(400, "to where", "give a track, or to_latitude and to_longitude")
    found = reach(
        model.Place(latitude=question.latitude, longitude=question.longitude),
        model.Place(latitude=end.latitude, longitude=end.longitude),
        speed=question.airspeed_m_s,
        endurance_s=question.endurance_s,
        wind=wind,
        aloft_s=aloft_s,
    )
    return encode_reach(found)


def find_takeoff(live: LiveFeed, track: int) -> wire.TakeOffAnswer:
    found = live.picture.read_takeoff(track)
    if found is None:
        raise Refusal(404, "not found yet", f"no alert is about track {track}, and nobody has asked for its take-off")
    return found


def checked_note(move: str, word: wire.Word) -> str:
    """What somebody adds, without blanks around it; a rejection must say why."""
    note = word.note.strip()
    if move == "reject" and not note:
        raise Refusal(400, "reason required", "say why the alert is rejected")
    if len(note) > LONGEST_TEXT:
        raise Refusal(400, "too long", f"a note holds at most {LONGEST_TEXT} characters")
    return note


async def hand_in(backend: Backend, seen: wire.Observation) -> int:
    """An observation as a frame of the source of its post; the number of that frame."""
    source = observation_source(backend.site, seen.sensor)
    if source is None:
        raise Refusal(404, "no such post", f"{seen.sensor!r} is no sensor of a source of format observation")
    observation = Observation(
        sensor=seen.sensor,
        by=checked_actor(seen.actor),
        time_ns=backend.now_ns() if seen.time_ms is None else seen.time_ms * 1_000_000,
        what=Seen(seen.what),
        certainty=Certainty(seen.certainty),
        count=seen.count,
        latitude=seen.latitude,
        longitude=seen.longitude,
        height_m=seen.height_m,
        radius_m=seen.radius_m,
        bearing_deg=seen.bearing_deg,
        elevation_deg=seen.elevation_deg,
        range_m=seen.range_m,
        note=seen.note.strip(),
    )
    payload = encode_observation(observation)
    try:
        decode_observation(payload)
    except BadMessage as error:
        raise Refusal(400, "cannot be", error.what) from error
    return await asked(backend.hand_in(source, payload))


def observation_source(site: model.Site, sensor: str) -> int | None:
    """Index of the source of observations through which a post reports; none when it does not."""
    declared = next((each for each in site.sensors if each.id == sensor), None)
    for index, source in enumerate(site.sources):
        if declared is not None and source.id == declared.source and source.format == model.Format.OBSERVATION:
            return index
    return None


async def command(backend: Backend, actor: str, order: model.Order) -> None:
    """Give an order; what the watch answers becomes an HTTP status."""
    await asked(backend.command(checked_actor(actor), order))


def checked_actor(actor: str) -> str:
    """Who it is, without blanks around it."""
    name = actor.strip()
    if not name or len(name) > 80:
        raise Refusal(400, "who are you", "an order carries the name of who gives it, of at most 80 characters")
    return name


async def asked(question: Coroutine[Any, Any, T]) -> T:
    """What the watch answers; where it refuses, an HTTP status."""
    try:
        return await question
    except BadCommand as error:
        raise Refusal(409, "not now", str(error)) from error
    except BadInput as error:
        raise Refusal(400, "cannot be", str(error)) from error
    except RecordError as error:
        raise Refusal(503, "not on record", str(error)) from error
    except TimeoutError as error:
        raise Refusal(
            503, "no answer", "the watch did not answer in time; the order may still be carried out"
        ) from error


def read_frame(backend: Backend, sequence: int) -> wire.FrameDetail:
    frame = backend.frame(sequence)
    if frame is None:
        raise Refusal(404, "no such frame", f"frame {sequence} was not kept")
    source = backend.site.sources[frame.source]
    return wire.FrameDetail(
        sequence=sequence,
        source=source.id,
        format=source.format.value,
        received_ms=to_ms(frame.received_ns),
        received_ns=str(frame.received_ns),
        length=len(frame.data),
        sha256=sha256(frame.data).hexdigest(),
        hex=frame.data.hex(),
    )


def read_timeline(backend: Backend, live: LiveFeed) -> wire.Timeline:
    return wire.Timeline(playback=live.playback(), density=list(backend.density(BINS)), alerts=live.ticks)


def steer(backend: Backend, order: wire.PlaybackOrder) -> None:
    """Carry out what is given, in the order seek, speed, pause."""
    playback = backend.playback
    if playback is None:
        raise Refusal(409, "live", "this watch is live: it can be neither paused nor wound back")
    if order.speed is not None and not 0.0 < order.speed <= 1_000.0:
        raise Refusal(400, "speed", f"{order.speed:g} is not between 0 and 1000 times real time")
    if order.seek_ms is not None:
        playback.seek(order.seek_ms * 1_000_000)
    if order.speed is not None:
        playback.set_speed(order.speed)
    if order.paused is not None:
        (playback.pause if order.paused else playback.play)()


async def alert_events(live: LiveFeed, sent: int) -> AsyncIterator[bytes]:
    """Server-sent events: first every alert not seen yet, then each change."""
    yield b"retry: 2000\n\n"
    while True:
        sent, alerts = live.alerts_since(sent)
        for alert in alerts:
            yield b"event: alert\ndata: " + encode(alert) + b"\n\n"
        if alerts:
            yield f"id: {sent}\n\n".encode()
        if not await live.wait_beyond(sent, HEARTBEAT_S):
            yield b": still here\n\n"


async def follow_live(websocket: WebSocket, live: LiveFeed) -> None:
    """One console: what it asks, and what it is told."""
    asked = asyncio.Event()

    async def send(message: bytes) -> None:
        await websocket.send_text(message.decode())

    async def listen() -> None:
        while True:
            await websocket.receive_text()
            asked.set()  # a console has only one question: the whole picture

    tasks = {asyncio.create_task(live.serve(send, asked)), asyncio.create_task(listen())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        with suppress(WebSocketDisconnect, RuntimeError):  # it went away, perhaps in the middle of a message
            for task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
