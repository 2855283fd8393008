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

/** The photo with the map and its outline; the words below it, unreadable in a card, are left to what opens in full. */
async function drawn({ heat, picture }) {
  const { width, height } = await createImageBitmap(await pictureAt(localPath(heat))); // the map alone is as large as the photo
  const full = element("img", { src: URL.createObjectURL(await pictureAt(localPath(picture))) });
  await full.decode();
  const over = element("canvas", { class: "over", role: "img", "aria-label": text("explain"), width, height, "data-full": full.src });
  over.getContext("2d").drawImage(full, -Math.floor((full.naturalWidth - width) / 2), 0); // at the top of its sheet, in the middle
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
  if (over) URL.revokeObjectURL(over.dataset.full);
}
