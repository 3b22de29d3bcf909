/** What people saw and heard of late: a sign at the place, or a line from the post in the direction, fading with age. */

import { destination, type Place, type Projection } from "../geo";
import { type Observed, observationOf } from "../notices";
import type { Theme } from "../theme";
import type { Notice, Seen, Site } from "../wire";
import { drawText, FONT, type Taken } from "./canvas";

/** An observation is shown this long, in event time: a flash leads somebody to look, and is then in the log. */
export const OBSERVED_MS = 300_000;
/** How far a direction without a distance is drawn. */
const FAR_M = 3_000;

export interface Sighting {
  seen: Observed;
  time_ms: number;
  post: Place | null;
}

/** The observations that are still to be shown. */
export function sightings(notices: readonly Notice[], site: Site, now_ms: number): readonly Sighting[] {
  const made: Sighting[] = [];
  for (const notice of notices.toReversed()) {
    if (now_ms - notice.time_ms > OBSERVED_MS) break;
    const seen = observationOf(notice);
    if (!seen) continue;
    const post = site.sensors.find((each) => each.id === notice.subject) ?? null;
    made.push({ seen, time_ms: notice.time_ms, post });
  }
  return made;
}

/** Where it was: as given, or as far from the post as was estimated; null where only a direction is known. */
export function placeOfSighting({ seen, post }: Sighting): Place | null {
  if (seen.place) return seen.place;
  return post && seen.bearing_deg !== null && seen.range_m !== null
    ? destination(post, seen.bearing_deg, seen.range_m)
    : null;
}

export function drawSightings(
  context: CanvasRenderingContext2D,
  at: Projection,
  shown: readonly Sighting[],
  { theme, now_ms, taken, name }: { theme: Theme; now_ms: number; taken: Taken; name: (sighting: Sighting) => string },
): void {
  context.save();
  for (const sighting of shown) {
    const { seen, post, time_ms } = sighting;
    context.globalAlpha = 1 - 0.6 * Math.min(Math.max((now_ms - time_ms) / OBSERVED_MS, 0), 1);
    context.strokeStyle = theme.notice;
    const place = placeOfSighting(sighting);
    if (post && seen.bearing_deg !== null) drawDirection(context, at, post, seen.bearing_deg, place);
    const sign = place ?? (post && seen.bearing_deg !== null ? destination(post, seen.bearing_deg, FAR_M / 3) : post);
    if (!sign) continue;
    const [x, y] = [at.x(sign.longitude), at.y(sign.latitude)];
    if (!at.sees(x, y)) continue;
    drawSign(context, seen.what, x, y, theme);
    context.font = `600 11px ${FONT}`;
    context.textAlign = "left";
    const text = name(sighting);
    if (taken.take(x + 14, y - 8, context.measureText(text).width, 16))
      drawText(context, text, x + 14, y + 4, theme.notice, theme.halo);
  }
  context.restore();
}

function drawDirection(
  context: CanvasRenderingContext2D,
  at: Projection,
  post: Place,
  bearing_deg: number,
  place: Place | null,
): void {
  const end = place ?? destination(post, bearing_deg, FAR_M);
  context.lineWidth = 1.5;
  context.setLineDash([2, 5]);
  context.beginPath();
  context.moveTo(at.x(post.longitude), at.y(post.latitude));
  context.lineTo(at.x(end.longitude), at.y(end.latitude));
  context.stroke();
  context.setLineDash([]);
}

/** In a box 20 pixels wide, from its middle. Shape tells what: a star, a cloud, waves, an eye. */
const SIGNS: Record<Seen, string> = {
  flash: "M0-8L2-2L8 0L2 2L0 8L-2 2L-8 0L-2-2Z",
  smoke: "M-6 5A4 4 0 0 1-6-2A5 5 0 0 1 3-5A4.500 4.500 0 0 1 6 5Z",
  sound: "M-7-2V2M-3-5V5M1-8V8M5-4V4",
  drone: "M-8 0Q0-8 8 0Q0 8-8 0M0-2A2 2 0 1 0 0 2A2 2 0 1 0 0-2",
  aircraft: "M-8 0Q0-8 8 0Q0 8-8 0M0-2A2 2 0 1 0 0 2A2 2 0 1 0 0-2",
  bird: "M-8 0Q0-8 8 0Q0 8-8 0M0-2A2 2 0 1 0 0 2A2 2 0 1 0 0-2",
  other: "M-8 0Q0-8 8 0Q0 8-8 0M0-2A2 2 0 1 0 0 2A2 2 0 1 0 0-2",
};

function drawSign(context: CanvasRenderingContext2D, what: Seen, x: number, y: number, theme: Theme): void {
  context.save();
  context.translate(x, y);
  const path = new Path2D(SIGNS[what]);
  context.lineJoin = "round";
  context.lineCap = "round";
  context.strokeStyle = theme.halo;
  context.lineWidth = 5;
  context.stroke(path);
  context.strokeStyle = theme.notice;
  context.lineWidth = 1.75;
  if (what === "flash") {
    context.fillStyle = theme.notice;
    context.fill(path);
  }
  context.stroke(path);
  context.restore();
}
