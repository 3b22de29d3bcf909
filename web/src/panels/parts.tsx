/** Small parts that panels share. */

import type { ComponentChildren, JSX } from "preact";
import type { Track } from "../picture";
import { picture, t, theme } from "../state";
import { BADGES, colourOf, DASHES, FRAMES, GLYPHS, isFramed, isHollow, type Look, lookOf, turns } from "../symbols";
import { PALETTES } from "../theme";
import type { Severity } from "../wire";

/** A symbol as on the map. */
export function Sign({ look, course = null, size = 28 }: { look: Look; course?: number | null; size?: number }) {
  const palette = PALETTES[theme.value];
  const colour = colourOf(look, palette);
  const scale = look.category === "bird" ? 0.78 : look.standing === "alert" ? 0.7 : 0.66;
  const turn = course !== null && turns(look.category) ? `rotate(${course})` : "";
  const badge =
    look.status === "terminated"
      ? BADGES.lost
      : look.contradicted
        ? BADGES.contradicted
        : look.standing === "permitted"
          ? BADGES.permitted
          : null;
  return (
    <svg width={size} height={size} viewBox="0 0 40 40" aria-hidden="true" class="symbol">
      {isFramed(look) && (
        <path
          d={FRAMES[look.standing]}
          fill={look.standing === "alert" ? palette.criticalPanel : "none"}
          stroke={colour}
          stroke-width={look.standing === "alert" ? 2.75 : 1.75}
          stroke-dasharray={DASHES[look.status].join(" ")}
          stroke-linejoin="round"
        />
      )}
      <g transform={`translate(20 20) ${turn} scale(${scale}) translate(-12 -12)`}>
        <path
          d={GLYPHS[look.category]}
          fill={isHollow(look) ? "none" : colour}
          stroke={colour}
          stroke-width={isHollow(look) ? 1.9 : look.category === "multirotor" ? 2.2 : 0}
          stroke-linejoin="round"
        />
      </g>
      {badge && (
        <path
          d={badge}
          fill="none"
          stroke={look.contradicted ? palette.warning : colour}
          stroke-width="2.4"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      )}
    </svg>
  );
}

export const TrackSymbol = ({ track, size }: { track: Track; size?: number }) => (
  <Sign
    look={lookOf(track, picture.value.identities.get(track.id))}
    course={track.course_deg}
    {...(size ? { size } : {})}
  />
);

const SEVERITY_SHAPES: Record<Severity, string> = {
  critical: "M12 2L22 7.500V16.500L12 22L2 16.500V7.500Z",
  warning: "M12 2.500L23 21.500H1Z",
  notice: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20Z",
};

/** Severity by shape: a hexagon, a triangle, a disc. */
export function SeverityMark({
  severity,
  hollow = false,
  size = 20,
}: {
  severity: Severity;
  hollow?: boolean;
  size?: number;
}) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" role="img" class={`mark ${severity}`} aria-label={t(severity)}>
      <path
        d={SEVERITY_SHAPES[severity]}
        fill={hollow ? "none" : "currentColor"}
        stroke="currentColor"
        stroke-width="2"
        stroke-linejoin="round"
      />
      <path
        d="M12 8V13.500M12 17V17.200"
        fill="none"
        stroke={hollow ? "currentColor" : "var(--ground)"}
        stroke-width="2.4"
        stroke-linecap="round"
      />
    </svg>
  );
}

const ICONS = {
  close: "M6 6L18 18M18 6L6 18",
  back: "M15 5L8 12L15 19",
  plus: "M12 5V19M5 12H19",
  minus: "M5 12H19",
  fit: "M4 9V4H9M15 4H20V9M20 15V20H15M9 20H4V15",
  layers: "M12 3L21 8L12 13L3 8ZM3 12L12 17L21 12M3 16L12 21L21 16",
  sound: "M4 9V15H8L13 19V5L8 9ZM16.500 8.500a5 5 0 0 1 0 7M19 6a8.500 8.500 0 0 1 0 12",
  silent: "M4 9V15H8L13 19V5L8 9ZM17 9.500L22 14.500M22 9.500L17 14.500",
  settings:
    "M4 7H14M18 7H20M4 17H6M10 17H20M16 4.800a2.200 2.200 0 1 0 0 4.400a2.200 2.200 0 1 0 0-4.400ZM8 14.800a2.200 2.200 0 1 0 0 4.400a2.200 2.200 0 1 0 0-4.400Z",
  keyboard: "M3 7H21V17H3ZM7 11H7.100M11 11H11.100M15 11H15.100M8 14H16",
  play: "M7 4.500L19 12L7 19.500Z",
  pause: "M8 5V19M16 5V19",
  sooner: "M11 6L5 12L11 18M19 6L13 12L19 18",
  later: "M5 6L11 12L5 18M13 6L19 12L13 18",
  end: "M5 5L14 12L5 19ZM18 5V19",
  link: "M10 14L14 10M8.500 11.500L6 14a3.500 3.500 0 0 0 5 5L13.500 16.500M15.500 12.500L18 10a3.500 3.500 0 0 0-5-5L10.500 7.500",
  target: "M12 7a5 5 0 1 0 0 10a5 5 0 1 0 0-10ZM12 2V6M12 18V22M2 12H6M18 12H22",
  check: "M5 12.500L10 17.500L19 7",
  up: "M12 19V5M5.500 11.500L12 5L18.500 11.500",
  eye: "M2 12Q12 2 22 12Q12 22 2 12M12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6Z",
  record: "M12 7a5 5 0 1 0 0 10a5 5 0 1 0 0-10Z",
} as const;

export type IconName = keyof typeof ICONS;

export const Icon = ({ name, size = 18 }: { name: IconName; size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" class="icon">
    <path
      d={ICONS[name]}
      fill={name === "play" || name === "end" || name === "record" ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);

/** A button that is only an icon; its name is for everyone who cannot see it, and a tooltip for who can. */
export function IconButton({
  icon,
  label,
  pressed,
  onClick,
  keys,
}: {
  icon: IconName;
  label: string;
  pressed?: boolean;
  onClick: () => void;
  keys?: string;
}) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      onClick={onClick}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A term and what it is. */
export const Row = ({ term, children }: { term: string; children: ComponentChildren }) => (
  <div class="row">
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);

/** A probability as a bar with its figure. */
export function Bar({ name, value, text }: { name: ComponentChildren; value: number; text: string }): JSX.Element {
  return (
    <div class="bar">
      <span class="bar-name">{name}</span>
      <span class="bar-track" aria-hidden="true">
        <span class="bar-fill" style={{ width: `${Math.round(value * 100)}%` }} />
      </span>
      <span class="bar-value">{text}</span>
    </div>
  );
}
