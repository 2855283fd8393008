// Small drawings beside words; what they say always stands in words too.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4",
  pages: "M8 8h12v12H8zM4 16V4h12",
  lens: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM15.4 15.4L20 20",
  person: "M12 4.5a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  place: "M12 21c4-4.6 6.5-7.8 6.5-11A6.5 6.5 0 0 0 5.5 10c0 3.2 2.5 6.4 6.5 11zM12 7.8a2.3 2.3 0 1 0 0 4.6a2.3 2.3 0 1 0 0-4.6z",
  photo: "M4 8.5h3.2L8.8 6h6.4l1.6 2.5H20v10.5H4zM12 10a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 1 0 0-6.8z",
  home: "M4 11.5L12 5l8 6.5M6.5 10v9.5h11V10M10 19.5v-5h4v5",
  calendar: "M4.5 6.5h15v13h-15zM4.5 10.5h15M8.5 4v4M15.5 4v4",
  clock: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM12 7.5V12l3 2",
  alert: "M12 4.5L21 19.5H3zM12 10v4.5M12 16.6v.6",
  spread: "M12 8.6a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 1 0 0-6.8zM12 8.6V4.5M12 15.4v4.1M15 10.3l3.4-2.3M9 13.7l-3.4 2.3M15 13.7l3.4 2.3M9 10.3L5.6 8",
  doctor: "M7 4v5a4.5 4.5 0 0 0 9 0V4M5.5 4H8M15 4h2.5M11.5 13.5V16a4 4 0 0 0 8 0v-2M19.5 10.4a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 1 0 0-3.6z",
  eye: "M3 12c2.6-4.3 5.6-6.4 9-6.4s6.4 2.1 9 6.4c-2.6 4.3-5.6 6.4-9 6.4S5.6 16.3 3 12zM12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6z",
  book: "M5 5h5.5A1.5 1.5 0 0 1 12 6.5V20a1.5 1.5 0 0 0-1.5-1.5H5zM19 5h-5.5A1.5 1.5 0 0 0 12 6.5V20a1.5 1.5 0 0 1 1.5-1.5H19z",
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
