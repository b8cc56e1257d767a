/// The one stream of server-sent events that keeps every view current.
///
/// The browser reconnects by itself after a lost connection; after an answer
/// that is not a stream it gives up, and then this does it.

import { addressOf } from "./address.js";

const kinds = ["sync", "athlete_connected", "athlete_disconnected", "guardian"];
const retryMs = { first: 1_000, most: 30_000 };

/// Dispatches, on itself: "open" after each (re)connect, "state" when `state`
/// changed, and each event kind with the decoded data as `detail`.
class Live extends EventTarget {
  /// "connecting", "live" or "lost".
  state = "connecting";

  #source = null;
  #wait = retryMs.first;

  start() {
    this.#source = new EventSource(addressOf("/api/v1/events"));
    this.#source.addEventListener("open", () => {
      this.#wait = retryMs.first;
      this.#enter("live");
      this.dispatchEvent(new Event("open"));
    });
    this.#source.addEventListener("error", () => this.#lost());
    for (const kind of kinds)
      this.#source.addEventListener(kind, (event) => this.#pass(kind, event));
    addEventListener("pagehide", () => this.#source.close());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.start();
    });
  }

  #pass(kind, event) {
    let detail;
    try {
      detail = JSON.parse(event.data);
    } catch {
      return; // Cut off in the middle: the next open brings the whole state.
    }
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  #lost() {
    this.#enter("lost");
    if (this.#source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => this.start(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, retryMs.most);
  }

  #enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

export const live = new Live();

/// Listens until `signal` fires.
export function onLive(kind, signal, listener) {
  live.addEventListener(kind, (event) => listener(event.detail), { signal });
}
