/** What somebody saw or heard: the form, by keyboard. The watch decides what comes of it. */

import { useState } from "preact/hooks";
import { observe } from "../actions";
import { figureOf, placeOf } from "../figures";
import { site, t } from "../state";
import type { Certainty, Seen } from "../wire";
import type { Key } from "../words";

const SEEN: readonly Seen[] = ["drone", "aircraft", "bird", "flash", "smoke", "sound", "other"];
const CERTAINTIES: readonly Certainty[] = ["certain", "probable", "possible"];
const FIGURES = ["bearing_deg", "elevation_deg", "range_m"] as const;

export function Observe({ onDone }: { onDone: () => void }) {
  const posts = (site.value?.sensors ?? []).filter((each) => each.kind === "spotter");
  const [problem, setProblem] = useState("");
  if (posts.length === 0) return <p>{t("observeNoPost")}</p>;
  const submit = (form: HTMLFormElement) => {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? "");
    const place = placeOf(text("place"));
    const figures = FIGURES.map((name) => figureOf(text(name)));
    if (place === undefined || figures.some((each) => Number.isNaN(each))) {
      setProblem(t("observeNoFigure"));
      return;
    }
    const [bearing_deg, elevation_deg, range_m] = figures;
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
      },
      onDone,
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
          {posts.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name || each.id}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("observeWhat")}
        <select name="what">
          {SEEN.map((each) => (
            <option key={each} value={each}>
              {t(`seen_${each}` as Key)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("observeSure")}
        <select name="certainty">
          {CERTAINTIES.map((each) => (
            <option key={each} value={each} selected={each === "probable"}>
              {t(`certainty_${each}` as Key)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("observeCount")}
        <input name="count" type="number" min={1} max={10_000} value={1} />
      </label>
      <label>
        {t("observeBearing")}
        <input name="bearing_deg" inputMode="decimal" autocomplete="off" />
      </label>
      <label>
        {t("observeElevation")}
        <input name="elevation_deg" inputMode="decimal" autocomplete="off" />
      </label>
      <label>
        {t("observeRange")}
        <input name="range_m" inputMode="decimal" autocomplete="off" />
      </label>
      <label>
        {t("observePlace")}
        <input name="place" autocomplete="off" placeholder="52.0100 5.0200" />
      </label>
      <label class="wide">
        {t("note")}
        <textarea name="note" rows={2} maxLength={2000} />
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
        <button type="button" onClick={onDone}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
