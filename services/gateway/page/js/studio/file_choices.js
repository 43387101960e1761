// Which sizes and which kind of file: the fields that every download asks.
import { api } from "../api.js";
import { el } from "../dom.js";

const FORMATS = { png: "PNG", webp: "WebP", jpeg: "JPEG" };
let known = null;

/** The usual sizes of ads; none when they cannot be had. */
export async function adSlots() {
  known ??= await api.slots().catch(() => null);
  return known ?? [];
}

/** Two fieldsets, `slot` and `format`; the first of each is chosen. */
export function fileChoices(slots, formats = Object.keys(FORMATS)) {
  const boxes = slots.map((slot, at) =>
    el(
      "label.slot-choice",
      el("input", { type: "checkbox", name: "slot", value: slot.name, checked: at === 0 }),
      el("span.slot-name", title(slot)),
      el("span.quiet.figures", slot.width ? `${slot.width} × ${slot.height}` : ""),
    ),
  );
  const kinds = formats.map((format, at) =>
    el(
      "label.format-choice",
      el("input", { type: "radio", name: "format", value: format, checked: at === 0 }),
      el("span", FORMATS[format]),
    ),
  );
  return [
    el("fieldset.block", el("legend.label", "Sizes"), el("div.slot-choices", boxes)),
    el("fieldset.block", el("legend.label", "File"), el("div.format-choices", kinds)),
  ];
}

const title = (slot) => slot.title ?? slot.name.charAt(0).toUpperCase() + slot.name.slice(1).replaceAll("_", " ");
