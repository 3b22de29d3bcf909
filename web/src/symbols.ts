/**
 * The icon set of the air: shape says what it is, the frame how it stands, the frame's line how sure it is, hollow that it
 * is only claimed. Colour repeats this and never says it alone. The same paths draw the map and the page.
 */

import type { Track } from "./picture";
import type { Theme } from "./theme";
import type { Category, Identity, Standing, Status } from "./wire";

/** In a box of 24, pointing north, centred on 12, 12. */
export const GLYPHS: Record<Category, string> = {
  multirotor:
    "M8 8L16 16M16 8L8 16M6.200 9.400a3.200 3.200 0 1 0 0-6.400a3.200 3.200 0 1 0 0 6.400ZM17.800 9.400a3.200 3.200 0 1 0 0-6.400a3.200 3.200 0 1 0 0 6.400ZM6.200 21a3.200 3.200 0 1 0 0-6.400a3.200 3.200 0 1 0 0 6.400ZM17.800 21a3.200 3.200 0 1 0 0-6.400a3.200 3.200 0 1 0 0 6.400Z",
  fixed_wing_drone: "M12 3L22 19L12 15L2 19Z",
  bird: "M1.500 9.500C5.500 6 9.500 7.500 12 12C14.500 7.500 18.500 6 22.500 9.500C18.500 9.500 15 12.500 12 18C9 12.500 5.500 9.500 1.500 9.500Z",
  crewed_aircraft:
    "M12 1.500C13 1.500 13.700 3.200 13.700 5V9.200L22.500 14.500V16.700L13.700 14V18.500L16.500 20.700V22.500L12 21.200L7.500 22.500V20.700L10.300 18.500V14L1.500 16.700V14.500L10.300 9.200V5C10.300 3.200 11 1.500 12 1.500Z",
  other: "M12 5.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13Z",
};
const TURNS: ReadonlySet<Category> = new Set(["fixed_wing_drone", "bird", "crewed_aircraft"]);

/** In a box of 40, centred on 20, 20. */
export const FRAMES: Record<Standing, string> = {
  open: "M20 7.500a12.500 12.500 0 1 0 0 25a12.500 12.500 0 1 0 0-25Z",
  permitted:
    "M12 8.500H28A3.500 3.500 0 0 1 31.500 12V28A3.500 3.500 0 0 1 28 31.500H12A3.500 3.500 0 0 1 8.500 28V12A3.500 3.500 0 0 1 12 8.500Z",
  alert: "M20 3.500L36.500 20L20 36.500L3.500 20Z",
};
export const DASHES: Record<Status, number[]> = {
  tentative: [1.5, 3],
  confirmed: [],
  coasted: [5, 3.5],
  terminated: [2, 4],
};
export const BADGES = {
  permitted: "M27 7.500L30 10.500L35.500 4",
  contradicted: "M26 5.500H36M26 10.500H36M34.500 2.500L27.500 13.500",
  lost: "M12 12L28 28M28 12L12 28",
};

export interface Look {
  category: Category;
  status: Status;
  standing: Standing;
  claimed: boolean;
  contradicted: boolean;
}

export const lookOf = (track: Track, identity: Identity | undefined): Look => ({
  category: track.category,
  status: track.status,
  standing: track.standing,
  claimed: track.claimed,
  contradicted: identity?.claim_verdict === "contradicted",
});

/** The colour that repeats what shape and frame say. */
export function colourOf(look: Look, theme: Theme): string {
  if (look.standing === "alert") return theme.critical;
  if (look.standing === "permitted") return theme.permitted;
  if (look.category === "bird" || look.status === "tentative") return theme.bird;
  if (look.category === "crewed_aircraft") return theme.crewed;
  if (look.claimed) return theme.claim;
  return look.category === "other" ? theme.muted : theme.open;
}

/** Birds need no frame unless something is wrong with them. */
export const isFramed = (look: Look): boolean => look.category !== "bird" || look.standing !== "open";
export const isHollow = (look: Look): boolean => look.claimed;
export const turns = (category: Category): boolean => TURNS.has(category);

/** Draws a symbol in a box of 40 whose centre is the context's origin. */
export function drawSymbol(
  context: CanvasRenderingContext2D,
  look: Look,
  theme: Theme,
  course_deg: number | null,
): void {
  const colour = colourOf(look, theme);
  context.save();
  context.translate(-20, -20);
  context.lineJoin = "round";
  context.lineCap = "round";
  if (isFramed(look)) {
    const frame = path(FRAMES[look.standing]);
    context.fillStyle = look.standing === "alert" ? theme.criticalPanel : theme.panel;
    context.globalAlpha = 0.85;
    context.fill(frame);
    context.globalAlpha = 1;
    context.strokeStyle = colour;
    context.lineWidth = look.standing === "alert" ? 2.75 : 1.75;
    context.setLineDash(DASHES[look.status]);
    context.stroke(frame);
    context.setLineDash([]);
  }
  drawGlyph(context, look, theme, colour, course_deg);
  drawBadge(context, look, theme, colour);
  context.restore();
}

function drawGlyph(
  context: CanvasRenderingContext2D,
  look: Look,
  theme: Theme,
  colour: string,
  course_deg: number | null,
): void {
  const glyph = path(GLYPHS[look.category]);
  const size = look.category === "bird" ? 0.78 : look.standing === "alert" ? 0.7 : 0.66;
  context.save();
  context.translate(20, 20);
  if (course_deg !== null && TURNS.has(look.category)) context.rotate((course_deg * Math.PI) / 180);
  context.scale(size, size);
  context.translate(-12, -12);
  context.strokeStyle = colour;
  context.lineWidth = 2.2;
  if (!isFramed(look)) {
    context.strokeStyle = theme.halo;
    context.lineWidth = 4;
    context.stroke(glyph);
    context.strokeStyle = colour;
    context.lineWidth = 1.4;
  }
  if (isHollow(look)) {
    context.lineWidth = 1.9;
    context.stroke(glyph);
  } else {
    context.fillStyle = colour;
    context.fill(glyph);
    if (look.category === "multirotor") context.stroke(glyph);
  }
  context.restore();
}

function drawBadge(context: CanvasRenderingContext2D, look: Look, theme: Theme, colour: string): void {
  const badge =
    look.status === "terminated"
      ? BADGES.lost
      : look.contradicted
        ? BADGES.contradicted
        : look.standing === "permitted"
          ? BADGES.permitted
          : null;
  if (!badge) return;
  for (const [style, width] of [
    [theme.halo, 5],
    [look.contradicted ? theme.warning : colour, 2.2],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke(path(badge));
  }
}

const paths = new Map<string, Path2D>();
function path(data: string): Path2D {
  let made = paths.get(data);
  if (!made) {
    made = new Path2D(data);
    paths.set(data, made);
  }
  return made;
}

/** Symbols drawn once and kept, by all that changes how they look. */
export class Sprites {
  private readonly kept = new Map<string, HTMLCanvasElement>();

  constructor(
    private readonly theme: Theme,
    private readonly ratio: number,
  ) {}

  /** Draws the symbol at x, y, `size` pixels wide (of its box of 40). */
  draw(
    context: CanvasRenderingContext2D,
    look: Look,
    course_deg: number | null,
    x: number,
    y: number,
    size: number,
  ): void {
    const course = course_deg === null || !TURNS.has(look.category) ? null : Math.round(course_deg / 6) * 6;
    const key = `${look.category} ${look.status} ${look.standing} ${look.claimed} ${look.contradicted} ${course} ${size}`;
    let sprite = this.kept.get(key);
    if (!sprite) {
      sprite = document.createElement("canvas");
      sprite.width = sprite.height = Math.ceil(size * this.ratio);
      const own = sprite.getContext("2d")!;
      own.scale(sprite.width / 40, sprite.height / 40);
      own.translate(20, 20);
      drawSymbol(own, look, this.theme, course);
      this.kept.set(key, sprite);
    }
    context.drawImage(sprite, x - size / 2, y - size / 2, size, size);
  }
}
