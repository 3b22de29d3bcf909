/** A canvas over the map, sharp on every screen. */

export interface Surface {
  canvas: HTMLCanvasElement;
  context: CanvasRenderingContext2D;
}

export const FONT = '"Inter Variable", Inter, system-ui, sans-serif';

export function createSurface(parent: HTMLElement, name: string): Surface {
  const canvas = document.createElement("canvas");
  canvas.className = `surface ${name}`;
  canvas.setAttribute("aria-hidden", "true");
  parent.append(canvas);
  return { canvas, context: canvas.getContext("2d")! };
}

export const pixelRatio = (): number => Math.min(window.devicePixelRatio || 1, 2);

/** Fit the canvas to its place and wipe it. */
export function clear({ canvas, context }: Surface, width: number, height: number): void {
  const ratio = pixelRatio();
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
}

/** Text with a halo, so that it is read over anything. */
export function drawText(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
  halo: string,
): void {
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** Rectangles that are taken already. */
export class Taken {
  private readonly boxes: [number, number, number, number][];

  /** Starts with what is taken on the canvas below. */
  constructor(below?: Taken) {
    this.boxes = below ? [...below.boxes] : [];
  }

  /** Takes the place when it is free; `always` takes it anyhow. */
  take(x: number, y: number, width: number, height: number, always = false): boolean {
    const free = this.boxes.every(([l, t, r, b]) => x >= r || x + width <= l || y >= b || y + height <= t);
    if (!free && !always) return false;
    this.boxes.push([x, y, x + width, y + height]);
    return true;
  }
}
