// The dialog that shows a picture of the library in full, or plays a video of it.

import { pictureAt } from "./api.js";
import { byId } from "./dom.js";

/** Close it when it is pressed, and let go of what it played. */
export function startViewer() {
  byId("viewer").addEventListener("click", ({ target, currentTarget }) => {
    if (target !== byId("viewer-video")) currentTarget.close();
  });
  byId("viewer").addEventListener("close", () => {
    const video = byId("viewer-video");
    if (video.src) URL.revokeObjectURL(video.src);
    video.removeAttribute("src");
    video.load();
  });
}

export function showPicture(address, alt) {
  open({ picture: true });
  byId("viewer-picture").src = address;
  byId("viewer-picture").alt = alt;
}

export async function playVideo(path, words) {
  const address = URL.createObjectURL(await pictureAt(path));
  open({ picture: false });
  byId("viewer-video").src = address;
  byId("viewer-video").setAttribute("aria-label", words);
  byId("viewer-video").focus();
}

function open({ picture }) {
  byId("viewer-picture").hidden = !picture;
  byId("viewer-video").hidden = picture;
  byId("viewer").showModal();
}
