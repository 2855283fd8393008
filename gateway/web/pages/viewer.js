// The dialog that shows a picture in full, or plays a video.

import { pictureAt } from "./api.js";
import { element } from "./dom.js";

const picture = element("img", { id: "viewer-picture", alt: "" });
const video = element("video", { id: "viewer-video", controls: true, playsinline: true, hidden: true });
const closing = element("button", { class: "close", "data-label": "close" }, "×");
const dialog = element("dialog", { class: "viewer", id: "viewer", "data-label": "picture" }, element("form", { method: "dialog" }, closing), picture, video);

/** Put it into the page: it closes when it is pressed, and lets go of what it played. */
export function startViewer() {
  dialog.addEventListener("click", ({ target }) => {
    if (target !== video) dialog.close();
  });
  dialog.addEventListener("close", () => {
    letGo();
    video.removeAttribute("src");
    video.load();
  });
  document.body.append(dialog);
}

export function showPicture(address, alt) {
  picture.src = address;
  picture.alt = alt;
  open(picture);
}

export async function playVideo(path, words) {
  const film = await pictureAt(path);
  letGo(); // pressed twice, it comes twice
  video.src = URL.createObjectURL(film);
  video.setAttribute("aria-label", words);
  open(video);
  video.focus();
}

function letGo() {
  if (video.src) URL.revokeObjectURL(video.src);
}

function open(shown) {
  for (const part of [picture, video]) part.hidden = part !== shown;
  if (!dialog.open) dialog.showModal();
}
