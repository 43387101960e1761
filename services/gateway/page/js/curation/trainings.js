// Trainings on their way: how far each is, its loss, and why one ended without a model.
import { newest, soon } from "../answers.js";
import { api } from "../api.js";
import { arrange, el, icon } from "../dom.js";
import { report } from "../notices.js";
import { tableOf } from "../tables.js";
import { inFigures } from "./figures.js";

const STAGES = {
  foundation: "pictures from words",
  inpaint: "fill what is masked",
  product: "keep the product",
  engaged: "follow what people like",
  judge: "tell good from bad",
};

export function trainingsPart() {
  const room = el("div.stack");
  const take = newest(([trainings, revisions]) => {
    const made = new Map(revisions.map((each) => [each.job_id, each]));
    arrange(room, [trainings.length ? cardOf(trainings, made) : none()]);
  });
  const read = () => take(() => Promise.all([api.trainings(), api.models()])).catch(report);
  const again = soon(read);
  read();
  return { node: room, heard: (type) => /^(Training|Model)/.test(type) && again() };
}

function none() {
  return el(
    "div.nothing",
    icon("curation"),
    el("h2", "No training yet"),
    el("p.quiet", "One begins by itself when a dataset has grown enough, or with ", el("code", "backdrop train"), "."),
  );
}

function cardOf(trainings, made) {
  const heads = ["Job", "Learns to", "Progress", { number: "Loss" }, "Last word"];
  return el(
    "section.block-card",
    el(
      "header",
      el("h2", "Trainings"),
      el("p.quiet.small", "Those that moved last first. What does better is promoted."),
    ),
    el(
      "div.table-room",
      { tabindex: "0", role: "region", "aria-label": "Trainings" },
      tableOf(
        heads,
        trainings.map((each) => row(each, made.get(each.job_id))),
      ),
    ),
  );
}

function row(training, revision) {
  const { job_id: job, stage, step, loss, at } = training;
  return el(
    "tr",
    el("th.code.nowrap", { scope: "row" }, job),
    el("td", el("strong", stage || "–"), STAGES[stage] && el("p.quiet.small", STAGES[stage])),
    el("td.progress", progress(training, revision)),
    el("td.number", loss === null || !step ? "–" : inFigures(loss)),
    el("td.figures.nowrap", new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })),
  );
}

function progress({ job_id: job, step, steps, failure }, revision) {
  if (failure)
    return [el("span.tag.bad", failure.reason.replaceAll("_", " ")), el("p.quiet.small", failure.detail)];
  if (revision) return verdict(revision, steps);
  if (steps && step >= steps) return [el("span.tag", el("span.spinner"), "Exam"), el("p.quiet.small", "beside the one in use")];
  const values = { "aria-valuemin": "0", "aria-valuemax": String(steps), "aria-valuenow": String(step) };
  const share = steps ? Math.min(100, (100 * step) / steps) : 0;
  return [
    el(
      "div.meter.wide",
      { role: "progressbar", "aria-label": `Steps of ${job}`, ...values },
      el("span", { style: { width: `${share}%` } }),
    ),
    el("p.quiet.small.figures", steps ? `${step.toLocaleString()} of ${steps.toLocaleString()} steps` : "waiting"),
  ];
}

/** What became of a model: it is told when one is better, and of the others nothing. */
function verdict({ revision, promoted, sequence }, steps) {
  const tag = promoted || sequence > 0
    ? el("span.tag.good", icon("check"), promoted ? "in use" : "promoted")
    : el("span.tag", "not in use");
  return [tag, el("p.quiet.small", `${steps.toLocaleString()} steps made `, el("code", revision))];
}
