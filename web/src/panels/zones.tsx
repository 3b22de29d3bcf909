/** Zones with their rules and until when they hold; permissions. */

import { zoneLimits, zoomTo } from "../board";
import { localShort } from "../format";
import { zoneLook } from "../layers/ground";
import { language, picture, t, theme, tr } from "../state";
import { PALETTES } from "../theme";
import type { Zone } from "../wire";

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
