// One hour as sixty bars: what arrived stands on the line, what failed stands on top of it.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 600;
const HEIGHT = 72;
const LEAST = 2; // pixels: one attempt among thousands is still seen
const LEAST_SCALE = 4; // a single attempt does not fill the chart

/** Draw minutes [{sent, failed}], the oldest first; `words` say the same to whoever does not see it. */
export function hourChart(minutes, words) {
  const drawing = node("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "hour", role: "img" });
  drawing.setAttribute("aria-label", words);
  const most = Math.max(LEAST_SCALE, ...minutes.map(({ sent, failed }) => sent + failed));
  const step = WIDTH / minutes.length;
  for (const quarter of [1, 2, 3]) {
    drawing.append(node("line", { x1: (WIDTH * quarter) / 4, x2: (WIDTH * quarter) / 4, y1: 0, y2: HEIGHT, class: "quarter" }));
  }
  minutes.forEach(({ sent, failed }, number) => {
    const sentHeight = height(sent, most);
    drawing.append(...bar(number * step, step, HEIGHT - sentHeight, sentHeight, "sent"));
    const failedHeight = Math.min(height(failed, most), HEIGHT - sentHeight);
    drawing.append(...bar(number * step, step, HEIGHT - sentHeight - failedHeight, failedHeight, "failed"));
  });
  return drawing;
}

const height = (count, most) => (count === 0 ? 0 : Math.max(LEAST, (count / most) * HEIGHT));

function bar(x, step, y, tall, kind) {
  return tall > 0 ? [node("rect", { x: x + step * 0.14, width: step * 0.72, y, height: tall, rx: 1.5, class: kind })] : [];
}

function node(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
