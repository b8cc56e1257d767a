/// Tables of figures, and what stands in them.

import { el } from "./dom.js";
import { number } from "./units.js";

/// A table with heads `[text, class]` that scrolls by itself where it is wide.
export function table(caption, heads, rows) {
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el(
      "table",
      { class: "plain" },
      el("caption", { class: "visually-hidden" }, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...heads.map(([text, style]) =>
            el("th", { scope: "col", class: style }, text),
          ),
        ),
      ),
      el("tbody", {}, ...rows),
    ),
  );
}

export const cell = (text, style) => el("td", { class: style }, String(text));

export const amountCell = (value) => cell(number(Number(value ?? 0)), "num");

/// A state in words, with a light.
export const health = (state) =>
  el("span", { class: "health", "data-state": state }, state);

export function stateCell(state) {
  return el("td", {}, health(state));
}
