// What a card is of: whose, where on the body, of what kind, and of which case.

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { text } from "./texts.js";

const SIDES = { R: "right", L: "left", B: "both" };
const MARK_LENGTH = 6;

/** A line of facts; null where nothing is known. */
export function subject(submission) {
  const facts = [patient(submission), order(submission), place(submission), kind(submission), frames(submission), caseMark(submission)];
  const known = facts.filter(Boolean);
  return known.length ? element("ul", { class: "subject" }, known) : null;
}

const fact = (drawing, words, name) => element("li", { class: name }, icon(drawing), element("span", {}, words));

const patient = ({ patient_id: id }) => (id ? fact("person", text("patient", { id }), "patient") : null);

/** Only what somebody has to know: that the photo is not of the order that it names, or not yet. */
const order = ({ worklist }) => (worklist && worklist.state !== "found" ? element("li", { class: "order" }, text(`order.${worklist.state}`)) : null);

function place({ body_site: site, laterality }) {
  const words = [site?.name, SIDES[laterality] && text(`side.${SIDES[laterality]}`)].filter(Boolean);
  return words.length ? fact("place", words.join(", "), "place") : null;
}

const kind = (submission) => (submission.kind === "dermoscopic" ? fact("lens", text("dermoscopic"), "kind") : null);

/** Of how many pictures it is where it has several, and which of them was judged. */
function frames({ media, frames: count, judgement }) {
  if (media === "video") {
    const values = { frame: judgement?.frame, count };
    return fact("film", text(judgement ? (count ? "videoFrameOf" : "videoFrame") : "video", values), "film");
  }
  return count > 1 ? fact("pages", text("pages", { count }), "pages") : null;
}

/** The beginning of the case's id, with a colour made of it: cards that share both are of one case. */
function caseMark({ case_id: id }) {
  if (!id) return null;
  const mark = element("span", { class: "case-mark", style: { "--hue": parseInt(id.slice(0, MARK_LENGTH), 16) % 360 }, "aria-hidden": "true" });
  return element("li", { class: "case", title: text("caseWhole", { id }) }, mark, element("span", {}, text("case", { mark: id.slice(0, MARK_LENGTH) })));
}
