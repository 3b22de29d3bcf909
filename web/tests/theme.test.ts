import { describe, expect, it } from "vitest";
import { PALETTES, THEMES, type Theme } from "../src/theme";

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const TEXTS: readonly (readonly [keyof Theme, keyof Theme])[] = [
  ["text", "panel"],
  ["text", "raised"],
  ["text", "ground"],
  ["text", "criticalPanel"],
  ["text", "warningPanel"],
  ["muted", "panel"],
  ["muted", "raised"],
  ["muted", "criticalPanel"],
  ["muted", "warningPanel"],
  ["critical", "panel"],
  ["critical", "criticalPanel"],
  ["onCritical", "critical"],
  ["ground", "warning"],
  ["warning", "panel"],
  ["warning", "raised"],
  ["permitted", "panel"],
  ["open", "panel"],
  ["crewed", "panel"],
  ["ground", "text"],
];
const MARKS: readonly (keyof Theme)[] = [
  "critical",
  "permitted",
  "open",
  "crewed",
  "claim",
  "prohibited",
  "authorised",
  "focus",
  "edge",
];

describe.each(THEMES)("the %s palette", (name) => {
  const theme = PALETTES[name];

  it.each(TEXTS)("has text that can be read: %s on %s", (text, ground) => {
    expect(contrast(theme[text], theme[ground])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(MARKS)("has marks that stand out from the map and the panels: %s", (mark) => {
    expect(contrast(theme[mark], theme.land)).toBeGreaterThanOrEqual(3);
    expect(contrast(theme[mark], theme.panel)).toBeGreaterThanOrEqual(3);
  });
});

describe("the red palette", () => {
  it("has no colour but reds, so that eyes stay used to the dark", () => {
    for (const colour of Object.values(PALETTES.red).filter((each) => each.startsWith("#"))) {
      const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [
        number,
        number,
        number,
      ];
      expect([colour, r >= g && r >= b]).toEqual([colour, true]);
    }
  });
});
