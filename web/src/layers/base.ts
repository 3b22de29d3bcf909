/**
 * The base map: Natural Earth's land and borders from the bundle, and over them the site's own local features. It comes from
 * this server alone. Features carry a `kind`: water, park, built, building, road, rail or label; a `class` tells motorways from
 * streets, towns from districts and main water from ditches, and decides with the zoom what is drawn and how large.
 */

import type { Feature, FeatureCollection, Geometry, MultiLineString, MultiPolygon, Position } from "geojson";
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import worldUrl from "world-atlas/countries-10m.json?url";
import type { Place } from "../geo";
import type { Theme } from "../theme";

export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };
/** Degrees round the site in which the world is drawn. */
export const REACH_DEG = 9;

const kind = (...kinds: string[]): ExpressionSpecification => ["in", ["get", "kind"], ["literal", kinds]];
/** 1 for what is seen from afar, 3 for what is seen from near. */
const RANK: ExpressionSpecification = [
  "match",
  ["coalesce", ["get", "class"], ""],
  ["motorway", "primary", "trunk", "city", "main"],
  1,
  ["street", "service", "track", "path", "district", "place", "park", "water", "ditch", "pond"],
  3,
  2,
];
const isDitch: ExpressionSpecification = ["==", ["coalesce", ["get", "class"], ""], "ditch"];

/** The style without anything that needs another host: no glyphs, no sprites, no tiles. */
export function baseStyle(theme: Theme, world: FeatureCollection, local: FeatureCollection): StyleSpecification {
  return {
    version: 8,
    sources: {
      world: { type: "geojson", data: world, maxzoom: 10, tolerance: 0.3 },
      local: { type: "geojson", data: local, maxzoom: 16, tolerance: 0.2 },
    },
    layers: baseLayers(theme, world.features.length > 0),
  };
}

function baseLayers(theme: Theme, hasWorld: boolean): LayerSpecification[] {
  return [
    // Until the world has come, everything is land: no flash from sea to land round an inland site.
    { id: "ground", type: "background", paint: { "background-color": hasWorld ? theme.sea : theme.land } },
    {
      id: "land",
      type: "fill",
      source: "world",
      filter: kind("land"),
      paint: { "fill-color": theme.land, "fill-antialias": false },
    },
    {
      id: "coast",
      type: "line",
      source: "world",
      filter: kind("land"),
      maxzoom: 12,
      paint: { "line-color": theme.shore, "line-width": 0.8 },
    },
    {
      id: "border",
      type: "line",
      source: "world",
      filter: kind("border"),
      paint: { "line-color": theme.border, "line-width": 1, "line-dasharray": [4, 2, 1, 2] },
    },
    { id: "built", type: "fill", source: "local", filter: kind("built"), paint: { "fill-color": theme.built } },
    { id: "park", type: "fill", source: "local", filter: kind("park"), paint: { "fill-color": theme.park } },
    {
      id: "water",
      type: "fill",
      source: "local",
      filter: ["all", kind("water"), ["==", ["geometry-type"], "Polygon"]],
      paint: {
        "fill-color": theme.water,
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 11, ["case", isDitch, 0.25, 1], 14, 1],
      },
    },
    {
      id: "shore",
      type: "line",
      source: "local",
      filter: kind("water"),
      layout: { "line-join": "round", "line-cap": "round" },
      paint: {
        "line-color": ["case", ["==", ["geometry-type"], "LineString"], theme.water, theme.shore],
        "line-width": ["case", ["==", ["geometry-type"], "LineString"], 3, 0.8],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 12, ["case", isDitch, 0.15, 1], 15, 1],
      },
    },
    {
      id: "building",
      type: "fill",
      source: "local",
      filter: kind("building"),
      minzoom: 12.5,
      paint: {
        "fill-color": theme.building,
        "fill-outline-color": theme.buildingEdge,
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 12.5, 0, 13.5, 1],
      },
    },
    {
      id: "road",
      type: "line",
      source: "local",
      filter: kind("road"),
      layout: { "line-join": "round", "line-cap": "round", "line-sort-key": ["-", 0, RANK] },
      paint: {
        "line-color": ["case", ["<=", RANK, 1], theme.mainRoad, theme.road],
        "line-width": [
          "interpolate",
          ["exponential", 1.5],
          ["zoom"],
          10,
          ["match", RANK, 1, 1.1, 2, 0.5, 0.2],
          16,
          ["match", RANK, 1, 11, 2, 6, 3.5],
        ],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 10, ["match", RANK, 1, 1, 2, 0.5, 0], 13.5, 1],
      },
    },
    {
      id: "rail",
      type: "line",
      source: "local",
      filter: kind("rail"),
      minzoom: 10,
      paint: {
        "line-color": theme.rail,
        "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.7, 16, 2.5],
        "line-dasharray": [5, 2],
      },
    },
    {
      id: "name",
      type: "symbol",
      source: "local",
      filter: ["all", kind("label", "water", "park"), ["has", "name"], ["!=", ["get", "name"], ""]],
      minzoom: 9,
      layout: {
        "text-field": ["get", "name"],
        "text-font": ["sans-serif"],
        "text-size": ["match", RANK, 1, 14, 2, 12, 11],
        "text-letter-spacing": ["match", RANK, 1, 0.08, 0.03],
        "text-padding": 10,
        "text-max-width": 9,
        "symbol-sort-key": RANK,
      },
      paint: {
        "text-color": theme.name,
        "text-halo-color": theme.halo,
        "text-halo-width": 1.4,
        "text-opacity": ["interpolate", ["linear"], ["zoom"], 11.5, ["match", RANK, 1, 1, 2, 0.8, 0.45], 14, 1],
      },
    },
  ];
}

type World = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;

/** Land and borders round a place, fetched after the first paint. */
export async function fetchWorld(centre: Place): Promise<FeatureCollection> {
  const response = await fetch(worldUrl);
  return around((await response.json()) as World, centre);
}

/** The part of the world that lies within `REACH_DEG` of a place: whole polygons and lines that touch that box. */
export function around(world: World, centre: Place): FeatureCollection {
  const near = (positions: Position[]): boolean => {
    let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [longitude, latitude] of positions as [number, number][]) {
      west = Math.min(west, longitude);
      east = Math.max(east, longitude);
      south = Math.min(south, latitude);
      north = Math.max(north, latitude);
    }
    return (
      west < centre.longitude + REACH_DEG &&
      east > centre.longitude - REACH_DEG &&
      south < centre.latitude + REACH_DEG &&
      north > centre.latitude - REACH_DEG
    );
  };
  const land = feature(world, world.objects.land).features.flatMap((each) => polygons(each.geometry));
  const borders = mesh(world, world.objects.countries as never, (a, b) => a !== b) as MultiLineString;
  const made = (kindOf: string, geometry: Geometry): Feature => ({
    type: "Feature",
    properties: { kind: kindOf },
    geometry,
  });
  return {
    type: "FeatureCollection",
    features: [
      ...land
        .filter((rings) => near(rings[0] ?? []))
        .map((coordinates) => made("land", { type: "Polygon", coordinates })),
      ...borders.coordinates.filter(near).map((coordinates) => made("border", { type: "LineString", coordinates })),
    ],
  };
}

const polygons = (geometry: Geometry): Position[][][] =>
  geometry.type === "MultiPolygon"
    ? (geometry as MultiPolygon).coordinates
    : geometry.type === "Polygon"
      ? [geometry.coordinates]
      : [];
