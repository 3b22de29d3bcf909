import { describe, expect, it } from "vitest";
import { type Address, readAddress, writeAddress } from "../src/address";

const NOTHING: Address = { view: null, track: null, alert: null, time_ms: null, hidden: [] };

describe("deep links", () => {
  it("come back as they went", () => {
    const full: Address = {
      view: { centre: { latitude: 52.08, longitude: 4.31 }, zoom: 13.5 },
      track: -2,
      alert: 3,
      time_ms: Date.UTC(2026, 4, 3, 0, 16, 10),
      hidden: ["birds", "trails"],
    };
    expect(readAddress(writeAddress(full))).toEqual(full);
    expect(readAddress(writeAddress(NOTHING))).toEqual(NOTHING);
    expect(writeAddress(NOTHING)).toBe("");
  });

  it.each(["#view=a,b,c", "#view=99,4,12", "#track=x&alert=1.5", "#time=yesterday", "#hide=everything", "#%"])(
    "take nothing from nonsense: %s",
    (hash) => {
      expect(readAddress(hash)).toEqual(NOTHING);
    },
  );
});
