import { beforeEach, describe, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
vi.stubGlobal("navigator", { languages: ["nl"] });
const element = { style: { setProperty: () => undefined }, dataset: {}, lang: "" };
vi.stubGlobal("document", { documentElement: element, querySelector: () => null });
const { prefer } = await import("../src/state");
const { modesOf, observationOf, sayDetail, sayHealth, sayNotice } = await import("../src/notices");

const notice = (kind: string, detail: string) => ({ time_ms: 0, kind, subject: "a", detail });

beforeEach(() => prefer({ language: "nl" }));

describe("a notice of a known form", () => {
  it.each([
    ["sensor_silent", "nothing heard for 12 s", "al 12 s niets gehoord"],
    ["sensor_heard", "heard again", ""],
    ["sensor_degraded", "says it is degraded: dirty lens", "meldt zelf: verminderd: dirty lens"],
    [
      "sensor_blind",
      "not one hit in the last 31 looks at what others see, azimuth 30-60, 90-120 degrees; declared 0.90 of them",
      "geen enkele treffer in 31 kansen op wat andere zien, bij 30–60, 90–120°; opgegeven 0,90",
    ],
    [
      "sensor_weak",
      "probability of detection 0.41 over 60 looks, declared 0.90",
      "detectiekans 0,41 over 60 kansen, opgegeven 0,90",
    ],
    [
      "sensor_noisy",
      "scatters more than declared: azimuth 1.8 times 0.35 degrees, range 2.0 times 8 m",
      "azimut 1,8 keer 0,35°, afstand 2,0 keer 8 m",
    ],
    [
      "sensor_misaligned",
      "azimuth -1.20 ± 0.10 degrees beside what is declared, time +0.40 ± 0.05 s beside what is declared; not corrected",
      "azimut -1,20 ± 0,10°, klok +0,40 ± 0,05 s · alleen getoond, niet afgetrokken",
    ],
    [
      "sensor_slow",
      "reports come 2.3 s after they were measured, declared 0.5 s",
      "waarnemingen komen 2,3 s te laat, opgegeven 0,5 s",
    ],
    ["sensor_as_declared", "no longer noisy, slow", "niet meer onrustig, laat"],
    ["task_sent", "A. Jansen asked it to set its report_rate to low", "tempo van waarnemingen: laag · A. Jansen"],
    ["task_answered", "rejected: take snapshot (too dark)", "geweigerd: een beeld maken (too dark)"],
    ["node_registered", "registered as Eye by v7, with modes day, night", "Eye · v7 · standen: day, night"],
    ["sensor_alert", "mode change, active: to night", "andere stand, actief: to night"],
    ["source_connected", "listening on udp://127.0.0.1:8600", "udp://127.0.0.1:8600"],
  ])("%s: %s", (kind, detail, told) => {
    expect(sayNotice(notice(kind, detail))).toEqual({ text: told, english: false });
  });

  it("is told of a sensor's health without its kind", () => {
    expect(sayHealth("nothing heard for 12 s").text).toBe("al 12 s niets gehoord");
    expect(sayHealth("lens cap: on")).toEqual({ text: "lens cap: on", english: true });
  });
});

describe("an observation", () => {
  it("is read back to its figures", () => {
    const seen = observationOf(
      notice("observation", "2 × drone (certain), bearing 45°, elevation -3°, about 400 m away, by Post 3: low: fast"),
    );
    expect(seen).toMatchObject({ what: "drone", count: 2, bearing_deg: 45, elevation_deg: -3, range_m: 400 });
    expect(seen).toMatchObject({ by: "Post 3", note: "low: fast", place: null });
    const place = observationOf(
      notice("observation", "smoke (possible), at -52.01000 5.02000, about 30 m high, by JW"),
    );
    expect(place).toMatchObject({ place: { latitude: -52.01, longitude: 5.02 }, height_m: 30, note: "" });
  });
});

it("says what it does not know as it came, as English", () => {
  expect(sayDetail("source_lost", "the plug was pulled")).toEqual({ text: "the plug was pulled", english: true });
  expect(observationOf(notice("observation", "something else"))).toBeNull();
});

it("knows the modes that a sensor registered last", () => {
  const told = [
    notice("node_registered", "registered by v7, with modes day, night"),
    notice("sensor_heard", "heard again"),
  ];
  expect(modesOf("a", told)).toEqual(["day", "night"]);
  expect(modesOf("b", told)).toEqual([]);
});
