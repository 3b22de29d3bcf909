/**
 * What a notice says, in the language of the person: made from its code and its data, as `model/notices.py` makes the English
 * sentence that goes on record. A code that is not known, or a notice of a record from before there were codes, is shown as
 * the sentence came, and marked as English for whoever hears it read out.
 */

import { coordinates, degrees, figure, metres } from "./format";
import type { Place } from "./geo";
import { t, tr } from "./state";
import type { BiasName, Certainty, Fault, Notice, Seen, SensorTask } from "./wire";
import type { Key } from "./words";

export interface Said {
  text: string;
  /** it is said as it came, in English */
  english: boolean;
}

/** What somebody saw or heard, as a notice tells it. */
export interface Observed {
  what: Seen;
  certainty: Certainty;
  count: number;
  /** from north, where a direction was given */
  bearing_deg: number | null;
  elevation_deg: number | null;
  range_m: number | null;
  place: Place | null;
  height_m: number | null;
  by: string;
  note: string;
}

/** What a sentence is made of; each value in the unit that its name ends with. */
type NoticeData = Readonly<Record<string, unknown>>;

const text = (data: NoticeData, name: string): string => String(data[name] ?? "");
const value = (data: NoticeData, name: string): number => Number(data[name] ?? Number.NaN);
const known = (data: NoticeData, name: string): number | null =>
  typeof data[name] === "number" ? (data[name] as number) : null;
const rows = (data: NoticeData, name: string): readonly NoticeData[] => (data[name] as readonly NoticeData[]) ?? [];
const names = (data: NoticeData, name: string): readonly string[] => (data[name] as readonly string[]) ?? [];

/** A figure as it was declared: with its own decimals, two at most. */
const declared = (number: number): string => figure(number, decimals(number));
const decimals = (number: number): number =>
  Number.isInteger(number) ? 0 : Math.abs(number * 10 - Math.round(number * 10)) < 1e-9 ? 1 : 2;
const signed = (number: number): string => `${number >= 0 ? "+" : ""}${figure(number, 2)}`;
const unit = (data: NoticeData): string => (data.unit === "degrees" ? "°" : ` ${text(data, "unit")}`);
const biasName = (data: NoticeData): string => t(`bias_${text(data, "of") as BiasName}`);
const word = (prefix: string, name: string): string => tr(`${prefix}${name}`, name);
const because = (data: NoticeData, name = "why"): string => (data[name] ? `: ${text(data, name)}` : "");

/** The observation that a notice tells of; null where it is none. */
export function observationOf({ code, data }: Notice): Observed | null {
  if (code !== "observation") return null;
  const [latitude, longitude] = [known(data, "latitude"), known(data, "longitude")];
  return {
    what: text(data, "what") as Seen,
    certainty: text(data, "certainty") as Certainty,
    count: known(data, "count") ?? 1,
    bearing_deg: known(data, "bearing_deg"),
    elevation_deg: known(data, "elevation_deg"),
    range_m: known(data, "range_m"),
    place: latitude !== null && longitude !== null ? { latitude, longitude } : null,
    height_m: known(data, "height_m"),
    by: text(data, "by"),
    note: text(data, "note"),
  };
}

function sayObserved(seen: Observed): string {
  const parts = [
    `${seen.count > 1 ? `${seen.count} × ` : ""}${t(`seen_${seen.what}`)} (${t(`certainty_${seen.certainty}`).toLowerCase()})`,
  ];
  if (seen.bearing_deg !== null) parts.push(t("observedBearing", { bearing: degrees(seen.bearing_deg) }));
  if (seen.elevation_deg !== null)
    parts.push(t("observedElevation", { elevation: `${figure(seen.elevation_deg, 0)}°` }));
  if (seen.range_m !== null) parts.push(t("observedRange", { distance: metres(seen.range_m) }));
  if (seen.place) parts.push(coordinates(seen.place));
  if (seen.height_m !== null) parts.push(t("sayHeight", { height: metres(seen.height_m) }));
  return `${parts.join(", ")} · ${seen.by}${seen.note ? `: ${seen.note}` : ""}`;
}

/** What was asked of a sensor. */
function sayTask(data: NoticeData): string {
  const task = text(data, "task");
  switch (task) {
    case "detection_threshold":
    case "report_rate":
      return `${word("task_", task)}: ${word("level_", text(data, "level"))}`;
    case "mode":
      return `${t("task_mode")}: ${text(data, "mode")}`;
    case "look_at":
      return `${t("task_look_at")}: ${coordinates({ latitude: value(data, "latitude"), longitude: value(data, "longitude") })}`;
    default:
      return word("task_", task as SensorTask);
  }
}

/** The modes that a sensor last registered. */
export function modesOf(sensor: string, notices: readonly Notice[]): readonly string[] {
  const said = notices.findLast((each) => each.code === "registered" && each.subject === sensor);
  return said === undefined ? [] : names(said.data, "modes");
}

const SAY: Record<string, (data: NoticeData) => string> = {
  silent: (data) => t("noticeSilent", { age: figure(value(data, "quiet_s"), 0) }),
  heard: () => "",
  state: (data) => `${t("noticeSays", { state: word("sensorState_", text(data, "state")) })}${because(data, "words")}`,
  clock: (data) => `${t("noticeRefusedReports", { n: figure(value(data, "reports"), 0) })}${because(data)}`,
  blind: (data) =>
    t("noticeBlind", {
      n: figure(value(data, "looks"), 0),
      sectors: rows(data, "sectors")
        .map((each) => `${text(each, "from_deg")}–${text(each, "to_deg")}`)
        .join(", "),
      p: figure(value(data, "declared"), 2),
    }),
  weak: (data) =>
    t("noticeWeak", {
      share: figure(value(data, "share"), 2),
      n: figure(value(data, "looks"), 0),
      p: figure(value(data, "declared"), 2),
    }),
  unseen: () => t("noticeTooLittle"),
  cluttered: (data) =>
    t("noticeCluttered", { rate: figure(value(data, "rate"), 1), declared: declared(value(data, "declared")) }),
  noisy: (data) =>
    rows(data, "noise")
      .map((each) =>
        t("noticeNoisy", {
          what: biasName(each),
          times: figure(value(each, "times"), 1),
          declared: `${declared(value(each, "declared"))}${unit(each)}`,
        }),
      )
      .join(", "),
  misaligned: (data) => {
    const biases = rows(data, "biases").map(
      (each) => `${biasName(each)} ${signed(value(each, "value"))} ± ${figure(value(each, "sigma"), 2)}${unit(each)}`,
    );
    return `${biases.join(", ")} · ${t(data.corrected ? "registrationApplied" : "registrationShown")}`;
  },
  turned: (data) =>
    t("noticeTurned", {
      azimuth: `${value(data, "azimuth_deg") >= 0 ? "+" : ""}${figure(value(data, "azimuth_deg"), 1)}`,
      sigma: figure(value(data, "sigma_deg"), 1),
    }),
  moved: () => t("noticeMoved"),
  slow: (data) =>
    t("noticeSlow", { late: figure(value(data, "late_s"), 1), declared: declared(value(data, "declared_s")) }),
  as_declared: (data) =>
    t("noticeNoLonger", {
      faults: names(data, "faults")
        .map((each) => t(`fault_${each as Fault}`))
        .join(", "),
    }),
  task_sent: (data) => `${sayTask(data)} · ${text(data, "by")}`,
  task_answered: (data) =>
    `${word("taskStatus_", text(data, "status"))}: ${sayTask(data)}${data.why ? ` (${text(data, "why")})` : ""}`,
  registered: (data) => {
    const modes = names(data, "modes");
    const said = modes.length ? t("noticeModes", { modes: modes.join(", ") }) : t("noticeNoModes");
    return [text(data, "name"), text(data, "edition"), said].filter(Boolean).join(" · ");
  },
  stranger: (data) => t("noticeNobody", { key: text(data, "key") }),
  objected: (data) => text(data, "words"),
  sensor_alert: (data) => {
    const what = [text(data, "alert"), text(data, "status")].filter(Boolean);
    return `${what.map((each) => word("sensorAlert_", each)).join(", ")}${because(data, "words")}`;
  },
  link: (data) =>
    data.lost ? t("noticeDatagrams", { n: figure(value(data, "lost"), 0) }) : `${text(data, "link")}${because(data)}`,
  resumed: (data) => `${t("noticeGoesOn", since(data))}${because(data)}`,
  taken_over: (data) => t("noticeTakenOver", { alerts: names(data, "alerts").join(", ") }),
  rerun: (data) => `${t("noticeRunAgain", since(data))}${because(data)}`,
};

const since = (data: NoticeData) => ({ since: text(data, "since"), n: figure(value(data, "inputs"), 0) });

/** The sentence of a notice, or of what a sensor's health says. */
export function sayDetail({ detail, code, data }: Pick<Notice, "detail" | "code" | "data">): Said {
  const say = SAY[code];
  // a way to a source that cannot be named is told of in words only
  if (!say || (code === "link" && !data.link && !data.lost)) return { text: detail, english: detail !== "" };
  return { text: say(data), english: false };
}

export function sayNotice(notice: Notice): Said {
  const seen = observationOf(notice);
  return seen ? { text: sayObserved(seen), english: false } : sayDetail(notice);
}

export const noticeTitle = (kind: string): string => tr(`notice_${kind}` as Key, kind);
