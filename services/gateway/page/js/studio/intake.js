// Photos in: dropped, pasted, picked or taken from the samples; each appears at once, then goes up two at a time.
import { api, Refused } from "../api.js";
import { moment } from "../answers.js";
import { arrived, choose, desk } from "../desk.js";
import { mayTrain } from "../consent.js";
import { announce, notice } from "../notices.js";
import { plain } from "./downloads.js";

const AT_ONCE = 2;
const LARGEST = 50_000_000;
const SAVE_ANEW = "Open it in a picture program and save it as JPEG, PNG or WebP.";
const WHAT_TO_DO = {
  image_too_large: "Export it smaller: at most 50 MB and 40 megapixels.",
  body_too_large: "Export it smaller: at most 50 MB and 40 megapixels.",
  image_too_small: "Use the original photo, not a thumbnail of it.",
  image_animated: "Save the one frame that shows the product.",
  no_answer: "It is sent again as soon as you ask.",
};

/** Listens to the whole window until `stop`; `take(files)` and `sample(sample)` add photos. */
export function intake() {
  const waiting = [];
  let running = 0;
  const veil = document.createElement("div");
  veil.className = "drop-veil";
  veil.hidden = true;
  veil.append(Object.assign(document.createElement("p"), { textContent: "Drop to add" }));
  document.body.append(veil);

  function take(files) {
    const photos = [...files];
    for (const file of photos)
      enqueue({
        name: file.name,
        file: async () => file,
        local: URL.createObjectURL(file),
        size: file.size,
        fields: { may_train: mayTrain() ? "true" : null },
      });
    if (photos.length > 1) announce(`${photos.length} photos added`);
  }

  function sample(one) {
    enqueue({
      name: one.title,
      local: one.url,
      size: 0,
      file: () => fetched(one.url, one.name),
      mask: one.mask_url ? () => fetched(one.mask_url, "mask.png") : null,
      fields: { title: one.title, description: one.description, category: one.category },
    });
  }

  function enqueue(photo) {
    photo.stage = "uploading";
    photo.title = photo.name.replace(/\.[^.]+$/, "").replaceAll(/[-_]+/g, " ");
    photo.id = photo.product_id = `${plain(photo.title)}-${crypto.randomUUID().slice(0, 8)}`;
    desk.change((state) => state.uploads.set(photo.id, photo));
    const { current, products } = desk.get();
    if ((!waiting.length && !running) || !products.has(current)) choose(photo.id);
    waiting.push(photo);
    next();
  }

  async function next() {
    if (running >= AT_ONCE || !waiting.length) return;
    running++;
    const photo = waiting.shift();
    await send(photo);
    running--;
    next();
  }

  async function send(photo) {
    try {
      if (photo.size > LARGEST)
        throw new Refused({ status: 413, reason: "image_too_large", detail: "This file is larger than 50 MB." });
      if (photo.size === 0 && photo.local.startsWith("blob:"))
        throw new Refused({ status: 422, reason: "empty_file", detail: "This file is empty." });
      const fields = { product_id: photo.id, title: photo.title, ...photo.fields, file: await photo.file() };
      if (photo.mask) fields.mask = await photo.mask();
      const at = moment();
      arrived(photo.id, await api.submit(fields, photo.id), at);
    } catch (error) {
      refused(photo, error);
    }
  }

  function refused(photo, error) {
    const reason = error.problem?.reason;
    const trouble = { reason, detail: error.message, advice: WHAT_TO_DO[reason] ?? SAVE_ANEW };
    const show = (values) => desk.change((state) => state.uploads.set(photo.id, { ...photo, ...values }));
    const again = () => {
      show({ stage: "uploading" });
      waiting.push(photo);
      next();
    };
    const forget = () => {
      desk.change((state) => state.uploads.delete(photo.id));
      choose(desk.get().order[0] ?? null);
    };
    show({ stage: "failed", trouble, again, forget });
    notice(`${photo.name}: ${error.message}`);
  }

  const stop = listening(take, veil);
  return {
    take,
    sample,
    stop: () => {
      stop();
      veil.remove();
    },
  };
}

async function fetched(url, name) {
  const blob = await (await fetch(url)).blob();
  return new File([blob], name, { type: blob.type });
}

function listening(take, veil) {
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const on = { dragenter: over, dragover: over, dragleave: left, drop, paste };
  let claimed = null;
  function over(event) {
    claimed = event.target.closest?.("[data-drops]");
    if (!hasFiles(event) || claimed) return void (veil.hidden = true);
    event.preventDefault();
    veil.hidden = false;
  }
  function left(event) {
    if (event.relatedTarget === null) veil.hidden = true;
  }
  function drop(event) {
    veil.hidden = true;
    if (!hasFiles(event) || event.target.closest?.("[data-drops]")) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  }
  function paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) take(files);
  }
  for (const [name, act] of Object.entries(on)) addEventListener(name, act);
  return () => Object.entries(on).forEach(([name, act]) => removeEventListener(name, act));
}
