// A list of products by address: CSV or one JSON object a line. What is refused is shown line by line.
import { api, Refused } from "../api.js";
import { el, icon } from "../dom.js";
import { loadProducts } from "../desk.js";
import { notice } from "../notices.js";

const COLUMNS = "product_id,url,title,description,category";

export function importList() {
  const file = el("input.input", {
    type: "file",
    id: "list-file",
    accept: ".csv,.jsonl,.ndjson,text/csv,application/x-ndjson",
    onchange: fill,
  });
  const text = el("textarea.input.mono", {
    id: "list-text",
    rows: "6",
    spellcheck: "false",
    placeholder: `${COLUMNS}\nmug-1,https://shop.example/mug.jpg,Mug,,Kitchen`,
    "aria-describedby": "list-trouble",
  });
  const trouble = el("div.refused-lines", { id: "list-trouble", role: "alert" });
  const go = el("button.button.primary", { type: "submit" }, icon("download"), "Import");
  const form = el(
    "form",
    { onsubmit: send },
    el("h2", { id: "list-title" }, "Import a list"),
    el(
      "p.quiet",
      "CSV with the columns ",
      el("code", COLUMNS),
      ", or one JSON object a line. Photos are fetched from their addresses.",
    ),
    el("div.field", el("label", { for: "list-file" }, "File"), file),
    el("div.field", el("label", { for: "list-text" }, "Or paste"), text),
    trouble,
    el("div.dialog-foot", el("button.button.plain", { type: "button", onclick: () => dialog.close() }, "Close"), go),
  );
  const dialog = el("dialog.sheet.wide", { "aria-labelledby": "list-title", onclose: () => dialog.remove() }, form);

  async function fill() {
    text.value = await file.files[0].text();
  }

  async function send(event) {
    event.preventDefault();
    const body = text.value.trim();
    if (!body) return void trouble.replaceChildren(el("p.trouble", "Choose a file or paste a list first."));
    go.disabled = true;
    try {
      const batch = await api.batch(body, body.startsWith("{") ? "application/x-ndjson" : "text/csv");
      notice(`${batch.accepted} products taken`);
      await loadProducts();
      if (!batch.refused.length) dialog.close();
      trouble.replaceChildren(
        ...batch.refused.map((line) =>
          el("p.trouble", `Line ${line.line}, ${line.field ?? "product"}: ${line.detail}`),
        ),
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      trouble.replaceChildren(
        el("p.trouble", error.message),
        ...(error.problem.errors ?? []).map((each) => el("p.trouble", `${each.field}: ${each.detail}`)),
      );
    }
    go.disabled = false;
    return undefined;
  }
  document.body.append(dialog);
  dialog.showModal();
}
