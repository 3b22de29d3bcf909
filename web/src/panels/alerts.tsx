/** Alerts first: what is wrong, where, since when, what can I do. */

import { useEffect, useRef, useState } from "preact/hooks";
import { move, movesOf, pending, writing } from "../actions";
import type { Move } from "../api";
import { zoomToSelection } from "../board";
import {
  bareId,
  borderOf,
  duration,
  localClock,
  placeOf,
  probability,
  sentence,
  utcClock,
  whereabouts,
} from "../format";
import { doubt } from "../mode";
import {
  cardOpen,
  doneAlerts,
  isOpen,
  language,
  liveTrackOf,
  needsSomebody,
  now,
  openAlerts,
  openedAlert,
  picture,
  selectAlert,
  selectedAlert,
  selectTrack,
  t,
  tr,
} from "../state";
import type { Alert } from "../wire";
import { Icon, type IconName, Row, SeverityMark } from "./parts";

const MOVES: Record<Move, { icon: IconName; text: "acknowledge" | "escalate" | "reject" | "closeAlert"; key: string }> =
  {
    acknowledge: { icon: "check", text: "acknowledge", key: "A" },
    escalate: { icon: "up", text: "escalate", key: "E" },
    reject: { icon: "close", text: "reject", key: "R" },
    close: { icon: "minus", text: "closeAlert", key: "C" },
  };

export function Alerts() {
  const [open, done] = [openAlerts.value, doneAlerts.value];
  return (
    <section class="alerts" id="alerts" tabIndex={-1} aria-labelledby="alerts-title">
      <h2 id="alerts-title">
        {t("alerts")}
        {open.length > 0 && <span class="count">{open.length}</span>}
      </h2>
      {open.length === 0 && <Nothing />}
      <ul class="alert-list">
        {open.map((alert) => (
          <AlertCard key={alert.id} alert={alert} />
        ))}
      </ul>
      {done.length > 0 && (
        <details class="done">
          <summary>{t("alertsDone", { n: done.length })}</summary>
          <ul class="alert-list">
            {done.map((alert) => (
              <AlertCard key={alert.id} alert={alert} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** No alert: and whether that can be believed. */
function Nothing() {
  void now.value;
  const unsure = doubt();
  return (
    <div class="nothing" data-unsure={unsure?.says}>
      <p>{t("alertsNone")}</p>
      <p class="muted">{unsure ? `${t(unsure.says)}: ${t(unsure.detail)}.` : t("alertsNoneDetail")}</p>
    </div>
  );
}

function AlertCard({ alert }: { alert: Alert }) {
  const selected = selectedAlert.value === alert.id;
  const opened = openedAlert.value === alert.id;
  const { headline, detail } = sentence(alert);
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) card.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const classes = ["alert", alert.severity, alert.status, alert.active ? "active" : "over", selected ? "selected" : ""];
  return (
    <li ref={card} class={classes.join(" ")} data-alert={alert.id} data-status={alert.status}>
      <button
        type="button"
        class="alert-head"
        id={`alert-${alert.id}`}
        aria-expanded={opened}
        onClick={() => {
          if (!selected) {
            selectAlert(alert);
            zoomToSelection();
          }
          openedAlert.value = opened ? null : alert.id;
        }}
      >
        <SeverityMark severity={alert.severity} hollow={!needsSomebody(alert)} />
        <span class="alert-text">
          <strong>{headline}</strong>
          <span class="figures">{detail}</span>
          <Where alert={alert} />
        </span>
      </button>
      <div class="state-row">
        <span class={`state ${alert.status}`}>
          {t(alert.status)}
          {!alert.active && <em>{t("over")}</em>}
        </span>
        {needsSomebody(alert) && !selected && <MoveButton alert={alert} what="acknowledge" primary />}
      </div>
      {isOpen(alert) && selected && <Moves alert={alert} />}
      {writing.value?.alert === alert.id && <NoteForm alert={alert} what={writing.value.move} />}
      {opened && <Detail alert={alert} />}
    </li>
  );
}

function Where({ alert }: { alert: Alert }) {
  const track = liveTrackOf(alert);
  const time = now.value;
  const unseen = track ? time - track.updated_ms : Number.POSITIVE_INFINITY;
  return (
    <span class="where muted">
      <span>{t("since", { time: localClock(alert.raised_ms) })}</span>
      <span class="nowrap">{duration(time - alert.raised_ms)}</span>
      <span class="nowrap">{whereabouts(placeOf(alert))}</span>
      {alert.active && !track && <span class="old">{t("trackLost")}</span>}
      {track && unseen > 5_000 && <span class="old">{t("lastSeen", { age: duration(unseen) })}</span>}
    </span>
  );
}

function Moves({ alert }: { alert: Alert }) {
  const [first] = movesOf(alert);
  return (
    <div class="moves">
      {movesOf(alert).map((what) => (
        <MoveButton key={what} alert={alert} what={what} primary={what === first && needsSomebody(alert)} />
      ))}
    </div>
  );
}

function MoveButton({ alert, what, primary = false }: { alert: Alert; what: Move; primary?: boolean }) {
  return (
    <button
      type="button"
      class={primary ? "primary" : ""}
      disabled={pending.value.has(`${alert.id} ${what}`)}
      onClick={() => {
        selectAlert(alert);
        if (what === "escalate" || what === "reject") writing.value = { alert: alert.id, move: what };
        else move(alert, what);
      }}
    >
      {primary && <Icon name={MOVES[what].icon} size={15} />}
      {t(MOVES[what].text)}
      {selectedAlert.value === alert.id && <kbd aria-hidden="true">{MOVES[what].key}</kbd>}
    </button>
  );
}

function NoteForm({ alert, what }: { alert: Alert; what: Move }) {
  const [note, setNote] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const needed = what === "reject";
  const submit = () => {
    if (needed && !note.trim()) setMissing(true);
    else move(alert, what, note);
  };
  return (
    <form
      class="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label for={`note-${alert.id}`}>{needed ? t("reason") : t("note")}</label>
      <textarea
        ref={field}
        id={`note-${alert.id}`}
        rows={2}
        maxLength={2000}
        value={note}
        placeholder={needed ? t("reasonPlaceholder") : ""}
        required={needed}
        aria-invalid={missing}
        onInput={(event) => setNote(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            submit();
          }
        }}
      />
      {missing && (
        <p class="problem" role="alert">
          {t("reasonRequired")}
        </p>
      )}
      <div class="moves">
        <button type="submit" class="primary">
          {t(MOVES[what].text)}
        </button>
        <button
          type="button"
          onClick={() => {
            writing.value = null;
          }}
        >
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}

function Detail({ alert }: { alert: Alert }) {
  const { cause } = alert;
  const zone = picture.value.zones.get(alert.zone);
  const rule = zone && (zone.message[language.value] ?? zone.message.en ?? Object.values(zone.message)[0]);
  return (
    <div class="alert-detail">
      {rule && (
        <blockquote>
          {rule}
          <cite>{[zone.authority, zone.source].filter(Boolean).join(", ")}</cite>
        </blockquote>
      )}
      <h3>{t("whyRaised")}</h3>
      <dl class="facts compact">
        {cause.probability_inside !== null && (
          <Row term={`P ${t("pInside")}`}>{probability(cause.probability_inside)}</Row>
        )}
        {cause.probability_entry !== null && (
          <Row term={`P ${t("pEntry")}`}>{probability(cause.probability_entry)}</Row>
        )}
        {cause.probability_uas !== null && <Row term={`P ${t("pUas")}`}>{probability(cause.probability_uas)}</Row>}
        {cause.probability_permitted !== null && (
          <Row term={`P ${t("pPermitted")}`}>{probability(cause.probability_permitted)}</Row>
        )}
        {zone && cause.distance_m !== null && <Row term={t("toBorder")}>{borderOf(cause.distance_m)}</Row>}
        {alert.aircraft_id && <Row term={t("whoIsIt")}>{bareId(alert.aircraft_id)}</Row>}
      </dl>
      {alert.confirmed_ms > 0 && alert.raised_ms >= alert.started_ms && (
        <p class="muted small">
          {t("reactionTimes", {
            confirmed: `+${duration(Math.max(alert.confirmed_ms - alert.started_ms, 0))}`,
            raised: `+${duration(alert.raised_ms - alert.started_ms)}`,
          })}
        </p>
      )}
      {!cardOpen.value && (
        <p class="to-card">
          <button type="button" onClick={() => selectTrack(liveTrackOf(alert)?.id ?? alert.track)}>
            {t("trackNumber", { n: alert.track })}
          </button>
        </p>
      )}
      <h3>{t("history")}</h3>
      <ol class="steps">
        {alert.steps.map((step) => (
          <li key={`${step.time_ms} ${step.status} ${step.actor}`}>
            <time title={`${utcClock(step.time_ms)} UTC`}>{localClock(step.time_ms)}</time>
            <span>
              {tr(`step_${step.status}`, step.status)} · {step.actor || t("byWatch")}
              {step.note && <q>{step.note}</q>}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
