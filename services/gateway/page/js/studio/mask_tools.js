// What a cut-out is corrected with, and the segmenter made ready for it.
import { api } from "../api.js";

export const TOOLS = {
  keep: {
    name: "Keep here",
    icon: "keep",
    key: "k",
    hint: "Click on what belongs to the product; the segmenter finds the rest.",
  },
  remove: {
    name: "Not this",
    icon: "remove",
    key: "x",
    hint: "Click on what does not belong; the segmenter takes it away.",
  },
  add: { name: "Brush", icon: "brush", key: "b", hint: "Paint what is missing." },
  erase: { name: "Eraser", icon: "eraser", key: "e", hint: "Rub out what is too much." },
};

/** The first click on a photo is the slow one, so the editor makes it: what it finds is not shown. */
export function warm(product) {
  return api.clicks(product.product_id, [{ x: 0.5, y: 0.5, keep: true }]).catch(() => {});
}
