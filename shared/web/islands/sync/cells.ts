/** Puts values into cells without disturbing whoever types in one. */
import { difference } from "./table";

export type Cell = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Which cell: `<root>/<row>/<field>`, as others are told where somebody is. */
export const keyOf = (cell: Element): string => cell.getAttribute("data-cell") ?? "";

export const isCell = (target: EventTarget | null): target is Cell => target instanceof HTMLElement && target.hasAttribute("data-cell");

/**
 * Shows `value` in a cell. A live text changes under the fingers of who types in it, with the caret left where it was
 * in the words; any other cell that somebody is in keeps what she typed until she leaves it.
 */
export function put(cell: Cell, value: string, live: boolean): void {
  cell.toggleAttribute("data-blank", !value); // an empty date is shown as nothing, not as the browser's dd.mm.yyyy
  if (cell.value === value) return;
  if (cell.ownerDocument.activeElement !== cell) {
    cell.value = value;
  } else if (live && !(cell instanceof HTMLSelectElement)) {
    const [start, gone, come] = difference(cell.value, value);
    const shift = (place: number): number => {
      if (place <= start) return place;
      return place >= start + gone ? place - gone + come.length : start + come.length;
    };
    const { selectionStart, selectionEnd } = cell;
    cell.value = value;
    cell.setSelectionRange(shift(selectionStart ?? 0), shift(selectionEnd ?? 0));
  }
  grow(cell);
}

/** Makes a text as high as its lines where the style sheet alone cannot (`field-sizing`). */
export function grow(cell: Cell): void {
  if (!(cell instanceof HTMLTextAreaElement) || CSS.supports("field-sizing", "content")) return;
  cell.style.height = "auto";
  cell.style.height = `${cell.scrollHeight + 2}px`;
}

/** Draws anew and brings the focus back to the cell it was in, if moving rows has cost it. */
export function keepingFocus(host: HTMLElement, draw: () => void): void {
  const there = document.activeElement;
  const inside = isCell(there) && host.contains(there) ? there : null;
  const [start, end] = inside instanceof HTMLSelectElement || !inside ? [null, null] : [inside.selectionStart, inside.selectionEnd];
  draw();
  if (!inside || document.activeElement === inside || !inside.isConnected) return;
  inside.focus({ preventScroll: true });
  if (!(inside instanceof HTMLSelectElement) && start !== null && inside.type !== "date") inside.setSelectionRange(start, end);
}
