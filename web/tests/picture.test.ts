import { describe, expect, it } from "vitest";
import { EMPTY, type Picture, reduce, rows, type Track } from "../src/picture";
import type { DeltaMessage, SnapshotMessage, Tracks, WatchStatus, Picture as WholePicture } from "../src/wire";

const NO_TRACKS: Tracks = {
  id: [],
  time_ms: [],
  started_ms: [],
  updated_ms: [],
  status: [],
  claimed: [],
  standing: [],
  latitude: [],
  longitude: [],
  height_amsl_m: [],
  height_agl_m: [],
  height_sigma_m: [],
  speed_m_s: [],
  course_deg: [],
  climb_m_s: [],
  ellipse_major_m: [],
  ellipse_minor_m: [],
  ellipse_bearing_deg: [],
  existence: [],
  updates: [],
  sensors: [],
  rcs_dbsm: [],
  category: [],
  category_probability: [],
};

function tracks(ids: number[], time_ms: number): Tracks {
  const made = structuredClone(NO_TRACKS);
  for (const name of Object.keys(made) as (keyof Tracks)[]) (made[name] as unknown[]).push(...ids.map(() => 0));
  return { ...made, id: ids, time_ms: ids.map(() => time_ms), latitude: ids.map((id) => 52 + id / 1_000) };
}

const STATUS = { time_ms: 0 } as WatchStatus;
const WHOLE: WholePicture = {
  time_ms: 1_000,
  tracks: tracks([1, 2], 1_000),
  trails: [],
  identities: [],
  findings: [],
  alerts: [],
  zones: [],
  authorisations: [],
  sensors: [],
  rejected: [],
  notices: [],
  takeoffs: [],
};
const SNAPSHOT: SnapshotMessage = { kind: "snapshot", seq: 7, picture: WHOLE, status: STATUS };

function delta(changes: Partial<DeltaMessage>): DeltaMessage {
  return {
    kind: "delta",
    base: 7,
    seq: 8,
    time_ms: 1_500,
    gone: { tracks: [], zones: [], authorisations: [] },
    tracks: NO_TRACKS,
    identities: [],
    findings: [],
    alerts: [],
    zones: [],
    authorisations: [],
    sensors: [],
    rejected: [],
    notices: [],
    takeoffs: [],
    plots: { sensor: [], time_ms: [], latitude: [], longitude: [] },
    bearings: { sensor: [], time_ms: [], azimuth_deg: [], sigma_deg: [] },
    ...changes,
  };
}

const start = reduce(EMPTY, SNAPSHOT) as Picture;

describe("the reducer", () => {
  it("starts anew with a snapshot, whatever was there", () => {
    expect([...start.tracks.keys()]).toEqual([1, 2]);
    expect(reduce(reduce(start, delta({ tracks: tracks([3], 1_500) }))!, SNAPSHOT)).toEqual(start);
  });

  it("takes away before it puts in, so that what is both gone and there is there", () => {
    const next = reduce(
      start,
      delta({ gone: { tracks: [1, 2], zones: [], authorisations: [] }, tracks: tracks([2], 1_500) }),
    )!;
    expect([...next.tracks.keys()]).toEqual([2]);
    expect(next.tracks.get(2)?.time_ms).toBe(1_500);
  });

  it("asks for the whole picture when a message is missing", () => {
    expect(reduce(start, delta({ base: 6 }))).toBeNull();
    expect(reduce(start, delta({ base: 8, seq: 9 }))).toBeNull();
  });

  it("changes nothing of what it was given", () => {
    const before = structuredClone({ ...start, tracks: [...start.tracks], trails: [...start.trails] });
    reduce(start, delta({ tracks: tracks([1, 9], 3_000), gone: { tracks: [2], zones: [], authorisations: [] } }));
    expect({ ...start, tracks: [...start.tracks], trails: [...start.trails] }).toEqual(before);
  });

  it("forgets everything of a track that is gone", () => {
    const with_all = reduce(
      start,
      delta({
        tracks: tracks([1], 1_500),
        identities: [{ track: 1 } as never],
        findings: [{ track: 1, findings: [{ zone: "z" } as never] }],
      }),
    )!;
    expect(with_all.findings.get(1)).toHaveLength(1);
    const next = reduce(with_all, delta({ base: 8, seq: 9, gone: { tracks: [1], zones: [], authorisations: [] } }))!;
    for (const part of [next.tracks, next.trails, next.identities, next.findings]) expect(part.has(1)).toBe(false);
  });

  it("keeps one point of a trail a second", () => {
    let picture = start;
    for (let k = 0; k < 10; k += 1) {
      const message = delta({ base: 7 + k, seq: 8 + k, tracks: tracks([1], 1_000 + k * 500) });
      picture = reduce(picture, message)!;
    }
    const times = picture.trails.get(1)!.map((point) => point.time_ms);
    expect(times).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  it("lets plots go when they are old", () => {
    const plots = { sensor: [0], time_ms: [1_400], latitude: [52], longitude: [4] };
    const first = reduce(start, delta({ plots }))!;
    expect(first.plots).toHaveLength(1);
    expect(reduce(first, delta({ base: 8, seq: 9, time_ms: 60_000 }))!.plots).toHaveLength(0);
  });

  it("turns columns into rows", () => {
    expect(rows<Track>(tracks([4, 5], 9)).map(({ id, time_ms }) => [id, time_ms])).toEqual([
      [4, 9],
      [5, 9],
    ]);
  });
});
