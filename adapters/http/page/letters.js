/// The dead letters: what could not be handled, with what can be done.

import { api } from "./api.js";
import { el, reconcile, setText } from "./dom.js";
import { confirmed, notify, notifyFailure, openDialog } from "./notices.js";
import { millis, moment } from "./times.js";
import { count } from "./units.js";

const heads = ["Letter", "Since", "What and why", "Attempts", "Actions"];

function button(text, label, style, click) {
  return el(
    "button",
    { type: "button", class: style, "aria-label": label, on: { click } },
    text,
  );
}

/// @returns when each attempt failed and why, if the letter says so.
function attemptsOf({ attempts, attempt_log: log }) {
  if (log.length === 0) return [];
  const lines = log.map(({ at, node, reason }) =>
    el("li", {}, `${moment(millis(at))}, ${node}: ${reason}`),
  );
  const shown = log.length < attempts ? `, the last ${log.length}` : "";
  return [
    el("h3", {}, `${count(attempts, "attempt", "attempts")}${shown}`),
    el("ol", {}, ...lines),
  ];
}

// What is kept of an answer of Strava's that could not be read.
function unreadPart(unread) {
  if (!unread) return [];
  const place = `From byte ${unread.at} of ${unread.bytes} of the answer`;
  return [el("h3", {}, place), el("pre", { tabindex: "0" }, unread.text)];
}

function showLetter(letter) {
  const close = button("Close", null, null, () => dialog.close());
  const said = letter.payload ?? letter.payload_problem;
  const dialog = el(
    "dialog",
    { class: "letter", "aria-labelledby": "letter-title" },
    el("h2", { id: "letter-title" }, `Dead letter ${letter.id}`),
    el("p", {}, letter.reason),
    ...attemptsOf(letter),
    el("h3", {}, "Headers"),
    el("pre", { tabindex: "0" }, JSON.stringify(letter.headers, null, 2)),
    ...unreadPart(letter.unread),
    el("h3", {}, letter.type ?? "Of no type"),
    el("pre", { tabindex: "0" }, JSON.stringify(said, null, 2)),
    el("div", { class: "actions" }, close),
  );
  openDialog(dialog);
}

export class Letters {
  /// @param changed Called when letters were sent again or dropped.
  constructor(changed) {
    this.changed = changed;
    this.summary = el("p", { class: "sub" });
    this.rows = el("tbody");
    this.table = el(
      "div",
      {
        class: "scroll",
        tabindex: "0",
        role: "region",
        "aria-label": "Dead letters",
        hidden: true,
      },
      el(
        "table",
        { class: "plain" },
        el("caption", { class: "visually-hidden" }, "Dead letters"),
        el(
          "thead",
          {},
          el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text))),
        ),
        this.rows,
      ),
    );
    this.node = el("div", { class: "letters" }, this.summary, this.table);
  }

  /// @param answer The first page of the list. Rows that stay keep the focus.
  update({ items, next_cursor: more }) {
    const amount = count(items.length, "message", "messages");
    setText(
      this.summary,
      items.length === 0
        ? "None: every message could be handled."
        : more
          ? `More than ${amount} could not be handled; the oldest are shown.`
          : `${amount} could not be handled.`,
    );
    this.table.hidden = items.length === 0;
    reconcile(
      this.rows,
      items,
      ({ id }) => id,
      (letter) => this.#row(letter),
      () => {},
    );
  }

  #row(letter) {
    const { id } = letter;
    const since = millis(letter.dead_since);
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, String(id)),
      el("td", {}, since === null ? "–" : moment(since)),
      el(
        "td",
        { class: "problem", title: letter.durable },
        el("code", {}, letter.subject),
        el("br"),
        letter.reason,
      ),
      el("td", { class: "num" }, String(letter.attempts)),
      el(
        "td",
        { class: "row-actions" },
        button("Show", `Show dead letter ${id}`, "quiet", () => this.#show(id)),
        button("Retry", `Retry dead letter ${id}`, "quiet", () =>
          this.#retry(id),
        ),
        button("Drop", `Drop dead letter ${id}`, "quiet", () =>
          this.#drop(letter),
        ),
      ),
    );
  }

  async #show(id) {
    try {
      showLetter(await api.deadLetter(id));
    } catch (error) {
      notifyFailure(error, () => this.#show(id));
    }
  }

  async #retry(id) {
    try {
      await api.retryDeadLetter(id);
      notify(`Dead letter ${id} was sent again.`);
    } catch (error) {
      notifyFailure(error, () => this.#retry(id));
    }
    this.changed();
  }

  async #drop(letter) {
    const agreed = await confirmed({
      title: `Drop dead letter ${letter.id}?`,
      text: `The message ${letter.subject} is deleted for good. What it asked for will not be done.`,
      action: "Drop it",
    });
    if (!agreed) return;
    try {
      await api.dropDeadLetter(letter.id);
      notify(`Dead letter ${letter.id} was dropped.`);
    } catch (error) {
      notifyFailure(error, () => this.#drop(letter));
    }
    this.changed();
  }
}
