// A question before something that cannot be taken back.
import { el } from "./dom.js";

/** Show `title` and `text`; `act` runs when `name` is pressed. */
export function confirm({ title, text, name, act }) {
  const go = () => {
    dialog.close();
    act();
  };
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "confirm-title" }, title),
    el("p.quiet", text),
    el(
      "div.dialog-foot",
      el("button.button.plain", { type: "submit" }, "Cancel"),
      el("button.button.primary", { type: "button", onclick: go }, name),
    ),
  );
  const dialog = el("dialog.sheet", { "aria-labelledby": "confirm-title", onclose: () => dialog.remove() }, form);
  document.body.append(dialog);
  dialog.showModal();
}
