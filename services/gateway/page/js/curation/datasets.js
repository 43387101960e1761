// Datasets and their versions, and what changed between any two versions of one.
import { newest } from "../answers.js";
import { api } from "../api.js";
import { arrange, el, icon } from "../dom.js";
import { report } from "../notices.js";
import { tableOf } from "../tables.js";

export function datasetsPart() {
  const room = el("div.stack");
  const take = newest((versions) => {
    const names = [...new Set(versions.map((each) => each.dataset))];
    if (!names.length)
      return arrange(room, [
        el(
          "div.nothing",
          icon("curation"),
          el("h2", "No dataset yet"),
          el("p.quiet", "The curator releases one when enough photos were kept."),
        ),
      ]);
    return arrange(
      room,
      names.map((name) =>
        datasetPart(
          name,
          versions.filter((each) => each.dataset === name),
        ),
      ),
    );
  });
  const read = () => take(api.datasets);
  read().catch(report);
  return { node: room, heard: (type) => type === "DatasetReleased" && read().catch(report) };
}

function datasetPart(name, versions) {
  const newest = [...versions].sort((a, b) => (a.at < b.at ? 1 : -1));
  const rows = newest.map((each) =>
    el(
      "tr",
      el("th.code", { scope: "row" }, each.version),
      el("td.figures", new Date(each.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })),
      el("td.number", each.samples.toLocaleString()),
    ),
  );
  const section = el(
    "section.block-card",
    el(
      "header",
      el("h2", name),
      el("p.quiet.small", `${newest.length} ${newest.length === 1 ? "version" : "versions"}`),
    ),
    el(
      "div.table-room",
      { tabindex: "0", role: "region", "aria-label": `Versions of ${name}` },
      tableOf(["Version", "Released", { number: "Samples" }], rows),
    ),
  );
  if (newest.length > 1) section.append(comparison(name, newest));
  return section;
}

function comparison(name, versions) {
  const choice = (label, id, at) => {
    const select = el(
      "select.input",
      { id, onchange: draw },
      versions.map((each, n) => el("option", { value: String(n) }, each.version)),
    );
    select.selectedIndex = at;
    return { select, node: el("div.field", el("label", { for: id }, label), select) };
  };
  const from = choice("From", `from-${name}`, 1);
  const to = choice("To", `to-${name}`, 0);
  const list = el("dl.differences");
  function draw() {
    const [before, after] = [versions[from.select.value], versions[to.select.value]];
    const counts = { samples: [before.samples, after.samples] };
    for (const key of new Set([...Object.keys(before.counts), ...Object.keys(after.counts)]))
      counts[key.replaceAll("_", " ")] = [before.counts[key] ?? 0, after.counts[key] ?? 0];
    list.replaceChildren(
      ...Object.entries(counts).map(([key, [was, is]]) =>
        el(
          "div",
          el("dt", key),
          el(
            "dd.figures",
            `${was} → ${is}`,
            el(
              "span.tag",
              { class: `tag ${is > was ? "good" : is < was ? "warn" : ""}` },
              is === was ? "same" : `${is > was ? "+" : "−"}${Math.abs(is - was)}`,
            ),
          ),
        ),
      ),
    );
  }
  draw();
  return el("div.difference", el("h3", "Difference"), el("div.pair", from.node, to.node), list);
}
