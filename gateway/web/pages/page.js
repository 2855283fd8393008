// What every page has around its own: the language, the key, how the gateway is, and where it says what went wrong.

import { health } from "./api.js";
import { byId } from "./dom.js";
import { askForKey, keyWorks, startKeys } from "./key.js";
import { explain } from "./problems.js";
import { forgetRights } from "./rights.js";
import { currentLanguage, text, useLanguage } from "./texts.js";

const HEALTH_MILLISECONDS = 10_000;

let isReady = true; // whether the gateway was when it was last asked

/** Begin a page: `write` makes it anew in the language, now and after each change of it; `keyChanged` comes before. */
export function startPage({ write, keyChanged = () => {} }) {
  const speak = (language) => {
    useLanguage(language);
    write();
  };
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  startKeys(() => {
    forgetRights();
    keyChanged();
    speak(currentLanguage());
  });
  speak(currentLanguage());
  watchHealth();
}

/** Say what went wrong; where it is about the key ask for one, and let `clear` take away what another key showed. */
export function trouble(problem, clear = () => {}) {
  const aboutKey = askForKey(problem);
  byId("trouble").hidden = aboutKey;
  if (aboutKey) clear();
  else explain(byId("trouble"), problem);
}

/** The gateway answered: nothing is wrong any more. */
export function settled() {
  byId("trouble").hidden = true;
  keyWorks();
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function watchHealth() {
  for (;;) {
    if (!document.hidden) showHealth(await health());
    await pause(HEALTH_MILLISECONDS);
  }
}

function showHealth(state) {
  if (state === "ready" && !isReady) forgetRights(); // it may have begun anew, with other settings
  isReady = state === "ready";
  byId("health").className = `health ${state === "ready" ? "good" : "bad"}`;
  byId("health-text").dataset.text = state;
  byId("health-text").textContent = text(state);
}
