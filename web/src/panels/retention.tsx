/** How long what is kept, and what is held whatever the policy says. */

import { useEffect, useRef, useState } from "preact/hooks";
import { hold, release } from "../actions";
import { fetchRetention, Refused } from "../api";
import { figure } from "../format";
import { picture, t } from "../state";
import type { Held, KeptFor, Retention } from "../wire";

const WHAT = {
  personal: "kept_personal",
  frames: "kept_frames",
  events: "kept_events",
  decisions: "kept_decisions",
} as const satisfies Record<KeptFor["what"], string>;

/** As the record has it: `2026-05-02 23:40` UTC. */
const moment = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

/** ms of what was written into a field of date and time, taken for UTC; none when it is no time. */
export function utcOf(written: string): number | null {
  const ms = Date.parse(`${written}Z`);
  return Number.isNaN(ms) ? null : ms;
}

export function Keeping() {
  const [kept, setKept] = useState<Retention | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    fetchRetention().then(setKept, (error: unknown) =>
      setProblem(t("refused", { reason: error instanceof Refused ? error.message : t("noConnection") })),
    );
  }, []);
  const done = (after: Retention) => {
    setProblem("");
    setKept(after);
  };
  return (
    <div class="keeping">
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {!kept && !problem && <p class="muted">{t("loading")}</p>}
      {kept && (
        <>
          <dl>
            {kept.policy.map((each) => (
              <div key={each.what}>
                <dt>{t(WHAT[each.what])}</dt>
                <dd>
                  {each.days === null
                    ? t("keptForEver")
                    : t("keptDays", { n: figure(each.days, each.days % 1 ? 1 : 0) })}
                </dd>
              </div>
            ))}
          </dl>
          <p class="muted small">{t("keptWhere")}</p>
          <h3>{t("holds")}</h3>
          {kept.holds.length === 0 && <p class="muted">{t("holdsNone")}</p>}
          <ul class="items">
            {kept.holds.map((each) => (
              <HeldRow key={each.id} held={each} onDone={done} onRefused={setProblem} />
            ))}
          </ul>
          <NewHold onDone={done} onRefused={setProblem} />
        </>
      )}
    </div>
  );
}

interface Outcome {
  onDone: (after: Retention) => void;
  onRefused: (reason: string) => void;
}

function HeldRow({ held, onDone, onRefused }: { held: Held } & Outcome) {
  const [asking, setAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (asking) field.current?.focus();
  }, [asking]);
  return (
    <li class="item" data-hold={held.id}>
      <span class="item-text">
        <b>{held.id}</b>
        <small>
          {moment(held.from_ms)} – {moment(held.to_ms)} UTC
        </small>
        <small>{t("heldBy", { by: held.by, reason: held.reason })}</small>
      </span>
      {!asking && (
        <span class="item-end moves">
          <button type="button" onClick={() => setAsking(true)}>
            {t("release")}
          </button>
        </span>
      )}
      {asking && (
        <form
          class="wide"
          onSubmit={(event) => {
            event.preventDefault();
            release(held.id, field.current?.value ?? "", onDone, onRefused);
          }}
        >
          <label class="field">
            {t("releaseWhy", { id: held.id })}
            <input ref={field} required maxLength={2000} autocomplete="off" />
          </label>
          <div class="moves">
            <button type="submit" class="primary">
              {t("releaseNow")}
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              {t("cancel")}
            </button>
          </div>
        </form>
      )}
    </li>
  );
}

function NewHold({ onDone, onRefused }: Outcome) {
  const [alert, setAlert] = useState("");
  const alerts = [...picture.value.alerts.values()].map((each) => each.id).sort((a, b) => b - a);
  const submit = (form: HTMLFormElement) => {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? "").trim();
    const from_ms = utcOf(text("from"));
    const to_ms = utcOf(text("to"));
    if (!alert && (from_ms === null || to_ms === null || from_ms >= to_ms)) {
      onRefused(t("holdNoSpan"));
      return;
    }
    hold(
      {
        id: text("id"),
        reason: text("reason"),
        from_ms: alert ? null : from_ms,
        to_ms: alert ? null : to_ms,
        alert: alert ? Number(alert) : null,
      },
      (after) => {
        form.reset();
        setAlert("");
        onDone(after);
      },
      onRefused,
    );
  };
  return (
    <form
      class="observe hold-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <h3 class="wide">{t("holdNew")}</h3>
      <label>
        {t("holdName")}
        <input name="id" required pattern="[a-z0-9\-]{1,40}" maxLength={40} autocomplete="off" spellcheck={false} />
      </label>
      <label>
        {t("holdWhat")}
        <select name="what" value={alert} onChange={(event) => setAlert(event.currentTarget.value)}>
          <option value="">{t("holdSpan")}</option>
          {alerts.map((each) => (
            <option key={each} value={String(each)}>
              {t("holdAlert", { id: each })}
            </option>
          ))}
        </select>
      </label>
      {!alert && (
        <>
          <label>
            {t("holdFrom")}
            <input name="from" type="datetime-local" required />
          </label>
          <label>
            {t("holdTo")}
            <input name="to" type="datetime-local" required />
          </label>
        </>
      )}
      <label class="wide">
        {t("holdWhy")}
        <textarea name="reason" rows={2} required maxLength={2000} />
      </label>
      <div class="moves wide">
        <button type="submit" class="primary">
          {t("holdNow")}
        </button>
      </div>
    </form>
  );
}
