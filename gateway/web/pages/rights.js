// What whoever holds the key may do here: asked once for each key, so that nothing is asked for that would be refused.

import { caller, Problem } from "./api.js";

let asked = null; // the answer, or the refusal of the key in use: that one is not asked again

/** {permissions, one_patient, worklist, explanations, ...}; fails as any call does. */
export function rights() {
  asked ??= caller().catch((problem) => {
    if (problem.status !== 401) asked = null;
    throw problem;
  });
  return asked;
}

/** Another key may do other things. */
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
