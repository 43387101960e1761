// Before the first photo: what this is, where to drop, and samples that are ready to click.
import { consent } from "../consent.js";
import { el, icon, keyed } from "../dom.js";

/** `update(state)` shows the samples once they are known. */
export function welcome(photos) {
  const input = el("input.unseen", {
    type: "file",
    id: "first-photos",
    accept: "image/*",
    multiple: true,
    tabindex: "-1",
    "aria-label": "Choose photos",
    onchange: () => photos.take(input.files),
  });
  const drop = el(
    "button.dropzone",
    { type: "button", onclick: () => input.click() },
    el("span.dropzone-mark", icon("plus")),
    el(
      "span.dropzone-words",
      el("strong", "Drop product photos"),
      el("span", "or click to choose, or paste. JPEG, PNG, WebP."),
    ),
  );
  const tick = consent();
  const shelf = el("ul.samples");
  const draw = keyed(
    shelf,
    (sample) => sample.name,
    (sample) => ({
      node: el(
        "li",
        el(
          "button.sample",
          { type: "button", "aria-label": `Try with ${sample.title}`, onclick: () => photos.sample(sample) },
          el("img", { src: sample.thumbnail ?? sample.url, alt: "", loading: "lazy", width: "160", height: "160" }),
        ),
      ),
    }),
  );
  const title = el("p.samples-title", "No photo at hand? Take one of these.");
  const wall = el("div.wall", { "aria-hidden": "true" }, SHOWN.map(tile));
  const node = el(
    "section.welcome",
    el(
      "div.welcome-text",
      el("h2", "A new scene for every product."),
      el(
        "p.lead",
        "Type any style, pick one by its picture, or show a reference. The product itself is never changed, not by a pixel.",
      ),
    ),
    wall,
    el("div.welcome-in", drop, input, tick.node, title, shelf),
  );
  return {
    node,
    update(state) {
      tick.update();
      draw(state.samples);
      title.hidden = state.samples.length === 0;
    },
  };
}

// one photo, and what the bundled models made of it
const SHOWN = ["sage-podium", "photo", "terrazzo", "black-marble", "pink-podium", "brick"];

function tile(name) {
  const side = name === SHOWN[0] ? "720" : "360";
  const words = name === "photo" ? "Your photo" : name === SHOWN[0] ? "Your product, any scene" : null;
  const image = el("img", { src: `pictures/${name}.webp`, alt: "", width: side, height: side });
  return el("figure", image, words && el("figcaption.tag", words));
}
