/// The first view: who is connected, and how far their history has come.

import { addressOf } from "./address.js";
import { api, readAtLeast } from "./api.js";
import { el, paced, reconcile, setText, svg } from "./dom.js";
import { live, onLive } from "./live.js";
import { failureNote, notifyFailure } from "./notices.js";
import { ProgressView } from "./progress.js";
import { everySecond } from "./times.js";
import { count } from "./units.js";
import { underway } from "./words.js";

const pageSize = 100;
const refreshMs = 1_000;

export const connectLink = (text) =>
  el("a", { class: "button connect", href: addressOf("/connect") }, text);

/// Initials instead of portraits: the page asks nobody but its own server.
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

export const athleteName = (athlete) =>
  athlete.name?.trim() || `Athlete ${athlete.id}`;

export const athletePlace = (athlete) =>
  [athlete.city, athlete.country].filter(Boolean).join(", ");

function welcome() {
  const step = (title, text) =>
    el("li", {}, el("strong", {}, title), ` ${text}`);
  const picture = svg(
    "svg",
    { class: "picture", viewBox: "0 0 320 260", "aria-hidden": "true" },
    svg("path", {
      class: "route-line",
      d: "M40 214C70 190 62 150 92 138S150 166 172 140 148 74 186 54 262 60 276 98 236 150 250 176 262 204 262 228",
    }),
    svg("circle", { class: "route-start", cx: 40, cy: 214, r: 9 }),
    svg("rect", {
      class: "route-end",
      x: 253,
      y: 219,
      width: 18,
      height: 18,
      rx: 3,
    }),
  );
  return el(
    "section",
    { class: "panel welcome" },
    picture,
    el("h2", {}, "Your whole history, in a database of your own"),
    el(
      "p",
      {},
      "Connect an athlete, and Stravasync copies every activity and keeps the copy current.",
    ),
    el(
      "ol",
      {},
      step(
        "Allow access.",
        "Strava asks which data may be read. Private activities come along only if you say so.",
      ),
      step(
        "Watch it arrive.",
        "Newest activities first; what is here can be used at once.",
      ),
      step(
        "Leave it alone.",
        "Strava’s request limits are respected. If they are used up, it waits and goes on by itself.",
      ),
    ),
    connectLink("Connect with Strava"),
  );
}

class AthleteRow {
  constructor(athlete) {
    const name = athleteName(athlete);
    this.progress = new ProgressView(name);
    this.place = el("span", { class: "place" });
    this.scopes = el(
      "p",
      { class: "why scopes-note", hidden: true },
      "Some permissions are missing: see the athlete’s page.",
    );
    this.progress.node.append(this.scopes);
    this.node = el(
      "li",
      { class: "athlete" },
      el("span", { class: "initials", "aria-hidden": "true" }, initials(name)),
      el(
        "div",
        { class: "who" },
        el("a", { href: addressOf(`/athletes/${athlete.id}`) }, name),
        this.place,
      ),
      this.progress.node,
    );
  }

  update(athlete) {
    setText(this.place, athletePlace(athlete));
    this.scopes.hidden = !athlete.sync?.missing_scopes?.length;
    this.progress.update(athlete.sync);
  }
}

class Overview {
  #athletes = [];
  #rows = new Map();
  #cursor = null;
  #loaded = false;
  // Events that overtook the answer to a read.
  #heardMeanwhile = new Map();

  constructor(root, signal) {
    this.signal = signal;
    this.refresh = paced(() => this.#load(), refreshMs);
    this.summary = el("p", { class: "sub" }, "Loading");
    this.list = el("ul", { class: "athletes" });
    this.more = el(
      "button",
      { type: "button", hidden: true, on: { click: () => this.#loadMore() } },
      "Show more athletes",
    );
    this.connect = connectLink("Connect with Strava");
    this.connect.hidden = true;
    this.body = el("div", { class: "waiting-room", "aria-busy": "true" });
    root.append(
      el(
        "div",
        { class: "title" },
        el("div", {}, el("h1", {}, "Athletes"), this.summary),
        this.connect,
      ),
      this.body,
    );
  }

  start() {
    document.title = "Athletes – Stravasync";
    const { signal } = this;
    onLive("sync", signal, (sync) => this.#heard(sync));
    onLive("athlete_connected", signal, this.refresh);
    onLive("athlete_disconnected", signal, this.refresh);
    live.addEventListener("open", this.refresh, { signal });
    everySecond(signal, () => {
      for (const row of this.#rows.values()) row.progress.tick();
    });
    this.refresh();
  }

  async #load() {
    const wanted = Math.max(pageSize, this.#athletes.length);
    this.#heardMeanwhile.clear();
    try {
      const { items, cursor } = await readAtLeast(wanted, (page) =>
        api.athletes(page, { signal: this.signal }),
      );
      for (const athlete of items)
        athlete.sync = this.#heardMeanwhile.get(athlete.id) ?? athlete.sync;
      this.#athletes = items;
      this.#cursor = cursor;
      this.#loaded = true;
      this.#show();
    } catch (error) {
      if (this.signal.aborted) return;
      if (this.#loaded) return notifyFailure(error, this.refresh);
      setText(this.summary, "");
      this.body.removeAttribute("aria-busy");
      this.body.replaceChildren(failureNote(error, this.refresh));
    }
  }

  async #loadMore() {
    try {
      const page = await api.athletes(
        { limit: pageSize, cursor: this.#cursor },
        { signal: this.signal },
      );
      this.#athletes = [...this.#athletes, ...page.items];
      this.#cursor = page.next_cursor || null;
      this.#show();
    } catch (error) {
      if (!this.signal.aborted) notifyFailure(error, () => this.#loadMore());
    }
  }

  #heard(sync) {
    this.#heardMeanwhile.set(sync.athlete_id, sync);
    const athlete = this.#athletes.find(({ id }) => id === sync.athlete_id);
    if (!athlete) return this.refresh();
    athlete.sync = sync;
    this.#rows.get(athlete.id)?.update(athlete);
    this.#summarize();
  }

  #show() {
    this.body.removeAttribute("aria-busy");
    this.connect.hidden = this.#athletes.length === 0;
    if (this.#athletes.length === 0) {
      this.#rows.clear();
      this.body.replaceChildren(welcome());
      setText(this.summary, "Nobody is connected yet.");
      return;
    }
    reconcile(
      this.list,
      this.#athletes,
      ({ id }) => id,
      (athlete) => {
        const row = new AthleteRow(athlete);
        this.#rows.set(athlete.id, row);
        return row.node;
      },
      (_, athlete) => this.#rows.get(athlete.id).update(athlete),
    );
    const present = new Set(this.#athletes.map(({ id }) => id));
    for (const id of this.#rows.keys())
      if (!present.has(id)) this.#rows.delete(id);
    this.more.hidden = this.#cursor === null;
    if (!this.list.isConnected)
      this.body.replaceChildren(
        el("div", { class: "panel flush" }, this.list),
        this.more,
      );
    this.#summarize();
  }

  #summarize() {
    const syncs = this.#athletes.map(({ sync }) => sync ?? {});
    const stored = syncs.reduce(
      (sum, s) => sum + (s.activities_stored ?? 0),
      0,
    );
    const busy = syncs.filter(underway).length;
    const stuck = syncs.filter(
      ({ state }) => state === "failed" || state === "needs_reauth",
    ).length;
    const more = this.#cursor ? " shown" : "";
    const parts = [
      count(syncs.length, "athlete", "athletes") + more,
      count(stored, "activity", "activities"),
    ];
    if (busy) parts.push(`${busy} syncing`);
    if (stuck)
      parts.push(`${stuck} ${stuck === 1 ? "needs" : "need"} attention`);
    setText(this.summary, parts.join(" · "));
  }
}

/// Shows the overview in `root` until `signal` fires.
export function overview(root, signal) {
  new Overview(root, signal).start();
}
