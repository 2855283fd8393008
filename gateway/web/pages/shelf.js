// The shelf: all diseases that fit what is searched for, each with a picture.

import { localPath } from "./api.js";
import { marks, shownPicture } from "./disease.js";
import { byId, element } from "./dom.js";
import { currentLanguage, number, text } from "./texts.js";

const BANDS = [...Array.from({ length: 9 }, (_, index) => `${10 * index}-${10 * index + 9}`), "90+"];
const NONE = { cases: 0, picture: null };
const URGENCIES = ["self_care", "routine", "soon", "urgent"];

/** What cases are narrowed by: the chosen sex, age band and body site. */
export function chosenFacts() {
  const chosen = new FormData(byId("filters"));
  return Object.fromEntries([...chosen].filter(([, value]) => value));
}

/** Fill the lists of the filters in the page's language; what was chosen stays chosen. */
export function fillFilters(sites) {
  const sorted = [...sites].sort((a, b) => a.name.localeCompare(b.name, currentLanguage()));
  fill(byId("body-site"), sorted.map(({ slug, name }) => [slug, name]));
  fill(byId("age-band"), ageBands());
  fill(byId("urgency"), URGENCIES.map((urgency) => [urgency, text(`urgency.${urgency}`)]));
}

/** The bands of ages, as values and words. */
export const ageBands = () => BANDS.map((band) => [band, text("years", { band: band.replace("-", "–") })]);

export function fill(select, options) {
  const chosen = select.value;
  select.replaceChildren(select.firstElementChild, ...options.map(([value, name]) => element("option", { value }, name)));
  select.value = chosen;
}

/** Show the diseases that fit; `cases` are {cases, picture} of those that fit the facts, by disease, null where none may be seen. */
export function showShelf({ diseases, cases }) {
  const shown = fitting(diseases, cases);
  for (const name of ["sex", "age_band", "body_site"]) byId("filters").elements[name].closest("label").hidden = cases === null;
  byId("with-cases").closest("label").hidden = cases === null;
  byId("entries").replaceChildren(...shown.map((disease) => entry(disease, cases?.get(disease.code) ?? NONE)));
  byId("empty").hidden = shown.length > 0 || diseases.length === 0;
  const count = shown.reduce((sum, { code }) => sum + (cases?.get(code) ?? NONE).cases, 0);
  byId("found").textContent = diseases.length ? text("found", { diseases: number(shown.length), cases: number(count) }) : "";
}

function fitting(diseases, cases) {
  const words = plain(byId("find").value).split(/\s+/).filter(Boolean);
  const urgency = byId("urgency").value;
  const needsCases = cases !== null && byId("with-cases").checked;
  const count = ({ code }) => (cases?.get(code) ?? NONE).cases;
  const fits = (disease) =>
    (!urgency || disease.urgency === urgency) &&
    (!needsCases || count(disease) > 0) &&
    words.every((word) => plain(searched(disease)).includes(word));
  const found = diseases.filter(fits);
  return Object.keys(chosenFacts()).length ? found.sort((a, b) => count(b) - count(a)) : found;
}

const searched = ({ name, features, code, coding }) => [name, features, code.replaceAll("_", " "), coding.meaning, coding.code].join(" ");
const plain = (words) => words.normalize("NFKC").toLowerCase();

function entry(disease, { cases, picture }) {
  const example = localPath(picture);
  const shown = example ? { ...disease, picture: example, picture_kind: "case" } : disease;
  return element(
    "li",
    { class: "panel", "data-disease": disease.code },
    element(
      "a",
      { href: `#${disease.code}` },
      element("span", { class: "frame" }, shownPicture(shown), example ? element("span", { class: "kind chip" }, text("shown.case")) : null),
      element("strong", {}, disease.name),
      element("span", { class: "chips" }, marks(disease).slice(0, 3), cases ? element("span", { class: "chip busy" }, text("cases", { count: number(cases) })) : null),
    ),
  );
}
