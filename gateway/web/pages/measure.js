// A share of one, as words and as a bar.

import { element } from "./dom.js";
import { percent } from "./texts.js";

/** A label, a share of one, and a bar; `mark` is where the threshold stands. */
export function measure(label, share, tone = "", mark = null) {
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
