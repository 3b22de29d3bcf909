/** How a sensor stands: what it adds to the truth, and what it does beside what was declared of it. */

import type { ComponentChildren } from "preact";
import { figure, NONE } from "../format";
import { t, tr } from "../state";
import type { BiasName, Fault, SensorBias, SensorFigures } from "../wire";

const UNITS: Record<BiasName, [string, number]> = {
  range: ["m", 1],
  azimuth: ["°", 2],
  elevation: ["°", 2],
  east: ["m", 1],
  north: ["m", 1],
  up: ["m", 1],
  time: ["s", 2],
};
const LEAST_SCALE: Record<BiasName, number> = {
  range: 10,
  azimuth: 0.5,
  elevation: 0.5,
  east: 6,
  north: 6,
  up: 6,
  time: 0.25,
};
const WIDTH = 84;

const withUnit = (name: BiasName, value: number): string => {
  const [unit, digits] = UNITS[name];
  return `${figure(value, digits)}${unit === "°" ? "" : " "}${unit}`;
};
const signed = (name: BiasName, value: number): string => `${value > 0 ? "+" : ""}${withUnit(name, value)}`;
const biasName = (name: BiasName): string => t(`bias_${name}`);

export function Figures({ figures }: { figures: SensorFigures }) {
  const { claim_pairs: claims, sensor_pairs: sensors, aircraft } = figures;
  const compared = claims + sensors > 0;
  return (
    <details class="figures-block">
      <summary>
        {t("figures")}
        {figures.faults.map((each) => (
          <span key={each} class={each === "misaligned" && figures.corrected ? "fault corrected" : "fault"}>
            {each === "misaligned" && figures.corrected ? t("faultCorrected") : tr(`fault_${each}`, each)}
          </span>
        ))}
      </summary>
      <Performance figures={figures} />
      {figures.blind_sectors_deg.length > 0 && (
        <small class="trouble">
          {t("blindSectors", { sectors: figures.blind_sectors_deg.map(([a, b]) => `${a}–${b}°`).join(", ") })}
        </small>
      )}
      <h4>
        {t("registration")}
        <small>
          {compared ? t(figures.applied ? "registrationApplied" : "registrationShown") : t("registrationNone")}
        </small>
      </h4>
      <table class="biases">
        <tbody>
          {figures.biases.map((each) => (
            <BiasRow key={each.name} bias={each} />
          ))}
        </tbody>
      </table>
      {compared && (
        <small>
          {t("registrationPairs", { claims: figure(claims), aircraft: figure(aircraft), sensors: figure(sensors) })}
        </small>
      )}
      {figures.confounded.map(([one, other]) => (
        <small key={`${one} ${other}`}>{t("confounded", { one: biasName(one!), other: biasName(other!) })}</small>
      ))}
    </details>
  );
}

/** The estimate with two standard deviations either way, about what is declared. */
function BiasRow({ bias }: { bias: SensorBias }) {
  const off = bias.value - bias.declared;
  const scale = 1.1 * Math.max(LEAST_SCALE[bias.name], bias.seen ? Math.abs(off) + 2 * bias.sigma : 0);
  const x = (value: number): number => WIDTH / 2 + (Math.max(-scale, Math.min(scale, value)) / scale) * (WIDTH / 2 - 2);
  const clear = bias.seen && Math.abs(off) > 3 * bias.sigma;
  return (
    <tr class={bias.seen ? (clear ? "clear" : "") : "unseen"}>
      <th scope="row">{biasName(bias.name)}</th>
      <td>
        <svg width={WIDTH} height="14" aria-hidden="true" class="whisker">
          <line x1={x(0)} x2={x(0)} y1="1" y2="13" class="zero" />
          <line x1={x(off - 2 * bias.sigma)} x2={x(off + 2 * bias.sigma)} y1="7" y2="7" class="doubt" />
          {bias.seen && <circle cx={x(off)} cy="7" r="3" />}
        </svg>
      </td>
      <td class="number">
        {bias.seen ? (
          <>
            {signed(bias.name, bias.value)} <span>± {withUnit(bias.name, bias.sigma)}</span>
          </>
        ) : (
          t("biasUnseen")
        )}
      </td>
    </tr>
  );
}

function Performance({ figures }: { figures: SensorFigures }) {
  const bad = (fault: Fault): boolean => figures.faults.includes(fault);
  const { probability_of_detection: pd, false_reports: wrong, latency_s: late, period_s: period } = figures;
  const seconds = (value: number): string => `${figure(value, 2)} s`;
  return (
    <table class="performance">
      <thead>
        <tr>
          <th />
          <th scope="col">{t("figureDeclared")}</th>
          <th scope="col">{t("figureMeasured")}</th>
        </tr>
      </thead>
      <tbody>
        {pd.measured !== null && (
          <Line
            name={t("figurePd")}
            note={t("figuresOver", { n: figure(figures.looks) })}
            declared={figure(pd.declared, 2)}
            measured={figure(pd.measured, 2)}
            bad={bad("weak") || bad("blind")}
          />
        )}
        <Line
          name={t("figureFalse")}
          declared={figure(wrong.declared, 1)}
          measured={wrong.measured === null ? NONE : figure(wrong.measured, 1)}
          bad={bad("cluttered")}
        />
        {figures.noise.map((each) => (
          <Line
            key={each.name}
            name={t("figureNoise", { what: biasName(each.name) })}
            declared={withUnit(each.name, each.declared)}
            measured={each.measured === null ? NONE : withUnit(each.name, each.measured)}
            bad={bad("noisy") && each.measured !== null && each.measured > 1.5 * each.declared}
          />
        ))}
        <Line
          name={t("figureLatency")}
          declared={`< ${seconds(late.declared)}`}
          measured={late.measured === null ? NONE : seconds(late.measured)}
          bad={bad("slow")}
        />
        {period.measured !== null && (
          <Line name={t("figurePeriod")} declared={seconds(period.declared)} measured={seconds(period.measured)} />
        )}
      </tbody>
    </table>
  );
}

function Line(each: { name: ComponentChildren; note?: string; declared: string; measured: string; bad?: boolean }) {
  return (
    <tr class={each.bad ? "bad" : ""}>
      <th scope="row">
        {each.name}
        {each.note && <small> {each.note}</small>}
      </th>
      <td class="number declared">{each.declared}</td>
      <td class="number">{each.measured}</td>
    </tr>
  );
}
