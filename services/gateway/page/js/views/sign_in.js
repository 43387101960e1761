// Where there are keys: the form that asks for one. The key becomes a cookie this script cannot read.
import { api } from "../api.js";
import { el, icon } from "../dom.js";

/** Resolves with the session once a key was accepted. */
export function signIn(main) {
  return new Promise((done) => {
    const input = el("input.input", {
      id: "key",
      type: "password",
      autocomplete: "current-password",
      required: true,
      placeholder: "bk_…",
      "aria-describedby": "key-trouble",
    });
    const trouble = el("p.trouble", { id: "key-trouble", role: "alert" });
    const button = el("button.button.primary.large", { type: "submit" }, icon("key"), "Enter");
    const form = el(
      "form.entry",
      { onsubmit: enter },
      el("h1", "Welcome back."),
      el("p.quiet", "Your operator makes a key with ", el("code", "backdrop keys"), "."),
      el("div.field", el("label", { for: "key" }, "Access key"), input, trouble),
      button,
    );
    async function enter(event) {
      event.preventDefault();
      button.disabled = true;
      try {
        done(await api.enter(input.value.trim()));
      } catch (error) {
        trouble.textContent =
          error.status === 401
            ? "This key is not known, or has expired. Check it, or ask your operator for a new one."
            : error.message;
        input.setAttribute("aria-invalid", "true");
        input.focus();
      }
      button.disabled = false;
    }
    main.replaceChildren(el("div.entry-room", form));
    input.focus();
  });
}
