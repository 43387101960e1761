// One option large: beside the photo with a slider, at its own pixels, with what was measured, votes and downloads.
import { el, icon } from "../dom.js";
import { desk } from "../desk.js";
import { allOptions } from "../rounds.js";
import { downloads } from "./downloads.js";
import { comparison } from "./comparison.js";
import { moreLike, opened, pick, vote } from "./verdicts.js";
import { sentence } from "./wording.js";

/** Open the dialog on this option; arrow keys walk through all that are shown. */
export function viewer(first, view) {
  let shown = first;
  let said = null; // what stands at the side
  const picture = comparison();
  const title = el("h2", { id: "viewer-title" });
  const side = el("div.viewer-side");
  const place = el("p.quiet.small.figures");
  const close = el(
    "button.tool",
    { type: "button", "aria-label": "Close", onclick: () => dialog.close() },
    icon("close"),
  );
  const step = (way) =>
    el(
      "button.tool",
      { type: "button", "aria-label": way > 0 ? "Next option" : "Option before", onclick: () => turn(way) },
      icon(way > 0 ? "right" : "left"),
    );
  const dialog = el(
    "dialog.viewer",
    { "aria-labelledby": "viewer-title", onkeydown: keys, onclose: end },
    el("header.viewer-bar", picture.modes, el("span.viewer-walk", step(-1), place, step(1)), close),
    el("div.viewer-body", picture.node, el("aside.viewer-aside", title, side)),
  );
  const stop = desk.on(draw);

  /** All options, and where the shown one is among them now: new ones arrive in front of it. */
  function among() {
    const all = allOptions(desk.get(), first.product_id);
    return [all, all.findIndex((each) => each.sha256 === shown.sha256 && each.request_id === shown.request_id)];
  }

  function turn(way) {
    const [all, at] = among();
    shown = all[(at + way + all.length) % all.length];
    draw();
    picture.show(shown, view.product);
    opened(shown);
  }

  function keys(event) {
    if (event.target.matches("input, select, [role=radio]")) return;
    if (event.key === "ArrowRight") turn(1);
    if (event.key === "ArrowLeft") turn(-1);
  }

  function end() {
    stop();
    dialog.remove();
  }

  function draw() {
    const [all, at] = among();
    const option = all[at];
    if (!option) return dialog.close();
    place.textContent = `${at + 1} of ${all.length}`;
    title.textContent = sentence(option.prompt || "A background");
    const words = JSON.stringify({ ...option, picture: null, engagement: null }); // fresh links and looks change nothing
    if (words !== said) side.replaceChildren(...about(option, view)); // else a button would leave under the hand
    said = words;
    return undefined;
  }

  document.body.append(dialog);
  draw();
  dialog.showModal();
  picture.show(first, view.product);
  opened(first);
}

function about(option, view) {
  const { scores } = option;
  const acts = el(
    "div.viewer-acts",
    el(
      `button.button${option.picked ? ".chosen" : ".primary"}`,
      { type: "button", "aria-pressed": String(option.picked), onclick: () => pick(option) },
      icon(option.picked ? "check" : "heart"),
      option.picked ? "Picked" : "Pick this one",
    ),
    el(
      "button.button",
      { type: "button", onclick: () => downloads([option], view.product) },
      icon("download"),
      "Download",
    ),
    el(
      "button.button",
      {
        type: "button",
        onclick: (event) => {
          event.target.closest("dialog").close();
          moreLike(option, 4, view.product);
        },
      },
      icon("more"),
      "More like this",
    ),
  );
  const facts = [
    ["Product", "untouched, checked pixel by pixel"],
    [
      "Outline",
      scores.expansion <= 0.01 && scores.shrinkage <= 0.01
        ? "neither grown nor covered"
        : `grown ${fine(scores.expansion)}, covered ${fine(scores.shrinkage)}`,
    ],
    ...(option.scene.prompt ? [["Fits the words", share(scores.adherence)]] : []),
    ["Judge", `${share(scores.judge)} likely to be without defect`],
    ["Size", `${option.picture.width} × ${option.picture.height}`],
    ["Started from", option.plate ? `${option.plate}, changed ${share(option.strength)}` : "words alone"],
    ["Seed", String(option.seed)],
    ["Model", option.model],
  ];
  return [
    acts,
    ...notes(option),
    votes(option),
    el(
      "dl.facts",
      facts.flatMap(([name, value]) => [el("dt", name), el("dd", value)]),
    ),
  ];
}

const fine = (value) => `${Math.round(value * 1000) / 10} %`;
const share = (value) => `${Math.round(value * 100)} %`;

function notes(option) {
  if (!option.notes?.length) return [];
  return [
    el(
      "ul.round-notes",
      option.notes.map((note) =>
        el(
          "li.note",
          { dataset: { kind: note.startsWith("not understood") ? "warn" : "info" } },
          icon("info"),
          el("span", sentence(note)),
        ),
      ),
    ),
  ];
}

function votes(option) {
  const { raters = 0, product_defects = 0, background_defects = 0 } = option.votes ?? {};
  const node = el("fieldset.votes", el("legend.label", "How does it look?"));
  const button = (words, votes) =>
    el(
      "button.chip",
      {
        type: "button",
        onclick: async () => {
          node.disabled = true;
          await vote(option, votes);
          node.disabled = false;
        },
      },
      words,
    );
  node.append(
    el(
      "div.chips",
      button("Right", { product_defect: false, background_defect: false }),
      button("Product looks wrong", { product_defect: true, background_defect: false }),
      button("Background looks wrong", { product_defect: false, background_defect: true }),
    ),
  );
  if (raters)
    node.append(
      el(
        "p.quiet.small",
        `${raters} ${raters === 1 ? "vote" : "votes"}: ${product_defects} saw the product wrong, ${background_defects} the background.`,
      ),
    );
  return node;
}
