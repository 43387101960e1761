// Pointer, wheel and keys on the stage: each becomes a placement.
import { announce } from "../notices.js";

const STEP = 0.01;
const BIG_STEP = 0.05;

/** Drag moves, a corner or the wheel scales; `letGo` when the hand is off. */
export function hands(canvas, { ready, custom, move, box, letGo }) {
  let hold = null;
  const fractions = (event) => {
    const room = canvas.getBoundingClientRect();
    return { x: (event.clientX - room.left) / room.width, y: (event.clientY - room.top) / room.height };
  };
  canvas.onpointerdown = (event) => {
    if (!ready()) return;
    const at = fractions(event);
    const corner = cornerAt(at, box(), canvas);
    hold = { at, from: custom(), corner };
    canvas.setPointerCapture(event.pointerId);
  };
  canvas.onpointermove = (event) => {
    if (!ready()) return;
    const at = fractions(event);
    if (!hold) canvas.style.cursor = cornerAt(at, box(), canvas) ? "nwse-resize" : "grab";
    else if (hold.corner)
      move({
        scale: hold.from.scale * Math.max(0.05, distance(at, hold.from) / Math.max(0.02, distance(hold.at, hold.from))),
      });
    else move({ x: hold.from.x + at.x - hold.at.x, y: hold.from.y + at.y - hold.at.y }, { snap: true });
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    hold = null;
    letGo();
  };
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!ready() || document.activeElement !== canvas) return;
      event.preventDefault();
      move({ scale: custom().scale * Math.exp(-event.deltaY / 900) });
    },
    { passive: false },
  );
}

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

function cornerAt(at, box, canvas) {
  const reach = 18;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  const corners = [
    [box.left, box.top],
    [box.left + box.width, box.top],
    [box.left, box.top + box.height],
    [box.left + box.width, box.top + box.height],
  ];
  return corners.some(([x, y]) => Math.hypot((at.x - x) * w, (at.y - y) * h) < reach);
}

/** Arrows move (with Shift far), plus and minus scale; where it is now is said once they rest. */
export function keys(canvas, { ready, custom, move }) {
  canvas.onkeydown = (event) => {
    if (!ready()) return;
    const step = event.shiftKey ? BIG_STEP : STEP;
    const at = custom();
    const moves = {
      ArrowLeft: { x: at.x - step },
      ArrowRight: { x: at.x + step },
      ArrowUp: { y: at.y - step },
      ArrowDown: { y: at.y + step },
      "+": { scale: at.scale * 1.04 },
      "=": { scale: at.scale * 1.04 },
      "-": { scale: at.scale / 1.04 },
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    move(moves[event.key]);
    clearTimeout(keys.saying);
    keys.saying = setTimeout(() => announce(label(custom()).split(". ")[0]), 500);
  };
}

/** Where the product is, in words. */
export function label(at) {
  return `Product placement: ${Math.round(at.x * 100)} percent from the left, ${Math.round(at.y * 100)} from the top, size ${Math.round(at.scale * 100)} percent. Arrow keys move, plus and minus scale.`;
}
