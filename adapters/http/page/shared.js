/// A shared worker: one event stream for all tabs of a browser, which has few
/// connections for one server. Tabs say "join" and "leave", and "here" every
/// `signMs` in between: one that crashed says nothing any more.

import { signMs, Stream } from "./stream.js";

/// A tab is taken for gone after so many rounds of `signMs` without a word.
const silentMost = 2;

/// Ports of the tabs that listen, each with its rounds without a word.
const ports = new Map();
let rounds = null;

const stream = new Stream((message) => {
  for (const port of ports.keys()) port.postMessage(message);
});

function join(port) {
  ports.set(port, 0);
  rounds ??= setInterval(look, signMs);
  port.postMessage({ kind: "state", state: stream.state });
  // What it missed it reads as after a reconnect.
  if (stream.state === "live") port.postMessage({ kind: "open" });
  stream.open();
}

function leave(port) {
  ports.delete(port);
  if (ports.size > 0) return;
  clearInterval(rounds);
  rounds = null;
  stream.release();
}

/// Rounds are counted, not time: a machine that slept has lost no tab.
function look() {
  for (const [port, silent] of ports)
    if (silent === silentMost) leave(port);
    else ports.set(port, silent + 1);
}

function sign(port) {
  if (ports.has(port)) ports.set(port, 0);
  else join(port);
}

const answers = { join, leave, here: sign };

addEventListener("connect", ({ ports: [port] }) => {
  port.addEventListener("message", ({ data }) => answers[data]?.(port));
  port.start();
});
