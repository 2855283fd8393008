// Pictures of the library: drawings and reference cases. Fetched when they come near the screen, by the same calls as
// everything else, so that a key goes along; each is fetched once.

import { pictureAt } from "./api.js";
import { element } from "./dom.js";
import { whenNear } from "./near.js";

const MOST_KEPT = 160;

const kept = new Map(); // path -> promise of an address of the picture in this page, the oldest first
const arriving = whenNear(load);

/** A picture of this host; its place keeps its size while it is on its way. */
export function imageOf(path, alt) {
  const image = element("img", { class: "library-picture", alt, decoding: "async", "data-path": path });
  arriving.wait(image);
  return image;
}

/** Let go of everything: what one key showed is not for another. */
export function forgetImages() {
  for (const path of [...kept.keys()]) drop(path);
}

async function load(image) {
  const { path } = image.dataset;
  try {
    if (!kept.has(path)) keep(path);
    image.src = await kept.get(path);
    await image.decode();
    image.classList.add("shown");
  } catch {
    kept.delete(path); // asked for again when a card is made anew
    image.classList.add("missing");
  }
}

function keep(path) {
  kept.set(path, pictureAt(path).then((blob) => URL.createObjectURL(blob)));
  if (kept.size > MOST_KEPT) drop(kept.keys().next().value);
}

function drop(path) {
  kept.get(path).then((address) => URL.revokeObjectURL(address)).catch(() => {});
  kept.delete(path);
}
