// Talking to the gateway: one function per thing the page asks for, errors as the server words them.

const TRIES = 4;
const FIRST_PAUSE_MS = 400;

/** What the server refused, or could not be asked: `problem` is its problem+json. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "It did not work.");
    this.problem = problem;
    this.status = problem.status ?? 0;
  }

  /** The words for one field, or null. */
  for(field) {
    const named = this.problem.errors?.find((error) => error.field === field || error.field?.startsWith(`${field}.`));
    return named?.detail ?? (this.problem.field === field ? this.message : null);
  }
}

const OFFLINE = {
  status: 0,
  reason: "no_answer",
  detail: "The server does not answer. Nothing is lost: try again in a moment.",
};

/** One request; what may be repeated without harm is repeated while the line is down. Raises Refused. */
async function ask(method, path, { json, body, type, signal, key } = {}) {
  const headers = { Accept: "application/json" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (type) headers["Content-Type"] = type;
  if (method === "POST") headers["Idempotency-Key"] = key ?? crypto.randomUUID();
  const request = {
    method,
    headers,
    body: json !== undefined ? JSON.stringify(json) : body,
    signal,
    credentials: "same-origin",
  };
  const answer = await persistently(() => fetch(path, request), signal);
  if (answer.ok) return answer;
  throw new Refused(await problemOf(answer));
}

async function persistently(send, signal) {
  for (let tried = 1; ; tried++) {
    try {
      const answer = await send();
      if (![502, 503, 504].includes(answer.status) || tried === TRIES) return answer;
    } catch (error) {
      if (signal?.aborted) throw error;
      if (tried === TRIES) throw new Refused(OFFLINE);
    }
    await pause(FIRST_PAUSE_MS * 2 ** (tried - 1));
  }
}

async function problemOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  const wait = Number(answer.headers.get("Retry-After"));
  if (answer.status === 429 && wait)
    problem.detail = `${problem.detail ?? "Too much at once."} Try again in ${wait} s.`;
  return { status: answer.status, title: answer.statusText, ...problem };
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const read = async (...request) => (await ask(...request)).json();
const id = encodeURIComponent;
const product = (productId) => `/v1/products/${id(productId)}`;
const background = (productId, requestId) => `${product(productId)}/backgrounds/${id(requestId)}`;

function query(values) {
  const pairs = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

function form(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields))
    if (value !== null && value !== undefined && value !== "") data.append(name, value);
  return data;
}

export const api = {
  session: () => read("GET", "/v1/session"),
  enter: (key) => read("POST", "/v1/session", { json: { key } }),
  leave: () => ask("DELETE", "/v1/session"),

  products: (values = {}) => read("GET", `/v1/products${query(values)}`),
  product: (productId) => read("GET", product(productId)),
  submit: (fields, key) => read("POST", "/v1/products", { body: form(fields), key }),
  withdraw: (productId) => ask("DELETE", product(productId)),

  maskLink: (productId, revision) => `${product(productId)}/mask?revision=${revision}`,
  saveMask: (productId, png) => read("PUT", `${product(productId)}/mask`, { body: png, type: "image/png" }),
  clicks: (productId, points, signal) =>
    read("POST", `${product(productId)}/mask/clicks`, { json: { points, longest_side: 960 }, signal }),

  ask: (productId, scene, key) => read("POST", `${product(productId)}/backgrounds`, { json: scene, key }),
  askAll: (productIds, scene) => read("POST", "/v1/backgrounds", { json: { product_ids: productIds, scene } }),
  backgrounds: (productId, values = {}) => read("GET", `${product(productId)}/backgrounds${query(values)}`),
  background: (productId, requestId) => read("GET", background(productId, requestId)),
  pictureLink: (option, values) =>
    `${background(option.product_id, option.request_id)}/pictures/${option.sha256}${query(values)}`,
  picture: async (link) => (await ask("GET", link)).blob(),
  review: (option, votes, key) =>
    ask("POST", `${background(option.product_id, option.request_id)}/review`, {
      json: { image: option.sha256, ...votes },
      key,
    }),
  engage: (option, action) =>
    ask("POST", `${background(option.product_id, option.request_id)}/engagement`, {
      json: { actions: [{ image: option.sha256, action, count: 1 }] },
    }),

  reference: (file) => read("POST", "/v1/references", { body: form({ file }) }),
  slots: () => read("GET", "/v1/slots"),
  styles: () => read("GET", "/v1/styles"),
  samples: () => read("GET", "/v1/samples"),
  trainings: () => read("GET", "/v1/trainings"),
  sheet: async (model, revision) =>
    (await ask("GET", `/v1/models/${id(model)}/revisions/${id(revision)}/sheet`)).blob(),
  models: () => read("GET", "/v1/models"),
  rollBack: (model, revision) => ask("POST", `/v1/models/${id(model)}/rollback`, { json: { revision } }),

  batch: (body, type, scene) =>
    read("POST", `/v1/batches${query({ scene: scene && JSON.stringify(scene) })}`, { body, type }),
  operations: () => read("GET", "/v1/operations"),
  deadLetters: (values = {}) => read("GET", `/v1/operations/dead-letters${query(values)}`),
  replay: (letterId) => ask("POST", `/v1/operations/dead-letters/${id(letterId)}/replay`),
  curated: (values = {}) => read("GET", `/v1/curation/samples${query(values)}`),
  reasons: () => read("GET", "/v1/curation/reasons"),
  datasets: () => read("GET", "/v1/curation/datasets"),
};
