// Adding a reference case to the library: a photo that tells of nobody, and what is known beside it.

import { addCase, randomKey } from "./api.js";
import { element } from "./dom.js";
import { explain } from "./problems.js";
import { ageBands } from "./shelf.js";
import { currentLanguage, text } from "./texts.js";

const SEXES = [["F", "female"], ["M", "male"], ["O", "other"]];
const LINES = [["colour", 64], ["shape", 64], ["onset", 64]];
const PARAGRAPHS = [["symptoms", 1000], ["food_eaten", 1000]];

/** A folded form for staff; `changed` is called when a case was added. */
export function caseForm(disease, sites, changed) {
  const trouble = element("p", { class: "trouble", role: "alert", hidden: true });
  const button = element("button", { class: "primary" }, text("addCase"));
  const form = element("form", { class: "fields" }, fields(sites), trouble, element("div", { class: "wide" }, button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ form, disease, button, trouble, changed });
  });
  return element(
    "details",
    { class: "adding panel", "data-keep": "adding" },
    element("summary", {}, text("addCaseTitle")),
    element("p", { class: "muted small" }, text("addCaseText")),
    form,
  );
}

function fields(sites) {
  const sorted = [...sites].sort((a, b) => a.name.localeCompare(b.name, currentLanguage()));
  return [
    photo(),
    labelled("sex", select("sex", SEXES.map(([value, word]) => [value, text(word)]))),
    labelled("ageBand", select("age_band", ageBands())),
    labelled("bodySite", select("body_site", sorted.map(({ slug, name }) => [slug, name]))),
    labelled("kindOf", select("kind", [["clinical", text("clinical")], ["dermoscopic", text("dermoscopic")]], false)),
    labelled("feature.itch", select("itch", [["true", text("yes")], ["false", text("no")]])),
    labelled("feature.size_mm", element("input", { type: "number", name: "size_mm", min: 0.1, max: 2000, step: "any", inputmode: "decimal" })),
    ...LINES.map(([name, longest]) => labelled(`feature.${name}`, element("input", { name, maxlength: longest, autocomplete: "off" }))),
    ...PARAGRAPHS.map(([name, longest]) => labelled(`feature.${name}`, element("textarea", { name, maxlength: longest, rows: 2 }), "wide")),
  ];
}

/** The choice of a file in the page's language: a browser's own is in the browser's. */
function photo() {
  const chosen = element("output", { class: "small" }, text("noFile"));
  const input = element("input", { type: "file", name: "photo", accept: "image/*,video/*", required: true });
  input.addEventListener("change", () => { chosen.textContent = input.files[0]?.name ?? text("noFile"); });
  const choosing = element("div", { class: "choosing" }, input, element("div", { class: "quiet" }, text("chooseFile")), chosen);
  return labelled("casePhoto", choosing, "wide");
}

const labelled = (key, control, name = "") => element("label", { class: name }, element("span", {}, text(key)), control);

function select(name, options, unsaid = true) {
  const none = unsaid ? [element("option", { value: "" }, text("notSaid"))] : [];
  return element("select", { name }, none, options.map(([value, words]) => element("option", { value }, words)));
}

async function send({ form, disease, button, trouble, changed }) {
  const said = new FormData(form);
  for (const [name, value] of [...said]) if (typeof value === "string" && !value.trim()) said.delete(name);
  said.append("disease", disease.code);
  button.disabled = true;
  trouble.hidden = true;
  try {
    await addCase(said, randomKey());
    changed();
  } catch (problem) {
    button.disabled = false;
    trouble.hidden = false;
    explain(trouble, problem);
  }
}
