/** Others who are shown what the watch sees: whether they are, how much was sent, and what was dropped. */

import { figure } from "../format";
import { status, t } from "../state";
import type { OutputStatus } from "../wire";

const SIGNS = { works: "●", waits: "○", trouble: "◐" } as const;

export function standingOf(output: OutputStatus): keyof typeof SIGNS {
  if (output.trouble) return "trouble";
  return output.receivers > 0 ? "works" : "waits";
}

export function Outputs() {
  const outputs = status.value?.outputs ?? [];
  if (outputs.length === 0) return null;
  return (
    <>
      <h3>{t("outputs")}</h3>
      <ul class="items">
        {outputs.map((each) => (
          <OutputRow key={each.id} output={each} />
        ))}
      </ul>
    </>
  );
}

const STATE = { works: "outputWorks", waits: "outputWaits", trouble: "outputTrouble" } as const;
const HEALTH = { works: "ok", waits: "unheard", trouble: "degraded" } as const;

function OutputRow({ output }: { output: OutputStatus }) {
  const standing = standingOf(output);
  return (
    <li class="item" data-output={output.id}>
      <span class={`health ${HEALTH[standing]}`} aria-hidden="true">
        {SIGNS[standing]}
      </span>
      <span class="item-text">
        <b>{output.id}</b>
        <small>{[output.kind.replaceAll("_", " "), output.address].filter(Boolean).join(" · ")}</small>
        {output.trouble && (
          <small class="trouble" lang="en">
            {output.trouble}
          </small>
        )}
      </span>
      <span class="item-end">
        <b class={`health ${HEALTH[standing]}`}>{t(STATE[standing])}</b>
        <small>{t("outputSent", { n: figure(output.messages) })}</small>
        {output.receivers > 1 && <small>{t("outputReceivers", { n: figure(output.receivers) })}</small>}
        {output.let_go > 0 && <small class="trouble">{t("outputDropped", { n: figure(output.let_go) })}</small>}
      </span>
    </li>
  );
}
