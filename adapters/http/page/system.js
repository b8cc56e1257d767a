/// What operators watch: Strava's budget, the actor tree, streams and nodes.

import { api } from "./api.js";
import { Budget } from "./budget.js";
import { el, paced, setText } from "./dom.js";
import { live, onLive } from "./live.js";
import { failureNote } from "./notices.js";
import { everySecond, exactMoment, millis, moment, span } from "./times.js";
import { count, number } from "./units.js";

const refreshMs = 1_500;
const guardianNewsMost = 20;

const bytesFormat = new Intl.NumberFormat(undefined, {
  maximumFractionDigits: 1,
  maximumSignificantDigits: 3,
});

/// "1.5 MiB"
function size(bytes) {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step =
    bytes < 1
      ? 0
      : Math.min(names.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${bytesFormat.format(bytes / 1024 ** step)} ${names[step]}`;
}

function table(caption, heads, rows) {
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el(
      "table",
      { class: "plain" },
      el("caption", { class: "visually-hidden" }, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...heads.map(([text, style]) =>
            el("th", { scope: "col", class: style }, text),
          ),
        ),
      ),
      el("tbody", {}, ...rows),
    ),
  );
}

const cell = (text, style) => el("td", { class: style }, String(text));
const amountCell = (value) => cell(number(Number(value ?? 0)), "num");

function stateCell(state) {
  return el(
    "td",
    {},
    el("span", { class: "health", "data-state": state }, state),
  );
}

function actorRows(tree) {
  const nodes = [...tree.nodes].sort((a, b) => (a.path < b.path ? -1 : 1));
  return nodes.map((node) => {
    const steps = node.path.split("/").filter(Boolean);
    const depth = Math.min(Math.max(steps.length - 1, 0), 4);
    const retry =
      node.retry_after_ms > 0
        ? `Next try in ${span(node.retry_after_ms)}. `
        : "";
    return el(
      "tr",
      {},
      el(
        "th",
        { scope: "row", class: `depth-${depth}`, title: node.path },
        steps.at(-1) ?? node.path,
      ),
      stateCell(node.state),
      amountCell(node.restarts),
      cell(retry + (node.last_error ?? ""), "problem"),
    );
  });
}

function classRows(tree) {
  return [...(tree.classes ?? [])]
    .sort((a, b) => b.handled - a.handled)
    .map((entry) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, entry.actor_class),
        amountCell(entry.handled),
        amountCell(entry.failed),
        cell(`${number(entry.busy_s, 1)} s`, "num"),
      ),
    );
}

function streamRows(streams) {
  return streams.flatMap((stream) => [
    el(
      "tr",
      { class: "group" },
      el(
        "th",
        { scope: "row" },
        stream.name,
        " ",
        el("code", {}, stream.subjects),
      ),
      cell(count(Number(stream.messages), "message", "messages"), "num"),
      cell(size(Number(stream.bytes)), "num"),
      el("td", {}),
    ),
    ...(stream.durables ?? []).map((durable) =>
      el(
        "tr",
        {},
        el(
          "th",
          {
            scope: "row",
            class: "depth-1 long",
            title: durable.filter_subject,
          },
          durable.name,
        ),
        amountCell(durable.pending),
        amountCell(durable.ack_pending),
        amountCell(durable.redelivered),
      ),
    ),
  ]);
}

const right = "num";

/// What is shown, in this order: its title, where it is read, and how the
/// answer becomes nodes.
const parts = (budget) => ({
  budget: {
    title: "Strava’s limits",
    read: api.budget,
    tick: () => budget.tick(),
    show: (answer) => {
      budget.update(answer);
      return [budget.node];
    },
  },
  actors: {
    title: "Actors",
    read: api.actors,
    show: (tree) => {
      const up = tree.nodes.filter(({ state }) => state === "up").length;
      const all = tree.nodes.length;
      return [
        el(
          "p",
          { class: "sub" },
          up === all
            ? `All ${number(all)} are up.`
            : `${number(up)} of ${number(all)} are up.`,
        ),
        table(
          "Actors",
          [["Actor"], ["State"], ["Restarts", right], ["Last problem"]],
          actorRows(tree),
        ),
        el(
          "details",
          { class: "more" },
          el("summary", {}, "Messages by actor"),
          table(
            "Messages by actor",
            [["Actor"], ["Handled", right], ["Failed", right], ["Busy", right]],
            classRows(tree),
          ),
        ),
      ];
    },
  },
  streams: {
    title: "Streams",
    read: api.streams,
    show: ({ items }) => [
      table(
        "Streams and their consumers",
        [
          ["Stream or consumer"],
          ["Waiting", right],
          ["In progress", right],
          ["Redelivered", right],
        ],
        streamRows(items),
      ),
    ],
  },
  nodes: {
    title: "Nodes",
    read: api.nodes,
    show: ({ items }) => [
      table(
        "Nodes",
        [["Node"], ["State"], ["Roles"], ["Version"], ["Started"]],
        items.map((node) => {
          const startedAt = millis(node.started_at);
          return el(
            "tr",
            {},
            el("th", { scope: "row" }, node.id),
            stateCell(node.state),
            cell(node.roles.join(", ")),
            cell(node.version),
            cell(startedAt === null ? "–" : moment(startedAt)),
          );
        }),
      ),
    ],
  },
});

class SystemView {
  #news = [];

  constructor(root, signal) {
    this.signal = signal;
    this.parts = parts(new Budget());
    this.refresh = paced(() => this.#loadAll(), refreshMs);
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
    everySecond(signal, () => {
      if (this.parts.budget.tick()) this.refresh();
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
      // What was unfolded stays so.
      const open = room.querySelector("details")?.open ?? false;
      const details = content.find((node) => node.tagName === "DETAILS");
      if (details) details.open = open;
      room.removeAttribute("aria-busy");
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
