// One product of the catalogue: its photo, how far it is, and its newest options, each one click from picked.
import { el, icon, keyed, set } from "../dom.js";
import { loadBackgrounds, desk } from "../desk.js";
import { allOptions, rounds } from "../rounds.js";
import { pick, seen } from "../studio/verdicts.js";
import { sentence } from "../studio/wording.js";

const SHOWN = 4;
const STATES = {
  submitted: ["", "finding the product"],
  segmented: ["", "reading the photo"],
  captioned: ["good", "ready"],
  refused: ["bad", "cannot be used"],
};

/** `choose(id, on)` when its box is ticked; `watch(node, act)` calls `act(near)` as it comes near the screen or leaves. */
export function productCard({ product_id: id }, choose, watch) {
  const view = { near: false, loading: false, loaded: false };
  const box = el("input", { type: "checkbox", onchange: () => choose(id, box.checked) });
  const photo = el("img", { alt: "", loading: "lazy" });
  const link = el("a.card-name", { href: `#/studio/${encodeURIComponent(id)}` });
  const state = el("span.tag");
  const why = el("p.card-why.small");
  const strip = el("ul.strip");
  const node = el("li.card", el("label.card-photo", box, photo), el("div.card-text", link, state), why, strip);
  const options = keyed(strip, (slot) => slot.key, slotPart);
  watch(node, (near) => {
    view.near = near;
    load();
  });

  /** Its requests, once there are any and somebody may see them; what fails is tried with the next news. */
  async function load() {
    const counts = desk.get().products.get(id)?.backgrounds ?? {};
    const any = Object.values(counts).some((count) => count > 0);
    if (!view.near || !any || view.loaded || view.loading) return;
    view.loading = true;
    await loadBackgrounds(id).then(
      () => (view.loaded = true),
      () => {},
    );
    view.loading = false;
  }

  return {
    node,
    update(product) {
      const thumbnail = product.image?.thumbnails["480"];
      if (thumbnail && photo.dataset.sha !== product.image.sha256)
        set(photo, { src: thumbnail, dataset: { sha: product.image.sha256 } });
      const name = product.title || id;
      link.textContent = name;
      set(box, { checked: product.chosen, "aria-label": `Choose ${name}` });
      node.classList.toggle("chosen", product.chosen);
      const [kind, words] = STATES[product.stage] ?? ["", product.stage];
      const open = product.backgrounds.requested; // by status: those that were answered are counted as such
      state.className = `tag ${open > 0 ? "" : kind}`;
      state.textContent = open > 0 && product.stage !== "refused" ? `${open} being made` : words;
      why.textContent = product.refusal?.detail ?? turnedDown(id);
      options(slots(id, open));
      load();
    },
  };
}

/** Why the newest wish came to nothing, if it did. */
function turnedDown(id) {
  const request = rounds(desk.get(), id)[0]?.requests.at(-1);
  return request?.status === "rejected" ? `No picture: ${sentence(request.rejection?.detail ?? "turned down")}` : "";
}

function slots(id, open) {
  const made = allOptions(desk.get(), id);
  const waiting = Math.min(SHOWN, Math.max(0, open));
  return [
    ...Array.from({ length: waiting }, (_, n) => ({ key: `wait-${n}` })),
    ...made
      .slice(0, Math.max(0, SHOWN - waiting))
      .map((option) => ({ key: `${option.request_id}/${option.sha256}`, option })),
  ];
}

function slotPart({ option }) {
  if (!option) return { node: el("li", el("span.option-wait", { role: "img", "aria-label": "Being made" })) };
  const button = el(
    "button.strip-option",
    { type: "button", title: option.prompt },
    el("img", { src: option.picture.thumbnails["160"], alt: "", loading: "lazy", onload: () => seen(option) }),
    el("span.strip-mark", icon("check")),
  );
  return {
    node: el("li", button),
    update({ option: fresh }) {
      button.onclick = () => pick(fresh);
      set(button, {
        "aria-pressed": String(fresh.picked),
        "aria-label": `${fresh.picked ? "Picked" : "Pick"}: ${fresh.prompt}`,
      });
    },
  };
}
