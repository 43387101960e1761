// How a cut-out being corrected looks: the photo, a veil over all but the product, its outline, points and the cross.
import { ACCENT, veil } from "./painting.js";
import { canvasOf, outline } from "./pictures.js";

/** Draw everything anew; `brush` is its width in pixels of the canvas. */
export function draw(canvas, view, brush) {
  const context = canvas.getContext("2d");
  const alpha = view.history.alpha;
  context.drawImage(view.photo, 0, 0, canvas.width, canvas.height);
  const cover = canvasOf(canvas.width, canvas.height);
  const over = cover.getContext("2d");
  over.fillStyle = veil();
  over.fillRect(0, 0, cover.width, cover.height);
  over.globalCompositeOperation = "destination-out";
  over.drawImage(alpha, 0, 0, cover.width, cover.height);
  context.drawImage(cover, 0, 0);
  const dot = canvas.width / (canvas.clientWidth || canvas.width);
  context.drawImage(outline(alpha, ACCENT, Math.max(1, 1.5 * dot)), 0, 0, canvas.width, canvas.height);
  for (const point of view.points) pin(context, point, dot, canvas);
  cross(context, view, brush, dot, canvas);
}

function pin(context, { x, y, keep }, dot, { width, height }) {
  context.beginPath();
  context.arc(x * width, y * height, 7 * dot, 0, 2 * Math.PI);
  context.fillStyle = keep ? "#1f8f4d" : "#c3271d";
  context.fill();
  context.lineWidth = 2 * dot;
  context.strokeStyle = "#fff";
  context.stroke();
  context.beginPath();
  context.moveTo(x * width - 3.5 * dot, y * height);
  context.lineTo(x * width + 3.5 * dot, y * height);
  if (keep) {
    context.moveTo(x * width, y * height - 3.5 * dot);
    context.lineTo(x * width, y * height + 3.5 * dot);
  }
  context.stroke();
}

function cross(context, view, brush, dot, { width, height }) {
  const [x, y] = [view.cursor.x * width, view.cursor.y * height];
  const painting = view.tool === "add" || view.tool === "erase";
  const reach = painting ? brush / 2 : 9 * dot;
  if (!painting && !view.keys) return;
  for (const [style, wide] of [
    ["rgb(0 0 0 / 0.6)", 3],
    ["#fff", 1.5],
  ]) {
    context.beginPath();
    context.lineWidth = wide * dot;
    context.strokeStyle = style;
    context.arc(x, y, reach, 0, 2 * Math.PI);
    if (view.keys)
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        context.moveTo(x + dx * reach, y + dy * reach);
        context.lineTo(x + dx * (reach + 9 * dot), y + dy * (reach + 9 * dot));
      }
    context.stroke();
  }
}
