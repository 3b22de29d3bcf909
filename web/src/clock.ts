/** Event time between two messages: carried on by this machine's clock at the speed of the watch, never beyond its word. */

import { heard, now, picture, status } from "./state";

/** Above this the watch has something to say once a second; without it the picture is old. */
export const STALE_MS = 3_500;
const CARRIED_MS = 2_000;
/** Further off than this, somebody went to another time. */
const JUMP_MS = 1_500;

let anchor = { event_ms: 0, at: 0 };

/** A message told the watch's time. */
export function setClock(event_ms: number): void {
  const carried = eventTime();
  const jump = Math.abs(event_ms - carried) > JUMP_MS * Math.max(1, speed());
  // A little off: go half the way, so that a late message does not make the clock stutter.
  anchor = { event_ms: jump || isHeld() ? event_ms : (event_ms + carried) / 2, at: performance.now() };
}

const isHeld = (): boolean => {
  const playback = status.value?.playback;
  return !!playback && (playback.paused || playback.ended || !!status.value?.preparing);
};

/** Times real time at which the watch goes on; 0 when it stands still. */
export function speed(): number {
  const playback = status.value?.playback;
  if (!playback) return 1;
  return isHeld() ? 0 : playback.speed;
}

/** Event time now, in ms. */
export function eventTime(): number {
  if (!anchor.event_ms) return picture.value.time_ms;
  const elapsed = Math.min(performance.now() - anchor.at, CARRIED_MS);
  return anchor.event_ms + elapsed * speed();
}

/** How long nothing was heard, in ms of this machine. */
export const silence = (): number => (heard.value ? performance.now() - heard.value : 0);

/** Keep `now` going. */
export function runClock(): void {
  window.setInterval(() => {
    const time = Math.floor(eventTime() / 250) * 250;
    const back = now.peek() - time;
    // The time on the screen goes back only when somebody went back.
    if (back !== 0 && !(back > 0 && back < JUMP_MS * Math.max(1, speed()) && !isHeld())) now.value = time;
  }, 250);
}
