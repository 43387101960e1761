// Tables of rows under their headings; on a phone a row is a block, and each of its cells says its heading itself.
import { el, set } from "./dom.js";

/** `heads`: words each, `{ number: words }` above figures, `{ unseen: words }` above what explains itself. */
export function tableOf(heads, rows) {
  const all = heads.map((head) => (typeof head === "string" ? { seen: head } : head));
  for (const row of rows)
    all.forEach(({ seen, number }, at) => set(row.children[at], { "data-head": seen ?? number }));
  return el("table", el("thead", el("tr", all.map(headOf))), el("tbody", rows));
}

function headOf({ seen, number, unseen }) {
  return el(
    "th",
    { scope: "col", class: number ? "number" : null },
    unseen ? el("span.unseen", unseen) : (seen ?? number),
  );
}
