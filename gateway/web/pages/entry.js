// The page of one disease: what is known of it, and its reference cases.

import { referenceCases } from "./api.js";
import { caseCard } from "./case_card.js";
import { caseForm } from "./case_form.js";
import { aboutDisease, marks, picture } from "./disease.js";
import { byId, element } from "./dom.js";
import { explain } from "./problems.js";
import { currentLanguage, text } from "./texts.js";

const PAGE = 24;

let opened = ""; // what is shown, so that it is made anew only where something changed

/**
 * Show a disease; `cases` is null where none may be seen, `mayAdd` whether some may be added and withdrawn; `facts` narrow
 * them, `changed` is called when one came or went.
 */
export function openEntry(disease, { sites, cases: seen, mayAdd, facts, changed }) {
  const stamp = JSON.stringify([currentLanguage(), disease, facts, sites.length, seen === null, mayAdd]);
  if (opened === stamp) return;
  opened = stamp;
  const cases = element("section", { class: "cases-of", "aria-labelledby": "cases-title" });
  byId("entry").replaceChildren(
    element("a", { class: "back", href: "#" }, `‹ ${text("library")}`),
    element("header", {}, element("h1", {}, disease.name), element("div", { class: "chips" }, marks(disease))),
    element("div", { class: "panel facts-of-disease" }, picture(disease), element("div", {}, aboutDisease(disease), coding(disease))),
    element("p", { class: "notice small" }, text("libraryNotice")),
    cases,
  );
  byId("entry").hidden = false;
  cases.hidden = seen === null;
  if (seen !== null) showCases(cases, { disease, sites, mayAdd, facts, changed });
}

export function closeEntry() {
  opened = "";
  byId("entry").hidden = true;
  byId("entry").replaceChildren();
}

const coding = ({ coding: { scheme, code, meaning } }) =>
  element("p", { class: "muted small coding" }, `${scheme} `, element("code", {}, code), ` ${meaning}`);

async function showCases(section, context) {
  const list = element("ol", { class: "cases" });
  const more = element("button", { type: "button", class: "quiet", hidden: true }, text("moreCases"));
  const trouble = element("p", { class: "trouble", role: "alert", hidden: true });
  const none = element("p", { class: "muted", hidden: true }, text(Object.keys(context.facts).length ? "noCasesOfFilter" : "noCases"));
  const again = () => {
    opened = ""; // the whole page is made anew
    context.changed();
  };
  const form = context.mayAdd ? [caseForm(context.disease, context.sites, again)] : [];
  section.replaceChildren(element("h2", { id: "cases-title" }, text("casesTitle")), trouble, none, list, more, ...form);
  await fillCases({ list, more, trouble, none, changed: context.mayAdd ? again : null }, context, null);
}

async function fillCases(parts, context, cursor) {
  const { list, more, trouble, none, changed } = parts;
  more.disabled = true; // pressed twice, a page would stand there twice
  try {
    const query = { ...context.facts, disease: context.disease.code, limit: PAGE, ...(cursor ? { cursor } : {}) };
    const { cases, next } = await referenceCases(query);
    list.append(...cases.map((each) => caseCard(each, context.disease, changed)));
    none.hidden = list.children.length > 0;
    more.hidden = !next;
    more.onclick = () => fillCases(parts, context, next);
  } catch (problem) {
    trouble.hidden = false;
    explain(trouble, problem);
  }
  more.disabled = false;
}
