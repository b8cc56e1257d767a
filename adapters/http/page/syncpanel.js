/// The part of an athlete's page that says how the sync is and starts one.

import { el, setText } from "./dom.js";
import { athleteName, connectLink } from "./overview.js";
import { ProgressView } from "./progress.js";
import { count } from "./units.js";
import { absences, scopeCost, underway } from "./words.js";

const activitiesPerRequest = 200;

export class SyncPanel {
  #state = "none";
  #mode = "backfill";

  /// @param acts {startSync(mode), confirmDeletions(missing), disconnect()}
  constructor(athlete, acts) {
    this.progress = new ProgressView(athleteName(athlete), { spoken: true });
    this.progress.node.classList.add("large");
    this.stored = 0;
    this.scopes = el("div", { class: "scopes", hidden: true });
    this.absent = el("div", { class: "scopes absent", hidden: true });
    this.confirm = el("button", {
      type: "button",
      on: { click: () => acts.confirmDeletions(this.missing) },
    });
    this.now = el(
      "button",
      {
        type: "button",
        class: "primary",
        on: { click: () => this.#start(acts, this.#nowMode()) },
      },
      "Sync now",
    );
    this.again = el(
      "button",
      {
        type: "button",
        "aria-describedby": "again-hint",
        on: { click: () => this.#start(acts, "relist") },
      },
      "Check everything again",
    );
    this.connect = connectLink("Connect again");
    this.connect.hidden = true;
    this.leave = el(
      "button",
      {
        type: "button",
        class: "quiet danger-text",
        on: { click: () => acts.disconnect() },
      },
      "Disconnect",
    );
    this.hint = el("p", { class: "hint", id: "again-hint" });
    this.node = el(
      "section",
      { class: "panel sync", "aria-label": "Sync" },
      this.progress.node,
      this.scopes,
      this.absent,
      el(
        "div",
        { class: "actions" },
        this.connect,
        this.now,
        this.again,
        this.leave,
      ),
      this.hint,
    );
  }

  update(sync) {
    this.progress.update(sync);
    this.#state = sync?.state ?? "none";
    this.#mode = sync?.mode ?? "backfill";
    this.stored = sync?.activities_stored ?? 0;
    const refused = this.#state === "needs_reauth";
    const missing = sync?.missing_scopes ?? [];
    this.#block(this.now, underway(sync) || refused);
    this.#block(this.again, underway(sync) || refused);
    setText(this.now, this.#state === "failed" ? "Try again" : "Sync now");
    this.now.hidden = refused;
    this.again.hidden = refused;
    this.connect.hidden = !refused && missing.length === 0;
    this.#tellScopes(missing);
    this.#tellAbsences(sync);
    const requests = Math.ceil(this.stored / activitiesPerRequest) + 1;
    setText(
      this.hint,
      `Sync now looks for new activities. Check everything again also finds edits, late uploads and deletions; it takes about ${count(requests, "request", "requests")}.`,
    );
    this.hint.hidden = refused;
  }

  tick() {
    this.progress.tick();
  }

  // What a failed run was after is what to try again.
  #nowMode() {
    const whole = this.#state === "failed" || this.#state === "none";
    return whole ? this.#mode : "incremental";
  }

  // Not `disabled`: that would drop the focus of whoever just pressed it.
  #block(button, blocked) {
    button.setAttribute("aria-disabled", String(blocked));
  }

  #start(acts, mode) {
    if (this.now.getAttribute("aria-disabled") === "true") return;
    acts.startSync(mode);
  }

  #tellAbsences(sync) {
    this.missing = sync?.missing?.activities ?? 0;
    const said = absences(sync);
    const key = said.join(" ");
    if (this.absent.dataset.key === key) return;
    this.absent.dataset.key = key;
    this.absent.hidden = said.length === 0;
    setText(
      this.confirm,
      `Delete ${count(this.missing, "missing activity", "missing activities")}`,
    );
    this.absent.replaceChildren(
      ...said.map((text) => el("p", {}, text)),
      ...(this.missing > 0
        ? [el("div", { class: "actions" }, this.confirm)]
        : []),
    );
  }

  #tellScopes(missing) {
    const key = missing.join(" ");
    if (this.scopes.dataset.key === key) return;
    this.scopes.dataset.key = key;
    this.scopes.hidden = missing.length === 0;
    this.scopes.replaceChildren(
      el(
        "p",
        {},
        missing.length === 1
          ? "One permission was not given:"
          : "Some permissions were not given:",
      ),
      el(
        "ul",
        {},
        ...missing.map((scope) =>
          el(
            "li",
            {},
            el("code", {}, scope),
            ` – without it, ${scopeCost(scope)}.`,
          ),
        ),
      ),
      el("p", {}, "Connect again and leave the boxes ticked to add them."),
    );
  }
}
