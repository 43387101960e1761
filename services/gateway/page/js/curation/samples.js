// Photos that were kept and dropped, with the reason of each.
import { newest, soon } from "../answers.js";
import { api } from "../api.js";
import { arrange, el, icon, keyed } from "../dom.js";
import { desk } from "../desk.js";
import { report } from "../notices.js";

const spaced = (words) => words.replaceAll("_", " ");

export function samplesPart() {
  const view = { reason: null, cursor: null, further: false, items: [] };
  const reasons = el("div.chips");
  const grid = el("ul.sample-cards");
  const none = el(
    "div.nothing",
    { hidden: true },
    icon("curation"),
    el("h2", "Nothing here yet"),
    el("p.quiet", "A verdict appears for every photo that arrives with consent to learn from it."),
  );
  const more = el("button.button", { type: "button", hidden: true, onclick: () => read(true).catch(report) }, "More");
  const draw = keyed(grid, (sample) => `${sample.product_id}/${sample.image_sha256}`, sampleCard);
  const node = el("div.stack", reasons, grid, none, more);

  const take = newest(([page, counts, next]) => {
    view.items = next ? [...view.items, ...page.items] : page.items;
    view.cursor = page.next_cursor;
    view.further = next;
    draw(view.items);
    none.hidden = view.items.length > 0;
    more.hidden = !view.cursor;
    drawReasons(counts);
  });

  function read(next = false) {
    const chosen = view.reason === "kept" ? { verdict: "kept" } : { reason: view.reason };
    const page = { ...chosen, limit: 60, cursor: next ? view.cursor : null };
    return take(async () => [...(await Promise.all([api.curated(page), api.reasons()])), next]);
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
  const again = soon(() => view.further || read().catch(() => {})); // who has gone further down stays there
  return { node, heard: (type) => type === "SampleCurated" && again() };
}

function sampleCard(sample) {
  const kept = sample.verdict === "kept";
  const title = desk.get().products.get(sample.product_id)?.title;
  const scores = Object.entries(sample.scores ?? {}).slice(0, 3);
  return {
    node: el(
      "li.sample-card",
      { dataset: { verdict: sample.verdict } },
      sample.picture
        ? el("img", { src: sample.picture.thumbnails["480"], alt: "", loading: "lazy" })
        : el("div.no-picture", icon("picture")),
      el("span.tag", { class: `tag ${kept ? "good" : "warn"}` }, kept ? "kept" : spaced(sample.reason)),
      title ? el("strong.style-name", title) : el("p.code.small", sample.product_id),
      scores.length
        ? el(
            "p.quiet.small.figures",
            scores.map(([name, value]) => `${spaced(name)} ${Math.round(value * 100) / 100}`).join(" · "),
          )
        : null,
    ),
  };
}
