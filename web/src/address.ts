/**
 * Deep links: what is in view, selected, filtered, and (in a recording) the time, in the part of the address after `#`, which
 * never leaves this machine.
 */

import { signal } from "@preact/signals";
import type { Place } from "./geo";
import type { Shown } from "./state";

export interface Address {
  view: { centre: Place; zoom: number } | null;
  track: number | null;
  alert: number | null;
  time_ms: number | null;
  hidden: (keyof Shown)[];
}

const HIDEABLE: readonly (keyof Shown)[] = ["birds", "tentatives", "trails", "coverage", "plots", "rings", "labels"];

/** What the map shows now. */
export const inView = signal<{ centre: Place; zoom: number } | null>(null);

export function readAddress(hash: string): Address {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const [latitude, longitude, zoom] = (given.get("view") ?? "").split(",").map(Number);
  const valid =
    Number.isFinite(latitude) &&
    Number.isFinite(longitude) &&
    Number.isFinite(zoom) &&
    Math.abs(latitude!) <= 85 &&
    Math.abs(longitude!) <= 180;
  const whole = (name: string): number | null => {
    const text = given.get(name);
    return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
  };
  const time_ms = Date.parse(given.get("time") ?? "");
  const hidden = (given.get("hide") ?? "").split(",");
  return {
    view: valid ? { centre: { latitude: latitude!, longitude: longitude! }, zoom: zoom! } : null,
    track: whole("track"),
    alert: whole("alert"),
    time_ms: Number.isNaN(time_ms) ? null : time_ms,
    hidden: HIDEABLE.filter((each) => hidden.includes(each)),
  };
}

export function writeAddress(address: Address): string {
  const parts: string[] = [];
  if (address.view) {
    const { centre, zoom } = address.view;
    parts.push(`view=${centre.latitude.toFixed(5)},${centre.longitude.toFixed(5)},${zoom.toFixed(2)}`);
  }
  if (address.track !== null) parts.push(`track=${address.track}`);
  if (address.alert !== null) parts.push(`alert=${address.alert}`);
  if (address.time_ms !== null) parts.push(`time=${new Date(address.time_ms).toISOString().slice(0, 19)}Z`);
  if (address.hidden.length) parts.push(`hide=${address.hidden.join(",")}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

export const hiddenOf = (shown: Shown): (keyof Shown)[] => HIDEABLE.filter((each) => !shown[each]);
