/// The nodes of the cluster, each with its actors.

import { api, explain } from "./api.js";
import { amountCell, cell, health, stateCell, table } from "./cells.js";
import { el, reconcile, setText } from "./dom.js";
import { millis, moment, span } from "./times.js";
import { count, number } from "./units.js";

/// @returns for each node what it says of its actors: `{ node, tree }`, or
/// `{ node, error }` if it does not answer.
export async function readNodes() {
  const { items } = await api.nodes();
  return Promise.all(
    items.map(async (node) => {
      // Nobody has heard of it for a while: it is not waited for.
      if (node.state !== "up") return { node };
      try {
        return { node, tree: await api.actors(node.id) };
      } catch (error) {
        return { node, error };
      }
    }),
  );
}

const heads = [["Actor"], ["State"], ["Restarts", "num"], ["Last problem"]];

function problemOf(actor) {
  const retry =
    actor.retry_after_ms > 0
      ? `Next try in ${span(actor.retry_after_ms)}. `
      : "";
  return retry + (actor.last_error ?? "");
}

/// One that is not up, as a line that wraps where there is no room.
function troubleLine(actor) {
  return el(
    "li",
    {},
    el("code", {}, actor.path),
    health(actor.state),
    el("span", {}, problemOf(actor)),
  );
}

const isLacking = ({ problem }) => Boolean(problem);

/// Part of a node that does not work: what, why, and since when.
function partLine({ part, problem, since }) {
  const sinceMs = millis(since ?? null);
  return el(
    "li",
    {},
    el("code", {}, part),
    health("down"),
    el(
      "span",
      {},
      sinceMs === null ? problem : `${problem} (since ${moment(sinceMs)})`,
    ),
  );
}

function actorRow(actor, name, style) {
  return el(
    "tr",
    {},
    el("th", { scope: "row", class: style, title: actor.path }, name),
    stateCell(actor.state),
    amountCell(actor.restarts),
    cell(problemOf(actor), "problem"),
  );
}

function actorRows(actors) {
  const sorted = [...actors].sort((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.map((actor) => {
    const steps = actor.path.split("/").filter(Boolean);
    const depth = Math.min(Math.max(steps.length - 1, 0), 4);
    return actorRow(actor, steps.at(-1) ?? actor.path, `depth-${depth}`);
  });
}

function classRows(classes) {
  return [...classes]
    .sort((a, b) => b.handled - a.handled)
    .map((entry) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, entry.actor_class),
        amountCell(entry.handled),
        amountCell(entry.failed),
        amountCell(entry.waiting),
        cell(`${number(entry.busy_s, 1)} s`, "num"),
      ),
    );
}

const isUp = ({ state }) => state === "up";

/// "All 31 actors are up; 2 restarts."
function actorsInWords(actors) {
  const up = actors.filter(isUp).length;
  const restarts = actors.reduce((sum, { restarts: n }) => sum + n, 0);
  const said =
    up === actors.length
      ? `All ${number(up)} actors are up`
      : `${number(up)} of ${number(actors.length)} actors are up`;
  return restarts === 0
    ? `${said}.`
    : `${said}; ${count(restarts, "restart", "restarts")} so far.`;
}

function nodeInWords({ node, tree, error }) {
  if (tree) return actorsInWords(tree.nodes);
  if (error) return explain(error);
  const seenAt = millis(node.seen_at);
  return seenAt === null
    ? "Nothing is heard of it."
    : `Nothing was heard of it since ${moment(seenAt)}.`;
}

const factsOf = ({ roles, version, started_at: started }) => {
  const startedAt = millis(started);
  return [
    roles.join(", "),
    version,
    startedAt === null ? "" : `started ${moment(startedAt)}`,
  ]
    .filter(Boolean)
    .join(" · ");
};

/// One node. What was unfolded stays so.
class NodeCard {
  constructor({ node }, alone) {
    this.state = el("span");
    this.facts = el("span", { class: "hint" });
    this.words = el("p", { class: "sub" });
    this.trouble = el("ul", { class: "trouble" });
    this.all = el("div");
    this.messages = el("div");
    this.more = el(
      "details",
      { class: "more", open: alone },
      el("summary", {}, "All actors"),
      this.all,
      el(
        "details",
        { class: "more" },
        el("summary", {}, "Messages by actor"),
        this.messages,
      ),
    );
    this.node = el(
      "li",
      {},
      el(
        "div",
        { class: "who" },
        el("h3", {}, node.id),
        this.state,
        this.facts,
      ),
      this.words,
      this.trouble,
      this.more,
    );
  }

  update(answer) {
    const { node, tree, error } = answer;
    const actors = tree?.nodes ?? [];
    const troubled = actors.filter((actor) => !isUp(actor));
    const lacking = (tree?.parts ?? []).filter(isLacking);
    const state = error ? "silent" : node.state;
    this.node.dataset.troubled = String(
      state !== "up" || troubled.length > 0 || lacking.length > 0,
    );
    this.state.replaceChildren(health(state));
    setText(this.facts, factsOf(node));
    setText(this.words, nodeInWords(answer));
    this.trouble.replaceChildren(
      ...lacking.map(partLine),
      ...troubled.map(troubleLine),
    );
    this.trouble.hidden = troubled.length + lacking.length === 0;
    this.more.hidden = !tree;
    if (!tree) return;
    this.all.replaceChildren(
      table(`Actors of ${node.id}`, heads, actorRows(actors)),
    );
    this.messages.replaceChildren(
      table(
        `Messages by actor of ${node.id}`,
        [
          ["Actor"],
          ["Handled", "num"],
          ["Failed", "num"],
          ["Waiting", "num"],
          ["Busy", "num"],
        ],
        classRows(tree.classes),
      ),
    );
  }
}

/// "All 4 nodes are up, with all of their 96 actors."
function clusterInWords(answers) {
  if (answers.length === 0) return "No node has said yet that it is there.";
  const actors = answers.flatMap(({ tree }) => tree?.nodes ?? []);
  const gone = answers.filter(({ tree }) => !tree).length;
  const down = actors.filter((actor) => !isUp(actor)).length;
  const lacking = answers.filter(({ tree }) =>
    (tree?.parts ?? []).some(isLacking),
  ).length;
  const all = count(answers.length, "node", "nodes");
  const parts = [];
  if (gone > 0)
    parts.push(
      `${number(gone)} of ${all} ${gone > 1 ? "do" : "does"} not answer`,
    );
  if (down > 0) {
    const those = count(actors.length, "actor", "actors");
    parts.push(
      `${number(down)} of ${those} ${down > 1 ? "are" : "is"} not up`,
    );
  }
  if (lacking > 0)
    parts.push(
      `${number(lacking)} of ${all} ${lacking > 1 ? "lack" : "lacks"} something`,
    );
  if (parts.length > 0) return `${parts.join("; ")}.`;
  return answers.length === 1
    ? `All ${number(actors.length)} actors are up.`
    : `All ${all} are up, and all of their ${number(actors.length)} actors.`;
}

/// All nodes. `node` goes into the page.
export class Nodes {
  #cards = new Map();
  #summary = el("p", { class: "sub" });
  #list = el("ol", { class: "nodes" });

  node = el("div", { class: "cluster" }, this.#summary, this.#list);

  /// @param answers Of `readNodes`.
  update(answers) {
    setText(this.#summary, clusterInWords(answers));
    const alone = answers.length === 1;
    reconcile(
      this.#list,
      answers,
      ({ node }) => node.id,
      (answer) => this.#add(answer, alone),
      (_, answer) => this.#cards.get(answer.node.id).update(answer),
    );
  }

  #add(answer, alone) {
    const card = new NodeCard(answer, alone);
    this.#cards.set(answer.node.id, card);
    return card.node;
  }
}
