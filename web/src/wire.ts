// Made from src/luchtwacht/server/wire by `python -m luchtwacht.server.typescript`; do not edit.

export interface Alert {
  id: number;
  kind: AlertKind;
  status: AlertStatus;
  severity: Severity;
  active: boolean;
  track: number;
  tracks: number[];
  zone: string;
  aircraft_id: string;
  started_ms: number;
  confirmed_ms: number;
  raised_ms: number;
  changed_ms: number;
  cause: Cause;
  steps: Step[];
}

export interface Cause {
  finding_time_ms: number;
  probability_inside: number | null;
  probability_entry: number | null;
  probability_uas: number | null;
  probability_permitted: number | null;
  distance_m: number | null;
  time_to_entry_s: number | null;
  latitude: number;
  longitude: number;
  height_amsl_m: number | null;
  height_agl_m: number | null;
  height_sigma_m: number | null;
  detections: number[];
}

export interface Step {
  time_ms: number;
  status: AlertStatus;
  actor: string;
  note: string;
}

export interface AlertTick {
  time_ms: number;
  severity: Severity;
  alert: number;
}

export interface FrameDetail {
  sequence: number;
  source: string;
  format: string;
  received_ms: number;
  received_ns: string;
  length: number;
  sha256: string;
  hex: string;
}

export interface HealthAnswer {
  ok: boolean;
  status: WatchStatus;
  consoles: number;
}

export interface Held {
  id: string;
  by: string;
  reason: string;
  from_ms: number;
  to_ms: number;
}

export interface HoldOrder {
  actor: string;
  id: string;
  reason: string;
  from_ms: number | null;
  to_ms: number | null;
  alert: number | null;
}

export interface KeptFor {
  what: "personal" | "frames" | "events" | "decisions";
  days: number | null;
}

export interface Observation {
  actor: string;
  sensor: string;
  what: Seen;
  certainty?: Certainty;
  count?: number;
  time_ms?: number | null;
  latitude?: number | null;
  longitude?: number | null;
  height_m?: number | null;
  radius_m?: number | null;
  bearing_deg?: number | null;
  elevation_deg?: number | null;
  range_m?: number | null;
  note?: string;
}

export interface Observed {
  frame: number;
}

export interface PlaybackOrder {
  paused?: boolean | null;
  speed?: number | null;
  seek_ms?: number | null;
}

export interface Problem {
  title: string;
  status: number;
  detail: string;
}

export interface Retention {
  policy: KeptFor[];
  holds: Held[];
}

export interface SensorOrder {
  actor: string;
  task: SensorTask;
  mode?: string;
  level?: string;
  latitude?: number | null;
  longitude?: number | null;
  height?: number;
}

export interface Timeline {
  playback: PlaybackStatus | null;
  density: number[];
  alerts: AlertTick[];
}

export interface Word {
  actor: string;
  note?: string;
}

export interface Authorisation {
  id: string;
  state: string;
  in_force: boolean;
  zones: string[];
  start_ms: number;
  end_ms: number;
  aircraft: string[];
  operator_id: string;
  purpose: string;
  granted_by: string;
  source: string;
}

export interface Sensor {
  index: number;
  id: string;
  name: string;
  kind: string;
  source: string;
  latitude: number;
  longitude: number;
  height_ellipsoid_m: number;
  range_min_m: number;
  range_max_m: number | null;
  azimuth_from_deg: number;
  azimuth_to_deg: number;
  period_s: number;
  silent_after_s: number;
  takes_tasks: boolean;
}

export interface Site {
  id: string;
  name: string;
  latitude: number;
  longitude: number;
  time_zone: string;
  ground_height_amsl_m: number;
  geoid_undulation_m: number;
  step_s: number;
  horizon_s: number;
  sources: string[];
  sensors: Sensor[];
  base_map: boolean;
}

export interface Zone {
  id: string;
  name: string;
  restriction: string;
  in_force: boolean;
  until_ms: number | null;
  volumes: ZoneVolume[];
  times: string[];
  reasons: string[];
  message: Record<string, string>;
  authority: string;
  source: string;
}

export interface ZoneVolume {
  rings: number[][][];
  lower_m: number;
  lower_reference: string;
  upper_m: number | null;
  upper_reference: string;
}

export interface CategoryGrounds {
  track: number;
  time_ms: number;
  measured: number[];
  probability: number[];
  grounds: Ground[];
  claim_kind: ClaimKind | null;
  speed_m_s: number | null;
  waver: number | null;
  climb_m_s: number | null;
  motion_s: number;
  still_s: number;
  height_agl_m: number | null;
  rcs_dbsm: number | null;
  rcs_reports: number;
  sensors: SensorOpinion[];
}

export interface Ground {
  kind: GroundKind;
  known: boolean;
  weights: number[];
}

export type GroundKind = "prior" | "opinions" | "motion" | "still" | "height" | "size" | "claim";

export interface SensorOpinion {
  sensor: string;
  reports: number;
  called: number[];
  last: Category;
  last_ms: number;
  last_weights: number[];
  confusion_declared: boolean;
  memory_s: number | null;
}

export interface Bearings {
  sensor: number[];
  time_ms: number[];
  azimuth_deg: number[];
  sigma_deg: number[];
}

export interface DeltaMessage {
  kind: "delta";
  base: number;
  seq: number;
  time_ms: number;
  gone: Gone;
  tracks: Tracks;
  identities: Identity[];
  findings: Findings[];
  alerts: Alert[];
  zones: Zone[];
  authorisations: Authorisation[];
  sensors: SensorHealth[];
  rejected: RejectedCount[];
  notices: Notice[];
  takeoffs: TakeOff[];
  plots: Plots;
  bearings: Bearings;
}

export interface Gone {
  tracks: number[];
  zones: string[];
  authorisations: string[];
}

export interface Picture {
  time_ms: number;
  tracks: Tracks;
  trails: Trail[];
  identities: Identity[];
  findings: Findings[];
  alerts: Alert[];
  zones: Zone[];
  authorisations: Authorisation[];
  sensors: SensorHealth[];
  rejected: RejectedCount[];
  notices: Notice[];
  takeoffs: TakeOff[];
}

export interface Plots {
  sensor: number[];
  time_ms: number[];
  latitude: number[];
  longitude: number[];
}

export interface SnapshotMessage {
  kind: "snapshot";
  seq: number;
  picture: Picture;
  status: WatchStatus;
}

export interface StatusMessage {
  kind: "status";
  seq: number;
  status: WatchStatus;
}

export interface Chances {
  latitude: number[];
  longitude: number[];
  probability: number[];
  size_m: number;
}

export interface Reach {
  possible: boolean;
  return_possible: boolean;
  distance_m: number;
  course_deg: number;
  airspeed_m_s: number;
  wind_along_m_s: number;
  wind_across_m_s: number;
  ground_speed_m_s: number;
  flight_s: number | null;
  aloft_s: number;
  return_s: number | null;
  endurance_s: number;
  margin_s: number | null;
  needed_ground_speed_m_s: number | null;
  needed_airspeed_m_s: number | null;
  reasons: string[];
}

export interface TakeOff {
  track: number;
  revision: number;
  extent: Extent;
  half: TakeOffArea | null;
  most: TakeOffArea | null;
  point: Point | null;
  expected_error_m: number | null;
  launch_ms: number | null;
  launch_from_ms: number | null;
  launch_until_ms: number | null;
  bearing_deg: number | null;
  bearing_sigma_deg: number | null;
  in_view: number | null;
  first_ms: number;
  first_seen: Point | null;
  first_height_agl_m: number | null;
  used_until_ms: number;
  detections: number;
  sensors: number[];
  searching: number[];
  wind_speed_m_s: number;
  wind_from_deg: number;
  detail: string;
}

export interface TakeOffAnswer {
  takeoff: TakeOff | null;
  chances: Chances;
}

export interface TakeOffArea {
  probability: number;
  size_m2: number;
  polygons: number[][][][];
}

export interface Finding {
  zone: string;
  probability_inside: number;
  probability_entry: number;
  time_to_entry_s: number | null;
  distance_m: number;
  probability_uas: number;
  probability_permitted: number;
  authorisation: string;
}

export interface Findings {
  track: number;
  findings: Finding[];
}

export interface Identity {
  track: number;
  aircraft_id: string;
  probability: number | null;
  runner_up: string;
  runner_up_probability: number | null;
  claim_kind: ClaimKind | null;
  claim_verdict: Verdict;
  callsign: string;
  operator_id: string;
  pilot: Point | null;
  authorisation: string;
  authorisation_probability: number;
  authorisation_runner_up: string;
  authorisation_runner_up_probability: number;
}

export interface Recognition {
  at_ms: number;
  lost_ms: number;
  former: number | null;
  probability: number;
  away_m: number;
}

export interface Report {
  id: number;
  frame: number;
  record: number;
  time_ms: number;
  sensor: string;
  probability: number;
  measured: Record<string, number | null>;
  opinion: number[] | null;
}

export interface TrackDetail {
  track: Tracks;
  height_ellipsoid_m: number | null;
  trail: Trail;
  identity: Identity | null;
  findings: Finding[];
  alerts: number[];
  reports: Report[];
  recognition: Recognition | null;
}

export interface Tracks {
  id: number[];
  time_ms: number[];
  started_ms: number[];
  updated_ms: number[];
  status: Status[];
  claimed: boolean[];
  standing: Standing[];
  latitude: number[];
  longitude: number[];
  height_amsl_m: (number | null)[];
  height_agl_m: (number | null)[];
  height_sigma_m: (number | null)[];
  speed_m_s: number[];
  course_deg: (number | null)[];
  climb_m_s: (number | null)[];
  ellipse_major_m: number[];
  ellipse_minor_m: number[];
  ellipse_bearing_deg: number[];
  existence: number[];
  updates: number[];
  sensors: number[][];
  rcs_dbsm: (number | null)[];
  category: Category[];
  category_probability: number[][];
}

export interface Trail {
  track: number;
  time_ms: number[];
  latitude: number[];
  longitude: number[];
  height_amsl_m: (number | null)[];
}

export interface Figure {
  declared: number;
  measured: number | null;
}

export interface Notice {
  time_ms: number;
  kind: string;
  subject: string;
  detail: string;
  code: string;
  data: Record<string, unknown>;
}

export interface OutputStatus {
  id: string;
  kind: string;
  address: string;
  receivers: number;
  messages: number;
  octets: number;
  let_go: number;
  trouble: string;
}

export interface PlaybackStatus {
  first_ms: number;
  last_ms: number;
  position_ms: number;
  speed: number;
  paused: boolean;
  ended: boolean;
}

export interface Preparation {
  step: number;
  steps: number;
  elapsed_s: number;
}

export interface RejectedCount {
  source: string;
  reason: string;
  item: string;
  count: number;
  detail: string;
  time_ms: number;
}

export interface SensorBias {
  name: BiasName;
  value: number;
  sigma: number;
  declared: number;
  seen: boolean;
}

export interface SensorFigures {
  time_ms: number;
  applied: boolean;
  biases: SensorBias[];
  confounded: BiasName[][];
  claim_pairs: number;
  sensor_pairs: number;
  aircraft: number;
  probability_of_detection: Figure;
  looks: number;
  false_reports: Figure;
  latency_s: Figure;
  period_s: Figure;
  noise: SensorNoise[];
  blind_sectors_deg: number[][];
  faults: Fault[];
  corrected: boolean;
}

export interface SensorHealth {
  sensor: string;
  state: Health;
  heard_ms: number | null;
  reports: number;
  detail: string;
  code: string;
  data: Record<string, unknown>;
  figures: SensorFigures | null;
}

export interface SensorNoise {
  name: BiasName;
  declared: number;
  measured: number | null;
}

export interface WatchStatus {
  time_ms: number;
  running: boolean;
  preparing: boolean;
  preparation: Preparation | null;
  inputs: number;
  frames: number;
  frames_per_s: number;
  lag_ms: number;
  recording: boolean;
  durable: number;
  record_failure: string;
  lost: number;
  outputs: OutputStatus[];
  playback: PlaybackStatus | null;
}

export type AlertKind = "zone_intrusion" | "zone_approach" | "contradicted_claim";

export type AlertStatus = "raised" | "acknowledged" | "escalated" | "rejected" | "closed";

export type BiasName = "range" | "azimuth" | "elevation" | "east" | "north" | "up" | "time";

export type Category = "multirotor" | "fixed_wing_drone" | "bird" | "crewed_aircraft" | "other";

export type Certainty = "certain" | "probable" | "possible";

export type ClaimKind = "remote_id" | "ads_b" | "telemetry";

export type Extent = "in_view" | "hidden" | "open" | "beyond" | "unplaced";

export type Fault = "blind" | "weak" | "cluttered" | "noisy" | "misaligned" | "slow";

export type Health = "ok" | "silent" | "degraded" | "unheard";

export interface Point {
  latitude: number;
  longitude: number;
}

export type Seen = "drone" | "aircraft" | "bird" | "other" | "flash" | "smoke" | "sound";

export type SensorTask = "start" | "stop" | "mode" | "look_at" | "detection_threshold" | "report_rate" | "status" | "registration" | "reset" | "snapshot";

export type Severity = "critical" | "warning" | "notice";

export type Standing = "alert" | "permitted" | "open";

export type Status = "tentative" | "confirmed" | "coasted" | "terminated";

export type Verdict = "none" | "consistent" | "contradicted" | "unchecked";
