// Several wishes at once: each is shown as soon as the server has it, and all of them as one round.
import { api } from "../api.js";
import { admitBackground, together } from "../desk.js";

/** Ask for every scene; raises what the first refused one says, when all are answered. */
export async function askAll(product, scenes) {
  const round = crypto.randomUUID();
  const one = async (scene) => {
    const background = await api.ask(product.product_id, scene);
    together(background.request_id, round);
    admitBackground(background);
    return background;
  };
  const answers = await Promise.allSettled(scenes.map(one));
  const refused = answers.find((answer) => answer.status === "rejected");
  if (refused) throw refused.reason;
  return answers.map((answer) => answer.value);
}
