/** The map with its tools, scale, readout and legend. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { readAddress } from "../address";
import { cursor, fitSite, mountBoard, readout, scaleBar, view } from "../board";
import { coordinates, length } from "../format";
import { dialog, posts, type Shown, shown, t, toggle } from "../state";
import type { Category, Standing, Status } from "../wire";
import { IconButton, Sign } from "./parts";
import { PickHint } from "./pick";

const layersOpen = signal(false);

const LAYERS: readonly (readonly [
  keyof Shown,
  "birds" | "tentatives" | "trails" | "coverage" | "plots" | "rings" | "labels",
])[] = [
  ["birds", "birds"],
  ["tentatives", "tentatives"],
  ["trails", "trails"],
  ["labels", "labels"],
  ["plots", "plots"],
  ["coverage", "coverage"],
  ["rings", "rings"],
];

export function MapFrame({ onReady }: { onReady: () => void }) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (holder.current) void mountBoard(holder.current, readAddress(location.hash).view).then(onReady);
  }, []);
  return (
    <main class="map" id="map">
      <div class="board" ref={holder} />
      <div class="map-tools">
        <IconButton icon="plus" label={t("zoomIn")} keys="+" onClick={() => view.value?.zoomBy(1)} />
        <IconButton icon="minus" label={t("zoomOut")} keys="−" onClick={() => view.value?.zoomBy(-1)} />
        <IconButton icon="fit" label={t("fit")} keys="F" onClick={() => fitSite(true)} />
        <IconButton
          icon="layers"
          label={t("show")}
          pressed={layersOpen.value}
          onClick={() => {
            layersOpen.value = !layersOpen.value;
          }}
        />
        {posts.value.length > 0 && (
          <IconButton
            icon="eye"
            label={t("keyObserve")}
            keys="O"
            onClick={() => {
              dialog.value = "observe";
            }}
          />
        )}
      </div>
      {layersOpen.value && <Layers />}
      <PickHint />
      {view.value?.kind === "plain" && <p class="no-graphics">{t("noGraphics")}</p>}
      <div class="map-foot">
        <span class="scale" style={{ width: `${scaleBar.value.width}px` }}>
          {length(scaleBar.value.metres)}
        </span>
        <span class="readout">
          {cursor.value && (
            <>
              <span class="mono">{coordinates(cursor.value)}</span> {readout(cursor.value)}
            </>
          )}
        </span>
        <span class="credit">Natural Earth</span>
      </div>
    </main>
  );
}

const look = (category: Category, status: Status = "confirmed", standing: Standing = "open", claimed = false) => ({
  category,
  status,
  standing,
  claimed,
  contradicted: false,
});

function Layers() {
  return (
    <section class="layers" aria-label={t("show")}>
      <h3>{t("show")}</h3>
      {LAYERS.map(([name, text]) => (
        <label key={name} class="check">
          <input type="checkbox" checked={shown.value[name]} onChange={() => toggle(name)} />
          {t(text)}
        </label>
      ))}
      <h3>{t("legend")}</h3>
      <h4>{t("legendShape")}</h4>
      <ul class="legend">
        {(["multirotor", "fixed_wing_drone", "bird", "crewed_aircraft", "other"] as const).map((each) => (
          <li key={each}>
            <Sign look={look(each)} size={26} /> {t(each)}
          </li>
        ))}
      </ul>
      <h4>{t("legendFrame")}</h4>
      <ul class="legend">
        {(["alert", "open", "permitted"] as const).map((each) => (
          <li key={each}>
            <Sign look={look("multirotor", "confirmed", each)} size={26} /> {t(`standing_${each}`)}
          </li>
        ))}
      </ul>
      <h4>{t("legendLine")}</h4>
      <ul class="legend">
        {(["confirmed", "coasted", "tentative", "terminated"] as const).map((each) => (
          <li key={each}>
            <Sign look={look("multirotor", each)} size={26} /> {t(each)}
          </li>
        ))}
        <li>
          <Sign look={look("multirotor", "confirmed", "open", true)} size={26} /> {t("legendHollow")}
        </li>
      </ul>
      <p class="muted small">{t("legendEllipse")}</p>
      <p class="muted small">{t("legendHeight")}</p>
    </section>
  );
}
