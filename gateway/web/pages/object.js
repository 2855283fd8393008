// The DICOM object made of a photo, and where it was delivered.

import { element } from "./dom.js";
import { text } from "./texts.js";

const UIDS = [
  ["study", "study_instance_uid"],
  ["series", "series_instance_uid"],
  ["instance", "sop_instance_uid"],
  ["sopClass", "sop_class_uid"],
];
const TONE = {
  sent: "good", confirmed: "good", committed: "good",
  failed: "warn", not_accepted: "warn", dead: "bad",
};
const COPIED_FOR_MILLISECONDS = 1500;

export function dicomObject({ dicom }) {
  if (!dicom) return null;
  const lines = UIDS.filter(([, key]) => dicom[key]).flatMap(([label, key]) => [
    element("dt", {}, text(label)),
    element("dd", {}, element("code", {}, dicom[key]), copyButton(dicom[key])),
  ]);
  return element(
    "details",
    { class: "object", "data-keep": "object" },
    element("summary", {}, text("object")),
    element("dl", { class: "uids" }, lines),
    dicom.url ? element("a", { href: metadataUrl(dicom), target: "_blank", rel: "noopener" }, text("metadata")) : null,
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
