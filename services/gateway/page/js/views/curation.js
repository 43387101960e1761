// For the curator: samples and why they were kept, datasets, styles, trainings on their way, and the models in use.
import { el, set } from "../dom.js";
import { datasetsPart } from "../curation/datasets.js";
import { modelsPart } from "../curation/models.js";
import { samplesPart } from "../curation/samples.js";
import { stylesPart } from "../curation/styles.js";
import { trainingsPart } from "../curation/trainings.js";
import { go } from "../router.js";

const PARTS = {
  samples: ["Samples", samplesPart],
  datasets: ["Datasets", datasetsPart],
  styles: ["Styles", stylesPart],
  trainings: ["Trainings", trainingsPart],
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
