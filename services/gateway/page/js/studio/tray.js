// The photos of this brand as a strip: one is on the stage, each says how far it is.
import { el, icon, keyed, set } from "../dom.js";
import { choose, loadProducts } from "../desk.js";
import { briefConsent } from "../consent.js";
import { report } from "../notices.js";

const STATES = {
  uploading: "uploading",
  submitted: "finding the product",
  segmented: "reading the photo",
  captioned: "ready",
  refused: "cannot be used",
  failed: "not uploaded",
  withdrawn: "withdrawn",
};

export function tray(photos) {
  const input = el("input.unseen", {
    type: "file",
    id: "more-photos",
    accept: "image/*",
    multiple: true,
    tabindex: "-1",
    "aria-label": "Choose photos",
    onchange: () => {
      photos.take(input.files);
      input.value = "";
    },
  });
  const add = el(
    "button.tray-add",
    { type: "button", "aria-label": "Add photos", title: "Add photos", onclick: () => input.click() },
    icon("plus"),
  );
  const tick = briefConsent();
  const list = el("ul.tray-list");
  const more = el(
    "button.button.plain.tray-more",
    { type: "button", hidden: true, onclick: () => loadProducts({ next: true }).catch(report) },
    "More",
  );
  const draw = keyed(
    list,
    (item) => item.key,
    (item) => card(item, photos),
  );
  return {
    node: el("nav.tray", { "aria-label": "Photos" }, add, input, tick.node, list, more),
    update(state) {
      tick.update();
      const uploads = [...state.uploads.values()].map((photo) => ({
        key: photo.id,
        photo,
        on: photo.id === state.current,
      }));
      const products = state.order.map((id) => ({ key: id, photo: state.products.get(id), on: id === state.current }));
      draw([...uploads.reverse(), ...products]);
      more.hidden = !state.more;
    },
  };
}

function card(item) {
  const picture = el("img", { alt: "", loading: "lazy" });
  const state = el("span.tray-state");
  const button = el("button.tray-photo", { type: "button", onclick: () => choose(item.key) }, picture, state);
  return {
    node: el("li", button),
    update({ photo, on }) {
      const link = photo.image?.thumbnails?.["160"] ?? photo.local;
      if (link && picture.dataset.sha !== (photo.image?.sha256 ?? "local"))
        set(picture, { src: link, dataset: { sha: photo.image?.sha256 ?? "local" } });
      const name = photo.title || photo.product_id;
      set(button, {
        "aria-current": on ? "true" : null,
        "aria-label": `${name}, ${STATES[photo.stage]}`,
        title: name,
        dataset: { stage: photo.stage },
      });
      const mark = { refused: "warning", failed: "warning" }[photo.stage];
      state.replaceChildren(mark ? icon(mark) : ["captioned"].includes(photo.stage) ? "" : el("span.spinner"));
    },
  };
}
