/// Strava's limits and what is used of them.

import { el, setText } from "./dom.js";
import { millis, moment, span } from "./times.js";
import { count, number } from "./units.js";

const gaugeNames = new Map([
  ["short_read", (window) => `Reading, each ${window}`],
  ["short_overall", (window) => `All requests, each ${window}`],
  ["day_read", () => "Reading, today"],
  ["day_overall", () => "All requests, today"],
]);

/// "15 min", or "3 s" beside a simulator in a hurry.
const windowName = (ms) =>
  ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1000} s`;

/// One limit of Strava's as a bar. Its countdown moves with `tick`.
class Gauge {
  #resetsAt = null;

  constructor(gauge, windowMs) {
    const name = gaugeNames.get(gauge.name)?.(windowName(windowMs));
    this.used = el("dd", {});
    this.fill = el("div", { class: "bar-fill" });
    this.reset = el("dd", { class: "hint" });
    this.node = el(
      "div",
      { class: "gauge" },
      el("dt", {}, name ?? gauge.name),
      this.used,
      el("dd", { class: "bar", "aria-hidden": "true" }, this.fill),
      this.reset,
    );
  }

  update(gauge) {
    const part = gauge.limit ? Math.min(gauge.used / gauge.limit, 1) : 0;
    setText(this.used, `${number(gauge.used)} of ${number(gauge.limit)}`);
    this.fill.style.transform = `scaleX(${part})`;
    this.node.dataset.full = String(gauge.used >= gauge.limit);
    this.#resetsAt = millis(gauge.resets_at);
    this.tick(Date.now());
  }

  /// @returns true at the moment the window is over.
  tick(now) {
    const left = this.#resetsAt === null ? null : this.#resetsAt - now;
    const over = left !== null && left <= 0;
    if (over) this.#resetsAt = null;
    if (left === null || over) setText(this.reset, "New window");
    else
      setText(this.reset, `Resets at ${moment(now + left)}, in ${span(left)}`);
    return over;
  }
}

/// All limits. `node` goes into the page.
export class Budget {
  #gauges = new Map();
  #list = el("dl", { class: "gauges" });
  #note = el("p", { class: "hint" });

  node = el("div", { class: "budget" }, this.#list, this.#note);

  /// @param budget As the API gives it.
  update(budget) {
    for (const gauge of budget.gauges) {
      if (!this.#gauges.has(gauge.name)) {
        const shown = new Gauge(gauge, budget.window_ms);
        this.#gauges.set(gauge.name, shown);
        this.#list.append(shown.node);
      }
      this.#gauges.get(gauge.name).update(gauge);
    }
    const notes = [
      `${count(budget.in_flight, "request", "requests")} in flight.`,
    ];
    if (!budget.confirmed)
      notes.push(
        "Strava has not confirmed these limits yet; they are assumed.",
      );
    setText(this.#note, notes.join(" "));
  }

  /// Moves the countdowns on.
  /// @returns true if a window has just ended: time to read again.
  tick() {
    const now = Date.now();
    const over = [...this.#gauges.values()].filter((gauge) => gauge.tick(now));
    return over.length > 0;
  }
}
