// What the page knows: products, their backgrounds, what a person has typed for each. All changes are made here.
import { api, Refused } from "./api.js";
import { recall, remember, store } from "./store.js";

export const EMPTY_DRAFT = {
  prompt: "",
  style: null,
  reference: null,
  negative: "",
  strength: null,
  slot: "photo",
  placement: { mode: "original" },
  count: 4,
  format: "png",
};

export const desk = store({
  session: null,
  line: "waiting",
  styles: null,
  samples: [],
  products: new Map(),
  order: [],
  more: null,
  loaded: false,
  backgrounds: new Map(),
  current: recall("current", null),
  drafts: recall("drafts", {}),
  uploads: new Map(),
});

export const current = (state) => state.products.get(state.current) ?? state.uploads.get(state.current) ?? null;
export const draftOf = (state, id) => ({ ...EMPTY_DRAFT, ...state.drafts[id] });

/** Change what is typed for a product; it outlives a reload. */
export function draft(id, values) {
  desk.change((state) => {
    state.drafts[id] = { ...draftOf(state, id), ...values };
  });
  saving ??= setTimeout(keep, SAVED_AFTER_MS);
}

const SAVED_AFTER_MS = 200;
let saving = null;

function keep() {
  clearTimeout(saving);
  saving = null;
  remember("drafts", desk.get().drafts);
}
addEventListener("pagehide", keep);

/** Look at this product from now on. */
export function choose(id) {
  desk.change((state) => {
    state.current = id;
  });
  remember("current", id);
  if (id !== null && !desk.get().uploads.has(id)) loadBackgrounds(id).catch(() => {});
}

/** Put a product into the state; an older revision never hides a newer one. */
export function admit(product) {
  desk.change((state) => {
    const known = state.products.get(product.product_id);
    if (known && known.revision > product.revision) return;
    const local = known?.local ?? state.uploads.get(product.product_id)?.local;
    state.products.set(product.product_id, { ...product, local });
    state.uploads.delete(product.product_id);
    place(state, product, "unshift");
  });
}

/** An upload became a product, maybe under a longer name: what was typed meanwhile goes along. */
export function arrived(uploaded, product) {
  admit(product);
  const id = product.product_id;
  if (id === uploaded) return;
  const { uploads, drafts, current } = desk.get();
  desk.change((state) => {
    state.products.get(id).local = uploads.get(uploaded)?.local;
    state.uploads.delete(uploaded);
  });
  if (drafts[uploaded]) draft(id, drafts[uploaded]);
  if (current === uploaded) choose(id);
}

/** Among the others, unless it was withdrawn. */
function place(state, { product_id: id, withdrawn }, how) {
  if (withdrawn) state.order = state.order.filter((each) => each !== id);
  else if (!state.order.includes(id)) state.order[how](id);
}

export function admitBackground(background) {
  desk.change((state) => {
    const known = state.backgrounds.get(background.product_id) ?? new Map();
    const before = known.get(background.request_id);
    const settled = before && before.status !== "requested" && background.status === "requested";
    if (!settled) known.set(background.request_id, background);
    state.backgrounds.set(background.product_id, known);
  });
}

/** The first page of products, or the next one. */
export async function loadProducts({ next = false } = {}) {
  const page = await api.products({ limit: 60, cursor: next ? desk.get().more : null });
  desk.change((state) => {
    for (const product of page.items) {
      state.products.set(product.product_id, { ...product, local: state.products.get(product.product_id)?.local });
      state.uploads.delete(product.product_id);
      place(state, product, "push");
    }
    state.more = page.next_cursor;
    state.loaded = true;
  });
}

export async function loadBackgrounds(id) {
  const page = await api.backgrounds(id, { limit: 60 });
  page.items.forEach(admitBackground);
  if (!page.items.length) desk.change((state) => state.backgrounds.set(id, state.backgrounds.get(id) ?? new Map()));
}

export async function refresh(id) {
  admit(await api.product(id));
}

export async function refreshBackground(productId, requestId) {
  admitBackground(await api.background(productId, requestId));
}

/** After a break of the line: everything on screen is asked for anew. */
export async function catchUp() {
  await loadProducts();
  const { current, products } = desk.get();
  if (products.has(current)) await Promise.all([refresh(current), loadBackgrounds(current)]);
}

const AT_MOST_EVERY_MS = 700;
const FEW = 6;
const stale = new Set();
let flushing = null;

/** Ask for these products anew, soon and together: a catalogue hears hundreds of events a minute. */
function later(id) {
  stale.add(id);
  flushing ??= setTimeout(async () => {
    flushing = null;
    const ids = [...stale];
    stale.clear();
    if (ids.length > FEW) await loadProducts().catch(() => {});
    const { products, backgrounds } = desk.get();
    const far = ids.length > FEW ? ids.filter((each) => !products.has(each)) : ids;
    await Promise.allSettled([
      ...far.map(refresh),
      ...ids.filter((each) => backgrounds.has(each)).map(loadBackgrounds),
    ]);
  }, AT_MOST_EVERY_MS);
}

const MINE = { ProductSubmitted: 1, ProductSegmented: 1, ProductCaptioned: 1, ProductWithdrawn: 1 };
const ANSWERS = { BackgroundRequested: 1, BackgroundGenerated: 1, BackgroundRejected: 1, BackgroundReviewed: 1 };

/** Never learn from this photo, and show it no more. */
export async function withdraw(id) {
  await api.withdraw(id);
  desk.change((state) => {
    state.products.delete(id);
    state.order = state.order.filter((each) => each !== id);
  });
  if (desk.get().current === id) choose(desk.get().order[0] ?? null);
}

/** An event of the stream: what it speaks of is fetched, with fresh links. */
export async function heard(type, event) {
  try {
    const near = event.product_id === desk.get().current;
    if (MINE[type]) await (near ? refresh(event.product_id) : later(event.product_id));
    else if (ANSWERS[type] && near) await refreshBackground(event.product_id, event.request_id);
    else if (ANSWERS[type]) later(event.product_id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

/** The Scene that a draft asks for. */
export function sceneOf(draft, slots) {
  const slot = slots.find((each) => each.id === draft.slot);
  const scene = { count: 1, format: draft.format };
  if (draft.prompt.trim()) scene.prompt = draft.prompt.trim();
  if (draft.style) scene.style = draft.style;
  if (draft.reference) scene.reference = { key: draft.reference.key };
  if (draft.strength !== null) scene.strength = draft.strength;
  if (draft.negative.trim()) scene.negative_prompt = draft.negative.trim();
  if (slot?.aspect) scene.aspect = slot.aspect;
  if (draft.placement.mode === "custom") scene.placement = draft.placement;
  return scene;
}

const roundOf = recall("rounds", {});

/** Remember that this request belongs to a round. */
export function together(requestId, round) {
  roundOf[requestId] = round;
  remember("rounds", roundOf);
}

/** Requests of one product as rounds: those asked for at once, or for the same scene one after the other. Newest first. */
export function rounds(state, id) {
  const requests = [...(state.backgrounds.get(id)?.values() ?? [])];
  requests.sort((a, b) =>
    a.requested_at < b.requested_at ? 1 : a.requested_at > b.requested_at ? -1 : a.request_id < b.request_id ? 1 : -1,
  );
  const found = [];
  for (const request of requests) {
    const words = roundOf[request.request_id] ?? JSON.stringify({ ...request.scene, seed: null });
    if (found.at(-1)?.words === words) found.at(-1).requests.unshift(request);
    else found.push({ id: roundOf[request.request_id], words, scene: request.scene, requests: [request] });
  }
  for (const round of found) round.id ??= round.requests[0].request_id;
  return found;
}

/** Each option with what belongs to it, in the order they were asked. */
export function optionsOf(request) {
  return request.options.map((option) => ({ ...option, ...keys(request), sha256: option.picture.sha256 }));
}

const keys = (request) => ({
  product_id: request.product_id,
  request_id: request.request_id,
  scene: request.scene,
  read_as: request.read_as,
  notes: request.notes,
});
