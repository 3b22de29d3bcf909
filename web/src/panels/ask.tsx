/** Asking a sensor for something. The node says whether it can; nothing is sent before it was said twice. */

import { useId, useState } from "preact/hooks";
import { askSensor } from "../actions";
import { figureOf, placeOf } from "../figures";
import { modesOf } from "../notices";
import { pickPlace } from "../picking";
import { picture, t } from "../state";
import type { Sensor, SensorOrder, SensorTask } from "../wire";
import { Icon } from "./parts";

const TASKS: readonly SensorTask[] = [
  "status",
  "start",
  "stop",
  "look_at",
  "snapshot",
  "mode",
  "detection_threshold",
  "report_rate",
  "registration",
  "reset",
];
const LEVELS = ["low", "medium", "high"] as const;

type Wanted = Omit<SensorOrder, "actor">;

export function Ask({ sensor }: { sensor: Sensor }) {
  const [task, setTask] = useState<SensorTask>("status");
  const [level, setLevel] = useState<(typeof LEVELS)[number]>("medium");
  const [mode, setMode] = useState("");
  const [place, setPlace] = useState("");
  const [height, setHeight] = useState("");
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [problem, setProblem] = useState("");
  const modes = modesOf(sensor.id, picture.value.notices);
  const levelled = task === "detection_threshold" || task === "report_rate";

  const propose = () => {
    const at = placeOf(place);
    const up = figureOf(height) ?? 0;
    if (task === "look_at" && (!at || Number.isNaN(up))) return setProblem(t("taskNeedsPlace"));
    if (task === "mode" && !(mode || modes[0])) return setProblem(t("taskNeedsMode"));
    setProblem("");
    setWanted({
      task,
      ...(levelled ? { level } : {}),
      ...(task === "mode" ? { mode: mode || modes[0]! } : {}),
      ...(task === "look_at" && at ? { latitude: at[0], longitude: at[1], height: up } : {}),
    });
  };
  const words = (order: Wanted): string =>
    [t(`task_${order.task}`), order.level && t(`level_${order.level as (typeof LEVELS)[number]}`), order.mode]
      .filter(Boolean)
      .concat(order.latitude == null ? [] : [`${order.latitude.toFixed(5)}, ${order.longitude!.toFixed(5)}`])
      .join(": ");

  return (
    <details class="ask">
      <summary>{t("taskAsk")}</summary>
      <form
        class="ask-form"
        onSubmit={(event) => {
          event.preventDefault();
          propose();
        }}
      >
        <label>
          {t("taskWhat")}
          <select
            name="task"
            value={task}
            onChange={(event) => {
              setTask(event.currentTarget.value as SensorTask);
              setWanted(null);
            }}
          >
            {TASKS.map((each) => (
              <option key={each} value={each}>
                {t(`task_${each}`)}
              </option>
            ))}
          </select>
        </label>
        {levelled && (
          <label>
            {t("taskLevel")}
            <select value={level} onChange={(event) => setLevel(event.currentTarget.value as typeof level)}>
              {LEVELS.map((each) => (
                <option key={each} value={each}>
                  {t(`level_${each}`)}
                </option>
              ))}
            </select>
          </label>
        )}
        {task === "mode" && <Mode modes={modes} mode={mode || (modes[0] ?? "")} onMode={setMode} />}
        {task === "look_at" && (
          <>
            <label>
              {t("taskPlace")}
              <input value={place} autocomplete="off" onInput={(event) => setPlace(event.currentTarget.value)} />
            </label>
            <label>
              {t("taskHeight")}
              <input
                value={height}
                inputMode="decimal"
                placeholder="0"
                onInput={(event) => setHeight(event.currentTarget.value)}
              />
            </label>
            <button type="button" onClick={() => pickPlace((at) => at && setPlace(at))}>
              <Icon name="target" size={15} /> {t("pick")}
            </button>
          </>
        )}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        {wanted ? (
          <fieldset class="confirm">
            <legend>{t("taskConfirm", { sensor: sensor.name, task: words(wanted) })}</legend>
            <button
              type="button"
              class="primary"
              ref={(element) => element?.focus()}
              onClick={() => {
                askSensor(sensor.id, wanted, t("taskAsked", { sensor: sensor.name, task: words(wanted) }), setProblem);
                setWanted(null);
              }}
            >
              {t("taskYes")}
            </button>
            <button type="button" onClick={() => setWanted(null)}>
              {t("cancel")}
            </button>
          </fieldset>
        ) : (
          <button type="submit">{t("taskSend")}</button>
        )}
      </form>
    </details>
  );
}

/** A choice of what the node registered; where nothing is known of that, a field. */
function Mode({ modes, mode, onMode }: { modes: readonly string[]; mode: string; onMode: (mode: string) => void }) {
  const id = useId();
  return (
    <span class="labelled">
      <label for={id}>{t("taskMode")}</label>
      {modes.length > 0 ? (
        <select id={id} value={mode} onChange={(event) => onMode(event.currentTarget.value)}>
          {modes.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : (
        <input id={id} value={mode} onInput={(event) => onMode(event.currentTarget.value)} />
      )}
    </span>
  );
}
