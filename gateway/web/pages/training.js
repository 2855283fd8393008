// What came of the trainers' rounds: a model that serves or waits, or what has to be collected first.

import { call, diseases } from "./api.js";
import { byId, element } from "./dom.js";
import { may } from "./rights.js";
import { number, text, time } from "./texts.js";

const MOST = 5;
const TONES = { trained: "good", refused: "warn", failed: "bad" };

/** Show the newest rounds; nothing to whoever may not read of models, or where no trainer has told of any. */
export async function showTraining() {
  const outcomes = await newest();
  const names = outcomes.some(({ outcome }) => outcome.collect.length > 0) ? await namesOfDiseases() : new Map();
  byId("training").hidden = outcomes.length === 0;
  byId("outcomes").replaceChildren(...outcomes.map((told) => card(told, names)));
}

async function newest() {
  try {
    if (!(await may("models.read"))) return [];
    return (await (await call(`/api/v1/models/outcomes?limit=${MOST}`)).json()).outcomes;
  } catch {
    return []; // what the page is for stands above it, and says what is wrong
  }
}

async function namesOfDiseases() {
  try {
    return new Map((await diseases()).map(({ code, name }) => [code, name]));
  } catch {
    return new Map(); // their codes do
  }
}

function card({ told_at: at, outcome }, names) {
  const { task, version, came, serves, accuracy, new_samples: samples, held, round } = outcome;
  return element(
    "li",
    { class: "destination panel" },
    element(
      "div",
      { class: "destination-head" },
      element("h3", {}, text(`task.${task}`)),
      version === null ? null : element("code", {}, `${task}/${version}`),
      element("span", { class: `chip ${TONES[came] ?? ""}` }, text(`came.${came}`)),
      serves ? element("span", { class: "chip" }, text(`serves.${serves}`)) : null,
      element("time", { class: "muted small", datetime: at }, time(new Date(at))),
    ),
    element("p", {}, text("training.samples", { round: number(round), samples: number(samples), held: number(held) })),
    accuracy === null ? null : element("p", {}, text("training.accuracy", { accuracy: accuracy.toFixed(3) })),
    came === "trained" ? null : element("p", { class: "muted small", lang: "en" }, outcome.words.split("\n")[0]),
    wanted(outcome.collect, names),
  );
}

function wanted(collect, names) {
  if (collect.length === 0) return null;
  const lines = collect.map(({ label, test_photos: test, train_photos: train }) => {
    const counts = [
      test ? text("training.toTest", { count: number(test) }) : "",
      train ? text("training.toTrain", { count: number(train) }) : "",
    ];
    return element("li", {}, [names.get(label) ?? label.replaceAll("_", " "), ...counts.filter(Boolean)].join(" · "));
  });
  return element("div", {}, element("h4", {}, text("training.collect")), element("ul", {}, ...lines));
}
