// Whether models may learn from the photos that are added: asked once, off until it is given, remembered on this device.
import { el } from "./dom.js";
import { recall, remember } from "./store.js";

const NAME = "may_train";

export const mayTrain = () => recall(NAME, false, localStorage) === true;

/** The tick; all of them show the same. */
export function consent() {
  const keep = () => remember(NAME, box.checked, localStorage);
  const box = el("input", { type: "checkbox", checked: mayTrain(), onchange: keep });
  return el(
    "label.check.consent",
    box,
    el("span", "Backdrop may learn from photos I add", el("small", "Off, they are used for your pictures alone.")),
  );
}
