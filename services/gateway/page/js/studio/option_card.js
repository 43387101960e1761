// One place among the options: a picture to open, pick, repeat or download; one that is being made; one that will not be.
import { el, icon, set } from "../dom.js";
import { downloads } from "./downloads.js";
import { moreLike, pick, seen } from "./verdicts.js";
import { viewer } from "./viewer.js";
import { sentence } from "./wording.js";

/** For a request without a picture: its clock, or why there is none. */
export function waitCard({ request }, view) {
  const clock = el("span.figures");
  const node = el("li.option");
  if (request.status === "rejected") {
    node.append(
      el(
        "div.option-none",
        icon("warning"),
        el("strong", "No picture"),
        el("p", sentence(request.rejection?.detail ?? "It was turned down.")),
        el(
          "button.button",
          { type: "button", onclick: () => moreLike({ ...request, prompt: request.scene.prompt }, 1, view.product) },
          icon("replay"),
          "Try another",
        ),
      ),
    );
    return { node };
  }
  node.append(el("div.option-wait", { role: "img", "aria-label": "Being made" }, el("span.spinner"), clock));
  const began = new Date(request.requested_at).getTime();
  const tick = () => {
    if (!node.isConnected && node.dataset.was) return;
    if (node.isConnected) node.dataset.was = "1";
    clock.textContent = `${Math.max(0, Math.round((Date.now() - began) / 1000))} s`;
    setTimeout(tick, 1000);
  };
  tick();
  return { node };
}

/** For an option. */
export function optionCard({ option }, view) {
  const open = el(
    "button.option-picture",
    { type: "button", onclick: () => viewer(option, view) },
    el("img", { src: option.picture.thumbnails["480"], alt: "", loading: "lazy", onload: () => seen(option) }),
  );
  const heart = el("button.option-pick", { type: "button", onclick: () => pick(now(option, view)) }, icon("heart"));
  const acts = el(
    "div.option-acts",
    el(
      "button.tool",
      {
        type: "button",
        "aria-label": "More like this",
        title: "More like this",
        onclick: () => moreLike(option, 4, view.product),
      },
      icon("more"),
    ),
    el(
      "button.tool",
      {
        type: "button",
        "aria-label": "Download",
        title: "Download",
        onclick: () => downloads([now(option, view)], view.product),
      },
      icon("download"),
    ),
  );
  const node = el("li.option.arrived", open, heart, acts);
  return {
    node,
    update({ option: fresh }, at) {
      set(open, { "aria-label": `Option ${at + 1}: ${fresh.prompt}. Open` });
      set(heart, {
        "aria-pressed": String(fresh.picked),
        "aria-label": fresh.picked ? "Picked; take it back" : "Pick this option",
        title: fresh.picked ? "Picked" : "Pick",
      });
    },
  };
}

const now = (option, view) =>
  view.shown.find((each) => each.sha256 === option.sha256 && each.request_id === option.request_id) ?? option;
