/** Figures as people write them. */

/** A number as people write it, with a comma or a point; null where nothing stands, NaN where it is none. */
export function figureOf(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  return plain === "" ? null : Number(plain);
}

/** "52.01 5.02" or "52,01; 5,02"; null where nothing stands, undefined where it is no place. */
export function placeOf(text: string): readonly [number, number] | null | undefined {
  if (!text.trim()) return null;
  const parts = text.trim().split(/[;\s]+|,\s+/);
  const [latitude, longitude] = parts.map((each) => figureOf(each));
  if (parts.length !== 2 || latitude == null || longitude == null) return undefined;
  const possible = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  return possible ? [latitude, longitude] : undefined;
}
