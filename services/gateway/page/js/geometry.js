// Where a product stands in a frame, and where the surface ends behind it: the same sums as the painter's. Pure.

export const SLOTS = [
  { id: "photo", aspect: null, name: "As photo", use: "the photo's own frame" },
  { id: "square", aspect: "1:1", name: "Square", use: "feed, shop tile", width: 1080, height: 1080 },
  { id: "portrait", aspect: "4:5", name: "Portrait", use: "feed", width: 1080, height: 1350 },
  { id: "story", aspect: "9:16", name: "Story", use: "story, reel", width: 1080, height: 1920 },
  { id: "wide", aspect: "16:9", name: "Wide", use: "video, banner", width: 1920, height: 1080 },
  { id: "link", aspect: "191:100", name: "Link", use: "link preview", width: 1200, height: 628 },
];

/** Width / height of "4:5", or of the photo when there is none. */
export function ratio(aspect, photo) {
  if (!aspect) return photo.width / photo.height;
  const [width, height] = aspect.split(":").map(Number);
  return Math.min(5, Math.max(0.2, width / height));
}

/** The output's size in photo pixels: an aspect only adds canvas. */
export function frameOf(photo, aspect) {
  const wanted = ratio(aspect, photo);
  if (!aspect) return { width: photo.width, height: photo.height };
  return wanted < photo.width / photo.height
    ? { width: photo.width, height: Math.round(photo.width / wanted) }
    : { width: Math.round(photo.height * wanted), height: photo.height };
}

/** The product's box in the frame, as fractions: {left, top, width, height}; `box` is in photo pixels. */
export function boxIn(frame, photo, box, placement) {
  if (placement.mode === "custom") {
    const height = placement.scale;
    const width = (height * frame.height * box.width) / box.height / frame.width;
    return { left: placement.x - width / 2, top: placement.y - height / 2, width, height };
  }
  const x = (frame.width - photo.width) / 2;
  const y = (frame.height - photo.height) / 2;
  return {
    left: (x + box.x) / frame.width,
    top: (y + box.y) / frame.height,
    width: box.width / frame.width,
    height: box.height / frame.height,
  };
}

/** The custom placement that shows what `original` shows. */
export function asCustom(frame, photo, box) {
  const at = boxIn(frame, photo, box, { mode: "original" });
  return { mode: "custom", scale: at.height, x: at.left + at.width / 2, y: at.top + at.height / 2 };
}

/** The row (fraction of the frame's height) where the surface ends behind a product in this box. */
export function surfaceLine(frame, at, elevationDeg = 10) {
  const footprint = 0.5 * at.width * frame.width * Math.sin(((elevationDeg + 4) * Math.PI) / 180) + 0.05 * frame.height;
  const tall = at.height * frame.height;
  const margin = Math.max(
    0.1 * frame.height,
    Math.min(0.3 * tall, 0.22 * frame.height),
    Math.min(footprint, 0.3 * frame.height),
  );
  const row = (at.top + at.height) * frame.height - margin;
  return Math.min(0.9, Math.max(0.22, row / frame.height));
}

/** A placement inside what the contract takes, always with something of the product in the frame. */
export function kept(placement) {
  const within = (value, low, high) => Math.min(high, Math.max(low, value));
  const round = (value) => Math.round(value * 1e4) / 1e4;
  return {
    mode: "custom",
    scale: round(within(placement.scale, 0.05, 1)),
    x: round(within(placement.x, 0, 1)),
    y: round(within(placement.y, 0, 1)),
  };
}

export const SNAP = 0.012;

/** The placement drawn to the frame's middle and thirds where it is near, and the guides that held it. */
export function snapped(placement, at) {
  const guides = { x: null, y: null };
  let { x, y } = placement;
  for (const line of [0.5, 1 / 3, 2 / 3])
    if (Math.abs(x - line) < SNAP && guides.x === null) [x, guides.x] = [line, line];
  const base = y + at.height / 2;
  for (const line of [2 / 3, 0.75, 0.85])
    if (Math.abs(base - line) < SNAP && guides.y === null) [y, guides.y] = [line - at.height / 2, line];
  return { placement: { ...placement, x, y }, guides };
}

/** How a plate is cut and stretched so that its surface line lies at `line`: two bands {source, target} in fractions. */
export function staged(plate, frame, line) {
  const own = plate.surface_line;
  if (own === null || own === undefined || line === null || own <= 0.02 || own >= 0.98) return covering(plate, frame);
  const [outWidth, outHeight] = [frame.width, frame.height];
  const row = line * outHeight;
  let above = Math.max(row, 1) / (own * plate.height);
  let below = Math.max(outHeight - row, 1) / ((1 - own) * plate.height);
  const across = Math.max(outWidth / plate.width, above / 1.45, below / 1.45);
  [above, below] = [Math.max(above, across), Math.max(below, across)];
  const seenAbove = row / above / plate.height;
  const seenBelow = (outHeight - row) / below / plate.height;
  const width = outWidth / across / plate.width;
  const x = (1 - width) / 2;
  return [
    { source: { x, y: own - seenAbove, width, height: seenAbove }, target: { y: 0, height: line } },
    { source: { x, y: own, width, height: seenBelow }, target: { y: line, height: 1 - line } },
  ];
}

function covering(plate, frame) {
  const factor = Math.max(frame.width / plate.width, frame.height / plate.height);
  const [width, height] = [frame.width / factor / plate.width, frame.height / factor / plate.height];
  return [{ source: { x: (1 - width) / 2, y: (1 - height) / 2, width, height }, target: { y: 0, height: 1 } }];
}

/** The largest centred part of `size` with the slot's shape, so that a download in another slot is cut, not squeezed. */
export function cut(size, slot) {
  const wanted = slot.width / slot.height;
  const width = Math.min(size.width, size.height * wanted);
  const height = Math.min(size.height, size.width / wanted);
  return { x: (size.width - width) / 2, y: (size.height - height) / 2, width, height };
}
