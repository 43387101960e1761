// Whether models may learn from the photos that are added: asked once, off until it is given, remembered on this device.
import { el, set } from "./dom.js";
import { recall, remember } from "./store.js";

const NAME = "may_train";
const WORDS = "Backdrop may learn from photos I add";

export const mayTrain = () => recall(NAME, false, localStorage) === true;

/** The tick; all of them show the same: `update` brings it up to date where another was ticked. */
export function consent() {
  const keep = () => remember(NAME, box.checked, localStorage);
  const box = el("input", { type: "checkbox", checked: mayTrain(), onchange: keep });
  const node = el("label.check.consent", box, el("span", WORDS, el("small", "Off, they are used for your pictures alone.")));
  return { node, update: () => (box.checked = mayTrain()) };
}

/** The same where there is little room. */
export function briefConsent() {
  const { node, update } = consent();
  node.classList.add("brief");
  set(node, { title: WORDS });
  set(node.firstChild, { "aria-label": WORDS });
  node.lastChild.textContent = "May learn";
  return { node, update };
}
