/**
 * The picture as this console has it: a pure function of the messages it was sent. Removals, then upserts. Nothing is
 * decided here; what is shown was concluded by the watch.
 */

import type {
  Alert,
  Authorisation,
  Bearings,
  DeltaMessage,
  Finding,
  Identity,
  Notice,
  Plots,
  RejectedCount,
  SensorHealth,
  SnapshotMessage,
  StatusMessage,
  TakeOff,
  Tracks,
  Trail,
  Picture as WholePicture,
  Zone,
} from "./wire";

export type Message = SnapshotMessage | DeltaMessage | StatusMessage;

/** One row of the columns. */
export type Track = { [Column in keyof Tracks]: Tracks[Column][number] };

export interface TrailPoint {
  time_ms: number;
  latitude: number;
  longitude: number;
}

export interface Plot {
  sensor: number;
  time_ms: number;
  latitude: number;
  longitude: number;
}

export interface Bearing {
  sensor: number;
  time_ms: number;
  azimuth_deg: number;
  sigma_deg: number;
}

export interface Picture {
  readonly seq: number;
  readonly time_ms: number;
  readonly tracks: ReadonlyMap<number, Track>;
  readonly trails: ReadonlyMap<number, readonly TrailPoint[]>;
  readonly identities: ReadonlyMap<number, Identity>;
  readonly findings: ReadonlyMap<number, readonly Finding[]>;
  readonly alerts: ReadonlyMap<number, Alert>;
  readonly zones: ReadonlyMap<string, Zone>;
  readonly authorisations: ReadonlyMap<string, Authorisation>;
  readonly sensors: ReadonlyMap<string, SensorHealth>;
  readonly rejected: ReadonlyMap<string, RejectedCount>;
  readonly notices: readonly Notice[];
  /** from where tracks took off; they stay when their track has gone */
  readonly takeoffs: ReadonlyMap<number, TakeOff>;
  readonly plots: readonly Plot[];
  readonly bearings: readonly Bearing[];
}

export const EMPTY: Picture = {
  seq: -1,
  time_ms: 0,
  tracks: new Map(),
  trails: new Map(),
  identities: new Map(),
  findings: new Map(),
  alerts: new Map(),
  zones: new Map(),
  authorisations: new Map(),
  sensors: new Map(),
  rejected: new Map(),
  notices: [],
  takeoffs: new Map(),
  plots: [],
  bearings: [],
};

const TRAIL_STEP_MS = 1_000;
const TRAIL_LENGTH = 180;
const NOTICES_KEPT = 300;
/** Plots and bearings are shown this long, in event time. */
export const PLOT_MS = 8_000;
export const BEARING_MS = 6_000;

/** The next picture; null when messages were missed and the whole picture must be asked for. */
export function reduce(picture: Picture, message: Message): Picture | null {
  switch (message.kind) {
    case "snapshot":
      return fromSnapshot(message.seq, message.picture);
    case "delta":
      return message.base === picture.seq ? withDelta(picture, message) : null;
    case "status":
      return picture;
  }
}

function fromSnapshot(seq: number, whole: WholePicture): Picture {
  return {
    seq,
    time_ms: whole.time_ms,
    tracks: new Map(rows<Track>(whole.tracks).map((each) => [each.id, each])),
    trails: new Map(whole.trails.map((trail) => [trail.track, points(trail)])),
    identities: by(whole.identities, (each) => each.track),
    findings: new Map(whole.findings.map((each) => [each.track, each.findings])),
    alerts: by(whole.alerts, (each) => each.id),
    zones: by(whole.zones, (each) => each.id),
    authorisations: by(whole.authorisations, (each) => each.id),
    sensors: by(whole.sensors, (each) => each.sensor),
    rejected: by(whole.rejected, rejectionKey),
    notices: whole.notices,
    takeoffs: by(whole.takeoffs, (each) => each.track),
    plots: [],
    bearings: [],
  };
}

function withDelta(before: Picture, delta: DeltaMessage): Picture {
  const { gone } = delta;
  const tracks = rows<Track>(delta.tracks);
  return {
    seq: delta.seq,
    time_ms: delta.time_ms,
    tracks: changed(before.tracks, gone.tracks, tracks, (each) => each.id),
    trails: lengthened(before.trails, gone.tracks, tracks),
    identities: changed(before.identities, gone.tracks, delta.identities, (each) => each.track),
    findings: withFindings(before.findings, delta),
    alerts: changed(before.alerts, [], delta.alerts, (each) => each.id),
    zones: changed(before.zones, gone.zones, delta.zones, (each) => each.id),
    authorisations: changed(before.authorisations, gone.authorisations, delta.authorisations, (each) => each.id),
    sensors: changed(before.sensors, [], delta.sensors, (each) => each.sensor),
    rejected: changed(before.rejected, [], delta.rejected, rejectionKey),
    notices: delta.notices.length ? [...before.notices, ...delta.notices].slice(-NOTICES_KEPT) : before.notices,
    takeoffs: changed(before.takeoffs, [], delta.takeoffs, (each) => each.track),
    plots: recent(before.plots, rows<Plot>(delta.plots), delta.time_ms - PLOT_MS),
    bearings: recent(before.bearings, rows<Bearing>(delta.bearings), delta.time_ms - BEARING_MS),
  };
}

/** Columns of equal length as rows. */
export function rows<Row>(columns: Tracks | Plots | Bearings): Row[] {
  const named = Object.entries(columns) as [string, unknown[]][];
  const length = named[0]?.[1].length ?? 0;
  return Array.from({ length }, (_, i) => {
    const row: Record<string, unknown> = {};
    for (const [name, column] of named) row[name] = column[i];
    return row as Row;
  });
}

const points = (trail: Trail): TrailPoint[] =>
  trail.time_ms.map((time_ms, i) => ({ time_ms, latitude: trail.latitude[i]!, longitude: trail.longitude[i]! }));

export const rejectionKey = (each: RejectedCount): string => `${each.source}\n${each.reason}\n${each.item}`;

function by<Key, Value>(values: readonly Value[], key: (value: Value) => Key): Map<Key, Value> {
  return new Map(values.map((value) => [key(value), value]));
}

function changed<Key, Value>(
  before: ReadonlyMap<Key, Value>,
  gone: readonly Key[],
  upserts: readonly Value[],
  key: (value: Value) => Key,
): ReadonlyMap<Key, Value> {
  if (!gone.length && !upserts.length) return before;
  const after = new Map(before);
  for (const each of gone) after.delete(each);
  for (const each of upserts) after.set(key(each), each);
  return after;
}

function withFindings(before: Picture["findings"], delta: DeltaMessage): Picture["findings"] {
  if (!delta.gone.tracks.length && !delta.findings.length) return before;
  const after = new Map(before);
  for (const track of delta.gone.tracks) after.delete(track);
  for (const { track, findings } of delta.findings) {
    if (findings.length) after.set(track, findings);
    else after.delete(track);
  }
  return after;
}

/** A point a second; more than that cannot be told apart. */
function lengthened(before: Picture["trails"], gone: readonly number[], tracks: readonly Track[]): Picture["trails"] {
  if (!gone.length && !tracks.length) return before;
  const after = new Map(before);
  for (const track of gone) after.delete(track);
  for (const { id, time_ms, latitude, longitude } of tracks) {
    const trail = after.get(id) ?? [];
    const last = trail.at(-1);
    if (last && time_ms - last.time_ms < TRAIL_STEP_MS) continue;
    after.set(id, [...trail.slice(1 - TRAIL_LENGTH), { time_ms, latitude, longitude }]);
  }
  return after;
}

function recent<Value extends { time_ms: number }>(before: readonly Value[], more: readonly Value[], since_ms: number) {
  return [...before, ...more].filter((each) => each.time_ms >= since_ms).slice(-2_000);
}
