// The library: diseases to look up, and the page of one of them, chosen by the address's fragment.

import { bodySites, diseases, health, referenceCases } from "./api.js";
import { byId } from "./dom.js";
import { closeEntry, openEntry } from "./entry.js";
import { forgetImages } from "./images.js";
import { askForKey, keyWorks, startKeys } from "./key.js";
import { explain } from "./problems.js";
import { chosenFacts, fillFilters, showShelf } from "./shelf.js";
import { currentLanguage, text, useLanguage } from "./texts.js";
import { startViewer } from "./viewer.js";

const PAGE = 200;
const MOST_PAGES = 10;
const SEARCH_MILLISECONDS = 150;
const NOT_HERE = [403, 404]; // reference cases are not for this caller

const known = { diseases: [], sites: [], cases: null }; // cases by disease; null where they may not be seen
let turn = 0;
let waiting = null;

/** Fetch everything anew: in another language, with another key, or after a case came or went. */
async function look() {
  const mine = ++turn;
  showHealth();
  try {
    const [listed, sites] = await Promise.all([diseases(), bodySites()]);
    if (mine !== turn) return;
    Object.assign(known, { diseases: listed, sites });
    fillFilters(sites);
    keyWorks();
    byId("trouble").hidden = true;
    await lookForCases(mine);
  } catch (problem) {
    if (mine === turn) trouble(problem);
  }
}

async function lookForCases(mine = ++turn) {
  const found = await casesByDisease(chosenFacts());
  if (mine !== turn) return;
  known.cases = found;
  show();
}

/** All cases that fit, by disease, as far as a few requests reach. */
async function casesByDisease(facts) {
  const found = new Map();
  let cursor = null;
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { cases, next } = await referenceCases({ ...facts, limit: PAGE, ...(cursor ? { cursor } : {}) });
      for (const each of cases) found.set(each.disease.code, [...(found.get(each.disease.code) ?? []), each]);
      cursor = next;
      if (!cursor) break;
    }
  } catch (problem) {
    if (!NOT_HERE.includes(problem.status)) throw problem;
    return null;
  }
  return found;
}

function show() {
  const code = decodeURIComponent(location.hash.slice(1));
  const chosen = known.diseases.find((disease) => disease.code === code);
  byId("shelf").hidden = Boolean(chosen);
  document.title = `${chosen ? chosen.name : text("library")} · Dermgate`;
  byId("skip").href = chosen ? "#" + code : "#";
  if (chosen) openEntry(chosen, { sites: known.sites, facts: chosenFacts(), changed: () => lookForCases().catch(trouble) });
  else closeEntry();
  showShelf(known);
}

async function showHealth() {
  const state = await health();
  byId("health").className = `health ${state === "ready" ? "good" : "bad"}`;
  byId("health-text").dataset.text = state;
  byId("health-text").textContent = text(state);
}

function trouble(problem) {
  const aboutKey = askForKey(problem);
  byId("trouble").hidden = aboutKey;
  if (!aboutKey) explain(byId("trouble"), problem);
  else Object.assign(known, { diseases: [], cases: null });
  if (aboutKey) show();
}

function speak(language) {
  useLanguage(language);
  look();
}

function start() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    const again = target.name ? () => lookForCases().catch(trouble) : show;
    waiting = setTimeout(again, SEARCH_MILLISECONDS);
  });
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    (byId("shelf").hidden ? byId("entry") : byId("find")).focus();
  });
  startViewer();
  startKeys(() => {
    forgetImages();
    speak(currentLanguage());
  });
  window.addEventListener("hashchange", () => {
    show();
    (byId("shelf").hidden ? byId("entry") : byId("find")).focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  speak(currentLanguage());
}

start();
