/** All that is known of one track, down to the bytes it came from. */

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { findTakeOff, pending, takeOffKey } from "../actions";
import { fetchFrame, fetchTrack, Refused } from "../api";
import { zoomTo, zoomToSelection } from "../board";
import {
  bareId,
  borderOf,
  compass,
  coordinates,
  degrees,
  duration,
  figure,
  length,
  localClock,
  localShort,
  metres,
  NONE,
  nameOf,
  percent,
  probability,
  speedOf,
  surface,
  utcClock,
  utcMoment,
  whereabouts,
} from "../format";
import type { Track } from "../picture";
import {
  cardOpen,
  following,
  isSmall,
  now,
  picture,
  selectedTrack,
  selectTrack,
  site,
  t,
  takeOffOf,
  tell,
  tr,
} from "../state";
import type { Finding, FrameDetail, Identity, Recognition, Report, TakeOff, TrackDetail } from "../wire";
import { CATEGORIES, Grounds } from "./grounds";
import { Bar, Icon, IconButton, Row, Sign, TrackSymbol } from "./parts";

/** The card of the selected track. */
export function Card() {
  const id = selectedTrack.value;
  if (id === null || !cardOpen.value) return null;
  const track = picture.value.tracks.get(id);
  return (
    <aside class="card" aria-label={t("track")} data-track={id}>
      {track ? <Content track={track} /> : <Gone />}
    </aside>
  );
}

function closeCard(): void {
  if (isSmall()) cardOpen.value = false;
  else selectTrack(null);
}

function Gone() {
  return (
    <div class="card-head">
      <p class="muted">{t("trackGone")}</p>
      <IconButton icon="close" label={t("close")} onClick={closeCard} keys="Esc" />
    </div>
  );
}

function Content({ track }: { track: Track }) {
  const identity = picture.value.identities.get(track.id);
  const findings = picture.value.findings.get(track.id) ?? [];
  return (
    <>
      <div class={`card-head ${track.standing}`}>
        <TrackSymbol track={track} size={40} />
        <div class="card-title">
          <h2>{nameOf(track, identity)}</h2>
          <p>
            <span class={`standing ${track.standing}`}>{t(`standing_${track.standing}`)}</span>
            <span class="muted">
              {track.claimed ? t("claimOnly") : t(track.category)} · {t(track.status)}
              {identity?.aircraft_id &&
                ` · ${track.id < 0 ? t("claimNumber", { n: -track.id }) : t("trackNumber", { n: track.id })}`}
            </span>
          </p>
        </div>
        <IconButton icon="close" label={t("close")} onClick={closeCard} keys="Esc" />
      </div>
      <div class="card-tools">
        <button type="button" onClick={zoomToSelection}>
          <Icon name="target" size={15} /> {t("zoomTo")}
        </button>
        <button
          type="button"
          aria-pressed={following.value}
          onClick={() => {
            following.value = !following.value;
          }}
        >
          {t("follow")}
        </button>
        <button type="button" onClick={copyLink}>
          <Icon name="link" size={15} /> {t("copyLink")}
        </button>
      </div>
      <section class="card-body" tabIndex={0} aria-label={nameOf(track, identity)}>
        <Motion track={track} />
        <What track={track} />
        <Who identity={identity} />
        <Permission identity={identity} />
        <ZonesNear findings={findings} />
        <TookOff track={track} />
        <Seeing track={track} />
        <Provenance track={track.id} />
      </section>
    </>
  );
}

function copyLink(): void {
  navigator.clipboard?.writeText(location.href).then(
    () => tell(t("copied")),
    () => tell(location.href),
  );
}

function Motion({ track }: { track: Track }) {
  const age = now.value - track.updated_ms;
  return (
    <div class="motion">
      <div class="big-figures">
        <Figure
          name={t("height")}
          value={metres(track.height_agl_m)}
          note={track.height_agl_m === null ? t("notMeasured") : t("heightAgl")}
        />
        <Figure
          name={t("speed")}
          value={track.course_deg === null ? t("sayStill") : speedOf(track.speed_m_s)}
          note={track.course_deg === null ? NONE : `${degrees(track.course_deg)} ${compass(track.course_deg)}`}
        />
        <Figure
          name={t("age")}
          value={duration(Math.max(age, 0))}
          note={localClock(track.updated_ms)}
          old={age > 5_000}
        />
      </div>
      <dl class="facts">
        <Row term={t("position")}>
          <span class="mono">{coordinates(track)}</span>
          <small>{whereabouts(track)}</small>
        </Row>
        <Row term={t("height")}>
          {track.height_amsl_m === null ? (
            t("notMeasured")
          ) : (
            <>
              {metres(track.height_amsl_m)} {t("heightAmsl")}
              <small>± {metres(track.height_sigma_m)}</small>
            </>
          )}
        </Row>
        {track.climb_m_s !== null && Math.abs(track.climb_m_s) >= 0.3 && (
          <Row term={t("climb")}>{`${track.climb_m_s > 0 ? "+" : ""}${figure(track.climb_m_s, 1)} m/s`}</Row>
        )}
        <Row term={t("accuracy")}>
          {metres(track.ellipse_major_m)} × {metres(track.ellipse_minor_m)}
        </Row>
        <Row term={t("existence")}>{probability(track.existence)}</Row>
        <Row term={t("firstSeen")}>
          <time title={utcMoment(track.started_ms)}>{localClock(track.started_ms)}</time>
          <small>{t("ago", { age: duration(now.value - track.started_ms) })}</small>
        </Row>
        {track.rcs_dbsm !== null && <Row term={t("rcs")}>{`${figure(track.rcs_dbsm, 1)} dBsm`}</Row>}
      </dl>
    </div>
  );
}

const Figure = ({ name, value, note, old = false }: { name: string; value: string; note: string; old?: boolean }) => (
  <div class={old ? "figure old" : "figure"}>
    <span class="figure-name">{name}</span>
    <span class="figure-value">{value}</span>
    <span class="figure-note">{note}</span>
  </div>
);

function What({ track }: { track: Track }) {
  return (
    <section class="block">
      <h3>{t("whatIsIt")}</h3>
      {CATEGORIES.map((category, k) => (
        <Bar
          key={category}
          name={
            <>
              <Sign
                look={{ category, status: "confirmed", standing: "open", claimed: false, contradicted: false }}
                size={20}
              />
              {t(category)}
            </>
          }
          value={track.category_probability[k] ?? 0}
          text={percent(track.category_probability[k] ?? 0)}
        />
      ))}
      {!track.claimed && <Grounds track={track.id} />}
    </section>
  );
}

function Who({ identity }: { identity: Identity | undefined }) {
  return (
    <section class="block">
      <h3>{t("whoIsIt")}</h3>
      {!identity ? (
        <p class="muted">{t("notCorrelated")}</p>
      ) : !identity.aircraft_id ? (
        <p class="muted">{t("saysNothing")}</p>
      ) : (
        <>
          <Bar
            name={<b class="mono">{bareId(identity.aircraft_id)}</b>}
            value={identity.probability ?? 0}
            text={`P ${probability(identity.probability)}`}
          />
          {identity.runner_up && (
            <Bar
              name={
                <span class="mono muted">
                  {t("runnerUp")}: {bareId(identity.runner_up)}
                </span>
              }
              value={identity.runner_up_probability ?? 0}
              text={`P ${probability(identity.runner_up_probability)}`}
            />
          )}
          <dl class="facts">
            {identity.claim_kind && <Row term={t("saidBy")}>{t(identity.claim_kind)}</Row>}
            <Row term={t("verdict")}>
              <span class={`verdict ${identity.claim_verdict}`}>{t(`verdict_${identity.claim_verdict}`)}</span>
            </Row>
            {identity.callsign && <Row term={t("callsign")}>{identity.callsign}</Row>}
            {identity.operator_id && (
              <Row term={t("operator")}>
                <span class="mono">{identity.operator_id}</span>
              </Row>
            )}
            {identity.pilot && (
              <Row term={t("pilot")}>
                <span class="mono">{coordinates(identity.pilot)}</span>
                <small>{whereabouts(identity.pilot)}</small>
              </Row>
            )}
          </dl>
        </>
      )}
    </section>
  );
}

function Permission({ identity }: { identity: Identity | undefined }) {
  const id = identity?.authorisation ?? "";
  const authorisation = picture.value.authorisations.get(id);
  return (
    <section class="block">
      <h3>{t("permission")}</h3>
      {!id || !identity ? (
        <p class="muted">{t("permissionNone")}</p>
      ) : (
        <>
          <Bar
            name={<b>{authorisation?.purpose || id}</b>}
            value={identity.authorisation_probability}
            text={`P ${probability(identity.authorisation_probability)}`}
          />
          {identity.authorisation_runner_up && (
            <Bar
              name={
                <span class="muted">
                  {t("runnerUp")}: {identity.authorisation_runner_up}
                </span>
              }
              value={identity.authorisation_runner_up_probability}
              text={`P ${probability(identity.authorisation_runner_up_probability)}`}
            />
          )}
          {authorisation && (
            <p class="muted small">
              {tr(`auth_${authorisation.state}`, authorisation.state)} ·{" "}
              {t("permissionEnds", { time: localShort(authorisation.end_ms) })}
              {authorisation.granted_by && ` · ${authorisation.granted_by}`}
            </p>
          )}
        </>
      )}
    </section>
  );
}

function ZonesNear({ findings }: { findings: readonly Finding[] }) {
  return (
    <section class="block">
      <h3>{t("zonesNear")}</h3>
      {findings.length === 0 && <p class="muted">{t("zonesNearNone")}</p>}
      {findings.map((finding) => (
        <div key={finding.zone} class="finding">
          <Bar
            name={<b>{picture.value.zones.get(finding.zone)?.name ?? finding.zone}</b>}
            value={finding.probability_inside}
            text={`P ${probability(finding.probability_inside)}`}
          />
          <p class="muted small">
            {borderOf(finding.distance_m)}
            {finding.time_to_entry_s !== null &&
              finding.time_to_entry_s > 0 &&
              ` · ${t("pEntry")} ${duration(finding.time_to_entry_s * 1_000)}, P ${probability(finding.probability_entry)}`}
            {` · ${t("pPermitted")} P ${probability(finding.probability_permitted)}`}
          </p>
        </div>
      ))}
    </section>
  );
}

/** From which area, and when: an area, never an actor; and what that rests on. */
function TookOff({ track }: { track: Track }) {
  const takeoff = takeOffOf(track.id);
  if (track.claimed) return null;
  return (
    <section class="block takeoff" data-takeoff={takeoff?.extent ?? ""}>
      <h3>{t("takeOff")}</h3>
      {takeoff ? (
        <TakeOffFacts takeoff={takeoff} />
      ) : (
        <p>
          <button
            type="button"
            disabled={pending.value.has(takeOffKey(track.id))}
            onClick={() => findTakeOff(track.id)}
          >
            <Icon name="target" size={15} /> {t("takeOffFind")}
          </button>
        </p>
      )}
    </section>
  );
}

function TakeOffFacts({ takeoff }: { takeoff: TakeOff }) {
  const sensors = site.value?.sensors ?? [];
  const names = (indexes: readonly number[]) => indexes.map((each) => sensors[each]?.name ?? each).join(", ");
  const { point, half, most, launch_ms, launch_from_ms, launch_until_ms } = takeoff;
  return (
    <>
      <p>{t(`extent_${takeoff.extent}`)}</p>
      <dl class="facts">
        {launch_ms !== null && launch_from_ms !== null && launch_until_ms !== null && (
          <Row term={t("takeOffTime")}>
            <time title={utcMoment(launch_ms)}>{localClock(launch_ms)}</time>
            <small>
              {localClock(launch_from_ms)} – {localClock(launch_until_ms)} (90{"\u202f"}%)
            </small>
          </Row>
        )}
        {half && most && (
          <Row term={t("takeOffArea")}>
            {surface(half.size_m2)} – {surface(most.size_m2)}
            <small>
              50{"\u202f"}% – 90{"\u202f"}%
            </small>
          </Row>
        )}
        {point && takeoff.expected_error_m !== null && (
          <Row term={t("takeOffPoint")}>
            <span class="mono">{coordinates(point)}</span>
            <small>± {length(takeoff.expected_error_m)}</small>
          </Row>
        )}
        {!point && takeoff.bearing_deg !== null && (
          <Row term={t("takeOffFrom")}>
            {degrees(takeoff.bearing_deg)} {compass(takeoff.bearing_deg)}
          </Row>
        )}
      </dl>
      <p class="muted small">
        {t("takeOffRests", {
          n: takeoff.detections,
          sensors: names(takeoff.sensors),
          seconds: Math.max(Math.round((takeoff.used_until_ms - takeoff.first_ms) / 1_000), 0),
        })}
        {takeoff.searching.length > 0 && ` ${t("takeOffSilence", { sensors: names(takeoff.searching) })}`}
        {takeoff.wind_speed_m_s > 0 &&
          ` ${t("takeOffWind", { speed: speedOf(takeoff.wind_speed_m_s), from: compass(takeoff.wind_from_deg) })}`}
      </p>
      <p class="muted small">{t("takeOffNoActor")}</p>
      {(point ?? takeoff.first_seen) && (
        <p>
          <button type="button" onClick={() => zoomTo((point ?? takeoff.first_seen)!)}>
            <Icon name="target" size={15} /> {t("takeOffShow")}
          </button>
        </p>
      )}
    </>
  );
}

function Seeing({ track }: { track: Track }) {
  const sensors = site.value?.sensors ?? [];
  return (
    <section class="block">
      <h3>{t("sensorsSeeing")}</h3>
      {track.sensors.length === 0 && <p class="muted">{t("sensorsSeeingNone")}</p>}
      <ul class="chips">
        {track.sensors.map((index) => (
          <li key={index} class="chip static">
            {sensors[index]?.name ?? index} <small>{tr(sensors[index]?.kind ?? "")}</small>
          </li>
        ))}
      </ul>
      <p class="muted small">
        {t("updates")}: {figure(track.updates)}
      </p>
    </section>
  );
}

// ---------------------------------------------------------------- provenance

const openFrame = signal<number | null>(null);
const REFRESH_MS = 3_000;

/** It was lost, and is the same object. */
const Recognised = ({ recognition }: { recognition: Recognition }) => (
  <p class="recognised">
    {t("recognised", {
      gap: duration(Math.max(recognition.at_ms - recognition.lost_ms, 0)),
      time: localClock(recognition.at_ms),
      probability: probability(recognition.probability),
      away: metres(recognition.away_m),
    })}
    {recognition.former !== null && <small> · {t("recognisedFormer", { former: String(recognition.former) })}</small>}
  </p>
);

/** The way back: track, reports, frame, bytes. */
function Provenance({ track }: { track: number }) {
  const [detail, setDetail] = useState<TrackDetail | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return;
    let ended = false;
    const load = () => {
      // Rows must not move away under somebody's finger while the bytes of one are being read.
      if (openFrame.peek() !== null && detail?.track.id[0] === track) return;
      fetchTrack(track).then(
        (made) => {
          if (!ended) setDetail(made);
        },
        () => undefined,
      );
    };
    load();
    const timer = window.setInterval(load, REFRESH_MS);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [track, open]);
  return (
    <details
      class="block provenance"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        openFrame.value = null;
      }}
    >
      <summary>
        <h3>{t("provenance")}</h3>
      </summary>
      <p class="muted small">{t("provenanceDetail")}</p>
      {detail?.recognition && <Recognised recognition={detail.recognition} />}
      {detail?.reports.length === 0 && <p class="muted">{t("provenanceNone")}</p>}
      <ul class="reports">
        {(detail?.reports ?? []).slice(0, 40).map((report) => (
          <ReportRow key={report.id} report={report} />
        ))}
      </ul>
    </details>
  );
}

const UNITS: Record<string, string> = { m: " m", deg: "°", s: " m/s" };
const said = (name: string, value: number | null): string => {
  const short =
    { range_m: "r", azimuth_deg: "az", elevation_deg: "el", range_rate_m_s: "ṙ" }[name] ?? name.split("_")[0]!;
  return `${short} ${value}${UNITS[name.split("_").at(-1)!] ?? ""}`;
};

function ReportRow({ report }: { report: Report }) {
  const open = openFrame.value === report.id;
  const name = site.value?.sensors.find((each) => each.id === report.sensor)?.name ?? report.sensor;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => {
          openFrame.value = open ? null : report.id;
        }}
      >
        <time>{utcClock(report.time_ms)}</time>
        <span>{name || "?"}</span>
        <span class="muted">
          {t("frame").toLowerCase()} {report.frame}.{report.record}
        </span>
        <span class="muted">P {probability(report.probability)}</span>
        <small class="mono">
          {Object.entries(report.measured)
            .map(([each, value]) => said(each, value))
            .join("  ")}
        </small>
      </button>
      {open && <Bytes sequence={report.frame} />}
    </li>
  );
}

function Bytes({ sequence }: { sequence: number }) {
  const [frame, setFrame] = useState<FrameDetail | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let ended = false;
    fetchFrame(sequence).then(
      (made) => {
        if (!ended) setFrame(made);
      },
      (error) => {
        if (!ended) setProblem(error instanceof Refused ? error.message : t("noConnection"));
      },
    );
    return () => {
      ended = true;
    };
  }, [sequence]);
  if (problem) return <p class="problem">{t("frameGone", { reason: problem })}</p>;
  if (!frame) return <p class="muted">{t("loadingBytes")}</p>;
  return (
    <div class="bytes">
      <dl class="facts compact">
        <Row term={t("source")}>{`${frame.source} (${frame.format})`}</Row>
        <Row term={t("received")}>
          <span class="mono">{utcMoment(frame.received_ms).replace("Z", `.${frame.received_ns.slice(-9)}Z`)}</span>
        </Row>
        <Row term={t("sha256")}>
          <span class="mono break">{frame.sha256}</span>
        </Row>
      </dl>
      <section tabIndex={0} aria-label={t("bytes", { n: frame.length })}>
        <pre>{hexDump(frame.hex)}</pre>
      </section>
    </div>
  );
}

/** Eight bytes a line, with their offset and what of them is text. */
export function hexDump(hex: string, most = 4_096): string {
  const bytes = hex.match(/../g)?.slice(0, most) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    const part = bytes.slice(at, at + 8);
    const text = part.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : "·";
    });
    lines.push(`${at.toString(16).padStart(4, "0")}  ${part.join(" ").padEnd(23)}  ${text.join("")}`);
  }
  if (hex.length / 2 > most) lines.push("…");
  return lines.join("\n");
}
