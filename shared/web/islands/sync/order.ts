/** Keys that sort rows: a move writes one key between those of its new neighbours, so that nothing else changes. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;

/**
 * A key between `before` and `after` ("" for none), compared as text. The last digit is drawn within the gap, so that
 * two people who insert at one place at the same moment rarely get the same key; the row's id decides if they do.
 */
export function between(before: string, after: string, random: () => number = Math.random): string {
  let key = "";
  let bounded = after > before;
  for (let place = 0; ; place++) {
    if (place >= after.length) bounded = false; // also for keys that leave no room between them
    const low = digit(before, place, 0);
    const high = bounded ? digit(after, place, 0) : BASE;
    if (high - low > 1) return key + DIGITS[low + 1 + Math.floor(random() * Math.min(high - low - 1, 8))];
    key += DIGITS[low];
    // One step below the upper bound already: what follows may be anything above the lower one.
    if (bounded && low < high) bounded = false;
  }
}

/** Rows in their order; equal keys by id, the same for everybody. */
export function sorted<T extends { id: string; order: string }>(rows: T[]): T[] {
  return rows.sort((a, b) => compare(a.order, b.order) || compare(a.id, b.id));
}

/** By code unit, as Python compares ASCII text; never by the language's rules. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function digit(key: string, place: number, missing: number): number {
  const sign = key[place];
  return sign === undefined ? missing : DIGITS.indexOf(sign);
}
