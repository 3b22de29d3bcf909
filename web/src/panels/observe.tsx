/** What somebody saw or heard: the form, by keyboard. The watch decides what comes of it. */

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { observe } from "../actions";
import { figureOf, placeOf } from "../figures";
import { pickPlace } from "../picking";
import { dialog, posts, t } from "../state";
import type { Certainty, Seen } from "../wire";
import type { Key } from "../words";
import { Icon } from "./parts";

const SEEN: readonly Seen[] = ["drone", "aircraft", "bird", "flash", "smoke", "sound", "other"];
const CERTAINTIES: readonly Certainty[] = ["certain", "probable", "possible"];
const FIGURES = ["bearing_deg", "elevation_deg", "range_m", "height_m"] as const;

/** What was written before the form was left for the map. */
const draft = signal<Readonly<Record<string, string>>>({});

export function Observe({ onDone }: { onDone: () => void }) {
  const [problem, setProblem] = useState("");
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    // After the dialog was opened, which takes the focus to its first button.
    requestAnimationFrame(() => first.current?.focus());
  }, []);
  if (posts.value.length === 0) return <p>{t("observeNoPost")}</p>;
  const done = () => {
    draft.value = {};
    onDone();
  };
  const choose = (form: HTMLFormElement) => {
    const kept = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    dialog.value = null;
    pickPlace((place) => {
      draft.value = place === null ? kept : { ...kept, place };
      dialog.value = "observe";
    });
  };
  const written = draft.value;
  const submit = (form: HTMLFormElement) => {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? "");
    const place = placeOf(text("place"));
    const figures = FIGURES.map((name) => figureOf(text(name)));
    if (place === undefined || figures.some((each) => Number.isNaN(each))) {
      setProblem(t("observeNoFigure"));
      return;
    }
    const [bearing_deg, elevation_deg, range_m, height_m] = figures;
    observe(
      {
        sensor: text("sensor"),
        what: text("what") as Seen,
        certainty: text("certainty") as Certainty,
        count: Math.max(1, Math.round(Number(text("count")) || 1)),
        note: text("note"),
        ...(place ? { latitude: place[0], longitude: place[1] } : {}),
        ...(bearing_deg != null ? { bearing_deg } : {}),
        ...(elevation_deg != null ? { elevation_deg } : {}),
        ...(range_m != null ? { range_m } : {}),
        ...(place && height_m != null ? { height_m } : {}),
      },
      done,
      setProblem,
    );
  };
  return (
    <form
      class="observe"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <label>
        {t("observePost")}
        <select name="sensor">
          {posts.value.map((each) => (
            <option key={each.id} value={each.id} selected={each.id === written.sensor}>
              {each.name || each.id}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("observeWhat")}
        <select name="what" ref={first}>
          {SEEN.map((each) => (
            <option key={each} value={each} selected={each === written.what}>
              {t(`seen_${each}` as Key)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("observeSure")}
        <select name="certainty">
          {CERTAINTIES.map((each) => (
            <option key={each} value={each} selected={each === (written.certainty ?? "probable")}>
              {t(`certainty_${each}` as Key)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("observeCount")}
        <input name="count" type="number" min={1} max={10_000} defaultValue={written.count ?? "1"} />
      </label>
      <label>
        {t("observeBearing")}
        <input name="bearing_deg" inputMode="decimal" autocomplete="off" defaultValue={written.bearing_deg ?? ""} />
      </label>
      <label>
        {t("observeElevation")}
        <input name="elevation_deg" inputMode="decimal" autocomplete="off" defaultValue={written.elevation_deg ?? ""} />
      </label>
      <label>
        {t("observeRange")}
        <input name="range_m" inputMode="decimal" autocomplete="off" defaultValue={written.range_m ?? ""} />
      </label>
      <label>
        {t("observePlace")}
        <input name="place" autocomplete="off" placeholder="52.0100 5.0200" defaultValue={written.place ?? ""} />
      </label>
      <label>
        {t("observeHeight")}
        <input name="height_m" inputMode="decimal" autocomplete="off" defaultValue={written.height_m ?? ""} />
      </label>
      <button type="button" class="pick" onClick={(event) => choose(event.currentTarget.form!)}>
        <Icon name="target" size={15} /> {t("pick")}
      </button>
      <label class="wide">
        {t("note")}
        <textarea name="note" rows={2} maxLength={2000} defaultValue={written.note ?? ""} />
      </label>
      {problem && (
        <p class="problem wide" role="alert">
          {problem}
        </p>
      )}
      <div class="moves wide">
        <button type="submit" class="primary">
          {t("observeSend")}
        </button>
        <button type="button" onClick={done}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
