// Talking to the gateway: one place for its address, the language and the key.

import { currentLanguage } from "./texts.js";

const API = "/api/v1";
const KEY = "dermgate-key";

/** What the gateway said was wrong; `status` is 0 where it could not be reached, `code` is undefined where none came. */
export class Problem extends Error {
  constructor(status, detail, { faults = [], code } = {}) {
    super([detail, ...faults.map((fault) => `${fault.field}: ${fault.fault}`)].join(" · "));
    this.status = status;
    this.code = code;
    this.faults = faults;
  }
}

export const useKey = (key) => sessionStorage.setItem(KEY, key);
export const hasKey = () => Boolean(sessionStorage.getItem(KEY));

export async function call(path, options = {}) {
  const key = sessionStorage.getItem(KEY);
  const headers = { "Accept-Language": currentLanguage(), ...options.headers };
  if (key) headers.Authorization = `Bearer ${key}`;
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (error) {
    throw new Problem(0, error.message);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function problemOf(answer) {
  try {
    const document = await answer.json();
    const { detail, title, errors: faults, code } = document;
    return new Problem(answer.status, detail ?? title ?? answer.statusText, { faults, code });
  } catch {
    return new Problem(answer.status, answer.statusText || String(answer.status));
  }
}

/** One page of submissions, newest first: {photos, next}. */
export async function photos(limit, cursor = null) {
  const query = new URLSearchParams({ limit, ...(cursor ? { cursor } : {}) });
  return (await call(`${API}/photos?${query}`)).json();
}

export async function picture(id) {
  return (await call(`${API}/photos/${encodeURIComponent(id)}/picture`)).blob();
}

/** A path of this host as an answer names it; null for whatever else stands there. */
export const localPath = (path) => (typeof path === "string" && /^\/(?!\/)[^\\\s]*$/.test(path) ? path : null);

export async function pictureAt(path) {
  return (await call(path)).blob();
}

/** What a model's answer to a photo stands on, as far as it can be told. */
export async function explanationAt(path) {
  return (await call(path)).json();
}

/** Ask that a dermatologist looks at a case: its referral as it stands then. */
export async function askForDoctor(caseId) {
  return (await call(`${API}/cases/${encodeURIComponent(caseId)}/referral`, { method: "POST" })).json();
}

/** The newest deliveries: [{sop_instance_uid, destination, state}, ...]. */
export async function deliveries(limit) {
  return (await (await call(`${API}/deliveries?limit=${limit}`)).json()).deliveries;
}

/** How each destination stands: [{name, kind, states, waiting, minutes, failures, ...}, ...]. */
export async function destinations() {
  return (await (await call(`${API}/destinations`)).json()).destinations;
}

/** Queue up to a thousand deliveries again that are in a state: {retried, left}. */
export async function retryMany(destination, state) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ destination, state });
  return (await call(`${API}/deliveries/retry`, { method: "POST", body, headers })).json();
}

/** The first events numbered above `after`. */
export async function events(after, limit) {
  return (await (await call(`${API}/events?after=${after}&limit=${limit}`)).json()).events;
}

/** A stream of the events above `after` and all that follow (text/event-stream). */
export async function eventStream(after) {
  return (await call(`${API}/events?after=${after}`, { headers: { Accept: "text/event-stream" } })).body;
}

/** What the hospital has scheduled: {items, more}; 404 where there is no worklist. */
export async function worklist(keys) {
  return (await call(`${API}/worklist?${new URLSearchParams(keys)}`)).json();
}

/** What whoever calls may do here: {permissions, hospitals, one_patient, worklist, explanations}. */
export async function caller() {
  return (await call(`${API}/caller`)).json();
}

export async function bodySites() {
  return (await (await call(`${API}/body-sites`)).json()).body_sites;
}

export async function diseases() {
  return (await (await call(`${API}/diseases`)).json()).diseases;
}

/** Reference cases of the library, the newest first: {cases, next}. */
export async function referenceCases(query) {
  return (await call(`${API}/library/cases?${new URLSearchParams(query)}`)).json();
}

/** How many cases fit, and of which diseases: {cases, diseases: [{code, cases, picture}, ...]}. */
export async function caseCounts(query) {
  return (await call(`${API}/library/cases/counts?${new URLSearchParams(query)}`)).json();
}

/** Add a reference case from a form with a photo; a retry of the same `idempotencyKey` never makes a second one. */
export async function addCase(form, idempotencyKey) {
  const options = { method: "POST", body: form, headers: { "Idempotency-Key": idempotencyKey } };
  return (await call(`${API}/library/cases`, options)).json();
}

export async function withdrawCase(id) {
  await call(`${API}/library/cases/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Post a photo with its form fields; a retry of the same `idempotencyKey` never makes a second one. */
export async function post(form, idempotencyKey) {
  const options = { method: "POST", body: form, headers: { "Idempotency-Key": idempotencyKey } };
  return (await call(`${API}/photos`, options)).json();
}

/** "ready", "notReady" or "unreachable". */
export async function health() {
  try {
    await call("/readyz");
    return "ready";
  } catch (problem) {
    return problem.status === 0 ? "unreachable" : "notReady";
  }
}

/** An Idempotency-Key that nobody used before. */
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
