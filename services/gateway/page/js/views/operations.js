// For operators: how far products are, what waits where, and what could not be delivered, with a second chance for it.
import { newest, soon } from "../answers.js";
import { api } from "../api.js";
import { arrange, el, icon, keyed, set } from "../dom.js";
import { notice, report } from "../notices.js";
import { tableOf } from "../tables.js";

const EVERY_MS = 2000;
const STAGES = [
  ["submitted", "Finding the product"],
  ["segmented", "Reading the photo"],
  ["captioned", "Ready"],
  ["refused", "Refused"],
];
const ANSWERS = [
  ["requested", "Being made"],
  ["generated", "Made"],
  ["rejected", "Turned down"],
];

export function operations() {
  const view = { timer: null, left: false, cursor: null, letters: [] };
  const stages = figures("Products");
  const answers = figures("Backgrounds");
  const lag = el("div.table-room", { tabindex: "0", role: "region", "aria-label": "Lag" });
  const letters = el("div.table-room", { tabindex: "0", role: "region", "aria-label": "Dead letters" });
  const count = el("span.tag");
  const more = el("button.button", { type: "button", hidden: true, onclick: () => readLetters(true).catch(report) }, "More");
  const stamp = el("p.quiet.small.figures");
  const node = el(
    "div.page",
    el(
      "header.page-head",
      el("div", el("h1", "Operations"), el("p", "Products on their way through the stages, live.")),
      el("div.acts", stamp),
    ),
    el("div.figure-rows", stages.node, answers.node),
    el(
      "section.block-card",
      el("header", el("h2", "Waiting"), el("p.quiet.small", "Messages that a group of workers has not read yet.")),
      lag,
    ),
    el(
      "section.block-card",
      el(
        "header",
        el("h2", "Dead letters "),
        count,
        el("p.quiet.small", "What failed for good, with the reason. Replay one when its cause is gone."),
      ),
      letters,
      more,
    ),
  );

  async function read() {
    try {
      const now = await api.operations();
      stages.update(STAGES.map(([key, name]) => [name, now.stages[key] ?? 0, key]));
      answers.update(ANSWERS.map(([key, name]) => [name, now.backgrounds[key] ?? 0, key]));
      drawLag(lag, now.lag);
      const dead = Object.values(now.dead_letters).reduce((sum, each) => sum + each, 0);
      set(count, { class: `tag ${dead ? "bad" : "good"}` }).textContent = dead ? String(dead) : "none";
      stamp.textContent = `as of ${new Date().toLocaleTimeString()}`;
    } catch (error) {
      stamp.textContent = error.message;
    }
    if (!view.left) view.timer = setTimeout(read, EVERY_MS); // an answer may come when somebody has left
  }

  const take = newest(([page, next]) => {
    view.letters = next ? [...view.letters, ...page.items] : page.items;
    view.cursor = page.next_cursor;
    more.hidden = !view.cursor;
    drawLetters(letters, view.letters, replay);
  });
  const readLetters = (next = false) =>
    take(async () => [await api.deadLetters({ limit: 50, cursor: next ? view.cursor : null }), next]);

  async function replay(letter) {
    try {
      await api.replay(letter.id);
      notice("Sent again. It is in the queue of its topic.");
      view.letters = view.letters.map((each) => (each.id === letter.id ? { ...each, replayed: true } : each));
      drawLetters(letters, view.letters, replay);
    } catch (error) {
      report(error);
    }
  }

  read();
  readLetters().catch(report);
  const again = soon(() => readLetters().catch(report));
  return {
    node,
    heard: (type) => type === "DeadLetter" && again(),
    leave() {
      view.left = true;
      clearTimeout(view.timer);
    },
  };
}

function figures(title) {
  const list = el("dl.figures-row");
  const draw = keyed(
    list,
    ([name]) => name,
    ([name, , key]) => {
      const value = el("dd");
      const node = el("div.figure", { dataset: { key } }, el("dt", name), value);
      return {
        node,
        update: ([, now]) => {
          value.textContent = now.toLocaleString();
          node.toggleAttribute("data-none", now === 0);
        },
      };
    },
  );
  return { node: el("section.block-card", el("header", el("h2", title)), list), update: draw };
}

function drawLag(room, rows) {
  const largest = Math.max(1, ...rows.map((row) => row.messages));
  const sorted = rows.filter((row) => row.messages > 0).sort((a, b) => b.messages - a.messages);
  if (!rows.length)
    return arrange(room, [
      el("p.nothing-small", "No lag is told here. Kafka counts it; a studio without servers has none to count."),
    ]);
  if (!sorted.length) return arrange(room, [el("p.nothing-small", icon("check"), "Nothing waits anywhere.")]);
  const lines = sorted.map((row) =>
    el(
      "tr",
      el("th", { scope: "row" }, row.group),
      el("td.code", row.topic),
      el("td.number", row.messages.toLocaleString()),
      el("td.bar-cell", el("div.meter", el("span", { style: { width: `${(100 * row.messages) / largest}%` } }))),
    ),
  );
  return arrange(room, [tableOf(["Group", "Topic", { number: "Messages" }, { unseen: "Share" }], lines)]);
}

function drawLetters(room, letters, replay) {
  if (!letters.length)
    return arrange(room, [el("p.nothing-small", icon("check"), "No dead letters. Everything was delivered.")]);
  const heads = ["When", "What happened", "Service", "Product", { number: "Tries" }, { unseen: "Replay" }];
  return arrange(room, [
    tableOf(
      heads,
      letters.map((letter) => letterRow(letter, replay)),
    ),
  ]);
}

function letterRow(letter, replay) {
  const again = { type: "button", "aria-label": `Replay ${letter.key ?? letter.id}`, onclick: () => replay(letter) };
  return el(
    "tr",
    el(
      "td.figures.nowrap",
      new Date(letter.failed_at).toLocaleString([], { dateStyle: "short", timeStyle: "short" }),
    ),
    el(
      "td",
      el("strong", letter.reason.replaceAll("_", " ")),
      el("p.quiet.small", letter.detail),
      el("span.code.small", letter.topic),
    ),
    el("td", letter.service),
    el("td.code", letter.key ?? ""),
    el("td.number", String(letter.attempts ?? "")),
    el(
      "td.end",
      letter.replayed
        ? el("span.tag.good", icon("check"), "replayed")
        : el("button.button", again, icon("replay"), "Replay"),
    ),
  );
}
