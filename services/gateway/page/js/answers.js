// Answers that come late: of two about the same thing the one asked for later counts; what found no server is asked again.
import { pause, Refused } from "./api.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 8000;
let asked = 0;
const taken = new Map();

/** The moment of a question; take it before asking. */
export const moment = () => ++asked;

/** Whether the answer to a question of `at` is news about this thing; what was asked before it is none from now on. */
export function isNews(thing, at) {
  if (at < (taken.get(thing) ?? 0)) return false;
  taken.set(thing, at);
  return true;
}

/** For a list that is asked for again and again: `take` gets the answer asked for last, and none that comes behind it. */
export function newest(take) {
  let last = 0;
  return async (ask) => {
    const at = moment();
    last = at;
    const answer = await ask();
    if (at === last) take(answer);
  };
}

/** Do it soon, and once, however often it is asked for meanwhile. */
export function soon(act, ms = 700) {
  let waiting = null;
  return () => {
    waiting ??= setTimeout(() => {
      waiting = null;
      act();
    }, ms);
  };
}

const insisting = new Set(); // things of which somebody asks until there is an answer

/** Ask for a thing at once; of all who find no server meanwhile one goes on asking, for the newest is the same for all. */
export async function freshly(thing, ask) {
  try {
    await ask();
  } catch (error) {
    if (!passes(error) || insisting.has(thing)) return;
    insisting.add(thing);
    await pause(FIRST_PAUSE_MS);
    await untilAnswered(ask).finally(() => insisting.delete(thing));
  }
}

/** Ask until there is an answer; a "no" is one, and gives null. */
export async function untilAnswered(ask) {
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(LONGEST_PAUSE_MS, wait * 2)) {
    try {
      return await ask();
    } catch (error) {
      if (!passes(error)) return null;
      await pause(wait);
    }
  }
}

/** Whether another answer may come to the same question: the server is away or busy. Throws what is no answer at all. */
function passes(error) {
  if (!(error instanceof Refused)) throw error;
  return error.status < 400 || error.status >= 500 || error.status === 429;
}
