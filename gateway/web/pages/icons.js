// Small drawings beside words; what they say always stands in words too.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4",
  pages: "M8 8h12v12H8zM4 16V4h12",
  lens: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM15.4 15.4L20 20",
  person: "M12 4.5a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  place: "M12 21c4-4.6 6.5-7.8 6.5-11A6.5 6.5 0 0 0 5.5 10c0 3.2 2.5 6.4 6.5 11zM12 7.8a2.3 2.3 0 1 0 0 4.6a2.3 2.3 0 1 0 0-4.6z",
  photo: "M4 8.5h3.2L8.8 6h6.4l1.6 2.5H20v10.5H4zM12 10a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 1 0 0-6.8z",
};

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}
