/** Questions and orders to the watch. */

import type {
  Alert,
  CategoryGrounds,
  FrameDetail,
  HoldOrder,
  Notice,
  Observation,
  Observed,
  PlaybackOrder,
  Problem,
  Retention,
  SensorOrder,
  Site,
  TakeOffAnswer,
  Timeline,
  TrackDetail,
} from "./wire";

export type Move = "acknowledge" | "escalate" | "reject" | "close";

/** The watch said no, and why. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const sent: RequestInit =
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`api/v1/${path}`, sent);
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
    const detail = typeof problem?.detail === "string" ? problem.detail : `HTTP ${response.status}`;
    throw new Refused(response.status, detail);
  }
  return (await response.json()) as Answer;
}

export const fetchSite = () => ask<Site>("site");
export const fetchBaseMap = () => ask<GeoJSON.FeatureCollection>("basemap");
export const fetchTrack = (track: number) => ask<TrackDetail>(`tracks/${track}`);
export const fetchGrounds = (track: number) => ask<CategoryGrounds>(`tracks/${track}/category`);
export const askTakeOff = (track: number, actor: string) => ask<TakeOffAnswer>(`tracks/${track}/takeoff`, { actor });
export const fetchFrame = (sequence: number) => ask<FrameDetail>(`frames/${sequence}`);
export const sendObservation = (seen: Observation) => ask<Observed>("observations", seen);
export const sendTask = (sensor: string, order: SensorOrder) =>
  ask<Notice[]>(`sensors/${encodeURIComponent(sensor)}/task`, order);
export const fetchRetention = () => ask<Retention>("retention");
export const sendHold = (order: HoldOrder) => ask<Retention>("retention/holds", order);
export const sendRelease = (hold: string, actor: string, note: string) =>
  ask<Retention>(`retention/holds/${encodeURIComponent(hold)}/release`, { actor, note });
export const fetchTimeline = () => ask<Timeline>("playback");
export const steer = (order: PlaybackOrder) => ask<Timeline>("playback", order);
export const moveAlert = (alert: number, move: Move, actor: string, note: string) =>
  ask<Alert>(`alerts/${alert}/${move}`, { actor, note });
