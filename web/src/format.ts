/** Numbers, times and sentences as people read them, in their language. */

import { bearing, compassPoint, distance, type Place } from "./geo";
import type { Track } from "./picture";
import { language, liveTrackOf, picture, site, t } from "./state";
import type { Alert, Identity } from "./wire";

const numbers = new Map<string, Intl.NumberFormat>();

/** A number with so many decimals. */
export function figure(value: number, digits = 0): string {
  const key = `${language.value} ${digits}`;
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language.value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    numbers.set(key, format);
  }
  return format.format(Object.is(Math.round(value * 10 ** digits), -0) ? 0 : value);
}

export const NONE = "–";
const NARROW = " "; // narrow no-break space before a unit

export const metres = (value: number | null, digits = 0): string =>
  value === null ? NONE : `${figure(value, digits)}${NARROW}m`;
/** A height with what it is above: the ground where that is known, else the sea. */
export function heightOf({ height_agl_m, height_amsl_m }: Pick<Track, "height_agl_m" | "height_amsl_m">): string {
  if (height_agl_m !== null) return `${metres(height_agl_m)} AGL`;
  return height_amsl_m === null ? NONE : `${metres(height_amsl_m)} AMSL`;
}
export const speedOf = (value: number): string => `${figure(value, value < 10 ? 1 : 0)}${NARROW}m/s`;
/** Two decimals; nothing is ever called certain or impossible. */
export function probability(value: number | null): string {
  if (value === null) return NONE;
  if (value >= 0.995) return `>${NARROW}${figure(0.99, 2)}`;
  return value < 0.005 ? `<${NARROW}${figure(0.01, 2)}` : figure(value, 2);
}
export const percent = (value: number): string => `${figure(value * 100)}${NARROW}%`;

export function length(value: number): string {
  const size = Math.abs(value);
  if (size < 1_000) return metres(Math.round(value / 10) * 10);
  return `${figure(value / 1_000, size < 10_000 ? 1 : 0)}${NARROW}km`;
}

/** An area: m², ha or km². */
export function surface(value_m2: number): string {
  if (value_m2 < 10_000) return `${figure(Math.round(value_m2 / 10) * 10)}${NARROW}m²`;
  if (value_m2 < 1_000_000) return `${figure(value_m2 / 1e4, 1)}${NARROW}ha`;
  return `${figure(value_m2 / 1e6, value_m2 < 1e7 ? 1 : 0)}${NARROW}km²`;
}

/** How far inside or outside a zone's border. */
export function borderOf(distance_m: number): string {
  if (Math.abs(distance_m) < 5) return t("atBorder");
  return t(distance_m < 0 ? "insideBy" : "outsideBy", { distance: length(Math.abs(distance_m)) });
}

export const degrees = (value: number): string => `${String(Math.round(value) % 360).padStart(3, "0")}°`;
export const compass = (value: number): string => t("compass").split(" ")[compassPoint(value)]!;

/** 8 s, 3 min 05 s, 2 h 14 min, 3 d. */
/** How well something fits against what fits best: 1, 0.35, or as a ratio where that is easier to read. */
export function weight(value: number): string {
  if (value >= 0.095) return figure(value, value >= 0.995 ? 0 : 2);
  if (value < 1e-6) return "<1:10⁶";
  const against = 1 / value;
  return against < 999.5 ? `1:${figure(against, 0)}` : `1:10${"⁰¹²³⁴⁵⁶"[Math.round(Math.log10(against))]}`;
}

export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 60) return `${s}${NARROW}s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (s < 3_600) return `${Math.floor(s / 60)}:${two(s % 60)}${NARROW}min`;
  if (s < 86_400) return `${Math.floor(s / 3_600)}:${two(Math.floor((s % 3_600) / 60))}${NARROW}h`;
  return `${Math.floor(s / 86_400)}${NARROW}d`;
}

export const utcClock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
export const utcMoment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;

const clocks = new Map<string, Intl.DateTimeFormat>();
function clock(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone = site.value?.time_zone ?? "UTC";
  const key = `${language.value} ${zone} ${JSON.stringify(options)}`;
  let format = clocks.get(key);
  if (!format) {
    const locale = language.value === "nl" ? "nl-NL" : "en-GB";
    format = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
    clocks.set(key, format);
  }
  return format;
}

/** The time on the wall at the site. */
export const localClock = (ms: number): string =>
  clock({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(ms);
export const localShort = (ms: number): string =>
  clock({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
export const localDate = (ms: number): string =>
  clock({ weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(ms);
/** The zone's abbreviation at that moment, so that the hour that exists twice is told apart. */
export const zoneName = (ms: number): string =>
  clock({ timeZoneName: "short" })
    .formatToParts(ms)
    .find((part) => part.type === "timeZoneName")?.value ?? "";

/** `1,9 km, 043° NO van het midden`. */
export function whereabouts(place: Place): string {
  if (!site.value) return "";
  const course = bearing(site.value, place);
  return t("fromCentre", {
    distance: length(distance(site.value, place)),
    bearing: `${degrees(course)} ${compass(course)}`,
  });
}

export const coordinates = (place: Place): string => `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}`;

/** `uas:1588E04…` without its scheme. */
export const bareId = (id: string): string => id.slice(id.indexOf(":") + 1);

/** What a track is called in lists and on the map. */
export function nameOf(track: Track, identity: Identity | undefined): string {
  if (identity?.callsign) return identity.callsign.trim();
  if (identity?.aircraft_id) return bareId(identity.aircraft_id);
  return track.id < 0 ? t("claimNumber", { n: -track.id }) : t("trackNumber", { n: track.id });
}

/** Who or what an alert is about. */
function subject(alert: Alert, track: Track | undefined): string {
  if (alert.aircraft_id) return t("claimedDrone", { id: bareId(alert.aircraft_id) });
  if (track && (track.category === "bird" || track.category === "crewed_aircraft" || track.category === "other"))
    return t("unknownThing");
  return t("unknownDrone");
}

/** One sentence that says it all, from the track as it is now, or as it was when the alert was raised. */
export function sentence(alert: Alert): { headline: string; detail: string } {
  const track = liveTrackOf(alert);
  const zone = alert.zone ? (picture.value.zones.get(alert.zone)?.name ?? alert.zone) : t("aZone");
  const what = subject(alert, track);
  const finding = track ? picture.value.findings.get(track.id)?.find((each) => each.zone === alert.zone) : undefined;
  const entry_s = finding?.time_to_entry_s ?? (track ? null : alert.cause.time_to_entry_s);
  const left = alert.kind === "zone_intrusion" && (!track || !finding || finding.probability_inside < 0.5);
  const headline = left
    ? t("say_zone_left", { what, zone })
    : alert.kind === "zone_approach" && (finding?.probability_inside ?? 0) >= 0.5
      ? t("say_zone_intrusion", { what, zone })
      : alert.kind === "zone_approach" && entry_s !== null && entry_s > 0
        ? t("say_zone_approach_in", { what, zone, time: duration(entry_s * 1_000) })
        : t(`say_${alert.kind}`, { what, zone });

  const height = track ? track.height_agl_m : alert.cause.height_agl_m;
  const parts = [height === null ? t("sayHeightUnknown") : t("sayHeight", { height: metres(height) })];
  if (track && track.status !== "terminated") {
    parts.push(
      track.course_deg === null
        ? t("sayStill")
        : t("saySpeed", { speed: speedOf(track.speed_m_s), point: compass(track.course_deg) }),
    );
  }
  if (alert.kind !== "contradicted_claim") {
    const inside = alert.kind === "zone_approach" ? "probability_entry" : "probability_inside";
    if (left) parts.push(finding ? borderOf(finding.distance_m) : t("trackLost"));
    else parts.push(t("sayProbability", { p: probability(finding?.[inside] ?? alert.cause[inside]) }));
    const permitted = finding?.probability_permitted ?? alert.cause.probability_permitted ?? 0;
    parts.push(permitted < 0.05 ? t("sayNotPermitted") : t("sayPermitted", { p: probability(permitted) }));
  }
  return { headline, detail: `${parts.join(" · ")}` };
}

/** Where an alert is now, or was raised. */
export const placeOf = (alert: Alert): Place => liveTrackOf(alert) ?? alert.cause;
