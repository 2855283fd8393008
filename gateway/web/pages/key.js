// The key: asked for where the gateway wants one or refuses the one in use, and changed where somebody wants to.
// A panel of the page and no dialog, so that what went wrong and the choice of language stay in reach.

import { hasKey, useKey } from "./api.js";
import { byId } from "./dom.js";
import { explain } from "./problems.js";
import { text } from "./texts.js";

let wanted = false; // whether the gateway asks, and not somebody here: the panel then goes when the gateway answers

/** Take keys from the panel; `changed` is called after each. */
export function startKeys(changed) {
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    useKey(byId("key-value").value.trim());
    byId("key-value").value = "";
    wanted = true;
    changed();
  });
  byId("key-cancel").addEventListener("click", close);
  byId("key-change").addEventListener("click", () => {
    wanted = false;
    byId("key-trouble").hidden = true;
    open("keyOther");
  });
}

/** Ask for a key where this problem is about keys; say whether it is. */
export function askForKey(problem) {
  if (problem.status !== 401 && problem.status !== 403) return false;
  wanted = true;
  byId("key-trouble").hidden = !hasKey();
  if (hasKey()) explain(byId("key-trouble"), problem);
  open(hasKey() ? "keyOther" : "keyTitle");
  return true;
}

/** The gateway answered to the key in use, or without one. */
export function keyWorks() {
  byId("key-change").hidden = !hasKey();
  if (wanted) close();
}

function open(title) {
  const panel = byId("key");
  byId("key-title").dataset.text = title;
  byId("key-title").textContent = text(title);
  byId("key-cancel").hidden = wanted;
  byId("key-change").hidden = true;
  if (!panel.hidden) return; // whoever is typing is left alone
  panel.hidden = false;
  panel.scrollIntoView({ block: "center" });
  byId("key-value").focus();
}

function close() {
  wanted = false;
  byId("key").hidden = true;
  byId("key-change").hidden = !hasKey();
}
