// The DICOM objects made of a photo and about it, and where they were delivered.

import { element } from "./dom.js";
import { text } from "./texts.js";

const UIDS = [
  ["study", "study_instance_uid"],
  ["series", "series_instance_uid"],
  ["instance", "sop_instance_uid"],
  ["sopClass", "sop_class_uid"],
];
const OF_A_REPORT = UIDS.slice(1, 3); // it is in the object's study, and of a class that reports have
const TONE = {
  sent: "good", confirmed: "good", committed: "good",
  failed: "warn", not_accepted: "warn", dead: "bad",
};
const COPIED_FOR_MILLISECONDS = 1500;

/** The object, the report of what the models found on it, and that of what a doctor said of its case. */
export function dicomObjects({ dicom, media, referral }) {
  if (!dicom) return null;
  const opinionReport = referral?.opinion?.report;
  return element(
    "details",
    { class: "object", "data-keep": "object" },
    element("summary", {}, text("object")),
    archived(text(media === "video" ? "objectOfVideo" : "objectOfPhoto"), dicom, UIDS),
    dicom.report ? archived(text("reportOfModels"), dicom.report, OF_A_REPORT) : null,
    opinionReport ? archived(text("reportOfOpinion"), opinionReport, OF_A_REPORT) : null,
  );
}

function archived(title, object, uids) {
  const lines = uids.filter(([, key]) => object[key]).flatMap(([label, key]) => [
    element("dt", {}, text(label)),
    element("dd", {}, element("code", {}, object[key]), copyButton(object[key])),
  ]);
  return element(
    "section",
    { class: "archived" },
    element("h4", {}, title),
    element("dl", { class: "uids" }, lines),
    object.url ? element("a", { href: metadataUrl(object), target: "_blank", rel: "noopener" }, text("metadata")) : null,
  );
}

/** Always a path of this origin: an absolute address or a script in `url` cannot become a link. */
const metadataUrl = ({ url }) => `/${url.replace(/^\/+/, "")}/metadata`;

function copyButton(uid) {
  const button = element("button", { type: "button", class: "copy" }, text("copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(uid);
    button.textContent = text("copied");
    setTimeout(() => { button.textContent = text("copy"); }, COPIED_FOR_MILLISECONDS);
  });
  return button;
}

export function deliveries({ deliveries: made, state }) {
  if (state !== "accepted") return null;
  const chips = made.map((delivery) =>
    element("li", { class: `chip ${TONE[delivery.state] ?? ""}` }, `${delivery.destination}: ${text(`delivery.${delivery.state}`)}`),
  );
  return element(
    "section",
    { class: "group" },
    element("h3", {}, text("deliveries")),
    chips.length ? element("ul", { class: "chips" }, chips) : element("p", { class: "muted small" }, text("noDeliveries")),
  );
}
