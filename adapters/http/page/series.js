/// The arithmetic of the chart of months.

/// Stands for all sports that have no row of their own.
export const rest = "Other sports";

/// @returns every month from `first` to `last`, both as "2023-09".
export function monthsBetween(first, last) {
  const months = [];
  let [year, month] = first.split("-").map(Number);
  for (;;) {
    const text = `${year}-${String(month).padStart(2, "0")}`;
    months.push(text);
    if (text >= last) return months;
    if (++month > 12) {
      month = 1;
      ++year;
    }
  }
}

/// @returns the month `steps` before `month`.
export function monthBefore(month, steps) {
  const [year, ordinal] = month.split("-").map(Number);
  const index = year * 12 + ordinal - 1 - steps;
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/// Sums `months` of the API into one row per sport over `span`.
/// @param order The sports that get a row; all others share the last one.
/// @returns [{sport, values}] in that order.
export function stackOf(months, span, order, valueOf) {
  const place = new Map(span.map((month, i) => [month, i]));
  const rows = new Map();
  for (const entry of months) {
    const i = place.get(entry.month);
    if (i === undefined) continue;
    const sport = order.includes(entry.sport_type) ? entry.sport_type : rest;
    if (!rows.has(sport))
      rows.set(
        sport,
        span.map(() => 0),
      );
    rows.get(sport)[i] += valueOf(entry);
  }
  const rankOf = (sport) =>
    sport === rest ? order.length : order.indexOf(sport);
  return [...rows]
    .map(([sport, values]) => ({ sport, values }))
    .sort((a, b) => rankOf(a.sport) - rankOf(b.sport));
}
