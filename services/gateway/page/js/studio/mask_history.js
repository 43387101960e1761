// The cut-out as a list of steps: strokes and the segmenter's proposals. Drawn small to see, at full size to save.
import { alphaOf, canvasOf, picture } from "./pictures.js";

/** Steps over a first mask; `first` is an alpha canvas at the page's size, `product` knows the photo's own size. */
export function maskHistory(first, product, { steps, shown } = { steps: [], shown: 0 }) {
  const alpha = canvasOf(first.width, first.height);

  function replay() {
    const context = alpha.getContext("2d");
    const done = steps.slice(0, shown);
    const from = lastAnswer(done);
    context.globalCompositeOperation = "copy";
    if (from < 0) context.drawImage(first, 0, 0);
    for (const step of done.slice(Math.max(0, from))) put(context, step, alpha); // an answer replaces all before it
  }

  function add(step) {
    steps.length = shown;
    steps.push(step);
    shown = steps.length;
  }

  function begin(adds, width, at) {
    const step = { adds, width: width / Math.max(alpha.width, alpha.height), points: [at] };
    add(step);
    const context = alpha.getContext("2d");
    put(context, step, alpha);
    return {
      to(point) {
        step.points.push(point);
        put(context, { ...step, points: step.points.slice(-2) }, alpha);
      },
      end() {},
    };
  }

  replay();
  return {
    alpha,
    begin,
    replace(mask, image) {
      add({ mask, image });
      replay();
    },
    undo: () => turn(-1),
    redo: () => turn(1),
    past: () => shown > 0,
    future: () => shown < steps.length,
    changed: () => shown > 0,
    png: () => fullSize(steps.slice(0, shown), product),
    kept: () => (shown > 0 ? { shown, steps: steps.map(({ image, ...step }) => step) } : null),
  };

  function turn(way) {
    const before = shown;
    shown = Math.min(steps.length, Math.max(0, shown + way));
    replay();
    const turned = steps[Math.min(before, shown)];
    return Boolean(turned?.image);
  }
}

const lastAnswer = (steps) => steps.findLastIndex((step) => step.image);

/** What `kept` gave, with its pictures; raises when one cannot be shown any more. */
export async function restored({ shown, steps }) {
  const known = async (step) => (step.mask ? { ...step, image: await picture(step.mask) } : step);
  return { shown, steps: await Promise.all(steps.map(known)) };
}

function put(context, step, { width, height }) {
  if (step.image) {
    context.globalCompositeOperation = "copy";
    context.drawImage(alphaOf(step.image, width, height), 0, 0);
    return;
  }
  context.globalCompositeOperation = step.adds ? "source-over" : "destination-out";
  trace(context, step, width, height, "#fff");
}

/** A round stroke through points given as fractions. */
export function trace(context, step, width, height, colour) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = Math.max(1, step.width * Math.max(width, height));
  context.strokeStyle = colour;
  context.beginPath();
  step.points.forEach(({ x, y }, at) =>
    at ? context.lineTo(x * width, y * height) : context.moveTo(x * width, y * height),
  );
  if (step.points.length === 1) context.lineTo(step.points[0].x * width + 0.01, step.points[0].y * height);
  context.stroke();
}

/** The mask as a PNG of the photo's size, 0 and 255 only, made away from the page's own thread. */
async function fullSize(steps, product) {
  const from = lastAnswer(steps);
  const base = from >= 0 ? await createImageBitmap(steps[from].image) : await stored(product);
  const strokes = steps.slice(from + 1);
  const worker = new Worker(new URL("mask_worker.js", import.meta.url), { type: "module" });
  try {
    return await new Promise((done, failed) => {
      worker.onmessage = ({ data }) => done(data);
      worker.onerror = (event) => failed(new Error(event.message || "The cut-out could not be drawn."));
      const { width, height } = product.image;
      worker.postMessage({ base, strokes, width, height }, base ? [base] : []);
    });
  } finally {
    worker.terminate();
  }
}

async function stored(product) {
  if (!product.mask) return null;
  return createImageBitmap(await (await fetch(product.mask.picture.url)).blob());
}
