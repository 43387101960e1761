// Named styles: those mined from what people engage with, and the bundled ones, with the words that each stands for.
import { newest, soon } from "../answers.js";
import { api } from "../api.js";
import { el, icon, keyed } from "../dom.js";
import { report } from "../notices.js";

const KINDS = {
  all: ["All", () => true],
  mined: ["Mined", (style) => style.mined],
  bundled: ["Bundled", (style) => !style.mined],
};
const VIEWS = { standing: "on a surface", flatlay: "flat lay", backdrop: "backdrop" };

export function stylesPart() {
  const view = { kind: "all", styles: [] };
  const chips = Object.entries(KINDS).map(([kind, [words]]) => {
    const count = el("span.figures.count");
    const act = () => {
      view.kind = kind;
      draw();
    };
    return { kind, count, node: el("button.chip", { type: "button", onclick: act }, words, count) };
  });
  const grid = el("ul.sample-cards");
  const none = el(
    "div.nothing",
    { hidden: true },
    icon("curation"),
    el("h2", "No mined style yet"),
    el("p.quiet", "When people engage with many pictures of one kind, its words become a style of their own."),
  );
  const cards = keyed(grid, (style) => `${style.name}/${style.words.join()}`, card);

  function draw() {
    for (const { kind, count, node } of chips) {
      count.textContent = String(view.styles.filter(KINDS[kind][1]).length);
      node.setAttribute("aria-pressed", String(kind === view.kind));
    }
    const shown = view.styles.filter(KINDS[view.kind][1]);
    cards(shown);
    none.hidden = shown.length > 0;
  }

  const take = newest((styles) => {
    view.styles = styles;
    draw();
  });
  const read = () => take(api.styles).catch(report);
  const again = soon(read);
  read();
  return {
    node: el(
      "div.stack",
      el(
        "div.chips",
        chips.map((chip) => chip.node),
      ),
      grid,
      none,
    ),
    heard: (type) => type === "StyleMined" && again(),
  };
}

function card(style) {
  const [link] = style.pictures;
  const small = link && (link.includes("?") ? link : `${link}?size=480`);
  return {
    node: el(
      "li.sample-card",
      small ? el("img", { src: small, alt: "", loading: "lazy" }) : el("div.no-picture", icon("picture")),
      el("strong.style-name", style.name),
      el("p.quiet.small", [VIEWS[style.view], ...style.words.filter((word) => word !== style.name)].join(" · ")),
      style.mined && el("span.tag.good", "mined"),
    ),
  };
}
