/// One athlete: progress, what can be done, and the history itself.

import { ActivityTable } from "./activities.js";
import { openActivity } from "./activity.js";
import { addressOf } from "./address.js";
import { api } from "./api.js";
import { el, paced } from "./dom.js";
import { live, onLive } from "./live.js";
import { MonthChart } from "./months.js";
import { confirmed, failureNote, notify, notifyFailure } from "./notices.js";
import {
  athleteName,
  athletePlace,
  connectLink,
  initials,
} from "./overview.js";
import { SyncPanel } from "./syncpanel.js";
import { day, everySecond, millis } from "./times.js";
import { Totals } from "./totals.js";
import { count } from "./units.js";

// Pages may arrive several a second; the history is read again at this pace.
const refreshMs = 1_500;

class AthleteView {
  #athlete = null;
  #stored = null;
  #heard = null;

  constructor(root, signal, id, goTo) {
    Object.assign(this, { root, signal, id, goTo });
    this.refreshHistory = paced(() => this.#loadHistory(), refreshMs);
    this.reload = paced(() => this.#load(), 500);
    root.append(el("div", { class: "waiting-room", "aria-busy": "true" }));
  }

  start() {
    document.title = "Athlete – Stravasync";
    const { signal } = this;
    const mine = (event) => String(event.athlete_id) === this.id;
    onLive("sync", signal, (sync) => mine(sync) && this.#hear(sync));
    onLive("athlete_connected", signal, (e) => mine(e) && this.reload());
    onLive("athlete_disconnected", signal, (e) => mine(e) && this.#gone());
    live.addEventListener("open", this.reload, { signal });
    everySecond(signal, () => this.panel?.tick());
    this.reload();
  }

  /// The address changed within this view.
  located() {
    const id = location.hash.match(/^#activity-(\d+)$/)?.[1];
    if (id) openActivity(id, this.table?.known(id));
    else document.querySelector("dialog.sheet")?.close();
  }

  async #load() {
    this.#heard = null;
    let athlete;
    try {
      athlete = await api.athlete(this.id, { signal: this.signal });
    } catch (error) {
      if (this.signal.aborted) return;
      if (error.status === 404) return this.#gone();
      if (this.#athlete) return notifyFailure(error, this.reload);
      this.root.replaceChildren(failureNote(error, this.reload));
      return;
    }
    const first = this.#athlete === null;
    this.#athlete = athlete;
    if (first) this.#build();
    // An event may have overtaken the answer.
    this.panel.update(this.#heard ?? athlete.sync);
    this.refreshHistory();
    if (first) this.located();
  }

  #build() {
    const athlete = this.#athlete;
    const name = athleteName(athlete);
    document.title = `${name} – Stravasync`;
    this.panel = new SyncPanel(athlete, {
      startSync: (mode) => this.#startSync(mode),
      confirmDeletions: (missing) => this.#confirmDeletions(missing),
      disconnect: () => this.#disconnect(),
    });
    this.totals = new Totals(this.signal);
    this.chart = new MonthChart(this.signal);
    this.table = new ActivityTable(this.id, this.signal);
    const connectedAt = millis(athlete.connected_at);
    const about = [
      athletePlace(athlete),
      connectedAt === null ? "" : `connected ${day(connectedAt)}`,
    ];
    this.root.replaceChildren(
      el(
        "p",
        { class: "crumb" },
        el("a", { href: addressOf("/") }, "All athletes"),
      ),
      el(
        "div",
        { class: "title" },
        el(
          "span",
          { class: "initials large", "aria-hidden": "true" },
          initials(name),
        ),
        el(
          "div",
          { class: "grow" },
          el("h1", {}, name),
          el("p", { class: "sub" }, about.filter(Boolean).join(" · ")),
        ),
      ),
      this.panel.node,
      this.totals.tiles,
      el("div", { class: "columns" }, this.chart.node, this.totals.node),
      this.table.node,
    );
  }

  #hear(sync) {
    this.#heard = sync;
    if (!this.panel) return;
    this.panel.update(sync);
    const stored = `${sync.run_id} ${sync.pages_stored} ${sync.activities_stored} ${sync.state}`;
    if (stored === this.#stored) return;
    this.#stored = stored;
    this.refreshHistory();
  }

  async #loadHistory() {
    if (!this.table) return;
    try {
      const [stats] = await Promise.all([
        api.stats(this.id, { signal: this.signal }),
        this.table.refresh(),
      ]);
      this.totals.update(stats);
      this.chart.update(stats);
      this.table.offerSports(stats.totals.map((total) => total.sport_type));
    } catch (error) {
      if (!this.signal.aborted) notifyFailure(error, this.refreshHistory);
    }
  }

  async #startSync(mode) {
    try {
      this.panel.update(await api.startSync(this.id, mode));
    } catch (error) {
      notifyFailure(error, () => this.#startSync(mode));
    }
  }

  async #confirmDeletions(missing) {
    const agreed = await confirmed({
      title: `Delete ${count(missing, "activity", "activities")}?`,
      text: `They were not in Strava’s list of ${athleteName(this.#athlete)}. If they are still there at Strava, cancel and check everything again another day. Nothing changes at Strava.`,
      action: "Delete here",
    });
    if (!agreed) return;
    try {
      this.panel.update(await api.confirmDeletions(this.id, missing));
      this.refreshHistory();
    } catch (error) {
      notifyFailure(error, this.reload);
    }
  }

  async #disconnect() {
    const name = athleteName(this.#athlete);
    const stored = this.panel.stored;
    const agreed = await confirmed({
      title: `Disconnect ${name}?`,
      text: `Stravasync gives its access back to Strava and deletes ${count(stored, "activity", "activities")} of ${name} from this database. Nothing changes at Strava. Connecting again fetches everything anew.`,
      action: "Disconnect and delete",
    });
    if (!agreed) return;
    try {
      this.leaving = true;
      await api.disconnect(this.id);
      notify(`${name} is disconnected.`);
      this.goTo(addressOf("/"));
    } catch (error) {
      this.leaving = false;
      notifyFailure(error, () => this.#disconnect());
    }
  }

  #gone() {
    if (this.leaving) return;
    this.#athlete = null;
    this.panel = null;
    this.table = null;
    this.root.replaceChildren(
      el(
        "p",
        { class: "crumb" },
        el("a", { href: addressOf("/") }, "All athletes"),
      ),
      el("h1", {}, "Not connected"),
      el(
        "div",
        { class: "panel welcome" },
        el("p", {}, `No athlete with the number ${this.id} is connected here.`),
        connectLink("Connect with Strava"),
      ),
    );
  }
}

/// Shows an athlete in `root` until `signal` fires.
/// @param goTo Shows another address.
export function athleteView(root, signal, id, goTo) {
  const view = new AthleteView(root, signal, id, goTo);
  view.start();
  return { located: () => view.located() };
}
