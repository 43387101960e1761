// How far the last wish for many products is: made and turned down, out of all that were asked.
import { desk } from "../desk.js";
import { el, icon } from "../dom.js";
import { announce } from "../notices.js";

/** `begin(ids, total)` starts counting; `update()` shows how far it is. */
export function runBar() {
  let run = null;
  const node = el("div.run", { hidden: true });

  function begin(ids, total) {
    run = { ids, total, before: answered(ids), said: false };
    update();
  }

  function end() {
    run = null;
    node.hidden = true;
  }

  function update() {
    if (!run) return;
    const made = Math.min(run.total, Math.max(0, answered(run.ids) - run.before));
    const whole = made === run.total;
    const words = whole ? `All ${made} backgrounds are here` : `${made} of ${run.total} backgrounds`;
    node.hidden = false;
    node.replaceChildren(
      el("span.figures", words),
      meter(made, run.total),
      el("button.tool", { type: "button", "aria-label": "Close progress", onclick: end }, icon("close")),
    );
    if (whole && !run.said) announce(words);
    run.said ||= whole;
  }
  return { node, begin, update };
}

function meter(made, total) {
  const bar = el("span", { style: { width: `${(100 * made) / total}%` } });
  const values = { "aria-valuemin": "0", "aria-valuemax": String(total), "aria-valuenow": String(made) };
  return el("div.meter", { role: "progressbar", "aria-label": "Backgrounds made", ...values }, bar);
}

function answered(ids) {
  const { products } = desk.get();
  return ids.reduce((sum, id) => {
    const { generated = 0, rejected = 0 } = products.get(id)?.backgrounds ?? {};
    return sum + generated + rejected;
  }, 0);
}
