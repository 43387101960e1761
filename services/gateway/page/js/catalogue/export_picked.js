// All picked pictures of the catalogue as one zip, in the sizes of the ads they are for.
import { el, icon } from "../dom.js";
import { adSlots, fileChoices } from "../studio/file_choices.js";

/** Ask which sizes, and let the browser fetch the zip. */
export async function exportPicked() {
  const slots = await adSlots();
  const trouble = el("p.trouble", { role: "alert" });
  const form = el(
    "form",
    { onsubmit: give },
    el("h2", { id: "export-title" }, "Picked pictures"),
    el("p.quiet", "Every option that was picked, of every product, as one zip."),
    fileChoices(slots, ["jpeg", "webp", "png"]),
    trouble,
    el(
      "div.dialog-foot",
      el("button.button.plain", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      el("button.button.primary", { type: "submit" }, icon("download"), "Download"),
    ),
  );
  const dialog = el("dialog.sheet", { "aria-labelledby": "export-title", onclose: () => dialog.remove() }, form);

  function give(event) {
    event.preventDefault();
    const chosen = new FormData(form);
    if (slots.length && !chosen.has("slot")) return void (trouble.textContent = "Choose at least one size.");
    const href = `/v1/exports/pictures?${new URLSearchParams(chosen)}`;
    el("a", { href, download: "backdrop-pictures.zip" }).click();
    return dialog.close();
  }
  document.body.append(dialog);
  dialog.showModal();
}
