// The language of the page, and its words, numbers and times in it.

import { en } from "./words_en.js";
import { ko } from "./words_ko.js";

const TEXTS = { en, ko };

const STORED = "dermgate-language";

export function initialLanguage() {
  const stored = localStorage.getItem(STORED);
  if (stored in TEXTS) return stored;
  const preferred = navigator.languages.find((tag) => tag.split("-")[0] in TEXTS);
  return preferred ? preferred.split("-")[0] : "en";
}

let language = initialLanguage();

export const currentLanguage = () => language;

/** The words for a key, with `{name}` filled in; an unknown key (a code newer than this page) shows itself. */
export function text(key, values = {}) {
  const words = TEXTS[language][key] ?? key.split(".").at(-1).replaceAll("_", " ");
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The words for a key, undefined where the page has none. */
export const knownText = (key) => TEXTS[language][key];

/** Change the language of everything that stands in the page already. */
export function useLanguage(chosen) {
  language = chosen;
  localStorage.setItem(STORED, chosen);
  document.documentElement.lang = chosen;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text(node.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
  }
}

/** A share of one; more exact near its ends and near a `threshold`, which it must not seem to have reached. */
export function percent(share, threshold = null) {
  const close = share > 0.995 || share < 0.01 || (threshold !== null && Math.abs(share - threshold) < 0.01);
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: close ? 1 : 0 }).format(share);
}

export const time = (moment) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(moment);

/** A day as it stands in an answer (YYYY-MM-DD), whatever the time zone here. */
export const day = (date) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date));

export const clock = (moment) => new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(moment);

export const number = (value) => new Intl.NumberFormat(language).format(value);

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** Seconds in the one unit that fits: 90 s, 5 min, 2 h, 3 days. */
export function duration(seconds) {
  const [unit, size] = UNITS.find(([, length]) => seconds >= 2 * length) ?? UNITS.at(-1);
  const shape = { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short", maximumFractionDigits: 0 };
  return new Intl.NumberFormat(language, shape).format(Math.floor(seconds / size));
}
