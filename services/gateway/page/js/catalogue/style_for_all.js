// One wish for many products: words, a named style, a format, how many options for each.
import { Refused } from "../api.js";
import { el, icon } from "../dom.js";
import { SLOTS } from "../geometry.js";
import { EMPTY_DRAFT, desk, sceneOf } from "../desk.js";
import { stylePicker } from "../studio/style_picker.js";

/** `make(scene, count)` when it is confirmed. */
export function styleForAll(many, make) {
  const typed = { ...EMPTY_DRAFT };
  const prompt = el("textarea.input", {
    id: "all-prompt",
    rows: "2",
    maxlength: "1000",
    placeholder: "on a marble counter, morning light",
    "aria-describedby": "all-trouble",
  });
  const trouble = el("p.trouble", { id: "all-trouble", role: "alert" });
  const styles = stylePicker((style) => {
    typed.style = style;
    styles.update(desk.get().styles, style);
  });
  const slot = el(
    "select.input",
    { id: "all-slot" },
    SLOTS.map((each) => el("option", { value: each.id }, each.aspect ? `${each.name}, ${each.use}` : "As each photo")),
  );
  const count = el(
    "select.input",
    { id: "all-count" },
    [1, 2, 3, 4].map((n) => el("option", { value: String(n) }, String(n))),
  );
  const go = el(
    "button.button.primary",
    { type: "submit" },
    icon("studio"),
    `Make for ${many} ${many === 1 ? "product" : "products"}`,
  );
  const form = el(
    "form",
    { onsubmit: send },
    el("h2", { id: "all-title" }, `A style for ${many} ${many === 1 ? "product" : "products"}`),
    el("div.field", el("label", { for: "all-prompt" }, "Describe the scene"), prompt, trouble),
    styles.node,
    el(
      "div.pair",
      el("div.field", el("label", { for: "all-slot" }, "Format"), slot),
      el("div.field", el("label", { for: "all-count" }, "Options for each"), count),
    ),
    el("div.dialog-foot", el("button.button.plain", { type: "button", onclick: () => dialog.close() }, "Cancel"), go),
  );
  const dialog = el("dialog.sheet.wide", { "aria-labelledby": "all-title", onclose: end }, form);

  const stop = desk.on((state) => styles.update(state.styles, typed.style)); // they may come later than the dialog

  function end() {
    stop();
    dialog.remove();
  }

  async function send(event) {
    event.preventDefault();
    go.disabled = true;
    trouble.textContent = "";
    try {
      await make(sceneOf({ ...typed, prompt: prompt.value, slot: slot.value }, SLOTS), Number(count.value));
      dialog.close();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      trouble.textContent = error.for("scene.prompt") ?? error.message;
      prompt.focus();
    }
    go.disabled = false;
  }

  styles.update(desk.get().styles, null);
  document.body.append(dialog);
  dialog.showModal();
}
