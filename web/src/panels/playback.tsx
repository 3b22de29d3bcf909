/** Replay: play and pause, speed, a time line with its density and the alerts on it. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { order, playOrPause, SPEEDS, seekBy, seekTo } from "../actions";
import { fetchTimeline } from "../api";
import { duration, figure, localClock, utcClock } from "../format";
import { clear } from "../layers/canvas";
import { now, picture, status, t, theme } from "../state";
import { PALETTES } from "../theme";
import type { PlaybackStatus, Timeline } from "../wire";
import { Icon, IconButton } from "./parts";

const timeline = signal<Timeline | null>(null);
const REFRESH_MS = 10_000;

export function Playback() {
  const playback = status.value?.playback;
  const alerts = picture.value.alerts.size;
  const present = !!playback;
  useEffect(() => {
    if (!present) return;
    const load = () =>
      fetchTimeline().then(
        (made) => {
          timeline.value = made;
        },
        () => undefined,
      );
    void load();
    const timer = window.setInterval(load, REFRESH_MS);
    return () => clearInterval(timer);
  }, [present, alerts]);
  if (!playback) return null;
  const position = Math.min(Math.max(now.value || playback.position_ms, playback.first_ms), playback.last_ms);
  return (
    <section class="playback" aria-label={t("playback")}>
      <IconButton icon="sooner" label={t("sooner")} keys="," onClick={() => seekBy(-10_000)} />
      <IconButton
        icon={playback.paused ? "play" : "pause"}
        label={playback.paused ? t("play") : t("pause")}
        keys="␣"
        onClick={playOrPause}
      />
      <IconButton icon="later" label={t("later")} keys="." onClick={() => seekBy(10_000)} />
      <label class="speed">
        <span class="hidden">{t("speedOf")}</span>
        <select
          value={String(playback.speed)}
          onChange={(event) => void order({ speed: Number(event.currentTarget.value) })}
        >
          {[...new Set([...SPEEDS, playback.speed])]
            .sort((a, b) => a - b)
            .map((each) => (
              <option key={each} value={String(each)}>
                ×{figure(each, each < 1 ? 1 : 0)}
              </option>
            ))}
        </select>
      </label>
      <span class="span-end">{localClock(playback.first_ms)}</span>
      <Scrubber playback={playback} position={position} />
      <span class="span-end">{localClock(playback.last_ms)}</span>
      <button
        type="button"
        class="to-end"
        onClick={() => void order({ seek_ms: playback.last_ms, paused: false })}
        title={`${t("backToLive")} (L)`}
      >
        <Icon name="end" size={15} /> <span>{t("backToLive")}</span>
      </button>
    </section>
  );
}

function Scrubber({ playback, position }: { playback: PlaybackStatus; position: number }) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const span = Math.max(playback.last_ms - playback.first_ms, 1);
  const share = (position - playback.first_ms) / span;
  const made = timeline.value;
  const palette = PALETTES[theme.value];
  useEffect(() => {
    if (!canvas.current || !holder.current) return;
    const { clientWidth: width, clientHeight: height } = holder.current;
    const context = canvas.current.getContext("2d")!;
    clear({ canvas: canvas.current, context }, width, height);
    const density = made?.density ?? [];
    const most = Math.max(...density, 1);
    const bar = width / Math.max(density.length, 1);
    density.forEach((count, k) => {
      const tall = Math.sqrt(count / most) * (height - 10);
      context.fillStyle = (k + 0.5) / density.length <= share ? palette.accent : palette.edge;
      context.globalAlpha = (k + 0.5) / density.length <= share ? 0.6 : 0.4;
      context.fillRect(k * bar, height - tall, Math.max(bar - 0.75, 0.75), tall);
    });
    context.globalAlpha = 1;
    for (const tick of made?.alerts ?? []) {
      const x = ((tick.time_ms - playback.first_ms) / span) * width;
      context.fillStyle =
        tick.severity === "critical"
          ? palette.critical
          : tick.severity === "warning"
            ? palette.warning
            : palette.notice;
      context.beginPath();
      context.moveTo(x - 4.5, 0);
      context.lineTo(x + 4.5, 0);
      context.lineTo(x, 7);
      context.fill();
      context.fillRect(x - 0.5, 0, 1, height);
    }
    context.fillStyle = palette.text;
    context.fillRect(share * width - 1, 0, 2, height);
  });
  const seek = (event: PointerEvent) => {
    const box = holder.current!.getBoundingClientRect();
    seekTo(playback.first_ms + ((event.clientX - box.left) / box.width) * span);
  };
  const STEPS: Record<string, number> = {
    ArrowLeft: -5_000,
    ArrowRight: 5_000,
    PageDown: -60_000,
    PageUp: 60_000,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  return (
    <div
      class="scrubber"
      ref={holder}
      role="slider"
      tabIndex={0}
      aria-label={t("timeline")}
      aria-valuemin={0}
      aria-valuemax={Math.round(span / 1_000)}
      aria-valuenow={Math.round((position - playback.first_ms) / 1_000)}
      aria-valuetext={`${localClock(position)} (${utcClock(position)} UTC), ${duration(position - playback.first_ms)}`}
      onPointerDown={seek}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        seekTo(Number.isFinite(step) ? position + step : step < 0 ? playback.first_ms : playback.last_ms);
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  );
}
