// Posting photos and videos: dropped, chosen or taken, one after the other.

import { bodySites, post, randomKey } from "./api.js";
import { byId, element } from "./dom.js";
import { explain } from "./problems.js";
import { currentLanguage, text } from "./texts.js";

const LINES_KEPT = 6;
const TONE = { sending: "", posted: "good", failed: "bad" };

let queue = Promise.resolve();
let sites = [];
const lines = []; // what became of the files, the newest first: {node, name, state, problem}

/** Take files from the form; `posted` is called after each. */
export function startPosting(posted) {
  const enqueue = (files) => {
    for (const file of files) queue = queue.then(() => postOne(file)).then(posted);
  };
  byId("files").addEventListener("change", ({ target }) => {
    enqueue([...target.files]);
    target.value = "";
  });
  byId("post-form").addEventListener("submit", (event) => event.preventDefault());
  byId("body-site").addEventListener("change", showSide);
  startDropping(enqueue);
}

function startDropping(enqueue) {
  const drop = byId("drop");
  for (const event of ["dragenter", "dragover"]) document.addEventListener(event, (dragged) => {
    dragged.preventDefault(); // a photo dropped beside the zone must not replace the page
    drop.classList.toggle("over", drop.contains(dragged.target));
  });
  document.addEventListener("drop", (dropped) => {
    dropped.preventDefault();
    drop.classList.remove("over");
    if (drop.contains(dropped.target)) enqueue([...dropped.dataTransfer.files]);
  });
}

/** Fill the list of body sites in the page's language; what was chosen stays chosen. */
export async function showBodySites() {
  sites = await bodySites();
  const select = byId("body-site");
  const chosen = select.value;
  const sorted = [...sites].sort((a, b) => a.name.localeCompare(b.name, currentLanguage()));
  const options = sorted.map(({ slug, name }) => element("option", { value: slug }, name));
  select.replaceChildren(select.firstElementChild, ...options);
  select.value = chosen;
}

function showSide() {
  const site = sites.find(({ slug }) => slug === byId("body-site").value);
  byId("laterality-field").hidden = !site?.paired;
  if (!site?.paired) byId("laterality").value = "";
}

async function postOne(file) {
  const line = { node: element("li"), name: file.name, state: "sending", problem: null };
  add(line);
  try {
    await post(formOf(file), randomKey());
    line.state = "posted";
  } catch (problem) {
    line.state = "failed";
    line.problem = problem;
  }
  write(line);
}

function add(line) {
  write(line);
  byId("posting").prepend(line.node);
  lines.unshift(line);
  for (const { node } of lines.splice(LINES_KEPT)) node.remove();
}

function write({ node, name, state, problem }) {
  node.replaceChildren(
    element("span", { class: "file" }, name),
    element("span", { class: `chip ${TONE[state]}` }, text(state)),
    ...(problem ? [explain(element("div", { class: "words" }), problem)] : []),
  );
}

/** Say what became of the files in the page's language. */
export const rewritePosting = () => lines.forEach(write);

function formOf(file) {
  const form = new FormData();
  for (const [name, value] of new FormData(byId("post-form"))) {
    if (typeof value === "string" && value.trim()) form.append(name, value.trim());
  }
  form.append("photo", file, file.name);
  return form;
}
