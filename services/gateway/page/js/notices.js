// What the page says aloud: short notices for the eye, one live region for the ear.
import { el, icon } from "./dom.js";

const SHOWN_MS = 6000;
const region = () => document.getElementById("announcer");
const shelf = () => document.getElementById("notices");

/** Say it to screen readers only. */
export function announce(text) {
  const node = region();
  node.textContent = "";
  setTimeout(() => (node.textContent = text), 50);
}

/** Show and say it; `action` is `{label, act}`. */
export function notice(text, action) {
  const node = el("div.notice", el("span", text));
  if (action) {
    node.append(
      el(
        "button",
        {
          type: "button",
          onclick: () => {
            node.remove();
            action.act();
          },
        },
        action.label,
      ),
    );
  }
  node.append(el("button", { type: "button", "aria-label": "Dismiss", onclick: () => node.remove() }, icon("close")));
  node.lastChild.firstChild.style.width = "14px";
  shelf().append(node);
  while (shelf().children.length > 3) shelf().firstChild.remove();
  announce(text);
  setTimeout(() => node.matches(":hover, :focus-within") || node.remove(), SHOWN_MS);
}

/** What went wrong, and what to do about it, in the server's words. */
export function report(error, action) {
  notice(error.problem?.detail ?? error.message ?? String(error), action);
}
