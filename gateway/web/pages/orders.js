// The hospital's worklist beside the form: an order that is chosen says whose the photos are, and nothing typed does.

import { worklist } from "./api.js";
import { byId, element } from "./dom.js";
import { rights } from "./rights.js";
import { currentLanguage, text } from "./texts.js";

const SEARCH_MILLISECONDS = 350;
const OF_PATIENT = ["patient_id", "patient_sex", "patient_age"];
const HIDDEN_BY = [401, 403, 404]; // not for this caller any more, or none here

let found = { items: [], more: false };
let asked = 0;
let waiting = null;

/** Offer the worklist, where this gateway has one and the caller may see it. */
export function startOrders() {
  byId("order-search").addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(target.value.trim()), SEARCH_MILLISECONDS);
  });
  byId("order").addEventListener("change", showChosen);
  return offerOrders();
}

/** Look anew: another caller may see another worklist, or none. */
export const offerOrders = () => look(byId("order-search").value.trim());

/** Say what was found in the page's language. */
export function rewriteOrders() {
  const select = byId("order");
  const chosen = select.value;
  select.replaceChildren(select.firstElementChild, ...found.items.map((item) => element("option", { value: item.item }, words(item))));
  select.value = found.items.some(({ item }) => item === chosen) ? chosen : "";
  byId("order-more").textContent = found.more ? text("orderMore") : "";
  showChosen();
}

async function look(term) {
  const turn = ++asked;
  try {
    const answer = (await isOffered()) ? await search(term) : null;
    if (turn !== asked) return; // a later look was quicker
    byId("order-field").hidden = answer === null;
    found = answer ?? { items: [], more: false };
    rewriteOrders();
  } catch (problem) {
    if (turn !== asked) return;
    byId("order-field").hidden = HIDDEN_BY.includes(problem.status);
    if (byId("order-field").hidden) forget();
    else byId("order-more").textContent = text("orderDown");
  }
}

/** Whether there is a worklist for this caller; what is wrong with the gateway itself is said elsewhere. */
const isOffered = () => rights().then(({ worklist: there }) => there, () => false);

/** What another caller was shown does not stay, nor what they chose. */
function forget() {
  found = { items: [], more: false };
  rewriteOrders();
}

/** A term with a digit is a number, the patient's or the order's; any other is part of a name. */
async function search(term) {
  if (!term) return worklist({});
  if (!/\d/.test(term)) return worklist({ patient_name: `*${term}*` });
  const byPatient = await worklist({ patient_id: term });
  return byPatient.items.length || term.length > 16 ? byPatient : worklist({ accession_number: term });
}

function words({ patient_name: name, patient_id: id, accession_number: number, step, procedure, starts_at: time }) {
  const clock = /^\d{4}/.test(time ?? "") ? `${time.slice(0, 2)}:${time.slice(2, 4)}` : null;
  return [clock, readable(name), id, number, step ?? procedure].filter(Boolean).join(" · ");
}

/** A DICOM PN as people write it: the phonetic group, which holds Hangul, in Korean, else the first there is. */
function readable(name) {
  const groups = name.split("=").map((group) => group.replaceAll("^", " ").trim());
  return (currentLanguage() === "ko" && groups[2]) || groups.find(Boolean) || "";
}

/** What the order says of the patient is not typed as well. */
function showChosen() {
  const chosen = Boolean(byId("order").value);
  for (const name of OF_PATIENT) byId("post-form").elements[name].disabled = chosen;
}
