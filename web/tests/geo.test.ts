import { describe, expect, it } from "vitest";
import { bearing, compassPoint, destination, distance, Projection, sectorRing } from "../src/geo";
import { Taken } from "../src/layers/canvas";
import { fitted } from "../src/view";

const HERE = { latitude: 52.08, longitude: 4.31 };

describe("places", () => {
  it("agree: going somewhere and measuring back", () => {
    for (const course of [0, 37, 90, 181, 359]) {
      const there = destination(HERE, course, 3_000);
      expect(distance(HERE, there)).toBeCloseTo(3_000, 3);
      expect(bearing(HERE, there)).toBeCloseTo(course, 6);
    }
  });

  it("have sixteen compass points", () => {
    expect([0, 11, 12, 45, 349, 348, -90].map(compassPoint)).toEqual([0, 0, 1, 2, 0, 15, 12]);
  });

  it("come back from the screen", () => {
    const at = new Projection(HERE, 13, 800, 600);
    expect([at.x(HERE.longitude), at.y(HERE.latitude)]).toEqual([400, 300]);
    const place = at.place(123, 456);
    expect(at.x(place.longitude)).toBeCloseTo(123, 6);
    expect(at.y(place.latitude)).toBeCloseTo(456, 6);
  });

  it("have the scale of the map: a kilometre is as many pixels as the scale says", () => {
    const at = new Projection(HERE, 13, 800, 600);
    const east = destination(HERE, 90, 1_000);
    // The projection is that of a sphere with the equator of WGS 84, 0.1 % larger than the mean earth.
    expect((at.x(east.longitude) - 400) / (at.scale(HERE.latitude) * 1_000)).toBeCloseTo(1, 2);
  });
});

describe("sectors", () => {
  it("are closed, and a part of a circle starts and ends at its inner radius", () => {
    for (const ring of [sectorRing(HERE, 0, 1_000, 0, 360), sectorRing(HERE, 100, 1_000, 300, 60)]) {
      expect(ring[0]).toEqual(ring.at(-1));
      for (const [longitude, latitude] of ring as [number, number][])
        expect(distance(HERE, { latitude, longitude })).toBeLessThan(1_001);
    }
  });
});

describe("the view", () => {
  it("shows every corner beside the panels", () => {
    const corners: [number, number][] = [
      [4.2, 52.0],
      [4.4, 52.1],
    ];
    const room = { left: 40, right: 340, top: 20, bottom: 20 };
    const { centre, zoom } = fitted(corners, room, 900, 700);
    const at = new Projection(centre, zoom, 900, 700);
    for (const [longitude, latitude] of corners) {
      expect(at.x(longitude)).toBeGreaterThanOrEqual(39.9);
      expect(at.x(longitude)).toBeLessThanOrEqual(560.1);
      expect(at.y(latitude)).toBeGreaterThanOrEqual(19.9);
      expect(at.y(latitude)).toBeLessThanOrEqual(680.1);
    }
  });

  it("lets no label cover another", () => {
    const taken = new Taken();
    expect(taken.take(0, 0, 10, 10)).toBe(true);
    expect(taken.take(9, 9, 10, 10)).toBe(false);
    expect(taken.take(10, 0, 10, 10)).toBe(true);
    expect(new Taken(taken).take(5, 5, 2, 2)).toBe(false);
  });
});
