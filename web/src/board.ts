/** The map and what is drawn over it: keeps the canvases in step with the picture, the view and the clock. */

import { effect, signal } from "@preact/signals";
import { inView } from "./address";
import { fetchBaseMap } from "./api";
import { eventTime, speed } from "./clock";
import { compass, degrees, duration, heightOf, length, localClock, metres, nameOf, speedOf } from "./format";
import { bearing, distance, type Place } from "./geo";
import { fetchWorld } from "./layers/base";
import { createSurface, pixelRatio, Taken } from "./layers/canvas";
import { drawGround, type Ground, siteExtent } from "./layers/ground";
import { sightings } from "./layers/observations";
import { drawSky, type Hit } from "./layers/sky";
import { picked, picking } from "./picking";
import type { Track } from "./picture";
import {
  activeAlerts,
  callingTracks,
  focusAlert,
  following,
  isSmall,
  language,
  liveTrackOf,
  picture,
  selectAlert,
  selectedTrack,
  selectTrack,
  shown,
  shownTracks,
  site,
  t,
  takeOffsShown,
  theme,
} from "./state";
import { Sprites } from "./symbols";
import { PALETTES } from "./theme";
import { createView, type Padding, type View } from "./view";
import type { TakeOff, Zone, ZoneVolume } from "./wire";

export const view = signal<View | null>(null);
/** What the mouse points at, for the readout. */
export const cursor = signal<Place | null>(null);
/** Pixels and metres of the scale bar. */
export const scaleBar = signal({ width: 0, metres: 0 });

const FRAME_MS = 100;
const PICK_PX = 20;
const FOCUS_ZOOM = 14.5;

let hits: Hit[] = [];
let parent: HTMLElement | null = null;
/** Under the tools no label is read. */
const TOOLS = { x: 0, y: 0, width: 50, height: 190 } as const;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** How much of the map is under panels. */
function padding(): Padding {
  const wide = !isSmall();
  const sheet = wide ? 0 : (document.querySelector<HTMLElement>(".side")?.offsetHeight ?? 0);
  const card = wide && document.querySelector(".card") ? 330 : 0;
  return { left: 48, right: 48 + card, top: 56, bottom: 48 + sheet };
}

export function fitSite(moves: boolean): void {
  if (site.value) view.value?.fit(siteExtent(site.value, picture.value.zones.values()), padding(), moves);
}

export function focusMap(): void {
  view.value?.focus();
}

export function zoomTo(place: Place, zoom = FOCUS_ZOOM): void {
  const at = view.value?.projection();
  if (!at) return;
  const room = padding();
  const level = Math.max(zoom, at.zoom);
  view.value?.fit([[place.longitude, place.latitude]], room, false);
  const scale = 512 * 2 ** level;
  const shift = { x: (room.right - room.left) / 2 / scale, y: (room.bottom - room.top) / 2 / scale };
  view.value?.goTo(
    {
      longitude: place.longitude + shift.x * 360,
      latitude: place.latitude - shift.y * 360 * Math.cos((place.latitude * Math.PI) / 180),
    },
    level,
    !still.matches,
  );
}

export function zoomToSelection(): void {
  const track = selectedTrack.value === null ? undefined : picture.value.tracks.get(selectedTrack.value);
  const alert = focusAlert.value;
  const place = track ?? (alert ? (liveTrackOf(alert) ?? alert.cause) : undefined);
  if (place) zoomTo(place);
}

// ---------------------------------------------------------------- texts on the map

function heightLimit(height: number | null, reference: string): string {
  if (height === null) return t("unlimited");
  return `${metres(height)} ${reference === "WGS84" ? "WGS 84" : reference}`;
}

/** `0–150 m AGL`, or each with its own reference. */
export function volumeLimits(volume: ZoneVolume): string {
  if (volume.upper_m !== null && volume.lower_reference === volume.upper_reference)
    return `${Math.round(volume.lower_m)}–${heightLimit(volume.upper_m, volume.upper_reference)}`;
  const lower =
    volume.lower_m === 0 && volume.lower_reference === "AGL"
      ? t("ground")
      : heightLimit(volume.lower_m, volume.lower_reference);
  return `${lower} – ${heightLimit(volume.upper_m, volume.upper_reference)}`;
}

export const zoneLimits = (zone: Zone): string => [...new Set(zone.volumes.map(volumeLimits))].join("; ");

/** `Take-off, 90 % · 23:41:08–23:41:31` */
const takeOffName = (takeoff: TakeOff): string =>
  takeoff.launch_from_ms === null || takeoff.launch_until_ms === null
    ? t("takeOff")
    : t("takeOffOnMap", { from: localClock(takeoff.launch_from_ms), until: localClock(takeoff.launch_until_ms) });

function label(track: Track): { name: string; figures: string; age: string } {
  const height = heightOf(track);
  const figures = `${height}  ${track.course_deg === null ? t("sayStill") : `${speedOf(track.speed_m_s)} ${compass(track.course_deg)}`}`;
  const name = nameOf(track, picture.value.identities.get(track.id));
  return {
    name: name.length > 14 ? `…${name.slice(-10)}` : name,
    figures,
    age: duration(Math.max(eventTime() - track.updated_ms, 0)),
  };
}

// ---------------------------------------------------------------- drawing

/** Put the map into the page. */
export async function mountBoard(container: HTMLElement, start: { centre: Place; zoom: number } | null): Promise<void> {
  const home = site.value;
  if (!home) return;
  parent = container;
  const colours = PALETTES[theme.peek()];
  const made = await createView(container, start?.centre ?? home, start?.zoom ?? 12, colours, t("map"));
  view.value = made;
  const [ground, sky] = [createSurface(container, "ground"), createSurface(container, "sky")];
  let sprites = new Sprites(colours, pixelRatio());
  let groundTaken = new Taken();

  const drawBelow = () => {
    const at = made.projection();
    groundTaken = new Taken();
    groundTaken.take(TOOLS.x, TOOLS.y, TOOLS.width, TOOLS.height);
    drawGround(ground, at, {
      site: home,
      picture: picture.peek(),
      shown: shown.peek(),
      theme: PALETTES[theme.peek()],
      ringName: length,
      zoneLimits,
      sensorState: (sensor) => picture.peek().sensors.get(sensor.id)?.state ?? "unheard",
      takeOffName,
      takeoffs: takeOffsShown.peek(),
      taken: groundTaken,
    } satisfies Ground);
    const [width, step] = barOf(at.scale(at.centre.latitude));
    if (scaleBar.peek().metres !== step || scaleBar.peek().width !== width) scaleBar.value = { width, metres: step };
  };
  const drawAbove = () => {
    const at = made.projection();
    hits = drawSky(sky, at, {
      site: home,
      picture: picture.peek(),
      tracks: shownTracks.peek(),
      selected: selectedTrack.peek(),
      calling: callingTracks.peek(),
      shown: shown.peek(),
      theme: PALETTES[theme.peek()],
      sprites,
      now_ms: eventTime(),
      still: still.matches,
      zoom: at.zoom,
      taken: new Taken(groundTaken),
      label,
      sightings: sightings(picture.peek().notices, home, eventTime()),
      sightingName: ({ seen, time_ms }) => `${t(`seen_${seen.what}`)} ${duration(Math.max(eventTime() - time_ms, 0))}`,
    });
  };
  made.onMove(() => {
    drawBelow();
    drawAbove();
    const { centre, zoom } = made.projection();
    inView.value = { centre, zoom };
  });

  if (!start) fitSite(false);
  effect(() => {
    sprites = new Sprites(PALETTES[theme.value], pixelRatio());
    made.setTheme(PALETTES[theme.value]);
    drawBelow();
  });
  effect(() => {
    void [picture.value.zones, picture.value.sensors, takeOffsShown.value, shown.value, language.value];
    drawBelow();
  });
  effect(() => {
    void [shownTracks.value, selectedTrack.value, callingTracks.value, shown.value, language.value, theme.value];
    drawAbove();
  });
  effect(() => {
    const track =
      following.value && selectedTrack.value !== null ? picture.value.tracks.get(selectedTrack.value) : null;
    if (track) zoomTo(track, made.projection().zoom);
  });
  runFrames(drawAbove);
  listenToPointer(container, made);
  new ResizeObserver(() => made.resize()).observe(container);
  void loadBase(made, home);
}

/** Between messages there is something to draw only when the sky moves or an alert pulses. */
function runFrames(draw: () => void): void {
  let last = 0;
  const frame = (at: number) => {
    const moves = !still.matches && (speed() > 0 || callingTracks.peek().size > 0);
    if (!document.hidden && at - last >= (moves ? FRAME_MS : 1_000)) {
      last = at;
      draw();
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

async function loadBase(made: View, home: Place & { base_map: boolean }): Promise<void> {
  if (made.kind === "plain") return;
  if (home.base_map) made.setBase(null, await fetchBaseMap().catch(() => null));
  made.setBase(await fetchWorld(home).catch(() => null), null);
}

function barOf(scale: number): [number, number] {
  const steps = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000];
  const step = steps.findLast((each) => each * scale <= 120) ?? 10;
  return [Math.round(step * scale), step];
}

// ---------------------------------------------------------------- pointing

function nearest(x: number, y: number): number | null {
  let [best, least] = [null as number | null, PICK_PX];
  for (const hit of hits) {
    const away = Math.hypot(hit.x - x, hit.y - y);
    if (away < least) [best, least] = [hit.track, away];
  }
  return best;
}

function listenToPointer(container: HTMLElement, made: View): void {
  let pressed: [number, number] | null = null;
  const at = (event: PointerEvent): [number, number] => {
    const box = container.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onGround = (event: Event) => event.target instanceof Element && event.target.closest(".ground-map") !== null;
  container.addEventListener("pointerdown", (event) => {
    pressed = onGround(event) ? at(event) : null;
  });
  container.addEventListener("pointerup", (event) => {
    const [x, y] = at(event);
    if (pressed && Math.hypot(x - pressed[0], y - pressed[1]) < 5) {
      if (picking.value) picked(made.projection().place(x, y));
      else pick(nearest(x, y));
    }
    pressed = null;
  });
  container.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || !onGround(event)) return;
    const [x, y] = at(event);
    container.classList.toggle("over-track", nearest(x, y) !== null);
    cursor.value = made.projection().place(x, y);
  });
  container.addEventListener("pointerleave", () => {
    cursor.value = null;
  });
}

function pick(track: number | null): void {
  if (track === null) return;
  const alert = activeAlerts.value.find((each) => each.tracks.includes(track));
  if (alert) selectAlert(alert);
  selectTrack(track);
}

/** Where the mouse points, from the centre. */
export function readout(place: Place): string {
  if (!site.value || !parent) return "";
  const course = bearing(site.value, place);
  return t("cursor", {
    distance: length(distance(site.value, place)),
    bearing: `${degrees(course)} ${compass(course)}`,
  });
}
