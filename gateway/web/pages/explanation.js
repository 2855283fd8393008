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
    const over = told.clear_region ? await drawn(told) : null;
    if (shown.path !== path || shown.language !== language) release(over);
    else lay(shown, figure, { over, words: [told.note, told.words] });
  } catch (problem) {
    if (problem.status === BUSY) explain(said, problem);
    else node.hidden = true; // none is made here: the photo and the answer stand without
  }
  button.disabled = false;
  return shown.words !== null;
}

/** The map, to lie over the photo; what opens in full has its legend in the picture too, unreadable in a card. */
async function drawn({ heat, picture }) {
  const [map, full] = [await pictureAt(localPath(heat)), await pictureAt(localPath(picture))].map((blob) => URL.createObjectURL(blob));
  const over = element("img", { class: "over shown", alt: text("explain"), src: map, "data-full": full });
  await over.decode();
  return over;
}

/** Lay what was drawn over the photo. */
function lay(shown, figure, { over, words }) {
  Object.assign(shown, { over, words });
  if (over) figure.append(over);
}

function remove(shown) {
  release(shown.over);
  shown.over?.remove();
  Object.assign(shown, { words: null, over: null, on: false });
}

function release(over) {
  if (over) for (const address of [over.src, over.dataset.full]) URL.revokeObjectURL(address);
}
