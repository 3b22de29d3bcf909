import { describe, expect, it } from "vitest";
import { LANGUAGES, preferredLanguage, say } from "../src/words";
import { en } from "../src/words/en";

const slots = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();

describe.each(Object.entries(LANGUAGES))("the table of %s", (_, table) => {
  it("has every key and no other", () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(en).sort());
  });

  it("has no empty text", () => {
    expect(Object.entries(table).filter(([, text]) => !text.trim())).toEqual([]);
  });

  it("names the same values in each text", () => {
    for (const [key, text] of Object.entries(en))
      expect([key, slots(table[key as keyof typeof en])]).toEqual([key, slots(text)]);
  });

  it("has sixteen compass points", () => {
    expect(table.compass.split(" ")).toHaveLength(16);
  });
});

describe("texts", () => {
  it("are filled in", () => {
    expect(say(LANGUAGES.en, "replay", { speed: 4 })).toBe("Replay ×4");
    expect(say(LANGUAGES.nl, "replay", { speed: 4 })).toBe("Herhaling ×4");
  });

  it("come in the first language of the browser that there is a table for", () => {
    expect(preferredLanguage(["fr-BE", "nl-BE", "en"])).toBe("nl");
    expect(preferredLanguage(["en-US"])).toBe("en");
    expect(preferredLanguage(["ja"])).toBe("en");
    expect(preferredLanguage([])).toBe("en");
  });
});
