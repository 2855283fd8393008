// Whether a dermatologist looks at the case, and why; and asking for one.

import { askForDoctor } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { explain } from "./problems.js";
import { may } from "./rights.js";
import { percent, text } from "./texts.js";

const WAITING = ["open", "claimed", "video_requested"];

/** That a dermatologist will look and why, null where none will: said before what the photo resembles. */
export function going({ referral, ranking }) {
  return referral && WAITING.includes(referral.state) ? section(goes(referral, ranking)) : null;
}

/** What a photo cannot tell, and the button that asks for a dermatologist, beside the first disease; else null. */
export function asking(submission) {
  const { referral, case_id: caseId } = submission;
  return caseId && referral && !WAITING.includes(referral.state) ? section(offer(submission)) : null;
}

const section = (content) => element("section", { class: "referral", "aria-live": "polite" }, content);

function goes({ state, reasons }, ranked) {
  const threshold = percent(ranked?.threshold ?? 0);
  return element(
    "div",
    { class: `notice goes ${isGrave(reasons, ranked) ? "grave" : ""}` },
    icon("doctor"),
    element(
      "div",
      {},
      element("p", {}, element("strong", {}, text("referral")), " ", element("span", { class: "chip" }, text(`referral.${state}`))),
      element("ul", { class: "small" }, reasons.map((reason) => element("li", {}, text(`because.${reason}`, { threshold })))),
    ),
  );
}

const isGrave = (reasons, ranked) => reasons.includes("malignant") || ranked?.diseases[0]?.urgency === "urgent";

/** A benign first disease must not reassure more than a picture can; where a doctor has answered, that stands instead. */
function offer({ case_id: caseId, referral, ranking }) {
  const trouble = element("p", { class: "trouble small", role: "alert", hidden: true });
  const isAnswered = referral.state === "answered";
  const button = element("button", { type: "button", class: "quiet ask", hidden: true }, icon("doctor"), text(isAnswered ? "askAgain" : "ask"));
  button.addEventListener("click", () => ask(caseId, button, trouble, ranking));
  may("photos.submit").then((allowed) => { button.hidden = !allowed; }, () => {});
  const words = element("p", { class: "small" }, text(isAnswered ? "askText" : "caution"));
  return element("div", { class: `asking ${isAnswered ? "" : "notice"}` }, words, button, trouble);
}

/** The answer comes with the events: `referral.opened` lets the page look again. */
async function ask(caseId, button, trouble, ranking) {
  button.disabled = true;
  trouble.hidden = true;
  try {
    const referral = await askForDoctor(caseId);
    button.closest(".referral").replaceChildren(goes(referral, ranking));
  } catch (problem) {
    button.disabled = false;
    trouble.hidden = false;
    explain(trouble, problem);
  }
}
