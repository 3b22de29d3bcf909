/** What lies still under the traffic: range rings, sensors' coverage, zones by their rule. Drawn when the view changes. */

import { destination, type Projection, sectorRing } from "../geo";
import type { Picture } from "../picture";
import type { Shown } from "../state";
import type { Theme } from "../theme";
import type { Point, Sensor, Site, TakeOff, TakeOffArea, Zone } from "../wire";
import { clear, drawText, FONT, pixelRatio, type Surface, type Taken } from "./canvas";

export interface Ground {
  site: Site;
  picture: Picture;
  shown: Shown;
  theme: Theme;
  /** texts in the language of the person */
  ringName(metres: number): string;
  zoneLimits(zone: Zone): string;
  takeOffName(takeoff: TakeOff): string;
  sensorState(sensor: Sensor): "ok" | "silent" | "degraded" | "unheard";
  takeoffs: readonly { takeoff: TakeOff; selected: boolean }[];
  taken: Taken;
}

const STEPS_M = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
const RINGS = 5;

export function drawGround(surface: Surface, at: Projection, ground: Ground): void {
  clear(surface, at.width, at.height);
  const { context } = surface;
  if (ground.shown.rings) drawRings(context, at, ground);
  if (ground.shown.coverage) for (const sensor of ground.site.sensors) drawCoverage(context, at, sensor, ground);
  const zones = [...ground.picture.zones.values()].sort((a, b) => Number(a.in_force) - Number(b.in_force));
  for (const zone of zones) drawZone(context, at, zone, ground);
  for (const { takeoff, selected } of ground.takeoffs) drawTakeOff(context, at, takeoff, selected, ground);
  for (const zone of zones) drawZoneName(context, at, zone, ground);
  for (const sensor of ground.site.sensors) drawSensor(context, at, sensor, ground);
}

// ---------------------------------------------------------------- rings

/** Distance between rings, so that some three of them fit on either side of the centre. */
export function ringStep(at: Projection, latitude: number): number {
  const wanted = Math.min(at.width, at.height) / 5 / at.scale(latitude);
  return STEPS_M.findLast((step) => step <= wanted * 1.25) ?? STEPS_M[0]!;
}

function drawRings(context: CanvasRenderingContext2D, at: Projection, { site, theme, ringName }: Ground): void {
  const step = ringStep(at, site.latitude);
  const [x, y] = [at.x(site.longitude), at.y(site.latitude)];
  const scale = at.scale(site.latitude);
  context.save();
  context.strokeStyle = theme.ring;
  context.lineWidth = 0.75;
  context.font = `500 10px ${FONT}`;
  context.textAlign = "center";
  for (let k = 1; k <= RINGS; k += 1) {
    const radius = k * step * scale;
    context.globalAlpha = 0.55;
    context.setLineDash(k % 2 ? [1, 5] : [5, 5]);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
    context.globalAlpha = 1;
    drawText(context, ringName(k * step), x, y - radius - 4, theme.name, theme.halo);
  }
  const edge = RINGS * step * scale;
  context.setLineDash([]);
  context.globalAlpha = 0.7;
  for (let bearing = 0; bearing < 360; bearing += 30) {
    const [sine, cosine] = [Math.sin((bearing * Math.PI) / 180), Math.cos((bearing * Math.PI) / 180)];
    context.beginPath();
    context.moveTo(x + sine * (edge - 6), y - cosine * (edge - 6));
    context.lineTo(x + sine * edge, y - cosine * edge);
    context.stroke();
  }
  context.globalAlpha = 1;
  context.beginPath();
  context.moveTo(x - 5, y);
  context.lineTo(x + 5, y);
  context.moveTo(x, y - 5);
  context.lineTo(x, y + 5);
  context.stroke();
  context.restore();
}

// ---------------------------------------------------------------- sensors

function trace(context: CanvasRenderingContext2D, at: Projection, rings: readonly (readonly number[])[][]): void {
  context.beginPath();
  for (const ring of rings) {
    ring.forEach(([longitude, latitude], k) => {
      const [x, y] = [at.x(longitude!), at.y(latitude!)];
      if (k) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
    context.closePath();
  }
}

function drawCoverage(context: CanvasRenderingContext2D, at: Projection, sensor: Sensor, ground: Ground): void {
  if (sensor.range_max_m === null) return;
  const works = ground.sensorState(sensor) === "ok";
  const measures = !sensor.kind.endsWith("_receiver");
  const ring = sectorRing(
    sensor,
    sensor.range_min_m,
    sensor.range_max_m,
    sensor.azimuth_from_deg,
    sensor.azimuth_to_deg,
  );
  context.save();
  context.strokeStyle = works ? ground.theme.coverage : ground.theme.dormant;
  context.fillStyle = ground.theme.coverage;
  trace(context, at, [ring]);
  if (works && measures) {
    context.globalAlpha = 0.04;
    context.fill();
  }
  context.globalAlpha = measures ? 0.6 : 0.35;
  context.lineWidth = 1;
  context.setLineDash(works ? (measures ? [] : [2, 6]) : [6, 6]);
  context.stroke();
  context.restore();
}

function drawSensor(context: CanvasRenderingContext2D, at: Projection, sensor: Sensor, ground: Ground): void {
  const [x, y] = [at.x(sensor.longitude), at.y(sensor.latitude)];
  if (!at.sees(x, y)) return;
  const { theme } = ground;
  const state = ground.sensorState(sensor);
  const colour = state === "ok" ? theme.accent : state === "unheard" ? theme.muted : theme.warning;
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.moveTo(0, -6.5);
  context.lineTo(6.5, 5);
  context.lineTo(-6.5, 5);
  context.closePath();
  context.fillStyle = theme.panel;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  if (state !== "ok") context.setLineDash([2.5, 2]);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colour;
  if (state === "ok") {
    context.beginPath();
    context.arc(0, 1.2, 1.8, 0, 2 * Math.PI);
    context.fill();
  } else {
    context.font = `700 9px ${FONT}`;
    context.textAlign = "center";
    context.fillText(state === "unheard" ? "?" : "!", 0, 4);
  }
  context.restore();
  if (at.zoom < 11.5 || !ground.shown.labels) return;
  context.font = `500 10.5px ${FONT}`;
  context.textAlign = "center";
  const width = context.measureText(sensor.name).width;
  if (ground.taken.take(x - width / 2, y + 7, width, 14))
    drawText(
      context,
      sensor.name,
      x,
      y + 17,
      state === "silent" || state === "degraded" ? theme.warning : theme.muted,
      theme.halo,
    );
}

// ---------------------------------------------------------------- take-offs

const LEAST_AREA_PX = 7;

/** The areas of 50 and 90 %, or only the direction when there is none. What is not selected is faint and unnamed. */
function drawTakeOff(
  context: CanvasRenderingContext2D,
  at: Projection,
  takeoff: TakeOff,
  selected: boolean,
  ground: Ground,
): void {
  const { theme } = ground;
  context.save();
  context.lineJoin = "round";
  context.strokeStyle = theme.origin;
  context.fillStyle = theme.origin;
  const strength = selected ? 1 : 0.5;
  if (selected && takeoff.first_seen) drawWayFrom(context, at, takeoff, ground);
  for (const [area, fill, width, dash] of [
    [takeoff.most, 0.1, 1.25, takeoff.extent === "open" ? [2, 4] : [7, 4]],
    [takeoff.half, 0.2, 1.5, []],
  ] as const) {
    if (!area) continue;
    trace(context, at, area.polygons.flat());
    context.globalAlpha = fill * strength;
    context.fill("evenodd");
    context.globalAlpha = 0.95 * strength;
    context.lineWidth = width;
    context.setLineDash([...dash]);
    context.stroke();
  }
  context.setLineDash([]);
  const spot = takeoff.point ?? takeoff.first_seen;
  if (spot && takeoff.most) drawSpot(context, at, spot, takeoff.most, strength);
  context.restore();
  if (selected && takeoff.point && takeoff.most) nameTakeOff(context, at, takeoff, takeoff.most, ground);
}

/** From the best point, or out of the direction it came from, to where it was first seen. */
function drawWayFrom(context: CanvasRenderingContext2D, at: Projection, takeoff: TakeOff, ground: Ground): void {
  const first = takeoff.first_seen;
  if (!first) return;
  const from = takeoff.point ?? (takeoff.bearing_deg === null ? null : destination(first, takeoff.bearing_deg, 1_500));
  if (!from) return;
  const [x, y] = [at.x(first.longitude), at.y(first.latitude)];
  context.globalAlpha = 0.8;
  context.lineWidth = 1.25;
  context.setLineDash([1, 5]);
  context.lineCap = "round";
  context.beginPath();
  context.moveTo(at.x(from.longitude), at.y(from.latitude));
  context.lineTo(x, y);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fillStyle = ground.theme.panel;
  context.fill();
  context.stroke();
  context.fillStyle = ground.theme.origin;
}

/** A cross in a ring where the area is too small to be seen; the cross alone where it is not. */
function drawSpot(
  context: CanvasRenderingContext2D,
  at: Projection,
  spot: Point,
  area: TakeOffArea,
  strength: number,
): void {
  const [x, y] = [at.x(spot.longitude), at.y(spot.latitude)];
  context.globalAlpha = 0.95 * strength;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  context.moveTo(x, y - 4);
  context.lineTo(x, y + 4);
  if (Math.sqrt(area.size_m2 / Math.PI) * at.scale(spot.latitude) < LEAST_AREA_PX) {
    context.moveTo(x + LEAST_AREA_PX, y);
    context.arc(x, y, LEAST_AREA_PX, 0, 2 * Math.PI);
  }
  context.stroke();
}

function nameTakeOff(
  context: CanvasRenderingContext2D,
  at: Projection,
  takeoff: TakeOff,
  area: TakeOffArea,
  ground: Ground,
): void {
  const low = area.polygons
    .flat(2)
    .reduce<number[] | null>((best, each) => (!best || each[1]! < best[1]! ? each : best), null);
  if (!low) return;
  const [x, y] = [at.x(low[0]!), at.y(low[1]!) + 16];
  const text = ground.takeOffName(takeoff);
  context.font = `600 10.5px ${FONT}`;
  context.textAlign = "center";
  const width = context.measureText(text).width;
  if (ground.taken.take(x - width / 2, y - 10, width, 13, true))
    drawText(context, text, x, y, ground.theme.origin, ground.theme.halo);
}

// ---------------------------------------------------------------- zones

interface ZoneLook {
  colour: string;
  width: number;
  dash: number[];
  fill: number;
  hatched: boolean;
}

/** Prohibited: heavy and hatched; permission needed: solid; conditional: dashed; free: dotted. */
export function zoneLook(zone: Zone, theme: Theme): ZoneLook {
  if (!zone.in_force) return { colour: theme.dormant, width: 1, dash: [3, 5], fill: 0, hatched: false };
  switch (zone.restriction) {
    case "PROHIBITED":
      return { colour: theme.prohibited, width: 2.25, dash: [], fill: 0.07, hatched: true };
    case "REQ_AUTHORISATION":
      return { colour: theme.authorised, width: 1.75, dash: [], fill: 0.07, hatched: false };
    case "CONDITIONAL":
      return { colour: theme.conditional, width: 1.5, dash: [8, 4], fill: 0.04, hatched: false };
    default:
      return { colour: theme.free, width: 1.25, dash: [1.5, 4], fill: 0.02, hatched: false };
  }
}

const hatches = new Map<string, CanvasPattern>();
function hatch(context: CanvasRenderingContext2D, colour: string): CanvasPattern {
  let made = hatches.get(colour);
  if (!made) {
    const tile = document.createElement("canvas");
    const size = Math.round(9 * pixelRatio());
    tile.width = tile.height = size;
    const own = tile.getContext("2d")!;
    own.strokeStyle = colour;
    own.lineWidth = pixelRatio();
    own.beginPath();
    for (const shift of [-size, 0, size]) {
      own.moveTo(shift, size);
      own.lineTo(shift + size, 0);
    }
    own.stroke();
    made = context.createPattern(tile, "repeat")!;
    hatches.set(colour, made);
  }
  return made;
}

function drawZone(context: CanvasRenderingContext2D, at: Projection, zone: Zone, { theme }: Ground): void {
  const look = zoneLook(zone, theme);
  context.save();
  context.lineWidth = look.width;
  context.strokeStyle = look.colour;
  context.lineJoin = "round";
  for (const volume of zone.volumes) {
    trace(context, at, volume.rings);
    if (look.fill) {
      context.globalAlpha = look.fill;
      context.fillStyle = look.colour;
      context.fill("evenodd");
    }
    if (look.hatched) {
      context.globalAlpha = 0.22;
      context.fillStyle = hatch(context, look.colour);
      context.fill("evenodd");
    }
    context.globalAlpha = 0.95;
    context.setLineDash(look.dash);
    context.stroke();
  }
  context.restore();
}

/** A zone is named at its northernmost corner that is in view. */
function drawZoneName(context: CanvasRenderingContext2D, at: Projection, zone: Zone, ground: Ground): void {
  const top = zone.volumes
    .flatMap((volume) => volume.rings[0] ?? [])
    .reduce<number[] | undefined>((best, each) => (!best || each[1]! > best[1]! ? each : best), undefined);
  if (!top) return;
  const [x, y] = [at.x(top[0]!), Math.max(at.y(top[1]!) - 6, 34)];
  if (!at.sees(x, y, 0) || at.zoom < 9) return;
  const look = zoneLook(zone, ground.theme);
  const limits = ground.zoneLimits(zone);
  context.textAlign = "center";
  context.font = `600 11px ${FONT}`;
  const width = Math.max(context.measureText(zone.name).width, 60);
  if (!ground.taken.take(x - width / 2 - 4, y - 26, width + 8, 28)) return;
  drawText(context, zone.name, x, y - 12, look.colour, ground.theme.halo);
  context.font = `500 10px ${FONT}`;
  drawText(context, limits, x, y, look.colour, ground.theme.halo);
}

/** The corners that must be in view to see the whole site. */
export function siteExtent(site: Site, zones: Iterable<Zone>): [number, number][] {
  const corners: [number, number][] = [[site.longitude, site.latitude]];
  for (const sensor of site.sensors) {
    corners.push([sensor.longitude, sensor.latitude]);
    if (sensor.range_max_m !== null && sensor.range_max_m <= 6_000 && !sensor.kind.endsWith("_receiver"))
      for (const bearing of [0, 90, 180, 270]) {
        const reach = destination(sensor, bearing, sensor.range_max_m * 0.7);
        corners.push([reach.longitude, reach.latitude]);
      }
  }
  for (const zone of zones)
    for (const volume of zone.volumes)
      for (const [longitude, latitude] of volume.rings[0] ?? []) corners.push([longitude!, latitude!]);
  return corners;
}
