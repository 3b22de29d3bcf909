/**
 * What a notice says, in the language of the person. The watch says each in one English sentence that goes on record as it
 * is; here a sentence of a known form is read back to its figures and said anew. One that is not known is shown as it came,
 * and marked as English for whoever hears it read out.
 */

import { figureOf } from "./figures";
import { coordinates, degrees, figure, metres, NONE } from "./format";
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

type Groups = Record<string, string | undefined>;
type Form = readonly [RegExp, (said: Groups) => string];

/** A figure with as many decimals as it was said with. */
function again(text: string | undefined): string {
  const plain = (text ?? "").replaceAll(",", "");
  const digits = plain.split(".")[1]?.length ?? 0;
  const value = Number(plain);
  const sign = plain.startsWith("+") ? "+" : "";
  return plain === "" || Number.isNaN(value) ? (text ?? NONE) : `${sign}${figure(value, digits)}`;
}
const unit = (text: string | undefined): string => (text === "degrees" ? "°" : ` ${text ?? ""}`);
const biasName = (name: string | undefined): string => t(`bias_${name as BiasName}`);
const known = (word: string | undefined, prefix: string): string => tr(`${prefix}${word}`, word ?? "");

const OBSERVATION =
  /^(?:(?<count>\d+) × )?(?<what>\w+) \((?<certainty>\w+)\)(?:, bearing (?<bearing>\d+)°(?:, elevation (?<elevation>-?\d+)°)?(?:, about (?<range>\d+) m away)?|, at (?<latitude>-?[\d.]+) (?<longitude>-?[\d.]+)(?:, about (?<height>-?\d+) m high)?)?, by (?<by>[^:]*)(?:: (?<note>[\s\S]*))?$/;

/** The observation that a notice tells of; null where it is none. */
export function observationOf(notice: Notice): Observed | null {
  const said = notice.kind === "observation" ? OBSERVATION.exec(notice.detail)?.groups : undefined;
  if (!said) return null;
  const value = (name: string) => figureOf(said[name] ?? "");
  const [latitude, longitude] = [value("latitude"), value("longitude")];
  return {
    what: said.what as Seen,
    certainty: said.certainty as Certainty,
    count: value("count") ?? 1,
    bearing_deg: value("bearing"),
    elevation_deg: value("elevation"),
    range_m: value("range"),
    place: latitude !== null && longitude !== null ? { latitude, longitude } : null,
    height_m: value("height"),
    by: said.by ?? "",
    note: said.note ?? "",
  };
}

function sayObserved(seen: Observed): string {
  const parts = [
    `${seen.count > 1 ? `${seen.count} × ` : ""}${t(`seen_${seen.what}`)} (${t(`certainty_${seen.certainty}`).toLowerCase()})`,
  ];
  if (seen.bearing_deg !== null) parts.push(t("observedBearing", { bearing: degrees(seen.bearing_deg) }));
  if (seen.elevation_deg !== null) parts.push(t("observedElevation", { elevation: `${seen.elevation_deg}°` }));
  if (seen.range_m !== null) parts.push(t("observedRange", { distance: metres(seen.range_m) }));
  if (seen.place) parts.push(coordinates(seen.place));
  if (seen.height_m !== null) parts.push(t("sayHeight", { height: metres(seen.height_m) }));
  return `${parts.join(", ")} · ${seen.by}${seen.note ? `: ${seen.note}` : ""}`;
}

// ---------------------------------------------------------------- tasks

const REQUESTS: Record<string, SensorTask> = {
  start: "start",
  stop: "stop",
  status: "status",
  registration: "registration",
  reset: "reset",
  "take snapshot": "snapshot",
};
const LEVEL = /^set its (?<task>detection_threshold|report_rate) to (?<level>\w+)$/;

/** What was asked of a sensor, from the words that go on record. */
function sayTask(words: string): string {
  const request = REQUESTS[words];
  if (request) return t(`task_${request}`);
  const level = LEVEL.exec(words)?.groups;
  if (level) return `${known(level.task, "task_")}: ${known(level.level, "level_")}`;
  const mode = /^change to mode (.*)$/.exec(words)?.[1];
  if (mode !== undefined) return `${t("task_mode")}: ${mode}`;
  const place = /^look at (.*)$/.exec(words)?.[1];
  return place === undefined ? words : `${t("task_look_at")}: ${place}`;
}

/** The modes that a sensor last registered. */
export function modesOf(sensor: string, notices: readonly Notice[]): readonly string[] {
  const said = notices.findLast((each) => each.kind === "node_registered" && each.subject === sensor)?.detail;
  const modes = said === undefined ? undefined : /, with modes (.*)$/.exec(said)?.[1];
  return modes === undefined || modes === "none" ? [] : modes.split(", ");
}

// ---------------------------------------------------------------- all kinds

const FORMS: Record<string, readonly Form[]> = {
  sensor_silent: [
    [/^nothing (?:heard|from \S+) for (?<age>\d+) s$/, ({ age }) => t("noticeSilent", { age: again(age) })],
  ],
  sensor_heard: [[/^heard again$/, () => ""]],
  sensor_degraded: [[/^says it is (?<state>\w+)(?:: (?<why>.*))?$/, ({ state, why }) => sayState(state, why)]],
  sensor_restored: [[/^says it is (?<state>\w+)(?:: (?<why>.*))?$/, ({ state, why }) => sayState(state, why)]],
  sensor_clock: [
    [
      /^(?<n>\d+) reports refused: (?<why>.*)$/,
      ({ n, why }) => `${t("noticeRefusedReports", { n: again(n) })}: ${why}`,
    ],
  ],
  sensor_blind: [
    [
      /^not one hit in the last (?<n>\d+) looks at what others see, azimuth (?<where>.*) degrees; declared (?<p>[\d.]+) of them$/,
      ({ n, where, p }) => t("noticeBlind", { n: again(n), sectors: (where ?? "").replaceAll("-", "–"), p: again(p) }),
    ],
  ],
  sensor_weak: [
    [
      /^probability of detection (?<share>[\d.]+) over (?<n>\d+) looks, declared (?<p>[\d.]+)$/,
      ({ share, n, p }) => t("noticeWeak", { share: again(share), n: again(n), p: again(p) }),
    ],
    [/^too little to see since$/, () => t("noticeTooLittle")],
  ],
  sensor_cluttered: [
    [
      /^(?<rate>[\d.]+) reports a period that belong to nothing, declared (?<declared>\S+)$/,
      ({ rate, declared }) => t("noticeCluttered", { rate: again(rate), declared: again(declared) }),
    ],
  ],
  sensor_noisy: [[/^scatters more than declared: (?<what>.*)$/, ({ what }) => sayEach(what, NOISE, sayNoise)]],
  sensor_misaligned: [
    [
      /^(?<what>.* beside what is declared); (?<not>not )?corrected$/,
      ({ what, not }) => `${sayEach(what, OFF, sayOff)} · ${t(not ? "registrationShown" : "registrationApplied")}`,
    ],
    [/^measures otherwise than it did; its new bias is being learnt$/, () => t("noticeMoved")],
  ],
  sensor_slow: [
    [
      /^reports come (?<late>[\d.]+) s after they were measured, declared (?<declared>\S+) s$/,
      ({ late, declared }) => t("noticeSlow", { late: again(late), declared: again(declared) }),
    ],
  ],
  sensor_as_declared: [
    [
      /^no longer (?<faults>[\w, ]+)$/,
      ({ faults }) =>
        t("noticeNoLonger", {
          faults: (faults ?? "")
            .split(", ")
            .map((each) => t(`fault_${each as Fault}`))
            .join(", "),
        }),
    ],
  ],
  task_sent: [[/^(?<by>.*?) asked it to (?<words>.*)$/, ({ by, words }) => `${sayTask(words ?? "")} · ${by}`]],
  task_answered: [
    [
      /^(?<status>accepted|rejected|completed|failed|answered): (?<words>.*?)(?: \((?<why>.*)\))?$/,
      ({ status, words, why }) => `${known(status, "taskStatus_")}: ${sayTask(words ?? "")}${why ? ` (${why})` : ""}`,
    ],
  ],
  node_registered: [
    [
      /^registered(?: as (?<name>.*))? by (?<edition>.*), with modes (?<modes>.*)$/,
      ({ name, edition, modes }) =>
        [name, edition, modes === "none" ? t("noticeNoModes") : t("noticeModes", { modes: modes ?? "" })]
          .filter(Boolean)
          .join(" · "),
    ],
  ],
  node_refused: [
    [
      /^no sensor of this site has key (?<key>\S+); if it is yours, give the sensor key = .*$/,
      ({ key }) => t("noticeNobody", { key: key ?? "" }),
    ],
  ],
  node_objected: [[/^could not use what it was sent: (?<why>.*)$/, ({ why }) => why ?? ""]],
  sensor_alert: [
    [
      /^(?<kind>[a-z ]+?)(?:, (?<status>[a-z]+))?: (?<words>[\s\S]*)$/,
      ({ kind, status, words }) =>
        `${known(kind?.replaceAll(" ", "_"), "sensorAlert_")}${status ? `, ${known(status, "sensorAlert_")}` : ""}: ${words}`,
    ],
  ],
  source_connected: [
    [/^listening on (?<link>\S+)$/, ({ link }) => link ?? ""],
    [/^connected to (?<link>\S+)$/, ({ link }) => link ?? ""],
    [/^following (?<link>\S+)$/, ({ link }) => link ?? ""],
  ],
  source_lost: [
    [/^connection to (?<link>\S+) lost: (?<why>.*)$/, ({ link, why }) => `${link}: ${why}`],
    [/^no connection to (?<link>\S+): (?<why>.*)$/, ({ link, why }) => `${link}: ${why}`],
  ],
  source_dropped: [[/^the kernel let (?<n>\d+) datagrams? go .*$/, ({ n }) => t("noticeDatagrams", { n: again(n) })]],
  restarted: [
    [
      /^goes on from the state of (?<since>\S+); (?<n>[\d,]+) inputs since were run again(?<more>.*)$/,
      ({ since, n, more }) => `${t("noticeGoesOn", { since: since ?? "", n: again(n) })}${more}`,
    ],
    [
      /^all (?<n>[\d,]+) inputs since (?<since>\S+) were run again: (?<why>.*)$/,
      ({ since, n, why }) => `${t("noticeRunAgain", { since: since ?? "", n: again(n) })}: ${why}`,
    ],
  ],
};

const NOISE = /^(?<name>\w+) (?<times>[\d.]+) times (?<declared>[\d.]+) (?<unit>\w+)$/;
const sayNoise = ({ name, times, declared, unit: of }: Groups): string =>
  t("noticeNoisy", { what: biasName(name), times: again(times), declared: `${again(declared)}${unit(of)}` });

const OFF = /^(?<name>\w+) (?<value>[+-][\d.]+) ± (?<sigma>[\d.]+) (?<unit>\w+) beside what is declared$/;
const sayOff = ({ name, value, sigma, unit: of }: Groups): string =>
  `${biasName(name)} ${again(value)} ± ${again(sigma)}${unit(of)}`;

/** Each part of a list; a part of another form as it came. */
const sayEach = (list: string | undefined, form: RegExp, say: (said: Groups) => string): string =>
  (list ?? "")
    .split(", ")
    .map((each) => {
      const said = form.exec(each)?.groups;
      return said ? say(said) : each;
    })
    .join(", ");

const sayState = (state: string | undefined, why: string | undefined): string =>
  `${t("noticeSays", { state: known(state, "sensorState_") })}${why ? `: ${why}` : ""}`;

/** The sentence of a notice, or of what a sensor's health says. */
export function sayDetail(kind: string, detail: string): Said {
  for (const [form, say] of FORMS[kind] ?? []) {
    const said = form.exec(detail);
    if (said) return { text: say(said.groups ?? {}), english: false };
  }
  return { text: detail, english: detail !== "" };
}

export function sayNotice(notice: Notice): Said {
  const seen = observationOf(notice);
  return seen ? { text: sayObserved(seen), english: false } : sayDetail(notice.kind, notice.detail);
}

/** What a sensor's health says, by the form of the sentence: it comes without its kind. */
export function sayHealth(detail: string): Said {
  for (const kind of Object.keys(FORMS)) {
    if (!kind.startsWith("sensor_")) continue;
    const said = sayDetail(kind, detail);
    if (!said.english && kind !== "sensor_alert") return said;
  }
  return { text: detail, english: detail !== "" };
}

export const noticeTitle = (kind: string): string => tr(`notice_${kind}` as Key, kind);
