// The studio: photos on the left, one product on the stage, words and styles on the right, options below.
import { arrange, el } from "../dom.js";
import { untilAnswered } from "../answers.js";
import { choose, current, desk, refresh } from "../desk.js";
import { go, place } from "../router.js";
import { intake } from "../studio/intake.js";
import { optionsPart } from "../studio/options.js";
import { panel } from "../studio/panel.js";
import { stagePart } from "../studio/stage.js";
import { tray } from "../studio/tray.js";
import { welcome } from "../studio/welcome.js";

/** The view; `moved` takes the product that the address names. */
export function studio(rest) {
  const photos = intake();
  const first = welcome(photos);
  const parts = [tray(photos), stagePart(), panel(), optionsPart()];
  const [trayPart, stage, side, options] = parts;
  const bench = el("div.bench", trayPart.node, el("div.bench-middle", stage.node, options.node), side.node);
  const node = el("div.studio", el("h1.unseen", "Studio"));

  let addressed = null; // the product that the address was last given

  function update(state) {
    const empty = state.order.length === 0 && state.uploads.size === 0;
    const product = current(state);
    if (!empty && !product && state.loaded) return choose(state.order[0] ?? state.uploads.keys().next().value);
    arrange(node, [node.firstChild, empty ? first.node : bench]);
    if (empty) first.update(state);
    else for (const part of parts) part.update(state, product);
    const here = place().view === "studio"; // not when somebody is on the way to another view
    if (!here || !product || !state.products.has(product.product_id) || addressed === product.product_id) return undefined;
    addressed = product.product_id; // once: the address may name another one already, which is on its way here
    return go("studio", [addressed], { quietly: true });
  }

  moved(rest);
  const stop = desk.on(update);
  update(desk.get());
  return {
    node,
    moved,
    leave: () => {
      stop();
      photos.stop();
      stage.stop?.();
    },
  };
}

async function moved([id]) {
  if (!id || id === desk.get().current) return;
  if (!desk.get().products.has(id)) await untilAnswered(() => refresh(id));
  if (desk.get().products.has(id)) choose(id);
}
