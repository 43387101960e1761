// A worker: draws a mask at the photo's own size and makes it black and white, so that the page never stops.
import { trace } from "./mask_history.js";

onmessage = async ({ data: { base, strokes, width, height } }) => {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high"; // the segmenter's answer is small and soft: scaled up and cut, it has no steps
  if (base) context.drawImage(base, 0, 0, width, height);
  for (const stroke of strokes) trace(context, stroke, width, height, stroke.adds ? "#fff" : "#000");
  const pixels = context.getImageData(0, 0, width, height);
  const words = new Uint32Array(pixels.data.buffer);
  for (let at = 0; at < words.length; at++) words[at] = (words[at] & 255) > 127 ? 0xffffffff : 0xff000000;
  context.putImageData(pixels, 0, 0);
  postMessage(await canvas.convertToBlob({ type: "image/png" }));
};
