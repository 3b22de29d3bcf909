/** The live feed: one WebSocket that comes back by itself, and asks for the whole picture when it missed something. */

import type { Message } from "./picture";

export type Connection = "connecting" | "open" | "lost";

interface Listener {
  /** Takes a message; false means that messages were missed. */
  message(message: Message): boolean;
  connection(connection: Connection): void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;
/** The watch says something once a second; after this long without a word the line is taken for dead. */
const SILENCE_MS = 8_000;

export function follow(listener: Listener, url = liveUrl(location.href)): () => void {
  let socket: WebSocket | null = null;
  let retry_ms = FIRST_RETRY_MS;
  let timer = 0;
  let watchdog = 0;
  let ended = false;

  const open = () => {
    listener.connection(retry_ms === FIRST_RETRY_MS ? "connecting" : "lost");
    const mine = new WebSocket(url);
    socket = mine;
    mine.onmessage = (event: MessageEvent<string>) => {
      retry_ms = FIRST_RETRY_MS;
      guard();
      listener.connection("open");
      if (!listener.message(JSON.parse(event.data) as Message)) mine.send('{"ask":"snapshot"}');
    };
    mine.onclose = () => {
      if (socket !== mine || ended) return;
      clearTimeout(watchdog);
      listener.connection("lost");
      timer = window.setTimeout(open, retry_ms * (0.75 + Math.random() / 2));
      retry_ms = Math.min(retry_ms * 2, LONGEST_RETRY_MS);
    };
    guard();
  };

  const guard = () => {
    clearTimeout(watchdog);
    watchdog = window.setTimeout(() => socket?.close(), SILENCE_MS);
  };

  const soon = () => {
    if (socket?.readyState === WebSocket.CLOSED) {
      clearTimeout(timer);
      open();
    }
  };

  window.addEventListener("online", soon);
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    clearTimeout(watchdog);
    window.removeEventListener("online", soon);
    socket?.close();
  };
}

/** The feed's address beside the page's own. */
export function liveUrl(page: string): string {
  const url = new URL("api/v1/live", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = url.search = "";
  return url.href;
}
