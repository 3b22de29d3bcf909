/** How far what is seen can be believed. */

import { STALE_MS, silence } from "./clock";
import { connection, isBlind, status } from "./state";
import type { Preparation } from "./wire";
import type { Key } from "./words";

export type Mode = "live" | "replay" | "paused" | "ended" | "stale" | "lagging" | "lost" | "stopped" | "preparing";

/** How old what is seen is, in one word. */
export function modeOf(): Mode {
  if (connection.value !== "open") return "lost";
  if (silence() > STALE_MS) return "stale";
  const said = status.value;
  if (!said) return "stale";
  if (!said.running && !said.playback?.ended) return "stopped";
  if (said.preparing) return "preparing";
  if (said.playback) return said.playback.ended ? "ended" : said.playback.paused ? "paused" : "replay";
  return said.lag_ms > 5_000 ? "lagging" : "live";
}

/** Why nobody may call it quiet, in two lines. */
export interface Doubt {
  says: Key;
  detail: Key;
  /** How far it is, while it gets ready. */
  progress?: Preparation;
}

/** What keeps "no alert" from meaning that nothing is there; null where it does mean that. */
export function doubt(): Doubt | null {
  const mode = modeOf();
  if (mode === "preparing") {
    const progress = status.value?.preparation;
    if (!progress?.steps) return { says: "preparing", detail: "preparingDetail" };
    return { says: "preparing", detail: "preparingKernels", progress };
  }
  if (mode === "lost" || mode === "stale" || mode === "stopped") return { says: "notKnown", detail: "notKnownDetail" };
  return isBlind.value ? { says: "blind", detail: "blindDetail" } : null;
}
