// Photos in: dropped, pasted, picked or taken from the samples; each appears at once, then goes up two at a time.
import { api, Refused } from "../api.js";
import { admit, choose, desk } from "../desk.js";
import { announce, notice } from "../notices.js";

const AT_ONCE = 2;
const LARGEST = 64 * 1024 * 1024;
const WHAT_TO_DO = {
  image_too_large: "Export it smaller (at most 64 MB) and drop it again.",
  unreadable_image: "Open it in a picture program and save it as JPEG, PNG or WebP.",
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
        fields: {},
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
    photo.id = `upload-${crypto.randomUUID()}`;
    photo.stage = "uploading";
    photo.title = photo.name.replace(/\.[^.]+$/, "");
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
        throw new Refused({ status: 413, reason: "image_too_large", detail: "This file is larger than 64 MB." });
      if (photo.size === 0 && photo.local.startsWith("blob:"))
        throw new Refused({ status: 422, reason: "empty_file", detail: "This file is empty." });
      const fields = { title: photo.title, ...photo.fields, file: await photo.file() };
      if (photo.mask) fields.mask = await photo.mask();
      const product = await api.submit(fields, photo.id);
      const mine = desk.get().current === photo.id;
      desk.change((state) => state.uploads.delete(photo.id));
      desk.change(() => (product.local = photo.local));
      admit(product);
      if (mine) choose(product.product_id);
    } catch (error) {
      refused(photo, error);
    }
  }

  function refused(photo, error) {
    const reason = error.problem?.reason;
    const trouble = { reason, detail: error.message, advice: WHAT_TO_DO[reason] ?? "" };
    desk.change((state) => state.uploads.set(photo.id, { ...photo, stage: "failed", trouble }));
    notice(`${photo.name}: ${error.message}`);
  }

  function retry(id) {
    const photo = desk.get().uploads.get(id);
    desk.change((state) => state.uploads.set(id, { ...photo, stage: "uploading", trouble: null }));
    waiting.push({ ...photo, stage: "uploading" });
    next();
  }

  const stop = listening(take, veil);
  return {
    take,
    sample,
    retry,
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
