// Before the first paint: the light or dark that was chosen here; otherwise the system's own.
try {
  const chosen = JSON.parse(localStorage.getItem("backdrop:theme"));
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch {
  /* no storage: the system's choice */
}
