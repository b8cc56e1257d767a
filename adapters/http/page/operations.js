/// What operators are shown, each part from the API's answer to nodes.

import { api } from "./api.js";
import { amountCell, cell, stateCell, table } from "./cells.js";
import { el } from "./dom.js";
import { readNodes } from "./nodes.js";
import { millis, moment } from "./times.js";
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

/// Why it is behind; else what went wrong in a run that is not finished.
function scheduleProblem(problem, run) {
  if (problem) return `It ${problem}.`;
  return run?.state === "finished" ? "" : (run?.last_error ?? "");
}

function scheduleRows(items) {
  return items.map(({ name, plan, next_run_at: next, problem, last_run: run }) =>
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
      cell(scheduleProblem(problem, run), "problem"),
    ),
  );
}

const right = "num";

/// What is shown, in this order: its title, where it is read, and how the
/// answer becomes nodes.
export const parts = (budget, letters, nodes) => ({
  budget: {
    title: "Strava’s limits",
    read: api.budget,
    tick: () => budget.tick(),
    show: (answer) => {
      budget.update(answer);
      return [budget.node];
    },
  },
  nodes: {
    title: "Nodes and their actors",
    read: readNodes,
    show: (answers) => {
      nodes.update(answers);
      return [nodes.node];
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
});
