/// What operators are shown, each part from the API's answer to nodes.

import { api } from "./api.js";
import { el } from "./dom.js";
import { millis, moment, span } from "./times.js";
import { count, number } from "./units.js";

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

const at = (time) => {
  const ms = millis(time);
  return ms === null ? "–" : moment(ms);
};

function scheduleRows(items) {
  return items.map(({ name, plan, next_run_at: next, last_run: run }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row", title: plan }, name),
      cell(at(next)),
      cell(run ? at(run.slot) : "–"),
      run ? stateCell(run.state) : el("td", {}),
      run ? amountCell(run.jobs_published) : el("td", {}),
      cell(
        run?.duration_s == null ? "–" : `${number(run.duration_s, 1)} s`,
        "num",
      ),
      cell(run?.state === "finished" ? "" : (run?.last_error ?? ""), "problem"),
    ),
  );
}

const right = "num";

/// What is shown, in this order: its title, where it is read, and how the
/// answer becomes nodes.
export const parts = (budget, letters) => ({
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
  letters: {
    title: "Dead letters",
    read: api.deadLetters,
    show: (answer) => {
      letters.update(answer);
      return [letters.node];
    },
  },
  schedules: {
    title: "Schedules",
    read: api.schedules,
    show: ({ leader, items }) => [
      el(
        "p",
        { class: "sub" },
        leader
          ? `Run by ${leader.node} since ${at(leader.since)}.`
          : "No worker runs them now.",
      ),
      table(
        "Schedules",
        [
          ["Schedule"],
          ["Next run"],
          ["Last run"],
          ["State"],
          ["Jobs", right],
          ["Took", right],
          ["Problem"],
        ],
        scheduleRows(items),
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
