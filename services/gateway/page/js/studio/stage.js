// The stage: one product large, in two modes: placing it in a frame, and correcting its cut-out.
import { arrange, el, icon, set } from "../dom.js";
import { SLOTS } from "../geometry.js";
import { draft, draftOf, desk, withdraw } from "../desk.js";
import { confirm } from "../confirm.js";
import { notice, report } from "../notices.js";
import { correctionOf } from "./corrections.js";
import { maskEditor } from "./mask_editor.js";
import { placing } from "./placing.js";

export function stagePart() {
  const place = placing();
  const editor = maskEditor();
  const modes = {
    place: { name: "Place", icon: "move", part: place },
    mask: { name: "Cut-out", icon: "brush", part: editor },
  };
  let mode = "place";
  let product = null;

  const tabs = el("div.segments", { role: "tablist", "aria-label": "Stage" });
  const buttons = Object.entries(modes).map(([name, each]) =>
    el(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": "stage-panel",
        onclick: () => turn(name),
        onkeydown: walk,
      },
      icon(each.icon),
      each.name,
    ),
  );
  tabs.append(...buttons);
  const slots = slotChips();
  const state = el("p.stage-state");
  const out = withdrawal(() => product);
  const holder = el("div.stage-holder", { id: "stage-panel", role: "tabpanel" });
  const node = el("section.stage", { "aria-label": "Product" }, el("div.stage-bar", tabs, slots.node, state), holder);

  function turn(name) {
    if (name === "place" && mode === "mask" && editor.changed()) return void leaving();
    if (name === "place" && mode === "mask") editor.keep();
    mode = name;
    update(desk.get(), product);
    if (name === "mask") editor.open(product);
  }

  /** Corrections are work: they are not thrown away by a slip. */
  function leaving() {
    confirm({
      title: "Leave without saving?",
      text: "Your corrections of this cut-out would be lost.",
      name: "Leave",
      act: editor.giveUp,
    });
  }

  /** Another photo is on the stage: what was corrected of this one waits. */
  function elsewhere() {
    mode = "place";
    if (editor.keep()) notice(`The cut-out of “${product.title || product.product_id}” is kept, but not saved yet.`);
  }

  function walk(event) {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = mode === "place" ? "mask" : "place";
    if (!buttons[Object.keys(modes).indexOf(other)].disabled) turn(other);
    buttons[Object.keys(modes).indexOf(mode)].focus();
  }

  function update(now, shown) {
    if (shown?.product_id !== product?.product_id && mode === "mask") elsewhere();
    product = shown;
    const usable = Boolean(product?.image);
    buttons.forEach((button, at) => {
      const on = Object.keys(modes)[at] === mode;
      set(button, { "aria-selected": String(on), tabindex: on ? "0" : "-1", disabled: !usable });
    });
    holder.setAttribute("aria-labelledby", `tab-${mode}`);
    slots.update(now, product);
    slots.node.hidden = mode === "mask";
    arrange(state, [...words(product), ...(product?.revision !== undefined ? [out] : [])]);
    arrange(holder, [modes[mode].part.node]);
    modes[mode].part.update(now, product, () => turn("mask"));
  }

  editor.done = () => turn("place");
  return {
    node,
    update,
    stop() {
      place.stop();
      editor.stop();
    },
  };
}

function withdrawal(shown) {
  const ask = () => {
    const { product_id: id } = shown();
    confirm({
      title: "Withdraw this photo?",
      text: "It disappears here, and no model ever learns from it again. Pictures made of it stay in the store.",
      act: () => withdraw(id).then(() => notice("Withdrawn."), report),
      name: "Withdraw",
    });
  };
  return el(
    "button.tool",
    { type: "button", "aria-label": "Withdraw this photo", title: "Withdraw", onclick: ask },
    icon("trash"),
  );
}

/** How far this photo is, in a few words. */
function words(product) {
  if (!product) return [];
  const tag = (kind, text) => el(`span.tag${kind}`, text);
  if (product.stage === "uploading") return [el("span.tag", el("span.spinner"), "Uploading")];
  if (product.stage === "failed") return [tag(".bad", "Not uploaded")];
  if (product.stage === "refused") return [tag(".bad", "Cannot be used as it is")];
  if (!product.mask) return [el("span.tag", el("span.spinner"), "Finding the product")];
  const by =
    product.mask.made_by === "merchant" ? "your cut-out" : `found, ${Math.round(product.mask.confidence * 100)} % sure`;
  return [
    el("span.product-name", product.title || product.caption?.product_short || ""),
    tag(product.mask.confidence < 0.7 ? ".warn" : ".good", by),
    ...(correctionOf(product.product_id) ? [tag(".warn", "corrections not saved")] : []),
  ];
}

function slotChips() {
  const chips = SLOTS.map((slot) =>
    el(
      "button.slot",
      {
        type: "button",
        role: "radio",
        title: slot.use,
        dataset: { slot: slot.id },
        onclick: () => pick(slot.id),
        onkeydown: walk,
      },
      el("span.slot-shape", { dataset: { shape: slot.id } }),
      el("span", slot.aspect === "191:100" ? "1.91:1" : (slot.aspect ?? "Photo")),
    ),
  );
  const node = el("div.slots", { role: "radiogroup", "aria-label": "Format" }, chips);
  function pick(id) {
    const { current } = desk.get();
    if (current) draft(current, { slot: id });
    chips.find((chip) => chip.dataset.slot === id).focus();
  }
  function walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = SLOTS.findIndex((slot) => slot.id === event.currentTarget.dataset.slot);
    pick(SLOTS[(at + step + SLOTS.length) % SLOTS.length].id);
  }
  return {
    node,
    update(state, product) {
      const { slot } = draftOf(state, product?.product_id);
      chips.forEach((chip) =>
        set(chip, {
          "aria-checked": String(chip.dataset.slot === slot),
          tabindex: chip.dataset.slot === slot ? "0" : "-1",
          "aria-label": `${SLOTS.find((each) => each.id === chip.dataset.slot).name}, ${chip.textContent}`,
        }),
      );
    },
  };
}
