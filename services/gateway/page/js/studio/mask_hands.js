// Pointer and keys of the cut-out editor; all that a pointer can do, keys can do as well.

const STEP = 0.01;

/** Press, drag and let go on the canvas. */
export function pointer(canvas, view, { brush, clicks, click, redraw }) {
  let stroke = null;
  const at = (event) => {
    const room = canvas.getBoundingClientRect();
    return { x: (event.clientX - room.left) / room.width, y: (event.clientY - room.top) / room.height };
  };
  canvas.onpointerdown = (event) => {
    if (!view.history || view.busy) return;
    view.cursor = at(event);
    view.keys = false;
    if (clicks()) return void click(view.cursor);
    stroke = view.history.begin(view.tool === "add", brush(), view.cursor);
    canvas.setPointerCapture(event.pointerId);
    redraw();
  };
  canvas.onpointermove = (event) => {
    view.cursor = at(event);
    view.keys = false;
    if (stroke) for (const part of event.getCoalescedEvents?.() ?? [event]) stroke.to(at(part));
    redraw();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    stroke?.end();
    stroke = null;
    redraw();
  };
}

/** Letters choose tools, arrows move the cross, Enter uses the tool where it is. `tools` maps names to {key}. */
export function keyboard(node, canvas, view, { tools, take, step, brush, clicks, click, redraw, size }) {
  node.onkeydown = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      return step(event.shiftKey ? "redo" : "undo");
    }
    const tool = Object.keys(tools).find((name) => tools[name].key === event.key);
    if (tool && !event.ctrlKey && !event.metaKey) return take(tool);
    if (event.key === "[" || event.key === "]") size.value = Number(size.value) + (event.key === "]" ? 1 : -1);
    if (event.target === canvas) crossKeys(event);
    return redraw();
  };
  function crossKeys(event) {
    const far = event.shiftKey ? 5 * STEP : STEP;
    const ways = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
    const way = ways[event.key];
    if (way) {
      event.preventDefault();
      const within = (value) => Math.min(1, Math.max(0, value));
      view.cursor = { x: within(view.cursor.x + way[0]), y: within(view.cursor.y + way[1]) };
      view.keys = true;
    } else if ((event.key === "Enter" || event.key === " ") && view.history && !view.busy) {
      event.preventDefault();
      if (clicks()) click(view.cursor);
      else view.history.begin(view.tool === "add", brush(), view.cursor).end();
    }
  }
}
