/// What things are called, and what a state means.

import { sentence } from "./api.js";
import { exactMoment, moment, millis, roughSpan, span } from "./times.js";
import { count, number } from "./units.js";

const sportNames = new Map([
  ["EBikeRide", "E-bike ride"],
  ["EMountainBikeRide", "E-mountain bike ride"],
  ["HighIntensityIntervalTraining", "Interval training"],
  ["StandUpPaddling", "Stand-up paddling"],
]);

/// "TrailRun" => "Trail run"; sports we have never heard of work alike.
export function sportName(type) {
  const known = sportNames.get(type);
  if (known) return known;
  const spaced = String(type).replace(/([a-z])([A-Z])/g, "$1 $2");
  return spaced.charAt(0) + spaced.slice(1).toLowerCase();
}

const scopeCosts = new Map([
  [
    "activity:read_all",
    "private activities (“Only You”) and the parts of routes hidden by privacy zones are not copied",
  ],
  ["activity:read", "activities cannot be read at all"],
  [
    "profile:read_all",
    "the full profile is not copied: bikes, shoes, weight and zones",
  ],
  ["read_all", "private routes and segments are not copied"],
  ["read", "the public profile cannot be read"],
]);

/// What goes missing without a permission.
export const scopeCost = (scope) =>
  scopeCosts.get(scope) ?? "something Stravasync needs is not copied";

/// What Strava's list lacks and is kept, as sentences for a person.
export function absences(sync) {
  const said = [];
  const missing = sync?.missing;
  if (missing) {
    const since = `${count(missing.activities, "activity is", "activities are")} missing from Strava’s list since ${moment(millis(missing.since))}`;
    const seesAll = !sync.missing_scopes?.includes("activity:read_all");
    const doubt = seesAll
      ? sync.failed > 0
        ? `${since}: too many, or perhaps among those that cannot be read. They are kept unless you say so.`
        : `${since}: too many to delete them here unless you say so.`
      : `${since}. Without the permission activity:read_all Strava does not tell whether they were deleted or made private: they are kept unless you say so.`;
    said.push(
      missing.doubted
        ? doubt
        : `${since}. They are deleted here if a list of another day lacks them, too.`,
    );
  }
  if (sync?.hidden_activities > 0)
    said.push(
      `${count(sync.hidden_activities, "private activity is", "private activities are")} kept as last seen: Strava does not show them without the permission activity:read_all.`,
    );
  return said;
}

/// Whether a run goes on and a second one would be pointless.
export const underway = (sync) =>
  ["queued", "running", "waiting"].includes(sync?.state);

const modes = new Map([
  ["backfill", "Fetching the whole history"],
  ["incremental", "Looking for new activities"],
  ["relist", "Checking the whole history again"],
]);

/// How far a sync is, from 0 to 1; null if nobody can say.
export function fraction(sync) {
  if (sync.state === "complete") return 1;
  if (!sync.expected || sync.mode !== "backfill") return null;
  if (!underway(sync) && sync.expected <= sync.activities_stored) return null;
  // An estimate may fall short; a full bar that goes on would be a lie.
  return Math.min(sync.activities_stored / sync.expected, 0.99);
}

/// "400 of about 700 activities, 1 could not be read"
export function amount(sync) {
  const failed = sync.failed ?? 0;
  const rest = failed > 0 ? `, ${number(failed)} could not be read` : "";
  return storedAmount(sync) + rest;
}

function storedAmount(sync) {
  const stored = sync.activities_stored ?? 0;
  const open = underway(sync) && sync.mode === "backfill";
  if (open && sync.expected > stored)
    return `${number(stored)} of about ${number(sync.expected)} activities`;
  if (open && stored === 0) return "No activities yet";
  return count(stored, "activity", "activities") + (open ? " so far" : "");
}

function waitingHeadline(sync, now) {
  const until = millis(sync.resumes_at);
  const what =
    !sync.reason || /limit|permit|budget/i.test(sync.reason)
      ? "Waiting for Strava’s limit"
      : "Waiting for Strava";
  if (until === null) return what;
  if (until <= now) return `${what}; going on any moment`;
  const at = until - now < 60_000 ? exactMoment(until) : moment(until);
  return `${what} until ${at} (${span(until - now)})`;
}

/// One line that says what a sync is doing.
/// @param now Epoch milliseconds, for countdowns.
export function headline(sync, now) {
  switch (sync.state) {
    case "queued":
      return "Queued: starts in a moment";
    case "running":
      return modes.get(sync.mode) ?? "Fetching activities";
    case "waiting":
      return waitingHeadline(sync, now);
    case "complete": {
      const at = millis(sync.finished_at);
      return at === null ? "Complete" : `Complete, checked ${moment(at)}`;
    }
    case "failed":
      return "Stopped: something went wrong";
    case "needs_reauth":
      return "Needs to connect again";
    default:
      return "Not synced yet";
  }
}

/// Why it stands as it does, where that needs a word; else empty.
export function reason(sync) {
  const why = sync.reason?.trim() ?? "";
  // The headline says as much already.
  if (sync.state === "waiting" && /^waiting for/i.test(why)) return "";
  // So do the sentences of what is missing.
  if (sync.state === "complete" && sync.missing) return "";
  if (why) return sentence(why);
  if (sync.state === "needs_reauth")
    return "Strava no longer accepts the permission given earlier.";
  return "";
}

/// "about 3 minutes left", or empty. `readAt`: when `sync` arrived.
export function timeLeft(sync, readAt, now) {
  if (!underway(sync) || !(Number.isFinite(sync.eta_s) && sync.eta_s >= 0))
    return "";
  const left = readAt + sync.eta_s * 1000 - now;
  return left <= 0 ? "nearly done" : `${roughSpan(left)} left`;
}
