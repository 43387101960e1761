// Pictures of a product, loaded once per content: photo and mask as canvases, and the cut-out they make.

const loaded = new Map();
const MOST = 60;

/** An <img> that is ready to draw; asked for again it is the same one. Raises when the link is dead. */
export function picture(link, key = link) {
  if (!loaded.has(key)) {
    const image = new Image();
    image.src = link;
    const ready = image.decode().then(() => image);
    ready.catch(() => loaded.delete(key));
    loaded.set(key, ready);
    if (loaded.size > MOST) loaded.delete(loaded.keys().next().value);
  }
  return loaded.get(key);
}

export function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

/** A mask picture (white is product) as a canvas whose alpha is the mask. */
export function alphaOf(image, width, height) {
  const canvas = canvasOf(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const words = new Uint32Array(pixels.data.buffer);
  for (let at = 0; at < words.length; at++) words[at] = ((words[at] & 255) << 24) | 0xffffff;
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** The product alone: the photo where the alpha canvas is. */
export function cutOut(photo, alpha) {
  const canvas = canvasOf(alpha.width, alpha.height);
  const context = canvas.getContext("2d");
  context.drawImage(photo, 0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = "destination-in";
  context.drawImage(alpha, 0, 0);
  return canvas;
}

/** A ring of `width` pixels around an alpha canvas in this colour. */
export function outline(alpha, colour, width = 1.5) {
  const canvas = canvasOf(alpha.width, alpha.height);
  const context = canvas.getContext("2d");
  for (let turn = 0; turn < 12; turn++) {
    context.drawImage(alpha, width * Math.cos((turn * Math.PI) / 6), width * Math.sin((turn * Math.PI) / 6));
  }
  context.globalCompositeOperation = "destination-out";
  context.drawImage(alpha, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Photo, mask and cut-out of a product at the size of the page, or null while there is no mask. */
export async function partsOf(product) {
  if (!product.image || !product.mask) return null;
  const side = "960";
  const [photo, mask] = await Promise.all([
    picture(product.image.thumbnails[side], `${product.image.sha256}/${side}`),
    picture(product.mask.picture.thumbnails[side], `${product.mask.picture.sha256}/${side}`),
  ]);
  const key = `${product.mask.picture.sha256}/parts`;
  if (!loaded.has(key)) {
    const alpha = alphaOf(mask, photo.naturalWidth, photo.naturalHeight);
    loaded.set(key, { photo, alpha, cut: cutOut(photo, alpha) });
  }
  return loaded.get(key);
}
