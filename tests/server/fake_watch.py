"""A watch that plays a small, plainly invented night from hand-made events, to test the server and the console on.

Nothing here is decided by the pipeline: positions, identities, findings and alerts are written down. The town of
"Proefstad" does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import atan2, cos, degrees, hypot, pi, radians, sin

import numpy as np

from luchtwacht import model
from luchtwacht.errors import BadCommand
from luchtwacht.ingest.observations import ObservationIngest
from luchtwacht.journal.requests import Hold, Release
from luchtwacht.model import Category, ClaimKind, ClaimVerdict, Format, SensorKind, TrackStatus
from luchtwacht.model.notices import notice
from luchtwacht.server.backend import Listener, OutputStatus, Preparation, RawFrame, Status
from luchtwacht.units import SECOND_NS, datetime_to_ns

START_NS = datetime_to_ns(datetime(2026, 5, 3, 0, 14, 0, tzinfo=UTC))
STEP_NS = SECOND_NS // 2
CENTRE = (52.0800, 4.3100)
"""latitude, longitude in degrees"""
LENGTH_NS = 600 * SECOND_NS
RECENT_NS = 15 * SECOND_NS
KEPT = (model.AlertChanged, model.TakeOffFound, model.Notice, model.Rejected)


def place(east: float, north: float) -> tuple[float, float]:
    """(longitude, latitude) in degrees, near `CENTRE`, on a sphere: good enough to draw with."""
    return (
        round(CENTRE[1] + east / (111_320.0 * cos(radians(CENTRE[0]))), 6),
        round(CENTRE[0] + north / 111_320.0, 6),
    )


def make_site() -> model.Site:
    """Four sensors and three zones round an invented centre."""

    def at(east: float, north: float, height: float = 45.0) -> model.Place:
        longitude, latitude = place(east, north)
        return model.Place(latitude=latitude, longitude=longitude, height=height)

    sources = tuple(
        model.Source(id=id, format=format)
        for id, format in (
            ("radar-north", Format.ASTERIX),
            ("df-west", Format.TABLE),
            ("rid-centre", Format.REMOTE_ID),
            ("adsb", Format.READSB),
            ("masts", Format.SAPIENT),
            ("roofs", Format.OBSERVATION),
        )
    )
    sensors = (
        model.Sensor(
            id="radar-north",
            name="Radar Noord",
            kind=SensorKind.RADAR_3D,
            source="radar-north",
            place=at(-600, 1500),
            range_min_m=150.0,
            range_max_m=5000.0,
            sac=51,
            sic=7,
        ),
        model.Sensor(
            id="df-west",
            name="RF West",
            kind=SensorKind.RF_DIRECTION_FINDER,
            source="df-west",
            place=at(-2400, -300),
            range_max_m=4000.0,
            azimuth_from_deg=20.0,
            azimuth_to_deg=170.0,
        ),
        model.Sensor(
            id="rid-centre",
            name="Remote ID Centrum",
            kind=SensorKind.REMOTE_ID_RECEIVER,
            source="rid-centre",
            place=at(200, -200),
            range_max_m=3000.0,
        ),
        model.Sensor(
            id="adsb",
            name="ADS-B",
            kind=SensorKind.ADS_B_RECEIVER,
            source="adsb",
            place=at(900, 700),
            range_max_m=40_000.0,
        ),
        model.Sensor(
            id="mast-south",
            name="Mast Zuid",
            kind=SensorKind.CAMERA,
            source="masts",
            place=at(-300, -900),
            range_max_m=1500.0,
            key="6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        ),
        model.Sensor(
            id="roof",
            name="Dak Stadhuis",
            kind=SensorKind.SPOTTER,
            source="roofs",
            place=at(0, 100),
            range_max_m=3000.0,
        ),
    )
    ring = tuple(place(*corner) for corner in ((1600, 900), (2700, 1100), (2900, 2100), (1900, 2300), (1600, 900)))
    river = tuple(
        place(*corner) for corner in ((-3200, -1500), (-1400, -1900), (-1300, -1400), (-3000, -900), (-3200, -1500))
    )
    zones = (
        model.Zone(
            id="ban-centre",
            name="Vliegverbod Centrum",
            restriction=model.Restriction.REQ_AUTHORISATION,
            volumes=(
                model.Volume(circle=model.Circle(latitude=CENTRE[0], longitude=CENTRE[1], radius=1200.0), upper=150.0),
            ),
            reasons=("SENSITIVE",),
            message={
                "nl": "Vliegen alleen met toestemming van de burgemeester.",
                "en": "Flight only with the mayor's permission.",
            },
            authority="Gemeente Proefstad",
            source="Besluit 2026-17",
        ),
        model.Zone(
            id="prison-east",
            name="Inrichting Oost",
            restriction=model.Restriction.PROHIBITED,
            volumes=(model.Volume(polygon=(ring,), upper=120.0, upper_reference=model.HeightReference.AMSL),),
            time_zone="Europe/Amsterdam",
        ),
        model.Zone(
            id="reserve-day",
            name="Broedgebied (overdag)",
            restriction=model.Restriction.CONDITIONAL,
            volumes=(model.Volume(polygon=(river,), upper=60.0),),
            applicability=(model.Applicability(schedule=(model.DailyPeriod(start="06:00", end="21:00"),)),),
            time_zone="Europe/Amsterdam",
        ),
    )
    authorisations = (
        model.Authorisation(
            id="permit-film",
            state=model.AuthorisationState.ACTIVATED,
            zones=("ban-centre",),
            start=datetime(2026, 5, 2, 20, 0, tzinfo=UTC),
            end=datetime(2026, 5, 3, 4, 0, tzinfo=UTC),
            aircraft=("uas:1588E040445AC004418",),
            operator_id="NLDproef0000001",
            purpose="Opnamen nachtfilm",
            granted_by="Gemeente Proefstad",
        ),
    )
    return model.Site(
        id="proefstad",
        name="Proefstad bij nacht",
        origin=model.Place(latitude=CENTRE[0], longitude=CENTRE[1], height=45.0),
        sources=sources,
        sensors=sensors,
        zones=zones,
        authorisations=authorisations,
        geoid_undulation_m=43.2,
        ground_height_m=2.0,
        base_map="local.geojson",
    )


def make_base_map() -> bytes:
    """Invented water, parks, roads and buildings."""

    def polygon(kind: str, corners: list[tuple[float, float]], name: str = "") -> dict[str, object]:
        ring = [list(place(*corner)) for corner in [*corners, corners[0]]]
        return {
            "type": "Feature",
            "properties": {"kind": kind, "name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    def line(kind: str, corners: list[tuple[float, float]], name: str = "", rank: int = 2) -> dict[str, object]:
        return {
            "type": "Feature",
            "properties": {"kind": kind, "name": name, "rank": rank},
            "geometry": {"type": "LineString", "coordinates": [list(place(*corner)) for corner in corners]},
        }

    generator = np.random.default_rng(7)
    features = [
        polygon("built", [(-2600, -2300), (2500, -2500), (3100, 300), (2400, 2700), (-500, 2900), (-2500, 1900)]),
        polygon("water", [(-5200, 3400), (-900, 3900), (-800, 3600), (-2900, 2500), (-5600, 1900)], "Proefmeer"),
        polygon("water", [(300, -120), (800, -60), (840, -260), (320, -330)], "Hofvijver"),
        polygon("park", [(-1900, 300), (-700, 700), (-600, 1500), (-1900, 1400)], "Bosrand"),
        polygon("park", [(900, -1700), (1700, -1500), (1600, -900), (1000, -1000)], "Zuiderpark"),
        line("rail", [(-4500, -2600), (-900, -1400), (700, -900), (2600, 900), (5200, 1800)], "", 1),
        line("road", [(-5200, -600), (-2600, -500), (0, -500), (2600, -400), (5200, -800)], "Ring", 1),
        line("road", [(-400, -5000), (-200, -2000), (0, 0), (-100, 2200), (500, 5000)], "Noordlaan", 1),
        *[line("road", [(-2500, 450 * k), (2500, 450 * k + 90)], "", 3) for k in range(-5, 6) if k],
        *[line("road", [(500 * k, -2400), (500 * k + 60, 2600)], "", 3) for k in range(-4, 6) if k],
    ]
    for _ in range(260):
        east, north = generator.uniform(-2200, 2200, 2)
        width, depth = generator.uniform(25, 90, 2)
        corners = [(east, north), (east + width, north + 6), (east + width, north + depth), (east, north + depth)]
        features.append(polygon("building", corners))
    for name, east, north, rank in (
        ("Proefstad", 0, 120, 1),
        ("Duinzicht", -2100, 1900, 2),
        ("Oosterhout", 2300, -300, 2),
    ):
        features.append(
            {
                "type": "Feature",
                "properties": {"kind": "label", "name": name, "rank": rank},
                "geometry": {"type": "Point", "coordinates": list(place(east, north))},
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@dataclass
class Flyer:
    """One invented object: a straight or circling path, and what is said of it."""

    track: int
    start: tuple[float, float]
    height: float
    category: Category
    speed: float = 12.0
    course: float = 0.0
    """radians, clockwise from north"""
    circle: float = 0.0
    """m; radius of the circle it flies, 0 for straight on"""
    from_s: float = 0.0
    until_s: float = 1e9
    aircraft_id: str = ""
    operator_id: str = ""
    kind: int = -1
    verdict: int = ClaimVerdict.NONE
    authorisation: str = ""
    status: TrackStatus = TrackStatus.CONFIRMED
    sensors: int = 1
    sigma: float = 6.0

    def state(self, t: float) -> tuple[float, float, float, float, float]:
        """East, north, up (m), east and north rate (m/s), `t` seconds after the start."""
        if not self.circle:
            east, north = (
                self.start[0] + self.speed * sin(self.course) * t,
                self.start[1] + self.speed * cos(self.course) * t,
            )
            return east, north, self.height, self.speed * sin(self.course), self.speed * cos(self.course)
        angle = self.speed / self.circle * t
        return (
            self.start[0] + self.circle * sin(angle),
            self.start[1] + self.circle * cos(angle),
            self.height + 3.0 * sin(t / 7.0),
            self.speed * cos(angle),
            -self.speed * sin(angle),
        )


def make_flyers(crowd: int = 0) -> list[Flyer]:
    """The night's objects; `crowd` adds that many drones in all directions."""
    flyers = [
        Flyer(-1, (6000, 5200), 420.0, Category.CREWED_AIRCRAFT, 55.0, radians(222), aircraft_id="icao:484C61",
              kind=ClaimKind.ADS_B, verdict=ClaimVerdict.UNCHECKED, sensors=8, sigma=20.0),
        Flyer(-2, (-900, -2300), 60.0, Category.MULTIROTOR, 0.1, 0.3, aircraft_id="uas:GHOST00000000001",
              kind=ClaimKind.REMOTE_ID, verdict=ClaimVerdict.CONTRADICTED, sensors=4, sigma=12.0),
        Flyer(3, (-2600, -1500), 84.0, Category.MULTIROTOR, 11.0, radians(48), sensors=3),
        Flyer(4, (300, 500), 62.0, Category.MULTIROTOR, 7.0, circle=160.0, aircraft_id="uas:1588E040445AC004418",
              operator_id="NLDproef0000001", kind=ClaimKind.REMOTE_ID, verdict=ClaimVerdict.CONSISTENT,
              authorisation="permit-film", sensors=5),
        Flyer(5, (2900, -1900), 46.0, Category.FIXED_WING_DRONE, 21.0, radians(318), from_s=12.0, sensors=1, sigma=9.0),
        Flyer(6, (-1500, 1200), 35.0, Category.BIRD, 9.0, circle=240.0, sensors=1, sigma=8.0),
        Flyer(7, (-1350, 1250), 32.0, Category.BIRD, 9.0, circle=210.0, sensors=1, sigma=8.0),
        Flyer(8, (1400, 2000), 30.0, Category.OTHER, 4.0, radians(100), status=TrackStatus.TENTATIVE, sigma=25.0),
        Flyer(9, (-400, -1900), 71.0, Category.MULTIROTOR, 9.0, radians(80), status=TrackStatus.COASTED, sigma=42.0),
        Flyer(10, (-2800, 800), 55.0, Category.MULTIROTOR, 10.0, radians(10), until_s=20.0, sensors=1),
    ]  # fmt: skip
    generator = np.random.default_rng(11)
    for k in range(crowd):
        east, north = generator.uniform(-4000, 4000, 2)
        flyers.append(
            Flyer(100 + k, (east, north), float(generator.uniform(20, 140)), Category(int(generator.integers(0, 4))),
                  float(generator.uniform(4, 18)), float(generator.uniform(0, 2 * pi)),
                  circle=float(generator.uniform(100, 600)))
        )  # fmt: skip
    return flyers


def _round(east: float, north: float, radius: float, stretch: float = 1.0) -> model.Area:
    """An invented area: an ellipse along the north-east."""
    angles = np.linspace(0.0, 2.0 * pi, 25)
    along, across = radius * stretch * np.cos(angles), radius * np.sin(angles)
    ring = np.column_stack([east + (along - across) / 2**0.5, north + (along + across) / 2**0.5])
    return model.Area(
        probability=0.9, size=pi * radius**2 * stretch,
        polygons=((tuple((x, y) for x, y in np.round(ring, 1).tolist()),),),
    )  # fmt: skip


TAKE_OFFS = (
    model.TakeOff(
        track=3, revision=1, extent=model.Extent.HIDDEN, half=_round(-3100, -1900, 130, 2.0),
        most=_round(-3150, -1950, 320, 2.2), point=(-3120.0, -1920.0), expected_error=310.0,
        launch_ns=START_NS - 48 * SECOND_NS, launch_from_ns=START_NS - 95 * SECOND_NS,
        launch_until_ns=START_NS - 21 * SECOND_NS, bearing=radians(228.0), bearing_sigma=0.3, in_view=0.08,
        first_ns=START_NS, first_seen=(-2600.0, -1500.0, 84.0), used_until_ns=START_NS + 19 * SECOND_NS,
        detections=tuple(range(24)), sensors=(0, 1), searching=(0,), wind=(-2.1, 3.6),
    ),
    model.TakeOff(
        track=5, revision=1, extent=model.Extent.BEYOND, half=None, most=None, point=None, expected_error=None,
        launch_ns=-1, launch_from_ns=-1, launch_until_ns=-1, bearing=radians(138.0), bearing_sigma=0.1, in_view=None,
        first_ns=START_NS, first_seen=(2900.0, -1900.0, 46.0), used_until_ns=START_NS + 9 * SECOND_NS,
        detections=tuple(range(12)), sensors=(0,), searching=(0,), wind=(0.0, 0.0),
        detail="no imagined departure fits the track",
    ),
)  # fmt: skip
OUTPUTS = (
    OutputStatus(id="tower", kind="asterix", address="udp://239.1.2.3:8600", receivers=1, messages=1_204,
                 octets=98_112, let_go=3, trouble=""),
)  # fmt: skip
CHANCES = model.Chances(
    east=np.array([-3120.0, -3070.0]), north=np.array([-1920.0, -1920.0]), size=np.full(2, 50.0),
    probability=np.array([0.6, 0.39]), row=np.array([0, 0]), column=np.array([0, 1]),
)  # fmt: skip


@dataclass
class FakePlayback:
    """Playback that does what it is told at once."""

    watch: FakeWatch
    speed: float = 1.0
    paused: bool = False

    @dataclass(frozen=True)
    class State:
        first_ns: int
        last_ns: int
        position_ns: int
        speed: float
        paused: bool
        ended: bool

    @property
    def state(self) -> State:
        now_ns = self.watch.now_ns()
        ended = now_ns >= START_NS + LENGTH_NS
        return self.State(START_NS, START_NS + LENGTH_NS, now_ns, self.speed, self.paused, ended)

    def play(self) -> None:
        self.paused = False

    def pause(self) -> None:
        self.paused = True

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def seek(self, time_ns: int) -> None:
        self.watch.go_to(time_ns)


@dataclass
class FakeWatch:
    """Fulfils `Backend`. `advance()` makes the next half second happen."""

    crowd: int = 0
    live: bool = False
    site: model.Site = field(default_factory=make_site)
    base_map: bytes | None = field(default_factory=make_base_map)

    def __post_init__(self) -> None:
        self.playback = None if self.live else FakePlayback(self)
        self.flyers = make_flyers(self.crowd)
        self.handed_in: list[tuple[int, bytes]] = []
        self.held: dict[str, Hold] = {}
        self.commands: list[tuple[str, model.Order]] = []
        self.refuse: Exception | None = None
        self.preparation: Preparation | None = None
        self.outputs = OUTPUTS
        self._listeners: list[Listener] = []
        self._reset()

    def _reset(self) -> None:
        self._now_ns = START_NS
        self._alerts: dict[int, model.Alert] = {}
        self._recent: list[model.Event] = []
        self._frame = 0

    # ------------------------------------------------------------------ Backend

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def snapshot(self) -> tuple[model.Event, ...]:
        return tuple(self._recent)

    def now_ns(self) -> int:
        return self._now_ns

    def frame(self, sequence: int) -> RawFrame | None:
        if not 1 <= sequence <= self._frame:
            return None
        data = bytes.fromhex("30002ffd") + sequence.to_bytes(4, "big") * 11
        return RawFrame(source=0, received_ns=START_NS + sequence * 1_000_000, data=data)

    def status(self) -> Status:
        return Status(
            running=True,
            inputs=self._frame,
            frames=self._frame,
            frames_per_s=18.0,
            lag_ns=0,
            recording=True,
            durable=self._frame,
            outputs=self.outputs,
            preparation=self.preparation,
        )

    def density(self, bins: int) -> tuple[int, ...]:
        return tuple(int(40 + 30 * sin(k / 9.0) + 20 * sin(k / 2.3)) for k in range(bins)) if self.playback else ()

    async def command(self, actor: str, order: model.Order) -> tuple[model.Event, ...]:
        self.commands.append((actor, order))
        if self.refuse is not None:
            raise self.refuse
        events = self._obey(actor, order)
        self.say(*events)
        return events

    async def hand_in(self, source: int, payload: bytes) -> int:
        self.handed_in.append((source, payload))
        if self.refuse is not None:
            raise self.refuse
        if self.site.sources[source].id == "roofs":
            ingest = ObservationIngest(self.site, source)
            frames = model.Frames.of([payload], sequence=[self._frame], source=[source], received_ns=[self._now_ns])
            self.say(*(event for _, event in ingest.receive(frames).said if isinstance(event, model.Notice)))
        return 4_711

    async def holds(self) -> tuple[Hold, ...]:
        return tuple(self.held[id] for id in sorted(self.held))

    async def hold(self, asked: Hold | Release) -> None:
        if self.refuse is not None:
            raise self.refuse
        if isinstance(asked, Hold):
            self.held[asked.id] = asked
        else:
            del self.held[asked.id]

    # ------------------------------------------------------------------ what tests do with it

    def say(self, *events: model.Event) -> None:
        """Have the watch say `events`."""
        self._recent.extend(events)
        for listener in tuple(self._listeners):
            listener(events)

    def advance(self, steps: int = 1) -> None:
        """The next half seconds happen."""
        for _ in range(steps):
            self._now_ns += STEP_NS
            self.say(*self._events())
        kept_ns = self._now_ns - RECENT_NS
        self._recent = [each for each in self._recent if each.time_ns >= kept_ns or isinstance(each, KEPT)]

    def become(self, other: FakeWatch) -> None:
        """Stand where `other` does, with nothing ordered yet: another picture for whoever listens."""
        self._now_ns, self._frame = other._now_ns, other._frame
        self._alerts, self._recent = dict(other._alerts), list(other._recent)
        self.flyers, self.base_map = other.flyers, other.base_map
        self.playback = FakePlayback(self) if other.playback else None
        self.commands, self.held, self.refuse = [], {}, None
        self.preparation, self.outputs = other.preparation, other.outputs
        for listener in tuple(self._listeners):
            listener(())

    def go_to(self, time_ns: int) -> None:
        """Another time: the picture is another one."""
        self._reset()
        listeners, self._listeners = self._listeners, []
        self.advance(max(0, (min(time_ns, START_NS + LENGTH_NS) - START_NS) // STEP_NS))
        self._listeners = listeners
        for listener in tuple(self._listeners):
            listener(())

    # ------------------------------------------------------------------ the night

    def _events(self) -> list[model.Event]:
        t = (self._now_ns - START_NS) / SECOND_NS
        flying = [each for each in self.flyers if each.from_s <= t < each.until_s]
        ended = [each for each in self.flyers if 0 <= t - each.until_s < STEP_NS / SECOND_NS]
        detections = self._detections(flying, t)
        tracks = self._tracks(flying, ended, t)
        events: list[model.Event] = [
            model.Detected(time_ns=self._now_ns, detections=detections),
            model.Claimed(time_ns=self._now_ns, claims=self._claims(flying, t)),
            model.Tracked(time_ns=self._now_ns, tracks=tracks, associations=self._associations(flying, detections)),
            model.Identified(time_ns=self._now_ns, identities=self._identities(flying)),
            model.Found(time_ns=self._now_ns, findings=self._findings(flying, t)),
        ]
        events += [model.AlertChanged(time_ns=self._now_ns, alert=alert) for alert in self._alerting(flying, t)]
        if round(t, 1) == 5.0:
            rejection = model.Rejection(
                frame=9, record=-1, source=0, reason=model.Reason.UNSUPPORTED, item="CAT063",
                detail="category 63 is not read; the other blocks of the frame were", count=3,
            )  # fmt: skip
            events.append(model.Rejected(time_ns=self._now_ns, rejections=(rejection,)))
        if round(t, 1) == 6.0:
            events += [model.TakeOffFound(time_ns=self._now_ns, takeoff=each, chances=CHANCES) for each in TAKE_OFFS]
        if round(t, 1) == 8.0:
            events.append(notice(self._now_ns, model.NoticeKind.SENSOR_SILENT, "adsb", "silent", quiet_s=10.0))
        return events

    def _detections(self, flying: list[Flyer], t: float) -> model.Detections:
        generator = np.random.default_rng(int(t * 2) + 1)
        rows: list[tuple[int, int, list[float]]] = []
        radar, finder = (self._enu(self.site.sensors[index].place) for index in (0, 1))
        for flyer in flying:
            if flyer.track < 0 or flyer.status == TrackStatus.COASTED:
                continue
            east, north, up, _, _ = flyer.state(t)
            de, dn = east - radar[0] + generator.normal(0, 8), north - radar[1] + generator.normal(0, 8)
            rows.append(
                (0, flyer.track, [hypot(de, dn, up), atan2(de, dn) % (2 * pi), up / max(hypot(de, dn), 1), np.nan])
            )
            if flyer.sensors & 2 and int(t * 2) % 2 == 0:
                bearing = atan2(east - finder[0], north - finder[1]) + generator.normal(0, 0.03)
                rows.append((1, flyer.track, [np.nan, bearing % (2 * pi), np.nan, np.nan]))
        for _ in range(6):
            angle, distance = generator.uniform(0, 2 * pi), generator.uniform(300, 4800)
            rows.append((0, 0, [distance, angle, 0.02, np.nan]))
        self._frame += 1
        ids = self._frame * model.RECORDS_PER_FRAME + np.arange(len(rows))
        return model.Detections.unknown(
            len(rows),
            id=ids,
            time_ns=self._now_ns - SECOND_NS,
            received_ns=self._now_ns - SECOND_NS + 40_000_000,
            sensor=[row[0] for row in rows],
            geometry=int(model.Geometry.POLAR),
            z=[row[2] for row in rows],
            R=np.diag([100.0, 0.03**2, 0.02**2, 1.0]),
            category_probability=[self._called(sensor, track) for sensor, track, _ in rows],
        )

    def _called(self, sensor: int, track: int) -> list[float]:
        """The radar's class of what it sees, which at every seventh turn is a bird's; other sensors give none."""
        flyer = next((each for each in self.flyers if each.track == track), None)
        if sensor != 0 or flyer is None:
            return [np.nan] * 5
        said = [0.05] * 5
        said[Category.BIRD if self._frame % 7 == 0 else flyer.category] = 0.8
        return said

    def _claims(self, flying: list[Flyer], t: float) -> model.Claims:
        said = [each for each in flying if each.kind >= 0 and (each.kind != ClaimKind.ADS_B or t < 8.0)]
        return model.Claims.unknown(
            len(said),
            id=(self._frame + 1_000_000) * model.RECORDS_PER_FRAME + np.arange(len(said)),
            time_ns=self._now_ns - SECOND_NS,
            received_ns=self._now_ns - SECOND_NS,
            sensor=[3 if each.kind == ClaimKind.ADS_B else 2 for each in said],
            kind=[each.kind for each in said],
            aircraft_id=[each.aircraft_id for each in said],
            position=np.array([each.state(t)[:3] for each in said]).reshape(-1, 3),
        )

    def _enu(self, at: model.Place) -> tuple[float, float]:
        enu = self.site.frame.to_enu(np.array(at.geodetic))
        return float(enu[0]), float(enu[1])

    def _associations(self, flying: list[Flyer], detections: model.Detections) -> model.Associations:
        seen = [each for each in flying if each.track > 0 and each.status != TrackStatus.COASTED]
        ids = detections.id[detections.sensor == 0][: len(seen)]
        return model.Associations(
            track=np.array([each.track for each in seen]),
            time_ns=np.full(len(seen), self._now_ns - SECOND_NS),
            detection=ids,
            probability=np.full(len(seen), 0.97),
        )

    def _tracks(self, flying: list[Flyer], ended: list[Flyer], t: float) -> model.Tracks:
        listed = sorted([*flying, *ended], key=lambda each: each.track)
        states = np.array([each.state(t) for each in listed]).reshape(-1, 5)
        x = np.column_stack([states, np.zeros(len(listed))])
        P = np.zeros((len(listed), 6, 6))
        for row, each in enumerate(listed):
            turn = np.array([[cos(0.6), -sin(0.6)], [sin(0.6), cos(0.6)]])
            P[row, :2, :2] = turn @ np.diag([(2.0 * each.sigma) ** 2, each.sigma**2]) @ turn.T
            P[row, 2, 2] = 7.0**2 if each.sigma < 25 else 4000.0**2
            P[row, 3:, 3:] = np.eye(3)
        ending = {each.track for each in ended}
        return model.Tracks.unknown(
            len(listed),
            track=[each.track for each in listed],
            time_ns=self._now_ns - SECOND_NS,
            started_ns=START_NS + np.array([int(each.from_s * SECOND_NS) for each in listed]) - SECOND_NS,
            confirmed_ns=[-1 if each.status == TrackStatus.TENTATIVE else START_NS + SECOND_NS for each in listed],
            updated_ns=[self._now_ns - (6 if each.status == TrackStatus.COASTED else 1) * SECOND_NS for each in listed],
            status=[int(TrackStatus.TERMINATED if each.track in ending else each.status) for each in listed],
            basis=[int(each.track < 0) for each in listed],
            x=x,
            P=P,
            existence=[0.62 if each.status == TrackStatus.TENTATIVE else 0.997 for each in listed],
            updates=[int(t * 2) + 1] * len(listed),
            sensors=[each.sensors for each in listed],
            category_probability=[self._category(each) for each in listed],
        )

    def _category(self, flyer: Flyer) -> list[float]:
        probability = [0.03] * 5
        probability[flyer.category] = 0.88
        return probability

    async def grounds(self, track: int) -> model.Grounds | None:
        """Made up, and yet they add up: motion says what the prior and the classes leave to be said."""
        flyer = next((each for each in self.flyers if each.track == track), None)
        if flyer is None:
            return None
        said = np.log(self._category(flyer))
        prior, opinions = np.log([0.31, 0.05, 0.43, 0.08, 0.13]), np.where(np.arange(5) == flyer.category, 0.0, -1.2)
        height, size = np.array([-0.1, 0.0, -0.3, -4.0, -1.5]), np.array([0.0, -0.1, -2.2, -7.5, -4.0])
        return model.Grounds(
            track=track,
            time_ns=self._now_ns,
            probability=tuple(np.exp(said).tolist()),
            prior=tuple(prior.tolist()),
            opinions=tuple(opinions.tolist()),
            motion=tuple((said - prior - opinions - height - size).tolist()),
            still=(0.0,) * 5,
            height=tuple(height.tolist()),
            size=tuple(size.tolist()),
            speed=flyer.speed,
            waver=0.12,
            climb=0.4,
            span_s=38.0,
            still_s=0.0,
            above_ground=flyer.height,
            rcs_db=-17.3,
            rcs_reports=41.0,
        )

    def _identities(self, flying: list[Flyer]) -> model.Identities:
        listed = sorted((each for each in flying if each.status != TrackStatus.TENTATIVE), key=lambda each: each.track)
        return model.Identities.unknown(
            len(listed),
            track=[each.track for each in listed],
            time_ns=self._now_ns - SECOND_NS,
            aircraft_id=[each.aircraft_id for each in listed],
            probability=[0.98 if each.aircraft_id else np.nan for each in listed],
            runner_up=["uas:GHOST00000000001" if each.authorisation else "" for each in listed],
            runner_up_probability=[0.01 if each.authorisation else np.nan for each in listed],
            claim_kind=[each.kind for each in listed],
            claim_verdict=[int(each.verdict) for each in listed],
            operator_id=[each.operator_id for each in listed],
            pilot_position=[[-420.0, 310.0, 0.0] if each.authorisation else [np.nan] * 3 for each in listed],
            category_probability=[self._category(each) for each in listed],
            authorisation=[each.authorisation for each in listed],
            authorisation_probability=[0.97 if each.authorisation else 0.0 for each in listed],
            authorisation_runner_up_probability=0.0,
        )

    def _findings(self, flying: list[Flyer], t: float) -> model.Findings:
        rows = []
        for flyer in sorted(flying, key=lambda each: each.track):
            east, north, *_ = flyer.state(t)
            distance = hypot(east, north) - 1200.0
            if distance < 1500.0 and flyer.status != TrackStatus.TENTATIVE:
                rows.append((flyer, distance))
        return model.Findings.unknown(
            len(rows),
            track=[flyer.track for flyer, _ in rows],
            zone="ban-centre",
            time_ns=self._now_ns - SECOND_NS,
            probability_inside=[1 / (1 + np.exp(distance / 25.0)) for _, distance in rows],
            probability_entry=[0.9 if distance < 300 else 0.2 for _, distance in rows],
            time_to_entry=[
                0.0 if distance < 0 else distance / 11.0 if distance < 300 else np.nan for _, distance in rows
            ],
            distance=[distance for _, distance in rows],
            probability_uas=[0.9 if flyer.category <= 1 else 0.05 for flyer, _ in rows],
            probability_permitted=[0.97 if flyer.authorisation else 0.0 for flyer, _ in rows],
            authorisation=[flyer.authorisation for flyer, _ in rows],
        )

    def _alerting(self, flying: list[Flyer], t: float) -> list[model.Alert]:
        made = []
        for id, flyer in enumerate([each for each in self.flyers if each.track in (3, 5)], start=1):
            east, north, up, _, _ = flyer.state(t)
            distance = hypot(east, north) - 1200.0
            active = flyer in flying and distance < 0
            known = self._alerts.get(id)
            if known is None and active:
                made.append(self._raise(id, flyer, t, (east, north, up), distance))
            elif known is not None and known.active != active:
                made.append(self._change(known, active=active))
        ghost = next(each for each in self.flyers if each.track == -2)
        if 3 not in self._alerts and t >= 4.0:
            made.append(self._raise(3, ghost, t, (*ghost.state(t)[:3],), 1.0e3))
        return made

    def _raise(
        self, id: int, flyer: Flyer, t: float, position: tuple[float, float, float], distance: float
    ) -> model.Alert:
        ghost = flyer.verdict == ClaimVerdict.CONTRADICTED
        alert = model.Alert(
            id=id,
            kind=model.AlertKind.CONTRADICTED_CLAIM if ghost else model.AlertKind.ZONE_INTRUSION,
            status=model.AlertStatus.RAISED,
            severity=model.Severity.NOTICE if ghost else model.Severity.CRITICAL,
            track=flyer.track,
            tracks=(flyer.track,),
            zone="" if ghost else "ban-centre",
            aircraft_id=flyer.aircraft_id,
            started_ns=START_NS + int(flyer.from_s * SECOND_NS),
            confirmed_ns=START_NS + int((flyer.from_s + 1) * SECOND_NS),
            raised_ns=self._now_ns,
            changed_ns=self._now_ns,
            active=True,
            cause=model.Cause(
                finding_time_ns=self._now_ns,
                probability_inside=0.98,
                probability_entry=1.0,
                probability_uas=0.91,
                probability_permitted=0.0,
                distance=distance,
                time_to_entry=0.0,
                position=position,
                height_sigma=7.0,
                detections=(model.RECORDS_PER_FRAME,),
            ),
            steps=(model.AlertStep(time_ns=self._now_ns, status=model.AlertStatus.RAISED, actor=""),),
        )
        self._alerts[id] = alert
        return alert

    def _change(self, alert: model.Alert, **changes: object) -> model.Alert:
        from dataclasses import replace

        changed = replace(alert, changed_ns=self._now_ns, **changes)  # type: ignore[arg-type]
        self._alerts[alert.id] = changed
        return changed

    def _obey(self, actor: str, order: model.Order) -> tuple[model.Event, ...]:
        statuses = {
            model.AcknowledgeAlert: model.AlertStatus.ACKNOWLEDGED,
            model.EscalateAlert: model.AlertStatus.ESCALATED,
            model.RejectAlert: model.AlertStatus.REJECTED,
            model.CloseAlert: model.AlertStatus.CLOSED,
        }
        match order:
            case model.FindTakeOff():
                return ()
            case model.TaskSensor():
                return (
                    notice(
                        self._now_ns, model.NoticeKind.TASK_SENT, order.sensor, "task_sent",
                        by=actor, task=order.task.value, level=order.level, mode=order.mode,
                    ),
                )  # fmt: skip
            case model.PutZone():
                return (model.ZoneChanged(time_ns=self._now_ns, id=order.zone.id, zone=order.zone),)
            case model.WithdrawZone():
                return (model.ZoneChanged(time_ns=self._now_ns, id=order.zone, zone=None),)
            case model.PutAuthorisation():
                given = order.authorisation
                return (model.AuthorisationChanged(time_ns=self._now_ns, id=given.id, authorisation=given),)
            case model.WithdrawAuthorisation():
                return (model.AuthorisationChanged(time_ns=self._now_ns, id=order.authorisation, authorisation=None),)
        alert = self._alerts[order.alert]
        status = statuses[type(order)]
        if alert.status in (model.AlertStatus.CLOSED, model.AlertStatus.REJECTED):
            raise BadCommand(f"alert {alert.id} is {alert.status.value}")
        step = model.AlertStep(time_ns=self._now_ns, status=status, actor=actor, note=order.note)
        changed = self._change(alert, status=status, steps=(*alert.steps, step))
        return (model.AlertChanged(time_ns=self._now_ns, alert=changed),)


def course_of(east: float, north: float) -> float:
    """Degrees clockwise from north."""
    return degrees(atan2(east, north)) % 360.0
