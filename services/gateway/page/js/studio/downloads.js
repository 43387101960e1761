// Downloads: which sizes, which kind of file; one picture as it is, several as a zip.
import { api } from "../api.js";
import { el, icon } from "../dom.js";
import { notice, report } from "../notices.js";
import { adSlots, fileChoices } from "./file_choices.js";
import { fetched } from "./verdicts.js";
import { zip } from "../zip.js";

let shown = false;

/** Ask which sizes of these options, and give them. */
export async function downloads(options, product) {
  if (shown) return;
  shown = true;
  const { width, height } = options[0].picture;
  const slots = [{ name: "", title: "As made", width, height }, ...(await adSlots())];
  const trouble = el("p.trouble", { role: "alert" });
  const go = el("button.button.primary", { type: "submit" }, icon("download"), "Download");
  const form = el(
    "form",
    { method: "dialog", onsubmit: give },
    el("h2", { id: "downloads-title" }, options.length === 1 ? "Download" : `Download ${options.length} pictures`),
    fileChoices(slots),
    trouble,
    el("div.dialog-foot", el("button.button.plain", { type: "button", onclick: () => dialog.close() }, "Cancel"), go),
  );
  const dialog = el(
    "dialog.sheet",
    { "aria-labelledby": "downloads-title", onclose: () => ((shown = false), dialog.remove()) },
    form,
  );
  document.body.append(dialog);
  dialog.showModal();

  async function give(event) {
    event.preventDefault();
    const data = new FormData(form);
    const chosen = data.getAll("slot");
    if (!chosen.length) return void (trouble.textContent = "Choose at least one size.");
    go.disabled = true;
    go.replaceChildren(el("span.spinner"), "Preparing");
    try {
      await save(options, chosen, data.get("format"), product);
      dialog.close();
    } catch (error) {
      report(error);
    }
    go.disabled = false;
    go.replaceChildren(icon("download"), "Download");
  }
}

async function save(options, slots, format, product) {
  const files = [];
  for (const option of options) {
    for (const slot of slots) {
      const blob = await api.picture(api.pictureLink(option, { format, slot }));
      files.push({ name: fileName(product, option, slot, format, options.indexOf(option) + 1), blob });
    }
    fetched(option);
  }
  if (files.length === 1) return hand(files[0].blob, files[0].name);
  const ready = await Promise.all(
    files.map(async ({ name, blob }) => ({ name, bytes: new Uint8Array(await blob.arrayBuffer()) })),
  );
  hand(zip(ready), `${plain(product?.title ?? "backdrop")}.zip`);
  return notice(`${files.length} pictures in one zip`);
}

/** Letters of any script and digits; all else becomes a dash, so that no file system minds. */
export const plain = (words) =>
  (words || "backdrop")
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60)
    .toLowerCase() || "backdrop";

function fileName(product, option, slot, format, number) {
  return (
    [plain(product?.title ?? product?.product_id), String(number), slot].filter(Boolean).join("-") +
    `.${format === "jpeg" ? "jpg" : format}`
  );
}

/** Give a file to the person. */
export function hand(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
