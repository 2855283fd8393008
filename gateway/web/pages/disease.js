// A disease as a card of an answer, and what is said of one wherever it is shown.

import { localPath } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { imageOf } from "./images.js";
import { measure } from "./measure.js";
import { percent, text } from "./texts.js";

const URGENCY = { self_care: "good", routine: "", soon: "warn", urgent: "bad" };
const URGENCY_ICON = { self_care: "home", routine: "calendar", soon: "clock", urgent: "alert" };

/** A line of a ranking ({rank, code, name, probability, …}); the likeliest stands open. */
export function diseaseCard(entry, { threshold }) {
  const label = [element("span", { class: "rank" }, `${entry.rank} `), element("span", { class: "name" }, entry.name)];
  const summary = element(
    "summary",
    {},
    element("span", { class: "thumb frame" }, shownPicture(entry, "")),
    element("div", { class: "head" }, measure(label, entry.probability, "", threshold), element("div", { class: "chips" }, marks(entry))),
  );
  const details = element("details", { class: "disease", "data-keep": entry.code, open: entry.rank === 1 }, summary, more(entry));
  return element("li", {}, details);
}

function more(entry) {
  return element(
    "div",
    { class: "more-of" },
    picture(entry),
    element("div", { class: "said" }, aboutDisease(entry), element("a", { class: "in-library small", href: `/library#${encodeURIComponent(entry.code)}` }, text("inLibrary"))),
    similar(entry),
  );
}

/** The picture of a disease, and whether it is a case or a drawing. */
export function picture(entry) {
  return element(
    "figure",
    { class: "example" },
    element("div", { class: "frame" }, shownPicture(entry)),
    element("figcaption", { class: "small muted" }, text(`shown.${kindOf(entry)}`)),
  );
}

/** The picture; beside one that says the same already, `alt` is empty. */
export function shownPicture(entry, alt = text(`alt.${kindOf(entry)}`, { name: entry.name })) {
  const path = localPath(entry.picture) ?? `/api/v1/diseases/${encodeURIComponent(entry.code)}/drawing`;
  return imageOf(path, alt);
}

const kindOf = (entry) => (localPath(entry.picture) && entry.picture_kind === "case" ? "case" : "drawing");

/** What it looks like, whether it can wait or be treated at home, and what to do. */
export function aboutDisease({ features, wait, home, advice }) {
  const lines = [["features", features], ["wait", wait], ["home", home], ["advice", advice]].filter(([, words]) => words);
  return element("dl", { class: "about" }, lines.map(([name, words]) => element("div", { class: name }, element("dt", {}, text(name)), element("dd", {}, words))));
}

/** Urgency, malignancy and contagion, each in words with a drawing. */
export function marks({ urgency, malignant, contagious }) {
  return [
    urgency ? chip(URGENCY[urgency] ?? "", URGENCY_ICON[urgency], text(`urgency.${urgency}`)) : null,
    malignant ? chip("bad", null, text("malignant")) : null,
    contagious === undefined || contagious === null
      ? null
      : chip(contagious ? "warn" : "", contagious ? "spread" : null, text(contagious ? "contagious" : "notContagious")),
  ];
}

const chip = (tone, drawing, words) => element("span", { class: `chip ${tone}` }, drawing ? icon(drawing) : null, words);

function similar({ similar: cases, name, matched }) {
  const shown = (cases ?? []).filter((each) => localPath(each.picture));
  if (shown.length === 0) return null;
  const lines = shown.map((each) =>
    element(
      "li",
      {},
      element("div", { class: "frame" }, imageOf(localPath(each.picture), text("alt.case", { name }))),
      element("span", { class: "small muted" }, text("alike", { share: percent(each.resemblance) })),
    ),
  );
  return element("section", { class: "similar" }, element("h4", {}, text("similar"), narrowed(matched)), element("ul", {}, lines));
}

/** By what of the patient the cases were chosen, where by anything. */
function narrowed(matched) {
  const facts = [matched?.sex && "sex", matched?.age && matched.age !== "any" && "age", matched?.body_site && matched.body_site !== "any" && "body_site"];
  const words = facts.filter(Boolean).map((fact) => text(`told.${fact}`));
  return words.length ? element("small", {}, ` (${text("matched", { facts: words.join(", ") })})`) : null;
}
