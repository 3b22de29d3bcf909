/** The list of tracks: the same objects as on the map, for keyboard, screen reader and anyone who prefers a table. */

import { useRef, useState } from "preact/hooks";
import { zoomToSelection } from "../board";
import { bareId, degrees, duration, length, metres, NONE, nameOf, speedOf } from "../format";
import { bearing, distance } from "../geo";
import type { Track } from "../picture";
import { now, picture, selectedTrack, selectTrack, show, shown, shownTracks, site, t } from "../state";
import { TrackSymbol } from "./parts";

const ROW_PX = 38;
const AROUND = 12;

export function Tracks() {
  const [first, setFirst] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const tracks = shownTracks.value;
  const all = picture.value.tracks.size;
  const visible = Math.ceil((scroller.current?.clientHeight ?? 700) / ROW_PX) + 2 * AROUND;
  const start = Math.min(Math.max(0, first - AROUND), Math.max(0, tracks.length - visible));
  const part = tracks.slice(start, start + visible);
  const below = Math.max(0, tracks.length - start - part.length);
  return (
    <div class="panel-body tracks">
      <div class="filters">
        <Filter name="birds" text={t("birds")} />
        <Filter name="tentatives" text={t("tentatives")} />
        <span class="muted">{t("tracksShown", { shown: tracks.length, all })}</span>
      </div>
      {tracks.length === 0 ? (
        <p class="nothing">{all ? t("tracksHidden", { n: all }) : t("tracksNone")}</p>
      ) : (
        <section
          class="scroller"
          ref={scroller}
          tabIndex={0}
          aria-label={t("tracks")}
          onScroll={(event) => setFirst(Math.floor(event.currentTarget.scrollTop / ROW_PX))}
        >
          <table aria-rowcount={tracks.length + 1}>
            <thead>
              <tr>
                <th scope="col">{t("object")}</th>
                <th scope="col" class="number">
                  {t("height")} <abbr title={t("heightAgl")}>AGL</abbr>
                </th>
                <th scope="col" class="number">
                  {t("speed")}
                </th>
                <th scope="col" class="number">
                  {t("place")}
                </th>
                <th scope="col" class="number">
                  {t("age")}
                </th>
              </tr>
            </thead>
            <tbody>
              {start > 0 && <tr aria-hidden="true" style={{ height: `${start * ROW_PX}px` }} />}
              {part.map((track, k) => (
                <TrackRow key={track.id} track={track} index={start + k + 2} />
              ))}
              {below > 0 && <tr aria-hidden="true" style={{ height: `${below * ROW_PX}px` }} />}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

const Filter = ({ name, text }: { name: "birds" | "tentatives"; text: string }) => (
  <label class="chip">
    <input
      type="checkbox"
      checked={shown.value[name]}
      onChange={(event) => show({ [name]: event.currentTarget.checked })}
    />
    {text}
  </label>
);

function TrackRow({ track, index }: { track: Track; index: number }) {
  const identity = picture.value.identities.get(track.id);
  const age = now.value - track.updated_ms;
  const home = site.value;
  const selected = selectedTrack.value === track.id;
  const classes = [track.standing, track.status, selected ? "selected" : "", age > 5_000 ? "old" : ""];
  const choose = () => {
    selectTrack(selected ? null : track.id);
    if (!selected) zoomToSelection();
  };
  return (
    <tr class={classes.join(" ")} aria-rowindex={index} data-track={track.id} onClick={choose}>
      <th scope="row">
        <button
          type="button"
          aria-pressed={selected}
          onClick={(event) => {
            event.stopPropagation();
            choose();
          }}
        >
          <TrackSymbol track={track} size={28} />
          <span class="track-name">
            <span>{nameOf(track, identity)}</span>
            <small>
              {track.claimed ? t("claimOnly") : t(track.category)}
              {track.standing !== "open" && ` · ${t(`standing_${track.standing}`)}`}
              {track.status !== "confirmed" && ` · ${t(track.status)}`}
            </small>
          </span>
        </button>
      </th>
      <td class="number">{metres(track.height_agl_m)}</td>
      <td class="number">{track.course_deg === null ? NONE : speedOf(track.speed_m_s)}</td>
      <td class="number">
        {home && (
          <>
            {length(distance(home, track))}
            <small>{degrees(bearing(home, track))}</small>
          </>
        )}
      </td>
      <td class="number">{duration(Math.max(age, 0))}</td>
    </tr>
  );
}

/** The name a track goes by, for the sentence a screen reader hears. */
export const spokenName = (track: Track): string => {
  const identity = picture.value.identities.get(track.id);
  return identity?.aircraft_id ? bareId(identity.aircraft_id) : nameOf(track, identity);
};
