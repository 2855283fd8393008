// The answer to a photo: which diseases it resembles, each with what is worth knowing of it.

import { diseaseCard } from "./disease.js";
import { element } from "./dom.js";
import { asking, going } from "./referral.js";
import { text } from "./texts.js";

const SHOWN_AT_ONCE = 3;
const FACTS = ["sex", "age", "body_site"];

export function ranking(submission) {
  const { ranking: ranked } = submission;
  if (!ranked) return null;
  const cards = ranked.diseases.map((entry) => diseaseCard(entry, ranked));
  return element(
    "section",
    { class: "group answer" },
    going(submission),
    head(ranked),
    element("p", { class: "muted small" }, text("rankingMeaning"), " ", wentBy(ranked)),
    asking(submission),
    element("ol", { class: "diseases" }, cards.slice(0, SHOWN_AT_ONCE)),
    others(cards.slice(SHOWN_AT_ONCE)),
  );
}

function head({ demonstration }) {
  return element(
    "div",
    { class: "group-head" },
    element("h3", {}, text("ranking")),
    demonstration === false ? null : element("span", { class: "chip warn" }, text("rankingDemonstration")),
  );
}

/** What the model was told beside the picture, and what it was not; nothing where an older answer does not say. */
function wentBy({ told }) {
  if (!told) return null;
  const words = (names) => names.map((name) => text(`told.${name}`)).join(", ");
  const missing = FACTS.filter((name) => !told.includes(name));
  const known = text("told", { facts: words(["picture", ...told]) });
  return element("span", { class: "told" }, known, missing.length ? ` ${text("toldNot", { facts: words(missing) })}` : "");
}

function others(cards) {
  if (cards.length === 0) return null;
  return element(
    "details",
    { class: "rest", "data-keep": "rest" },
    element("summary", {}, text("others", { count: cards.length })),
    element("ol", { class: "diseases", start: SHOWN_AT_ONCE + 1 }, cards),
  );
}
