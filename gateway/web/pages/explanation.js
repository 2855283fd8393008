// Where the model looked, over a photo: fetched when somebody wants to see it, and gone where there is none.

import { explanationAt, localPath, pictureAt } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { text } from "./texts.js";

/** The toggle of a photo's figure: `tell` it of the submission as it stands, `forget` it when the card goes. */
export function explanationOf(figure) {
  const words = element("span", {});
  const button = element("button", { type: "button", class: "quiet small", "aria-pressed": "false" }, icon("eye"), words);
  const said = element("p", { class: "muted small", role: "status" });
  const node = element("div", { class: "explain", hidden: true }, button, said);
  const shown = { path: null, heat: null, told: null, on: false, failed: false };

  const write = () => {
    button.setAttribute("aria-pressed", String(shown.on));
    words.textContent = text(shown.on ? "explainHide" : "explain");
    said.textContent = shown.on ? [text("explanation"), shown.told].filter(Boolean).join(" ") : "";
    if (shown.heat) shown.heat.hidden = !shown.on;
  };

  button.addEventListener("click", async () => {
    if (!shown.on && !shown.heat) await fetchOnce(shown, { button, said, node, figure });
    if (shown.heat) shown.on = !shown.on;
    write();
  });

  return {
    node,
    tell: (submission) => {
      const path = localPath(submission.explanation);
      if (path !== shown.path) remove(shown);
      shown.path = path;
      node.hidden = path === null || shown.failed;
      write();
    },
    forget: () => remove(shown),
  };
}

async function fetchOnce(shown, { button, said, node, figure }) {
  button.disabled = true;
  said.textContent = text("explaining");
  try {
    const document = await explanationAt(shown.path);
    shown.told = toldBy(document);
    const blob = await pictureAt(`${shown.path}/picture?layer=heat`);
    shown.heat = element("img", { class: "heat", alt: "", src: URL.createObjectURL(blob) });
    await shown.heat.decode();
    figure.append(shown.heat);
  } catch {
    shown.failed = true; // none is made here, or not now: the photo and the answer stand without
    node.hidden = true;
  }
  button.disabled = false;
}

const toldBy = ({ words, text: told }) => [words, told].find((each) => typeof each === "string") ?? null;

function remove(shown) {
  if (shown.heat) URL.revokeObjectURL(shown.heat.src);
  shown.heat?.remove();
  Object.assign(shown, { heat: null, told: null, on: false, failed: false });
}
