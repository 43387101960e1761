// What a revision paints beside the one it was measured against: the sheet of its exam, large.
import { api } from "../api.js";
import { el, icon } from "../dom.js";

/** Open the sheet of this revision; raises in words when it has none. */
export async function beforeAfter({ model, revision }) {
  const link = URL.createObjectURL(await api.sheet(model, revision));
  const words = `Rows of three: the photo, the model in use before, and what ${model} ${revision} paints`;
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "exam-title" }, "Before and after"),
    el("p.quiet", "Photos that neither model has learnt from: as they are, by the model in use before, and by this one."),
    el(
      "div.exam",
      { tabindex: "0", role: "region", "aria-label": `Sheet of ${revision}` },
      el("p.exam-heads", { "aria-hidden": "true" }, el("span", "Photo"), el("span", "Before"), el("span", revision)),
      el("img", { src: link, alt: words }),
    ),
    el(
      "div.dialog-foot",
      el("a.button", { href: link, download: `${model}-${revision}.png` }, icon("download"), "Download"),
      el("button.button.primary", { type: "submit" }, "Close"),
    ),
  );
  const dialog = el("dialog.sheet.wide", { "aria-labelledby": "exam-title", onclose: end }, form);

  function end() {
    URL.revokeObjectURL(link);
    dialog.remove();
  }
  document.body.append(dialog);
  dialog.showModal();
}
