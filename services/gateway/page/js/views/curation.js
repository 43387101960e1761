// For the curator: what was kept and dropped and why, the datasets and how they differ, and the models in use.
import { api } from "../api.js";
import { arrange, el, icon, keyed, set } from "../dom.js";
import { datasetsPart } from "../curation/datasets.js";
import { modelsPart } from "../curation/models.js";
import { report } from "../notices.js";
import { go } from "../router.js";

const PARTS = {
  samples: ["Samples", samplesPart],
  datasets: ["Datasets", datasetsPart],
  models: ["Models", modelsPart],
};

export function curation(rest) {
  const tabs = Object.entries(PARTS).map(([name, [words]]) =>
    el(
      "button",
      {
        type: "button",
        role: "tab",
        id: `curation-${name}`,
        "aria-controls": "curation-part",
        onclick: () => go("curation", [name]),
        onkeydown: walk,
      },
      words,
    ),
  );
  const room = el("div", { id: "curation-part", role: "tabpanel", tabindex: "0" });
  const node = el(
    "div.page",
    el(
      "header.page-head",
      el(
        "div",
        el("h1", "Curation"),
        el("p", "Which photos teach the right taste, what was made of them, and which model is in use."),
      ),
      el("div.acts", el("div.segments", { role: "tablist", "aria-label": "Curation" }, tabs)),
    ),
    room,
  );
  let shown = null;

  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = tabs[tabs.indexOf(event.target) + (step ?? NaN)];
    if (next) {
      next.click();
      next.focus();
    }
  }

  function moved([name = "samples"]) {
    const part = PARTS[name] ? name : "samples";
    if (part === shown?.name) return;
    tabs.forEach((tab, at) =>
      set(tab, {
        "aria-selected": String(Object.keys(PARTS)[at] === part),
        tabindex: Object.keys(PARTS)[at] === part ? "0" : "-1",
      }),
    );
    room.setAttribute("aria-labelledby", `curation-${part}`);
    shown = { name: part, ...PARTS[part][1]() };
    room.replaceChildren(shown.node);
  }

  moved(rest);
  return { node, moved, heard: (type) => shown.heard?.(type) };
}

const spaced = (words) => words.replaceAll("_", " ");

function samplesPart() {
  const view = { reason: null, cursor: null, items: [] };
  const reasons = el("div.chips");
  const grid = el("ul.sample-cards");
  const none = el(
    "div.nothing",
    { hidden: true },
    icon("curation"),
    el("h2", "Nothing here yet"),
    el("p.quiet", "A verdict appears for every photo that arrives with consent to learn from it."),
  );
  const more = el("button.button", { type: "button", hidden: true, onclick: () => read(true) }, "More");
  const draw = keyed(grid, (sample) => `${sample.product_id}/${sample.image_sha256}`, sampleCard);
  const node = el("div.stack", reasons, grid, none, more);

  async function read(next = false) {
    const chosen = view.reason === "kept" ? { verdict: "kept" } : { reason: view.reason };
    const [page, counts] = await Promise.all([
      api.curated({ ...chosen, limit: 60, cursor: next ? view.cursor : null }),
      api.reasons(),
    ]);
    view.items = next ? [...view.items, ...page.items] : page.items;
    view.cursor = page.next_cursor;
    draw(view.items);
    none.hidden = view.items.length > 0;
    more.hidden = !view.cursor;
    drawReasons(counts);
  }

  function drawReasons(counts) {
    const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
    const chips = [
      [null, "All", total],
      ...Object.entries(counts)
        .sort(([a], [b]) => (a === "kept" ? -1 : b === "kept" ? 1 : counts[b] - counts[a]))
        .map(([name, count]) => [name, spaced(name), count]),
    ];
    arrange(
      reasons,
      chips.map(([name, words, count]) =>
        el(
          "button.chip",
          {
            type: "button",
            "aria-pressed": String(view.reason === name),
            onclick: () => {
              view.reason = name;
              read().catch(report);
            },
          },
          words,
          el("span.figures.count", count.toLocaleString()),
        ),
      ),
    );
  }

  read().catch(report);
  return { node, heard: (type) => type === "SampleCurated" && read().catch(() => {}) };
}

function sampleCard(sample) {
  const kept = sample.verdict === "kept";
  const scores = Object.entries(sample.scores ?? {}).slice(0, 3);
  return {
    node: el(
      "li.sample-card",
      { dataset: { verdict: sample.verdict } },
      sample.picture
        ? el("img", { src: sample.picture.thumbnails["480"], alt: "", loading: "lazy" })
        : el("div.no-picture", icon("picture")),
      el("span.tag", { class: `tag ${kept ? "good" : "warn"}` }, kept ? "kept" : spaced(sample.reason)),
      el("p.code.small", sample.product_id),
      scores.length
        ? el(
            "p.quiet.small.figures",
            scores.map(([name, value]) => `${spaced(name)} ${Math.round(value * 100) / 100}`).join(" · "),
          )
        : null,
    ),
  };
}
