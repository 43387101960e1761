// What is wished for: words, ideas, a named style, a reference picture, how many; and the button that asks.
import { Refused } from "../api.js";
import { arrange, el, icon, set } from "../dom.js";
import { SLOTS } from "../geometry.js";
import { draft, draftOf, desk, sceneOf } from "../desk.js";
import { announce } from "../notices.js";
import { askAll, split } from "./asking.js";
import { referencePart } from "./reference.js";
import { stylePicker } from "./style_picker.js";

export function panel() {
  const view = { product: null, busy: false };
  const change = (values) => view.product && draft(view.product.product_id, values);
  const prompt = el("textarea.input", {
    id: "prompt",
    rows: "3",
    maxlength: "1000",
    placeholder: "on a marble counter, morning light",
    "aria-describedby": "prompt-trouble",
    oninput: () => change({ prompt: prompt.value }),
  });
  const trouble = el("p.trouble", { id: "prompt-trouble", role: "alert" });
  const ideas = el("div.chips.ideas");
  const styles = stylePicker((style) => change({ style }));
  const reference = referencePart((reference) => change({ reference }));
  const more = details(change);
  const count = counter((value) => change({ count: value }));
  const make = el("button.button.primary.large.make", { type: "button", onclick: () => send() });
  const foot = el("div.panel-foot", count.node, make);
  const node = el(
    "form.panel",
    { "aria-label": "Scene", onsubmit: (event) => event.preventDefault(), onkeydown: quick },
    el(
      "div.panel-scroll",
      el("div.field", el("label", { for: "prompt" }, "Describe the scene"), prompt, trouble, ideas),
      styles.node,
      reference.node,
      more.node,
    ),
    foot,
  );

  function quick(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  }

  async function send() {
    if (make.disabled) return;
    trouble.textContent = "";
    prompt.removeAttribute("aria-invalid");
    view.busy = true;
    update(desk.get(), view.product);
    try {
      await makeBackgrounds(view.product, draftOf(desk.get(), view.product.product_id));
      document.getElementById("options")?.scrollIntoView({ behavior: "smooth", block: "nearest" });
    } catch (error) {
      refused(error);
    }
    view.busy = false;
    update(desk.get(), view.product);
  }

  function refused(error) {
    if (!(error instanceof Refused)) throw error;
    const words = error.for("prompt") ?? error.for("scene.prompt");
    if (more.refused(error)) return;
    if (words) prompt.setAttribute("aria-invalid", "true");
    trouble.textContent = words ?? error.message;
    prompt.focus();
  }

  function update(state, product) {
    view.product = product;
    const typed = draftOf(state, product?.product_id);
    if (prompt.value !== typed.prompt) prompt.value = typed.prompt;
    drawIdeas(ideas, product?.ideas ?? [], typed, (words) => {
      change({ prompt: words });
      prompt.focus();
    });
    styles.update(state.styles, typed.style);
    reference.update(typed.reference, typed.strength);
    more.update(typed);
    count.update(typed.count);
    const ready = Boolean(product) && !["refused", "withdrawn", "uploading", "failed"].includes(product.stage);
    make.disabled = !ready || view.busy;
    make.replaceChildren(view.busy ? el("span.spinner") : icon("studio"), wish(typed, product));
  }
  return { node, update };
}

function wish({ prompt, style, reference, count }, product) {
  const many = count === 1 ? "1 background" : `${count} backgrounds`;
  if (!product) return `Make ${many}`;
  return prompt.trim() || style || reference
    ? `Make ${many}`
    : `Surprise me, ${count} ${count === 1 ? "idea" : "ideas"}`;
}

/** Nothing typed means the product's own ideas, one request each; else one option soon, and the others behind it. */
export async function makeBackgrounds(product, typed) {
  const scene = sceneOf(typed, SLOTS);
  const open = !scene.prompt && !scene.style && !scene.reference;
  const ideas = open ? (product.ideas ?? []) : [];
  const seed = Math.floor(Math.random() * 2 ** 31);
  const idea = (_, n) => ({ ...scene, seed: seed + n, prompt: ideas[n % ideas.length].prompt });
  const wishes = ideas.length ? Array.from({ length: typed.count }, idea) : split(scene, typed.count, seed);
  await askAll(product, wishes);
  announce(`${typed.count} backgrounds asked for`);
}

function drawIdeas(node, ideas, typed, use) {
  const shown = ideas.slice(0, 5);
  const key = JSON.stringify([shown, typed.prompt]);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  arrange(
    node,
    shown.map(({ prompt }) =>
      el(
        "button.chip",
        { type: "button", "aria-pressed": String(typed.prompt === prompt), onclick: () => use(prompt) },
        prompt,
      ),
    ),
  );
}

function counter(choose) {
  const buttons = [1, 2, 4, 8].map((value) =>
    el(
      "button",
      { type: "button", role: "radio", onclick: () => choose(value), "aria-label": `${value} options` },
      String(value),
    ),
  );
  const node = el(
    "div.segments",
    {
      role: "radiogroup",
      "aria-label": "How many options",
      onkeydown(event) {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const at = buttons.indexOf(event.target) + (step ?? 0);
        if (step && buttons[at]) {
          buttons[at].click();
          buttons[at].focus();
        }
      },
    },
    buttons,
  );
  return {
    node,
    update: (value) =>
      buttons.forEach((button) =>
        set(button, {
          "aria-checked": String(Number(button.textContent) === value),
          tabindex: Number(button.textContent) === value ? "0" : "-1",
        }),
      ),
  };
}

function details(change) {
  const negative = el("input.input", {
    id: "negative",
    maxlength: "1000",
    placeholder: "plants, people",
    "aria-describedby": "negative-trouble",
    oninput: () => change({ negative: negative.value }),
  });
  const words = el("p.trouble", { id: "negative-trouble", role: "alert" });
  const format = el(
    "select.input",
    { id: "format", onchange: () => change({ format: format.value }) },
    el("option", { value: "png" }, "PNG, lossless"),
    el("option", { value: "webp" }, "WebP, lossless"),
    el("option", { value: "jpeg" }, "JPEG, small"),
  );
  const strength = el("input.slider", {
    type: "range",
    min: "0",
    max: "100",
    step: "5",
    id: "strength",
    oninput: () => change({ strength: Number(strength.value) / 100 }),
  });
  const auto = el("button.button.plain", { type: "button", onclick: () => change({ strength: null }) }, "Automatic");
  const told = el("output.quiet.small");
  const node = el(
    "details.more",
    el("summary", "More wishes"),
    el("div.field", el("label", { for: "negative" }, "Leave out"), negative, words),
    el(
      "div.field",
      el("label", { for: "strength" }, "Freedom from the example picture"),
      strength,
      el("div.between", told, auto),
    ),
    el("div.field", el("label", { for: "format" }, "File"), format),
  );
  return {
    node,
    update(typed) {
      if (negative.value !== typed.negative) negative.value = typed.negative;
      format.value = typed.format;
      strength.value = typed.strength === null ? 50 : typed.strength * 100;
      told.textContent =
        typed.strength === null
          ? "chosen for you"
          : typed.strength === 1
            ? "text alone"
            : typed.strength === 0
              ? "as the picture"
              : `${Math.round(typed.strength * 100)} %`;
      auto.hidden = typed.strength === null;
    },
    refused(error) {
      words.textContent = error.for("negative_prompt") ?? "";
      if (words.textContent) {
        node.open = true;
        negative.focus();
      }
      return Boolean(words.textContent);
    },
  };
}
