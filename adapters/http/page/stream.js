/// The stream of server-sent events, open while anybody listens.
///
/// The browser reconnects by itself after a lost connection; after an answer
/// that is not a stream it gives up, and then this does it.

import { addressOf } from "./address.js";

const kinds = ["sync", "athlete_connected", "athlete_disconnected", "guardian"];
const retryMs = { first: 1_000, most: 30_000 };
/// A tab that listens to the shared stream says so that often.
export const signMs = 5_000;
/// Who looks away for a moment finds it open again.
const lingerMs = 3_000;

export class Stream {
  /// "connecting", "live" or "lost".
  state = "connecting";

  #tell;
  #source = null;
  #wait = retryMs.first;
  #timer = null;

  /// @param tell Hears { kind: "state", state }, { kind: "open" } after each
  ///   (re)connect, and { kind: "event", name, data } with the text of each.
  constructor(tell) {
    this.#tell = tell;
  }

  open() {
    clearTimeout(this.#timer);
    if (this.#source && this.#source.readyState !== EventSource.CLOSED) return;
    this.#source = new EventSource(addressOf("/api/v1/events"));
    this.#source.addEventListener("open", () => {
      this.#wait = retryMs.first;
      this.#enter("live");
      this.#tell({ kind: "open" });
    });
    this.#source.addEventListener("error", () => this.#lost());
    for (const name of kinds)
      this.#source.addEventListener(name, ({ data }) =>
        this.#tell({ kind: "event", name, data }),
      );
  }

  /// Nobody listens any more.
  release() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), lingerMs);
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.#enter("connecting");
  }

  #lost() {
    this.#enter("lost");
    if (this.#source.readyState !== EventSource.CLOSED) return;
    this.#timer = setTimeout(() => this.open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, retryMs.most);
  }

  #enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell({ kind: "state", state });
  }
}
