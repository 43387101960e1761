// Several wishes at once: each is shown as soon as the server has it, and all of them as one round.
import { api } from "../api.js";
import { moment } from "../answers.js";
import { admitBackground } from "../desk.js";
import { together } from "../rounds.js";

/** One option that comes soon, and one request for the others: options of one request start from plates of their own. */
export function split(scene, count, seed) {
  const first = { ...scene, count: 1, seed };
  return count === 1 ? [first] : [first, { ...scene, count: count - 1, seed: seed + 1 }];
}

/** Ask for every scene, in this order, which is the order in which they are made; raises what the first refused one says. */
export async function askAll(product, scenes) {
  const round = crypto.randomUUID();
  for (const scene of scenes) {
    const at = moment();
    const background = await api.ask(product.product_id, scene);
    together(background.request_id, round);
    admitBackground(background, at);
  }
}
