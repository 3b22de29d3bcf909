/** Where the console is put together: the feed into the picture, the picture onto the page, the page into the address. */

import "@fontsource-variable/inter/wght.css";
import "maplibre-gl/dist/maplibre-gl.css";
import "./styles/index.css";
import { effect, untracked } from "@preact/signals";
import { render } from "preact";
import { order } from "./actions";
import { hiddenOf, inView, readAddress, writeAddress } from "./address";
import { fetchSite } from "./api";
import { App, spoken } from "./app";
import { eventTime, runClock, setClock } from "./clock";
import { sentence } from "./format";
import { listenForKeys } from "./keys";
import { follow } from "./live";
import { type Message, reduce } from "./picture";
import { play, unlock } from "./sound";
import {
  activeAlerts,
  byUrgency,
  connection,
  heard,
  isOpen,
  isSmall,
  openedAlert,
  picture,
  preferences,
  selectAlert,
  selectedAlert,
  selectedTrack,
  selectTrack,
  show,
  shown,
  site,
  status,
  t,
  waiting,
} from "./state";
import type { Alert } from "./wire";

declare global {
  interface Window {
    /** True once the map is drawn and the first picture is in: what tests wait for. */
    __ready?: boolean;
  }
}

const RETRY_MS = 2_000;

async function start(): Promise<void> {
  const asked = readAddress(location.hash);
  askedFor = asked.alert;
  if (asked.hidden.length) show(Object.fromEntries(asked.hidden.map((each) => [each, false])));
  render(
    <App
      onReady={() =>
        void whenPictured().then(() => {
          window.__ready = true;
          document.documentElement.dataset.ready = "";
        })
      }
    />,
    document.getElementById("console")!,
  );
  while (!site.value) {
    try {
      site.value = await fetchSite();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  if (asked.track !== null) selectTrack(asked.track);
  follow({
    message: take,
    connection: (now) => {
      connection.value = now;
    },
  });
  void whenPictured().then(() => {
    const alert = asked.alert === null ? undefined : picture.value.alerts.get(asked.alert);
    if (alert) {
      selectAlert(alert);
      openedAlert.value = alert.id;
    }
    askedFor = null;
    if (asked.time_ms !== null && status.value?.playback) void order({ seek_ms: asked.time_ms, paused: true });
    effect(keepAddress);
  });
  effect(announce);
  effect(nameThePage);
  listenForKeys();
  runClock();
  for (const event of ["pointerdown", "keydown"]) window.addEventListener(event, unlock, { once: true });
}

/** One message of the feed; false when messages were missed. */
function take(message: Message): boolean {
  const next = reduce(picture.value, message);
  heard.value = performance.now();
  if (next === null) return false;
  if (message.kind !== "delta") {
    status.value = message.status;
    setClock(message.status.time_ms);
  }
  if (next !== picture.value) picture.value = next;
  return true;
}

function whenPictured(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (picture.value.seq >= 0 && status.value)
        queueMicrotask(() => {
          stop();
          resolve();
        });
    });
  });
}

// ---------------------------------------------------------------- alerts that are new

/** The alert a link asked for, until the picture has come. */
let askedFor: number | null = null;
/** Alerts this page has called attention to. */
let called: Set<number> | null = null;

function announce(): void {
  const { alerts, seq } = picture.value;
  if (seq >= 0) untracked(() => callAttention(alerts));
}

function callAttention(alerts: ReadonlyMap<number, Alert>): void {
  const fresh = [...alerts.values()].filter((alert) => isOpen(alert) && alert.active && !called?.has(alert.id));
  const first = called === null;
  // After somebody went back in a recording, what lies ahead is new again.
  called = new Set(alerts.keys());
  if (!fresh.length) return;
  const gravest = fresh.sort(byUrgency)[0]!;
  if (preferences.peek().sound && gravest.status === "raised") play(gravest.severity);
  if (!first || gravest.status === "raised") {
    const { headline, detail } = sentence(gravest);
    spoken.value = t("newAlert", { text: `${headline}. ${detail}` });
  }
  if (selectedAlert.peek() === null && selectedTrack.peek() === null && askedFor === null && !isSmall())
    selectAlert(gravest);
}

function nameThePage(): void {
  const [wait, active] = [waiting.value.length, activeAlerts.value.length];
  const count = wait ? `(${wait}) ` : "";
  document.title = `${count}${site.value?.name ?? ""} · Luchtwacht`;
  document.documentElement.dataset.alerts = wait ? "waiting" : active ? "active" : "none";
}

// ---------------------------------------------------------------- the address

let addressTimer = 0;
function keepAddress(): void {
  const [view, track, alert, filters] = [inView.value, selectedTrack.value, selectedAlert.value, shown.value];
  const held = status.value?.playback?.paused ?? false;
  const time_ms = held ? Math.floor(eventTime() / 1_000) * 1_000 : null;
  clearTimeout(addressTimer);
  addressTimer = window.setTimeout(() => {
    const hash = writeAddress({ view, track, alert, time_ms, hidden: hiddenOf(filters) });
    if (hash !== location.hash) history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
  }, 300);
}

void start();
