/** Turns the pages of what is shown step by step (`data-steps`) with the arrow keys, by its links prev and next. */

/** Leaves the keys to whoever types, chooses or scrolls sideways. */
export function turnSteps(): void {
  document.addEventListener("keydown", (event) => {
    const rel = event.key === "ArrowLeft" ? "prev" : event.key === "ArrowRight" ? "next" : "";
    if (!rel || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || isBusy(event.target as Element)) return;
    const link = document.querySelector<HTMLAnchorElement>(`[data-steps] a[rel="${rel}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
}

function isBusy(field: Element): boolean {
  return field.closest("input, select, textarea, [contenteditable], dialog, .gw-scroll") !== null;
}
