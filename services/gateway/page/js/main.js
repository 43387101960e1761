// Wiring: session, stream of events, the four views and the bar around them.
import { api, Refused } from "./api.js";
import { arrange, el, icon, set } from "./dom.js";
import { listen } from "./events.js";
import { choose, loadProducts, desk, refresh } from "./desk.js";
import { catchUp, heard } from "./hearing.js";
import { announce, report } from "./notices.js";
import { follow, place } from "./router.js";
import { recall, remember } from "./store.js";
import { signIn } from "./views/sign_in.js";
import { studio } from "./views/studio.js";

const VIEWS = {
  studio: { name: "Studio", icon: "studio", scope: "read", make: async () => studio },
  catalogue: {
    name: "Catalogue",
    icon: "catalogue",
    scope: "read",
    make: async () => (await import("./views/catalogue.js")).catalogue,
  },
  operations: {
    name: "Operations",
    icon: "operations",
    scope: "operate",
    make: async () => (await import("./views/operations.js")).operations,
  },
  curation: {
    name: "Curation",
    icon: "curation",
    scope: "read",
    make: async () => (await import("./views/curation.js")).curation,
  },
};
const main = document.getElementById("main");
const STREAM_MS = 3000;
let shown = null;
let asking = null; // the view that is being fetched
let loading = false; // whether products were asked for
let stream = { state: "waiting", again: false };

function tabs(view) {
  const { scopes = [] } = desk.get().session ?? {};
  const open = Object.entries(VIEWS).filter(([, each]) => scopes.includes(each.scope));
  arrange(
    document.getElementById("tabs"),
    open.map(([name, each]) =>
      el("a", { href: `#/${name}`, "aria-current": name === view ? "page" : null }, icon(each.icon), each.name),
    ),
  );
}

/** Draw the view of this address; a view that stays is only told of the new address. */
async function show({ view, rest }) {
  const known = VIEWS[view] ? view : "studio";
  tabs(known);
  asking = known;
  if (shown?.name === known) return shown.moved?.(rest);
  const make = await VIEWS[known].make();
  if (asking !== known || shown?.name === known) return undefined; // somebody went on meanwhile
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close(); // it belonged to the view before
  shown?.leave?.();
  const parts = make(rest);
  shown = { name: known, ...parts };
  main.replaceChildren(parts.node);
  document.title = known === "studio" ? "Backdrop studio" : `${VIEWS[known].name} – Backdrop studio`;
  scrollTo(0, 0);
  return undefined;
}

const WORDS = { waiting: "Connecting", open: "Live", lost: "Reconnecting" };

function line(state, again) {
  desk.change((known) => (known.line = state));
  const lamp = set(document.getElementById("line"), { dataset: { state } });
  lamp.textContent = WORDS[state];
  const banner = document.getElementById("banner");
  if (state === "lost") {
    banner.replaceChildren(
      el("span.spinner"),
      "The server does not answer. What you typed is kept; this page goes on by itself when it is back.",
    );
  }
  banner.hidden = state !== "lost";
  if (state === "open" && again) catchUp().then(() => announce("Connected again."), report);
  if (state === "lost") api.session().catch((error) => error.status === 401 && location.reload()); // the key ran out
}

function theme() {
  const button = document.getElementById("theme");
  const dark = () =>
    (document.documentElement.dataset.theme ??
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const draw = () => button.replaceChildren(icon(dark() ? "sun" : "moon"));
  button.onclick = () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    remember("theme", document.documentElement.dataset.theme, localStorage);
    draw();
  };
  draw();
}

/** The session, or the form that opens one; a server that is still starting is waited for. */
async function session() {
  try {
    return await api.session();
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    return signIn(main);
  }
}

/** The stream comes before what is loaded, so that nothing falls between; what one that opens later missed is caught up. */
function streaming() {
  return new Promise((done) => {
    setTimeout(done, STREAM_MS);
    listen(
      (type, event) => {
        heard(type, event);
        shown?.heard?.(type, event);
      },
      (state, again) => {
        stream = { state, again: again || loading };
        if (shown || state === "lost") line(stream.state, stream.again);
        done();
      },
    );
  });
}

async function start() {
  theme();
  const known = await session().catch((error) => {
    line("lost", false);
    setTimeout(start, 2000);
    throw error;
  });
  desk.change((state) => (state.session = known));
  const samples = api.samples().catch(() => []);
  const styles = api.styles();
  await streaming();
  loading = true;
  await loadProducts().catch(report);
  const { rest, view } = place();
  const wanted = view === "studio" && rest[0] ? rest[0] : recall("current", null);
  if (wanted && !desk.get().products.has(wanted)) await refresh(wanted).catch(() => {}); // older than the first page
  if (wanted && desk.get().products.has(wanted)) choose(wanted);
  await new Promise((done) => follow((where) => show(where).catch(report).finally(done)));
  if (stream.state === "open") line("open", stream.again);
  const [listed, named] = await Promise.all([samples, styles.catch((error) => (report(error), []))]);
  desk.change((state) => {
    state.samples = listed;
    state.styles = named;
  });
}

start().catch(() => {});
