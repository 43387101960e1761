// Models and their revisions: figures side by side, which is in use, and the way back to an earlier one.
import { newest } from "../answers.js";
import { api } from "../api.js";
import { arrange, el, icon } from "../dom.js";
import { confirm } from "../confirm.js";
import { desk } from "../desk.js";
import { notice, report } from "../notices.js";
import { tableOf } from "../tables.js";
import { beforeAfter } from "./before_after.js";
import { inFigures } from "./figures.js";

const HELD = /^held_out_/;
const BEFORE = "in_use_";

export function modelsPart() {
  const room = el("div.stack");
  const take = newest((revisions) => {
    const names = [...new Set(revisions.map((each) => each.model))];
    if (!names.length)
      return arrange(room, [
        el(
          "div.nothing",
          icon("curation"),
          el("h2", "No trained model yet"),
          el("p.quiet", "The bundled models are in use. A training that does better is promoted, and appears here."),
        ),
      ]);
    return arrange(
      room,
      names.map((name) =>
        modelPart(
          name,
          revisions.filter((each) => each.model === name),
          read,
        ),
      ),
    );
  });
  const read = () => take(api.models);
  read().catch(report);
  return { node: room, heard: (type) => ["ModelTrained", "ModelPromoted"].includes(type) && read().catch(report) };
}

function modelPart(name, revisions, read) {
  const { scopes = [] } = desk.get().session ?? {};
  const may = scopes.includes("operate");
  const metrics = figuresOf(revisions);
  const since = revisions.find((each) => each.promoted)?.at ?? "";
  const rows = revisions.map((each) =>
    el(
      "tr",
      el("th.code", { scope: "row" }, each.revision),
      el("td", each.stage),
      el("td.figures.nowrap", new Date(each.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })),
      metrics.map((metric) => el("td.number", figure(each.metrics, metric))),
      el(
        "td.end",
        may &&
          each.job_id &&
          el(
            "button.button",
            {
              type: "button",
              "aria-label": `Before and after ${each.revision}`,
              onclick: () => beforeAfter(each).catch(report),
            },
            icon("compare"),
            "Before / after",
          ),
        each.promoted
          ? el("span.tag.good", "in use")
          : each.job_id && !each.sequence
            ? el("span.tag", "not in use")
          : may && each.sequence
            ? backButton(name, each, each.at < since, read)
            : null,
      ),
    ),
  );
  return el(
    "section.block-card",
    el(
      "header",
      el("h2", name),
      el("p.quiet.small", `${revisions.length} ${revisions.length === 1 ? "revision" : "revisions"}`),
    ),
    el(
      "div.table-room",
      { tabindex: "0", role: "region", "aria-label": `Revisions of ${name}` },
      tableOf(["Revision", "Stage", "Trained", ...metrics.map(headOf), { unseen: "In use" }], rows),
    ),
  );
}

/** What an exam compares with the revision in use before; of a model that has no such figures, the first ones. */
function figuresOf(revisions) {
  const all = [...new Set(revisions.flatMap((each) => Object.keys(each.metrics)))];
  const compared = all.filter((name) => all.includes(BEFORE + name));
  return (compared.length ? compared : all).slice(0, 5);
}

function headOf(metric) {
  const words = metric.replace(HELD, "").replaceAll("_", " ");
  return { number: words[0].toUpperCase() + words.slice(1) };
}

function figure(metrics, name) {
  const [is, was] = [metrics[name], metrics[BEFORE + name]];
  if (is === undefined) return "–";
  return was === undefined ? inFigures(is) : [inFigures(is), el("p.quiet.small.nowrap", `was ${inFigures(was)}`)];
}

/** To a revision that was in use: an earlier one, or one that was rolled back. */
function backButton(name, each, earlier, read) {
  const word = earlier ? "Roll back" : "Use again";
  const label = earlier ? `Roll ${name} back to ${each.revision}` : `Use ${each.revision} of ${name} again`;
  const props = { type: "button", "aria-label": label, onclick: () => rollBack(name, each, word, read) };
  return el("button.button", props, icon(earlier ? "undo" : "redo"), word);
}

function rollBack(name, { revision }, word, read) {
  confirm({
    title: `Use ${revision} again?`,
    text: `${name} uses it for every background from the next batch on. Nothing that was made changes.`,
    name: word,
    async act() {
      try {
        await api.rollBack(name, revision);
        notice(`${name} uses ${revision} again, from the next batch on`);
        await read();
      } catch (error) {
        report(error);
      }
    },
  });
}
