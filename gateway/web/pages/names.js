// Names of people as DICOM has them (PS3.5 6.2.1.2): groups of one name in several scripts, joined by "=", each of
// family, given and middle name, prefix and suffix, joined by "^".

import { currentLanguage } from "./texts.js";

const HANGUL = /\p{Script=Hangul}/u;

/** A name as people write it: in Hangul on a Korean page where the name has it, else in letters. */
export function personName(name) {
  const groups = name.split("=").filter((group) => group.replaceAll("^", "").trim());
  const hangul = groups.find((group) => HANGUL.test(group));
  const chosen = (currentLanguage() === "ko" ? hangul : groups.find((group) => !HANGUL.test(group))) ?? groups[0] ?? "";
  const [family = "", given = "", middle = "", prefix = "", suffix = ""] = chosen.split("^").map((part) => part.trim());
  if (HANGUL.test(chosen)) return joined(prefix, family + given + middle, suffix);
  return joined(prefix, given, middle, family, suffix);
}

const joined = (...parts) => parts.filter(Boolean).join(" ");
