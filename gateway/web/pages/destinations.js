// One card for each destination: whether it takes anything, what waits, its last hour, what went wrong, what can be done.

import { hourChart } from "./chart.js";
import { element } from "./dom.js";
import { currentLanguage, duration, number, text } from "./texts.js";

const KINDS = { dimse: "C-STORE", stow: "STOW-RS" };
// In the order in which they are drawn; the tone is a class of the style sheet.
const STATES = [
  ["committed", "good"], ["confirmed", "good soft"], ["sent", "accent"], ["sending", "wait"], ["queued", "wait"],
  ["failed", "warn"], ["not_accepted", "warn soft"], ["dead", "bad"], ["cancelled", "mute"],
];
const RETRIABLE = ["dead", "not_accepted"];
const ARRIVED = ["sent", "confirmed", "committed"];

export const arrived = ({ states }) => ARRIVED.reduce((sum, state) => sum + (states[state] ?? 0), 0);

/** The card of a destination; `retry(name, state)` sends what is in a state again, null where it may not be. */
export function destinationCard(destination, retry) {
  return element(
    "li",
    { class: "destination panel", "data-name": destination.name },
    head(destination),
    figures(destination),
    hour(destination),
    share(destination),
    trouble(destination),
    reasons(destination),
    failures(destination),
    retry && acts(destination, retry),
  );
}

function head(destination) {
  const { name, kind, address } = destination;
  const [tone, words] = standing(destination);
  return element(
    "div",
    { class: "destination-head" },
    element("h2", {}, name),
    kind ? element("span", { class: "chip" }, KINDS[kind]) : null,
    element("span", { class: `chip ${tone}` }, words),
    element("code", { class: "address" }, address),
  );
}

function standing(destination) {
  const { kind, is_down: down, pause_seconds: pause, waiting, unproven } = destination;
  if (kind === null) return ["bad", text("standing.unnamed")];
  if (down && pause >= 1) return ["bad", text("standing.downFor", { time: duration(pause) })];
  if (down) return ["bad", text("standing.down")];
  if (waiting > 0) return ["busy", text("standing.busy")];
  if (!wasTried(destination)) return ["", text("standing.untried")];
  if (arrived(destination) === 0) return ["warn", text("standing.refusing")];
  if (unproven.because) return ["warn", text("standing.unproven")];
  return down === null ? ["", text("standing.unknown")] : ["good", text("standing.idle")];
}

const wasTried = ({ states }) => Object.keys(states).some((state) => state !== "cancelled");

function figures(destination) {
  const { waiting, oldest_waiting_seconds: oldest, sent_last_hour: lately, last_sent_at: last, states } = destination;
  return element(
    "dl",
    { class: "figures" },
    figure("figure.waiting", number(waiting), waiting > 0 ? text("figure.oldest", { time: duration(oldest) }) : null),
    figure("figure.lastHour", number(lately), last ? text("figure.last", { time: duration(since(last)) }) : null),
    figure("figure.proven", number((states.confirmed ?? 0) + (states.committed ?? 0)), text("figure.ofSent", { count: number(arrived(destination)) }), destination.unproven.because ? "warn" : ""),
    figure("figure.dead", number(states.dead ?? 0), null, states.dead ? "bad" : ""),
  );
}

/** Seconds since a moment; a clock that goes wrong does not make it negative. */
const since = (moment) => Math.max(0, (Date.now() - Date.parse(moment)) / 1000);

export function figure(key, value, more = null, tone = "") {
  return element(
    "div",
    { class: `figure ${tone}` },
    element("dt", {}, text(key)),
    element("dd", {}, element("strong", {}, value), more ? element("small", { class: "muted" }, more) : null),
  );
}

function hour({ minutes }) {
  const [sent, failed] = ["sent", "failed"].map((kind) => minutes.reduce((sum, minute) => sum + minute[kind], 0));
  const words = text("hour.words", { sent: number(sent), failed: number(failed) });
  return element(
    "figure",
    { class: "hour-of" },
    hourChart(minutes, words),
    element(
      "figcaption",
      { class: "muted" },
      element("span", {}, text("hour.ago")),
      element("span", { class: "hour-words" }, words),
      element("span", {}, text("hour.now")),
    ),
  );
}

/** Every delivery there ever was, as one bar. */
function share({ states }) {
  const present = STATES.filter(([state]) => states[state]);
  const total = present.reduce((sum, [state]) => sum + states[state], 0);
  if (total === 0) return element("p", { class: "muted small" }, text("noDeliveriesYet"));
  const part = ([state, tone]) =>
    element("span", { class: `part ${tone}`, style: { "--share": states[state] / total }, title: stateWords(state, states) });
  const entry = ([state, tone]) =>
    element("li", {}, element("span", { class: `part ${tone}`, "aria-hidden": "true" }), stateWords(state, states));
  return element(
    "div",
    { class: "shares" },
    element("div", { class: "share-bar", "aria-hidden": "true" }, present.map(part)),
    element("ul", { class: "legend" }, present.map(entry)),
  );
}

const stateWords = (state, states) => `${text(`delivery.${state}`)} ${number(states[state])}`;

function trouble({ trouble: words, is_down: down, states }) {
  if (!words || !(down || states.failed)) return null;
  return element("p", { class: down ? "trouble" : "notice" }, element("span", { lang: "en" }, words));
}

/** Why what was sent is not proven, and what ended last ended; English, as the gateway has written it down. */
function reasons({ unproven, reasons: why }) {
  const said = [["unproven", unproven.because], ["dead", why.dead], ["not_accepted", why.not_accepted]];
  return said.filter(([, words]) => words).map(([about, words]) =>
    element("p", { class: "notice" }, `${text(`reason.${about}`)}: `, element("span", { lang: "en" }, words)),
  );
}

function failures({ failures: found }) {
  if (found.length === 0) return null;
  const row = ({ outcome, status, count }) =>
    element(
      "li",
      {},
      element("span", {}, text(`outcome.${outcome}`)),
      status ? element("code", {}, `0x${status}`) : element("span", {}),
      element("span", { class: "count" }, number(count)),
    );
  return element("section", { class: "failures" }, element("h3", {}, text("failures")), element("ul", {}, found.slice(0, 6).map(row)));
}

function acts({ name, states }, retry) {
  const buttons = RETRIABLE.filter((state) => states[state]).map((state) =>
    element(
      "button",
      { type: "button", class: "quiet", "data-retry": state, on: { click: ({ currentTarget }) => retry(name, state, currentTarget) } },
      text(`retry.${state}`, { count: number(states[state]) }),
    ),
  );
  return buttons.length ? element("div", { class: "acts", lang: currentLanguage() }, buttons) : null;
}
