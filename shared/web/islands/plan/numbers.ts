/** Numbers as people type them in Germany, kept as integers: cents, and thousandths of a quantity. */

/** `1.234,50` → 123450 with two places; null for what is no such number. A point with other than 3 digits is a comma. */
export function parse(typed: string, places: number, most: number): number | null {
  const plain = typed.replace(/[\s€\u00a0\u202f']/g, "");
  const found = /^(\d+|\d{1,3}(?:\.\d{3})+)?(?:,(\d*))?$/.exec(plain) ?? /^(\d+)\.(\d{1,2})$/.exec(plain);
  if (!found || (!found[1] && !found[2])) return null;
  const fraction = (found[2] ?? "").replace(/0+$/, "");
  if (fraction.length > places) return null;
  const value = Number((found[1] ?? "0").replaceAll(".", "") + fraction.padEnd(places, "0"));
  return Number.isSafeInteger(value) && value <= most ? value : null;
}

/** 123450 cents → `1.234,50`; with a true minus. */
export function money(cents: number): string {
  const whole = Math.floor(Math.abs(cents) / 100);
  return `${cents < 0 ? "−" : ""}${grouped(whole)},${String(Math.abs(cents) % 100).padStart(2, "0")}`;
}

/** 1500 thousandths → `1,5`. */
export function quantity(thousandths: number): string {
  const rest = String(thousandths % 1000).padStart(3, "0").replace(/0+$/, "");
  return grouped(Math.floor(thousandths / 1000)) + (rest ? `,${rest}` : "");
}

/** `24 Stück` → 24000 and `Stück`; a unit alone counts once; null for what has no quantity to read. */
export function parseAmount(typed: string): { quantity: number; unit: string } | null {
  const found = /^\s*([\d.,\u00a0\u202f]*)\s*(.*?)\s*$/.exec(typed);
  if (!found) return null;
  const [, number = "", unit = ""] = found;
  if (!number && !unit) return null;
  const value = number ? parse(number, 3, 1e9) : 1000;
  return value === null ? null : { quantity: value, unit };
}

/** Cents of a line, rounded half up once, as everywhere the plan is calculated with. */
export function lineTotal(thousandths: number, cents: number): number {
  return Number((2n * BigInt(thousandths) * BigInt(cents) + 1000n) / 2000n);
}

const grouped = (whole: number): string => String(whole).replace(/\B(?=(\d{3})+$)/g, ".");
