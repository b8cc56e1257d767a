/// The frame around the views: which one is shown, the units, the live light.

import { pathOf } from "./address.js";
import { athleteView } from "./athlete.js";
import { live } from "./live.js";
import { withdrawUnanswered } from "./notices.js";
import { overview } from "./overview.js";
import { systemView } from "./system.js";
import { units } from "./units.js";

const main = document.getElementById("main");
let shown = { key: null, leave: null, located: null };

/// Which view an address means.
function routeOf(url) {
  const path = pathOf(url);
  const athlete = path.match(/^\/athletes\/(\d+)$/);
  if (athlete)
    return {
      key: path,
      show: (root, signal) => athleteView(root, signal, athlete[1], goTo),
    };
  if (url.hash === "#system") return { key: "/#system", show: systemView };
  return { key: "/", show: overview };
}

function markNavigation(key) {
  const current = {
    "nav-athletes": key === "/",
    "nav-system": key === "/#system",
  };
  for (const [id, here] of Object.entries(current)) {
    const link = document.getElementById(id);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function render() {
  const route = routeOf(new URL(location.href));
  if (route.key === shown.key) {
    shown.located?.();
    return;
  }
  const first = shown.key === null;
  shown.leave?.abort();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  const leave = new AbortController();
  shown = { key: route.key, leave, located: null };
  markNavigation(route.key);
  const root = document.createElement("div");
  root.className = "view";
  main.replaceChildren(root);
  shown.located = route.show(root, leave.signal)?.located;
  if (!first) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

function goTo(address) {
  history.pushState(null, "", address);
  render();
}

/// Links between views change the view without loading the page again.
document.addEventListener("click", (event) => {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.origin !== location.origin) return;
  if (link.classList.contains("skip")) {
    event.preventDefault();
    main.focus();
    return;
  }
  const path = pathOf(link);
  const inPage = path === "/" || /^\/athletes\/\d+$/.test(path);
  if (!inPage || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  if (link.href !== location.href) goTo(link.href);
});
addEventListener("popstate", render);

function showUnits() {
  for (const button of document.querySelectorAll("#units button"))
    button.setAttribute(
      "aria-pressed",
      String((button.dataset.units === "imperial") === units.imperial),
    );
}
document.getElementById("units").addEventListener("click", (event) => {
  const chosen = event.target.dataset.units;
  if (chosen) units.choose(chosen);
});
units.addEventListener("change", showUnits);
showUnits();

const liveWords = {
  connecting: "Connecting",
  live: "Live",
  lost: "Reconnecting",
};
live.addEventListener("state", () => {
  const light = document.getElementById("live");
  light.dataset.state = live.state;
  light.textContent = liveWords[live.state];
});
live.addEventListener("open", withdrawUnanswered);
live.start();
render();
