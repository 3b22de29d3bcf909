/** Sensors with their health, zones with their rules and permissions, and the log of the watch itself. */

import { zoneLimits, zoomTo } from "../board";
import { duration, figure, length, localClock, localShort, utcClock } from "../format";
import { zoneLook } from "../layers/ground";
import { language, now, picture, site, status, t, theme, tr } from "../state";
import { PALETTES } from "../theme";
import type { Sensor, Zone } from "../wire";
import { Figures } from "./sensor";

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
              <small>{each.detail}</small>
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
        {health?.detail && <small class="trouble">{health.detail}</small>}
      </button>
      <span class="item-end">
        <b class={`health ${state}`}>{t(`health_${state}`)}</b>
        {age !== null && <small>{t("heard", { age: duration(Math.max(age, 0)) })}</small>}
        {health && <small>{t("reports", { n: figure(health.reports) })}</small>}
      </span>
      {health?.figures && <Figures figures={health.figures} />}
    </li>
  );
}

export function Zones() {
  const zones = [...picture.value.zones.values()].sort((a, b) => Number(b.in_force) - Number(a.in_force));
  const authorisations = [...picture.value.authorisations.values()];
  return (
    <section class="panel-body padded" tabIndex={0} aria-label={t("zones")}>
      {zones.length === 0 && <p class="muted">{t("zonesNone")}</p>}
      <ul class="items">
        {zones.map((zone) => (
          <ZoneRow key={zone.id} zone={zone} />
        ))}
      </ul>
      <h3>{t("permissions")}</h3>
      {authorisations.length === 0 && <p class="muted">{t("permissionsNone")}</p>}
      <ul class="items">
        {authorisations.map((each) => (
          <li key={each.id} class="item">
            <span class="item-text">
              <b>{each.purpose || each.id}</b>
              <small>
                {each.zones.map((zone) => picture.value.zones.get(zone)?.name ?? zone).join(", ")} ·{" "}
                {localShort(each.start_ms)}–{localShort(each.end_ms)}
              </small>
              <small class="mono">{[...each.aircraft, each.operator_id].filter(Boolean).join(" · ")}</small>
            </span>
            <span class="item-end">
              <b>{tr(`auth_${each.state}`, each.state)}</b>
              <small>{each.in_force ? t("inForce") : t("notInForce")}</small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `ANY 06:00-21:00` with the days in the person's language. 1 January 2024 was a Monday. */
function timesText(line: string): string {
  const days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
  const name = new Intl.DateTimeFormat(language.value, { weekday: "short", timeZone: "UTC" });
  return line.replace(/\b(ANY|MON|TUE|WED|THU|FRI|SAT|SUN)\b/g, (code) =>
    code === "ANY" ? t("daily") : name.format(Date.UTC(2024, 0, 1 + days.indexOf(code))),
  );
}

function ZoneRow({ zone }: { zone: Zone }) {
  const look = zoneLook(zone, PALETTES[theme.value]);
  const [longitude, latitude] = zone.volumes[0]?.rings[0]?.[0] ?? [0, 0];
  const force = zone.in_force ? "inForce" : "notInForce";
  return (
    <li class={zone.in_force ? "item" : "item old"}>
      <svg width="30" height="18" aria-hidden="true" class="swatch">
        <rect
          x="2"
          y="2"
          width="26"
          height="14"
          rx="2"
          fill={look.colour}
          fill-opacity={look.hatched ? 0.3 : look.fill * 2}
          stroke={look.colour}
          stroke-width={look.width}
          stroke-dasharray={look.dash.join(" ")}
        />
      </svg>
      <button
        type="button"
        class="item-text plain"
        onClick={() => zoomTo({ latitude: latitude!, longitude: longitude! }, 13)}
      >
        <b>{zone.name}</b>
        <small>
          {tr(zone.restriction)} · {zoneLimits(zone)}
        </small>
        {zone.message[language.value] && <small>{zone.message[language.value]}</small>}
        {(zone.authority || zone.source) && (
          <small>
            {t("authority")} {[zone.authority, zone.source].filter(Boolean).join(", ")}
          </small>
        )}
        {zone.times.map((each) => (
          <small key={each}>{timesText(each)}</small>
        ))}
      </button>
      <span class="item-end">
        <b>{t(force)}</b>
        {zone.until_ms !== null && <small>{t("permissionEnds", { time: localShort(zone.until_ms) })}</small>}
      </span>
    </li>
  );
}

export function Log() {
  const notices = picture.value.notices.toReversed();
  const said = status.value;
  return (
    <section class="panel-body padded" tabIndex={0} aria-label={t("log")}>
      {said && (
        <p class="muted small">
          {t("watch")}: {t("watchFrames", { n: figure(said.frames), rate: figure(said.frames_per_s, 0) })} ·{" "}
          {said.recording ? t("recorded", { sequence: figure(said.durable) }) : t("noJournal")}
        </p>
      )}
      {notices.length === 0 && <p class="muted">{t("logNone")}</p>}
      <ol class="items">
        {notices.map((each) => (
          <li key={`${each.time_ms} ${each.kind} ${each.subject}`} class="item">
            <time class="item-time" title={`${utcClock(each.time_ms)} UTC`}>
              {localClock(each.time_ms)}
            </time>
            <span class="item-text">
              <b>
                {tr(`notice_${each.kind}`, each.kind)}:{" "}
                {site.value?.sensors.find((sensor) => sensor.id === each.subject)?.name ?? each.subject}
              </b>
              <small>{each.detail}</small>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
