/** Sounds of alerts, made here: nothing to load. Browsers allow them only after a first click or key. */

import { signal } from "@preact/signals";
import type { Severity } from "./wire";

/** Whether the browser lets us be heard. */
export const audible = signal(false);

/** Pitch (Hz), start and length (s) of each tone. */
const TONES: Record<Severity, readonly (readonly [number, number, number])[]> = {
  critical: [
    [880, 0, 0.16],
    [660, 0.2, 0.16],
    [880, 0.4, 0.16],
    [660, 0.6, 0.16],
    [880, 0.8, 0.3],
  ],
  warning: [
    [660, 0, 0.18],
    [660, 0.28, 0.18],
  ],
  notice: [[520, 0, 0.2]],
};

let context: AudioContext | null = null;

/** Ask to be heard; call it from a click or key. */
export function unlock(): void {
  context ??= new AudioContext();
  void context.resume().then(() => {
    audible.value = context?.state === "running";
  });
}

export function play(severity: Severity): void {
  if (context?.state !== "running") return;
  for (const [pitch, start, length] of TONES[severity]) {
    const [oscillator, gain] = [context.createOscillator(), context.createGain()];
    const from = context.currentTime + start;
    oscillator.type = "triangle";
    oscillator.frequency.value = pitch;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(0.35, from + 0.015);
    gain.gain.setValueAtTime(0.35, from + length - 0.03);
    gain.gain.linearRampToValueAtTime(0, from + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(from + length);
  }
}
