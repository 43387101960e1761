// The catalogue: hundreds of products at once. Choose a style for all, watch it happen, pick, export with a feed.
import { api } from "../api.js";
import { el, icon, keyed, set } from "../dom.js";
import { loadProducts, desk } from "../desk.js";
import { consent } from "../consent.js";
import { notice, report } from "../notices.js";
import { productCard } from "../catalogue/card.js";
import { exportPicked } from "../catalogue/export_picked.js";
import { importList } from "../catalogue/import_list.js";
import { runBar } from "../catalogue/run_bar.js";
import { styleForAll } from "../catalogue/style_for_all.js";
import { intake } from "../studio/intake.js";

const MOST_AT_ONCE = 500;
const FILTERS = {
  all: ["All", () => true],
  ready: ["Ready", (product) => product.stage === "captioned"],
  waiting: ["In work", ({ stage, backgrounds }) => ["submitted", "segmented"].includes(stage) || backgrounds.requested > 0],
  answered: ["With options", (product) => product.backgrounds.generated > 0],
  trouble: ["Trouble", (product) => product.stage === "refused" || product.backgrounds.rejected > 0],
};

export function catalogue() {
  const photos = intake();
  const view = { filter: "all", words: "", chosen: new Set() };
  const input = el("input.unseen", {
    type: "file",
    accept: "image/*",
    multiple: true,
    tabindex: "-1",
    "aria-label": "Choose photos",
    onchange: () => photos.take(input.files),
  });
  const search = el("input.input.search", {
    type: "search",
    placeholder: "Search titles",
    "aria-label": "Search titles",
    oninput: () => {
      view.words = search.value.toLowerCase();
      draw();
    },
  });
  const filters = Object.entries(FILTERS).map(([name, [words]]) =>
    el(
      "button.chip",
      {
        type: "button",
        onclick: () => {
          view.filter = name;
          draw();
        },
      },
      words,
    ),
  );
  const all = el("input", { type: "checkbox", id: "choose-all", onchange: chooseAll });
  const grid = el("ul.cards");
  const cards = keyed(
    grid,
    (product) => product.product_id,
    (product) => productCard(product, choose, watch),
  );
  const empty = el(
    "div.nothing",
    icon("catalogue"),
    el("h2", "No products yet"),
    el("p.quiet", "Drop photos anywhere on this page, add them one by one, or import a list with addresses."),
  );
  const run = runBar();
  const many = el("strong.figures");
  const none = el("button.button.plain", { type: "button", onclick: chooseNone }, "None");
  const wish = el(
    "button.button.primary",
    { type: "button", onclick: () => styleForAll(view.chosen.size, make) },
    icon("studio"),
    "Choose a style for all",
  );
  const act = el("div.selection", { role: "region", "aria-label": "Selection" }, many, none, wish);
  const end = el("div", { "aria-hidden": "true" });
  const node = el(
    "div.page",
    el(
      "header.page-head",
      el(
        "div",
        el("h1", "Catalogue"),
        el("p", "One style for hundreds of products, each with its own options to pick from."),
        consent().node,
      ),
      el(
        "div.acts",
        el("button.button", { type: "button", onclick: () => importList() }, icon("download"), "Import list"),
        el("button.button.primary", { type: "button", onclick: () => input.click() }, icon("plus"), "Add photos"),
        input,
      ),
    ),
    run.node,
    el(
      "div.list-bar",
      el("label.check", { for: "choose-all" }, all, el("span", "All")),
      el("div.chips", filters),
      search,
      exports(),
    ),
    grid,
    empty,
    end,
    act,
  );

  const near = new IntersectionObserver(
    (entries) => entries.forEach(({ target, isIntersecting }) => target.near?.(isIntersecting)),
    { rootMargin: "300px" },
  );
  function watch(card, act) {
    card.near = act;
    near.observe(card);
  }
  end.near = (close) => close && desk.get().more && loadProducts({ next: true }).catch(report);
  near.observe(end);

  function choose(id, on) {
    view.chosen[on ? "add" : "delete"](id);
    draw();
  }

  function chooseAll() {
    for (const product of shown()) view.chosen[all.checked ? "add" : "delete"](product.product_id);
    draw();
  }

  function chooseNone() {
    view.chosen.clear();
    draw();
  }

  function shown() {
    const { order, products } = desk.get();
    const [, fits] = FILTERS[view.filter];
    return order
      .map((id) => products.get(id))
      .filter((product) => fits(product) && (product.title ?? product.product_id).toLowerCase().includes(view.words));
  }

  async function make(scene, count) {
    const ids = [...view.chosen].slice(0, MOST_AT_ONCE);
    const asked = run.begin(ids.length * count);
    for (let n = 0; n < count; n++)
      asked((await api.askAll(ids, { ...scene, seed: Math.floor(Math.random() * 2 ** 31) })).requests);
    view.chosen.clear();
    notice(`${ids.length * count} backgrounds asked for`);
    draw();
  }

  function draw() {
    const products = shown();
    cards(products.map((product) => ({ ...product, chosen: view.chosen.has(product.product_id) })));
    empty.hidden = desk.get().order.length > 0;
    grid.hidden = !empty.hidden;
    filters.forEach((chip, at) => set(chip, { "aria-pressed": String(Object.keys(FILTERS)[at] === view.filter) }));
    all.checked = products.length > 0 && products.every((product) => view.chosen.has(product.product_id));
    all.indeterminate = !all.checked && view.chosen.size > 0;
    act.hidden = view.chosen.size === 0;
    many.textContent = `${view.chosen.size} chosen`;
  }

  const stop = desk.on(draw);
  draw();
  return {
    node,
    heard: run.heard,
    leave: () => {
      stop();
      near.disconnect();
      photos.stop();
    },
  };
}

function exports() {
  return el(
    "span.exports",
    el("a.button", { href: "/v1/exports/feed", download: "backdrop-feed.csv" }, icon("download"), "Feed"),
    el("button.button", { type: "button", onclick: () => exportPicked() }, icon("download"), "Picked pictures"),
  );
}
