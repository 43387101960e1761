// What the stream of events changes here: what an event speaks of is fetched anew, with fresh links, soon and together.
import { pause } from "./api.js";
import { freshly, untilAnswered } from "./answers.js";
import { desk, loadBackgrounds, loadProducts, refresh, refreshBackground } from "./desk.js";

const AT_MOST_EVERY_MS = 700;
const FEW = 6;
const PRODUCT = new Set(["ProductSubmitted", "ProductSegmented", "ProductCaptioned", "ProductWithdrawn"]);
const ANSWER = new Set(["BackgroundRequested", "BackgroundGenerated", "BackgroundRejected", "BackgroundReviewed"]);
const stale = new Map(); // requests of which something was heard, by product
let flushing = false;

/** An event of the stream. The product on the stage is asked for at once, others soon. */
export function heard(type, event) {
  const { product_id: id, request_id: request } = event;
  const about = ANSWER.has(type) || isPick(type, event);
  if (!about && !PRODUCT.has(type)) return;
  if (id !== desk.get().current) later(id, about ? [request] : []);
  else if (about) {
    freshly(`${id}/${request}`, () => refreshBackground(id, request));
    later(id);
  } else freshly(id, () => refresh(id));
}

/** After a break of the line: everything on screen is asked for anew. */
export async function catchUp() {
  await loadProducts();
  const { current, products } = desk.get();
  if (products.has(current)) await Promise.all([refresh(current), loadBackgrounds(current)]);
}

/** A pick, or one taken back, has no look in it; looks are too many to ask for the option each time. */
function isPick(type, { request_id: request, impressions }) {
  return type === "ProductEngaged" && Boolean(request) && impressions === 0;
}

function later(id, requests = []) {
  stale.set(id, new Set([...(stale.get(id) ?? []), ...requests]));
  flush();
}

/** A catalogue hears hundreds of events a minute: one flush at a time, and many products as one list. */
async function flush() {
  if (flushing) return;
  flushing = true;
  try {
    while (stale.size) {
      await pause(AT_MOST_EVERY_MS);
      const heardOf = new Map(stale);
      stale.clear();
      await Promise.all([products([...heardOf.keys()]), ...[...heardOf].map(backgrounds)]);
    }
  } finally {
    flushing = false;
  }
}

/** Of many, those of the first page come with it; others that are shown one by one; the rest when they are scrolled to. */
async function products(ids) {
  const many = ids.length > FEW;
  const listed = many ? new Set((await untilAnswered(loadProducts)) ?? []) : new Set();
  const known = desk.get().products;
  const single = ids.filter((id) => !listed.has(id) && (!many || known.has(id)));
  await Promise.all(single.map((id) => untilAnswered(() => refresh(id))));
}

async function backgrounds([id, requests]) {
  if (!desk.get().backgrounds.has(id)) return;
  if (requests.size > FEW) await untilAnswered(() => loadBackgrounds(id));
  else await Promise.all([...requests].map((one) => untilAnswered(() => refreshBackground(id, one))));
}
