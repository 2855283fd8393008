// The overview: shows what the gateway has, and looks again when the log of events says that something changed.

import { deliveries, photos } from "./api.js";
import { showPhotos, underWay } from "./cards.js";
import { byId } from "./dom.js";
import { forgetImages } from "./images.js";
import { follow } from "./live.js";
import { offerOrders, rewriteOrders, startOrders } from "./orders.js";
import { pause, settled, startPage, trouble } from "./page.js";
import { rewritePosting, showBodySites, startPosting } from "./posting.js";
import { may, need, rights } from "./rights.js";
import { clock, text } from "./texts.js";
import { startViewer } from "./viewer.js";

const PAGE = 24;
const NEWEST_DELIVERIES = 200;
const PAUSE_MILLISECONDS = 300; // events come in bursts: a photo makes several
const DELIVERIES_MILLISECONDS = 2000;

let known = []; // submissions shown, newest first; those behind the first page are fetched once
let next = null; // cursor of what follows them
let looking = null; // the look under way, so that two never overlap
let stale = false; // something changed since it began, or while nobody watched

/** Look again soon; a page that nobody sees waits until somebody does. */
function lookSoon() {
  stale = true;
  if (document.hidden || looking) return;
  looking = lookOnce().finally(() => {
    looking = null;
    if (stale) lookSoon();
  });
}

async function lookOnce() {
  await pause(PAUSE_MILLISECONDS);
  stale = false;
  try {
    merge(await pageOfPhotos());
    show();
    settled();
  } catch (problem) {
    trouble(problem, showNothing);
  }
}

/** A page of photos; nothing leads to explanations where none are made. */
async function pageOfPhotos(cursor = null) {
  await need("photos.read");
  const page = await photos(PAGE, cursor);
  const { explanations } = await rights();
  return explanations ? page : { ...page, photos: page.photos.map((photo) => ({ ...photo, explanation: null })) };
}

function show() {
  showPhotos(known);
  byId("more").hidden = next === null;
  byId("demonstration").hidden = knownToBeReal();
  byId("freshness").textContent = text("updated", { time: clock(new Date()) });
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

const before = (photo, other) => Date.parse(photo.received_at) <= Date.parse(other.received_at);

/** Whether photos were judged, and none of them by a demonstration model; until then the notice stands. */
function knownToBeReal() {
  const judged = known.filter(({ judgement }) => judgement);
  return judged.length > 0 && !judged.some(({ judgement, ranking }) => judgement.demonstration || ranking?.demonstration);
}

async function showOlder() {
  try {
    const page = await pageOfPhotos(next);
    const shown = new Set(known.map(({ id }) => id));
    known = [...known, ...page.photos.filter(({ id }) => !shown.has(id))];
    next = page.next;
    show();
  } catch (problem) {
    trouble(problem, showNothing);
  }
}

/** Not every step of a delivery is an event: while some are under way, ask how they stand. */
async function watchDeliveries() {
  for (;;) {
    await pause(DELIVERIES_MILLISECONDS);
    if (document.hidden || !known.some(underWay)) continue;
    try {
      if (await may("deliveries.read")) takeDeliveries(await deliveries(NEWEST_DELIVERIES));
    } catch {
      continue; // what is wrong is said by the look at the photos
    }
  }
}

function takeDeliveries(newest) {
  const states = new Map(newest.map((delivery) => [`${delivery.sop_instance_uid} ${delivery.destination}`, delivery.state]));
  const current = (photo, { destination, state }) => ({
    destination,
    state: states.get(`${photo.dicom?.sop_instance_uid} ${destination}`) ?? state,
  });
  known = known.map((photo) => ({ ...photo, deliveries: photo.deliveries.map((delivery) => current(photo, delivery)) }));
  show();
}

/** What an earlier key showed is not for whoever has none that works. */
function showNothing() {
  known = [];
  next = null;
  showPhotos(known);
  for (const id of ["empty", "more"]) byId(id).hidden = true;
  byId("freshness").textContent = "";
}

function write() {
  rewritePosting();
  rewriteOrders();
  known = []; // names and advice come in the language they were asked for
  lookSoon();
  offerPosting().catch((problem) => trouble(problem, showNothing));
}

/** The form to post with, for whoever may. */
async function offerPosting() {
  byId("post").hidden = !(await may("photos.submit"));
  await showBodySites();
}

function start() {
  byId("more").addEventListener("click", showOlder);
  document.addEventListener("visibilitychange", () => { if (stale) lookSoon(); });
  startViewer();
  startPosting(lookSoon);
  startOrders();
  startPage({
    write,
    keyChanged: () => {
      forgetImages();
      offerOrders();
    },
  });
  follow(lookSoon);
  watchDeliveries();
}

start();
