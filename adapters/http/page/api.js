/// The HTTP API, and its failures in words.

import { addressOf } from "./address.js";

/// A request that did not work: `title` and `detail` are for a person,
/// `field` names the input at fault, `retryable` says whether trying again
/// may help.
export class ApiError extends Error {
  constructor({ status, title, detail, field, rule }) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.field = field;
    this.rule = rule;
    this.retryable = status === 0 || status === 429 || status >= 500;
  }
}

/// @returns `text` with a capital and a full stop; empty for none.
export function sentence(text) {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const capital = trimmed[0].toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/// @returns one or two plain sentences about a failure of any kind.
export function explain(error) {
  if (!(error instanceof ApiError))
    return "Something on this page went wrong. Reloading it may help.";
  if (error.status === 0)
    return "Stravasync does not answer. It may be restarting, or the network is down.";
  const parts = [sentence(error.detail || error.title || "")];
  if (error.rule && !parts[0].includes(error.rule))
    parts.push(sentence(error.rule));
  if (!parts[0]) parts[0] = `The server answered with status ${error.status}.`;
  return parts.join(" ");
}

async function failureOf(response) {
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // A proxy's page instead of ours: the status is all there is to say.
  }
  const text = (value) => (typeof value === "string" ? value : "");
  return new ApiError({
    status: response.status,
    title: text(problem.title),
    detail: text(problem.detail),
    field: text(problem.field),
    rule: text(problem.rule),
  });
}

async function request(method, path, { query, body, signal } = {}) {
  const url = new URL(addressOf(`/api/v1${path}`), location.origin);
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== null && value !== "")
      url.searchParams.set(name, value);
  const init = { method, signal, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError({ status: 0, title: "No answer" });
  }
  if (!response.ok) throw await failureOf(response);
  return response.status === 204 ? null : response.json();
}

/// Every call returns the decoded JSON or throws an ApiError (an AbortError
/// if `options.signal` fires).
export const api = {
  athletes: (query, options) =>
    request("GET", "/athletes", { query, ...options }),
  athlete: (id, options) => request("GET", `/athletes/${id}`, options),
  disconnect: (id) => request("DELETE", `/athletes/${id}`),
  startSync: (id, mode) =>
    request("POST", `/athletes/${id}/sync`, { body: { mode } }),
  confirmDeletions: (id, missing) =>
    request("POST", `/athletes/${id}/sync/confirm`, { body: { missing } }),
  sync: (id, options) => request("GET", `/athletes/${id}/sync`, options),
  activities: (id, query, options) =>
    request("GET", `/athletes/${id}/activities`, { query, ...options }),
  stats: (id, options) => request("GET", `/athletes/${id}/stats`, options),
  activity: (id, options) => request("GET", `/activities/${id}`, options),
  budget: () => request("GET", "/admin/budget"),
  actors: (node) => request("GET", "/admin/actors", { query: { node } }),
  streams: () => request("GET", "/admin/streams"),
  nodes: () => request("GET", "/admin/nodes"),
  deadLetters: () => request("GET", "/admin/dlq"),
  deadLetter: (id) => request("GET", `/admin/dlq/${id}`),
  retryDeadLetter: (id) => request("POST", `/admin/dlq/${id}/retry`),
  dropDeadLetter: (id) => request("DELETE", `/admin/dlq/${id}`),
  schedules: () => request("GET", "/admin/schedules"),
};

const pageMost = 200;

/// Reads a list from its start until `wanted` items are there or it ends.
/// @param readPage ({limit, cursor}) => a page of the list
/// @returns {items, cursor}; cursor null at the end.
export async function readAtLeast(wanted, readPage) {
  const items = [];
  let cursor = null;
  do {
    const limit = Math.min(pageMost, wanted - items.length);
    const page = await readPage({ limit, cursor });
    items.push(...page.items);
    cursor = page.next_cursor || null;
  } while (cursor && items.length < wanted);
  return { items, cursor };
}

/// Where Strava's JSON of an activity can be read as it came.
export const rawActivityUrl = (id) =>
  addressOf(`/api/v1/activities/${id}?include=raw`);
