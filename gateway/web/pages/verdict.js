// The verdict on a photo: whether it can be used, and what is wrong with it.

import { element } from "./dom.js";
import { measure } from "./measure.js";
import { text } from "./texts.js";

const TONE = { accepted: "good", rejected: "bad", processing: "" };

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
