// What a brand thinks of an option: seen, picked, voted on, wanted more of. Each reaches the stream of events.
import { api } from "../api.js";
import { desk, refreshBackground } from "../desk.js";
import { announce, notice, report } from "../notices.js";
import { askAll, split } from "./asking.js";

const told = new Set();
let unanswered = null; // the last vote, until somebody says that it arrived

/** Count that it was seen, once a visit. */
export function seen(option) {
  if (told.has(option.sha256 + option.request_id)) return;
  told.add(option.sha256 + option.request_id);
  api.engage(option, "impression").catch(() => {});
}

export const opened = (option) => api.engage(option, "click").catch(() => {});
export const fetched = (option) => api.engage(option, "download").catch(() => {});

/** Pick it, or take the pick back; shown at once, undone when the server refuses. */
export async function pick(option) {
  const wanted = !option.picked;
  mark(option, { picked: wanted });
  announce(wanted ? "Picked" : "No longer picked");
  try {
    await api.engage(option, wanted ? "pick" : "unpick");
  } catch (error) {
    mark(option, { picked: !wanted });
    report(error);
  }
}

/** A vote for the judge's next training. Pressed again because nobody answered, it is the same one. */
export async function vote(option, votes) {
  const words = JSON.stringify([option.product_id, option.request_id, option.sha256, votes]);
  if (unanswered?.words !== words) unanswered = { words, key: crypto.randomUUID() };
  try {
    await api.review(option, votes, unanswered.key);
    unanswered = null;
    notice(
      votes.product_defect || votes.background_defect
        ? "Thank you. Votes like this one train the judge."
        : "Thank you.",
    );
    await refreshBackground(option.product_id, option.request_id);
    return true;
  } catch (error) {
    report(error);
    return false;
  }
}

/** Ask for `count` siblings: the words as they were painted, other seeds. */
export async function moreLike(option, count, product) {
  const base = { ...option.scene, prompt: option.prompt ?? option.scene.prompt };
  const seed = Math.floor(Math.random() * 2 ** 31);
  try {
    await askAll(product, split(base, count, seed));
    document.getElementById("options")?.scrollIntoView({ behavior: "smooth", block: "start" });
    announce(`${count} more on the way`);
  } catch (error) {
    report(error);
  }
}

function mark(option, values) {
  desk.change((state) => {
    const requests = state.backgrounds.get(option.product_id);
    const request = requests?.get(option.request_id);
    if (!request) return;
    const options = request.options.map((each) =>
      each.picture.sha256 === option.sha256 ? { ...each, ...values } : each,
    );
    requests.set(option.request_id, { ...request, options });
  });
}
