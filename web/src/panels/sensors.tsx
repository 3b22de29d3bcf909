/** Sensors with their health, others who are shown what the watch sees, and input that was not used. */

import { zoomTo } from "../board";
import { duration, figure, length } from "../format";
import { sayDetail } from "../notices";
import { now, picture, site, t, tr } from "../state";
import type { Sensor } from "../wire";
import { Ask } from "./ask";
import { Figures } from "./figures";
import { Detail } from "./log";
import { Outputs } from "./outputs";

export function Sensors() {
  const sensors = site.value?.sensors ?? [];
  const rejected = [...picture.value.rejected.values()].sort((a, b) => b.time_ms - a.time_ms);
  return (
    <section class="panel-body padded" tabIndex={0} aria-label={t("sensors")}>
      <ul class="items">
        {sensors.map((sensor) => (
          <SensorRow key={sensor.id} sensor={sensor} />
        ))}
      </ul>
      <Outputs />
      <h3>{t("refusedInput")}</h3>
      {rejected.length === 0 && <p class="muted">{t("refusedInputNone")}</p>}
      <ul class="items">
        {rejected.map((each) => (
          <li key={`${each.source} ${each.reason} ${each.item}`} class="item">
            <span class="item-count">{figure(each.count)}×</span>
            <span class="item-text">
              <b>
                {each.source}: {tr(`reason_${each.reason}`, each.reason)} {each.item && <code>{each.item}</code>}
              </b>
              <small lang="en">{each.detail}</small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const HEALTH_SIGNS = { ok: "●", silent: "○", degraded: "◐", unheard: "?" } as const;

function SensorRow({ sensor }: { sensor: Sensor }) {
  const health = picture.value.sensors.get(sensor.id);
  const state = health?.state ?? "unheard";
  const age = health?.heard_ms ? now.value - health.heard_ms : null;
  return (
    <li class={`item ${state}`}>
      <span class={`health ${state}`} aria-hidden="true">
        {HEALTH_SIGNS[state]}
      </span>
      <button type="button" class="item-text plain" onClick={() => zoomTo(sensor, 13)}>
        <b>{sensor.name}</b>
        <small>
          {tr(sensor.kind)}
          {sensor.range_max_m !== null && ` · ${t("range", { distance: length(sensor.range_max_m) })}`}
        </small>
        {health?.detail && <Detail class={state === "ok" ? "" : "trouble"} said={sayDetail(health)} />}
      </button>
      <span class="item-end">
        <b class={`health ${state}`}>{t(`health_${state}`)}</b>
        {age !== null && <small>{t("heard", { age: duration(Math.max(age, 0)) })}</small>}
        {health && <small>{t("reports", { n: figure(health.reports) })}</small>}
      </span>
      {health?.figures && <Figures figures={health.figures} />}
      {sensor.takes_tasks && <Ask sensor={sensor} />}
    </li>
  );
}
