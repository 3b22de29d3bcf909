from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from tests.browser.conftest import ARGUMENTS, Console, OpenConsole
from tests.server.conftest import Served, serve
from tests.server.fake_watch import START_NS, FakeWatch, place

from luchtwacht.model import AcknowledgeAlert, FindTakeOff, RejectAlert, SensorTask, TaskSensor
from luchtwacht.server.backend import Preparation

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)

DESK, PHONE = (1280, 800), (390, 844)
FIRST = '[data-alert="1"]'


def test_the_page_shows_the_tracks_and_says_the_alert_in_one_sentence(open_console: OpenConsole) -> None:
    page = open_console().open()
    expect(page.locator("tr[data-track]")).to_have_count(9)
    alert = page.locator(FIRST)
    expect(alert).to_contain_text("Unknown drone inside Vliegverbod Centrum")
    expect(alert).to_contain_text(re.compile(r"84\sm above ground · 11\sm/s heading NE · P 0\.91 · not permitted"))
    expect(alert).to_contain_text(re.compile(r"since \d\d:\d\d:\d\d"))
    expect(alert).to_contain_text(re.compile(r"km, \d{3}° [NESW]+ of centre"))
    expect(page).to_have_title(re.compile(r"^\(3\) Proefstad bij nacht"))


def test_an_alert_is_acknowledged_with_one_key_and_stays_on_the_screen(
    open_console: OpenConsole, served: Served
) -> None:
    page = open_console().open()
    page.locator(f"{FIRST} .alert-head").focus()
    page.locator(f"{FIRST} .alert-head").press("Enter")
    page.keyboard.press("a")
    expect(page.locator(FIRST)).to_have_attribute("data-status", "acknowledged")
    expect(page.locator(FIRST)).to_be_visible()
    expect(page.locator(FIRST)).to_contain_text("Acknowledged")
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    assert served.watch.commands == [("JW", AcknowledgeAlert(alert=1, note=""))]
    page.keyboard.press("a")
    expect(page.locator('[data-status="acknowledged"]')).to_have_count(2)
    assert served.watch.commands[1] == ("JW", AcknowledgeAlert(alert=2, note="")), "the next that waits"


def test_who_has_no_name_yet_is_asked_once(open_console: OpenConsole, served: Served) -> None:
    page = open_console(name="").open()
    page.keyboard.press("a")
    page.get_by_label("Name or initials").fill("A. de Boer")
    page.keyboard.press("Enter")
    expect(page.locator('[data-status="acknowledged"]')).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator('[data-status="acknowledged"]')).to_have_count(2)
    assert [actor for actor, _ in served.watch.commands] == ["A. de Boer", "A. de Boer"]


def test_a_track_says_from_where_it_took_off_as_an_area_and_never_an_actor(open_console: OpenConsole) -> None:
    page = open_console().open("#track=3")
    section = page.locator('.takeoff[data-takeoff="hidden"]')
    expect(section).to_contain_text("Took off out of the radars' sight")
    expect(section).to_contain_text(re.compile(r"02:13:12.*02:12:25 – 02:13:39 \(90\s%\)"))
    expect(section).to_contain_text(re.compile(r"10\.6\sha – 70\.8\sha"))
    expect(section).to_contain_text("24 reports of Radar Noord, RF West in the first 19 s")
    expect(section).to_contain_text("An area, not an actor")
    page.goto(page.url.split("#")[0] + "#track=5")
    page.reload()
    expect(page.locator('.takeoff[data-takeoff="beyond"]')).to_contain_text(re.compile("Came from.*138° SE"))


def test_a_take_off_that_nobody_asked_for_yet_is_asked_for_with_a_button(
    open_console: OpenConsole, served: Served
) -> None:
    page = open_console().open("#track=6")
    page.get_by_role("button", name="Find the take-off area").click()
    expect(page.locator(".takeoff button")).to_be_enabled()
    assert served.watch.commands == [("JW", FindTakeOff(track=6))]


def test_a_watch_that_is_starting_does_not_call_it_quiet(open_console: OpenConsole, served: Served) -> None:
    served.do(lambda: served.watch.become(FakeWatch()))
    served.watch.preparation = Preparation(step=2, steps=6, elapsed_ns=12_000_000_000)
    page = open_console().open()
    expect(page.locator(".summary")).to_contain_text("Starting")
    expect(page.locator(".mode")).to_have_attribute("data-mode", "preparing")
    expect(page.locator(".summary")).to_contain_text("step 2 of 6, 12 s")
    expect(page.get_by_role("progressbar", name="Starting")).to_have_attribute("value", "2")
    expect(page.locator(".alerts .nothing")).to_contain_text("compiled once on this machine")
    expect(page.locator(".alerts .nothing")).to_contain_text("nothing is watched yet")
    expect(page.locator(".alerts .nothing")).not_to_contain_text("Nothing needs you")


def test_why_a_track_is_held_for_what_it_is_can_be_read_and_adds_up(open_console: OpenConsole) -> None:
    page = open_console().open("#track=3")
    why = page.locator(".grounds summary")
    why.focus()
    page.keyboard.press("Enter")
    table = page.get_by_role("table", name="Why?")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Multirotor", "Fixed-wing drone", "Bird", "Crewed aircraft", "Other"]
    )
    expect(table.locator("[data-ground=motion]")).to_contain_text("wavering")
    expect(table.locator("[data-ground=still]")).to_contain_text("never")
    expect(page.locator(".opinions [data-sensor]")).to_contain_text(re.compile(r"\d+× Multirotor, \d+× Bird"))
    bars = page.locator(".card .block", has=why).locator(".bar-value").all_inner_texts()
    outcome = table.get_by_role("row", name="From sensors").get_by_role("cell").all_inner_texts()
    assert outcome == bars


def test_an_output_says_what_it_sent_and_what_it_dropped(open_console: OpenConsole) -> None:
    page = open_console().open()
    page.locator("#tab-sensors").click()
    expect(page.locator('[data-output="tower"]')).to_contain_text(re.compile(r"Sending.*1,204 sent.*3 dropped"))


def test_a_sensor_is_asked_for_something_only_after_it_was_said_twice(
    open_console: OpenConsole, served: Served
) -> None:
    page = open_console(language="nl").open()
    page.locator("#tab-sensors").click()
    page.get_by_text("Deze sensor iets vragen").press("Enter")
    page.locator("[name=task]").select_option("stop")
    page.get_by_role("button", name="Vragen", exact=True).click()
    assert served.watch.commands == []
    expect(page.get_by_role("group", name="Mast Zuid vragen: stoppen?")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Mast Zuid is gevraagd: stoppen")
    assert served.watch.commands == [("JW", TaskSensor(sensor="mast-south", task=SensorTask.STOP))]
    page.locator("#tab-log").click()
    expect(page.locator('[data-notice="task_sent"]')).to_contain_text("stoppen · JW")


def test_an_alert_is_held_and_released_by_keyboard_alone(open_console: OpenConsole, served: Served) -> None:
    page = open_console(language="nl").open()
    page.keyboard.press("v")
    expect(page.get_by_role("dialog")).to_contain_text("Er wordt niets vastgehouden.")
    page.get_by_label("Naam (a-z, 0-9, -)").focus()
    page.keyboard.type("zaak-7")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Van (UTC)")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.type("politie vroeg erom")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row = page.locator('[data-hold="zaak-7"]')
    expect(row).to_contain_text("door JW: politie vroeg erom")
    assert [(each.by, each.reason) for each in served.watch.held.values()] == [("JW", "politie vroeg erom")]
    row.get_by_role("button", name="Vrijgeven").press("Enter")
    expect(page.get_by_label("Waarom wordt zaak-7 vrijgegeven?")).to_be_focused()
    page.keyboard.type("afgedaan")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Er wordt niets vastgehouden.")).to_be_visible()
    assert served.watch.held == {}


def test_a_hold_says_from_when_to_when_and_a_refusal_is_told(open_console: OpenConsole, served: Served) -> None:
    page = open_console().open()
    page.locator("#tab-log").click()
    page.get_by_role("button", name="What is kept and held").click()
    page.get_by_label("Name (a-z, 0-9, -)").fill("case-8")
    page.get_by_label("From (UTC)").fill("2026-05-03T02:00")
    page.get_by_label("To (UTC)").fill("2026-05-02T22:00")
    page.get_by_label("Why: goes on record").fill("claim")
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator("dialog .problem")).to_contain_text("the end after the beginning")
    page.get_by_label("From (UTC)").fill("2026-05-02T20:00")
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator('[data-hold="case-8"]')).to_contain_text("2026-05-02 20:00 – 2026-05-02 22:00 UTC")
    page.get_by_label("Name (a-z, 0-9, -)").fill("case-8")
    page.get_by_label("From (UTC)").fill("2026-05-02T21:00")
    page.get_by_label("To (UTC)").fill("2026-05-02T22:00")
    page.get_by_label("Why: goes on record").fill("again")
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator("dialog .problem")).to_contain_text("held already")
    assert page.locator("dialog").evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_what_was_seen_gets_its_place_from_the_map_and_is_told_in_the_own_language(
    open_console: OpenConsole, by: str
) -> None:
    page = open_console(language="nl").open("#view=52.09000,4.31000,14.00")
    page.keyboard.press("o")
    page.locator("[name=what]").select_option("smoke")
    page.get_by_label("Opmerking (mag leeg blijven)").fill("zwart")
    page.get_by_role("button", name="Kies op de kaart").click()
    expect(page.locator(".pick-hint")).to_be_visible()
    if by == "keyboard":
        page.keyboard.press("Enter")
    else:
        board = page.locator(".board").bounding_box()
        assert board is not None
        page.mouse.click(board["x"] + board["width"] / 2, board["y"] + board["height"] / 2)
    expect(page.locator("dialog")).to_be_visible()
    expect(page.locator("[name=what]")).to_have_value("smoke")
    expect(page.locator("[name=place]")).to_have_value(re.compile(r"^52\.0(90|89)\d\d 4\.3(10|09)\d\d$"))
    page.get_by_role("button", name="Vastleggen").click()
    expect(page.locator("dialog")).to_have_count(0)
    page.locator("#tab-log").click()
    told = page.locator('[data-notice="observation"]')
    expect(told).to_contain_text(re.compile(r"Rook \(waarschijnlijk\), 52\.0\d+, 4\.3\d+ · JW: zwart"))


def test_on_a_phone_the_form_of_an_observation_fits_and_gives_way_to_the_map(open_console: OpenConsole) -> None:
    page = open_console(*PHONE).open()
    page.locator(".sheet-handle").click()
    page.keyboard.press("o")
    expect(page.locator("[name=what]")).to_be_focused()
    assert page.locator("dialog").evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    page.get_by_role("button", name="Choose on the map").click()
    expect(page.locator(".sheet-low")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_visible()


def test_rejecting_asks_for_a_reason_and_takes_none_without(open_console: OpenConsole, served: Served) -> None:
    page = open_console().open("#alert=1")
    page.keyboard.press("r")
    reason = page.get_by_label("Why is it no event?")
    expect(reason).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("must say why")
    assert served.watch.commands == []
    page.keyboard.type("gulls, seen from the roof")
    page.keyboard.press("Enter")
    expect(page.locator(f".done {FIRST}")).to_be_attached()
    assert served.watch.commands == [("JW", RejectAlert(alert=1, note="gulls, seen from the roof"))]


def test_a_new_alert_is_announced_counted_and_shown(open_console: OpenConsole, served: Served) -> None:
    served.do(lambda: served.watch.become(FakeWatch()))
    page = open_console().open()
    expect(page.locator("[data-alert]")).to_have_count(0)
    expect(page.locator(".summary")).to_contain_text("no sensor is heard")
    served.do(lambda: served.watch.advance(2))
    expect(page.locator(".summary")).to_have_text("Quiet")
    served.do(lambda: served.watch.advance(6))
    expect(page.locator('[data-alert="3"]')).to_be_visible()
    expect(page.locator("#spoken")).to_contain_text("New alert: Drone “GHOST00000000001”")
    expect(page).to_have_title(re.compile(r"^\(1\)"))


def test_the_picture_moves_with_the_watch(open_console: OpenConsole, served: Served) -> None:
    page = open_console().open("#track=3")
    position = page.locator(".card .mono").first
    before = position.text_content()
    served.do(lambda: served.watch.advance(20))
    expect(position).not_to_have_text(before or "")
    expect(page.locator(".utc")).to_contain_text("00:17:1")


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Alerts", "Acknowledge", "Unknown drone", "Tracks", "Not acknowledged"]),
        ("nl", ["Meldingen", "Bevestigen", "Onbekende drone", "Sensoren", "Niet bevestigd"]),
    ],
)
def test_the_console_speaks(open_console: OpenConsole, language: str, texts: list[str]) -> None:
    page = open_console(language=language).open()
    assert page.evaluate("document.documentElement.lang") == language
    for text in texts:
        expect(page.get_by_text(text).first).to_be_visible()


def test_the_language_is_changed_at_once_and_remembered(open_console: OpenConsole) -> None:
    console = open_console()
    page = console.open()
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Nederlands").check()
    expect(page.locator("#dialog-title")).to_have_text("Instellingen")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator("#alerts-title")).to_contain_text("Meldingen")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_falls_off_the_screen(open_console: OpenConsole, size: tuple[int, int]) -> None:
    width, height = size
    page = open_console(width, height).open()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name in (".top", ".summary", ".utc", f"{FIRST} button.primary", "[role=tablist]", ".playback"):
        box = page.locator(name).first.bounding_box()
        assert box is not None, name
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width + 0.5, name
        assert box["y"] + box["height"] <= height + 0.5, name
    board = page.locator(".board").bounding_box()
    assert board is not None
    assert board["width"] * board["height"] > 0.3 * width * height


def test_on_a_phone_an_alert_does_not_hide_behind_the_track_it_is_about(open_console: OpenConsole) -> None:
    page = open_console(*PHONE).open()
    page.locator(f"{FIRST} .alert-head").click()
    expect(page.locator(".card")).to_have_count(0)
    page.locator(f"{FIRST} .to-card button").click()
    expect(page.locator('.card[data-track="3"]')).to_be_visible()
    page.get_by_role("button", name="Close").first.click()
    expect(page.locator(".card")).to_have_count(0)


@pytest.mark.parametrize(
    ("theme", "language", "size"),
    [("night", "en", DESK), ("day", "nl", DESK), ("red", "en", PHONE), ("day", "nl", PHONE)],
    ids=["night-desk", "day-desk", "red-phone", "day-phone"],
)
def test_axe_finds_nothing(
    open_console: OpenConsole, axe: str, theme: str, language: str, size: tuple[int, int]
) -> None:
    page = open_console(*size, theme=theme, language=language).open("#alert=1")
    check(page, axe)
    for tab in ("sensors", "zones", "log"):
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
        check(page, axe)
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    check(page, axe)
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator(".hold-form")).to_be_visible()
    check(page, axe)


def check(page: Page, axe: str) -> None:
    """No violation of WCAG 2.2 A and AA, as far as a machine can tell."""
    page.evaluate(f"{axe}; undefined")
    found = page.evaluate(
        """async () => {
            const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
            const { violations } = await axe.run(document, { runOnly: rules });
            return violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html + node.failureSummary)]);
        }"""
    )
    assert found == []


def test_a_track_leads_by_keyboard_to_the_bytes_of_its_frames(open_console: OpenConsole, served: Served) -> None:
    page = open_console().open("#track=3")
    page.locator(".provenance summary").press("Enter")
    report = page.locator(".reports button").first
    report.press("Enter")
    sequence = int(re.search(r"frame (\d+)", report.text_content() or "").group(1))  # type: ignore[union-attr]
    kept = served.watch.frame(sequence)
    assert kept is not None
    expect(page.locator(".bytes pre")).to_contain_text(kept.data[:8].hex(" "))


def test_a_link_opens_the_same_view(open_console: OpenConsole) -> None:
    page = open_console().open("#view=52.09000,4.30000,14.00&track=4&hide=birds")
    expect(page.locator('.card[data-track="4"]')).to_be_visible()
    expect(page.locator('tr[data-track="6"]')).to_have_count(0)
    expect(page).to_have_url(re.compile(r"#view=52\.09000,4\.30000,14\.00&track=4&hide=birds$"))


def test_birds_and_tentative_tracks_are_hidden_by_one_key_and_what_is_selected_never_is(
    open_console: OpenConsole,
) -> None:
    page = open_console().open()
    page.keyboard.press("b")
    expect(page.locator("tr[data-track]")).to_have_count(7)
    page.keyboard.press("h")
    expect(page.locator("tr[data-track]")).to_have_count(6)
    page.goto(page.url.split("#")[0] + "#track=6")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator('tr[data-track="6"]')).to_have_count(1)


def test_the_recording_is_paused_sped_up_and_wound_back_by_keyboard(open_console: OpenConsole, served: Served) -> None:
    page = open_console().open()
    page.keyboard.press(" ")
    expect(page.locator(".mode")).to_have_text("Paused")
    page.keyboard.press("]")
    page.keyboard.press(" ")
    expect(page.locator(".mode")).to_have_text("Replay ×2")
    page.get_by_role("slider").press("Home")
    expect(page.locator(".utc")).to_contain_text("00:14:0")
    expect(page.locator("[data-alert]")).to_have_count(0)
    playback = served.watch.playback
    assert playback is not None
    assert (playback.speed, playback.paused) == (2, False)
    assert served.watch.now_ns() == START_NS


def test_a_track_is_chosen_on_the_map(open_console: OpenConsole, served: Served) -> None:
    ghost = next(each for each in served.watch.flyers if each.track == -2)
    longitude, latitude = place(*ghost.state(180.0)[:2])
    page = open_console().open(f"#view={latitude},{longitude},14&track=4")
    expect(page.locator('.card[data-track="4"]')).to_be_visible()
    board = page.locator(".board").bounding_box()
    assert board is not None
    page.mouse.click(board["x"] + board["width"] / 2, board["y"] + board["height"] / 2)
    expect(page.locator('.card[data-track="-2"]')).to_be_visible()


def test_single_keys_can_be_turned_off(open_console: OpenConsole, served: Served) -> None:
    page = open_console(singleKeys=False).open()
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    assert served.watch.commands == []


def test_a_refused_order_says_why(open_console: OpenConsole, served: Served) -> None:
    from luchtwacht.errors import BadCommand

    served.watch.refuse = BadCommand("alert 1 was closed by somebody else")
    page = open_console().open("#alert=1")
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_contain_text("alert 1 was closed by somebody else")


def test_no_request_leaves_for_another_host(open_console: OpenConsole, served: Served) -> None:
    console = open_console()
    page = console.open()
    page.wait_for_load_state("networkidle")
    served.do(served.watch.advance)
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Whole site").click()
    assert any(url.endswith("/api/v1/live") for url in console.requests)
    assert any("countries-10m" in url for url in console.requests), "the base map comes from this server"
    assert console.elsewhere == []


def test_when_the_server_is_gone_the_page_says_so_loudly_and_comes_back(browser: Browser) -> None:
    serving = serve(watch := FakeWatch())
    served = next(serving)
    watch_port = int(served.address.split(":")[1])
    context = browser.new_context(reduced_motion="reduce")
    context.add_init_script("""localStorage.luchtwacht ??= '{"language":"en"}'""")
    console = Console(context, served)
    page = console.open()
    next(serving, None)
    expect(page.locator(".banner")).to_contain_text("Connection lost")
    expect(page.locator(".mode")).to_have_attribute("data-mode", "lost")
    again = serve(watch, port=watch_port)
    next(again)
    expect(page.locator(".mode")).to_have_attribute("data-mode", "replay")
    expect(page.locator(".banner")).to_have_count(0)
    context.close()
    next(again, None)


def test_without_webgl_everything_but_the_base_map_is_there(
    playwright: Playwright, chromium: str, served: Served
) -> None:
    browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, "--disable-3d-apis"])
    context = browser.new_context()
    context.add_init_script("localStorage.luchtwacht = " + json.dumps('{"language":"en"}'))
    console = Console(context, served)
    page = console.open()
    expect(page.locator(".no-graphics")).to_be_visible()
    expect(page.locator("tr[data-track]")).to_have_count(9)
    drawn = page.evaluate(
        """() => {
            const { width, height } = document.querySelector('.surface.sky');
            const pixels = document.querySelector('.surface.sky').getContext('2d').getImageData(0, 0, width, height);
            return pixels.data.some((value) => value > 0);
        }"""
    )
    assert drawn
    assert console.errors == []
    browser.close()
