// What the stage shows: the frame, a style's plate behind, the product with its shadow, and the guides.
import { staged, surfaceLine } from "../geometry.js";
import { outline } from "./pictures.js";

export const ACCENT = "#e8622c"; // over pictures of any colour, so it is the same in light and dark
const scheme = () => getComputedStyle(document.documentElement).colorScheme;

/** Draw everything anew; `view` has product, parts, plate, bare, box (fractions of the frame), draft, held, guides. */
export function paint(canvas, view) {
  const context = canvas.getContext("2d");
  const size = { width: canvas.width, height: canvas.height };
  context.clearRect(0, 0, size.width, size.height);
  context.imageSmoothingQuality = "high";
  if (!view.box) return void (view.bare && bare(context, size, view.bare));
  const line = surfaceLine(view.shape, view.box, view.plate?.camera_elevation_deg);
  const standing = !view.plate || view.plate.surface_line !== null;
  const untouched = !view.plate && view.draft.placement.mode === "original" && view.draft.slot === "photo";
  if (untouched) found(context, size, view);
  else {
    if (view.plate?.image) plate(context, size, view, line);
    else paper(context, size, line);
    shadow(context, size, view.box);
    product(context, size, view);
  }
  if (view.guides) guides(context, size, view, standing ? line : null, untouched);
}

function bare(context, size, image) {
  const factor = Math.min(size.width / image.naturalWidth, size.height / image.naturalHeight);
  const [w, h] = [image.naturalWidth * factor, image.naturalHeight * factor];
  context.drawImage(image, (size.width - w) / 2, (size.height - h) / 2, w, h);
}

/** The photo with all but the product veiled: this is what was found. */
function found(context, size, { parts }) {
  context.drawImage(parts.photo, 0, 0, size.width, size.height);
  context.fillStyle = veil();
  context.fillRect(0, 0, size.width, size.height);
  context.drawImage(parts.cut, 0, 0, size.width, size.height);
  parts.ring ??= outline(parts.alpha, ACCENT, 3);
  context.drawImage(parts.ring, 0, 0, size.width, size.height);
}

export const veil = () => (dark() ? "rgb(18 17 16 / 0.72)" : "rgb(245 244 240 / 0.78)");
const dark = () =>
  scheme() === "dark" || (scheme().includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches);

function plate(context, size, { plate: shown, shape }, line) {
  const image = shown.image;
  const own = { width: image.naturalWidth, height: image.naturalHeight, surface_line: shown.surface_line };
  for (const { source, target } of staged(own, shape, shown.surface_line === null ? null : line)) {
    context.drawImage(
      image,
      source.x * own.width,
      Math.max(0, source.y) * own.height,
      source.width * own.width,
      source.height * own.height,
      0,
      target.y * size.height,
      size.width,
      target.height * size.height + 1,
    );
  }
}

/** No style yet: a sheet of paper that bends into a wall. */
function paper(context, size, line) {
  const [wall, floor] = dark() ? ["#2b2926", "#201e1c"] : ["#ece9e2", "#dcd8ce"];
  const slope = context.createLinearGradient(0, 0, 0, size.height);
  slope.addColorStop(0, wall);
  slope.addColorStop(Math.max(0, line - 0.1), wall);
  slope.addColorStop(Math.min(1, line + 0.12), floor);
  slope.addColorStop(1, floor);
  context.fillStyle = slope;
  context.fillRect(0, 0, size.width, size.height);
}

function shadow(context, size, box) {
  const [x, y] = [(box.left + box.width / 2) * size.width, (box.top + box.height) * size.height];
  const reach = (box.width * size.width) / 2;
  context.save();
  context.translate(x, y - reach * 0.03);
  context.scale(1, 0.16);
  const dim = context.createRadialGradient(0, 0, reach * 0.2, 0, 0, reach * 1.06);
  dim.addColorStop(0, "rgb(0 0 0 / 0.42)");
  dim.addColorStop(1, "rgb(0 0 0 / 0)");
  context.fillStyle = dim;
  context.fillRect(-reach * 1.2, -reach * 1.2, reach * 2.4, reach * 2.4);
  context.restore();
}

/** The cut-out scaled so that the product's box lies where the placement says. */
function product(context, size, { parts, product: shown, box }) {
  const own = shown.mask.box;
  const factor = (box.height * size.height) / own.height;
  context.drawImage(
    parts.cut,
    box.left * size.width - own.x * factor,
    box.top * size.height - own.y * factor,
    shown.image.width * factor,
    shown.image.height * factor,
  );
}

function guides(context, size, { box, held, draft }, line, untouched) {
  const dot = size.width / (context.canvas.clientWidth || size.width);
  const rule = (x1, y1, x2, y2, style, dash = []) => {
    context.beginPath();
    context.strokeStyle = style;
    context.lineWidth = dot;
    context.setLineDash(dash.map((part) => part * dot));
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    context.setLineDash([]);
  };
  if (line !== null && !untouched) {
    const y = line * size.height;
    rule(0, y, size.width, y, "rgb(0 0 0 / 0.35)", [6, 5]);
    rule(0, y + dot, size.width, y + dot, "rgb(255 255 255 / 0.75)", [6, 5]);
    label(context, size, y, dot);
  }
  if (held.x !== null) rule(held.x * size.width, 0, held.x * size.width, size.height, ACCENT);
  if (held.y !== null) rule(0, held.y * size.height, size.width, held.y * size.height, ACCENT);
  if (untouched && draft.placement.mode === "original") return;
  const [x, y, w, h] = [box.left * size.width, box.top * size.height, box.width * size.width, box.height * size.height];
  context.lineWidth = dot;
  context.strokeStyle = "rgb(255 255 255 / 0.9)";
  context.strokeRect(x, y, w, h);
  for (const [cx, cy] of [
    [x, y],
    [x + w, y],
    [x, y + h],
    [x + w, y + h],
  ])
    handle(context, cx, cy, dot);
}

function handle(context, x, y, dot) {
  context.beginPath();
  context.arc(x, y, 5.5 * dot, 0, 2 * Math.PI);
  context.fillStyle = "#fff";
  context.fill();
  context.lineWidth = 1.5 * dot;
  context.strokeStyle = ACCENT;
  context.stroke();
}

function label(context, size, y, dot) {
  const words = "surface";
  context.font = `500 ${11 * dot}px Geist, sans-serif`;
  const width = context.measureText(words).width + 14 * dot;
  context.fillStyle = "rgb(20 18 15 / 0.72)";
  context.beginPath();
  context.roundRect(size.width - width - 8 * dot, y - 9 * dot, width, 18 * dot, 9 * dot);
  context.fill();
  context.fillStyle = "#fff";
  context.textBaseline = "middle";
  context.fillText(words, size.width - width - dot, y + dot);
}
