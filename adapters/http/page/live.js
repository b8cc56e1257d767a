/// Events as they happen, for every view: from the stream that all tabs share,
/// or from one of this tab's own where there are no shared workers. A tab that
/// nobody sees does without.

import { signMs, Stream } from "./stream.js";

/// @param hear Gets what a Stream tells.
/// @param failed Called if there can be no worker.
/// @returns {join, leave, end}, or null if there are no shared workers here.
function sharedStream(hear, failed) {
  if (!("SharedWorker" in globalThis)) return null;
  const worker = new SharedWorker(new URL("./shared.js", import.meta.url), {
    type: "module",
    // An earlier version's takes no signs, and may run on in another tab.
    name: "stravasync-2",
  });
  let signs = null;
  const stop = () => {
    clearInterval(signs);
    signs = null;
  };
  worker.addEventListener("error", () => {
    stop();
    failed();
  });
  worker.port.addEventListener("message", ({ data }) => hear(data));
  worker.port.start();
  const say = (what) => worker.port.postMessage(what);
  const leave = () => {
    stop();
    say("leave");
  };
  const join = () => {
    say("join");
    signs ??= setInterval(() => say("here"), signMs);
  };
  return { join, leave, end: leave };
}

function ownStream(hear) {
  const stream = new Stream(hear);
  return {
    join: () => stream.open(),
    leave: () => stream.release(),
    end: () => stream.close(),
  };
}

/// Dispatches, on itself: "open" after each (re)connect, "state" when `state`
/// changed, and each event kind with the decoded data as `detail`.
class Live extends EventTarget {
  /// "connecting", "live" or "lost".
  state = "connecting";

  #stream = null;

  start() {
    const hear = (message) => this.#hear(message);
    this.#stream = sharedStream(hear, () => {
      this.#stream = ownStream(hear);
      this.#follow();
    });
    this.#stream ??= ownStream(hear);
    document.addEventListener("visibilitychange", () => this.#follow());
    addEventListener("pagehide", () => this.#stream.end());
    addEventListener("pageshow", (event) => event.persisted && this.#follow());
    this.#follow();
  }

  #follow() {
    if (document.hidden) this.#stream.leave();
    else this.#stream.join();
  }

  #hear({ kind, state, name, data }) {
    if (kind === "open") this.dispatchEvent(new Event("open"));
    else if (kind === "state") this.#enter(state);
    else this.#pass(name, data);
  }

  #pass(name, data) {
    let detail;
    try {
      detail = JSON.parse(data);
    } catch {
      return; // Cut off in the middle: the next open brings the whole state.
    }
    this.dispatchEvent(new CustomEvent(name, { detail }));
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
