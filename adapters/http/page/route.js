/// A route as a picture: decoded from its polyline, drawn without a map
/// service, so that nobody else learns where an athlete was.

import { svg } from "./dom.js";
import { longDistance } from "./units.js";

const metresPerDegree = 111_320; // Of latitude; near enough for a picture.

/// Decodes Google's encoded polyline, precision 5.
/// @returns [[latitude, longitude]...]; what a broken text holds up to the
///   break.
export function decodePolyline(text) {
  const points = [];
  let at = 0;
  let position = [0, 0];
  const next = () => {
    let value = 0;
    let shift = 0;
    for (;;) {
      const chunk = text.charCodeAt(at++) - 63;
      if (!(chunk >= 0 && chunk < 64) || shift > 30) return null;
      value |= (chunk & 31) << shift;
      shift += 5;
      if (chunk < 32) return value & 1 ? ~(value >> 1) : value >> 1;
    }
  };
  while (at < text.length) {
    const north = next();
    const east = next();
    if (north === null || east === null) break;
    position = [position[0] + north, position[1] + east];
    points.push(position.map((value) => value / 1e5));
  }
  return points;
}

/// Projects to metres east and south of the first point: the same scale both
/// ways, true at the route's middle latitude, whole across the date line.
export function project(points) {
  const latitudes = points.map(([latitude]) => latitude);
  const middle = (Math.min(...latitudes) + Math.max(...latitudes)) / 2;
  const narrow = Math.cos((middle * Math.PI) / 180);
  const [latitude0, longitude0] = points[0];
  return points.map(([latitude, longitude]) => {
    const turn = ((longitude - longitude0 + 540) % 360) - 180;
    return [
      turn * narrow * metresPerDegree,
      (latitude0 - latitude) * metresPerDegree,
    ];
  });
}

/// @returns the roundest length, in the units of `one`, of at most `most`.
function roundLength(most, one) {
  const wanted = most / one;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [5, 2, 1].find((n) => n * power <= wanted);
  return step * power;
}

function scaleBar(view, unitsPerMetre) {
  const { metres, name } = longDistance();
  const length = roundLength((view.width * 0.3) / unitsPerMetre, metres);
  const width = length * metres * unitsPerMetre;
  const x = view.margin;
  const y = view.height - 12;
  return svg(
    "g",
    { class: "route-scale", "aria-hidden": "true" },
    svg("path", { d: `M${x} ${y - 5}v5h${width.toFixed(1)}v-5` }),
    svg(
      "text",
      { x: x + width + 8, y: y + 1 },
      `${+length.toPrecision(3)} ${name}`,
    ),
  );
}

/// @returns the drawing, or null if the text holds no route.
/// @param label What it shows, for screen readers.
export function drawRoute(text, label) {
  const points = decodePolyline(text ?? "");
  if (points.length < 2) return null;
  const flat = project(points);
  const xs = flat.map(([x]) => x);
  const ys = flat.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const wide = Math.max(Math.max(...xs) - left, 1);
  const high = Math.max(Math.max(...ys) - top, 1);
  // Drawn at the size it will have, so that lines and letters keep theirs.
  const width = Math.min(686, document.documentElement.clientWidth - 32);
  const view = { width, height: Math.round(width * 0.625), margin: 24 };
  const room = {
    wide: view.width - 2 * view.margin,
    high: view.height - 2 * view.margin - 16,
  };
  const scale = Math.min(room.wide / wide, room.high / high);
  const offset = [
    view.margin + (room.wide - wide * scale) / 2,
    view.margin + (room.high - high * scale) / 2,
  ];
  const drawn = flat.map(([x, y]) => [
    ((x - left) * scale + offset[0]).toFixed(1),
    ((y - top) * scale + offset[1]).toFixed(1),
  ]);
  const path = `M${drawn.map((point) => point.join(" ")).join("L")}`;
  const [start, end] = [drawn[0], drawn.at(-1)];
  return svg(
    "svg",
    {
      class: "route",
      role: "img",
      "aria-label": label,
      viewBox: `0 0 ${view.width} ${view.height}`,
    },
    svg("path", { class: "route-casing", d: path }),
    svg("path", { class: "route-line", d: path }),
    svg(
      "rect",
      {
        class: "route-end",
        x: end[0] - 6,
        y: end[1] - 6,
        width: 12,
        height: 12,
        rx: 2,
      },
      svg("title", {}, "End"),
    ),
    svg(
      "circle",
      { class: "route-start", cx: start[0], cy: start[1], r: 6 },
      svg("title", {}, "Start"),
    ),
    scaleBar(view, scale),
  );
}
