// Pictures are fetched when they come near the screen, by the same calls as everything else, so that a key goes along.

import { picture } from "./api.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { whenNear } from "./near.js";
import { text } from "./texts.js";
import { showPicture } from "./viewer.js";

const arriving = whenNear(load);

async function load(image) {
  try {
    image.src = URL.createObjectURL(await picture(image.dataset.photo));
    await image.decode();
    image.classList.add("shown");
  } catch {
    image.removeAttribute("src"); // the card says what is known without it
    delete image.dataset.wanted;
  }
}

/** The place of a submission's picture, opening in full when it is pressed; `tell` says what there is to show. */
export function pictureOf(id) {
  const image = element("img", { "data-photo": id, decoding: "async" });
  const button = element("button", { type: "button" }, image);
  const figure = element("figure", { class: "picture" }, button);
  button.addEventListener("click", () => show(image, figure.querySelector(".over:not([hidden])")));
  return figure;
}

/** Say what there is of a submission's picture: it is asked for only once there is one, and again where that failed. */
export function tell(figure, { picture: there, state, media }) {
  const [button, image] = [figure.querySelector("button"), figure.querySelector("img")];
  figure.className = `picture ${there ? "" : state === "processing" ? "waiting" : "none"}`;
  button.setAttribute("aria-label", text("openPicture"));
  button.disabled = !there;
  image.alt = text(media === "video" ? "videoAlt" : "photoAlt");
  figure.querySelector(".mark")?.remove();
  if (!there || media === "video") figure.append(mark(there, media));
  if (!there || "wanted" in image.dataset) return;
  image.dataset.wanted = "";
  arriving.wait(image);
}

/** What stands for a picture that is not there, or says that it is a frame of a video. */
function mark(there, media) {
  const drawing = icon(media === "video" ? "film" : "photo");
  return element("span", { class: `mark ${there ? "corner" : ""}` }, drawing);
}

/** Let go of a card's picture, which is not shown any more. */
export function forget(figure) {
  const image = figure.querySelector("img");
  arriving.forget(image);
  if (image.src) URL.revokeObjectURL(image.src);
}

/** Open the picture, or in full what lies over it. */
function show(image, over) {
  if (!image.src && !over) return;
  if (over) showPicture(over.dataset.full, over.getAttribute("aria-label"));
  else showPicture(image.src, image.alt);
}
