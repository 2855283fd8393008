// What went wrong, in the page's language: the usual problems have words here; the gateway's own, which are English,
// stand below them on an English page and are folded away on another.

import { element } from "./dom.js";
import { currentLanguage, knownText, text } from "./texts.js";

const GATEWAYS_LANGUAGE = "en";
const FIELDS = {
  patient_id: "patientId", patient_sex: "sex", patient_age: "age", body_site: "bodySite", laterality: "side",
};

/** Fill a node with what a problem ({status, code, message, faults}) means, and with the gateway's own words. */
export function explain(node, { status, code, message, faults = [] }) {
  const known = knownText(`problem.${code}`) ?? knownText(`problem.${status}`);
  const spoken = currentLanguage() === GATEWAYS_LANGUAGE;
  const words = known ?? (spoken && message ? message : text("problem.other"));
  const own = message && words !== message ? element("small", { lang: GATEWAYS_LANGUAGE }, message) : null;
  node.replaceChildren(element("span", {}, words + about(faults)), ...(own ? [spoken ? own : folded(own)] : []));
  return node;
}

/** The fields of the form that are at fault, by the names that they have on the page. */
function about(faults) {
  const names = new Set(faults.filter(({ field }) => field in FIELDS).map(({ field }) => text(FIELDS[field])));
  return names.size ? ` (${[...names].join(", ")})` : "";
}

const folded = (own) =>
  element("details", { class: "own-words", "data-keep": "own-words" }, element("summary", {}, text("ownWords")), own);
