/// Dates and spans in words, and the tick that countdowns live on.

const wallDay = new Intl.DateTimeFormat(undefined, {
  timeZone: "UTC",
  day: "numeric",
  month: "short",
  year: "numeric",
});
const wallFull = new Intl.DateTimeFormat(undefined, {
  timeZone: "UTC",
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
});
const monthShort = new Intl.DateTimeFormat(undefined, {
  timeZone: "UTC",
  month: "short",
  year: "2-digit",
});
const monthLong = new Intl.DateTimeFormat(undefined, {
  timeZone: "UTC",
  month: "long",
  year: "numeric",
});
const hereTime = new Intl.DateTimeFormat(undefined, {
  hour: "numeric",
  minute: "2-digit",
});
const hereTimeExact = new Intl.DateTimeFormat(undefined, {
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
});
const hereDay = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
});

/// @returns epoch milliseconds of an RFC 3339 text, null for none.
export function millis(text) {
  if (!text) return null;
  const value = Date.parse(text);
  return Number.isNaN(value) ? null : value;
}

/// Local wall time of an activity: Strava writes it as if it were UTC.
export function activityDay(text) {
  const at = millis(text);
  return at === null ? "–" : wallDay.format(at);
}

export function activityMoment(text) {
  const at = millis(text);
  return at === null ? "–" : wallFull.format(at);
}

/// "Sep 23" and "September 2023", from "2023-09".
export const shortMonth = (month) => monthShort.format(millis(`${month}-01`));
export const longMonth = (month) => monthLong.format(millis(`${month}-01`));

/// The time of day here, with the day if that is not today.
export function moment(at) {
  const day = hereDay.format(at);
  const time = hereTime.format(at);
  return day === hereDay.format(Date.now()) ? time : `${day}, ${time}`;
}

/// The same to the second, for short waits.
export const exactMoment = (at) => hereTimeExact.format(at);

export const day = (at) => hereDay.format(at);

/// "3 min 05 s", "2 h 10 min", "4 days"; never below one second.
export function span(ms) {
  const s = Math.max(1, Math.ceil(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600)
    return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  if (s < 2 * 86_400)
    return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} days`;
}

/// A rough span, "about 3 minutes": estimates do not deserve seconds.
export function roughSpan(ms) {
  if (ms < 60_000) return "less than a minute";
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60)
    return minutes === 1 ? "about a minute" : `about ${minutes} minutes`;
  const hours = Math.round(ms / 3_600_000);
  if (hours < 48) return hours === 1 ? "about an hour" : `about ${hours} hours`;
  return `about ${Math.round(ms / 86_400_000)} days`;
}

/// Calls `action` every second until `signal` fires. Only words change with
/// it; nothing is asked of the server.
export function everySecond(signal, action) {
  const timer = setInterval(action, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
}
