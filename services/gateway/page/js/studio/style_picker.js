// Named styles by their example pictures: filtered by words and by how the product stands; arrow keys walk.
import { el, icon, keyed, set } from "../dom.js";

const VIEWS = { all: "All", standing: "On a surface", flatlay: "Flat lay", backdrop: "Backdrop" };

/** `pick(name or null)` is called when a style is chosen or let go. */
export function stylePicker(pick) {
  const view = { styles: null, chosen: null, words: "", kind: "all" };
  const search = el("input.input.search", {
    type: "search",
    id: "style-search",
    placeholder: "Search styles: oak, marble, beach …",
    "aria-label": "Search styles",
    oninput: () => {
      view.words = search.value;
      draw();
    },
  });
  const kinds = Object.entries(VIEWS).map(([kind, name]) =>
    el(
      "button.chip",
      {
        type: "button",
        onclick: () => {
          view.kind = kind;
          draw();
        },
      },
      name,
    ),
  );
  const grid = el("div.styles", { role: "radiogroup", "aria-label": "Named styles", onkeydown: walk });
  const none = el("p.quiet.small", { hidden: true });
  const chosen = el("button.chip.chosen-style", { type: "button", hidden: true, onclick: () => pick(null) });
  const list = keyed(grid, (style) => style.name, tile);
  const node = el(
    "fieldset.block",
    el("legend.label.between", el("span", "Style", el("small", "optional")), chosen),
    search,
    el("div.chips.kinds", kinds),
    grid,
    none,
  );

  function tile(style) {
    const [link] = style.pictures; // of a mined style it is signed as it is, or another tenant's and not here
    const button = el(
      "button.style",
      {
        type: "button",
        role: "radio",
        title: style.words?.join(", ") ?? style.name,
        dataset: { style: style.name },
        onclick: () => pick(view.chosen === style.name ? null : style.name),
      },
      link && el("img", { src: small(link), alt: "", loading: "lazy", width: "160", height: "160" }),
      el("span", style.name),
    );
    return {
      node: button,
      update: (each, at) =>
        set(button, {
          "aria-checked": String(each.name === view.chosen),
          tabindex: (view.at ? each.name === view.at : at === 0) ? "0" : "-1",
        }),
    };
  }

  function walk(event) {
    const tiles = [...grid.children];
    const across = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
    const next = tiles[tiles.indexOf(document.activeElement) + (step ?? NaN)];
    if (!next) return;
    event.preventDefault();
    view.at = next.dataset.style;
    draw();
    next.focus();
  }

  function draw() {
    if (!view.styles) return;
    const wanted = view.words.toLowerCase().split(/\W+/).filter(Boolean);
    const found = view.styles.filter(
      (style) =>
        (view.kind === "all" || style.view === view.kind) && wanted.every((word) => said(style).includes(word)),
    );
    if (!found.some((style) => style.name === view.at)) view.at = null;
    kinds.forEach((chip, at) => chip.setAttribute("aria-pressed", String(Object.keys(VIEWS)[at] === view.kind)));
    list(found);
    none.hidden = found.length > 0;
    none.textContent = `No style is called “${view.words}”. Describe it above instead: any words work.`;
    set(chosen, { hidden: !view.chosen, "aria-label": `Without the style ${view.chosen}` });
    chosen.replaceChildren(view.chosen ?? "", icon("close"));
  }

  return {
    node,
    update(styles, name) {
      if (styles === view.styles && name === view.chosen) return;
      if (name && name !== view.chosen) view.at = name;
      Object.assign(view, { styles, chosen: name });
      if (styles === null) grid.replaceChildren(...Array.from({ length: 9 }, () => el("span.style.waits")));
      draw();
    },
  };
}

const said = (style) => (style.said ??= [style.name, style.view, ...(style.words ?? [])].join(" ").toLowerCase());

const small = (link) => (link.includes("?") ? link : `${link}?size=160`);
