from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import httpx
import pytest
from tests.server.conftest import Served

from luchtwacht.codecs.observation import decode_observation
from luchtwacht.errors import BadCommand, RecordError
from luchtwacht.model import (
    AcknowledgeAlert,
    FindTakeOff,
    Format,
    PutZone,
    RejectAlert,
    RetentionSettings,
    Sensor,
    SensorKind,
    Source,
)

ZONE = {
    "id": "new",
    "name": "Tijdelijk",
    "restriction": "PROHIBITED",
    "volumes": [{"circle": {"latitude": 52.1, "longitude": 4.3, "radius": 500}, "upper": 120}],
    "time_zone": "Europe/Amsterdam",
}


def test_the_site_tells_its_sensors_in_degrees(served: Served) -> None:
    with served.client as client:
        site = client.get("/api/v1/site").json()
    assert site["name"] == "Proefstad bij nacht"
    assert [sensor["kind"] for sensor in site["sensors"]][:2] == ["radar_3d", "rf_direction_finder"]
    assert site["base_map"] is True


def test_the_base_map_is_what_the_site_gave(served: Served) -> None:
    with served.client as client:
        answer = client.get("/api/v1/basemap")
    assert answer.headers["content-type"] == "application/geo+json"
    assert {feature["properties"]["kind"] for feature in answer.json()["features"]} >= {"water", "road", "label"}


def test_without_a_base_map_there_is_none(served: Served) -> None:
    served.watch.base_map = None
    with served.client as client:
        assert client.get("/api/v1/basemap").status_code == 404
        assert client.get("/api/v1/site").json()["base_map"] is False


def test_a_track_leads_back_to_the_bytes_of_its_frames(served: Served) -> None:
    with served.client as client:
        track = client.get("/api/v1/tracks/3").json()
        report = track["reports"][0]
        frame = client.get(f"/api/v1/frames/{report['frame']}").json()
    kept = served.watch.frame(report["frame"])
    assert kept is not None
    assert bytes.fromhex(frame["hex"]) == kept.data
    assert frame["sha256"] == sha256(kept.data).hexdigest()
    assert frame["received_ns"] == str(kept.received_ns)
    assert track["height_ellipsoid_m"] == pytest.approx(track["track"]["height_amsl_m"][0] + 43.2, abs=0.11)


def test_a_take_off_is_told_with_its_areas_and_its_map(served: Served) -> None:
    with served.client as client:
        found = client.get("/api/v1/tracks/3/takeoff").json()
        picture = client.get("/api/v1/picture").json()
    takeoff = found["takeoff"]
    assert takeoff["extent"] == "hidden"
    assert takeoff["launch_from_ms"] < takeoff["launch_ms"] < takeoff["launch_until_ms"] < takeoff["first_ms"]
    assert takeoff["half"]["size_m2"] < takeoff["most"]["size_m2"]
    ring = takeoff["most"]["polygons"][0][0]
    assert ring[0] == ring[-1]
    assert min(ring)[0] < takeoff["point"]["longitude"] < max(ring)[0]
    assert takeoff["bearing_deg"] == pytest.approx(228.0)
    assert (takeoff["wind_speed_m_s"], takeoff["wind_from_deg"]) == (4.2, pytest.approx(149.7))
    assert sum(found["chances"]["probability"]) == pytest.approx(0.99)
    assert [each["track"] for each in picture["takeoffs"]] == [3, 5]
    assert picture["takeoffs"][1]["most"] is None


def test_a_take_off_is_asked_for_by_name_and_not_there_before(served: Served) -> None:
    with served.client as client:
        assert client.get("/api/v1/tracks/6/takeoff").status_code == 404
        asked = client.post("/api/v1/tracks/6/takeoff", json={"actor": "JW"})
        nobody = client.post("/api/v1/tracks/6/takeoff", json={"actor": " "})
    assert asked.status_code == 200
    assert asked.json()["takeoff"] is None
    assert nobody.status_code == 400
    assert served.watch.commands == [("JW", FindTakeOff(track=6))]


HAGUE = {"latitude": 52.0, "longitude": 4.3}


def test_reach_answers_with_figures_and_reasons(served: Served) -> None:
    can = {"airspeed_m_s": 15, "endurance_s": 1500, "wind_speed_m_s": 5, "wind_from_deg": 180}
    with served.client as client:
        there = client.get("/api/v1/reach", params={**HAGUE, **can, "to_latitude": 52.1, "to_longitude": 4.3}).json()
        track = client.get("/api/v1/reach", params={**HAGUE, **can, "track": 3}).json()
        calm = client.get("/api/v1/reach", params={**HAGUE, "airspeed_m_s": 15, "endurance_s": 1500, "track": 3}).json()
    assert there["possible"]
    assert there["ground_speed_m_s"] == pytest.approx(20.0)
    assert there["flight_s"] == pytest.approx(there["distance_m"] / 20.0, abs=0.1)
    assert there["margin_s"] == pytest.approx(1500 - there["flight_s"], abs=0.1)
    assert there["aloft_s"] == 0.0
    assert track["aloft_s"] == pytest.approx(180.0, abs=2.0)
    assert track["margin_s"] == pytest.approx(1500 - track["flight_s"] - track["aloft_s"], abs=0.2)
    assert calm["wind_along_m_s"] == 0.0
    assert any("great circle" in each for each in track["reasons"])


@pytest.mark.parametrize(
    ("change", "status"),
    [({"track": 4711}, 404), ({}, 400), ({"to_latitude": 52.1}, 400), ({"airspeed_m_s": 0}, 422), ({"wnd": 3}, 422)],
)
def test_a_question_of_reach_that_cannot_be_is_refused(served: Served, change: dict[str, Any], status: int) -> None:
    with served.client as client:
        answer = client.get("/api/v1/reach", params={**HAGUE, "airspeed_m_s": 15, "endurance_s": 1500, **change})
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["tracks/4711", "frames/999999", "alerts/99", "nowhere"])
def test_what_is_not_there_is_404(served: Served, path: str) -> None:
    with served.client as client:
        assert client.get(f"/api/v1/{path}").status_code == 404


def test_acknowledging_reaches_the_watch_and_shows_at_once(served: Served) -> None:
    with served.client as client:
        answer = client.post("/api/v1/alerts/1/acknowledge", json={"actor": " J. de Wit ", "note": "gezien"})
        again = client.get("/api/v1/alerts/1").json()
    assert served.watch.commands == [("J. de Wit", AcknowledgeAlert(alert=1, note="gezien"))]
    assert answer.json() == again
    assert again["status"] == "acknowledged"
    assert again["active"] is True, "acknowledging does not end an alert"
    assert again["steps"][-1]["actor"] == "J. de Wit"


def test_rejecting_needs_a_reason(served: Served) -> None:
    with served.client as client:
        without = client.post("/api/v1/alerts/1/reject", json={"actor": "JW", "note": "  "})
        assert served.watch.commands == []
        with_one = client.post("/api/v1/alerts/1/reject", json={"actor": "JW", "note": "meeuwen"})
    assert without.status_code == 400
    assert without.headers["content-type"] == "application/problem+json"
    assert with_one.json()["status"] == "rejected"
    assert served.watch.commands == [("JW", RejectAlert(alert=1, note="meeuwen"))]


def test_what_the_state_does_not_allow_is_409_with_the_watchs_own_words(served: Served) -> None:
    with served.client as client:
        client.post("/api/v1/alerts/1/close", json={"actor": "JW"})
        refused = client.post("/api/v1/alerts/1/acknowledge", json={"actor": "JW"})
    assert refused.status_code == 409
    assert refused.json()["detail"] == "alert 1 is closed"


def test_an_order_that_is_not_on_record_is_said_so(served: Served) -> None:
    served.watch.refuse = RecordError("no space left on device")
    with served.client as client:
        answer = client.post("/api/v1/alerts/1/acknowledge", json={"actor": "JW"})
    assert (answer.status_code, answer.json()["detail"]) == (503, "no space left on device")


@pytest.mark.parametrize(
    "body", [{}, {"actor": ""}, {"actor": "x" * 81}, {"actor": "JW", "note": "x" * 2001}, [], "nonsense"]
)
def test_an_order_without_a_name_or_with_nonsense_is_refused(served: Served, body: Any) -> None:
    with served.client as client:
        assert client.post("/api/v1/alerts/1/acknowledge", json=body).status_code in (400, 422)
    assert served.watch.commands == []


def test_a_zone_can_be_put_and_withdrawn(served: Served) -> None:
    with served.client as client:
        put = client.put("/api/v1/zones/new", params={"actor": "JW"}, json=ZONE)
        assert put.status_code == 200, put.text
        made = next(zone for zone in put.json() if zone["id"] == "new")
        gone = client.delete("/api/v1/zones/new", params={"actor": "JW"}).json()
    assert made["in_force"] is True
    assert len(made["volumes"][0]["rings"][0]) == 73
    assert "new" not in {zone["id"] for zone in gone}
    order = served.watch.commands[0][1]
    assert isinstance(order, PutZone)
    assert order.zone.volumes[0].upper == 120.0


@pytest.mark.parametrize("change", [{"restriction": "MAYBE"}, {"volumes": "none"}, {"name": None}, {"id": "other"}])
def test_a_zone_that_cannot_be_is_refused(served: Served, change: dict[str, Any]) -> None:
    with served.client as client:
        answer = client.put("/api/v1/zones/new", params={"actor": "JW"}, json=ZONE | change)
    assert answer.status_code in (400, 422)
    assert served.watch.commands == []


def test_an_authorisation_can_be_put_and_withdrawn(served: Served) -> None:
    given = {
        "id": "permit-2",
        "state": "granted",
        "zones": ["ban-centre"],
        "start": "2026-05-03T00:00:00Z",
        "end": "2026-05-03T06:00:00Z",
        "aircraft": ["uas:X"],
    }
    with served.client as client:
        put = client.put("/api/v1/authorisations/permit-2", params={"actor": "JW"}, json=given)
        assert put.status_code == 200, put.text
        made = next(each for each in put.json() if each["id"] == "permit-2")
        gone = client.delete("/api/v1/authorisations/permit-2", params={"actor": "JW"}).json()
        assert client.get("/api/v1/authorisations").json() == gone
    assert made["in_force"] is True
    assert "permit-2" not in {each["id"] for each in gone}


def test_playback_can_be_steered(served: Served) -> None:
    with served.client as client:
        state = client.get("/api/v1/playback").json()
        assert len(state["density"]) == 240
        assert {tick["alert"] for tick in state["alerts"]} == {1, 2, 3}
        first = state["playback"]["first_ms"]
        steered = client.post("/api/v1/playback", json={"paused": True, "speed": 4, "seek_ms": first + 20_000}).json()
    assert steered["playback"] == state["playback"] | {
        "paused": True,
        "speed": 4,
        "position_ms": first + 20_000,
    }
    assert {tick["alert"] for tick in steered["alerts"]} == {1, 2, 3}, "alerts ahead stay marked"


@pytest.mark.parametrize("speed", [0, -1, 1e9])
def test_a_speed_that_cannot_be_is_refused(served: Served, speed: float) -> None:
    with served.client as client:
        assert client.post("/api/v1/playback", json={"speed": speed}).status_code == 400


def test_a_live_watch_is_not_steered(served_live: Served) -> None:
    with served_live.client as client:
        assert client.get("/api/v1/playback").json() == {
            "playback": None,
            "density": [],
            "alerts": client.get("/api/v1/playback").json()["alerts"],
        }
        assert client.post("/api/v1/playback", json={"paused": True}).status_code == 409


def test_health_says_how_the_watch_stands(served: Served) -> None:
    with served.client as client:
        answer = client.get("/api/v1/health")
    assert answer.status_code == 200
    assert answer.json()["status"]["durable"] == 360


def test_alerts_come_as_server_sent_events_and_go_on_after_the_last_one_seen(served: Served) -> None:
    def read(client: httpx.Client, wanted: int, headers: dict[str, str]) -> tuple[list[dict[str, Any]], str]:
        seen, last = [], ""
        with client.stream("GET", "/api/v1/alerts/stream", headers=headers) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    seen.append(json.loads(line[6:]))
                if line.startswith("id: "):
                    last = line[4:]
                    if len(seen) >= wanted:
                        break
        return seen, last

    with served.client as client:
        seen, last = read(client, 3, {})
        assert {alert["id"] for alert in seen} == {1, 2, 3}
        client.post("/api/v1/alerts/1/acknowledge", json={"actor": "JW"})
        more, _ = read(client, 1, {"last-event-id": last})
    assert [(alert["id"], alert["status"]) for alert in more] == [(1, "acknowledged")]


def test_the_description_names_every_answer(served: Served) -> None:
    with served.client as client:
        description = client.get("/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    for path, moves in description["paths"].items():
        for move, said in moves.items():
            assert said["summary"], (move, path)
            content = said["responses"]["200"].get("content", {})
            if path not in ("/api/v1/basemap", "/api/v1/alerts/stream"):
                assert content["application/json"]["schema"], (move, path)


def test_an_answer_is_never_kept_by_the_browser(served: Served) -> None:
    with served.client as client:
        assert client.get("/api/v1/picture").headers["cache-control"] == "no-store"


# ---------------------------------------------------------------------- what people saw


def test_an_observation_becomes_a_frame_of_its_post(served: Served) -> None:
    watch = served.watch
    post = Sensor(id="post-1", kind=SensorKind.SPOTTER, source="people", place=watch.site.origin)
    people = Source(id="people", format=Format.OBSERVATION, connect="api:")
    watch.site = replace(watch.site, sources=(*watch.site.sources, people), sensors=(*watch.site.sensors, post))
    seen = {"actor": "patrol 3", "sensor": "post-1", "what": "drone", "bearing_deg": 45.0, "time_ms": 1_000}
    with served.client as client:
        answer = client.post("/api/v1/observations", json=seen)
        assert (answer.status_code, answer.json()) == (200, {"frame": 4_711})
        ((source, payload),) = watch.handed_in
        assert source == len(watch.site.sources) - 1
        said = decode_observation(payload)
        assert (said.by, said.what, said.bearing_deg, said.time_ns) == ("patrol 3", "drone", 45.0, 1_000_000_000)
        wrongs: list[tuple[dict[str, object], int]] = [
            ({"sensor": watch.site.sensors[0].id}, 404),
            ({"actor": " "}, 400),
            ({"bearing_deg": 999.0}, 400),
            ({"what": "ufo"}, 422),
        ]
        for wrong, status in wrongs:
            assert client.post("/api/v1/observations", json=seen | wrong).status_code == status
        assert len(watch.handed_in) == 1


HOLD = {"actor": "BL", "id": "case-7", "reason": "claim for damages", "from_ms": 1_000, "to_ms": 2_000}


def test_how_long_what_is_kept_is_what_the_site_declares(served: Served) -> None:
    served.watch.site = replace(served.watch.site, retention=RetentionSettings(frames_days=90.0))
    with served.client as client:
        told = client.get("/api/v1/retention").json()
    days = {each["what"]: each["days"] for each in told["policy"]}
    assert days == {"personal": None, "frames": 90.0, "events": None, "decisions": None}
    assert told["holds"] == []


def test_a_stretch_is_held_until_it_is_released(served: Served) -> None:
    with served.client as client:
        held = client.post("/api/v1/retention/holds", json=HOLD).json()["holds"]
        assert held == [{"id": "case-7", "by": "BL", "reason": "claim for damages", "from_ms": 1_000, "to_ms": 2_000}]
        again = client.post("/api/v1/retention/holds", json={**HOLD, "to_ms": 1_500})
        assert again.status_code == 409  # or somebody could make a hold smaller without releasing it
        assert (
            client.post("/api/v1/retention/holds/case-8/release", json={"actor": "BL", "note": "x"}).status_code == 404
        )
        nothing_said = client.post("/api/v1/retention/holds/case-7/release", json={"actor": "BL", "note": " "})
        assert nothing_said.status_code == 400
        left = client.post("/api/v1/retention/holds/case-7/release", json={"actor": "BL", "note": "settled"}).json()
    assert left["holds"] == []


def test_the_time_of_an_alert_is_held_with_an_hour_around_it(served: Served) -> None:
    with served.client as client:
        alert = client.get("/api/v1/alerts/1").json()
        order = {"actor": "BL", "id": "alert-1", "reason": "police asked", "alert": 1}
        (held,) = client.post("/api/v1/retention/holds", json=order).json()["holds"]
        assert client.post("/api/v1/retention/holds", json={**order, "alert": 99}).status_code == 404
    assert held["from_ms"] == alert["started_ms"] - 3_600_000
    assert held["to_ms"] == max(alert["changed_ms"], alert["raised_ms"]) + 3_600_000


@pytest.mark.parametrize(
    "wrong",
    [{"id": "Case 7"}, {"id": ""}, {"reason": " "}, {"to_ms": 500}, {"to_ms": None}, {"actor": ""}, {"from_ms": -5}],
)
def test_a_hold_that_says_too_little_is_refused(served: Served, wrong: dict[str, object]) -> None:
    with served.client as client:
        assert client.post("/api/v1/retention/holds", json={**HOLD, **wrong}).status_code == 400
    assert served.watch.held == {}


def test_a_watch_that_records_nothing_holds_nothing(served: Served) -> None:
    served.watch.refuse = BadCommand("this watch records nothing")
    with served.client as client:
        assert client.post("/api/v1/retention/holds", json=HOLD).status_code == 409
