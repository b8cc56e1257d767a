/// Where the page lives: at the root of a server or, behind a proxy, under a
/// path. The address of this very file tells.

const root = new URL("../", import.meta.url).pathname;

/// @param path From the page's root, "/athletes/7".
/// @returns the same from the server's root.
export const addressOf = (path) => root + path.slice(1);

/// @returns the path from the page's root of an address of the page.
export const pathOf = (url) =>
  url.pathname.startsWith(root)
    ? url.pathname.slice(root.length - 1)
    : url.pathname;
