/** The page. */

import { signal } from "@preact/signals";
import { Alerts } from "./panels/alerts";
import { Card } from "./panels/card";
import { Dialogs } from "./panels/dialogs";
import { Banner, Header } from "./panels/header";
import { Log } from "./panels/log";
import { MapFrame } from "./panels/mapframe";
import { Icon } from "./panels/parts";
import { Playback } from "./panels/playback";
import { Sensors } from "./panels/sensors";
import { Tracks } from "./panels/tracks";
import { Zones } from "./panels/zones";
import { picking } from "./picking";
import { picture, site, status, type Tab, t, tab, toast, troubledOutputs, troubledSensors } from "./state";

/** How far the sheet is drawn up on a small screen. */
type Height = "low" | "half" | "full";
const height = signal<Height>("half");
const NEXT: Record<Height, Height> = { low: "half", half: "full", full: "low" };

export const spoken = signal("");

export function App({ onReady }: { onReady: () => void }) {
  if (!site.value)
    return (
      <p class="loading" role="status">
        {t("loading")}
      </p>
    );
  return (
    <div
      class={`console sheet-${picking.value ? "low" : height.value}${status.value?.playback ? " with-playback" : ""}`}
    >
      <a class="skip" href="#alerts">
        {t("skip")}
      </a>
      <Header />
      <Banner />
      <div class="side">
        <button
          type="button"
          class="sheet-handle"
          aria-label={t("console")}
          aria-expanded={height.value !== "low"}
          onClick={() => {
            height.value = NEXT[height.value];
          }}
        >
          <span />
        </button>
        <Alerts />
        <Tabs />
      </div>
      <MapFrame onReady={onReady} />
      <Card />
      <Playback />
      <Dialogs />
      {toast.value && (
        <p class="toast" role="status">
          {toast.value}
        </p>
      )}
      <p class="hidden" aria-live="assertive" id="spoken">
        {spoken.value}
      </p>
    </div>
  );
}

const TABS: readonly Tab[] = ["tracks", "sensors", "zones", "log"];

function Tabs() {
  const counts: Record<Tab, number> = {
    tracks: picture.value.tracks.size,
    sensors: site.value?.sensors.length ?? 0,
    zones: picture.value.zones.size,
    log: picture.value.notices.length,
  };
  const troubles = troubledSensors.value.length + troubledOutputs.value.length;
  const turn = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    tab.value = TABS[(TABS.indexOf(tab.value) + by + TABS.length) % TABS.length]!;
    requestAnimationFrame(() => document.getElementById(`tab-${tab.value}`)?.focus());
  };
  return (
    <section class="tabs">
      <div role="tablist" aria-label={t("console")} onKeyDown={turn}>
        {TABS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`tab-${each}`}
            aria-selected={tab.value === each}
            aria-controls={`panel-${each}`}
            tabIndex={tab.value === each ? 0 : -1}
            onClick={() => {
              tab.value = each;
            }}
          >
            {t(each)}
            {each === "sensors" && troubles > 0 ? (
              <span class="count trouble">
                <Icon name="record" size={8} /> {troubles}
              </span>
            ) : (
              <span class="count">{counts[each]}</span>
            )}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`panel-${tab.value}`}
        aria-labelledby={`tab-${tab.value}`}
        class="tab-panel"
        tabIndex={-1}
      >
        {tab.value === "tracks" && <Tracks />}
        {tab.value === "sensors" && <Sensors />}
        {tab.value === "zones" && <Zones />}
        {tab.value === "log" && <Log />}
      </div>
    </section>
  );
}
