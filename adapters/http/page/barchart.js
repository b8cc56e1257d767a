/// Stacked bars by Chart.js, in the page's colours and type.

import { addressOf } from "./address.js";
import { el } from "./dom.js";

let library = null;

/// Loads Chart.js once, when a chart is first needed.
function chartLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = el("script", {
      src: addressOf("/assets/chart.js"),
      on: {
        load: () => resolve(window.Chart),
        error: () => {
          library = null;
          reject(new Error("no chart library"));
        },
      },
    });
    document.head.append(script);
  });
  return library;
}

const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function dataOf({ labels, series }) {
  const datasets = series.map(({ label, values, slot }) => ({
    label,
    data: values,
    backgroundColor: colour(`--series-${slot}`),
    borderColor: colour("--surface"),
    borderWidth: { top: 1 },
    maxBarThickness: 34,
  }));
  return { labels, datasets };
}

function scalesOf({ tick }, ticks) {
  const x = {
    stacked: true,
    grid: { display: false },
    ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 14 },
  };
  const y = {
    stacked: true,
    beginAtZero: true,
    grid: { color: colour("--line"), drawBorder: false },
    ticks: { ...ticks, maxTicksLimit: 6, precision: 0, callback: tick },
  };
  return { x, y };
}

function optionsOf(what) {
  const family = getComputedStyle(document.body).fontFamily;
  const ticks = { color: colour("--muted"), font: { family, size: 12 } };
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales: scalesOf(what, ticks),
    plugins: {
      legend: {
        position: "bottom",
        align: "start",
        labels: { ...ticks, boxWidth: 10, boxHeight: 10, padding: 14 },
      },
      tooltip: {
        filter: ({ raw }) => raw > 0,
        callbacks: {
          title: ([item]) => (item ? what.titles[item.dataIndex] : ""),
          label: ({ dataset, raw }) => `${dataset.label}: ${what.figure(raw)}`,
        },
      },
    },
  };
}

/// A chart on `canvas`.
export class BarChart {
  #chart = null;
  #gone = false;

  constructor(canvas) {
    this.canvas = canvas;
  }

  /// Rejects if the library cannot be loaded.
  async draw(what) {
    const Chart = await chartLibrary();
    if (this.#gone) return;
    const [data, options] = [dataOf(what), optionsOf(what)];
    if (!this.#chart) {
      this.#chart = new Chart(this.canvas, { type: "bar", data, options });
      return;
    }
    this.#chart.data = data;
    this.#chart.options = options;
    this.#chart.update("none");
  }

  destroy() {
    this.#gone = true;
    this.#chart?.destroy();
  }
}
