// Building the page: words only ever become text, never markup.

/**
 * Make an element. `properties` are attributes, except `class`, `on` ({event: listener}) and `style` ({--name: value});
 * null and false leave an attribute out. Children are nodes or words; null children are left out.
 */
export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) set(node, key, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "class") node.className = value;
  else if (key === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  else if (key === "style") for (const [property, amount] of Object.entries(value)) node.style.setProperty(property, amount);
  else node.setAttribute(key, value === true ? "" : value);
}

export const byId = (id) => document.getElementById(id);
