/** The top: where, what time, and whether what is seen is live. */

import { silence } from "../clock";
import { duration, figure, localClock, localDate, utcClock, zoneName } from "../format";
import { type Doubt, doubt, type Mode, modeOf } from "../mode";
import { audible, unlock } from "../sound";
import { activeAlerts, dialog, now, prefer, preferences, site, status, t, troubledSensors, waiting } from "../state";
import { IconButton } from "./parts";

function modeText(mode: Mode): string {
  const said = status.value;
  if (mode === "replay")
    return t("replay", { speed: figure(said?.playback?.speed ?? 1, (said?.playback?.speed ?? 1) < 1 ? 1 : 0) });
  if (mode === "stale") return t("stale", { age: duration(silence()) });
  if (mode === "lagging") return t("lagging", { age: duration(said?.lag_ms ?? 0) });
  return t(mode);
}

export function Header() {
  const time = now.value;
  const mode = modeOf();
  return (
    <header class="top">
      <div class="brand">
        <Mark />
        <div>
          <strong>Luchtwacht</strong>
          <span class="muted">{site.value?.name}</span>
        </div>
      </div>
      <Summary />
      <div class="top-end">
        <RecordState />
        <span class={`mode ${mode}`} role="status" data-mode={mode}>
          <span class="dot" aria-hidden="true" />
          {modeText(mode)}
        </span>
        {time > 0 && (
          <div class="clock">
            <time class="utc" dateTime={new Date(time).toISOString()}>
              {utcClock(time)} <abbr>{t("utc")}</abbr>
            </time>
            <span class="local">
              {localClock(time)} {zoneName(time)} <span class="date">{localDate(time)}</span>
            </span>
          </div>
        )}
        <div class="tools">
          <IconButton
            icon={preferences.value.sound ? "sound" : "silent"}
            label={!preferences.value.sound ? t("soundOff") : audible.value ? t("soundOn") : t("soundBlocked")}
            keys="S"
            pressed={preferences.value.sound}
            onClick={() => {
              unlock();
              prefer({ sound: audible.value ? !preferences.value.sound : true });
            }}
          />
          <IconButton
            icon="keyboard"
            label={t("help")}
            keys="?"
            onClick={() => {
              dialog.value = "help";
            }}
          />
          <IconButton
            icon="settings"
            label={t("settings")}
            onClick={() => {
              dialog.value = "settings";
            }}
          />
        </div>
      </div>
    </header>
  );
}

/** The one thing to read: does something need me? */
function Summary() {
  const [wait, active] = [waiting.value.length, activeAlerts.value.length];
  const gravest = waiting.value.some((each) => each.severity === "critical") ? "critical" : "warning";
  if (wait > 0)
    return (
      <p class={`summary ${gravest}`}>
        <strong>{t("alertsWaiting", { n: wait })}</strong>
        <span>{t("alertsActive", { n: active })}</span>
      </p>
    );
  if (active > 0)
    return (
      <p class="summary watched">
        <strong>{t("alertsActive", { n: active })}</strong>
        <span>{t("allAcknowledged")}</span>
      </p>
    );
  const unsure = doubt();
  // Before the first report nothing is wrong yet, and it is not quiet either.
  if (unsure) return <Unsure {...unsure} loud={unsure.says === "blind" && troubledSensors.value.length > 0} />;
  return (
    <p class="summary quiet">
      <strong>{t("quiet")}</strong>
    </p>
  );
}

/** No alert, and yet nobody may call it quiet. */
const Unsure = ({ says, detail, progress, loud }: Doubt & { loud: boolean }) => (
  <p class={`summary ${loud ? "warning" : "unsure"}`} data-unsure={says}>
    <strong>{t(says)}</strong>
    {progress && <progress aria-label={t(says)} max={progress.steps} value={progress.step} />}
    <span>
      {progress
        ? t("preparingStep", {
            step: progress.step,
            steps: progress.steps,
            age: duration(progress.elapsed_s * 1000),
          })
        : t(detail)}
    </span>
  </p>
);

function RecordState() {
  const said = status.value;
  if (!said || (said.recording && !said.record_failure)) return null;
  if (!said.recording && said.playback) return null;
  return (
    <span
      class="mode unrecorded"
      title={said.record_failure ? t("notRecordingSince", { reason: said.record_failure }) : t("noJournal")}
    >
      {t("notRecording")}
    </span>
  );
}

/** Loud, over the whole width: what is seen is not what is. */
export function Banner() {
  void now.value;
  const mode = modeOf();
  const said = status.value;
  if (mode === "lost" && said)
    return (
      <div class="banner" role="alert">
        <strong>{t("lost")}.</strong> {t("lostSince", { age: duration(silence()) })}
      </div>
    );
  if (said?.record_failure)
    return (
      <div class="banner" role="alert">
        {t("notRecordingSince", { reason: said.record_failure })}
      </div>
    );
  return null;
}

const Mark = () => (
  <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true" class="brand-mark">
    <g fill="none" stroke="currentColor" stroke-width="2.200" stroke-linecap="round">
      <path d="M3 25a13 13 0 0 1 26 0" />
      <path d="M9 25a7 7 0 0 1 14 0" opacity=".55" />
      <path d="M16 25L24.500 8.500" />
    </g>
    <circle cx="24.500" cy="8" r="3.400" fill="currentColor" />
  </svg>
);
