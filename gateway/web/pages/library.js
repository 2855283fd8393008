// The library: diseases to look up, and the page of one of them, chosen by the address's fragment.

import { bodySites, caseCounts, diseases } from "./api.js";
import { byId } from "./dom.js";
import { closeEntry, openEntry } from "./entry.js";
import { forgetImages } from "./images.js";
import { settled, startPage, trouble } from "./page.js";
import { mayInLibrary, rights } from "./rights.js";
import { chosenFacts, fillFilters, showShelf } from "./shelf.js";
import { text } from "./texts.js";
import { startViewer } from "./viewer.js";

const SEARCH_MILLISECONDS = 150;

// `cases`: how many there are and a picture of one, by disease; null where they may not be seen.
const known = { diseases: [], sites: [], cases: null, mayAdd: false };
let turn = 0;
let waiting = null;

/** Fetch everything anew: in another language, with another key, or after a case came or went. */
async function look() {
  const mine = ++turn;
  try {
    await rights();
    const [listed, sites, mayAdd] = await Promise.all([diseases(), bodySites(), mayInLibrary("write")]);
    if (mine !== turn) return;
    Object.assign(known, { diseases: listed, sites, mayAdd });
    fillFilters(sites);
    settled();
    await countCases(mine);
  } catch (problem) {
    if (mine === turn) trouble(problem, showNothing);
  }
}

async function countCases(mine = ++turn) {
  const counted = (await mayInLibrary("read")) ? (await caseCounts(chosenFacts())).diseases : null;
  if (mine !== turn) return;
  known.cases = counted && new Map(counted.map(({ code, ...found }) => [code, found]));
  show();
}

async function countAnew() {
  try {
    await countCases();
    settled();
  } catch (problem) {
    trouble(problem, showNothing);
  }
}

function show() {
  const code = decodeURIComponent(location.hash.slice(1));
  const chosen = known.diseases.find((disease) => disease.code === code);
  byId("shelf").hidden = Boolean(chosen);
  document.title = `${chosen ? chosen.name : text("library")} · Dermgate`;
  byId("skip").href = chosen ? "#" + code : "#";
  if (chosen) openEntry(chosen, { ...known, facts: chosenFacts(), changed: countAnew });
  else closeEntry();
  showShelf(known);
}

/** What an earlier key showed is not for whoever has none that works. */
function showNothing() {
  Object.assign(known, { diseases: [], cases: null, mayAdd: false });
  show();
}

function start() {
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    waiting = setTimeout(target.name ? countAnew : show, SEARCH_MILLISECONDS);
  });
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    (byId("shelf").hidden ? byId("entry") : byId("find")).focus();
  });
  startViewer();
  window.addEventListener("hashchange", () => {
    show();
    (byId("shelf").hidden ? byId("entry") : byId("find")).focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  startPage({ write: look, keyChanged: forgetImages });
}

start();
