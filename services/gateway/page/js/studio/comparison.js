// Before and after with a slider between them, or the result alone, or its own pixels to look at closely.
import { el, icon, set } from "../dom.js";
import { boxIn, frameOf } from "../geometry.js";

const MODES = { compare: ["Before / after", "compare"], result: ["Result", "picture"], pixels: ["100 %", "zoom"] };

export function comparison() {
  const view = { mode: "compare", option: null };
  const before = el("img.before", { alt: "The photo before" });
  const after = el("img.after", { alt: "The new background" });
  const range = el("input.compare-range", {
    type: "range",
    min: "0",
    max: "100",
    step: "0.5",
    value: "50",
    "aria-label": "Between before and after",
    oninput: slide,
  });
  const grip = el("span.compare-grip", { "aria-hidden": "true" }, icon("left"), icon("right"));
  const frame = el(
    "div.compare",
    after,
    el("div.before-room", before),
    el("span.compare-line", { "aria-hidden": "true" }, grip),
    range,
    el("span.tag.corner-left", "Before"),
    el("span.tag.corner-right", "After"),
  );
  const node = el("div.viewer-picture", { tabindex: "-1" }, frame);
  const buttons = Object.entries(MODES).map(([mode, [name, mark]]) =>
    el(
      "button",
      { type: "button", "aria-pressed": "false", "aria-label": name, onclick: () => turn(mode) },
      icon(mark),
      el("span", name),
    ),
  );
  const modes = el("div.segments", { role: "group", "aria-label": "How to look" }, buttons);

  function slide() {
    frame.style.setProperty("--at", `${range.value}%`);
  }

  function turn(mode) {
    view.mode = mode;
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(Object.keys(MODES)[at] === mode)));
    node.dataset.mode = mode;
    if (mode === "pixels")
      set(node, {
        tabindex: "0",
        role: "group",
        "aria-label": "The result at its own pixels; scroll with the arrow keys",
      });
    else set(node, { tabindex: "-1", role: null, "aria-label": null });
    if (view.option) draw();
    if (mode === "pixels")
      node.scrollTo((node.scrollWidth - node.clientWidth) / 2, (node.scrollHeight - node.clientHeight) / 2);
  }

  /** The photo lies where the placement put the product, so that the slider does not make it jump. */
  function draw() {
    const { option, product } = view;
    const { width, height } = option.picture;
    const dots = view.mode === "pixels" ? devicePixelRatio || 1 : null;
    frame.style.setProperty("--shape", String(width / height));
    frame.style.setProperty("--width", dots ? `${width / dots}px` : "100%");
    if (!product?.image || !product.mask?.box) return;
    const shape = frameOf(product.image, option.scene.aspect);
    const box = boxIn(shape, product.image, product.mask.box, option.scene.placement ?? { mode: "original" });
    const own = product.mask.box;
    const across = box.width / own.width;
    const down = box.height / own.height;
    const at = {
      left: box.left - own.x * across,
      top: box.top - own.y * down,
      width: product.image.width * across,
      height: product.image.height * down,
    };
    for (const [name, value] of Object.entries(at)) before.style.setProperty(name, `${value * 100}%`);
  }

  function show(option, product) {
    Object.assign(view, { option, product });
    const fresh = after.dataset.sha !== option.sha256;
    if (fresh) {
      set(after, { src: option.picture.thumbnails["960"], dataset: { sha: option.sha256 } });
      const full = new Image();
      full.src = option.picture.url;
      full.decode().then(
        () => {
          if (after.dataset.sha === option.sha256) after.src = full.src;
        },
        () => {},
      );
    }
    if (product?.image) before.src = product.image.url;
    draw();
  }

  slide();
  turn("compare");
  return { node, modes, show };
}
