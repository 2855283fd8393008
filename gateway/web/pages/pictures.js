// Pictures are fetched when they come near the screen, by the same calls as everything else, so that a key goes along.

import { picture } from "./api.js";
import { byId, element } from "./dom.js";
import { text } from "./texts.js";

const NEAR = "400px";

const arriving = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      arriving.unobserve(target);
      load(target);
    }
  },
  { rootMargin: NEAR },
);

async function load(image) {
  try {
    image.src = URL.createObjectURL(await picture(image.dataset.photo));
    await image.decode();
    image.classList.add("shown");
  } catch {
    image.removeAttribute("src"); // there may be none yet: the card says what is known without it
    image.dataset.failed = "";
  }
}

/** The picture of a submission, opening in full when it is pressed. */
export function pictureOf(id) {
  const image = element("img", { alt: text("photoAlt"), "data-photo": id, decoding: "async" });
  arriving.observe(image);
  const button = element("button", { type: "button", "aria-label": text("openPicture"), on: { click: () => show(image) } }, image);
  return element("figure", { class: "picture" }, button);
}

/** Try a picture again that could not be had before, as a photo under way has none. */
export function retry(figure) {
  const image = figure.querySelector("img[data-failed]");
  if (!image) return;
  delete image.dataset.failed;
  arriving.observe(image);
}

/** Let go of a card's picture, which is not shown any more. */
export function forget(figure) {
  const image = figure.querySelector("img");
  arriving.unobserve(image);
  if (image.src) URL.revokeObjectURL(image.src);
}

function show(image) {
  if (!image.src) return;
  byId("viewer-picture").src = image.src;
  byId("viewer-picture").alt = image.alt;
  byId("viewer").showModal();
}
