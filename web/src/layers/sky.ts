/** The traffic: bearings, plots, trails, uncertainty, leaders, symbols, labels. Drawn anew some ten times a second. */

import { destination, type Projection } from "../geo";
import { BEARING_MS, type Picture, PLOT_MS, type Track } from "../picture";
import type { Shown } from "../state";
import { colourOf, lookOf, type Sprites } from "../symbols";
import type { Theme } from "../theme";
import type { Site } from "../wire";
import { clear, drawText, FONT, type Surface, type Taken } from "./canvas";
import { drawSightings, type Sighting } from "./observations";

export interface Sky {
  site: Site;
  picture: Picture;
  /** to be drawn, the most important first */
  tracks: readonly Track[];
  selected: number | null;
  /** in an alert that nobody has acknowledged */
  calling: ReadonlySet<number>;
  shown: Shown;
  theme: Theme;
  sprites: Sprites;
  /** event time */
  now_ms: number;
  still: boolean;
  zoom: number;
  taken: Taken;
  /** what people saw and heard of late */
  sightings: readonly Sighting[];
  sightingName(sighting: Sighting): string;
  label(track: Track): { name: string; figures: string; age: string };
}

/** Places are carried on along the velocity by at most this, between two messages. */
const CARRIED_MS = 1_000;
const LEADER_S = 20;
/** Above this number of tracks only what matters keeps its trail, and symbols get smaller. */
const CROWD = 150;
const LABELS = 70;
/** How much of the past is drawn: of what matters, of other drones and aircraft, of birds and the unknown. */
const TRAILS_MS = { important: 180_000, other: 60_000, bird: 20_000 } as const;
const NEAR_ZOOM = 14;
const OLD_MS = 4_000;
/** Ellipses hold the object with 86 %: two standard deviations in two dimensions. */
const SIGMAS = 2;
const DEGREE_M = 111_195;

interface Drawn {
  track: Track;
  x: number;
  y: number;
}

export interface Hit {
  track: number;
  x: number;
  y: number;
}

/** Draws it all; answers where each track was drawn. */
export function drawSky(surface: Surface, at: Projection, sky: Sky): Hit[] {
  clear(surface, at.width, at.height);
  const { context } = surface;
  if (sky.shown.plots) {
    drawBearings(context, at, sky);
    drawPlots(context, at, sky);
  }
  const drawn = sky.tracks.map((track) => carried(track, at, sky)).filter(({ x, y }) => at.sees(x, y));
  const crowd = sky.tracks.length > CROWD;
  if (sky.shown.trails || sky.selected !== null)
    for (const each of drawn) if (keepsTrail(each.track, crowd, sky)) drawTrail(context, at, each, sky);
  for (const each of drawn) if (!crowd || matters(each.track, sky)) drawEllipse(context, at, each, sky);
  for (const each of drawn) drawLeader(context, at, each, sky, crowd);
  for (const each of drawn.toReversed()) drawTrack(context, each, sky, crowd);
  if (sky.shown.labels) drawLabels(context, drawn, sky, crowd);
  drawSightings(context, at, sky.sightings, { ...sky, name: sky.sightingName });
  return drawn.map(({ track, x, y }) => ({ track: track.id, x, y }));
}

const matters = (track: Track, sky: Sky): boolean => track.standing === "alert" || track.id === sky.selected;
/** Birds and the unknown: there, and not in the way. */
const isAside = (track: Track): boolean =>
  track.standing !== "alert" && (track.category === "bird" || track.category === "other");
const keepsTrail = (track: Track, crowd: boolean, sky: Sky): boolean =>
  matters(track, sky) || (sky.shown.trails && !crowd && track.status !== "tentative" && track.status !== "terminated");

/** Where a track is drawn: its estimate, carried on to now by at most a second. */
function carried(track: Track, at: Projection, sky: Sky): Drawn {
  const lead_s =
    sky.still || track.status === "terminated"
      ? 0
      : Math.min(Math.max(sky.now_ms - sky.picture.time_ms, 0), CARRIED_MS) / 1_000;
  if (!lead_s || track.course_deg === null) return { track, x: at.x(track.longitude), y: at.y(track.latitude) };
  const course = (track.course_deg * Math.PI) / 180;
  const metres = track.speed_m_s * lead_s;
  const latitude = track.latitude + (metres * Math.cos(course)) / DEGREE_M;
  const longitude =
    track.longitude + (metres * Math.sin(course)) / (DEGREE_M * Math.cos((track.latitude * Math.PI) / 180));
  return { track, x: at.x(longitude), y: at.y(latitude) };
}

function drawBearings(context: CanvasRenderingContext2D, at: Projection, { picture, site, theme, now_ms }: Sky): void {
  context.save();
  context.strokeStyle = theme.claim;
  context.lineWidth = 1;
  for (const each of picture.bearings) {
    const sensor = site.sensors[each.sensor];
    const age = (now_ms - each.time_ms) / BEARING_MS;
    if (!sensor || age > 1) continue;
    const end = destination(sensor, each.azimuth_deg, sensor.range_max_m ?? 10_000);
    context.globalAlpha = 0.5 * (1 - Math.max(age, 0)) ** 1.5;
    context.beginPath();
    context.moveTo(at.x(sensor.longitude), at.y(sensor.latitude));
    context.lineTo(at.x(end.longitude), at.y(end.latitude));
    context.stroke();
  }
  context.restore();
}

function drawPlots(context: CanvasRenderingContext2D, at: Projection, { picture, theme, now_ms }: Sky): void {
  context.save();
  context.fillStyle = theme.plot;
  for (const plot of picture.plots) {
    const age = (now_ms - plot.time_ms) / PLOT_MS;
    const [x, y] = [at.x(plot.longitude), at.y(plot.latitude)];
    if (age > 1 || !at.sees(x, y, 4)) continue;
    context.globalAlpha = 0.75 * (1 - Math.max(age, 0));
    context.fillRect(x - 1, y - 1, 2, 2);
  }
  context.restore();
}

/** A trail fades with the age of its points. */
function drawTrail(context: CanvasRenderingContext2D, at: Projection, { track, x, y }: Drawn, sky: Sky): void {
  const points = sky.picture.trails.get(track.id);
  if (!points || points.length < 2) return;
  const important = matters(track, sky);
  const span = TRAILS_MS[important ? "important" : isAside(track) ? "bird" : "other"];
  context.save();
  context.strokeStyle = colourOf(lookOf(track, sky.picture.identities.get(track.id)), sky.theme);
  context.lineWidth = important ? 2 : 1.25;
  context.lineJoin = "round";
  const newest = points.at(-1)!.time_ms;
  const shades = 6;
  for (let shade = 0; shade < shades; shade += 1) {
    const [from, to] = [newest - (span * (shade + 1)) / shades, newest - (span * shade) / shades];
    const part = points.filter((point, k) => {
      const next = points[k + 1];
      return point.time_ms > from ? point.time_ms <= to : next !== undefined && next.time_ms > from;
    });
    // Joined to the next shade by its first point, so that there is no gap.
    const joint = points.find((point) => point.time_ms > to);
    if (joint) part.push(joint);
    if (part.length < 2 && shade > 0) continue;
    context.globalAlpha = (important ? 0.85 : isAside(track) ? 0.3 : 0.5) * (1 - shade / shades) ** 1.4;
    context.beginPath();
    part.forEach((point, k) => {
      if (k) context.lineTo(at.x(point.longitude), at.y(point.latitude));
      else context.moveTo(at.x(point.longitude), at.y(point.latitude));
    });
    if (shade === 0) context.lineTo(x, y);
    context.stroke();
  }
  context.restore();
}

function drawEllipse(context: CanvasRenderingContext2D, at: Projection, { track, x, y }: Drawn, sky: Sky): void {
  const scale = at.scale(track.latitude) * SIGMAS;
  const [major, minor] = [track.ellipse_major_m * scale, track.ellipse_minor_m * scale];
  if (major < 5 || minor < 1 || major > 4_000 || track.status === "terminated") return;
  context.save();
  const colour = colourOf(lookOf(track, undefined), sky.theme);
  context.beginPath();
  context.ellipse(x, y, major, minor, ((track.ellipse_bearing_deg - 90) * Math.PI) / 180, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.globalAlpha = 0.07;
  context.fill();
  context.globalAlpha = track.status === "confirmed" ? 0.5 : 0.4;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  if (track.status !== "confirmed") context.setLineDash([3, 3]);
  context.stroke();
  context.restore();
}

const sizeOf = (track: Track, crowd: boolean): number => {
  if (track.standing === "alert") return 38;
  if (crowd) return 22;
  return track.status === "tentative" || track.category === "bird" ? 26 : 32;
};

/** Where it will be in some seconds if it flies on. */
function drawLeader(
  context: CanvasRenderingContext2D,
  at: Projection,
  { track, x, y }: Drawn,
  sky: Sky,
  crowd: boolean,
): void {
  if (track.course_deg === null || track.status === "terminated") return;
  const reach = track.speed_m_s * LEADER_S * at.scale(track.latitude);
  const clearance = sizeOf(track, crowd) * 0.36;
  if (reach < clearance + 2) return;
  const course = (track.course_deg * Math.PI) / 180;
  const [dx, dy] = [Math.sin(course), -Math.cos(course)];
  context.save();
  context.strokeStyle = colourOf(lookOf(track, undefined), sky.theme);
  context.globalAlpha = isOld(track, sky) ? 0.4 : 0.85;
  context.lineWidth = track.standing === "alert" ? 2 : 1.25;
  if (track.status !== "confirmed") context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x + dx * clearance, y + dy * clearance);
  context.lineTo(x + dx * reach, y + dy * reach);
  context.stroke();
  context.restore();
}

const ageOf = (track: Track, sky: Sky): number => sky.now_ms - track.updated_ms;
const isOld = (track: Track, sky: Sky): boolean =>
  track.status === "terminated" || track.status === "coasted" || ageOf(track, sky) > OLD_MS;

function drawTrack(context: CanvasRenderingContext2D, { track, x, y }: Drawn, sky: Sky, crowd: boolean): void {
  const size = sizeOf(track, crowd);
  const look = lookOf(track, sky.picture.identities.get(track.id));
  context.save();
  context.globalAlpha =
    track.status === "terminated" ? 0.45 : isOld(track, sky) ? 0.65 : track.status === "tentative" ? 0.8 : 1;
  if (sky.calling.has(track.id)) drawPulse(context, x, y, size, sky);
  sky.sprites.draw(context, look, track.course_deg, x, y, size);
  context.restore();
  if (track.id === sky.selected) drawBrackets(context, x, y, size / 2 + 5, sky.theme.text);
}

/** A ring that grows and fades; two still rings for who asked for less motion. */
function drawPulse(context: CanvasRenderingContext2D, x: number, y: number, size: number, sky: Sky): void {
  const phase = sky.still ? 0.45 : (performance.now() % 1_600) / 1_600;
  context.save();
  context.strokeStyle = sky.theme.critical;
  context.lineWidth = 2;
  context.globalAlpha = 0.75 * (1 - phase);
  context.beginPath();
  context.arc(x, y, size * (0.5 + 0.65 * phase), 0, 2 * Math.PI);
  context.stroke();
  context.restore();
}

function drawBrackets(context: CanvasRenderingContext2D, x: number, y: number, half: number, colour: string): void {
  const arm = 7;
  context.save();
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  for (const [sx, sy] of [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const) {
    context.moveTo(x + sx * half, y + sy * (half - arm));
    context.lineTo(x + sx * half, y + sy * half);
    context.lineTo(x + sx * (half - arm), y + sy * half);
  }
  context.stroke();
  context.restore();
}

/** Names and figures, the most important first; what would cover another is left out. */
function drawLabels(context: CanvasRenderingContext2D, drawn: readonly Drawn[], sky: Sky, crowd: boolean): void {
  context.save();
  context.textAlign = "left";
  for (const { x, y, track } of drawn) sky.taken.take(x - 9, y - 9, 18, 18, track.standing === "alert");
  let count = 0;
  for (const { track, x, y } of drawn) {
    const important = matters(track, sky);
    if (
      !important &&
      (count >= LABELS || track.status === "tentative" || (isAside(track) && (crowd || sky.zoom < NEAR_ZOOM)))
    )
      continue;
    const { name, figures, age } = sky.label(track);
    const old = isOld(track, sky);
    const first = old ? `${name}  ${age}` : name;
    const [bold, plain] = [`600 11px ${FONT}`, `500 10.5px ${FONT}`];
    context.font = bold;
    const width = Math.max(context.measureText(first).width, figures.length * 5.6);
    const half = sizeOf(track, crowd) / 2;
    const spots = [
      [x + half + 3, y - 4],
      [x - half - 3 - width, y - 4],
      [x - width / 2, y + half + 14],
      [x - width / 2, y - half - 17],
      [x + half + 3, y + 24],
      [x + half + 3, y - 32],
      [x - half - 3 - width, y + 24],
      [x - half - 3 - width, y - 32],
    ] as const;
    const spot =
      spots.find(([lx, ly]) => sky.taken.take(lx - 1, ly - 10, width + 2, 25)) ?? (important ? spots[0] : undefined);
    if (!spot) continue;
    count += 1;
    if (important) {
      context.globalAlpha = 0.82;
      context.fillStyle = sky.theme.panel;
      context.fillRect(spot[0] - 4, spot[1] - 12, width + 8, 29);
    }
    const colour = colourOf(lookOf(track, sky.picture.identities.get(track.id)), sky.theme);
    context.globalAlpha = old ? 0.75 : 1;
    drawText(context, first, spot[0], spot[1], colour, sky.theme.halo);
    context.font = plain;
    drawText(context, figures, spot[0], spot[1] + 13, important ? sky.theme.text : sky.theme.muted, sky.theme.halo);
  }
  context.restore();
}
