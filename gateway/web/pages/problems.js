// What went wrong, in the page's language: the usual problems have words here, the gateway's own stand below them.

import { element } from "./dom.js";
import { knownText } from "./texts.js";

/** Fill a node with what a problem ({status, code, message}) means, and with the gateway's words in small print. */
export function explain(node, { status, code, message }) {
  const words = knownText(`problem.${code}`) ?? knownText(`problem.${status}`);
  const small = words && message ? element("small", { lang: "en" }, message) : null;
  node.replaceChildren(element("span", {}, words ?? message), ...(small ? [small] : []));
  return node;
}
