/** One table of keys: what they do, and what the overview says of them. */

import { changeSpeed, move, order, playOrPause, seekBy, writing } from "./actions";
import { fitSite, focusMap, view, zoomToSelection } from "./board";
import { picked, picking } from "./picking";
import {
  alertToAcknowledge,
  dialog,
  focusAlert,
  openAlerts,
  prefer,
  preferences,
  selectAlert,
  selectedAlert,
  selectTrack,
  status,
  tab,
  theme,
  toggle,
} from "./state";
import { THEMES } from "./theme";
import type { Key } from "./words";

interface Shortcut {
  keys: readonly string[];
  shown: string;
  says: Key;
  does: () => void;
  /** only for a recording */
  playback?: boolean;
}

const onAlert = (what: "acknowledge" | "escalate" | "reject" | "close") => () => {
  const alert = what === "acknowledge" ? alertToAcknowledge.value : focusAlert.value;
  if (!alert) return;
  selectAlert(alert);
  if (what === "escalate" || what === "reject") writing.value = { alert: alert.id, move: what };
  else move(alert, what);
};

function step(by: number): void {
  const alerts = openAlerts.value;
  if (!alerts.length) return;
  const at = alerts.findIndex((alert) => alert.id === selectedAlert.value);
  const next = alerts[at < 0 ? 0 : (at + by + alerts.length) % alerts.length]!;
  selectAlert(next);
  document.getElementById(`alert-${next.id}`)?.focus();
}

function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

function nextTheme(): void {
  prefer({ theme: THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]! });
}

export function letGo(): void {
  if (picking.value) picked(null);
  else if (dialog.value) dialog.value = null;
  else if (writing.value) writing.value = null;
  else {
    selectTrack(null);
    selectAlert(null);
  }
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["a"], shown: "A", says: "keyAcknowledge", does: onAlert("acknowledge") },
  { keys: ["e"], shown: "E", says: "keyEscalate", does: onAlert("escalate") },
  { keys: ["r"], shown: "R", says: "keyReject", does: onAlert("reject") },
  { keys: ["c"], shown: "C", says: "keyClose", does: onAlert("close") },
  { keys: ["j"], shown: "J", says: "keyNext", does: () => step(1) },
  { keys: ["k"], shown: "K", says: "keyNext", does: () => step(-1) },
  { keys: ["z"], shown: "Z", says: "keyZoom", does: zoomToSelection },
  { keys: ["f"], shown: "F", says: "keyFit", does: () => fitSite(true) },
  { keys: ["g"], shown: "G", says: "keyAlerts", does: () => focusOn("#alerts") },
  {
    keys: ["t"],
    shown: "T",
    says: "keyTracks",
    does: () => {
      tab.value = "tracks";
      requestAnimationFrame(() => focusOn("#panel-tracks"));
    },
  },
  {
    keys: ["o"],
    shown: "O",
    says: "keyObserve",
    does: () => {
      dialog.value = "observe";
    },
  },
  {
    keys: ["v"],
    shown: "V",
    says: "keyRetention",
    does: () => {
      dialog.value = "retention";
    },
  },
  { keys: ["m"], shown: "M", says: "keyMap", does: focusMap },
  { keys: ["b"], shown: "B", says: "keyBirds", does: () => toggle("birds") },
  { keys: ["h"], shown: "H", says: "keyTentative", does: () => toggle("tentatives") },
  { keys: ["p"], shown: "P", says: "keyTrails", does: () => toggle("trails") },
  { keys: ["s"], shown: "S", says: "keySound", does: () => prefer({ sound: !preferences.value.sound }) },
  { keys: ["n"], shown: "N", says: "keyTheme", does: nextTheme },
  { keys: [" "], shown: "␣", says: "keyPlay", does: playOrPause, playback: true },
  { keys: [","], shown: ",", says: "keySeek", does: () => seekBy(-10_000), playback: true },
  { keys: ["."], shown: ".", says: "keySeek", does: () => seekBy(10_000), playback: true },
  { keys: ["["], shown: "[", says: "keySpeed", does: () => changeSpeed(-1), playback: true },
  { keys: ["]"], shown: "]", says: "keySpeed", does: () => changeSpeed(1), playback: true },
  {
    keys: ["l"],
    shown: "L",
    says: "keyLive",
    does: () => {
      const playback = status.value?.playback;
      if (playback) void order({ seek_ms: playback.last_ms, paused: false });
    },
    playback: true,
  },
];

const BY_KEY = new Map(SHORTCUTS.flatMap((each) => each.keys.map((key) => [key, each] as const)));

/** Elements in which a key means something already. */
function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function listenForKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      letGo();
      return;
    }
    if (picking.value && event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) {
      event.preventDefault();
      picked(view.value?.projection().centre ?? null);
      return;
    }
    if (typing(event.target) || dialog.value === "name") return;
    if (event.key === "?") {
      dialog.value = dialog.value === "help" ? null : "help";
      event.preventDefault();
      return;
    }
    if (dialog.value || !preferences.value.singleKeys) return;
    const shortcut = BY_KEY.get(event.key.toLowerCase());
    if (!shortcut || (shortcut.playback && !status.value?.playback)) return;
    // The space bar presses the button that has the focus.
    if (
      event.key === " " &&
      event.target instanceof HTMLElement &&
      event.target.closest("button, summary, a, [role=tab]")
    )
      return;
    event.preventDefault();
    shortcut.does();
  });
}
