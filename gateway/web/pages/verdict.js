// The verdict on a photo, and the ranking of diseases.

import { element } from "./dom.js";
import { percent, text } from "./texts.js";

const TONE = { accepted: "good", rejected: "bad", processing: "" };
const SHOWN_AT_ONCE = 3;
const URGENCY = { self_care: "good", routine: "", soon: "warn", urgent: "bad" };

export const verdict = (state) => element("strong", { class: `chip verdict ${TONE[state] ?? ""}` }, text(state));

export function judgement({ judgement: judged, state }) {
  if (!judged) return null;
  return element(
    "section",
    { class: "group" },
    measure(text("usable"), judged.probability, TONE[state]),
    judged.reasons.length ? reasons(judged.reasons) : null,
  );
}

function reasons(found) {
  const lines = found.map((reason) =>
    element(
      "li",
      { class: "group" },
      measure(reason.name ?? text(`reason.${reason.code}`), reason.probability, "warn"),
      reason.advice ? element("p", { class: "advice" }, reason.advice) : null,
    ),
  );
  return element("ul", { class: "reasons", "aria-label": text("reasons") }, lines);
}

export function ranking({ ranking: ranked, referral }) {
  if (!ranked) return null;
  const head = element(
    "div",
    { class: "group-head" },
    element("h3", {}, text("ranking")),
    ranked.demonstration === false ? null : element("span", { class: "chip warn" }, text("rankingDemonstration")),
  );
  const lines = ranked.diseases.map((entry) => disease(entry, ranked.threshold));
  const undecided = ranked.decided ? null : text("undecided", { threshold: percent(ranked.threshold) });
  return element(
    "section",
    { class: "group" },
    head,
    undecided ? element("p", { class: "muted small" }, undecided) : null,
    element("ol", { class: "diseases" }, lines.slice(0, SHOWN_AT_ONCE)),
    others(lines.slice(SHOWN_AT_ONCE)),
    referralOf(referral),
  );
}

function others(lines) {
  if (lines.length === 0) return null;
  return element(
    "details",
    { class: "rest", "data-keep": "rest" },
    element("summary", {}, text("others", { count: lines.length })),
    element("ol", { class: "diseases", start: SHOWN_AT_ONCE + 1 }, lines),
  );
}

function disease(entry, threshold) {
  const label = [element("span", { class: "rank" }, `${entry.rank} `), entry.name];
  const told = [entry.features, entry.advice].filter(Boolean).map((words) => element("p", {}, words));
  const details = element(
    "details",
    { class: "disease", "data-keep": entry.code },
    element("summary", {}, measure(label, entry.probability, "", threshold)),
    element("div", { class: "more-of" }, element("div", { class: "chips" }, marks(entry)), told),
  );
  return element("li", {}, details);
}

function marks({ urgency, malignant, contagious }) {
  return [
    urgency ? element("span", { class: `chip ${URGENCY[urgency] ?? ""}` }, text(`urgency.${urgency}`)) : null,
    malignant ? element("span", { class: "chip bad" }, text("malignant")) : null,
    contagious === undefined
      ? null
      : element("span", { class: contagious ? "chip warn" : "chip" }, text(contagious ? "contagious" : "notContagious")),
  ];
}

function referralOf(referral) {
  if (!referral || referral.state === "none") return null;
  if (referral.state === "answered" && referral.opinion) return null; // the answer itself stands above
  const because = referral.reasons.map((reason) => text(`because.${reason}`)).join(", ");
  return element(
    "p",
    { class: "notice small" },
    `${text("referral")}: ${text(`referral.${referral.state}`)}${because ? ` (${because})` : ""}`,
  );
}

/** A label, a share of one, and a bar; `mark` is where the threshold stands. */
function measure(label, share, tone = "", mark = null) {
  const bar = element(
    "div",
    { class: `bar ${tone}`, style: { "--share": share }, "aria-hidden": "true" },
    mark === null ? null : element("span", { class: "mark", style: { "--mark": mark } }),
  );
  return element(
    "div",
    { class: "measure" },
    element("span", {}, label),
    element("span", { class: "share" }, percent(share, mark)),
    bar,
  );
}
