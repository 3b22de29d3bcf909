/**
 * The view on the ground: MapLibre with the base map, or, where there is no WebGL, a plain one that can be dragged and zoomed
 * just the same. North is up in both; the traffic is drawn over either by the same code.
 */

import type { FeatureCollection } from "geojson";
import { mercatorX, mercatorY, type Place, Projection } from "./geo";
import { baseStyle, NOTHING } from "./layers/base";
import type { Theme } from "./theme";

export interface Padding {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface View {
  readonly kind: "map" | "plain";
  projection(): Projection;
  /** Called on every change of the view. */
  onMove(listener: () => void): void;
  goTo(centre: Place, zoom: number, moves: boolean): void;
  fit(corners: readonly [number, number][], padding: Padding, moves: boolean): void;
  zoomBy(levels: number): void;
  setTheme(theme: Theme): void;
  setBase(world: FeatureCollection | null, local: FeatureCollection | null): void;
  focus(): void;
  resize(): void;
}

const [LOWEST, HIGHEST] = [5, 19];

/** The zoom and centre that show all corners inside the padding. */
export function fitted(
  corners: readonly [number, number][],
  padding: Padding,
  width: number,
  height: number,
): { centre: Place; zoom: number } {
  const xs = corners.map(([longitude]) => mercatorX(longitude));
  const ys = corners.map(([, latitude]) => mercatorY(latitude));
  const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [w, h] = [
    Math.max(width - padding.left - padding.right, 50),
    Math.max(height - padding.top - padding.bottom, 50),
  ];
  const world = Math.min(w / Math.max(east - west, 1e-7), h / Math.max(south - north, 1e-7));
  const zoom = Math.min(Math.max(Math.log2(world / 512), LOWEST), 17);
  const scale = 512 * 2 ** zoom;
  const x = (west + east) / 2 + (padding.right - padding.left) / 2 / scale;
  const y = (north + south) / 2 + (padding.bottom - padding.top) / 2 / scale;
  return {
    zoom,
    centre: { longitude: x * 360 - 180, latitude: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI },
  };
}

/** The map where the browser can draw it, else the plain view. */
export async function createView(
  parent: HTMLElement,
  centre: Place,
  zoom: number,
  theme: Theme,
  label: string,
): Promise<View> {
  if (hasWebGL()) {
    try {
      return await createMap(parent, centre, zoom, theme, label);
    } catch (error) {
      console.warn("no map:", error);
      parent.querySelectorAll(".ground-map").forEach((each) => {
        each.remove();
      });
    }
  }
  return new PlainView(parent, centre, zoom, theme, label);
}

function hasWebGL(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

async function createMap(parent: HTMLElement, centre: Place, zoom: number, theme: Theme, label: string): Promise<View> {
  const [library, worker] = await Promise.all([
    import("maplibre-gl"),
    import("maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url"),
  ]);
  library.setWorkerUrl(worker.default);
  const container = document.createElement("div");
  container.className = "ground-map";
  parent.prepend(container);
  let [base, local]: [FeatureCollection, FeatureCollection] = [NOTHING, NOTHING];
  let colours = theme;
  const map = new library.Map({
    container,
    style: baseStyle(colours, base, local),
    center: [centre.longitude, centre.latitude],
    zoom,
    minZoom: LOWEST,
    maxZoom: HIGHEST,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    fadeDuration: 0,
    renderWorldCopies: false,
    locale: { "Map.Title": label },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  await new Promise<void>((resolve, reject) => {
    map.once("load", () => resolve());
    map.once("error", (event) => reject(event.error));
  });
  const restyle = () => map.setStyle(baseStyle(colours, base, local), { diff: true });
  const place = () => map.getCenter();
  return {
    kind: "map",
    projection: () => {
      const { lng, lat } = place();
      return new Projection(
        { longitude: lng, latitude: lat },
        map.getZoom(),
        container.clientWidth,
        container.clientHeight,
      );
    },
    onMove: (listener) => {
      // "render" comes in the frame in which the map is drawn, so that what is drawn over it never lags behind.
      map.on("render", listener);
      map.on("resize", listener);
    },
    goTo: ({ longitude, latitude }, level, moves) => {
      const target = { center: [longitude, latitude] as [number, number], zoom: level };
      if (moves) map.easeTo({ ...target, duration: 450 });
      else map.jumpTo(target);
    },
    fit: (corners, padding, moves) => {
      const { centre: middle, zoom: level } = fitted(corners, padding, container.clientWidth, container.clientHeight);
      const target = { center: [middle.longitude, middle.latitude] as [number, number], zoom: level };
      if (moves) map.easeTo({ ...target, duration: 450 });
      else map.jumpTo(target);
    },
    zoomBy: (levels) => {
      map.easeTo({ zoom: map.getZoom() + levels, duration: 200 });
    },
    setTheme: (next) => {
      colours = next;
      restyle();
    },
    setBase: (world, features) => {
      base = world ?? base;
      local = features ?? local;
      restyle();
    },
    focus: () => map.getCanvas().focus(),
    resize: () => map.resize(),
  };
}

/** North up, one colour, and everything that is drawn over it. */
class PlainView implements View {
  readonly kind = "plain";
  private readonly ground: HTMLElement;
  private readonly listeners: (() => void)[] = [];

  constructor(
    parent: HTMLElement,
    private centre: Place,
    private zoom: number,
    theme: Theme,
    label: string,
  ) {
    this.ground = document.createElement("div");
    this.ground.className = "ground-map plain";
    this.ground.tabIndex = 0;
    this.ground.setAttribute("role", "application");
    this.ground.setAttribute("aria-label", label);
    parent.prepend(this.ground);
    this.setTheme(theme);
    this.listen();
  }

  projection(): Projection {
    return new Projection(this.centre, this.zoom, this.ground.clientWidth, this.ground.clientHeight);
  }

  onMove(listener: () => void): void {
    this.listeners.push(listener);
  }

  goTo(centre: Place, zoom: number): void {
    this.centre = centre;
    this.zoom = Math.min(Math.max(zoom, LOWEST), HIGHEST);
    this.resize();
  }

  fit(corners: readonly [number, number][], padding: Padding): void {
    const { centre, zoom } = fitted(corners, padding, this.ground.clientWidth, this.ground.clientHeight);
    this.goTo(centre, zoom);
  }

  zoomBy(levels: number): void {
    this.goTo(this.centre, this.zoom + levels);
  }

  setTheme(theme: Theme): void {
    this.ground.style.background = theme.land;
  }

  setBase(): void {}

  focus(): void {
    this.ground.focus();
  }

  resize(): void {
    for (const listener of this.listeners) listener();
  }

  private pan(dx: number, dy: number): void {
    const at = this.projection();
    this.goTo(at.place(at.width / 2 + dx, at.height / 2 + dy), this.zoom);
  }

  private listen(): void {
    let last: [number, number] | null = null;
    this.ground.addEventListener("pointerdown", (event) => {
      last = [event.clientX, event.clientY];
      this.ground.setPointerCapture(event.pointerId);
    });
    this.ground.addEventListener("pointermove", (event) => {
      if (!last) return;
      this.pan(last[0] - event.clientX, last[1] - event.clientY);
      last = [event.clientX, event.clientY];
    });
    this.ground.addEventListener("pointerup", () => {
      last = null;
    });
    this.ground.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.zoomBy(-event.deltaY / 300);
      },
      { passive: false },
    );
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-80, 0],
      ArrowRight: [80, 0],
      ArrowUp: [0, -80],
      ArrowDown: [0, 80],
    };
    this.ground.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (step) this.pan(...step);
      else if (event.key === "+" || event.key === "=") this.zoomBy(1);
      else if (event.key === "-") this.zoomBy(-1);
      else return;
      event.preventDefault();
    });
  }
}
