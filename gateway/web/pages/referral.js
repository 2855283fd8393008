// Whether a dermatologist looks at the case, and why; and asking for one.

import { askForDoctor } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { explain } from "./problems.js";
import { percent, text } from "./texts.js";

const WAITING = ["open", "claimed", "video_requested"];

/** What becomes of the case, or the button that asks. */
export function referralOf(submission) {
  const { referral, case_id: caseId, ranking } = submission;
  if (!caseId || !referral) return null;
  return element(
    "section",
    { class: "referral", "aria-live": "polite" },
    WAITING.includes(referral.state) ? goes(referral, ranking) : asking(submission),
  );
}

function goes({ state, reasons }, ranked) {
  const threshold = percent(ranked?.threshold ?? 0);
  return element(
    "div",
    { class: "notice goes" },
    icon("doctor"),
    element(
      "div",
      {},
      element("p", {}, element("strong", {}, text("referral")), " ", element("span", { class: "chip" }, text(`referral.${state}`))),
      element("ul", { class: "small" }, reasons.map((reason) => element("li", {}, text(`because.${reason}`, { threshold })))),
    ),
  );
}

function asking({ case_id: caseId, referral, ranking }) {
  const trouble = element("p", { class: "trouble small", role: "alert", hidden: true });
  const button = element("button", { type: "button", class: "quiet ask" }, icon("doctor"), text(referral.state === "answered" ? "askAgain" : "ask"));
  button.addEventListener("click", () => ask(caseId, button, trouble, ranking));
  return element("div", { class: "asking" }, button, element("p", { class: "muted small" }, text("askText")), trouble);
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
