/**
 * The palettes, once for the page (as CSS variables) and the map. Night is the first: dark enough for a dark room, text at
 * 7:1 and more. Red keeps the eye's adaptation to the dark: every colour is a red, so that only shape, weight and words tell
 * things apart, as they do anyway.
 */

export type ThemeName = "night" | "day" | "red";
export const THEMES: readonly ThemeName[] = ["night", "day", "red"];

export interface Theme {
  scheme: "dark" | "light";
  /** page */
  ground: string;
  panel: string;
  raised: string;
  line: string;
  edge: string;
  text: string;
  muted: string;
  accent: string;
  focus: string;
  shade: string;
  /** what things mean */
  critical: string;
  criticalPanel: string;
  onCritical: string;
  warning: string;
  warningPanel: string;
  notice: string;
  permitted: string;
  open: string;
  crewed: string;
  bird: string;
  claim: string;
  origin: string;
  /** zones */
  prohibited: string;
  authorised: string;
  conditional: string;
  free: string;
  dormant: string;
  /** base map */
  sea: string;
  land: string;
  border: string;
  water: string;
  shore: string;
  park: string;
  built: string;
  building: string;
  buildingEdge: string;
  road: string;
  mainRoad: string;
  rail: string;
  name: string;
  halo: string;
  ring: string;
  coverage: string;
  plot: string;
}

export const PALETTES: Record<ThemeName, Theme> = {
  night: {
    scheme: "dark",
    ground: "#080d12",
    panel: "#0e151c",
    raised: "#16202a",
    line: "#1f2b37",
    edge: "#5f7487",
    text: "#e3eaf1",
    muted: "#9aabbb",
    accent: "#7fd1c0",
    focus: "#8fd0ff",
    shade: "rgb(0 0 0 / 55%)",
    critical: "#ff6a5e",
    criticalPanel: "#35171a",
    onCritical: "#1a0504",
    warning: "#ffb648",
    warningPanel: "#2e2413",
    notice: "#c7a6ff",
    permitted: "#4fd08f",
    open: "#ffd84a",
    crewed: "#6fb6ff",
    bird: "#8b98a6",
    claim: "#6fe0f0",
    origin: "#cbb2ff",
    prohibited: "#ff6a5e",
    authorised: "#ffa24d",
    conditional: "#d9c04a",
    free: "#4fd08f",
    dormant: "#6b7986",
    sea: "#0a141d",
    land: "#10171d",
    border: "#3b4a58",
    water: "#0d2130",
    shore: "#1a3a4d",
    park: "#11201b",
    built: "#141c23",
    building: "#1c2630",
    buildingEdge: "#26323d",
    road: "#222d37",
    mainRoad: "#303d49",
    rail: "#3a4652",
    name: "#8fa1b1",
    halo: "#0b1117",
    ring: "#3d5263",
    coverage: "#4fa3a0",
    plot: "#8fb3c7",
  },
  day: {
    scheme: "light",
    ground: "#dfe5ea",
    panel: "#f8fafb",
    raised: "#eaeff3",
    line: "#d2dae1",
    edge: "#74838f",
    text: "#101a22",
    muted: "#4a5a68",
    accent: "#0b6b5f",
    focus: "#0b5fbf",
    shade: "rgb(30 45 60 / 35%)",
    critical: "#b8140c",
    criticalPanel: "#fde5e2",
    onCritical: "#ffffff",
    warning: "#8a4b00",
    warningPanel: "#fdf0d8",
    notice: "#6334b5",
    permitted: "#0c6b3d",
    open: "#7a5c00",
    crewed: "#0b55ad",
    bird: "#5b6873",
    claim: "#00667a",
    origin: "#5c3a9e",
    prohibited: "#b8140c",
    authorised: "#b35a00",
    conditional: "#8a7400",
    free: "#0c6b3d",
    dormant: "#7d8a95",
    sea: "#cfdee8",
    land: "#f3f4f2",
    border: "#9aa8b3",
    water: "#c3d9e6",
    shore: "#a3c3d6",
    park: "#dbe8d6",
    built: "#eeedea",
    building: "#dededc",
    buildingEdge: "#cccdcc",
    road: "#ffffff",
    mainRoad: "#fbf3dc",
    rail: "#b3babf",
    name: "#4a5a68",
    halo: "#f8fafb",
    ring: "#8d9dab",
    coverage: "#2f8f89",
    plot: "#466b80",
  },
  red: {
    scheme: "dark",
    ground: "#080101",
    panel: "#0e0303",
    raised: "#1b0707",
    line: "#2b0d0c",
    edge: "#96443c",
    text: "#ff8f80",
    muted: "#d06a5d",
    accent: "#ff8f80",
    focus: "#ffc4ba",
    shade: "rgb(0 0 0 / 65%)",
    critical: "#ffa79b",
    criticalPanel: "#42100c",
    onCritical: "#200403",
    warning: "#f08373",
    warningPanel: "#2b0b09",
    notice: "#d8705f",
    permitted: "#c05a4c",
    open: "#f58a7b",
    crewed: "#d06a5c",
    bird: "#96493e",
    claim: "#e07c6c",
    origin: "#f08a78",
    prohibited: "#ff8f80",
    authorised: "#d86a5b",
    conditional: "#b0503f",
    free: "#8a4034",
    dormant: "#6d3029",
    sea: "#080202",
    land: "#0e0404",
    border: "#4a1c17",
    water: "#150606",
    shore: "#2b0f0c",
    park: "#120505",
    built: "#130505",
    building: "#1c0908",
    buildingEdge: "#26100d",
    road: "#210b09",
    mainRoad: "#32120f",
    rail: "#3a1713",
    name: "#b0574a",
    halo: "#080101",
    ring: "#5a231c",
    coverage: "#8a3a30",
    plot: "#b55a4c",
  },
};

/** `criticalPanel` as `--critical-panel`. */
export const variable = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Give the page a palette. */
export function applyTheme(name: ThemeName): void {
  const root = document.documentElement;
  root.dataset.theme = name;
  root.style.colorScheme = PALETTES[name].scheme;
  for (const [key, value] of Object.entries(PALETTES[name])) root.style.setProperty(variable(key), value);
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", PALETTES[name].ground);
}
