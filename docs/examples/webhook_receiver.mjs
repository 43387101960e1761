// Hears of finished backgrounds: node webhook_receiver.mjs 8001 — give the gateway https://…/ that leads here.
// BACKDROP_WEBHOOK_SECRET is what the gateway answered when the webhook was made (`whsec_…`).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = Buffer.from(process.env.BACKDROP_WEBHOOK_SECRET.replace('whsec_', ''), 'base64');
const seen = new Set(); // a delivery may come twice; a real receiver keeps these in its database

/** Standard Webhooks, v1: HMAC-SHA256 over id, time and body; not older than five minutes. */
function isOurs(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(at)) < 300)) return false;
  const expected = createHmac('sha256', secret).update(`${id}.${at}.`).update(body).digest();
  return signatures.split(' ').some((one) => {
    const [version, signature = ''] = one.split(',');
    const given = Buffer.from(signature, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const server = createServer(async (request, response) => {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    if ((size += piece.length) > 1_000_000) return request.destroy();
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  if (!isOurs(request.headers, body)) return response.writeHead(400).end();
  const event = JSON.parse(body); // CloudEvents: id, type, subject (the product), data (the contract's event)
  if (!seen.has(event.id)) {
    seen.add(event.id);
    console.log(event.type, event.subject, event.data.request_id);
  }
  return response.writeHead(204).end(); // anything but 2xx, or no answer for fifteen seconds: it is sent again later
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening', server.address().port));
