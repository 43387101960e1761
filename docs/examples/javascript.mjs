// From a photo to a downloaded background, Node 18 or newer: node javascript.mjs photo.jpg "on an oak table" [out.png]
// BACKDROP_URL: the gateway; BACKDROP_KEY: an API key with the scopes submit, read and review.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const [photo, words, out = 'background.png'] = process.argv.slice(2);
const { BACKDROP_URL: url, BACKDROP_KEY: key } = process.env;

/** One request; waits and tries again when the gateway says 429 or 503. */
async function ask(method, path, body, headers = {}) {
  const json = body !== undefined && !(body instanceof FormData);
  for (let tries = 1; ; tries++) {
    const answer = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, ...(json && { 'Content-Type': 'application/json' }), ...headers },
      body: json ? JSON.stringify(body) : body,
      signal: AbortSignal.timeout(60_000),
    });
    if (answer.ok) return answer;
    const wait = Number(answer.headers.get('Retry-After') ?? 1);
    if (![429, 503].includes(answer.status) || tries === 6 || wait > 120) throw new Error(await answer.text());
    await pause(wait * 1000);
  }
}

/** Look at something until it is done: once a second, for ten minutes. */
async function until(path, done) {
  for (let looks = 0; looks < 600; looks++) {
    const found = await (await ask('GET', path)).json();
    if (done(found)) return found;
    await pause(1000);
  }
  throw new Error(`nothing after ten minutes: ${path}`);
}

// submit: with the same Idempotency-Key, sending it again makes no second product
const form = new FormData();
form.set('file', new Blob([await readFile(photo)]), 'photo');
form.set('title', 'From JavaScript');
const submitted = await (await ask('POST', '/v1/products', form, { 'Idempotency-Key': randomUUID() })).json();
const product = await until(`/v1/products/${submitted.product_id}`, ({ stage }) => ['captioned', 'refused'].includes(stage));
if (product.refusal) throw new Error(product.refusal.detail);

// ask for two options in one's own words
const scene = { prompt: words, count: 2 };
const backgrounds = `/v1/products/${product.product_id}/backgrounds`;
const asked = await (await ask('POST', backgrounds, scene, { 'Idempotency-Key': randomUUID() })).json();
const one = `${backgrounds}/${asked.request_id}`;
const background = await until(one, ({ status }) => status !== 'requested');
if (background.rejection) throw new Error(background.rejection.detail);

// download the best, pick it, and vote: nothing is wrong with it
const best = background.options[0].picture.sha256;
const picture = await ask('GET', `${one}/pictures/${best}?format=png`);
await writeFile(out, Buffer.from(await picture.arrayBuffer()));
await ask('POST', `${one}/engagement`, { actions: [{ image: best, action: 'pick' }] });
await ask('POST', `${one}/review`, { image: best }, { 'Idempotency-Key': randomUUID() });
console.log(out);
