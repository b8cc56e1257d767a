/// One activity, opened over the page: its figures and its route.

import { api, rawActivityUrl } from "./api.js";
import { el } from "./dom.js";
import { failureNote, openDialog } from "./notices.js";
import { drawRoute } from "./route.js";
import { activityMoment, millis, moment } from "./times.js";
import {
  clock,
  distance,
  elevation,
  number,
  paceOrSpeed,
  rate,
} from "./units.js";
import { sportName } from "./words.js";

const audiences = new Map([
  ["everyone", "Everyone"],
  ["followers_only", "Followers"],
  ["only_me", "Only you"],
]);

const whole = (value, unit) =>
  value === undefined || value === null ? null : `${number(value)} ${unit}`;

/// @returns [[name, text]...] of what is known; null texts are left out.
function figuresOf(a) {
  const flags = [
    ["Entered by hand", a.manual],
    ["Indoors", a.trainer],
    ["Commute", a.commute],
  ]
    .filter(([, set]) => set)
    .map(([name]) => name);
  return [
    ["Distance", distance(a.distance_m, a.sport_type)],
    ["Moving time", clock(a.moving_time_s)],
    ["Elapsed time", clock(a.elapsed_time_s)],
    ["Average", paceOrSpeed(a.distance_m, a.moving_time_s, a.sport_type)],
    ["Fastest", a.max_speed_mps ? rate(a.max_speed_mps, a.sport_type) : null],
    ["Climbing", elevation(a.total_elevation_gain_m)],
    ["Heart rate", whole(a.average_heartrate_bpm, "bpm")],
    ["Highest heart rate", whole(a.max_heartrate_bpm, "bpm")],
    ["Cadence", whole(a.average_cadence_rpm, "rpm")],
    ["Power", whole(a.average_watts, "W")],
    ["Gear", a.gear_id || null],
    ["Device", a.device_name || null],
    ["Visible to", audiences.get(a.visibility) ?? (a.visibility || null)],
    ["Recorded", flags.join(", ") || null],
  ].filter(([, text]) => text !== null);
}

function content(a) {
  const label = `Route of ${a.name || "this activity"}, start and end marked`;
  const route = drawRoute(a.summary_polyline, label);
  const fetchedAt = millis(a.fetched_at);
  return [
    route
      ? el(
          "figure",
          { class: "map" },
          route,
          el(
            "figcaption",
            {},
            el("span", { class: "key start" }, "Start"),
            el("span", { class: "key end" }, "End"),
            "North is up.",
          ),
        )
      : el("p", { class: "no-route" }, "No route was recorded."),
    el(
      "dl",
      { class: "figures-list" },
      ...figuresOf(a).map(([name, text]) =>
        el("div", {}, el("dt", {}, name), el("dd", {}, text)),
      ),
    ),
    el(
      "p",
      { class: "links" },
      el(
        "a",
        {
          href: `https://www.strava.com/activities/${a.id}`,
          target: "_blank",
          rel: "noopener noreferrer",
        },
        "View on Strava",
      ),
      el(
        "a",
        { href: rawActivityUrl(a.id), target: "_blank", rel: "noopener" },
        "Data as JSON",
      ),
      fetchedAt === null
        ? null
        : el("span", {}, `Fetched ${moment(fetchedAt)}`),
    ),
  ];
}

/// Opens the activity; closing takes it out of the address again.
/// @param listed What the table knows of it, shown until the rest is there.
export async function openActivity(id, listed) {
  const open = document.querySelector("dialog.sheet");
  if (open?.dataset.id === String(id)) return;
  open?.close();
  const title = el(
    "h2",
    { id: "sheet-title" },
    listed?.name?.trim() || "Activity",
  );
  const sub = el("p", { class: "sub" });
  const body = el("div", { class: "sheet-body" });
  const dialog = el(
    "dialog",
    { class: "sheet", "data-id": id, "aria-labelledby": "sheet-title" },
    el(
      "div",
      { class: "sheet-head" },
      el("div", {}, title, sub),
      el(
        "form",
        { method: "dialog" },
        el("button", { class: "quiet" }, "Close"),
      ),
    ),
    body,
  );
  const show = (activity) => {
    title.textContent = activity.name?.trim() || "Untitled";
    sub.textContent = [
      sportName(activity.sport_type),
      activityMoment(activity.start_date_local ?? activity.start_date),
    ].join(" · ");
    body.replaceChildren(...content(activity).filter(Boolean));
  };
  dialog.addEventListener("close", () => {
    if (location.hash === `#activity-${id}`)
      history.replaceState(null, "", location.pathname + location.search);
  });
  const load = async () => {
    try {
      show(await api.activity(id));
    } catch (error) {
      if (!listed) body.replaceChildren(failureNote(error, load));
    }
  };
  if (listed) show(listed);
  openDialog(dialog);
  await load();
}
