/** Lets the clocks that the server drew go on: the time left of an agenda item, the time somebody has spoken. */

const RING = 502.7; // 2 π · 80, as in services/events/bars.py

const born = new WeakMap<Element, number>();

/**
 * `[data-left=<seconds>][data-total=<seconds>]` counts down unless `data-paused="yes"`, with the ring beside it;
 * `[data-spoken=<seconds>]` counts up.
 */
export function tick(): void {
  const now = performance.now();
  for (const clock of document.querySelectorAll<HTMLElement>("[data-left], [data-spoken]")) {
    const since = born.get(clock) ?? now;
    born.set(clock, since);
    const passed = Math.floor((now - since) / 1000);
    if (clock.dataset["spoken"] !== undefined) clock.textContent = words(Number(clock.dataset["spoken"]) + passed);
    else if (clock.dataset["paused"] !== "yes") show(clock, Number(clock.dataset["left"]) - passed);
  }
}

export function startClocks(): void {
  tick();
  setInterval(tick, 1000);
  document.body.addEventListener("htmx:afterSettle", tick);
}

function show(clock: HTMLElement, left: number): void {
  clock.textContent = words(left);
  const share = Math.max(0, Math.min(1, left / Math.max(1, Number(clock.dataset["total"]))));
  const ring = clock.closest(".gw-clock")?.querySelector(".d-ring--on");
  ring?.setAttribute("stroke-dasharray", `${(RING * share).toFixed(1)} ${RING}`);
}

/** `11:42`, with a true minus once the time is over. */
function words(seconds: number): string {
  const rest = Math.abs(seconds);
  return `${seconds < 0 ? "−" : ""}${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
}
