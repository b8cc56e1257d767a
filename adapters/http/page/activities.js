/// The table of activities, with its filters.

import { api, explain, readAtLeast } from "./api.js";
import { el, emptyNote, reconcile, setText } from "./dom.js";
import { failureNote } from "./notices.js";
import { activityDay } from "./times.js";
import {
  units,
  clock,
  distance,
  elevation,
  number,
  paceOrSpeed,
} from "./units.js";
import { sportName } from "./words.js";

const pageSize = 50;
const filterNames = { sport: "sport_type", from: "from", to: "to" };

// Roles are said aloud because narrow screens lay rows out as blocks, and
// browsers then forget that this is a table.
const columns = [
  ["Date", "when", (a) => activityDay(a.start_date_local ?? a.start_date)],
  ["Name", "name", null],
  ["Sport", "sport", (a) => sportName(a.sport_type)],
  ["Distance", "num distance", (a) => distance(a.distance_m, a.sport_type)],
  ["Moving time", "num time", (a) => clock(a.moving_time_s)],
  [
    "Pace or speed",
    "num pace",
    (a) => paceOrSpeed(a.distance_m, a.moving_time_s, a.sport_type),
  ],
  ["Climbing", "num climb", (a) => elevation(a.total_elevation_gain_m)],
];

const nameOf = (activity) => activity.name?.trim() || "Untitled";

function createRow(activity) {
  return el(
    "tr",
    { role: "row" },
    ...columns.map(([, style, show]) =>
      el(
        "td",
        { role: "cell", class: style },
        show ? null : el("a", { href: `#activity-${activity.id}` }),
      ),
    ),
  );
}

function updateRow(row, activity) {
  columns.forEach(([, , show], i) => {
    const cell = row.children[i];
    setText(
      show ? cell : cell.firstElementChild,
      show ? show(activity) : nameOf(activity),
    );
  });
}

export class ActivityTable {
  #items = [];
  #cursor = null;
  #loaded = false;
  #busy = Promise.resolve();

  constructor(athleteId, signal) {
    Object.assign(this, { athleteId, signal });
    const asked = new URL(location.href).searchParams;
    const field = (tag, name, label, attributes = {}) => {
      this[name] = el(tag, {
        id: `filter-${name}`,
        ...attributes,
        on: { change: () => this.#filtered() },
      });
      return el(
        "div",
        { class: "field" },
        el("label", { for: `filter-${name}` }, label),
        this[name],
      );
    };
    const filters = el(
      "form",
      {
        class: "filters",
        "aria-label": "Filter activities",
        on: { submit: (event) => event.preventDefault() },
      },
      field("select", "sport", "Sport"),
      field("input", "from", "From", { type: "date" }),
      field("input", "to", "To", { type: "date" }),
    );
    this.clear = el(
      "button",
      { type: "button", class: "quiet", on: { click: () => this.#clear() } },
      "Clear filters",
    );
    filters.append(this.clear);
    this.complaint = el("p", {
      class: "complaint",
      role: "alert",
      hidden: true,
    });
    this.offerSports(asked.get("sport") ? [asked.get("sport")] : []);
    for (const name of Object.keys(filterNames))
      this[name].value = asked.get(name) ?? "";
    this.body = el("tbody", { role: "rowgroup" });
    this.table = el(
      "table",
      {
        class: "activities",
        role: "table",
        id: "activities",
        "aria-label": "Activities",
      },
      el(
        "thead",
        { role: "rowgroup" },
        el(
          "tr",
          { role: "row" },
          ...columns.map(([head, style]) =>
            el(
              "th",
              {
                role: "columnheader",
                scope: "col",
                class: style,
              },
              head,
            ),
          ),
        ),
      ),
      this.body,
    );
    this.body.addEventListener("click", (event) => {
      if (event.target.closest("a") || getSelection().toString()) return;
      event.target.closest("tr")?.querySelector("a").click();
    });
    this.more = el(
      "button",
      { type: "button", on: { click: () => this.#loadMore() } },
      "Load more",
    );
    this.shown = el("p", { class: "hint", role: "status" });
    this.place = el("div", { class: "waiting-room", "aria-busy": "true" });
    this.node = el(
      "section",
      { class: "panel list", "aria-labelledby": "list-title" },
      el(
        "div",
        { class: "panel-head" },
        el("h2", { id: "list-title" }, "Activities"),
        filters,
      ),
      this.complaint,
      this.place,
      el("div", { class: "list-foot" }, this.shown, this.more),
    );
    this.more.hidden = true;
    this.#showClear();
    units.addEventListener("change", () => this.#show(), { signal });
  }

  /// @returns the activity as listed, if it is.
  known(id) {
    return this.#items.find((activity) => String(activity.id) === id);
  }

  /// Offers these sports in the filter and keeps the one chosen.
  offerSports(types) {
    const chosen = this.sport.value;
    const all = [...new Set(chosen ? [...types, chosen] : types)];
    const byName = (a, b) => sportName(a).localeCompare(sportName(b));
    const wanted = ["", ...all.sort(byName)];
    if (wanted.join() === [...this.sport.options].map((o) => o.value).join())
      return;
    this.sport.replaceChildren(
      ...wanted.map((type) =>
        el(
          "option",
          {
            value: type,
          },
          type ? sportName(type) : "All sports",
        ),
      ),
    );
    this.sport.value = chosen;
  }

  /// Reads again what is shown; new rows appear, focus stays.
  refresh() {
    const wanted = Math.max(pageSize, this.#items.length);
    return this.#inTurn(() => this.#read(wanted));
  }

  // One read at a time, so that an older answer never replaces a newer one.
  #inTurn(action) {
    this.#busy = this.#busy.then(action, action);
    return this.#busy;
  }

  async #read(wanted) {
    const query = this.#query();
    if (query === null) return;
    try {
      const { items, cursor } = await readAtLeast(wanted, (page) =>
        api.activities(
          this.athleteId,
          { ...query, ...page },
          { signal: this.signal },
        ),
      );
      this.#items = items;
      this.#cursor = cursor;
      this.#loaded = true;
      this.#show();
    } catch (error) {
      if (this.signal.aborted) return;
      if (error.field) return this.#complain(explain(error));
      this.place.removeAttribute("aria-busy");
      this.place.replaceChildren(failureNote(error, () => this.refresh()));
    }
  }

  #loadMore() {
    this.more.setAttribute("aria-disabled", "true");
    return this.#inTurn(async () => {
      await this.#read(this.#items.length + pageSize);
      this.more.removeAttribute("aria-disabled");
    });
  }

  #query() {
    const { sport, from, to } = this;
    if (from.value && to.value && from.value > to.value) {
      this.#complain("The first day is after the last one.");
      return null;
    }
    this.#complain("");
    return { sport_type: sport.value, from: from.value, to: to.value };
  }

  #complain(text) {
    this.complaint.hidden = !text;
    setText(this.complaint, text);
    for (const input of [this.from, this.to])
      input.setAttribute("aria-invalid", String(Boolean(text)));
  }

  #filtered() {
    const address = new URL(location.href);
    for (const name of Object.keys(filterNames))
      if (this[name].value) address.searchParams.set(name, this[name].value);
      else address.searchParams.delete(name);
    history.replaceState(null, "", address);
    this.#showClear();
    this.#items = [];
    this.refresh();
  }

  #clear() {
    for (const name of Object.keys(filterNames)) this[name].value = "";
    this.sport.focus();
    this.#filtered();
  }

  #showClear() {
    this.filtering = Object.keys(filterNames).some((name) => this[name].value);
    this.clear.hidden = !this.filtering;
  }

  #show() {
    if (!this.#loaded) return;
    this.place.removeAttribute("aria-busy");
    reconcile(this.body, this.#items, ({ id }) => id, createRow, updateRow);
    this.more.hidden = this.#cursor === null;
    if (this.#items.length > 0) {
      if (!this.table.isConnected) this.place.replaceChildren(this.table);
      setText(
        this.shown,
        `${number(this.#items.length)} shown${this.#cursor ? "" : ", that is all"}`,
      );
      return;
    }
    setText(this.shown, "");
    this.place.replaceChildren(
      emptyNote(
        this.filtering
          ? "No activity matches these filters."
          : "No activities here yet. They appear as they arrive.",
      ),
    );
  }
}
