/// A shared worker: one event stream for all tabs of a browser, which has few
/// connections for one server. Tabs say "join" and "leave".

import { Stream } from "./stream.js";

const ports = new Set();
const stream = new Stream((message) => {
  for (const port of ports) port.postMessage(message);
});

function join(port) {
  ports.add(port);
  port.postMessage({ kind: "state", state: stream.state });
  // What it missed it reads as after a reconnect.
  if (stream.state === "live") port.postMessage({ kind: "open" });
  stream.open();
}

function leave(port) {
  ports.delete(port);
  if (ports.size === 0) stream.release();
}

addEventListener("connect", ({ ports: [port] }) => {
  port.addEventListener("message", ({ data }) =>
    data === "join" ? join(port) : leave(port),
  );
  port.start();
});
