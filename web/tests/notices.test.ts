import { beforeEach, describe, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
vi.stubGlobal("navigator", { languages: ["nl"] });
const element = { style: { setProperty: () => undefined }, dataset: {}, lang: "" };
vi.stubGlobal("document", { documentElement: element, querySelector: () => null });
const { prefer } = await import("../src/state");
const { modesOf, observationOf, sayDetail, sayNotice } = await import("../src/notices");

const notice = (code: string, data: Record<string, unknown> = {}, detail = "") => ({
  time_ms: 0,
  kind: "sensor_silent",
  subject: "a",
  detail,
  code,
  data,
});

beforeEach(() => prefer({ language: "nl" }));

describe("a notice of a known code", () => {
  it.each([
    ["silent", { quiet_s: 12.2 }, "al 12 s niets gehoord", "nothing heard for 12 s"],
    ["heard", {}, "", ""],
    [
      "state",
      { state: "degraded", words: "dirty lens" },
      "meldt zelf: verminderd: dirty lens",
      /degraded: dirty lens$/,
    ],
    ["clock", { reports: 3, why: "too old" }, "3 waarnemingen geweigerd: too old", "3 reports refused: too old"],
    [
      "blind",
      {
        looks: 31,
        sectors: [
          { from_deg: 30, to_deg: 60 },
          { from_deg: 90, to_deg: 120 },
        ],
        declared: 0.9,
      },
      "geen enkele treffer in 31 kansen op wat andere zien, bij 30–60, 90–120°; opgegeven 0,90",
      /31 .* 30–60, 90–120°.* 0\.90/,
    ],
    [
      "weak",
      { share: 0.413, looks: 60, declared: 0.9 },
      "detectiekans 0,41 over 60 kansen, opgegeven 0,90",
      /0\.41 .*60.* 0\.90/,
    ],
    ["cluttered", { rate: 12.34, declared: 2.0 }, /12,3 .* 2$/, /12\.3 .* 2$/],
    [
      "noisy",
      {
        noise: [
          { of: "azimuth", times: 1.84, declared: 0.35, unit: "degrees" },
          { of: "range", times: 2.0, declared: 8.0, unit: "m" },
        ],
      },
      "azimut 1,8 keer 0,35°, afstand 2,0 keer 8 m",
      /azimuth 1\.8 .*0\.35°, range 2\.0 .*8 m/,
    ],
    [
      "misaligned",
      {
        biases: [
          { of: "azimuth", value: -1.2, sigma: 0.1, unit: "degrees" },
          { of: "time", value: 0.4, sigma: 0.05, unit: "s" },
        ],
        corrected: false,
      },
      "azimut -1,20 ± 0,10°, klok +0,40 ± 0,05 s · alleen getoond, niet afgetrokken",
      /-1\.20 ± 0\.10°, .* \+0\.40 ± 0\.05 s/,
    ],
    ["slow", { late_s: 2.31, declared_s: 0.5 }, "waarnemingen komen 2,3 s te laat, opgegeven 0,5 s", /2\.3 s .*0\.5 s/],
    ["as_declared", { faults: ["noisy", "slow"] }, "niet meer onrustig, laat", /, /],
    [
      "task_sent",
      { by: "A. Jansen", task: "report_rate", level: "low" },
      "tempo van waarnemingen: laag · A. Jansen",
      /A\. Jansen$/,
    ],
    [
      "task_answered",
      { status: "rejected", task: "snapshot", why: "too dark" },
      "geweigerd: een beeld maken (too dark)",
      /\(too dark\)$/,
    ],
    [
      "registered",
      { name: "Eye", edition: "v7", modes: ["day", "night"] },
      "Eye · v7 · standen: day, night",
      "Eye · v7 · modes: day, night",
    ],
    [
      "sensor_alert",
      { alert: "mode_change", status: "active", words: "to night" },
      "andere stand, actief: to night",
      /: to night$/,
    ],
    [
      "link",
      { words: "listening", link: "udp://127.0.0.1:8600", why: "" },
      "udp://127.0.0.1:8600",
      "udp://127.0.0.1:8600",
    ],
    ["link", { link: "tcp://a:1", why: "refused" }, "tcp://a:1: refused", "tcp://a:1: refused"],
    [
      "link",
      { words: "the kernel let 1200 go", lost: 1200 },
      /^1.?200 berichten gingen verloren/,
      /^1.?200 messages were lost/,
    ],
    ["turned", { azimuth_deg: 3.04, sigma_deg: 0.5 }, /\+3,0 ± 0,5°/, /\+3\.0 ± 0\.5°/],
    ["taken_over", { alerts: [3, 7] }, /: 3, 7$/, /: 3, 7$/],
    ["rerun", { since: "10:00", inputs: 5, why: "other software" }, /^5 .*10:00.*: other software$/, /^5 .*10:00.*/],
  ] as const)("%s", (code, data, dutch, english) => {
    for (const [language, told] of [
      ["nl", dutch],
      ["en", english],
    ] as const) {
      prefer({ language });
      const said = sayNotice(notice(code, data, "the sentence on record"));
      expect(said.english).toBe(false);
      expect(said.text).toMatch(typeof told === "string" ? new RegExp(`^${quote(told)}$`) : told);
    }
  });
});

const quote = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

describe("an observation", () => {
  it("is told by its figures", () => {
    const seen = observationOf(
      notice("observation", {
        what: "drone",
        certainty: "certain",
        count: 2,
        bearing_deg: 45,
        elevation_deg: -3,
        range_m: 400,
        latitude: null,
        longitude: null,
        height_m: null,
        by: "Post 3",
        note: "low: fast",
      }),
    );
    expect(seen).toMatchObject({ what: "drone", count: 2, bearing_deg: 45, elevation_deg: -3, range_m: 400 });
    expect(seen).toMatchObject({ by: "Post 3", note: "low: fast", place: null });
    const place = observationOf(
      notice("observation", { what: "smoke", latitude: -52.01, longitude: 5.02, height_m: 30, by: "JW" }),
    );
    expect(place).toMatchObject({ place: { latitude: -52.01, longitude: 5.02 }, height_m: 30, note: "", count: 1 });
  });
});

it("says what it does not know as it came, as English", () => {
  const old = notice("", {}, "nothing heard for 12 s");
  expect(sayDetail(old)).toEqual({ text: "nothing heard for 12 s", english: true });
  expect(sayDetail(notice("of_tomorrow", {}, "x"))).toEqual({ text: "x", english: true });
  expect(sayDetail(notice("link", { words: "x" }, "x"))).toEqual({ text: "x", english: true });
  expect(observationOf(old)).toBeNull();
});

it("knows the modes that a sensor registered last", () => {
  const told = [notice("registered", { modes: ["day", "night"] }), notice("heard")];
  expect(modesOf("a", told)).toEqual(["day", "night"]);
  expect(modesOf("b", told)).toEqual([]);
});
