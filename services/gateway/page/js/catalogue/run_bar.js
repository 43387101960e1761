// How far the last wish for many products is: made and turned down, out of all that were asked.
import { el, icon } from "../dom.js";
import { announce } from "../notices.js";

const COUNTED = { BackgroundGenerated: "made", BackgroundRejected: "none" };

/** `begin(total)` starts counting before anything is asked, and gives `asked(requests)`; `heard` takes the stream's events. */
export function runBar() {
  let run = null;
  const node = el("div.run", { hidden: true });

  function begin(total) {
    const mine = { total, asked: new Set(), made: new Set(), none: new Set(), said: false };
    run = mine;
    return (requests) => {
      for (const { request_id: id } of requests) mine.asked.add(id);
      update();
    };
  }

  function end() {
    run = null;
    node.hidden = true;
  }

  /** An answer may be heard before the question's own answer is here: all are kept, those that were asked count. */
  function heard(type, event) {
    if (!run || !COUNTED[type]) return;
    run[COUNTED[type]].add(event.request_id);
    update();
  }

  function update() {
    if (!run?.asked.size) return;
    const { total } = run;
    const [made, none] = [run.made, run.none].map((ids) => [...ids].filter((id) => run.asked.has(id)).length);
    const whole = made + none === total;
    const words = whole && !none ? `All ${made} backgrounds are here` : `${made} of ${total} backgrounds`;
    const all = none ? `${words}, ${none} turned down` : words;
    node.hidden = false;
    node.replaceChildren(
      el("span.figures", all),
      meter(made + none, total),
      el("button.tool", { type: "button", "aria-label": "Close progress", onclick: end }, icon("close")),
    );
    if (whole && !run.said) announce(all);
    run.said ||= whole;
  }
  return { node, begin, heard };
}

function meter(made, total) {
  const bar = el("span", { style: { width: `${(100 * made) / total}%` } });
  const values = { "aria-valuemin": "0", "aria-valuemax": String(total), "aria-valuenow": String(made) };
  return el("div.meter", { role: "progressbar", "aria-label": "Backgrounds made", ...values }, bar);
}
