// The options of a product, round by round: each appears when it is made, with how the words were read.
import { el, icon, keyed } from "../dom.js";
import { ratio } from "../geometry.js";
import { draft } from "../desk.js";
import { optionsOf, rounds } from "../rounds.js";
import { announce } from "../notices.js";
import { downloads } from "./downloads.js";
import { optionCard, waitCard } from "./option_card.js";
import { sentence, why } from "./wording.js";

export function optionsPart() {
  const view = { product: null, shown: [], counted: new Map() };
  const list = el("div.rounds");
  const draw = keyed(
    list,
    (round) => round.id,
    (round) => roundPart(round, view),
  );
  const title = el("h2", "Options");
  const picked = el("button.button", {
    type: "button",
    onclick: () =>
      downloads(
        view.shown.filter((option) => option.picked),
        view.product,
      ),
  });
  const empty = el("p.options-empty.quiet");
  const node = el(
    "section.options",
    { id: "options", "aria-labelledby": "options-title" },
    el("header.between", title, picked),
    empty,
    list,
  );
  title.id = "options-title";

  function update(state, product) {
    view.product = product;
    const all = product?.product_id ? rounds(state, product.product_id) : [];
    view.shown = all.flatMap((round) => round.requests.flatMap(optionsOf));
    const chosen = view.shown.filter((option) => option.picked).length;
    picked.hidden = chosen === 0;
    picked.replaceChildren(icon("download"), `Download picked (${chosen})`);
    node.hidden = !product || ["uploading", "failed"].includes(product.stage);
    empty.hidden = all.length > 0;
    empty.textContent = product?.stage === "refused" ? "" : "They appear here one by one, and stay here.";
    draw(all);
    count(product, all);
  }

  function count(product, all) {
    const done = view.shown.length;
    const before = view.counted.get(product?.product_id);
    const waiting = all
      .flatMap((round) => round.requests)
      .filter((request) => request.status === "requested")
      .reduce((sum, request) => sum + (request.scene.count ?? 1), 0);
    if (before !== undefined && done > before)
      announce(waiting ? `Option ${done} is here, ${waiting} more on the way` : `All ${done} options are here`);
    if (product) view.counted.set(product.product_id, done);
  }
  return { node, update };
}

function roundPart(first, view) {
  const heading = el("h3");
  const facts = el("p.round-facts.quiet.small");
  const notes = el("ul.round-notes");
  const grid = el("ul.option-grid");
  const again = el(
    "button.button.plain",
    { type: "button", title: "Take these words up again" },
    icon("undo"),
    "Use again",
  );
  const cards = keyed(
    grid,
    (slot) => slot.key,
    (slot) => (slot.option ? optionCard(slot, view) : waitCard(slot, view)),
  );
  const turnedDown = el("details.turned-down");
  const node = el("article.round", el("header.round-head", el("div", heading, facts), again), notes, grid, turnedDown);
  return {
    node,
    update(round) {
      const { scene } = round;
      heading.textContent =
        scene.prompt || scene.style || (scene.reference ? "Like the reference picture" : "Ideas for this product");
      if (new Set(round.requests.map((request) => request.scene.prompt)).size > 1)
        heading.textContent = "Ideas for this product";
      facts.textContent = [
        scene.prompt && scene.style,
        shape(scene),
        scene.reference && "with a reference",
        scene.placement?.mode === "custom" && "placed by hand",
        when(round),
      ]
        .filter(Boolean)
        .join(" · ");
      again.onclick = () => draft(round.requests[0].product_id, typed(scene));
      drawNotes(notes, round);
      cards(round.requests.flatMap(slots));
      drawTurnedDown(turnedDown, round);
      grid.style.setProperty("--shape", String(ratio(scene.aspect, view.product?.image ?? { width: 1, height: 1 })));
    },
  };
}

/** One place in the grid for each option, and for each request that has none yet or never will. */
function slots(request) {
  const options = optionsOf(request);
  if (options.length)
    return options.map((option) => ({ key: `${request.request_id}/${option.sha256}`, option, request }));
  const places = request.status === "requested" ? (request.scene.count ?? 1) : 1;
  return Array.from({ length: places }, (_, n) => ({ key: `${request.request_id}/${request.status}/${n}`, request }));
}

const shape = (scene) => (scene.aspect === "191:100" ? "1.91:1" : scene.aspect);
const when = (round) =>
  new Date(round.requests[0].requested_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function typed(scene) {
  return {
    prompt: scene.prompt ?? "",
    style: scene.style ?? null,
    negative: scene.negative_prompt ?? "",
    strength: scene.strength ?? null,
    placement: scene.placement?.mode === "custom" ? scene.placement : { mode: "original" },
  };
}

function drawNotes(node, round) {
  const answered = round.requests.filter((request) => request.read_as || request.notes.length);
  const read = [...new Set(answered.map((request) => request.read_as).filter(Boolean))];
  const notes = [...new Set(answered.flatMap((request) => request.notes))];
  const key = JSON.stringify([read, notes]);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  const same =
    read.length === 1 &&
    ![round.scene.prompt, round.scene.style].some((words) => words?.toLowerCase() === read[0].toLowerCase());
  node.replaceChildren(
    ...(same ? [el("li.read", icon("info"), el("span", "Read as ", el("q", read[0])))] : []),
    ...notes.map((note) =>
      el(
        "li.note",
        { dataset: { kind: note.startsWith("not understood") ? "warn" : "info" } },
        icon(note.startsWith("not understood") ? "warning" : "info"),
        el("span", sentence(note)),
      ),
    ),
  );
}

function drawTurnedDown(node, round) {
  const refused = round.requests.flatMap((request) => request.refused);
  node.hidden = refused.length === 0;
  if (node.dataset.count === String(refused.length)) return;
  node.dataset.count = String(refused.length);
  node.replaceChildren(
    el("summary", `${refused.length} ${refused.length === 1 ? "candidate" : "candidates"} did not pass the check`),
    el(
      "ul.turned-grid",
      refused.map((option) =>
        el(
          "li",
          el("img", { src: option.picture.thumbnails["160"], alt: "", loading: "lazy" }),
          el("span.quiet.small", why(option.scores)),
        ),
      ),
    ),
  );
}
