// The stream of photos: one card a submission, changed in place when the submission changes.

import { ranking } from "./answer.js";
import { byId, element } from "./dom.js";
import { explanationOf } from "./explanation.js";
import { deliveries, dicomObjects } from "./object.js";
import { opinion } from "./opinion.js";
import { forget, pictureOf, tell } from "./pictures.js";
import { explain } from "./problems.js";
import { said } from "./said.js";
import { subject } from "./subject.js";
import { currentLanguage, time } from "./texts.js";
import { judgement, verdict } from "./verdict.js";

const cards = new Map(); // submission id -> {node, figure, explanation, shown}

/** Show these submissions, in this order, and no others. */
export function showPhotos(submissions) {
  const wanted = new Set(submissions.map(({ id }) => id));
  for (const [id, card] of cards) if (!wanted.has(id)) remove(id, card);
  const list = byId("cards");
  submissions.forEach((submission, place) => {
    const { node } = cards.get(submission.id) ?? add(submission.id);
    update(cards.get(submission.id), submission);
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
  byId("empty").hidden = submissions.length > 0;
}

function add(id) {
  const figure = pictureOf(id);
  const explanation = explanationOf(figure);
  const look = element("div", { class: "look" }, figure, explanation.node);
  const node = element("li", { class: "card panel", "data-photo": id }, look, element("div"));
  const card = { figure, explanation, node, shown: "" };
  cards.set(id, card);
  return card;
}

function remove(id, card) {
  forget(card.figure);
  card.explanation.forget();
  card.node.remove();
  cards.delete(id);
}

function update(card, submission) {
  const stamp = currentLanguage() + JSON.stringify(submission);
  if (card.shown === stamp) return;
  card.shown = stamp;
  const facts = factsOf(submission);
  keepOpen(card.node.lastElementChild, facts);
  const focus = focusWithin(card.node.lastElementChild, facts);
  card.node.lastElementChild.replaceWith(facts);
  focus?.();
  tell(card.figure, submission);
  card.explanation.tell(submission);
}

/** What somebody opened or closed stays so; what was not there before stands as it is made. */
function keepOpen(before, after) {
  const stood = new Map([...before.querySelectorAll("details[data-keep]")].map((node) => [node.dataset.keep, node.open]));
  for (const details of after.querySelectorAll("details[data-keep]")) {
    details.open = stood.get(details.dataset.keep) ?? details.open;
  }
}

/** What puts the keyboard's focus back to what it was on, where that can be opened and is there still. */
function focusWithin(before, after) {
  const kept = before.contains(document.activeElement) && document.activeElement.closest("details[data-keep]")?.dataset.keep;
  const again = kept && after.querySelector(`details[data-keep="${CSS.escape(kept)}"] > summary`);
  return again ? () => again.focus({ preventScroll: true }) : null;
}

function factsOf(submission) {
  const { state, received_at: receivedAt, problem } = submission;
  return element(
    "div",
    { class: "facts-of" },
    element("div", { class: "card-head" }, verdict(state), moment(receivedAt)),
    subject(submission),
    said(submission),
    problem ? explain(element("p", { class: "trouble" }), { code: problem.code, message: problem.detail }) : null,
    opinion(submission),
    judgement(submission),
    ranking(submission),
    deliveries(submission),
    dicomObjects(submission),
  );
}

const moment = (iso) => (iso ? element("time", { datetime: iso }, time(new Date(iso))) : null);

/** Whether something about it will change soon by itself. */
export const underWay = ({ state, deliveries: made }) =>
  state === "processing" || made.some((delivery) => ["queued", "sending", "failed"].includes(delivery.state));
