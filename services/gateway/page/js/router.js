// Which view the address asks for: #/studio/<product>, #/catalogue, #/operations, #/curation/<part>.

/** `{view, rest}` of the address. */
export function place() {
  const [view = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { view: view || "studio", rest: rest.map(decodeURIComponent) };
}

/** Go there; `quietly` changes the address without a new entry in the history. */
export function go(view, rest = [], { quietly = false } = {}) {
  const hash = `#/${[view, ...rest.map(encodeURIComponent)].join("/")}`;
  if (location.hash === hash) return;
  if (quietly) {
    history.replaceState(null, "", hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = hash;
}

/** Call at once and whenever the address changes. */
export function follow(act) {
  addEventListener("hashchange", () => act(place()));
  act(place());
}
