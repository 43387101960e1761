// The stream of events: it comes back by itself after any break, from the event it heard last.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
const TYPES = [
  "ProductSubmitted",
  "ProductSegmented",
  "ProductCaptioned",
  "ProductWithdrawn",
  "BackgroundRequested",
  "BackgroundGenerated",
  "BackgroundRejected",
  "BackgroundReviewed",
  "ProductEngaged",
  "SampleCurated",
  "StyleMined",
  "DatasetReleased",
  "TrainingRequested",
  "TrainingProgressed",
  "TrainingFailed",
  "ModelTrained",
  "ModelPromoted",
  "DeadLetter",
];

/** Listen for ever. `hear(type, event)` gets the contract's event; `state("open" | "lost", again)` how the line is. */
export function listen(hear, state, from = null) {
  let last = from;
  let pause = FIRST_PAUSE_MS;
  let broken = false;
  let source;
  let timer;

  function connect() {
    source = new EventSource(`/v1/events${last === null ? "" : `?last_event_id=${encodeURIComponent(last)}`}`);
    source.onopen = () => {
      pause = FIRST_PAUSE_MS;
      state("open", broken);
      broken = false;
    };
    source.onerror = again;
    for (const type of TYPES) source.addEventListener(`backdrop.${type}`, heard);
  }

  function heard(message) {
    if (message.lastEventId) last = message.lastEventId;
    const event = JSON.parse(message.data);
    hear(event.type.replace("backdrop.", ""), event.data, last);
  }

  function again() {
    source.close();
    broken = true;
    state("lost", true);
    clearTimeout(timer);
    timer = setTimeout(connect, pause);
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  }

  connect();
  return {
    now: () => {
      clearTimeout(timer);
      pause = FIRST_PAUSE_MS;
      source.close();
      connect();
    },
    close: () => {
      clearTimeout(timer);
      source.close();
    },
  };
}
