/** What a person can do. Each goes to the watch, which decides; the answer comes back in the picture. */

import { signal } from "@preact/signals";
import {
  askTakeOff,
  type Move,
  moveAlert,
  Refused,
  sendHold,
  sendObservation,
  sendRelease,
  sendTask,
  steer,
} from "./api";
import { dialog, preferences, status, t, tell } from "./state";
import type { Alert, HoldOrder, Observation, PlaybackOrder, Retention, SensorOrder } from "./wire";

/** The alert whose rejection or escalation is being written, and which. */
export const writing = signal<{ alert: number; move: Move } | null>(null);
/** Orders on their way. */
export const pending = signal<ReadonlySet<string>>(new Set());
/** What to do once somebody has said who they are. */
let afterName: (() => void) | null = null;

const NEXT: Record<Alert["status"], readonly Move[]> = {
  raised: ["acknowledge", "escalate", "reject"],
  acknowledged: ["escalate", "reject", "close"],
  escalated: ["acknowledge", "reject", "close"],
  rejected: [],
  closed: [],
};

/** The moves that make sense to offer; the watch has the last word. */
export const movesOf = (alert: Alert): readonly Move[] => NEXT[alert.status];

/** Carry out a move on an alert, asking for a name first when there is none yet. */
export function move(alert: Alert, what: Move, note = ""): void {
  if (!movesOf(alert).includes(what)) return;
  if (what === "reject" && !note.trim()) {
    writing.value = { alert: alert.id, move: what };
    return;
  }
  named(() => void send(alert.id, what, note.trim()));
}

function named(then: () => void): void {
  if (preferences.value.name) {
    then();
    return;
  }
  afterName = then;
  dialog.value = "name";
}

/** Somebody said who they are; go on with what they wanted. */
export function nameGiven(): void {
  const then = afterName;
  afterName = null;
  then?.();
}

export function nameRefused(): void {
  afterName = null;
}

async function send(alert: number, what: Move, note: string): Promise<void> {
  const key = `${alert} ${what}`;
  if (pending.value.has(key)) return;
  pending.value = new Set([...pending.value, key]);
  try {
    await moveAlert(alert, what, preferences.value.name, note);
    if (writing.value?.alert === alert) writing.value = null;
  } catch (error) {
    tell(t("refused", { reason: error instanceof Refused ? error.message : t("noConnection") }));
  } finally {
    pending.value = new Set([...pending.value].filter((each) => each !== key));
  }
}

/** Have the watch find from where a track took off; the answer comes in the picture. */
export function findTakeOff(track: number): void {
  named(() => void sendTakeOff(track));
}

export const takeOffKey = (track: number): string => `${track} takeoff`;

async function sendTakeOff(track: number): Promise<void> {
  const key = takeOffKey(track);
  if (pending.value.has(key)) return;
  pending.value = new Set([...pending.value, key]);
  try {
    await askTakeOff(track, preferences.value.name);
  } catch (error) {
    tell(t("refused", { reason: error instanceof Refused ? error.message : t("noConnection") }));
  } finally {
    pending.value = new Set([...pending.value].filter((each) => each !== key));
  }
}

/** Put on record what somebody saw or heard, asking for a name first when there is none yet. */
export function observe(seen: Omit<Observation, "actor">, done: () => void, refused: (reason: string) => void): void {
  named(() => {
    sendObservation({ ...seen, actor: preferences.value.name }).then(
      ({ frame }) => {
        tell(t("observed", { frame }));
        done();
      },
      (error: unknown) => {
        const reason = t("refused", { reason: error instanceof Refused ? error.message : t("noConnection") });
        tell(reason);
        refused(reason);
      },
    );
  });
}

/** Ask a sensor for something, asking for a name first when there is none yet; its answer comes in the log. */
export function askSensor(
  sensor: string,
  wanted: Omit<SensorOrder, "actor">,
  asked: string,
  refused: (reason: string) => void,
): void {
  named(() => {
    sendTask(sensor, { ...wanted, actor: preferences.value.name }).then(
      () => tell(asked),
      (error: unknown) => {
        const reason = t("refused", { reason: error instanceof Refused ? error.message : t("noConnection") });
        tell(reason);
        refused(reason);
      },
    );
  });
}

/** Hold a stretch of the record; nothing of it is deleted until somebody releases it. */
export function hold(
  wanted: Omit<HoldOrder, "actor">,
  done: (after: Retention) => void,
  refused: (reason: string) => void,
): void {
  named(() => answered(sendHold({ ...wanted, actor: preferences.value.name }), t("holdDone"), done, refused));
}

/** End a hold. */
export function release(
  id: string,
  reason: string,
  done: (after: Retention) => void,
  refused: (reason: string) => void,
): void {
  named(() => answered(sendRelease(id, preferences.value.name, reason), t("releaseDone"), done, refused));
}

function answered(
  asked: Promise<Retention>,
  said: string,
  done: (after: Retention) => void,
  refused: (reason: string) => void,
): void {
  asked.then(
    (after) => {
      tell(said);
      done(after);
    },
    (error: unknown) => refused(t("refused", { reason: error instanceof Refused ? error.message : t("noConnection") })),
  );
}

// ---------------------------------------------------------------- playback

export const SPEEDS = [0.5, 1, 2, 4, 8, 16, 32, 64] as const;

export async function order(what: PlaybackOrder): Promise<void> {
  try {
    await steer(what);
  } catch (error) {
    tell(t("refused", { reason: error instanceof Refused ? error.message : t("noConnection") }));
  }
}

export function playOrPause(): void {
  const playback = status.value?.playback;
  if (playback) void order({ paused: !playback.paused });
}

export function seekBy(ms: number): void {
  const playback = status.value?.playback;
  if (playback) seekTo(playback.position_ms + ms);
}

export function seekTo(ms: number): void {
  const playback = status.value?.playback;
  if (playback) void order({ seek_ms: Math.round(Math.min(Math.max(ms, playback.first_ms), playback.last_ms)) });
}

export function changeSpeed(steps: number): void {
  const playback = status.value?.playback;
  if (!playback) return;
  const at = SPEEDS.reduce(
    (best, speed, k) => (Math.abs(speed - playback.speed) < Math.abs(SPEEDS[best]! - playback.speed) ? k : best),
    0,
  );
  void order({ speed: SPEEDS[Math.min(Math.max(at + steps, 0), SPEEDS.length - 1)]! });
}
