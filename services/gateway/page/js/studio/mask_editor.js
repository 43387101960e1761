// Correcting the cut-out: brush and eraser, clicks that ask the segmenter, undo; by pointer or by keys alone.
import { api } from "../api.js";
import { el, icon, set } from "../dom.js";
import { moment } from "../answers.js";
import { admit } from "../desk.js";
import { announce, notice, report } from "../notices.js";
import { draw } from "./mask_drawing.js";
import { keyboard, pointer } from "./mask_hands.js";
import { maskHistory } from "./mask_history.js";
import { canvasOf, partsOf, picture } from "./pictures.js";

const TOOLS = {
  keep: {
    name: "Keep here",
    icon: "keep",
    key: "k",
    hint: "Click on what belongs to the product; the segmenter finds the rest.",
  },
  remove: {
    name: "Not this",
    icon: "remove",
    key: "x",
    hint: "Click on what does not belong; the segmenter takes it away.",
  },
  add: { name: "Brush", icon: "brush", key: "b", hint: "Paint what is missing." },
  erase: { name: "Eraser", icon: "eraser", key: "e", hint: "Rub out what is too much." },
};

/** `open(product)` starts; `done` is called when it is saved or given up. */
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
    leave,
    done: () => {},
  };

  async function open(product) {
    Object.assign(view, { product, points: [], zoom: 1, history: null, cursor: { x: 0.5, y: 0.5 } });
    zoom.value = "1";
    const parts = await partsOf(product);
    const photo = parts?.photo ?? (await picture(product.image.thumbnails["960"], `${product.image.sha256}/960`));
    if (view.product !== product) return;
    view.photo = photo;
    view.history = maskHistory(parts?.alpha ?? canvasOf(photo.naturalWidth, photo.naturalHeight), product);
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
    const { history, product } = view;
    view.points.push({ ...at, keep: view.tool === "keep" });
    view.busy = "asking";
    node.classList.add("asking");
    redraw();
    try {
      const proposal = await api.clicks(product.product_id, view.points);
      const image = await picture(proposal.mask);
      if (view.history !== history) return; // the editor was left meanwhile, maybe for another product
      history.replace(image);
      announce(`Cut-out changed: the product is ${Math.round(proposal.area * 100)} percent of the photo`);
    } catch (error) {
      if (view.history === history) view.points.pop();
      report(error.status === 501 ? new Error("Clicks are not available here. Use brush and eraser.") : error);
    } finally {
      view.busy = null;
      node.classList.remove("asking");
      redraw();
    }
  }

  function step(way) {
    if (view.busy) return;
    if (view.history[way]()) view.points = [];
    announce(way === "undo" ? "Undone" : "Done again");
    redraw();
  }

  async function store() {
    view.busy = "saving";
    redraw();
    try {
      const png = await view.history.png();
      const at = moment();
      admit(await api.saveMask(view.product.product_id, png), at);
      leave();
      notice("Cut-out saved. New backgrounds will use it.");
      editor.done();
    } catch (error) {
      report(error, { label: "Try again", act: store });
    }
    view.busy = null;
    redraw();
  }

  function leave() {
    view.history = null;
  }

  function giveUp() {
    leave();
    editor.done();
  }

  pointer(canvas, view, { brush, clicks, click, redraw });
  keyboard(node, canvas, view, { tools: TOOLS, take, step, brush, clicks, click, redraw, size });
  new ResizeObserver(layout).observe(room);
  return editor;
}
