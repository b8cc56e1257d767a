/// The sums: four figures for the whole history, and a row per sport.

import { el, emptyNote, setText } from "./dom.js";
import { units, distance, elevation, hours, number } from "./units.js";
import { sportName } from "./words.js";

const figures = [
  ["Activities", (sum) => number(sum.count)],
  ["Distance", (sum) => distance(sum.distance_m)],
  ["Moving time", (sum) => hours(sum.moving_time_s)],
  ["Climbing", (sum) => elevation(sum.elevation_gain_m)],
];

function add(sum, total) {
  for (const key of [
    "count",
    "distance_m",
    "moving_time_s",
    "elevation_gain_m",
  ])
    sum[key] += total[key] ?? 0;
  return sum;
}

const nothing = () => ({
  count: 0,
  distance_m: 0,
  moving_time_s: 0,
  elevation_gain_m: 0,
});

function cells(total) {
  return [
    number(total.count),
    distance(total.distance_m),
    hours(total.moving_time_s),
    elevation(total.elevation_gain_m),
  ].map((text, i) => el("td", { class: i === 3 ? "num climb" : "num" }, text));
}

export class Totals {
  #stats = { totals: [] };

  constructor(signal) {
    this.values = figures.map(() => el("dd", {}, "–"));
    this.tiles = el(
      "dl",
      { class: "tiles panel" },
      ...figures.map(([name], i) =>
        el("div", {}, el("dt", {}, name), this.values[i]),
      ),
    );
    this.body = el("div", { class: "scroll" });
    this.node = el(
      "section",
      { class: "panel totals" },
      el("h2", {}, "By sport"),
      this.body,
    );
    units.addEventListener("change", () => this.#show(), { signal });
    this.#show();
  }

  /// @param stats As the API gives it.
  update(stats) {
    this.#stats = stats;
    this.#show();
  }

  #show() {
    const totals = [...this.#stats.totals].sort((a, b) => b.count - a.count);
    const sum = totals.reduce(add, nothing());
    figures.forEach(([, show], i) => setText(this.values[i], show(sum)));
    if (totals.length === 0) {
      this.body.replaceChildren(
        emptyNote("Sums appear with the first activities."),
      );
      return;
    }
    const styles = [null, "num", "num", "num", "num climb"];
    const heads = ["Sport", "Count", "Distance", "Time", "Climbing"];
    this.body.replaceChildren(
      el(
        "table",
        { class: "plain", id: "totals" },
        el("caption", { class: "visually-hidden" }, "Totals by sport"),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ...heads.map((head, i) =>
              el("th", { scope: "col", class: styles[i] }, head),
            ),
          ),
        ),
        el(
          "tbody",
          {},
          ...totals.map((total) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, sportName(total.sport_type)),
              ...cells(total),
            ),
          ),
        ),
        el(
          "tfoot",
          {},
          el("tr", {}, el("th", { scope: "row" }, "All"), ...cells(sum)),
        ),
      ),
    );
  }
}
