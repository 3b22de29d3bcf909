/** Places on the earth and on the screen. Degrees outside, metres for lengths, bearings clockwise from true north. */

export interface Place {
  latitude: number;
  longitude: number;
}

const RADIUS_M = 6_371_008.8;
const CIRCUMFERENCE_M = 40_075_016.686;
/** MapLibre's world is this many pixels wide at zoom 0. */
const WORLD_PX = 512;
const RAD = Math.PI / 180;

/** Great-circle distance in metres. */
export function distance(from: Place, to: Place): number {
  const half = (a: number) => Math.sin(a / 2) ** 2;
  const h =
    half((to.latitude - from.latitude) * RAD) +
    Math.cos(from.latitude * RAD) * Math.cos(to.latitude * RAD) * half((to.longitude - from.longitude) * RAD);
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Initial bearing in degrees, 0 to 360. */
export function bearing(from: Place, to: Place): number {
  const across = (to.longitude - from.longitude) * RAD;
  const [a, b] = [from.latitude * RAD, to.latitude * RAD];
  const east = Math.sin(across) * Math.cos(b);
  const north = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(across);
  return (Math.atan2(east, north) / RAD + 360) % 360;
}

/** The place `metres` away along a great circle. */
export function destination(from: Place, bearing_deg: number, metres: number): Place {
  const [d, course, a] = [metres / RADIUS_M, bearing_deg * RAD, from.latitude * RAD];
  const latitude = Math.asin(Math.sin(a) * Math.cos(d) + Math.cos(a) * Math.sin(d) * Math.cos(course));
  const across = Math.atan2(
    Math.sin(course) * Math.sin(d) * Math.cos(a),
    Math.cos(d) - Math.sin(a) * Math.sin(latitude),
  );
  return { latitude: latitude / RAD, longitude: from.longitude + across / RAD };
}

/** Web Mercator, 0 to 1 from the date line and from the top. */
export const mercatorX = (longitude: number): number => (longitude + 180) / 360;
export const mercatorY = (latitude: number): number =>
  (1 - Math.asinh(Math.tan(Math.max(-85, Math.min(85, latitude)) * RAD)) / Math.PI) / 2;

/**
 * Where things are on a north-up screen. The map is never turned nor tilted, so this is two multiplications a point
 * instead of a matrix, and it also serves where there is no map library.
 */
export class Projection {
  private readonly world: number;
  private readonly left: number;
  private readonly top: number;

  constructor(
    readonly centre: Place,
    readonly zoom: number,
    readonly width: number,
    readonly height: number,
  ) {
    this.world = WORLD_PX * 2 ** zoom;
    this.left = mercatorX(centre.longitude) * this.world - width / 2;
    this.top = mercatorY(centre.latitude) * this.world - height / 2;
  }

  x(longitude: number): number {
    return mercatorX(longitude) * this.world - this.left;
  }

  y(latitude: number): number {
    return mercatorY(latitude) * this.world - this.top;
  }

  place(x: number, y: number): Place {
    const down = (y + this.top) / this.world;
    return {
      longitude: ((x + this.left) / this.world) * 360 - 180,
      latitude: Math.atan(Math.sinh(Math.PI * (1 - 2 * down))) / RAD,
    };
  }

  /** Pixels a metre at a latitude. */
  scale(latitude: number): number {
    return this.world / (CIRCUMFERENCE_M * Math.cos(latitude * RAD));
  }

  sees(x: number, y: number, margin = 40): boolean {
    return x > -margin && y > -margin && x < this.width + margin && y < this.height + margin;
  }
}

/** The index of one of 16 compass points, from north. */
export const compassPoint = (bearing_deg: number): number =>
  Math.round((((bearing_deg % 360) + 360) % 360) / 22.5) % 16;

/** A closed ring of [longitude, latitude] on a circle, or the outline of a sector with its two radii. */
export function sectorRing(
  centre: Place,
  inner_m: number,
  outer_m: number,
  from_deg: number,
  to_deg: number,
): number[][] {
  const whole = to_deg - from_deg >= 360 || to_deg === from_deg;
  const span = whole ? 360 : (to_deg - from_deg + 360) % 360;
  const steps = Math.max(8, Math.ceil(span / 4));
  const arc = (metres: number) =>
    Array.from({ length: steps + 1 }, (_, k) => {
      const at = destination(centre, from_deg + (span * k) / steps, metres);
      return [at.longitude, at.latitude];
    });
  const ring = arc(outer_m);
  if (!whole) ring.push(...(inner_m > 0 ? arc(inner_m).reverse() : [[centre.longitude, centre.latitude]]));
  ring.push(ring[0]!);
  return ring;
}
