// Operations: how each destination stands, looked at anew every few seconds while somebody watches.

import { destinations, retryMany } from "./api.js";
import { arrived, destinationCard, figure } from "./destinations.js";
import { byId } from "./dom.js";
import { settled, startPage, trouble } from "./page.js";
import { may, need } from "./rights.js";
import { clock, duration, number, text } from "./texts.js";
import { showTraining } from "./training.js";

const EVERY_MILLISECONDS = 5000;

let looking = null; // the look under way, so that two never overlap

function look() {
  looking ??= lookOnce().finally(() => { looking = null; });
  return looking;
}

/** Either may be for a key that the other is not for. */
const lookOnce = () => Promise.all([lookAtDestinations(), showTraining()]);

async function lookAtDestinations() {
  try {
    await need("deliveries.read");
    const [found, mayRetry] = await Promise.all([destinations(), may("deliveries.manage")]);
    show(found, mayRetry ? retry : null);
    settled();
  } catch (problem) {
    trouble(problem, showNothing);
  }
}

function show(found, again) {
  const focused = focusedButton();
  byId("destinations").replaceChildren(...found.map((destination) => destinationCard(destination, again)));
  focused?.();
  byId("empty").hidden = found.length > 0;
  byId("totals").hidden = found.length < 2;
  byId("totals").replaceChildren(...totals(found));
  byId("freshness").textContent = text("updated", { time: clock(new Date()) });
}

/** Cards are made anew at each look: what puts the focus back to the button that has it now. */
function focusedButton() {
  const { retry: state } = document.activeElement?.dataset ?? {};
  const name = document.activeElement?.closest(".destination")?.dataset.name;
  if (!state || !name) return null;
  return () => document.querySelector(`[data-name="${CSS.escape(name)}"] [data-retry="${state}"]`)?.focus();
}

function totals(found) {
  const sum = (value) => found.reduce((total, destination) => total + value(destination), 0);
  const oldest = Math.max(0, ...found.map(({ oldest_waiting_seconds: seconds }) => seconds));
  const waiting = sum((destination) => destination.waiting);
  const dead = sum(({ states }) => states.dead ?? 0);
  const down = found.filter(({ is_down: isDown }) => isDown).length;
  return [
    figure("figure.down", number(down), null, down ? "bad" : ""),
    figure("figure.waiting", number(waiting), waiting ? text("figure.oldest", { time: duration(oldest) }) : null),
    figure("figure.lastHour", number(sum((destination) => destination.sent_last_hour)), null),
    figure("figure.arrived", number(sum(arrived)), null),
    figure("figure.dead", number(dead), null, dead ? "bad" : ""),
  ];
}

/** Send what is in a state again, a thousand at a time, until nothing is left. */
async function retry(name, state, button) {
  button.disabled = true;
  try {
    for (let left = 1; left > 0; ) {
      const answer = await retryMany(name, state);
      left = answer.retried > 0 ? answer.left : 0;
    }
    await looking; // one that began before says what was
    await look();
  } catch (problem) {
    button.disabled = false;
    trouble(problem, showNothing);
  }
}

/** What an earlier key showed is not for whoever has none that works; `showTraining` sees to its own. */
function showNothing() {
  for (const id of ["destinations", "totals"]) byId(id).replaceChildren();
  for (const id of ["totals", "empty"]) byId(id).hidden = true;
  byId("freshness").textContent = "";
}

function write() {
  document.title = `Dermgate · ${text("operations")}`;
  look();
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
setInterval(() => { if (!document.hidden) look(); }, EVERY_MILLISECONDS);
startPage({ write });
