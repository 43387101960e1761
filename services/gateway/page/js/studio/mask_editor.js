// Correcting the cut-out: brush and eraser, clicks that ask the segmenter, undo; by pointer or by keys alone.
import { api } from "../api.js";
import { el, icon, set } from "../dom.js";
import { moment } from "../answers.js";
import { admit } from "../desk.js";
import { announce, notice, report } from "../notices.js";
import { draw } from "./mask_drawing.js";
import { keyboard, pointer } from "./mask_hands.js";
import { correctionOf, keepCorrection, sameWork } from "./corrections.js";
import { maskHistory, restored } from "./mask_history.js";
import { TOOLS, warm } from "./mask_tools.js";
import { canvasOf, partsOf, picture } from "./pictures.js";

/** `open(product)` starts, `keep` leaves for later, `giveUp` for good; `done` is called when it is saved or given up. */
export function maskEditor() {
  const view = {
    product: null,
    photo: null,
    history: null,
    tool: "keep",
    cursor: { x: 0.5, y: 0.5 },
    points: [],
    zoom: 1,
    keys: false,
    busy: null,
  };
  const canvas = el("canvas.masking", {
    tabindex: "0",
    role: "application",
    "aria-roledescription": "cut-out editor",
    "aria-describedby": "mask-hint",
  });
  const room = el("div.frame.mask-room", canvas);
  const hint = el("p.stage-help", { id: "mask-hint" });
  const tools = Object.entries(TOOLS).map(([name, tool]) =>
    el(
      "button.tool.worded",
      { type: "button", "aria-pressed": "false", title: `${tool.name} (${tool.key})`, onclick: () => take(name) },
      icon(tool.icon),
      tool.name,
    ),
  );
  const size = el("input.slider", {
    type: "range",
    min: "0.5",
    max: "20",
    step: "0.5",
    value: "4",
    id: "brush",
    oninput: redraw,
  });
  const zoom = el("input.slider", {
    type: "range",
    min: "1",
    max: "6",
    step: "0.25",
    value: "1",
    id: "zoom",
    oninput: () => {
      view.zoom = Number(zoom.value);
      layout();
    },
  });
  const undo = el(
    "button.tool",
    { type: "button", "aria-label": "Undo", title: "Undo (Ctrl Z)", onclick: () => step("undo") },
    icon("undo"),
  );
  const redo = el(
    "button.tool",
    { type: "button", "aria-label": "Redo", title: "Redo (Ctrl Shift Z)", onclick: () => step("redo") },
    icon("redo"),
  );
  const save = el("button.button.primary", { type: "button", onclick: store }, icon("check"), "Save cut-out");
  const cancel = el("button.button.plain", { type: "button", onclick: giveUp }, "Cancel");
  const node = el(
    "div.stage-mask",
    el(
      "div.mask-tools",
      { role: "toolbar", "aria-label": "Cut-out tools" },
      tools,
      el("span.rule"),
      el("label.size", { for: "brush" }, "Brush"),
      size,
      el("label.size", { for: "zoom" }, "Zoom"),
      zoom,
      el("span.rule"),
      undo,
      redo,
    ),
    room,
    hint,
    el("div.stage-foot.ends", cancel, save),
  );
  const editor = {
    node,
    open,
    update: () => {},
    changed: () => Boolean(view.history?.changed()),
    keep,
    giveUp,
    stop() {
      keep();
      removeEventListener("pagehide", remind);
    },
    done: () => {},
  };

  async function open(product) {
    Object.assign(view, { product, points: [], zoom: 1, history: null, cursor: { x: 0.5, y: 0.5 } });
    zoom.value = "1";
    canvas.setAttribute("aria-busy", "true"); // until there is something to correct
    busy(null);
    view.warm = warm(product);
    const before = correctionOf(product.product_id);
    const parts = await partsOf(product);
    const photo = parts?.photo ?? (await picture(product.image.thumbnails["960"], `${product.image.sha256}/960`));
    const steps = before ? await restored(before).catch(() => undefined) : undefined;
    if (view.product !== product) return;
    view.photo = photo;
    view.points = steps ? before.points : [];
    view.history = maskHistory(parts?.alpha ?? canvasOf(photo.naturalWidth, photo.naturalHeight), product, steps);
    canvas.removeAttribute("aria-busy");
    take(product.mask ? "keep" : "add");
    layout();
    canvas.focus({ preventScroll: true });
  }

  function take(name) {
    view.tool = name;
    tools.forEach((button, at) => button.setAttribute("aria-pressed", String(Object.keys(TOOLS)[at] === name)));
    hint.textContent = `${TOOLS[name].hint} Keys: arrows move the cross, Enter uses the tool.`;
    size.disabled = name === "keep" || name === "remove";
    redraw();
  }

  function layout() {
    if (!view.photo) return;
    const [w, h] = [view.photo.naturalWidth, view.photo.naturalHeight];
    const fit = Math.min((room.clientWidth - 32) / w, (room.clientHeight - 32) / h);
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${Math.round(w * fit * view.zoom)}px`;
    canvas.style.height = `${Math.round(h * fit * view.zoom)}px`;
    redraw();
  }

  function redraw() {
    if (!view.history || view.drawing) return;
    view.drawing = requestAnimationFrame(() => {
      view.drawing = null;
      if (!view.history) return; // left since
      draw(canvas, view, brush());
      undo.disabled = Boolean(view.busy) || !view.history.past();
      redo.disabled = Boolean(view.busy) || !view.history.future();
      save.disabled = Boolean(view.busy) || !view.history.changed();
      set(canvas, {
        "aria-label": `Cut-out, ${TOOLS[view.tool].name}, cross at ${Math.round(view.cursor.x * 100)}, ${Math.round(view.cursor.y * 100)} percent`,
      });
    });
  }

  const brush = () => (Number(size.value) / 100) * Math.max(canvas.width, canvas.height);
  const clicks = () => view.tool === "keep" || view.tool === "remove";

  async function click(at) {
    const { history, product, points } = view;
    points.push({ ...at, keep: view.tool === "keep" });
    busy("asking");
    try {
      await view.warm;
      const proposal = await api.clicks(product.product_id, points);
      const image = await picture(proposal.mask);
      if (view.history !== history) return; // the editor was left meanwhile, maybe for another product
      history.replace(proposal.mask, image);
      announce(`Cut-out changed: the product is ${Math.round(proposal.area * 100)} percent of the photo`);
    } catch (error) {
      points.pop();
      if (view.history !== history) return;
      report(error.status === 501 ? new Error("Clicks are not available here. Use brush and eraser.") : error);
    } finally {
      if (view.history === history) busy(null);
    }
  }

  function busy(what) {
    view.busy = what;
    node.classList.toggle("asking", what === "asking");
    redraw();
  }

  function step(way) {
    if (view.busy) return;
    if (view.history[way]()) view.points = [];
    announce(way === "undo" ? "Undone" : "Done again");
    redraw();
  }

  async function store() {
    const { history, product } = view;
    if (!history) return;
    const { product_id: id } = product;
    remind();
    const work = correctionOf(id);
    busy("saving");
    try {
      const png = await history.png();
      const at = moment();
      admit(await api.saveMask(id, png), at);
      if (sameWork(correctionOf(id), work)) keepCorrection(id, null); // what came meanwhile is not saved yet
      notice("Cut-out saved. New backgrounds will use it.");
      if (view.history === history || (view.product.product_id === id && sameWork(view.history?.kept(), work))) leave();
    } catch (error) {
      report(error, view.history === history && { label: "Try again", act: store });
    }
    if (view.history === history) busy(null);
  }

  /** Somebody goes elsewhere: corrections wait for them; whether there are any that are not being saved. */
  function keep() {
    const waits = editor.changed() && view.busy !== "saving";
    remind();
    view.history = null;
    return waits;
  }

  function remind() {
    if (!view.history) return;
    const work = view.history.kept();
    keepCorrection(view.product.product_id, work && { ...work, points: view.points });
  }

  function giveUp() {
    keepCorrection(view.product.product_id, null);
    leave();
  }

  function leave() {
    view.history = null;
    editor.done();
  }

  addEventListener("pagehide", remind);
  pointer(canvas, view, { brush, clicks, click, redraw });
  keyboard(node, canvas, view, { tools: TOOLS, take, step, brush, clicks, click, redraw, size });
  new ResizeObserver(layout).observe(room);
  return editor;
}
