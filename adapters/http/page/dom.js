/// Builds elements. Whatever comes from outside goes in as text, never as
/// markup: there is no way here to pass HTML.

const svgNamespace = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on")
      for (const [kind, listener] of Object.entries(value))
        node.addEventListener(kind, listener);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

/// @param attributes Set as attributes; false and null leave one out; `on`
///   holds listeners by event kind.
/// @param children Nodes, or strings that become text.
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/// The same for SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(
    document.createElementNS(svgNamespace, tag),
    attributes,
    children,
  );
}

/// Sets the text only if it differs, so that screen readers and selections
/// are left alone.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/// Makes `parent` hold one node per item, in order, and reuses the nodes of
/// items that were there before: focus and scroll position survive.
/// @param create (item) => node
/// @param update (node, item) => void
export function reconcile(parent, items, keyOf, create, update) {
  const known = new Map([...parent.children].map((n) => [n.dataset.key, n]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = known.get(key);
    known.delete(key);
    if (!node) {
      node = create(item);
      node.dataset.key = key;
    }
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of known.values()) node.remove();
}

/// A heading, a sentence and whatever helps to go on, where content is absent.
export function emptyNote(text, ...more) {
  return el("div", { class: "empty" }, el("p", {}, text), ...more);
}

/// @returns a function that calls `action` at once, then at most once per
/// `waitMs`, the last call never lost.
export function paced(action, waitMs) {
  let timer = null;
  let again = false;
  const run = () => {
    again = false;
    timer = setTimeout(() => {
      timer = null;
      if (again) run();
    }, waitMs);
    action();
  };
  return () => {
    if (timer === null) run();
    else again = true;
  };
}
