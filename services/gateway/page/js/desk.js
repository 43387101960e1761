// What the page knows: products, their backgrounds, what a person has typed for each. All changes are made here.
import { isNews, moment, untilAnswered } from "./answers.js";
import { api } from "./api.js";
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
  if (id !== null && !desk.get().uploads.has(id)) untilAnswered(() => loadBackgrounds(id));
}

/** Put a product into the state, asked for at `at`; what is older never hides what is newer. */
export function admit(product, at) {
  const id = product.product_id;
  if (!isNews(id, at)) return;
  desk.change((state) => {
    const known = state.products.get(id);
    if (known && known.revision > product.revision) return;
    state.products.set(id, { ...product, local: known?.local ?? state.uploads.get(id)?.local });
    state.uploads.delete(id);
    place(state, product);
  });
}

/** An upload became a product, maybe under a longer name: what was typed meanwhile goes along. */
export function arrived(uploaded, product, at) {
  admit(product, at);
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

/** Among the others, the newest first, unless it was withdrawn. */
function place(state, { product_id: id, withdrawn, created_at: created }) {
  if (withdrawn) state.order = state.order.filter((each) => each !== id);
  else if (!state.order.includes(id)) {
    const at = state.order.findIndex((each) => state.products.get(each).created_at < created);
    state.order.splice(at < 0 ? state.order.length : at, 0, id);
  }
}

/** Put a request with its options into the state, asked for at `at`. */
export function admitBackground(background, at) {
  const { product_id: product, request_id: id } = background;
  if (!isNews(`${product}/${id}`, at)) return;
  desk.change((state) => {
    const known = state.backgrounds.get(product) ?? new Map();
    const before = known.get(id);
    const settled = before && before.status !== "requested" && background.status === "requested";
    if (!settled) known.set(id, background);
    state.backgrounds.set(product, known);
  });
}

/** The first page of products, or the next one; gives their ids. */
export async function loadProducts({ next = false } = {}) {
  const at = moment();
  const page = await api.products({ limit: 60, cursor: next ? desk.get().more : null });
  for (const product of page.items) admit(product, at);
  desk.change((state) => {
    state.more = page.next_cursor;
    state.loaded = true;
  });
  return page.items.map((product) => product.product_id);
}

/** All requests of a product; from the question on its events are followed, so that none falls between. */
export async function loadBackgrounds(id) {
  const at = moment();
  desk.change((state) => state.backgrounds.has(id) || state.backgrounds.set(id, new Map()));
  const page = await api.backgrounds(id, { limit: 60 });
  for (const background of page.items) admitBackground(background, at);
}

export async function refresh(id) {
  const at = moment();
  admit(await api.product(id), at);
}

export async function refreshBackground(productId, requestId) {
  const at = moment();
  admitBackground(await api.background(productId, requestId), at);
}

/** Never learn from this photo, and show it no more. */
export async function withdraw(id) {
  await api.withdraw(id);
  desk.change((state) => {
    state.products.delete(id);
    state.order = state.order.filter((each) => each !== id);
  });
  if (desk.get().current === id) choose(desk.get().order[0] ?? null);
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
