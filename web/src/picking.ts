/** Choosing a place on the map for a form: by a click, or by moving the map and taking its middle. */

import { signal } from "@preact/signals";
import type { Place } from "./geo";

/** What is done with the place as it is written, or with null when somebody goes back. */
export const picking = signal<((place: string | null) => void) | null>(null);

export function pickPlace(then: (place: string | null) => void): void {
  picking.value = then;
}

/** A place was chosen, or none. */
export function picked(place: Place | null): void {
  const then = picking.value;
  picking.value = null;
  then?.(place && `${place.latitude.toFixed(5)} ${place.longitude.toFixed(5)}`);
}
