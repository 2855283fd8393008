// A reference case: its pictures and what is known beside them. Nothing of it says whose it is.

import { localPath, withdrawCase } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { imageOf } from "./images.js";
import { explain } from "./problems.js";
import { day, text } from "./texts.js";
import { playVideo, showPicture } from "./viewer.js";

const SEXES = { F: "female", M: "male", O: "other" };
const SIDES = { R: "right", L: "left", B: "both" };
const FEATURES = ["itch", "colour", "size_mm", "shape", "symptoms", "onset", "food_eaten"];

/** A case as a card; `changed` is called when it is withdrawn, and null where it may not be. */
export function caseCard(shown, disease, changed) {
  return element(
    "li",
    { class: "case panel", "data-case": shown.id },
    pictures(shown, disease),
    element("div", { class: "case-facts" }, facts(shown), features(shown), origin(shown, changed)),
  );
}

function pictures({ pictures: shown }, { name }) {
  const usable = shown.filter(({ picture }) => localPath(picture));
  const trouble = element("p", { class: "trouble small", role: "alert", hidden: true });
  const buttons = usable.map((each) => opening(each, text("alt.case", { name }), trouble));
  return element("div", {}, element("div", { class: "case-pictures" }, buttons), trouble);
}

/** A picture that opens in full; of a video it is a frame, and the video plays. */
function opening({ picture, video }, alt, trouble) {
  const image = imageOf(localPath(picture), alt);
  const film = localPath(video);
  const mark = film ? element("span", { class: "film chip" }, icon("film"), text("video")) : null;
  const label = text(film ? "playVideo" : "openPicture");
  const button = element("button", { type: "button", class: "frame", "aria-label": label }, image, mark);
  button.addEventListener("click", () => {
    trouble.hidden = true;
    if (film) playVideo(film, alt).catch((problem) => { trouble.hidden = false; explain(trouble, problem); });
    else if (image.src) showPicture(image.src, alt);
  });
  return button;
}

function facts({ sex, age_band: band, body_site: site, laterality, kind }) {
  const words = [
    SEXES[sex] && text(SEXES[sex]),
    band && text("years", { band: band.replace("-", "–") }),
    site && [site.name, SIDES[laterality] && text(`side.${SIDES[laterality]}`)].filter(Boolean).join(", "),
    kind === "dermoscopic" ? text("dermoscopic") : null,
  ].filter(Boolean);
  return element("p", { class: "case-line" }, words.length ? words.join(" · ") : text("nothingKnown"));
}

function features({ features: told }) {
  const lines = FEATURES.filter((name) => told?.[name] !== undefined && told[name] !== null && told[name] !== "");
  if (lines.length === 0) return null;
  const words = (value) => (typeof value === "boolean" ? text(value ? "yes" : "no") : String(value));
  return element("dl", { class: "case-features small" }, lines.flatMap((name) => [element("dt", {}, text(`feature.${name}`)), element("dd", {}, words(told[name]))]));
}

function origin(shown, changed) {
  const trouble = element("p", { class: "trouble small", role: "alert", hidden: true });
  return element(
    "footer",
    { class: "muted small" },
    element("span", {}, text(`from.${shown.source}`), " · ", element("time", { datetime: shown.added_on }, day(shown.added_on))),
    changed && withdrawing(shown, changed, trouble),
    trouble,
  );
}

/** Asked twice: the first press asks whether it is meant, and going elsewhere says that it was not. */
function withdrawing({ id }, changed, trouble) {
  const button = element("button", { type: "button", class: "withdraw" }, text("withdraw"));
  button.addEventListener("blur", () => {
    delete button.dataset.sure;
    button.textContent = text("withdraw");
  });
  button.addEventListener("click", async () => {
    if (!("sure" in button.dataset)) {
      button.dataset.sure = "";
      button.textContent = text("withdrawSure");
      return;
    }
    button.disabled = true;
    try {
      await withdrawCase(id);
      changed();
    } catch (problem) {
      button.disabled = false;
      trouble.hidden = false;
      explain(trouble, problem);
    }
  });
  return button;
}
