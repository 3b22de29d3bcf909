/** Why a track is held for what it is held for: what each ground says of each category, multiplied down. */

import { useEffect, useState } from "preact/hooks";
import { fetchGrounds } from "../api";
import { duration, figure, metres, percent, speedOf, weight } from "../format";
import { now, site, t } from "../state";
import type { Category, CategoryGrounds, Ground, SensorOpinion } from "../wire";
import { Sign } from "./parts";

export const CATEGORIES: readonly Category[] = ["multirotor", "fixed_wing_drone", "bird", "crewed_aircraft", "other"];
const REFRESH_MS = 2_000;

/** What is behind the bars, on demand. */
export function Grounds({ track }: { track: number }) {
  const [open, setOpen] = useState(false);
  const [found, setFound] = useState<CategoryGrounds | "none" | null>(null);
  useEffect(() => {
    setFound(null);
    if (!open) return;
    let ended = false;
    const load = () =>
      fetchGrounds(track).then(
        (made) => !ended && setFound(made),
        () => !ended && setFound("none"),
      );
    load();
    const timer = window.setInterval(load, REFRESH_MS);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [track, open]);
  return (
    <details class="grounds" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("grounds")}</summary>
      {found === "none" && <p class="muted small">{t("groundsNone")}</p>}
      {found !== null && found !== "none" && found.track === track && <Account found={found} />}
    </details>
  );
}

function Account({ found }: { found: CategoryGrounds }) {
  const claim = found.grounds.find((each) => each.kind === "claim");
  return (
    <>
      <p class="muted small">{t("groundsDetail")}</p>
      <table>
        <caption class="hidden">{t("grounds")}</caption>
        <thead>
          <tr>
            <td />
            {CATEGORIES.map((category) => (
              <th key={category} scope="col" title={t(category)}>
                <Sign
                  look={{ category, status: "confirmed", standing: "open", claimed: false, contradicted: false }}
                  size={18}
                />
                <span class="hidden">{t(category)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.grounds
            .filter((each) => each !== claim)
            .map((ground) => (
              <Line key={ground.kind} ground={ground} fact={factOf(ground, found)} />
            ))}
          <Outcome name={t("groundsMeasured")} shares={found.measured} />
          {claim && <Line ground={claim} fact={found.claim_kind ? t(found.claim_kind) : ""} />}
          {claim && <Outcome name={t("groundsWithClaim")} shares={found.probability} />}
        </tbody>
      </table>
      <h4>{t("groundsSensors")}</h4>
      {found.sensors.length === 0 && <p class="muted small">{t("groundsNoSensor")}</p>}
      <ul class="opinions">
        {found.sensors.map((each) => (
          <Opinion key={each.sensor} opinion={each} />
        ))}
      </ul>
    </>
  );
}

/** What was seen that a ground rests on. */
function factOf({ kind }: Ground, found: CategoryGrounds): string {
  switch (kind) {
    case "motion":
      if (found.speed_m_s === null) return t("notMeasured");
      return `${speedOf(found.speed_m_s)}, ${t("groundsWaver", { waver: percent(found.waver ?? 0) })}`;
    case "still":
      return found.still_s > 0 ? duration(found.still_s * 1_000) : t("groundsNever");
    case "height":
      return found.height_agl_m === null ? t("notMeasured") : `${metres(found.height_agl_m)} ${t("heightAgl")}`;
    case "size":
      return found.rcs_dbsm === null ? t("notMeasured") : `${figure(found.rcs_dbsm, 0)} dBsm, ${found.rcs_reports}×`;
    default:
      return "";
  }
}

function Line({ ground, fact }: { ground: Ground; fact: string }) {
  return (
    <tr class={ground.known ? "" : "unknown"} data-ground={ground.kind}>
      <th scope="row">
        {t(`ground_${ground.kind}`)}
        {fact && <small>{fact}</small>}
      </th>
      {ground.weights.map((value, k) => (
        <td key={CATEGORIES[k]}>
          {ground.known ? weight(value) : "–"}
          {ground.known && <i aria-hidden="true" style={{ inlineSize: `${Math.max(100 * value, 2)}%` }} />}
        </td>
      ))}
    </tr>
  );
}

const Outcome = ({ name, shares }: { name: string; shares: number[] }) => (
  <tr class="outcome">
    <th scope="row">{name}</th>
    {shares.map((value, k) => (
      <td key={CATEGORIES[k]}>{percent(value)}</td>
    ))}
  </tr>
);

function Opinion({ opinion }: { opinion: SensorOpinion }) {
  const name = site.value?.sensors.find((each) => each.id === opinion.sensor)?.name ?? opinion.sensor;
  const called = CATEGORIES.map((category, k) => ({ category, count: opinion.called[k] ?? 0 })).filter(
    (each) => each.count > 0,
  );
  const age = duration(Math.max(now.value - opinion.last_ms, 0));
  const heard = CATEGORIES.map((category, k) => `${t(category)} ${figure(opinion.last_weights[k] ?? 0, 2)}`);
  return (
    <li data-sensor={opinion.sensor}>
      <b>{name}</b>: {called.map((each) => `${each.count}× ${t(each.category)}`).join(", ")}
      <small>
        {t("groundsLast", { category: t(opinion.last), age })};{" "}
        {t(opinion.confusion_declared ? "groundsConfusion" : "groundsRatios")} {heard.join(", ")}.{" "}
        {opinion.memory_s === null ? t("groundsLearnt") : t("groundsMemory", { seconds: figure(opinion.memory_s, 0) })}
      </small>
    </li>
  );
}
