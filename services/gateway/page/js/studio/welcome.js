// Before the first photo: what this is, where to drop, and samples that are ready to click.
import { el, icon, keyed } from "../dom.js";

/** `update(state)` shows the samples once they are known. */
export function welcome(photos) {
  const input = el("input.unseen", { type: "file", id: "first-photos", accept: "image/*", multiple: true, tabindex: "-1",
    "aria-label": "Choose photos", onchange: () => photos.take(input.files) });
  const drop = el("button.dropzone", { type: "button", onclick: () => input.click() },
    el("span.dropzone-mark", icon("plus")),
    el("span.dropzone-words", el("strong", "Drop product photos"), el("span", "or click to choose, or paste. JPEG, PNG, WebP.")));
  const shelf = el("ul.samples");
  const draw = keyed(shelf, (sample) => sample.name, (sample) => ({
    node: el("li", el("button.sample", { type: "button", "aria-label": `Try with ${sample.title}`, onclick: () => photos.sample(sample) },
      el("img", { src: sample.thumbnail ?? sample.url, alt: "", loading: "lazy", width: "160", height: "160" }))),
  }));
  const title = el("p.samples-title", "No photo at hand? Take one of these.");
  const wall = el("div.wall", { "aria-hidden": "true" });
  const node = el("section.welcome",
    el("div.welcome-text",
      el("h2", "A new scene for every product."),
      el("p.lead", "Type any style, pick one by its picture, or show a reference. The product itself is never changed, not by a pixel.")),
    wall, el("div.welcome-in", drop, input, title, shelf));
  return {
    node,
    update(state) {
      draw(state.samples);
      title.hidden = state.samples.length === 0;
      if (!wall.childElementCount && state.styles?.length) wall.append(...pictures(state.styles));
    },
  };
}

const SHOWN = ["rustic oak and brick", "sage studio podium", "terrazzo and sage", "black marble luxury", "pink podium",
  "tropical beach", "linen by the window", "navy wall oak"];

function pictures(styles) {
  const named = SHOWN.map((name) => styles.find((style) => style.name === name)).filter(Boolean);
  const chosen = [...named, ...styles.filter((style) => !named.includes(style))].slice(0, 8);
  return chosen.map((style) => el("img", { src: `${style.pictures[0]}?size=480`, alt: "", loading: "lazy" }));
}
