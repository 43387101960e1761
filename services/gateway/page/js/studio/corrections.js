// Corrections of cut-outs that nobody saved yet: they outlive another photo on the stage, another view and a reload.
import { recall, remember } from "../store.js";

const NAME = "corrections";
const kept = new Map(Object.entries(recall(NAME, {})));

/** What was kept for a product, or null. */
export const correctionOf = (id) => kept.get(id) ?? null;

/** The same steps; strokes that were drawn since are work of their own. */
export const sameWork = (one, other) =>
  JSON.stringify([one?.shown, one?.steps]) === JSON.stringify([other?.shown, other?.steps]);

/** Keep it, or forget it when there is none. */
export function keepCorrection(id, work) {
  if (work) kept.set(id, work);
  else if (!kept.delete(id)) return;
  remember(NAME, Object.fromEntries(kept));
}
