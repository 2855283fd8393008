// What its sender wrote beside a photo, for the doctor who looks at it.

import { element } from "./dom.js";
import { text } from "./texts.js";

const WRITTEN = ["symptoms", "onset", "shape", "size_mm", "note"];

/** The lines that there are; null where nothing was written, or for whoever it is not for. */
export function said({ said: written }) {
  const lines = WRITTEN.filter((name) => written?.[name]);
  if (lines.length === 0) return null;
  const words = lines.flatMap((name) => [element("dt", {}, text(`feature.${name}`)), element("dd", {}, String(written[name]))]);
  return element("section", { class: "group written" }, element("h3", {}, text("said")), element("dl", {}, words));
}
