// Requests for backgrounds as a person sees them: rounds that were asked for at once, and the options in them.
import { recall, remember } from "./store.js";

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

/** All options of one product, in the order in which they are shown. */
export const allOptions = (state, id) => rounds(state, id).flatMap((round) => round.requests.flatMap(optionsOf));

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
