// The overview: looks again and again at what the gateway has, more often while something is under way.

import { health, photos, useKey } from "./api.js";
import { showPhotos, underWay } from "./cards.js";
import { byId } from "./dom.js";
import { showBodySites, startPosting } from "./posting.js";
import { clock, currentLanguage, text, useLanguage } from "./texts.js";

const PAGE = 24;
const BUSY_MILLISECONDS = 1000;
const CALM_MILLISECONDS = 4000;

let known = []; // submissions shown, newest first; those behind the first page are fetched once
let next = null; // cursor of what follows them
let timer = null;
let looking = null; // the look under way, so that two never overlap

function look() {
  looking ??= lookOnce().finally(() => { looking = null; });
  return looking;
}

async function lookOnce() {
  clearTimeout(timer);
  let wait = CALM_MILLISECONDS;
  try {
    const [first] = await Promise.all([photos(PAGE), showHealth()]);
    merge(first);
    showPhotos(known);
    byId("more").hidden = next === null;
    byId("demonstration").hidden = knownToBeReal();
    byId("trouble").hidden = true;
    byId("freshness").textContent = text("updated", { time: clock(new Date()) });
    if (known.some(underWay)) wait = BUSY_MILLISECONDS;
  } catch (problem) {
    trouble(problem);
  }
  if (!document.hidden) timer = setTimeout(look, wait);
}

/** Put a new first page before what is known; where the two do not touch, start anew from the first page. */
function merge(first) {
  const fresh = new Set(first.photos.map(({ id }) => id));
  const touching = known.some(({ id }) => fresh.has(id));
  const oldest = first.photos.at(-1);
  const behind = touching && first.next !== null ? known.filter((photo) => !fresh.has(photo.id) && before(photo, oldest)) : [];
  if (behind.length === 0) next = first.next;
  known = [...first.photos, ...behind];
}

/** Whether photos were judged, and none of them by a demonstration model; until then the notice stands. */
function knownToBeReal() {
  const judged = known.filter(({ judgement }) => judgement);
  return judged.length > 0 && !judged.some(({ judgement, ranking }) => judgement.demonstration || ranking?.demonstration);
}

const before = (photo, other) => Date.parse(photo.received_at) <= Date.parse(other.received_at);

async function showOlder() {
  await looking;
  try {
    const page = await photos(PAGE, next);
    const shown = new Set(known.map(({ id }) => id));
    known = [...known, ...page.photos.filter(({ id }) => !shown.has(id))];
    next = page.next;
    await look();
  } catch (problem) {
    trouble(problem);
  }
}

function trouble(problem) {
  if (problem.status === 401) askForKey();
  byId("trouble").textContent = problem.status === 0 ? text("unreachable") : problem.message;
  byId("trouble").hidden = false;
}

function askForKey() {
  if (!byId("key").open) byId("key").showModal();
}

async function showHealth() {
  const state = await health();
  byId("health").className = `health ${state === "ready" ? "good" : "bad"}`;
  byId("health-text").textContent = text(state);
}

async function speak(language) {
  useLanguage(language);
  await looking; // it asked in the language before
  known = [];
  await Promise.all([look(), showBodySites().catch(trouble)]);
}

function start() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  byId("more").addEventListener("click", showOlder);
  byId("viewer").addEventListener("click", ({ currentTarget }) => currentTarget.close());
  byId("key-form").addEventListener("submit", () => {
    useKey(byId("key-value").value.trim());
    byId("key-value").value = "";
    speak(currentLanguage());
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  startPosting(look);
  speak(currentLanguage());
}

start();
