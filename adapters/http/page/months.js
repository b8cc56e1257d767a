/// The chart of months: one stack a month, one colour a sport.

import { BarChart } from "./barchart.js";
import { el, emptyNote } from "./dom.js";
import { monthBefore, monthsBetween, rest, stackOf } from "./series.js";
import { longMonth, shortMonth } from "./times.js";
import { units, longDistance, number } from "./units.js";
import { sportName } from "./words.js";

const monthsLatest = 24;
const monthsLeast = 12;
const sportsMost = 7; // Above, colours stop telling sports apart.

const measures = {
  distance: {
    label: "Distance",
    of: (m) => m.distance_m / longDistance().metres,
    unit: () => longDistance().name,
  },
  time: { label: "Time", of: (m) => m.moving_time_s / 3600, unit: () => "h" },
  count: { label: "Count", of: (m) => m.count, unit: () => "" },
};

export class MonthChart {
  #stats = { totals: [], months: [] };
  #measure = "distance";
  #period = "latest";
  #bars;
  // Sports in the order of their colours. Only ever appended to: a sport keeps
  // its colour while the history arrives.
  #order = [];

  constructor(signal) {
    this.choice = el(
      "div",
      { class: "switch", role: "group", "aria-label": "What is charted" },
      ...Object.entries(measures).map(([key, { label }]) =>
        el(
          "button",
          {
            type: "button",
            "data-measure": key,
            "aria-pressed": String(key === this.#measure),
            on: { click: () => this.#pick(key) },
          },
          label,
        ),
      ),
    );
    this.period = el("select", {
      id: "period",
      on: {
        change: (event) => {
          this.#period = event.target.value;
          this.#show();
        },
      },
    });
    this.canvas = el("canvas", { id: "months", role: "img" });
    this.#bars = new BarChart(this.canvas);
    this.place = el("div", { class: "chart" });
    this.numbers = el("div", {
      class: "scroll",
      tabindex: "0",
      role: "region",
      "aria-label": "The chart’s numbers",
    });
    this.details = el(
      "details",
      { on: { toggle: () => this.#show() } },
      el("summary", {}, "Show the numbers"),
      this.numbers,
    );
    this.node = el(
      "section",
      { class: "panel months" },
      el(
        "div",
        { class: "panel-head" },
        el("h2", {}, "By month"),
        el(
          "div",
          { class: "controls" },
          el("label", { class: "visually-hidden", for: "period" }, "Months"),
          this.period,
          this.choice,
        ),
      ),
      this.place,
      this.details,
    );
    this.place.append(
      emptyNote("The chart appears with the first activities."),
    );
    const redraw = () => this.#show();
    units.addEventListener("change", redraw, { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener(
      "change",
      redraw,
      { signal },
    );
    signal.addEventListener("abort", () => this.#bars.destroy());
  }

  update(stats) {
    this.#stats = { totals: stats.totals, months: stats.months ?? [] };
    const byCount = [...stats.totals].sort((a, b) => b.count - a.count);
    for (const { sport_type } of byCount)
      if (!this.#order.includes(sport_type) && this.#order.length < sportsMost)
        this.#order.push(sport_type);
    this.#offerPeriods();
    this.#show();
  }

  #pick(key) {
    this.#measure = key;
    for (const button of this.choice.children)
      button.setAttribute(
        "aria-pressed",
        String(button.dataset.measure === key),
      );
    this.#show();
  }

  #offerPeriods() {
    const years = [
      ...new Set(this.#stats.months.map(({ month }) => month.slice(0, 4))),
    ]
      .sort()
      .reverse();
    const wanted = ["latest", ...years];
    const offered = [...this.period.options].map(({ value }) => value);
    if (wanted.join() === offered.join()) return;
    if (!wanted.includes(this.#period)) this.#period = "latest";
    this.period.replaceChildren(
      ...wanted.map((value) =>
        el(
          "option",
          {
            value,
            selected: value === this.#period,
          },
          value === "latest" ? "Latest 24 months" : value,
        ),
      ),
    );
  }

  /// The months to show: history may have ended years ago, so the latest
  /// months are those before its newest one.
  #span() {
    if (this.#period !== "latest")
      return monthsBetween(`${this.#period}-01`, `${this.#period}-12`);
    const all = this.#stats.months.map(({ month }) => month).sort();
    const newest = all.at(-1);
    const least = monthBefore(newest, monthsLeast - 1);
    const most = monthBefore(newest, monthsLatest - 1);
    const oldest = all[0] < least ? all[0] : least;
    return monthsBetween(oldest > most ? oldest : most, newest);
  }

  async #show() {
    if (this.#stats.months.length === 0) return;
    const span = this.#span();
    const measure = measures[this.#measure];
    const rows = stackOf(this.#stats.months, span, this.#order, measure.of);
    const name = (sport) => (sport === rest ? rest : sportName(sport));
    this.#tabulate(span, rows, name, measure);
    if (!this.canvas.isConnected) this.place.replaceChildren(this.canvas);
    this.canvas.setAttribute(
      "aria-label",
      `${measure.label} by month and sport, ${longMonth(span[0])} to ${longMonth(span.at(-1))}. The numbers follow as a table.`,
    );
    try {
      await this.#bars.draw({
        labels: span.map(shortMonth),
        titles: span.map(longMonth),
        series: rows.map(({ sport, values }) => ({
          label: name(sport),
          values,
          slot: sport === rest ? "rest" : this.#order.indexOf(sport) + 1,
        })),
        tick: (value) => `${number(value)} ${measure.unit()}`.trim(),
        figure: (value) => this.#figure(value, measure),
      });
    } catch {
      this.place.replaceChildren(
        emptyNote("The chart could not be loaded; the numbers are below."),
      );
    }
  }

  #figure(value, measure) {
    const digits = this.#measure === "count" ? 0 : 1;
    return `${number(value, digits)} ${measure.unit()}`.trim();
  }

  #tabulate(span, rows, name, measure) {
    if (!this.details.open) return;
    const heads = ["Month", ...rows.map(({ sport }) => name(sport))];
    this.numbers.replaceChildren(
      el(
        "table",
        { class: "plain" },
        el(
          "caption",
          { class: "visually-hidden" },
          `${measure.label} by month and sport`,
        ),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ...heads.map((head, i) =>
              el("th", { scope: "col", class: i ? "num" : null }, head),
            ),
          ),
        ),
        el(
          "tbody",
          {},
          ...span.map((month, i) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, longMonth(month)),
              ...rows.map(({ values }) =>
                el(
                  "td",
                  { class: "num" },
                  values[i] ? this.#figure(values[i], measure) : "–",
                ),
              ),
            ),
          ),
        ),
      ),
    );
  }
}
