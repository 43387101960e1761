// Placing by hand: drag, pull a corner, roll the wheel or use the keys; the guides say where things snap.
import { el, icon, set } from "../dom.js";
import { asCustom, boxIn, frameOf, kept, SLOTS, snapped } from "../geometry.js";
import { draft, draftOf, desk } from "../desk.js";
import { announce } from "../notices.js";
import { hands, keys, label } from "./placing_hands.js";
import { sentence } from "./wording.js";
import { paint } from "./painting.js";
import { partsOf, picture } from "./pictures.js";

export function placing() {
  const canvas = el("canvas.placing", { tabindex: "0", role: "application", "aria-roledescription": "placement" });
  const help = el(
    "p.stage-help",
    { id: "placing-help" },
    "Drag to move, corners or wheel to scale. Keys: arrows, + and −.",
  );
  canvas.setAttribute("aria-describedby", "placing-help");
  const size = el("input.slider", {
    type: "range",
    min: "5",
    max: "100",
    step: "0.5",
    id: "size",
    oninput: () => move({ scale: Number(size.value) / 100 }),
  });
  const back = el("button.button.plain", { type: "button", onclick: reset }, icon("undo"), "As in the photo");
  const guides = el(
    "button.tool",
    { type: "button", "aria-pressed": "true", title: "Guides", "aria-label": "Guides", onclick: toggle },
    icon("guides"),
  );
  const foot = el("div.stage-foot", el("label.size", { for: "size" }, "Size"), size, back, guides);
  const message = el("div.stage-message");
  const frameBox = el("div.frame", canvas, message);
  const node = el("div.stage-place", frameBox, help, foot);
  const view = {
    product: null,
    parts: null,
    plate: null,
    hold: null,
    held: { x: null, y: null },
    guides: true,
    frame: null,
  };

  function toggle() {
    view.guides = !view.guides;
    guides.setAttribute("aria-pressed", String(view.guides));
    redraw();
  }

  const now = () => draftOf(desk.get(), view.product?.product_id);
  const ready = () => Boolean(view.product?.mask?.box && view.parts);
  const frame = () => frameOf(view.product.image, SLOTS.find((slot) => slot.id === now().slot)?.aspect);
  const custom = () =>
    now().placement.mode === "custom" ? now().placement : asCustom(frame(), view.product.image, view.product.mask.box);

  function move(values, { snap = false } = {}) {
    if (!ready()) return;
    let placement = kept({ ...custom(), ...values });
    view.held = { x: null, y: null };
    if (snap && view.guides) {
      const found = snapped(placement, boxIn(frame(), view.product.image, view.product.mask.box, placement));
      placement = kept(found.placement);
      view.held = found.guides;
    }
    draft(view.product.product_id, { placement });
  }

  function reset() {
    draft(view.product.product_id, { placement: { mode: "original" } });
    announce("Placed as in the photo");
  }

  /** The frame to draw: of the wish once there is a cut-out, of the bare photo before. */
  function shown() {
    if (ready()) return frame();
    return view.bare ? { width: view.bare.naturalWidth, height: view.bare.naturalHeight } : { width: 1, height: 1 };
  }

  function redraw() {
    if (!view.product) return;
    const shape = shown();
    fit(frameBox, canvas, shape);
    requestAnimationFrame(() =>
      paint(canvas, {
        ...view,
        shape,
        draft: now(),
        box: ready() ? boxIn(shape, view.product.image, view.product.mask.box, now().placement) : null,
      }),
    );
  }

  hands(canvas, {
    ready,
    custom,
    frame,
    move,
    box: () => boxIn(frame(), view.product.image, view.product.mask.box, custom()),
    letGo: () => {
      view.held = { x: null, y: null };
      redraw();
    },
  });
  keys(canvas, { ready, custom, move });
  const watch = new ResizeObserver(redraw);
  watch.observe(frameBox);

  /** Another product, or the same one further on: what is on the stage stays until there is something better. */
  function look(product) {
    const other = view.product?.product_id !== product?.product_id;
    if (other || !product?.mask) view.parts = null;
    if (other) view.bare = null;
    view.product = product;
    if (product?.mask) load(product).catch(() => {});
    else if (product && !view.bare) show(product).catch(() => {});
  }

  async function show(product) {
    const bare = await picture(product.local ?? product.image.thumbnails["960"], product.product_id);
    if (view.product?.product_id === product.product_id) view.bare = bare;
    redraw();
  }

  async function load(product) {
    const parts = await partsOf(product);
    if (view.product === product) Object.assign(view, { parts });
    tell();
    redraw();
  }

  async function dress(styles, name) {
    const style = name ? styles?.find((each) => each.name === name) : null;
    const plate = style?.plates?.[0] ?? (style?.pictures[0] ? { url: style.pictures[0] } : null);
    if (view.plate?.url === plate?.url) return;
    const link = plate?.url.includes("?") ? plate.url : `${plate?.url}?size=960`; // a signed one has its size
    view.plate = plate ? { ...plate, image: await picture(link).catch(() => null) } : null;
    redraw();
  }

  /** Where the product is, for ears and the slider; before the cut-out is there it cannot be moved. */
  function tell() {
    const usable = ready();
    set(canvas, { "aria-label": usable ? label(custom()) : "The photo" });
    set(size, {
      disabled: !usable,
      value: usable ? custom().scale * 100 : 50,
      "aria-valuetext": usable ? `${Math.round(custom().scale * 100)} percent of the height` : null,
    });
  }

  function update(state, product, correct) {
    const news = view.product !== product;
    if (news) look(product);
    dress(state.styles, now().style);
    tell();
    back.disabled = now().placement.mode === "original";
    frameBox.toggleAttribute("data-busy", ["uploading", "submitted"].includes(product?.stage));
    if (news) message.replaceChildren(...trouble(product, correct)); // its buttons stay under the hand that presses them
    message.hidden = !message.childElementCount;
    redraw();
  }

  return { node, update, stop: () => watch.disconnect() };
}

/** The canvas as large as its room allows, in the frame's shape and the screen's own pixels. */
function fit(room, canvas, shape) {
  const { clientWidth, clientHeight } = room;
  const [width, height] = [Math.max(40, clientWidth - 32), Math.max(40, clientHeight - 32)];
  const factor = Math.min(width / shape.width, height / shape.height);
  const [w, h] = [Math.round(shape.width * factor), Math.round(shape.height * factor)];
  const dots = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== Math.round(w * dots) || canvas.height !== Math.round(h * dots)) {
    canvas.width = Math.round(w * dots);
    canvas.height = Math.round(h * dots);
  }
  canvas.style.width = `${w}px`;
  canvas.style.height = `${h}px`;
}

function trouble(product, correct) {
  if (product?.stage === "refused") {
    return [
      icon("warning"),
      el("h3", "This photo cannot be used as it is"),
      el("p", sentence(product.refusal?.detail ?? "")),
      el("button.button", { type: "button", onclick: correct }, icon("brush"), "Mark the product myself"),
    ];
  }
  if (product?.stage === "failed")
    return [
      icon("warning"),
      el("h3", sentence(product.trouble.detail)),
      el("p", product.trouble.advice),
      el(
        "div.chips",
        el("button.button", { type: "button", onclick: product.again }, icon("replay"), "Try again"),
        el("button.button.plain", { type: "button", onclick: product.forget }, "Remove"),
      ),
    ];
  return [];
}
