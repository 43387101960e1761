// One state, and who wants to know when it changes. What a person typed outlives a reload of the tab.

/** `get()`, `change(recipe)`, `on(listener)`; listeners run once per frame of changes, after the last of them. */
export function store(initial) {
  const state = initial;
  const listeners = new Set();
  let waiting = false;
  const tell = () => {
    waiting = false;
    for (const listener of [...listeners]) listener(state);
  };
  return {
    get: () => state,
    change(recipe) {
      recipe(state);
      if (!waiting) {
        waiting = true;
        queueMicrotask(tell);
      }
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const PREFIX = "backdrop:";

/** What was remembered under this name in this tab, or the fallback. */
export function recall(name, fallback, place = sessionStorage) {
  try {
    return JSON.parse(place.getItem(PREFIX + name)) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Remember it; a full or forbidden storage is no reason to stop working. */
export function remember(name, value, place = sessionStorage) {
  try {
    if (value === null) place.removeItem(PREFIX + name);
    else place.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    /* a private window without storage: the page works, a reload forgets */
  }
}
