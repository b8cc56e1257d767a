/// What the page has to say outside of its views: spoken announcements,
/// short notices, and questions that need a yes.

import { explain } from "./api.js";
import { el } from "./dom.js";

const noticeMs = 8_000;

/// Has screen readers speak `text` when they are idle.
export function announce(text) {
  document.getElementById("announce").textContent = text;
}

function show(kind, text, button) {
  const box = el(
    "div",
    {
      class: "notice",
      "data-kind": kind,
      role: kind === "bad" ? "alert" : "status",
    },
    el("p", {}, text),
  );
  const close = el(
    "button",
    {
      type: "button",
      class: "quiet",
      on: { click: () => box.remove() },
    },
    "Close",
  );
  if (button) box.append(button);
  box.append(close);
  document.getElementById("notices").replaceChildren(box);
  return box;
}

/// Says that something worked; goes away by itself.
export function notify(text) {
  const box = show("good", text);
  setTimeout(() => box.remove(), noticeMs);
}

/// Says what went wrong and stays; offers `retry` where it may help.
export function notifyFailure(error, retry) {
  const again =
    retry &&
    error.retryable !== false &&
    el(
      "button",
      {
        type: "button",
        on: {
          click: () => {
            box.remove();
            retry();
          },
        },
      },
      "Try again",
    );
  const box = show("bad", explain(error), again || null);
  box.dataset.unanswered = String(error.status === 0);
}

/// Takes back that the server does not answer.
export function withdrawUnanswered() {
  document.querySelector('.notice[data-unanswered="true"]')?.remove();
}

/// The same inside a view, in place of content that could not be had.
export function failureNote(error, retry) {
  return el(
    "div",
    { class: "empty", role: "alert" },
    el("p", {}, explain(error)),
    el("button", { type: "button", on: { click: retry } }, "Try again"),
  );
}

/// Shows a modal dialog until it is closed, and then removes it. Focus
/// returns to where it was.
export function openDialog(dialog) {
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
  });
  dialog.showModal();
}

/// Asks before something that cannot be undone.
/// @returns a promise of true if the person agreed.
export function confirmed({ title, text, action }) {
  return new Promise((resolve) => {
    const dialog = el(
      "dialog",
      {
        class: "ask",
        "aria-labelledby": "ask-title",
        "aria-describedby": "ask-text",
      },
      el("h2", { id: "ask-title" }, title),
      el("p", { id: "ask-text" }, text),
      el(
        "form",
        { method: "dialog", class: "actions" },
        el("button", { value: "no", autofocus: true }, "Cancel"),
        el("button", { value: "yes", class: "danger" }, action),
      ),
    );
    dialog.addEventListener("close", () =>
      resolve(dialog.returnValue === "yes"),
    );
    openDialog(dialog);
  });
}
