/// Measures in words, metric or imperial. The choice is kept in the browser.

const storageKey = "stravasync.units";
const metresPerMile = 1609.344;
const metresPerFoot = 0.3048;
const metresPerYard = 0.9144;

const paced = new Set([
  "Run",
  "TrailRun",
  "VirtualRun",
  "Walk",
  "Hike",
  "Snowshoe",
  "Wheelchair",
]);

function stored() {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null; // Storage is switched off: metric, every time.
  }
}

/// Dispatches "change" when the person picks other units.
class Units extends EventTarget {
  #imperial = stored() === "imperial";

  get imperial() {
    return this.#imperial;
  }

  choose(name) {
    const imperial = name === "imperial";
    if (imperial === this.#imperial) return;
    this.#imperial = imperial;
    try {
      localStorage.setItem(storageKey, name);
    } catch {
      // Lasts until the page is left, then.
    }
    this.dispatchEvent(new Event("change"));
  }
}

export const units = new Units();

const formats = [0, 1, 2].map(
  (digits) =>
    new Intl.NumberFormat(undefined, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }),
);

/// A number with `digits` (0 to 2) decimals, grouped as the reader writes it.
export const number = (value, digits = 0) => formats[digits].format(value);

/// "1 activity", "2 activities".
export const count = (value, one, many) =>
  `${number(value)} ${value === 1 ? one : many}`;

/// The number and unit that distances of long spans are charted in.
export const longDistance = () =>
  units.imperial
    ? { metres: metresPerMile, name: "mi" }
    : { metres: 1_000, name: "km" };

/// @returns "10.2 km"; pools in metres or yards; a dash for none.
export function distance(metres, sportType = "") {
  if (!metres) return "–";
  if (sportType === "Swim")
    return units.imperial
      ? `${number(metres / metresPerYard)} yd`
      : `${number(metres)} m`;
  const { metres: one, name } = longDistance();
  const value = metres / one;
  return `${number(value, value >= 1_000 ? 0 : value >= 10 ? 1 : 2)} ${name}`;
}

export function elevation(metres) {
  if (metres === undefined || metres === null) return "–";
  return units.imperial
    ? `${number(metres / metresPerFoot)} ft`
    : `${number(metres)} m`;
}

const two = (value) => String(value).padStart(2, "0");

/// "1:02:03" or "2:03", from seconds.
export function clock(seconds) {
  const whole = Math.round(seconds);
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = whole % 60;
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/// "812 h" or "48 min", for totals.
export function hours(seconds) {
  if (seconds < 3600) return `${number(seconds / 60)} min`;
  return `${number(seconds / 3600, seconds < 36_000 ? 1 : 0)} h`;
}

/// The pace people speak of in this sport, or its speed; a dash for none.
export function paceOrSpeed(metres, seconds, sportType) {
  if (!metres || !seconds) return "–";
  return rate(metres / seconds, sportType);
}

/// The same from metres per second.
export function rate(metresPerSecond, sportType) {
  if (!metresPerSecond) return "–";
  if (sportType === "Swim") {
    const hundred = 100 * (units.imperial ? metresPerYard : 1);
    return `${clock(hundred / metresPerSecond)} /100 ${units.imperial ? "yd" : "m"}`;
  }
  const { metres, name } = longDistance();
  if (paced.has(sportType))
    return `${clock(metres / metresPerSecond)} /${name}`;
  const perHour = (metresPerSecond * 3600) / metres;
  return `${number(perHour, 1)} ${units.imperial ? "mph" : "km/h"}`;
}
