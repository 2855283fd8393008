// What cannot be read, named or pressed on a page as it stands: a list of complaints.
// Sizes in CSS pixels; contrast as WCAG 2.2 has it (1.4.3), text over a picture taken to lie on white.
() => {
  const LEAST_SIZE = 12;
  const LEAST_CONTRAST = 4.5;
  const LEAST_TARGET = 24; // WCAG 2.2, 2.5.8
  const WHITE = [255, 255, 255, 1];
  const complaints = new Set();

  const channels = (colour) => {
    const numbers = colour.match(/-?[\d.]+/g).map(Number);
    const scale = colour.startsWith("color(srgb") ? 255 : 1;
    return [...numbers.slice(0, 3).map((value) => value * scale), numbers[3] ?? 1];
  };
  const over = (top, bottom) => {
    const alpha = top[3] + bottom[3] * (1 - top[3]);
    const mix = (index) => (top[index] * top[3] + bottom[index] * bottom[3] * (1 - top[3])) / (alpha || 1);
    return [mix(0), mix(1), mix(2), alpha];
  };
  const luminance = (colour) => {
    const linear = colour.slice(0, 3).map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (node) => {
    let found = [0, 0, 0, 0];
    for (let at = node; at; at = at.parentElement) {
      if (at.matches(".frame, .picture")) return over(found, WHITE);
      found = over(found, channels(getComputedStyle(at).backgroundColor));
      if (found[3] > 0.999) return found;
    }
    return over(found, WHITE);
  };
  const opacity = (node) => (node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1);
  const named = (node) => `${node.tagName.toLowerCase()}.${node.className} "${node.textContent.trim().slice(0, 40)}"`;

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || node.closest("script, noscript, option, :disabled") || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    if (parseFloat(style.fontSize) < LEAST_SIZE) complaints.add(`too small: ${named(node)}`);
    const below = ground(node);
    const [red, green, blue, alpha] = channels(style.color);
    if (contrast(over([red, green, blue, alpha * opacity(node)], below), below) < LEAST_CONTRAST) complaints.add(`too faint: ${named(node)}`);
  }
  for (const control of document.querySelectorAll("input, select, textarea, button, summary, a")) {
    if (!control.checkVisibility()) continue;
    const label = control.ariaLabel || control.textContent.trim() || [...(control.labels ?? [])].map((each) => each.textContent.trim()).join("");
    if (!label) complaints.add(`without a name: ${control.outerHTML.slice(0, 100)}`);
    const { width, height } = control.getBoundingClientRect();
    const small = Math.min(width, height) < LEAST_TARGET;
    if (small && control.matches("button, select")) complaints.add(`too small to press: ${named(control)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) complaints.add("the page scrolls sideways");
  return [...complaints];
}
