/** What this console holds: the picture, the line to the watch, what is selected, and what this person prefers. */

import { computed, effect, signal } from "@preact/signals";
import type { Connection } from "./live";
import { EMPTY, type Picture, type Track } from "./picture";
import { applyTheme, THEMES, type ThemeName } from "./theme";
import type { Alert, Site, TakeOff, WatchStatus } from "./wire";
import { type Key, knows, LANGUAGES, type Language, preferredLanguage, say } from "./words";

// ---------------------------------------------------------------- what the watch says

export const site = signal<Site | null>(null);
export const picture = signal<Picture>(EMPTY);
export const status = signal<WatchStatus | null>(null);
/** Places from which people report what they see and hear. */
export const posts = computed(() => (site.value?.sensors ?? []).filter((each) => each.kind === "spotter"));
export const connection = signal<Connection>("connecting");
/** When the last message came, by `performance.now()`. */
export const heard = signal(0);
/** Event time in ms, a tick a few times a second. */
export const now = signal(0);

// ---------------------------------------------------------------- what this person prefers

export interface Shown {
  birds: boolean;
  tentatives: boolean;
  trails: boolean;
  coverage: boolean;
  plots: boolean;
  rings: boolean;
  labels: boolean;
}

interface Preferences {
  language: Language;
  theme: ThemeName;
  sound: boolean;
  singleKeys: boolean;
  name: string;
  shown: Shown;
}

const STORE = "luchtwacht";
const FIRST: Preferences = {
  language: preferredLanguage(navigator.languages ?? []),
  theme: "night",
  sound: true,
  singleKeys: true,
  name: "",
  shown: { birds: true, tentatives: true, trails: true, coverage: true, plots: true, rings: true, labels: true },
};

function stored(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}") as Partial<Preferences>;
    const made = { ...FIRST, ...kept, shown: { ...FIRST.shown, ...kept.shown } };
    if (!(made.language in LANGUAGES)) made.language = FIRST.language;
    if (!THEMES.includes(made.theme)) made.theme = FIRST.theme;
    return made;
  } catch {
    return FIRST;
  }
}

export const preferences = signal<Preferences>(stored());
export const prefer = (changes: Partial<Preferences>) => {
  preferences.value = { ...preferences.value, ...changes };
};
export const show = (changes: Partial<Shown>) => prefer({ shown: { ...preferences.value.shown, ...changes } });
export const toggle = (name: keyof Shown) => show({ [name]: !preferences.value.shown[name] });

export const language = computed(() => preferences.value.language);
export const theme = computed(() => preferences.value.theme);
export const shown = computed(() => preferences.value.shown);
export const words = computed(() => LANGUAGES[language.value]);

/** The text for a key in the language of this person. */
export const t = (key: Key, values?: Record<string, string | number>): string => say(words.value, key, values);
/** The text for a word the server sent; the word itself when it has no translation. */
export const tr = (key: string, word = key): string => (knows(key) ? t(key) : word.replaceAll("_", " "));

effect(() => {
  document.documentElement.lang = language.value;
});
effect(() => applyTheme(theme.value));
effect(() => {
  try {
    localStorage.setItem(STORE, JSON.stringify(preferences.value));
  } catch {
    // A browser that keeps nothing: the choice holds until the page is closed.
  }
});

// ---------------------------------------------------------------- what is selected

export type Tab = "tracks" | "sensors" | "zones" | "log";
export type Dialog = "help" | "settings" | "name" | "observe" | "retention" | null;

export const selectedTrack = signal<number | null>(null);
export const selectedAlert = signal<number | null>(null);
export const tab = signal<Tab>("tracks");
export const dialog = signal<Dialog>(null);
/** The alert of which everything is shown. */
export const openedAlert = signal<number | null>(null);
export const following = signal(false);
/** Whether the selected track's card is open: on a small screen an alert may be selected without it. */
export const cardOpen = signal(false);
const SMALL_PX = 760;
export const isSmall = (): boolean => window.innerWidth <= SMALL_PX;
/** A short message that goes away by itself. */
export const toast = signal("");

let toastTimer = 0;
export function tell(text: string): void {
  toast.value = text;
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => {
    toast.value = "";
  }, 6_000);
}

// ---------------------------------------------------------------- what follows from these

const DEALT_WITH = new Set(["rejected", "closed"]);
const SEVERITY = { critical: 0, warning: 1, notice: 2 };

export const needsSomebody = (alert: Alert): boolean => alert.status === "raised";
export const isOpen = (alert: Alert): boolean => !DEALT_WITH.has(alert.status);

/** First what nobody has seen, then what is going on, then what is over; the gravest and newest first. */
export function byUrgency(a: Alert, b: Alert): number {
  return (
    Number(needsSomebody(b)) - Number(needsSomebody(a)) ||
    Number(b.active) - Number(a.active) ||
    SEVERITY[a.severity] - SEVERITY[b.severity] ||
    b.raised_ms - a.raised_ms ||
    b.id - a.id
  );
}

export const openAlerts = computed(() => [...picture.value.alerts.values()].filter(isOpen).sort(byUrgency));
export const doneAlerts = computed(() =>
  [...picture.value.alerts.values()].filter((alert) => !isOpen(alert)).sort((a, b) => b.changed_ms - a.changed_ms),
);
export const waiting = computed(() => openAlerts.value.filter(needsSomebody));
export const activeAlerts = computed(() => openAlerts.value.filter((alert) => alert.active));

/** The alert a key acts on: the selected one, else the first that waits for somebody. */
export const focusAlert = computed(() => {
  const chosen = selectedAlert.value === null ? undefined : picture.value.alerts.get(selectedAlert.value);
  return chosen ?? openAlerts.value[0];
});

/** The alert that acknowledging acts on: the selected one while it waits, else the most urgent that waits. */
export const alertToAcknowledge = computed(() => {
  const chosen = focusAlert.value;
  return chosen && needsSomebody(chosen) ? chosen : (waiting.value[0] ?? chosen);
});

/** Tracks of alerts that nobody has acknowledged. */
export const callingTracks = computed(
  () => new Set(waiting.value.filter((alert) => alert.active).flatMap((alert) => alert.tracks)),
);

const isDrone = (track: Track): boolean => track.category === "multirotor" || track.category === "fixed_wing_drone";

/** Filters hide; what is in an alert or selected is never hidden. */
export function isShown(track: Track, filters: Shown, selected: number | null): boolean {
  if (track.standing === "alert" || track.id === selected) return true;
  if (!filters.birds && track.category === "bird") return false;
  // A drone or aircraft that was lost is looked for; a bird is not.
  if (track.status === "terminated" && (track.category === "bird" || track.category === "other")) return false;
  return filters.tentatives || track.status !== "tentative";
}

/** What matters most comes first in the list, and is drawn last on the map. */
export function rank(track: Track): number {
  if (track.standing === "alert") return 0;
  if (track.status === "terminated") return 6;
  if (track.status === "tentative") return 5;
  if (isDrone(track)) return track.standing === "permitted" ? 2 : 1;
  return track.category === "bird" ? 4 : 3;
}

export const shownTracks = computed(() =>
  [...picture.value.tracks.values()]
    .filter((track) => isShown(track, shown.value, selectedTrack.value))
    .sort((a, b) => rank(a) - rank(b) || a.id - b.id),
);

export const troubledSensors = computed(() =>
  [...picture.value.sensors.values()].filter((each) => each.state === "silent" || each.state === "degraded"),
);

/** Whether there are sensors, and not one of them is heard. */
export const isBlind = computed(() => {
  const sensors = [...picture.value.sensors.values()];
  return sensors.length > 0 && sensors.every((each) => each.state === "silent" || each.state === "unheard");
});

export const troubledOutputs = computed(() => (status.value?.outputs ?? []).filter((each) => each.trouble));

export function selectTrack(track: number | null): void {
  selectedTrack.value = track;
  cardOpen.value = track !== null;
  if (track === null) following.value = false;
}

export function selectAlert(alert: Alert | null): void {
  selectedAlert.value = alert?.id ?? null;
  if (openedAlert.value !== alert?.id) openedAlert.value = null;
  if (!alert) return;
  selectedTrack.value = liveTrackOf(alert)?.id ?? alert.tracks.at(-1) ?? alert.track;
  cardOpen.value = !isSmall();
}

/** From where a track took off; of a track that an alert goes on with, that of the first part. */
export function takeOffOf(track: number): TakeOff | undefined {
  const { takeoffs, alerts } = picture.value;
  const own = takeoffs.get(track);
  if (own) return own;
  for (const alert of alerts.values()) {
    const first = alert.tracks.includes(track) ? alert.tracks.find((each) => takeoffs.has(each)) : undefined;
    if (first !== undefined) return takeoffs.get(first);
  }
  return undefined;
}

/** Areas to draw: of what is selected, and fainter of what active alerts are about. */
export const takeOffsShown = computed((): readonly { takeoff: TakeOff; selected: boolean }[] => {
  const made = new Map<number, { takeoff: TakeOff; selected: boolean }>();
  const add = (track: number, selected: boolean) => {
    const takeoff = takeOffOf(track);
    if (takeoff && !made.has(takeoff.track)) made.set(takeoff.track, { takeoff, selected });
  };
  if (selectedTrack.value !== null) add(selectedTrack.value, true);
  for (const alert of activeAlerts.value) add(alert.track, false);
  return [...made.values()].reverse();
});

/** The newest track of an alert that is still in the picture. */
export function liveTrackOf(alert: Alert): Track | undefined {
  return alert.tracks.map((id) => picture.value.tracks.get(id)).findLast((track) => track !== undefined);
}
