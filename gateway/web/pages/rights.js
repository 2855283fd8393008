// What whoever holds the key may do here: asked once for each key and hour, so that nothing is asked for that would be
// refused, and a page that stays open learns of another role.

import { caller, Problem } from "./api.js";

const KEPT_MILLISECONDS = 3_600_000;

let asked = null; // the answer, or the refusal of the key in use: that one is not asked again before its time
let askedAt = 0;

/** {permissions, one_patient, worklist, explanations, ...}; fails as any call does. */
export function rights() {
  if (Date.now() - askedAt >= KEPT_MILLISECONDS) forgetRights();
  asked ??= ask();
  return asked;
}

function ask() {
  askedAt = Date.now();
  const asking = caller().catch((problem) => {
    if (problem.status !== 401 && asked === asking) forgetRights();
    throw problem;
  });
  return asking;
}

/** Another key may do other things, and so may the same one at a gateway that was away. */
export function forgetRights() {
  asked = null;
}

/** Whether the caller has this permission. */
export const may = async (permission) => (await rights()).permissions.includes(permission);

/** Fail as the gateway would, without asking it, where the caller lacks this permission. */
export async function need(permission) {
  if (!(await may(permission))) throw new Problem(403, `this needs the permission ${permission}`);
}

/** Whether the caller may do this with the library, which is for nobody who stands for one patient. */
export async function mayInLibrary(act) {
  const { permissions, one_patient: onePatient } = await rights();
  return !onePatient && permissions.includes(`library.${act}`);
}
