// Elements from plain values: text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** `el("button.primary", {onclick, "aria-label": "…"}, "text", child, [children])`; null and false are left out. */
export function el(name, ...parts) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  if (isProps(parts[0])) set(node, parts.shift());
  append(node, parts);
  return node;
}

/** Properties (`onclick`, `value`, `dataset`, `style` as an object) and attributes (all other names). */
export function set(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, part] of Object.entries(value)) node.style.setProperty(key, part);
    else if (name.startsWith("on") || LIVE.has(name)) node[name] = value;
    else if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

const LIVE = new Set(["value", "checked", "disabled", "hidden", "textContent", "open", "indeterminate"]);

function isProps(part) {
  return part !== null && typeof part === "object" && !Array.isArray(part) && !(part instanceof Node);
}

function append(node, parts) {
  for (const part of parts.flat(3)) if (part !== null && part !== undefined && part !== false) node.append(part);
}

/** Put `children` into `parent` in this order; nodes that stay are not touched, so focus and scrolling stay. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  children.forEach((child, at) => {
    if (parent.childNodes[at] !== child) parent.insertBefore(child, parent.childNodes[at] ?? null);
  });
}

/** A list whose parts are made once per key and updated afterwards: `parts(items)` arranges them in `parent`. */
export function keyed(parent, keyOf, make) {
  const made = new Map();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const key of made.keys()) if (!keys.has(key)) made.delete(key);
    const nodes = items.map((item, at) => {
      const key = keyOf(item);
      if (!made.has(key)) made.set(key, make(item));
      made.get(key).update?.(item, at);
      return made.get(key).node;
    });
    arrange(parent, nodes);
  };
}

/** A line icon of 24 units from its path. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 24 24",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.7",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

const ICONS = {
  studio: "M4 5h16v14H4z M4 15l4.5-4.5L13 15l3-3 4 4 M15.5 9h.01",
  catalogue: "M4 4h7v7H4z M13 4h7v7h-7z M4 13h7v7H4z M13 13h7v7h-7z",
  operations: "M3 12h4l3-7 4 14 3-7h4",
  curation: "M12 3l2.6 5.6 6 .7-4.5 4.1 1.2 6-5.3-3-5.3 3 1.2-6L3.4 9.3l6-.7z",
  plus: "M12 5v14 M5 12h14",
  close: "M6 6l12 12 M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  undo: "M9 14L4 9l5-5 M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5 M20 9H10a6 6 0 0 0 0 12h3",
  brush:
    "M9.5 14.5L19 5a1.8 1.8 0 0 0-2.5-2.5L7 12 M9.5 14.5a3.5 3.5 0 0 1-3.5 4C4.5 18.500 3 19 2.500 20.500 6 22 11 21 12 17z",
  eraser:
    "M7 20h13 M5.500 18.500L3 16a2 2 0 0 1 0-2.800L13.200 3a2 2 0 0 1 2.800 0l4 4a2 2 0 0 1 0 2.800L10.500 19.300 M8 8l8 8",
  keep: "M12 21s7-6.200 7-11.500A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21z M12 6.800v5.400 M9.300 9.500h5.400",
  remove: "M12 21s7-6.200 7-11.500A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21z M9.300 9.500h5.400",
  move: "M12 3v18 M3 12h18 M12 3l-3 3 M12 3l3 3 M12 21l-3-3 M12 21l3-3 M3 12l3-3 M3 12l3 3 M21 12l-3-3 M21 12l-3 3",
  compare: "M12 3v18 M8 7H4v10h4 M16 7h4v10h-4",
  zoom: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14z M16 16l5 5 M11 8v6 M8 11h6",
  more: "M5 5h6v6H5z M13 13h6v6h-6z M16 4v6 M13 7h6 M5 16h6",
  download: "M12 4v11 M7.500 10.500L12 15l4.500-4.500 M5 19.500h14",
  flag: "M5 21V4 M5 4h12l-2.500 4 2.500 4H5",
  heart: "M12 20s-8-4.700-8-10.500A4.500 4.500 0 0 1 12 7a4.500 4.500 0 0 1 8 2.500C20 15.300 12 20 12 20z",
  picture: "M4 5h16v14H4z M4 15l4.500-4.500L13 15l3-3 4 4 M15.500 9h.01",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z M12 2v2 M12 20v2 M2 12h2 M20 12h2 M5 5l1.500 1.500 M17.500 17.500L19 19 M5 19l1.500-1.500 M17.500 6.500L19 5",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
  warning: "M12 4l9 16H3z M12 10v4 M12 17h.01",
  info: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z M12 11v5 M12 8h.01",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  replay: "M4 12a8 8 0 1 0 2.500-5.800L4 8.500 M4 4v4.500h4.500",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14z M16 16l5 5",
  trash: "M5 7h14 M10 7V4h4v3 M7 7l1 13h8l1-13",
  guides: "M4 8h16 M4 16h16 M8 4v16 M16 4v16",
  key: "M15 4a5 5 0 1 1-3.600 8.500L6 18v2H3v-3l7-7A5 5 0 0 1 15 4z M16 8h.01",
};
