/// What operators watch: Strava's budget, the nodes with their actors, streams,
/// dead letters and schedules.

import { Budget } from "./budget.js";
import { el, paced, setText } from "./dom.js";
import { live, onLive } from "./live.js";
import { Letters } from "./letters.js";
import { Nodes } from "./nodes.js";
import { failureNote } from "./notices.js";
import { parts } from "./operations.js";
import { everySecond, exactMoment } from "./times.js";

const refreshMs = 1_500;
/// What happens at another node is no event here.
const nodesEveryS = 5;
const guardianNewsMost = 20;

class SystemView {
  #news = [];

  constructor(root, signal) {
    this.signal = signal;
    this.refresh = paced(() => this.#loadAll(), refreshMs);
    this.parts = parts(
      new Budget(),
      new Letters(this.refresh),
      new Nodes(),
    );
    this.asOf = el("p", { class: "sub" });
    this.news = el("ol", { class: "news" });
    this.newsPanel = el(
      "section",
      { class: "panel", hidden: true },
      el("h2", {}, "Since you opened this page"),
      this.news,
    );
    root.append(
      el(
        "div",
        { class: "title" },
        el("div", {}, el("h1", {}, "System"), this.asOf),
        el(
          "button",
          { type: "button", on: { click: this.refresh } },
          "Refresh",
        ),
      ),
    );
    this.rooms = new Map(
      Object.entries(this.parts).map(([key, { title }]) => {
        const room = el("div", { class: "waiting-room", "aria-busy": "true" });
        root.append(
          el(
            "section",
            { class: "panel", id: `system-${key}` },
            el("h2", {}, title),
            room,
          ),
        );
        return [key, room];
      }),
    );
    this.rooms.get("budget").parentElement.after(this.newsPanel);
  }

  start() {
    document.title = "System – Stravasync";
    const { signal } = this;
    onLive("sync", signal, this.refresh);
    onLive("guardian", signal, (event) => this.#hear(event));
    live.addEventListener("open", this.refresh, { signal });
    let seconds = 0;
    everySecond(signal, () => {
      if (this.parts.budget.tick()) this.refresh();
      else if (++seconds % nodesEveryS === 0 && !document.hidden)
        this.#loadPart("nodes");
    });
    this.refresh();
  }

  async #loadAll() {
    await Promise.all([
      ...Object.keys(this.parts).map((key) => this.#loadPart(key)),
    ]);
    setText(
      this.asOf,
      `As of ${exactMoment(Date.now())}; follows events as they happen.`,
    );
  }

  async #loadPart(key) {
    const room = this.rooms.get(key);
    try {
      const content = this.parts[key].show(await this.parts[key].read());
      room.removeAttribute("aria-busy");
      // What keeps itself current stays, and with it the focus.
      if (content.length !== 1 || room.firstChild !== content[0])
        room.replaceChildren(...content);
    } catch (error) {
      this.#fail(room, error);
    }
  }

  #fail(room, error) {
    room.removeAttribute("aria-busy");
    room.replaceChildren(failureNote(error, this.refresh));
  }

  #hear(event) {
    this.#news.unshift({ at: Date.now(), text: event.text });
    this.#news.length = Math.min(this.#news.length, guardianNewsMost);
    this.newsPanel.hidden = false;
    this.news.replaceChildren(
      ...this.#news.map(({ at, text }) =>
        el("li", {}, el("time", {}, exactMoment(at)), text),
      ),
    );
    this.refresh();
  }
}

/// Shows the system in `root` until `signal` fires.
export function systemView(root, signal) {
  new SystemView(root, signal).start();
}
