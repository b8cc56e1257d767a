/// How far an athlete's sync is: state in words, bar, figures, reason.

import { el, setText } from "./dom.js";
import { announce } from "./notices.js";
import {
  amount,
  fraction,
  headline,
  reason,
  timeLeft,
  underway,
} from "./words.js";

/// A progress display for one athlete. `node` goes into the page; call
/// `update` with each new state and `tick` every second.
export class ProgressView {
  #sync = { state: "none" };
  #readAt = 0;
  #spoken = "";

  #headline = el("span", {});
  #bar = el("div", { class: "bar-fill" });
  #track;
  #amount = el("span", { class: "amount" });
  #left = el("span", { class: "left" });
  #reason = el("p", { class: "why" });

  /// @param name Whose progress this is, for screen readers.
  /// @param spoken Whether changes are announced.
  constructor(name, { spoken = false } = {}) {
    this.name = name;
    this.spoken = spoken;
    this.#track = el(
      "div",
      {
        class: "bar",
        role: "progressbar",
        "aria-label": `Sync of ${name}`,
        "aria-valuemin": 0,
        "aria-valuemax": 100,
      },
      this.#bar,
    );
    this.node = el(
      "div",
      { class: "progress" },
      el(
        "p",
        { class: "state" },
        el("span", { class: "dot", "aria-hidden": "true" }),
        this.#headline,
      ),
      this.#track,
      el("p", { class: "figures" }, this.#amount, this.#left),
      this.#reason,
    );
  }

  /// @param sync As the API gives it; null before the first run.
  update(sync) {
    this.#sync = sync ?? { state: "none" };
    this.#readAt = Date.now();
    const state = this.#sync.state ?? "none";
    this.node.dataset.state = state;
    const part = fraction(this.#sync);
    const open = underway(this.#sync);
    this.#track.dataset.unknown = open && part === null;
    const percent = Math.round((part ?? 0) * 100);
    this.#bar.style.transform = `scaleX(${open && part === null ? 1 : (part ?? 0)})`;
    if (open && part === null) this.#track.removeAttribute("aria-valuenow");
    else this.#track.setAttribute("aria-valuenow", percent);
    setText(this.#amount, amount(this.#sync));
    setText(this.#reason, reason(this.#sync));
    this.#reason.hidden = !this.#reason.textContent;
    this.tick();
    if (this.spoken) this.#speak(state, percent);
  }

  /// Moves the countdowns on.
  tick() {
    const now = Date.now();
    setText(this.#headline, headline(this.#sync, now));
    setText(this.#left, timeLeft(this.#sync, this.#readAt, now));
    this.#track.setAttribute(
      "aria-valuetext",
      `${this.#headline.textContent}. ${this.#amount.textContent}`,
    );
  }

  // A change of state, and every tenth of the way: more would be chatter.
  #speak(state, percent) {
    const step = `${state} ${Math.floor(percent / 10)}`;
    if (this.#spoken && this.#spoken !== step)
      announce(`${this.#headline.textContent}. ${this.#amount.textContent}.`);
    this.#spoken = step;
  }
}
