// What a dermatologist said of the case: a person's word, set apart from what models found.

import { element } from "./dom.js";
import { personName } from "./names.js";
import { text, time } from "./texts.js";

export function opinion({ referral }) {
  const given = referral?.opinion;
  if (!given) return null;
  return element(
    "section",
    { class: "opinion group" },
    element(
      "div",
      { class: "group-head" },
      element("h3", {}, text("opinion")),
      element("span", { class: "chip doctor" }, text("opinionByDoctor")),
    ),
    diagnoses(given.diagnoses),
    given.comment ? element("blockquote", { class: "comment" }, given.comment) : null,
    signature(given),
    referral.state === "answered" ? null : element("p", { class: "muted small" }, text("opinionEarlier")),
  );
}

function diagnoses(named) {
  if (named.length === 0) return null;
  const lines = named.map(({ rank, name }) => element("li", {}, named.length > 1 ? element("span", { class: "rank" }, `${rank} `) : null, name));
  return element("ol", { class: "diagnoses", "aria-label": text("diagnoses") }, lines);
}

function signature({ doctor, organization, given_at: givenAt }) {
  return element(
    "footer",
    { class: "signature small" },
    element("span", {}, element("strong", {}, personName(doctor)), organization ? ` · ${organization}` : ""),
    element("time", { datetime: givenAt }, time(new Date(givenAt))),
  );
}
