import { describe, expect, it } from "vitest";
import { figureOf, placeOf } from "../src/figures";

describe("what somebody writes in the observation form", () => {
  it("takes a comma and a point alike", () => {
    expect(figureOf("45,5")).toBe(45.5);
    expect(figureOf(" 45.5 ")).toBe(45.5);
    expect(figureOf("")).toBeNull();
    expect(figureOf("north")).toBeNaN();
  });

  it("takes a place with blanks, commas or a semicolon between", () => {
    for (const text of ["52.01 5.02", "52.01, 5.02", "52,01; 5,02", "52,01 5,02"]) {
      expect(placeOf(text)).toEqual([52.01, 5.02]);
    }
    expect(placeOf("")).toBeNull();
    for (const wrong of ["52.01", "152 5", "here there", "1 2 3"]) expect(placeOf(wrong)).toBeUndefined();
  });
});
