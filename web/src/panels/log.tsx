/** What the watch says of itself. */

import { figure, localClock, utcClock } from "../format";
import { noticeTitle, type Said, sayNotice } from "../notices";
import { dialog, picture, site, status, t } from "../state";
import type { Notice } from "../wire";

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
      <p class="moves">
        <button
          type="button"
          onClick={() => {
            dialog.value = "retention";
          }}
        >
          {t("retentionOpen")}
        </button>
      </p>
      {notices.length === 0 && <p class="muted">{t("logNone")}</p>}
      <ol class="items">
        {notices.map((each) => (
          <NoticeRow key={`${each.time_ms} ${each.kind} ${each.subject} ${each.detail}`} notice={each} />
        ))}
      </ol>
    </section>
  );
}

function NoticeRow({ notice }: { notice: Notice }) {
  const name = site.value?.sensors.find((sensor) => sensor.id === notice.subject)?.name ?? notice.subject;
  return (
    <li class="item" data-notice={notice.kind}>
      <time class="item-time" title={`${utcClock(notice.time_ms)} UTC`}>
        {localClock(notice.time_ms)}
      </time>
      <span class="item-text">
        <b>
          {noticeTitle(notice.kind)}: {name}
        </b>
        <Detail said={sayNotice(notice)} />
      </span>
    </li>
  );
}

/** One sentence; what has no translation is marked as the English it is. */
export function Detail({ said, class: name = "" }: { said: Said; class?: string }) {
  if (!said.text) return null;
  return (
    <small class={name} {...(said.english ? { lang: "en" } : {})}>
      {said.text}
    </small>
  );
}
