// Where the model looked, over a photo: fetched when somebody wants to see it, and gone where there is none.

import { explanationAt, localPath, pictureAt } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { explain } from "./problems.js";
import { currentLanguage, text } from "./texts.js";

const BUSY = 503;

/** The toggle of a photo's figure: `tell` it of the submission as it stands, `forget` it when the card goes. */
export function explanationOf(figure) {
  const words = element("span", {});
  const button = element("button", { type: "button", class: "quiet small", "aria-pressed": "false" }, icon("eye"), words);
  const said = element("div", { class: "muted small", role: "status" });
  const node = element("div", { class: "explain", hidden: true }, button, said);
  const shown = { path: null, language: null, words: null, over: null, on: false };

  const write = () => {
    button.setAttribute("aria-pressed", String(shown.on));
    words.textContent = text(shown.on ? "explainHide" : "explain");
    said.replaceChildren(...(shown.on ? shown.words : []).map((line) => element("p", {}, line)));
    if (shown.over) shown.over.hidden = !shown.on;
  };

  button.addEventListener("click", async () => {
    if (shown.words === null && !(await fetchOnce(shown, { button, said, node, figure }))) return;
    shown.on = !shown.on;
    write();
  });

  return {
    node,
    tell: (submission) => {
      const path = localPath(submission.explanation);
      if (path !== shown.path || currentLanguage() !== shown.language) remove(shown);
      Object.assign(shown, { path, language: currentLanguage() });
      node.hidden = path === null;
      write();
    },
    forget: () => remove(shown),
  };
}

/** Whether it is there now, and still what is asked for: the language or the photo's answer may have changed. */
async function fetchOnce(shown, { button, said, node, figure }) {
  const { path, language } = shown;
  button.disabled = true;
  said.textContent = text("explaining");
  try {
    const told = await explanationAt(path);
    const over = told.clear_region ? await drawn(told.picture) : null;
    if (shown.path !== path || shown.language !== language) URL.revokeObjectURL(over?.src);
    else lay(shown, figure, { over, words: [told.note, told.words] });
  } catch (problem) {
    if (problem.status === BUSY) explain(said, problem);
    else node.hidden = true; // none is made here: the photo and the answer stand without
  }
  button.disabled = false;
  return shown.words !== null;
}

/** The photo with the map over it. */
async function drawn(path) {
  const over = element("img", { class: "over shown", alt: text("explain"), src: URL.createObjectURL(await pictureAt(localPath(path))) });
  await over.decode();
  return over;
}

/** Put what was drawn in the place of the photo alone. */
function lay(shown, figure, { over, words }) {
  Object.assign(shown, { over, words });
  if (over) figure.append(over);
}

function remove(shown) {
  if (shown.over) URL.revokeObjectURL(shown.over.src);
  shown.over?.remove();
  Object.assign(shown, { words: null, over: null, on: false });
}
